//! Looks again and again whether an alert is to be raised, or is over.

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use crate::clock::Clock;
use crate::flows::{ComposeAlert, Reports, alerts_judged};
use crate::store::Store;

const ROUND: Duration = Duration::from_secs(10);

pub async fn judge_alerts(store: Store, clock: Clock, reports: Reports, compose: Option<Arc<ComposeAlert>>) {
    loop {
        match alerts_judged(&store, &clock, &reports, compose.as_ref()).await {
            Ok(0) => {}
            Ok(alerts) => info!(alerts, "alerts were raised, or are over"),
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(error, "alerts could not be judged; they stay as they are");
            }
        }
        clock.until(Some(clock.now() + ROUND)).await;
    }
}
