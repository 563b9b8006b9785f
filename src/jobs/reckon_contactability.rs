//! Counts how many contacts may be reached, again and again: each minute, or less
//! often where there are so many that it would keep a processor busy. The last
//! count of a day is what the trend tells of it.

use std::time::Duration;

use tracing::{debug, warn};

use crate::clock::Clock;
use crate::flows::contactability_reckoned;
use crate::store::Store;

const ROUND: Duration = Duration::from_secs(60);
/// A round that took a second is followed by twenty without one.
const REST: u32 = 20;

pub async fn reckon_contactability(store: Store, clock: Clock) {
    loop {
        let began = clock.now();
        match contactability_reckoned(&store, &clock).await {
            Ok(contacts) => debug!(contacts, "it is counted anew how many contacts may be reached"),
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(
                    error,
                    "it could not be counted how many contacts may be reached; the report stays as it was"
                );
            }
        }
        clock.until(Some(began + ROUND.max(clock.now().since(began) * REST))).await;
    }
}
