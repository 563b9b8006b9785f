//! What a call wants done, done: a flat match.

use std::time::Duration;

use tracing::info;

use super::Switchboard;
use super::browsers::Browsers;
use super::recorder::Written;
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::record::Fact;
use crate::domain::ids::CallId;

/// What the wire confirms is on disk: that a call was answered (200 to INVITE),
/// refused, and that it ended (200 to BYE). A disk that hangs delays either by no more
/// than this, which is well before anybody repeats a message (T1, 500 ms).
const WRITE_PATIENCE: Duration = Duration::from_millis(200);

/// Carries one output out; `latest` is the latest fact that was handed over.
pub(super) async fn carry_out(
    board: &Switchboard,
    browsers: &mut Browsers,
    call: CallId,
    output: Output,
    latest: &mut Written,
) {
    board.inner.live.sees(call, &output);
    match output {
        Output::Answer { .. }
        | Output::Refuse { .. }
        | Output::NoSuchNumber
        | Output::HangUp { leg: LegId::CALLER }
        | Output::Done => {
            latest.wait(WRITE_PATIENCE).await;
            tell(board, browsers, call, output).await;
        }
        Output::Dial { .. }
        | Output::Redial { .. }
        | Output::Join { .. }
        | Output::Notify { .. }
        | Output::Progress { .. }
        | Output::Ack { .. }
        | Output::Cancel { .. }
        | Output::HangUp { .. }
        | Output::Ask { .. }
        | Output::Align { .. }
        | Output::Reply { .. } => tell(board, browsers, call, output).await,
        // Done beside the wire, where it can be.
        Output::Attend
        | Output::Say { .. }
        | Output::Whisper { .. }
        | Output::HeedKeys { .. }
        | Output::Choose { .. }
        | Output::Record
        | Output::TakeMessage(_)
        | Output::Ring { .. } => {}
        Output::RecordAnswered(answered) => {
            info!(call.id = %call, "the business line answered");
            *latest = board.inner.recorder.write(Fact::Answered(answered));
        }
        Output::RecordQualified(qualified) => {
            info!(call.id = %call, is = %qualified.qualification, "the line says what the call was");
            *latest = board.inner.recorder.write(Fact::Qualified(qualified));
        }
        Output::RecordRefused(refused) => {
            info!(call.id = %call, "the caller will not be recorded");
            *latest = board.inner.recorder.write(Fact::RecordingRefused(refused));
        }
        Output::RecordTransferred(transferred) => {
            info!(call.id = %call, kind = %transferred.kind, outcome = %transferred.outcome,
                  status = transferred.sip_status, "a transfer is settled");
            *latest = board.inner.recorder.write(Fact::Transferred(transferred));
        }
        Output::RecordEnded(ended) => {
            info!(call.id = %call, outcome = %ended.outcome, status = ended.sip_status,
                  hung_up_by = %ended.hung_up_by, "the call is over");
            board.inner.metrics.call_ended(ended.outcome);
            *latest = board.inner.recorder.write(Fact::Ended(ended.clone()));
            // An attempt that is still being withdrawn is not a call any more.
            board.leave(call, Some(&ended));
        }
    }
}

/// Tells whoever has the leg that it is about: a browser, or the wire.
async fn tell(board: &Switchboard, browsers: &mut Browsers, call: CallId, output: Output) {
    if let Some(output) = browsers.carry_out(board, output) {
        board.tell_sip(call, output).await;
    }
}
