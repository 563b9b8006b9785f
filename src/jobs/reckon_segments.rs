//! Tells who is in each segment, again and again: a new one within seconds, and
//! so whoever something was written of; all contacts, whom time alone moves, each
//! minute, or less often where there are so many that it would keep a processor
//! busy.

use std::time::Duration;

use tracing::{debug, warn};

use super::pace::{Share, next_round, turn_if_free};
use crate::clock::Clock;
use crate::flows::{FlowError, segments_caught_up, segments_reckoned};
use crate::store::Store;

/// How soon a new segment is told, and who has changed.
const LOOK: Duration = Duration::from_secs(5);
/// So much later than it was begun may something be written, by whatever clock.
const LATE: Duration = Duration::from_secs(60);

pub async fn reckon_segments(store: Store, clock: Clock) {
    let mut due = clock.now();
    let mut looked = due;
    loop {
        let began = clock.now();
        // While another job has its turn, new segments and who has changed are told all the same.
        let turn = if began >= due { turn_if_free() } else { None };
        let all = turn.is_some();
        let reckoned = async {
            let moves = segments_reckoned(&store, &clock, all).await?;
            Ok::<u64, FlowError>(moves + segments_caught_up(&store, &clock, looked - LATE).await?)
        };
        match reckoned.await {
            Ok(moves) => {
                looked = began;
                if moves > 0 {
                    debug!(moves, "contacts came into segments and left them");
                }
            }
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(error, "segments could not be reckoned; who was in them stays");
            }
        }
        drop(turn);
        if all {
            due = next_round(began, clock.now(), Share::Twentieth);
        }
        clock.until(Some(clock.now() + LOOK)).await;
    }
}
