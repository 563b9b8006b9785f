//! Tells what contacts are compared by when look-alikes are sought, again and
//! again: each minute, or less often where there are so many that it would keep
//! a processor busy.

use tracing::{debug, warn};

use super::pace::{Share, next_round, turn};
use crate::clock::Clock;
use crate::flows::lookalikes_reckoned;
use crate::store::Store;

pub async fn reckon_lookalikes(store: Store, clock: Clock) {
    loop {
        let turn = turn().await;
        let began = clock.now();
        match lookalikes_reckoned(&store, &clock).await {
            Ok(0) => {}
            Ok(contacts) => debug!(contacts, "what contacts are compared by is told anew"),
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(error, "contacts could not be profiled; what was told of them stays");
            }
        }
        drop(turn);
        clock.until(Some(next_round(began, clock.now(), Share::Hundredth))).await;
    }
}
