//! Tells how much of a client each contact is, again and again: each minute, or
//! less often where there is so much to look through that it would keep a
//! processor busy.

use std::time::Duration;

use tracing::{debug, warn};

use crate::clock::Clock;
use crate::flows::rfm_reckoned;
use crate::store::Store;

const ROUND: Duration = Duration::from_secs(60);
/// A round that took a second is followed by twenty without one.
const REST: u32 = 20;
/// And by this at the most: a machine that slept in the middle of a round has not worked all that time.
const REST_MAX: Duration = Duration::from_hours(1);

pub async fn reckon_rfm(store: Store, clock: Clock) {
    loop {
        let began = clock.now();
        match rfm_reckoned(&store, &clock).await {
            Ok(0) => {}
            Ok(contacts) => debug!(contacts, "clients are judged anew"),
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(error, "clients could not be judged; what was told of them stays");
            }
        }
        clock.until(Some(began + ROUND.max((clock.now().since(began) * REST).min(REST_MAX)))).await;
    }
}
