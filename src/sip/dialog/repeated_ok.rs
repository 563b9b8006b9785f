//! A 2xx to INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4).
//!
//! On every transport, since a proxy further on may use another. When no ACK
//! comes in 64*T1 the session ends, with a BYE. The side that answered may
//! not hang up before either of the two (§15), so a wish to hang up waits
//! here as well.

use std::mem;

use bytes::Bytes;

use crate::domain::time::Timestamp;
use crate::sip::transaction::timers::{PATIENCE, Repeater};

enum State {
    Waiting {
        ok: Bytes,
        resend: Repeater,
        give_up_at: Timestamp,
        hang_up: bool,
    },
    Acknowledged,
    /// BYE or the failure was said.
    Ended,
}

#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// An ACK within the dialog.
    Ack { cseq: u32 },
    /// Our side wants to end the session.
    HangUp,
    /// The time that `wake_at` named has come.
    Woken,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Output {
    /// The 2xx again, as it was.
    Send(Bytes),
    /// Our side wanted to hang up, and now it may: send the BYE.
    Bye,
    /// No ACK came: send a BYE and tell the user that the session is over.
    Unacknowledged,
}

pub struct RepeatedOk {
    cseq: u32,
    state: State,
}

impl RepeatedOk {
    /// For a 2xx that was just sent through its transaction; `cseq` is that of the INVITE.
    pub fn start(ok: Bytes, cseq: u32, now: Timestamp) -> Self {
        let state =
            State::Waiting { ok, resend: Repeater::of_2xx(now), give_up_at: now + PATIENCE, hang_up: false };
        Self { cseq, state }
    }

    pub fn handle(&mut self, input: Input, now: Timestamp) -> Option<Output> {
        let (next, output) = match (mem::replace(&mut self.state, State::Ended), input) {
            (State::Waiting { hang_up: false, .. }, Input::Ack { cseq }) if cseq == self.cseq => {
                (State::Acknowledged, None)
            }
            (State::Waiting { hang_up: true, .. }, Input::Ack { cseq }) if cseq == self.cseq => {
                (State::Ended, Some(Output::Bye))
            }
            (State::Waiting { ok, resend, give_up_at, .. }, Input::HangUp) => {
                (State::Waiting { ok, resend, give_up_at, hang_up: true }, None)
            }
            (State::Acknowledged, Input::HangUp) => (State::Ended, Some(Output::Bye)),
            (State::Waiting { give_up_at, hang_up, .. }, Input::Woken) if give_up_at <= now => {
                (State::Ended, Some(if hang_up { Output::Bye } else { Output::Unacknowledged }))
            }
            (State::Waiting { ok, mut resend, give_up_at, hang_up }, Input::Woken) => {
                let copy = resend.fires(now).then(|| Output::Send(ok.clone()));
                (State::Waiting { ok, resend, give_up_at, hang_up }, copy)
            }
            // The ACK of an earlier INVITE, or copies of ours, and what comes after the end.
            (state @ State::Waiting { .. }, Input::Ack { .. })
            | (state @ State::Acknowledged, Input::Ack { .. } | Input::Woken)
            | (state @ State::Ended, Input::Ack { .. } | Input::HangUp | Input::Woken) => (state, None),
        };
        self.state = next;
        output
    }

    /// When to hand in [`Input::Woken`]; `None` once nothing is repeated any more.
    pub fn wake_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Waiting { resend, give_up_at, .. } => Some(resend.next_or(*give_up_at)),
            State::Acknowledged | State::Ended => None,
        }
    }
}
