//! Tells how much of a client each contact is, again and again: each minute, or
//! less often where there is so much to look through that it would keep a
//! processor busy.

use tracing::{debug, warn};

use super::pace::{Share, next_round, turn};
use crate::clock::Clock;
use crate::flows::rfm_reckoned;
use crate::store::Store;

pub async fn reckon_rfm(store: Store, clock: Clock) {
    loop {
        let turn = turn().await;
        let began = clock.now();
        match rfm_reckoned(&store, &clock).await {
            Ok(0) => {}
            Ok(contacts) => debug!(contacts, "clients are judged anew"),
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(error, "clients could not be judged; what was told of them stays");
            }
        }
        drop(turn);
        clock.until(Some(next_round(began, clock.now(), Share::Twentieth))).await;
    }
}
