//! How often a job looks through all contacts: each minute, or less often where there are so many that it would
//! keep a processor busy. One at a time: what people wait for is read beside it.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use crate::domain::time::Timestamp;

/// Whose turn it is, of the jobs of this process.
static TURN: Mutex<()> = Mutex::const_new(());

/// Waits until no other job looks through all contacts; none begins until what is given back is dropped.
pub(super) async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}

/// The same, if it is nobody else's just now.
pub(super) fn turn_if_free() -> Option<MutexGuard<'static, ()>> {
    TURN.try_lock().ok()
}

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
