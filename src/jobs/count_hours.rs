//! Counts the hours in which calls have changed, and keeps what reports are
//! counted from in memory equal to what was counted, by whichever node.

use std::time::Duration;

use tracing::warn;

use crate::clock::Clock;
use crate::flows::hours_counted::AT_ONCE;
use crate::flows::{Reports, hours_counted};
use crate::store::{Store, StoreError};

/// How soon a report has heard of a call.
const EVERY: Duration = Duration::from_secs(1);
/// The longest rest: the first reading of many years takes a while.
const REST_MAX: Duration = Duration::from_secs(20);
/// How often memory lets go of what no call points at any more.
const TIDY: Duration = Duration::from_hours(1);

pub async fn count_hours(store: Store, clock: Clock, reports: Reports) {
    let mut failing = false;
    let mut tidied = clock.now();
    loop {
        let began = clock.now();
        if began > tidied + TIDY {
            tidied = began;
            if reports.tidy().await.is_err() {
                warn!("reports could not let go of what no call points at");
            }
        }
        let step = step(&store, &reports).await;
        let took = clock.now().since(began);
        let rests = match step {
            // While there is much to count: half the time.
            Ok(true) => took,
            // The hour that goes on is counted anew as a whole: a twentieth of the time, however many calls it has.
            Ok(false) => (took * 20).clamp(EVERY, REST_MAX),
            Err(failure) => {
                // Said once, not every second.
                if !failing {
                    let error = &failure as &dyn std::error::Error;
                    warn!(error, "calls cannot be counted for reports; what was counted stays");
                }
                failing = true;
                clock.until(Some(clock.now() + EVERY)).await;
                continue;
            }
        };
        failing = false;
        clock.until(Some(clock.now() + rests)).await;
    }
}

/// Counts some hours, and reads what was counted by whichever node; where one fails the other goes on. `true`: there is
/// more to count.
async fn step(store: &Store, reports: &Reports) -> Result<bool, StoreError> {
    let counted = hours_counted(store).await;
    while reports.read_on(store).await? {}
    Ok(counted? >= AT_ONCE)
}
