//! Tells who is in each segment, again and again: a new one within seconds, all
//! of them each minute, or less often where there is so much to look through
//! that it would keep a processor busy.

use std::time::Duration;

use tracing::{debug, warn};

use crate::clock::Clock;
use crate::flows::segments_reckoned;
use crate::store::Store;

/// How soon a new segment is told.
const LOOK: Duration = Duration::from_secs(5);
/// How often all are.
const ROUND: Duration = Duration::from_secs(60);
/// A round that took a second is followed by twenty without one.
const REST: u32 = 20;
/// And by this at the most: a machine that slept in the middle of a round has not worked all that time.
const REST_MAX: Duration = Duration::from_hours(1);

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
            due = began + ROUND.max((clock.now().since(began) * REST).min(REST_MAX));
        }
        clock.until(Some(clock.now() + LOOK)).await;
    }
}
