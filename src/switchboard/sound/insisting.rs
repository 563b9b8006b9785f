//! What is said where sound has to be sealed (a trunk with `sdes` or `dtls`) and would not be: it is
//! refused, and whoever has said it is believed in nothing.
//!
//! ```text
//!   trunk ─ 200, plain ─▶ the leg is hung up: the next line rings, or the caller is told 488
//!   trunk or caller ─ re-INVITE ─▶ 488      ─ 200 to one, plain ─▶ the asker is told 488, the talk ends
//! ```

use tracing::warn;

use super::passing::has_description;
use super::{NOT_ACCEPTABLE, Sound};
use crate::call::input::{Input, Payload, Unreachable};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::media::Relay;
use crate::media::exchange::Past;
use crate::sip::is_description;
use crate::switchboard::Switchboard;

impl Sound {
    /// An answer that may not pass is as if it had refused.
    pub(super) async fn insists(&mut self, board: &Switchboard, input: &mut Input) {
        let Some(relay) = &self.relay else { return };
        let why = match input {
            Input::Progressed { payload, .. } if payload.body.is_empty() => None,
            Input::Progressed { leg, payload, .. } | Input::Answered { leg, payload } => {
                misfit(relay, *leg, payload)
            }
            Input::Replied { leg, what, status, payload }
                if what.changes_session() && status.code < 300 && !payload.body.is_empty() =>
            {
                misfit(relay, *leg, payload)
            }
            _ => None,
        };
        let Some(why) = why else { return };
        warn!(call.id = %self.call, "an answer is taken for a refusal, since media would not be encrypted: {why}");
        match input {
            Input::Progressed { payload, .. } => *payload = Payload::default(),
            Input::Answered { leg, .. } => {
                let leg = *leg;
                board.tell_sip(self.call, Output::HangUp { leg }).await;
                *input = Input::Unreachable { leg, why: Unreachable::Unsealed };
            }
            Input::Replied { leg, status, payload, .. } => {
                let leg = *leg;
                (*status, *payload) = (NOT_ACCEPTABLE, Payload::default());
                // An offer that came late waits for its answer.
                board.tell_sip(self.call, Output::Ack { leg, payload: Payload::default() }).await;
                // It has agreed to a session that we have not: from now on nobody would hear anything.
                if why == Past::Unkeyed {
                    self.unsealed.push(leg);
                }
            }
            _ => {}
        }
    }
}

/// Why what a leg says may not pass; `None`: it may.
pub(super) fn misfit(relay: &Relay, leg: LegId, payload: &Payload) -> Option<Past> {
    if payload.body.is_empty() || is_description(&payload.headers) {
        relay.misfit(leg, &payload.body)
    } else {
        (has_description(payload) && relay.is_sealed(leg)).then_some(Past::Multipart)
    }
}
