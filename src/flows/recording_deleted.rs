//! A recording is to be deleted, and is.
//!
//! First the wish is on disk, then the sound goes, then the row says so: whatever breaks off in
//! between is done by the job that deletes what is due.

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::recording::{AccessKind, Accessor, DeleteWhy};
use crate::domain::ids::RecordingId;
use crate::store::Store;

/// Why a recording cannot be deleted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DeletionError {
    #[error("no such recording")]
    NotFound,
    /// Its file is still being written.
    #[error("the recording still goes on; end the call or wait for its end")]
    GoesOn,
    #[error(transparent)]
    Flow(#[from] FlowError),
}

/// Makes a recording due at once, and writes down who wanted it.
pub async fn recording_given_up(
    store: &Store,
    clock: &Clock,
    recording: RecordingId,
    who: Accessor,
    why: DeleteWhy,
) -> Result<(), DeletionError> {
    let now = clock.now();
    let done = store.write(move |tx| {
        Box::pin(async move {
            let Some(record) = tx.find_recording(recording).await? else {
                return Ok(Err(DeletionError::NotFound));
            };
            if record.ended_at.is_none() {
                return Ok(Err(DeletionError::GoesOn));
            }
            if record.deleted_at.is_none() {
                let who = who.to_string();
                tx.make_recording_due(recording, now, why, &who).await?;
                tx.insert_access(recording, &who, AccessKind::Deleted, now, record.began_at).await?;
            }
            Ok(Ok(()))
        })
    });
    done.await.map_err(FlowError::from)?
}

/// The sound is gone from the vault.
pub async fn recording_deleted(
    store: &Store,
    clock: &Clock,
    recording: RecordingId,
) -> Result<(), FlowError> {
    let now = clock.now();
    let done =
        store.write(move |tx| Box::pin(async move { tx.mark_recording_deleted(recording, now).await }));
    Ok(done.await?)
}
