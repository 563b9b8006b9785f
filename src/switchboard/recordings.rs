//! Recordings of live calls: what is written down when one begins and when it
//! has ended, and how many are not closed yet.
//!
//! A recording ends later than its call, when its last packets have come and
//! its file is closed; whoever stops the gateway waits for that.

use std::sync::Arc;

use tokio::sync::watch;
use tracing::{error, info, warn};

use super::Switchboard;
use crate::domain::calling::record::Fact;
use crate::domain::calling::recording::{Format, RecordingBegan};
use crate::domain::ids::{CallId, RecordingId};
use crate::domain::time::Timestamp;
use crate::media::Relay;
use crate::media::recorder::{Hold, NewRecording, TRACK_RATE};

/// One recording that is not closed yet, counted until it is dropped.
struct Open(watch::Sender<usize>);

impl Open {
    fn new(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|open| *open += 1);
        Self(count.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

/// How something is kept, and what for.
pub(super) struct Kept<'a> {
    pub purpose: &'a str,
    pub format: Format,
    pub keep_until: Timestamp,
    /// It is a message of the caller, not a talk.
    pub is_message: bool,
}

/// Keeps what is said in a call from now on, until both the hold and what the
/// live calls know of it are gone.
pub(super) async fn begin(
    board: &Switchboard,
    call: CallId,
    relay: &mut Relay,
    how: Kept<'_>,
    at: Timestamp,
) -> Arc<Hold> {
    let id = RecordingId(board.inner.clock.new_id());
    let Kept { purpose, format, keep_until, is_message } = how;
    let (hold, told) = relay.records(NewRecording { call, id, format, at }, is_message).await;
    board.inner.recorder.write(Fact::RecordingBegan(RecordingBegan {
        call,
        recording: id,
        at,
        purpose: purpose.to_owned(),
        format,
        rate: TRACK_RATE,
        keep_until,
    }));
    let hold = Arc::new(hold);
    board.inner.live.records(call, Arc::clone(&hold));
    let (board, open) = (board.clone(), Open::new(&board.inner.recordings));
    tokio::spawn(async move {
        let _open = open;
        let Ok(ended) = told.await else {
            return error!(call.id = %call, recording.id = %id, "the recorder has stopped");
        };
        board.inner.live.records_no_more(call);
        board.inner.metrics.recording_ended(ended.bytes, ended.failure);
        match ended.failure {
            Some(why) => warn!(call.id = %call, recording.id = %id, length_ms = ended.length_ms,
                               "sound is missing from a recording: {why}"),
            None => info!(call.id = %call, recording.id = %id, length_ms = ended.length_ms,
                          "a recording is complete"),
        }
        board.inner.recorder.write(Fact::RecordingEnded(ended));
    });
    hold
}
