//! Somebody listens to a recording, or takes it along: that is written down first.

use std::time::Duration;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::recording::{AccessKind, Accessor};
use crate::domain::ids::RecordingId;
use crate::store::Store;

/// What somebody asks for within this is one listening.
const ONE_LISTENING: Duration = Duration::from_secs(10 * 60);

/// Only on its return may a byte be given out.
pub async fn recording_heard(
    store: &Store,
    clock: &Clock,
    recording: RecordingId,
    who: Accessor,
    what: AccessKind,
) -> Result<(), FlowError> {
    let now = clock.now();
    let written = store.write(move |tx| {
        Box::pin(async move {
            tx.insert_access(recording, &who.to_string(), what, now, now - ONE_LISTENING).await
        })
    });
    Ok(written.await?)
}
