//! The bucket has a recording, and the folder of the node no longer does; or neither has it.

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::ids::RecordingId;
use crate::store::Store;

/// The bucket has it.
pub async fn recording_uploaded(
    store: &Store,
    clock: &Clock,
    recording: RecordingId,
) -> Result<(), FlowError> {
    let now = clock.now();
    let done =
        store.write(move |tx| Box::pin(async move { tx.mark_recording_uploaded(recording, now).await }));
    Ok(done.await?)
}

/// There is no sound of it any more, though nobody deleted it.
pub async fn recording_lost(store: &Store, clock: &Clock, recording: RecordingId) -> Result<(), FlowError> {
    let now = clock.now();
    let done = store.write(move |tx| Box::pin(async move { tx.mark_recording_lost(recording, now).await }));
    Ok(done.await?)
}
