//! Deletes ladders of calls when their time is over.
//!
//! Messages name people: what `[calls] ladder_days` promises is kept within an hour.

use std::time::Duration;

use tokio::sync::watch;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::store::{Store, StoreError};

const EVERY: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Looks now, every hour, and when the number of days changes; 0 days keep nothing.
pub async fn forget_ladders(store: Store, clock: Clock, mut days: watch::Receiver<u32>) {
    loop {
        let kept = DAY * *days.borrow_and_update();
        match forget(&store, &clock, kept).await {
            Ok(0) => {}
            Ok(count) => info!(count, "ladders of calls whose time is over are deleted"),
            Err(failure) => {
                warn!(error = &failure as &dyn std::error::Error, "old ladders could not be deleted")
            }
        }
        tokio::select! {
            () = clock.until(Some(clock.now() + EVERY)) => {}
            changed = days.changed() => if changed.is_err() {
                clock.until(Some(clock.now() + EVERY)).await;
            }
        }
    }
}

async fn forget(store: &Store, clock: &Clock, kept: Duration) -> Result<u64, StoreError> {
    let mut count = 0;
    loop {
        match store.delete_ladders(clock.now() - kept).await? {
            0 => return Ok(count),
            more => count += more,
        }
    }
}
