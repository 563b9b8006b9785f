//! What was being recorded when the gateway went down is finished, once, at its next start.
//!
//! Whatever cannot be repaired ends all the same, with nothing to hear: only what has ended can be
//! deleted. Its file is tried again at each start, until it is due.

use std::error::Error;

use bytes::Bytes;
use futures_util::TryStreamExt;
use tokio::task::spawn_blocking;
use tracing::{error, info};

use crate::clock::Clock;
use crate::domain::calling::recording::{RecordingFailure, RecordingRecord, length_ms};
use crate::flows::{FlowError, Left, recordings_recovered};
use crate::store::Store;
use crate::telemetry::Metrics;
use crate::vault::{Repaired, Vault, VaultError};

/// The last bytes hold a whole page of Ogg, which is 64 KiB at the most (RFC 3533 §6).
const TAIL: u64 = 128 << 10;

/// Runs before anything is recorded: whatever is open is an earlier run's.
pub async fn repair_recordings(
    store: &Store,
    clock: &Clock,
    vault: &Vault,
    node: &str,
    metrics: &Metrics,
) -> Result<(), FlowError> {
    let repairing = vault.clone();
    let mut recordings = store.list_open_recordings(node).await?;
    match spawn_blocking(move || repairing.repair()).await {
        Ok(Ok(files)) => {
            for Repaired { recording, bytes } in files {
                match bytes {
                    // It had ended, and its file could not be closed or repaired until now.
                    Ok(_) => {
                        recordings.extend(store.find_recording(recording).await?.filter(has_ended_empty))
                    }
                    Err(failure) => {
                        let failure = &failure as &dyn Error;
                        error!(
                            recording.id = %recording,
                            error = failure,
                            "a recording that broke off cannot be repaired; it is tried again at the next start"
                        );
                    }
                }
            }
        }
        Ok(Err(failure)) => {
            error!(error = &failure as &dyn Error, "recordings that broke off cannot be repaired");
        }
        Err(panicked) => {
            error!(error = &panicked as &dyn Error, "the repair of recordings broke off");
        }
    }
    let mut left = Vec::new();
    for recording in recordings {
        let (bytes, length_ms) = match measure(vault, &recording).await {
            Ok(found) => found,
            Err(VaultError::NotFound) => (0, 0),
            Err(failure) => {
                let failure = &failure as &dyn Error;
                error!(recording.id = %recording.id, error = failure, "a repaired recording cannot be read");
                (0, 0)
            }
        };
        left.push(Left { recording, bytes, length_ms });
    }
    if !left.is_empty() {
        recordings_recovered(store, clock, &left).await?;
        for it in left.iter().filter(|it| it.recording.ended_at.is_none()) {
            metrics.recording_ended(it.bytes, Some(RecordingFailure::Crashed));
        }
        info!(count = left.len(), "recordings that an earlier run left open are finished");
    }
    Ok(())
}

fn has_ended_empty(recording: &RecordingRecord) -> bool {
    recording.ended_at.is_some() && recording.bytes == Some(0) && recording.deleted_at.is_none()
}

/// How many bytes there are, and how long they sound.
async fn measure(vault: &Vault, recording: &RecordingRecord) -> Result<(u64, u64), VaultError> {
    let file = vault.read(recording.id).await?;
    let bytes = file.length();
    let tail: Vec<Bytes> = file.bytes(bytes.saturating_sub(TAIL)..bytes).try_collect().await?;
    let length = length_ms(recording.format, recording.rate, bytes, &tail.concat());
    Ok((bytes, length.unwrap_or(0)))
}
