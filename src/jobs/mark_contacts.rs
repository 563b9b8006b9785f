//! Marks what is suspicious of callers, a minute after they called, and of
//! everybody once the rules are others than they were.

use std::time::Duration;

use tracing::{debug, warn};

use crate::clock::Clock;
use crate::flows::contacts_marked;
use crate::store::Store;

const EVERY: Duration = Duration::from_secs(60);

pub async fn mark_contacts(store: Store, clock: Clock) {
    loop {
        match contacts_marked(&store, &clock).await {
            Ok(count) => debug!(count, "contacts have their marks"),
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(error, "contacts are not marked yet; it is tried again");
            }
        }
        clock.until(Some(clock.now() + EVERY)).await;
    }
}
