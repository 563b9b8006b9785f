//! Tells who is in each segment, again and again: a new one within seconds, all
//! of them each minute, or less often where there is so much to look through
//! that it would keep a processor busy.

use std::time::Duration;

use tracing::{debug, warn};

use super::pace::{Share, next_round};
use crate::clock::Clock;
use crate::flows::segments_reckoned;
use crate::store::Store;

/// How soon a new segment is told.
const LOOK: Duration = Duration::from_secs(5);

pub async fn reckon_segments(store: Store, clock: Clock) {
    let mut due = clock.now();
    loop {
        let began = clock.now();
        let all = began >= due;
        match segments_reckoned(&store, &clock, all).await {
            Ok(0) => {}
            Ok(moves) => debug!(moves, "contacts came into segments and left them"),
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(error, "segments could not be reckoned; who was in them stays");
            }
        }
        if all {
            due = next_round(began, clock.now(), Share::Twentieth);
        }
        clock.until(Some(clock.now() + LOOK)).await;
    }
}
