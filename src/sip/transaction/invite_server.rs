//! The receiving side of an INVITE: RFC 3261 §17.2.1 (figure 7), with the
//! Accepted state of RFC 6026 §7.1.
//!
//! A refusal is repeated here until its ACK. A 2xx is not: it is the
//! dialog's, which repeats it end to end (`dialog::RepeatedOk`), and this
//! machine stays only to absorb copies of the INVITE. The user sends the 100
//! itself, as a provisional response like any other.
//!
//! A transport that fails does not end the machine (RFC 6026 §7.1): a copy
//! of the INVITE would else be taken for a new call.

use std::mem;

use bytes::Bytes;

use super::timers::{Repeater, Timer, Wire};
use super::{Class, Output, Outputs};
use crate::domain::time::Timestamp;

enum State {
    /// No final response yet; the last provisional one answers copies.
    Proceeding {
        provisional: Option<Bytes>,
    },
    /// Answered: what follows is between the dialogs.
    Accepted {
        until: Timestamp,
    },
    /// Refused, ACK outstanding.
    Completed {
        refusal: Bytes,
        resend: Repeater,
        give_up_at: Timestamp,
    },
    /// Refused and acknowledged, or not answered at all.
    Confirmed {
        until: Timestamp,
    },
    Terminated,
}

pub enum Input {
    /// The INVITE again.
    Invite,
    /// An ACK whose key leads here.
    Ack,
    /// A response of the user.
    Respond { class: Class, response: Bytes },
    /// The user gives no response, and copies shall get none: the client
    /// repeats its INVITE for as long as we would wait for an ACK.
    Ignore,
    /// The transport could not send what it was last given.
    TransportFailed,
    /// The time that `wake_at` named has come.
    Woken,
}

pub struct InviteServer {
    wire: Wire,
    state: State,
}

impl InviteServer {
    /// For an INVITE whose key was not known: the layer above gives it to the user.
    pub fn start(wire: Wire) -> Self {
        Self { wire, state: State::Proceeding { provisional: None } }
    }

    pub fn handle(&mut self, input: Input, now: Timestamp, out: &mut Outputs) {
        self.state = match (mem::replace(&mut self.state, State::Terminated), input) {
            (State::Proceeding { .. }, Input::Respond { class: Class::Provisional, response }) => {
                out.push(Output::Send(response.clone()));
                State::Proceeding { provisional: Some(response) }
            }
            (State::Proceeding { .. }, Input::Respond { class: Class::Success, response }) => {
                out.push(Output::Send(response));
                State::Accepted { until: Timer::L.deadline(self.wire, now) }
            }
            (State::Proceeding { .. }, Input::Ignore) => {
                State::Confirmed { until: Timer::H.deadline(self.wire, now) }
            }
            (State::Proceeding { .. }, Input::Respond { class: Class::Failure, response }) => {
                out.push(Output::Send(response.clone()));
                State::Completed {
                    refusal: response,
                    resend: Repeater::start(Timer::G, self.wire, now),
                    give_up_at: Timer::H.deadline(self.wire, now),
                }
            }
            // The dialog repeats its 2xx.
            (state @ State::Accepted { .. }, Input::Respond { class: Class::Success, response }) => {
                out.push(Output::Send(response));
                state
            }

            (State::Proceeding { provisional }, Input::Invite) => {
                out.extend(provisional.clone().map(Output::Send));
                State::Proceeding { provisional }
            }
            (State::Completed { refusal, resend, give_up_at }, Input::Invite) => {
                out.push(Output::Send(refusal.clone()));
                State::Completed { refusal, resend, give_up_at }
            }

            // From a client that gives the ACK to a 2xx the branch of the INVITE.
            (state @ State::Accepted { .. }, Input::Ack) => {
                out.push(Output::Deliver);
                state
            }
            (State::Completed { .. }, Input::Ack) => match Timer::I.linger(self.wire, now) {
                Some(until) => State::Confirmed { until },
                None => terminate(out),
            },

            (
                state @ (State::Proceeding { .. } | State::Accepted { .. } | State::Completed { .. }),
                Input::TransportFailed,
            ) => {
                out.push(Output::TransportFailed);
                state
            }

            (State::Completed { give_up_at, .. }, Input::Woken) if give_up_at <= now => {
                out.push(Output::TimedOut);
                terminate(out)
            }
            (State::Completed { refusal, mut resend, give_up_at }, Input::Woken) => {
                if resend.fires(now) {
                    out.push(Output::Send(refusal.clone()));
                }
                State::Completed { refusal, resend, give_up_at }
            }
            (State::Accepted { until } | State::Confirmed { until }, Input::Woken) if until <= now => {
                terminate(out)
            }

            // A final response stands: what the user says later is dropped, as are copies after it
            // was acknowledged. An ACK to a provisional response means nothing, nor does an early wake.
            (state @ State::Proceeding { .. }, Input::Ack | Input::Woken)
            | (
                state @ State::Accepted { .. },
                Input::Invite
                | Input::Respond { class: Class::Provisional | Class::Failure, .. }
                | Input::Ignore
                | Input::Woken,
            )
            | (state @ State::Completed { .. }, Input::Respond { .. } | Input::Ignore)
            | (
                state @ (State::Confirmed { .. } | State::Terminated),
                Input::Invite
                | Input::Ack
                | Input::Respond { .. }
                | Input::Ignore
                | Input::TransportFailed
                | Input::Woken,
            ) => state,
        };
    }

    /// When to hand in [`Input::Woken`]; `None` while the user decides, and after the end.
    pub fn wake_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Proceeding { .. } | State::Terminated => None,
            State::Accepted { until } | State::Confirmed { until } => Some(*until),
            State::Completed { resend, give_up_at, .. } => Some(resend.next_or(*give_up_at)),
        }
    }

    /// Whether no final response was given, so that a CANCEL still counts.
    pub fn is_pending(&self) -> bool {
        match self.state {
            State::Proceeding { .. } => true,
            State::Accepted { .. }
            | State::Completed { .. }
            | State::Confirmed { .. }
            | State::Terminated => false,
        }
    }
}

fn terminate(out: &mut Outputs) -> State {
    out.push(Output::Terminated);
    State::Terminated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::transaction::Output::{Deliver, Send, Terminated, TimedOut, TransportFailed};
    use crate::sip::transaction::testing::{at, bytes, copies, run_alone};

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Invite,
        Ack,
        Ringing,
        Answer,
        Refuse,
        Failed,
        Woken,
    }

    fn give(server: &mut InviteServer, step: Step, now: i64) -> Outputs {
        let input = match step {
            Step::Invite => Input::Invite,
            Step::Ack => Input::Ack,
            Step::Ringing => Input::Respond { class: Class::Provisional, response: bytes("180") },
            Step::Answer => Input::Respond { class: Class::Success, response: bytes("200") },
            Step::Refuse => Input::Respond { class: Class::Failure, response: bytes("486") },
            Step::Failed => Input::TransportFailed,
            Step::Woken => Input::Woken,
        };
        let mut out = Outputs::new();
        server.handle(input, at(now), &mut out);
        out
    }

    /// RFC 3261 figure 7 as changed by RFC 6026: the steps that led to the
    /// state, the input, its outputs.
    #[test]
    fn every_arrow_of_figure_7_is_there_and_no_other() {
        use Step::{Ack, Answer, Failed, Invite, Refuse, Ringing, Woken};

        let fresh: &[Step] = &[];
        let ringing: &[Step] = &[Ringing];
        let accepted: &[Step] = &[Ringing, Answer];
        let completed: &[Step] = &[Ringing, Refuse];
        let confirmed: &[Step] = &[Refuse, Ack];
        let table: [(&[Step], Step, &[Output]); 35] = [
            (fresh, Invite, &[]),
            (fresh, Ack, &[]),
            (fresh, Ringing, &[Send(bytes("180"))]),
            (fresh, Answer, &[Send(bytes("200"))]),
            (fresh, Refuse, &[Send(bytes("486"))]),
            (fresh, Failed, &[TransportFailed]),
            (fresh, Woken, &[]),
            (ringing, Invite, &[Send(bytes("180"))]),
            (ringing, Ack, &[]),
            (ringing, Ringing, &[Send(bytes("180"))]),
            (ringing, Answer, &[Send(bytes("200"))]),
            (ringing, Refuse, &[Send(bytes("486"))]),
            (ringing, Failed, &[TransportFailed]),
            (ringing, Woken, &[]),
            (accepted, Invite, &[]),
            (accepted, Ack, &[Deliver]),
            (accepted, Ringing, &[]),
            (accepted, Answer, &[Send(bytes("200"))]),
            (accepted, Refuse, &[]),
            (accepted, Failed, &[TransportFailed]),
            (accepted, Woken, &[]),
            (completed, Invite, &[Send(bytes("486"))]),
            (completed, Ack, &[]),
            (completed, Ringing, &[]),
            (completed, Answer, &[]),
            (completed, Refuse, &[]),
            (completed, Failed, &[TransportFailed]),
            (completed, Woken, &[]),
            (confirmed, Invite, &[]),
            (confirmed, Ack, &[]),
            (confirmed, Ringing, &[]),
            (confirmed, Answer, &[]),
            (confirmed, Refuse, &[]),
            (confirmed, Failed, &[]),
            (confirmed, Woken, &[]),
        ];

        for (way, step, outputs) in table {
            let mut server = InviteServer::start(Wire::Datagram);
            for step in way {
                give(&mut server, *step, 10);
            }
            assert_eq!(give(&mut server, step, 20), outputs, "{step:?} after {way:?}");
        }
    }

    #[test]
    fn a_refusal_is_repeated_by_timer_g_until_timer_h() {
        let mut server = InviteServer::start(Wire::Datagram);
        give(&mut server, Step::Refuse, 0);

        let history = run_alone(&mut server);

        let times = [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
        let end = [(32_000, TimedOut), (32_000, Terminated)];
        assert_eq!(history, copies(&bytes("486"), &times, &end));
    }

    #[test]
    fn a_stream_carries_a_refusal_once_and_waits_as_long_for_its_ack() {
        let mut server = InviteServer::start(Wire::Stream);
        give(&mut server, Step::Refuse, 0);

        assert_eq!(run_alone(&mut server), [(32_000, TimedOut), (32_000, Terminated)]);
    }

    #[test]
    fn an_ack_ends_the_copies_and_others_are_absorbed_until_timer_i() {
        let mut server = InviteServer::start(Wire::Datagram);
        give(&mut server, Step::Refuse, 0);
        give(&mut server, Step::Ack, 700);

        assert_eq!(run_alone(&mut server), [(5_700, Terminated)]);
    }

    #[test]
    fn on_a_stream_timer_i_is_zero() {
        let mut server = InviteServer::start(Wire::Stream);
        give(&mut server, Step::Refuse, 0);

        assert_eq!(give(&mut server, Step::Ack, 100), [Terminated]);
        assert_eq!(server.wake_at(), None);
    }

    #[test]
    fn an_accepted_invite_is_absorbed_until_timer_l_on_every_transport() {
        for wire in [Wire::Datagram, Wire::Stream] {
            let mut server = InviteServer::start(wire);
            give(&mut server, Step::Answer, 100);

            assert_eq!(run_alone(&mut server), [(32_100, Terminated)]);
        }
    }

    #[test]
    fn a_copy_of_the_invite_gets_the_latest_provisional_response() {
        let mut server = InviteServer::start(Wire::Datagram);
        let mut out = Outputs::new();
        for code in ["100", "180", "183"] {
            let response = bytes(code);
            server.handle(Input::Respond { class: Class::Provisional, response }, at(0), &mut out);
        }

        assert_eq!(give(&mut server, Step::Invite, 500), [Send(bytes("183"))]);
    }
}
