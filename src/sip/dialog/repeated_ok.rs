//! A 2xx to INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4).
//!
//! On every transport, since a proxy further on may use another. When no ACK
//! comes in 64*T1 the session ends, with a BYE. The side that answered may
//! not hang up before either of the two (§15), so a wish to hang up waits
//! here as well.

use std::fmt;
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

/// Without the bytes: they hold what must not be in a log.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Send(bytes) => write!(f, "Send({} bytes)", bytes.len()),
            Output::Bye => f.write_str("Bye"),
            Output::Unacknowledged => f.write_str("Unacknowledged"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACK: Input = Input::Ack { cseq: 7 };

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn start() -> RepeatedOk {
        RepeatedOk::start(Bytes::from_static(b"200"), 7, at(0))
    }

    fn send() -> Output {
        Output::Send(Bytes::from_static(b"200"))
    }

    fn run(ok: &mut RepeatedOk) -> Vec<(i64, Output)> {
        let mut history = Vec::new();
        while let Some(now) = ok.wake_at() {
            history.extend(ok.handle(Input::Woken, now).map(|output| (now.as_ms(), output)));
        }
        history
    }

    #[test]
    fn an_unacknowledged_answer_is_repeated_at_t1_doubling_to_t2_and_then_ended() {
        let times = [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];

        let history = run(&mut start());

        let mut expected: Vec<_> = times.iter().map(|&ms| (ms, send())).collect();
        expected.push((32_000, Output::Unacknowledged));
        assert_eq!(history, expected);
    }

    #[test]
    fn the_ack_ends_the_copies() {
        let mut ok = start();
        assert_eq!(ok.handle(Input::Woken, at(500)), Some(send()));

        assert_eq!(ok.handle(ACK, at(600)), None);

        assert_eq!(ok.wake_at(), None);
    }

    #[test]
    fn the_ack_of_an_earlier_invite_does_not_count() {
        let mut ok = start();

        ok.handle(Input::Ack { cseq: 6 }, at(10));

        assert_eq!(ok.wake_at(), Some(at(500)));
    }

    #[test]
    fn hanging_up_waits_for_the_ack() {
        let mut ok = start();

        assert_eq!(ok.handle(Input::HangUp, at(100)), None);
        assert_eq!(ok.handle(Input::Woken, at(500)), Some(send()));
        assert_eq!(ok.handle(ACK, at(600)), Some(Output::Bye));
        assert_eq!(ok.handle(ACK, at(700)), None);
    }

    #[test]
    fn hanging_up_waits_no_longer_than_64_t1() {
        let mut ok = start();
        ok.handle(Input::HangUp, at(100));

        assert_eq!(run(&mut ok).last(), Some(&(32_000, Output::Bye)));
    }

    #[test]
    fn after_the_ack_hanging_up_is_immediate_and_said_once() {
        let mut ok = start();
        ok.handle(ACK, at(600));

        assert_eq!(ok.handle(Input::HangUp, at(9_000)), Some(Output::Bye));
        assert_eq!(ok.handle(Input::HangUp, at(9_001)), None);
    }
}
