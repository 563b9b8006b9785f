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

/// Ends each where its sound does.
///
/// A recording's own end, when it turns up later, replaces what is supposed here.
pub async fn recordings_recovered(store: &Store, clock: &Clock, left: &[Left]) -> Result<(), FlowError> {
    let ended = left.iter().map(|left| {
        Fact::RecordingEnded(RecordingEnded {
            call: left.recording.call,
            recording: left.recording.id,
            at: left.recording.began_at + Duration::from_millis(left.length_ms),
            length_ms: left.length_ms,
            bytes: left.bytes,
            paused: Vec::new(),
            peaks: Vec::new(),
            failure: Some(RecordingFailure::Crashed),
        })
    });
    calls_written(store, clock, &ended.collect::<Vec<_>>()).await
}
