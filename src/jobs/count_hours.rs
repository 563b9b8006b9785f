//! Counts the hours in which calls have changed, and keeps what reports are
//! counted from in memory equal to what was counted, by whichever node.

use std::time::Duration;

use tracing::warn;

use crate::clock::Clock;
use crate::flows::{Reports, hours_counted};
use crate::store::{Store, StoreError};

/// How soon a report has heard of a call.
const EVERY: Duration = Duration::from_secs(1);

pub async fn count_hours(store: Store, clock: Clock, reports: Reports) {
    let mut failing = false;
    loop {
        match step(&store, &reports).await {
            // Who asks for anything else comes in between.
            Ok(true) => {
                failing = false;
                tokio::task::yield_now().await;
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

/// What is counted already is read first; `false`: there is nothing to do.
async fn step(store: &Store, reports: &Reports) -> Result<bool, StoreError> {
    Ok(reports.read_on(store).await? || hours_counted(store).await? > 0)
}
