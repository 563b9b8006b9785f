//! Makes the keys of contacts that were written by an earlier program, once.

use std::time::Duration;

use tracing::{info, warn};

use crate::clock::Clock;
use crate::flows::contacts_keyed;
use crate::store::Store;

const AGAIN: Duration = Duration::from_secs(60);

/// Ends when all have theirs.
pub async fn key_contacts(store: Store, clock: Clock) {
    loop {
        match contacts_keyed(&store, &clock).await {
            Ok(0) => return,
            Ok(count) => return info!(count, "contacts of an earlier program are found by their names now"),
            Err(failure) => {
                warn!(
                    error = &failure as &dyn std::error::Error,
                    "contacts are not found by their names yet"
                );
            }
        }
        clock.until(Some(clock.now() + AGAIN)).await;
    }
}
