//! A gateway starts again: the recordings that it was making when it went down are over.

use std::time::Duration;

use super::calls_written;
use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::record::Fact;
use crate::domain::calling::recording::{RecordingEnded, RecordingFailure, RecordingRecord};
use crate::store::Store;

/// What is left of a recording that broke off.
#[derive(Clone, Debug)]
pub struct Left {
    pub recording: RecordingRecord,
    pub bytes: u64,
    pub length_ms: u64,
}

/// Ends each where its sound does; one that had ended keeps what it told.
///
/// A recording's own end, when it turns up later, replaces what is supposed here.
pub async fn recordings_recovered(store: &Store, clock: &Clock, left: &[Left]) -> Result<(), FlowError> {
    let mut ended = Vec::with_capacity(left.len());
    for Left { recording, bytes, length_ms } in left {
        let at = recording.began_at + Duration::from_millis(*length_ms);
        ended.push(Fact::RecordingEnded(RecordingEnded {
            call: recording.call,
            recording: recording.id,
            at: recording.ended_at.unwrap_or(at),
            length_ms: *length_ms,
            bytes: *bytes,
            paused: recording.paused.clone(),
            peaks: store.find_peaks(recording.id).await?.unwrap_or_default(),
            failure: Some(recording.failure.unwrap_or(RecordingFailure::Crashed)),
        }));
    }
    calls_written(store, clock, &ended).await
}
