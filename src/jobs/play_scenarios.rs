//! Looks again and again whether something has happened that gives somebody a task.

use std::time::Duration;

use tracing::{debug, warn};

use crate::clock::Clock;
use crate::flows::scenarios_played;
use crate::store::Store;

const ROUND: Duration = Duration::from_secs(15);

pub async fn play_scenarios(store: Store, clock: Clock) {
    loop {
        match scenarios_played(&store, &clock).await {
            Ok(0) => {}
            Ok(tasks) => debug!(tasks, "scenarios gave tasks"),
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(error, "scenarios could not be played; what they would give comes later");
            }
        }
        clock.until(Some(clock.now() + ROUND)).await;
    }
}
