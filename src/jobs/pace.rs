//! How often a job looks through all contacts: each minute, or less often where there are so many that it would
//! keep a processor busy.

use std::time::Duration;

use crate::domain::time::Timestamp;

const ROUND: Duration = Duration::from_secs(60);
/// The longest rest: a machine that slept in the middle of a round has not worked all that time.
const REST_MAX: Duration = Duration::from_hours(1);

/// How much of a processor a job may take in the long run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Share {
    /// What others wait for: who enters a segment is told to scenarios and webhooks.
    Twentieth,
    /// What is looked at now and then.
    Hundredth,
}

/// When the round after one begins that has lasted until now.
pub(super) fn next_round(began: Timestamp, now: Timestamp, share: Share) -> Timestamp {
    let rests = match share {
        Share::Twentieth => 20,
        Share::Hundredth => 100,
    };
    began + ROUND.max((now.since(began) * rests).min(REST_MAX))
}
