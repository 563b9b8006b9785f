//! Counts how many contacts may be reached, again and again: each minute, or less
//! often where there are so many that it would keep a processor busy. The last
//! count of a day is what the trend tells of it.

use tracing::{debug, warn};

use super::pace::{Share, next_round, turn};
use crate::clock::Clock;
use crate::flows::contactability_reckoned;
use crate::store::Store;

pub async fn reckon_contactability(store: Store, clock: Clock) {
    loop {
        let turn = turn().await;
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
        drop(turn);
        clock.until(Some(next_round(began, clock.now(), Share::Hundredth))).await;
    }
}
