//! Learns from labelled calls every night, so that all calls of a day are
//! attributed by the same priors.

use std::time::Duration;

use tracing::{info, warn};

use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::flows::priors_learned;
use crate::store::Store;

/// At 03:00 UTC, when few call.
const AFTER_MIDNIGHT: Duration = Duration::from_secs(3 * 3_600);

/// Learns now, for a gateway that is off at night, and every night from then on.
pub async fn learn_priors(store: Store, clock: Clock) {
    loop {
        match priors_learned(&store, &clock).await {
            Ok(0) => {}
            Ok(sites) => info!(sites, "sites have learned from labelled calls"),
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                warn!(error, "nothing could be learned from labelled calls; what was known stays");
            }
        }
        clock.until(Some(next(clock.now()))).await;
    }
}

fn next(now: Timestamp) -> Timestamp {
    let tonight = Timestamp::from_ms(now.day() * 86_400_000) + AFTER_MIDNIGHT;
    if tonight > now { tonight } else { tonight + Duration::from_secs(86_400) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_night_after_is_the_next_three_oclock() {
        let day = |hours: u64| Timestamp::from_ms(20_000 * 86_400_000) + Duration::from_secs(hours * 3_600);

        assert_eq!((next(day(2)), next(day(3)), next(day(23))), (day(3), day(27), day(27)));
    }
}
