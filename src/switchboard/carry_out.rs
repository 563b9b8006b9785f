//! What a call wants done, done: a flat match.

use std::time::Duration;

use tracing::info;

use super::Switchboard;
use super::recorder::Written;
use crate::call::output::Output;
use crate::domain::calling::record::Fact;
use crate::domain::ids::CallId;

/// The caller hears the business line at the latest this long after it
/// answered, however slow the disk is. A call that is answered is on disk in
/// all but that case.
const WRITE_PATIENCE: Duration = Duration::from_millis(200);

pub(super) async fn carry_out(board: &Switchboard, call: CallId, output: Output, arrival: &mut Written) {
    match output {
        Output::Answer { .. } => {
            arrival.wait(WRITE_PATIENCE).await;
            board.tell_sip(call, output).await;
        }
        Output::Dial { .. }
        | Output::Progress { .. }
        | Output::Ack { .. }
        | Output::Refuse { .. }
        | Output::Cancel { .. }
        | Output::HangUp { .. }
        | Output::Ask { .. }
        | Output::Reply { .. }
        | Output::Done => board.tell_sip(call, output).await,
        Output::RecordAnswered(answered) => {
            info!(call.id = %call, "the business line answered");
            board.inner.recorder.write(Fact::Answered(answered));
        }
        Output::RecordEnded(ended) => {
            info!(call.id = %call, outcome = %ended.outcome, status = ended.sip_status,
                  hung_up_by = %ended.hung_up_by, "the call is over");
            board.inner.metrics.call_ended(ended.outcome);
            board.inner.recorder.write(Fact::Ended(ended));
        }
    }
}
