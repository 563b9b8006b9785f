//! Counts the hours in which calls have changed, and keeps what reports are
//! counted from in memory equal to what was counted, by whichever node.

use std::time::Duration;

use tracing::warn;

use crate::clock::Clock;
use crate::flows::{Reports, hours_counted};
use crate::store::{Store, StoreError};

/// How soon a report has heard of a call.
const EVERY: Duration = Duration::from_secs(1);
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
        match step(&store, &reports).await {
            Ok(true) => {
                failing = false;
                // As long as this took: half a processor at most, however many calls an hour has.
                let took = clock.now().since(began);
                clock.until(Some(clock.now() + took)).await;
                continue;
            }
            Ok(false) => failing = false,
            // Said once, not every second.
            Err(failure) if !failing => {
                failing = true;
                let error = &failure as &dyn std::error::Error;
                warn!(error, "calls cannot be counted for reports; what was counted stays");
            }
            Err(_) => {}
        }
        clock.until(Some(clock.now() + EVERY)).await;
    }
}

/// `false`: there is nothing to do. Where one of both fails the other goes on.
async fn step(store: &Store, reports: &Reports) -> Result<bool, StoreError> {
    let (read, counted) = (reports.read_on(store).await, hours_counted(store).await);
    Ok(read? | (counted? > 0))
}
