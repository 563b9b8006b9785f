//! Looks every half minute which reports are due.

use std::time::Duration;

use tracing::{info, warn};

use crate::clock::Clock;
use crate::flows::{ComposeReport, reports_sent};
use crate::store::Store;

const ROUND: Duration = Duration::from_secs(30);

pub async fn send_reports(store: Store, clock: Clock, compose: Box<ComposeReport>) {
    loop {
        match reports_sent(&store, &clock, &*compose).await {
            Ok(0) => {}
            Ok(mails) => info!(mails, "reports are on their way"),
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(error, "reports could not be sent; they go later");
            }
        }
        clock.until(Some(clock.now() + ROUND)).await;
    }
}
