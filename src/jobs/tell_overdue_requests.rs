//! Tells of requests of people whose month is over: a monitor at once, the log once a day.

use std::time::Duration;

use tracing::warn;

use crate::clock::Clock;
use crate::store::Store;
use crate::telemetry::Metrics;

const EVERY: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Looks every minute, for ever.
pub async fn tell_overdue_requests(store: Store, clock: Clock, metrics: Metrics) {
    let mut tells_at = clock.now();
    loop {
        let now = clock.now();
        match store.count_overdue_requests(now).await {
            Ok(count) => {
                metrics.requests_overdue(count);
                if count > 0 && now >= tells_at {
                    warn!(count, "people wait for an answer whose time is over; see /console/requests");
                    tells_at = now + DAY;
                }
            }
            Err(failure) => {
                warn!(error = &failure as &dyn std::error::Error, "overdue requests are not known");
            }
        }
        clock.until(Some(now + EVERY)).await;
    }
}
