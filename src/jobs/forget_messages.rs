//! Forgets which messages of the tracking interface have come, once none of
//! them is sent again: a library gives up long before.

use std::time::Duration;

use tracing::{info, warn};

use crate::clock::Clock;
use crate::store::{Store, StoreError};

const EVERY: Duration = Duration::from_hours(1);
/// For so long a message is taken once.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// Looks now and every hour.
pub async fn forget_messages(store: Store, clock: Clock) {
    loop {
        match forget(&store, &clock).await {
            Ok(0) => {}
            Ok(count) => info!(count, "messages that came a week ago are forgotten"),
            Err(failure) => {
                warn!(error = &failure as &dyn std::error::Error, "old messages could not be forgotten");
            }
        }
        clock.until(Some(clock.now() + EVERY)).await;
    }
}

async fn forget(store: &Store, clock: &Clock) -> Result<u64, StoreError> {
    let mut count = 0;
    loop {
        match store.delete_messages(clock.now() - KEPT).await? {
            0 => return Ok(count),
            more => count += more,
        }
    }
}
