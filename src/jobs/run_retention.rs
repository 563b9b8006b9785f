//! Carries out the policies of retention, each night, on whichever node comes first.

use std::time::Duration;

use tracing::{info, warn};

use crate::clock::Clock;
use crate::flows::retention_run;
use crate::store::Store;

/// How soon one is carried out that is due.
const EVERY: Duration = Duration::from_secs(60);

/// Looks every minute, for ever: what broke off is done the next night.
pub async fn run_retention(store: Store, clock: Clock) {
    loop {
        match retention_run(&store, &clock).await {
            Ok(runs) => {
                for run in runs {
                    let count: u64 = run.taken.values().sum();
                    info!(kind = %run.kind, count, "what has had its time is taken");
                }
            }
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(error, "what has had its time could not be taken; it is tried again the next night");
            }
        }
        clock.until(Some(clock.now() + EVERY)).await;
    }
}
