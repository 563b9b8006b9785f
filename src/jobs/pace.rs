//! How often a job looks through all contacts: each minute, or less often where there are so many that it would
//! keep a processor busy.

use std::time::Duration;

use crate::domain::time::Timestamp;

const ROUND: Duration = Duration::from_secs(60);
/// A round that took a second is followed by twenty without one.
const REST: u32 = 20;
/// And by this at the most: a machine that slept in the middle of a round has not worked all that time.
const REST_MAX: Duration = Duration::from_hours(1);

/// When the round after one begins that has lasted until now.
pub(super) fn next_round(began: Timestamp, now: Timestamp) -> Timestamp {
    began + ROUND.max((now.since(began) * REST).min(REST_MAX))
}
