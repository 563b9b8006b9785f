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
    /// Refused and acknowledged.
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
                | Input::Woken,
            )
            | (state @ State::Completed { .. }, Input::Respond { .. })
            | (
                state @ (State::Confirmed { .. } | State::Terminated),
                Input::Invite | Input::Ack | Input::Respond { .. } | Input::TransportFailed | Input::Woken,
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
