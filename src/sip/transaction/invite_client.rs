//! The sending side of an INVITE: RFC 3261 §17.1.1 (figure 5), with the
//! Accepted state of RFC 6026 §7.2.
//!
//! The ACK to a refusal belongs to this machine, which must send it again
//! whenever the refusal comes again. It knows no headers, so whoever hands
//! in a response also hands in the means to build that ACK; it is asked at
//! most once. The ACK to a 2xx is a matter of the dialog.
//!
//! It also knows when a CANCEL may go out (§9.1): not before a provisional
//! response, and after it an INVITE that stays without an answer ends.

use std::mem;

use bytes::Bytes;

use super::timers::{PATIENCE, Repeater, Timer, Wire};
use super::{Class, Output, Outputs};
use crate::domain::time::Timestamp;

enum State {
    /// Sent, nothing heard.
    Calling {
        invite: Bytes,
        resend: Repeater,
        give_up_at: Timestamp,
        cancelled: bool,
    },
    /// A provisional response came. The end is the user's business, unless it cancelled.
    Proceeding {
        give_up_at: Option<Timestamp>,
    },
    /// Refused; the refusal may come again.
    Completed {
        ack: Bytes,
        until: Timestamp,
    },
    /// Answered; the same answer may come again, others may follow from forks.
    Accepted {
        until: Timestamp,
    },
    Terminated,
}

pub enum Input<'a> {
    /// A response; `ack` builds the ACK to it from the INVITE and its To.
    Response { class: Class, ack: &'a dyn Fn() -> Bytes },
    /// The user gives the attempt up.
    Cancel,
    /// The transport could not send what it was last given.
    TransportFailed,
    /// The time that `wake_at` named has come.
    Woken,
}

pub struct InviteClient {
    wire: Wire,
    state: State,
}

impl InviteClient {
    /// Sends the INVITE.
    pub fn start(invite: Bytes, wire: Wire, now: Timestamp, out: &mut Outputs) -> Self {
        out.push(Output::Send(invite.clone()));
        let state = State::Calling {
            invite,
            resend: Repeater::start(Timer::A, wire, now),
            give_up_at: Timer::B.deadline(wire, now),
            cancelled: false,
        };
        Self { wire, state }
    }

    pub fn handle(&mut self, input: Input<'_>, now: Timestamp, out: &mut Outputs) {
        self.state = match (mem::replace(&mut self.state, State::Terminated), input) {
            (State::Calling { cancelled, .. }, Input::Response { class: Class::Provisional, .. }) => {
                out.push(Output::Deliver);
                State::Proceeding { give_up_at: cancelled.then(|| send_cancel(now, out)) }
            }
            (state @ State::Proceeding { .. }, Input::Response { class: Class::Provisional, .. }) => {
                out.push(Output::Deliver);
                state
            }
            (
                State::Calling { .. } | State::Proceeding { .. },
                Input::Response { class: Class::Success, .. },
            ) => {
                out.push(Output::Deliver);
                State::Accepted { until: Timer::M.deadline(self.wire, now) }
            }
            (
                State::Calling { .. } | State::Proceeding { .. },
                Input::Response { class: Class::Failure, ack },
            ) => {
                let ack = ack();
                out.push(Output::Send(ack.clone()));
                out.push(Output::Deliver);
                match Timer::D.linger(self.wire, now) {
                    Some(until) => State::Completed { ack, until },
                    None => terminate(out),
                }
            }
            // The refusal again: our ACK was lost.
            (State::Completed { ack, until }, Input::Response { class: Class::Failure, .. }) => {
                out.push(Output::Send(ack.clone()));
                State::Completed { ack, until }
            }
            // The answer again, or that of another branch: the user knows which.
            (state @ State::Accepted { .. }, Input::Response { class: Class::Success, .. }) => {
                out.push(Output::Deliver);
                state
            }

            // Too early: a CANCEL could overtake the INVITE. It goes with the first provisional.
            (State::Calling { invite, resend, give_up_at, .. }, Input::Cancel) => {
                State::Calling { invite, resend, give_up_at, cancelled: true }
            }
            (State::Proceeding { give_up_at: None }, Input::Cancel) => {
                State::Proceeding { give_up_at: Some(send_cancel(now, out)) }
            }

            (State::Calling { .. }, Input::TransportFailed) => {
                out.push(Output::TransportFailed);
                terminate(out)
            }
            // The ACK is lost, but the user has had its final response.
            (State::Completed { .. }, Input::TransportFailed) => terminate(out),

            (State::Calling { give_up_at, .. }, Input::Woken) if give_up_at <= now => {
                out.push(Output::TimedOut);
                terminate(out)
            }
            (State::Calling { invite, mut resend, give_up_at, cancelled }, Input::Woken) => {
                if resend.fires(now) {
                    out.push(Output::Send(invite.clone()));
                }
                State::Calling { invite, resend, give_up_at, cancelled }
            }
            (State::Proceeding { give_up_at: Some(at) }, Input::Woken) if at <= now => {
                out.push(Output::TimedOut);
                terminate(out)
            }
            (State::Completed { until, .. } | State::Accepted { until }, Input::Woken) if until <= now => {
                terminate(out)
            }

            // What is late or doubled changes nothing: provisionals after a final, a second or late
            // CANCEL, wakes before their time. So does a final of the other kind: figure 5 has no
            // arrow for it, and a stray 2xx is ended by its sender when no ACK comes. An established
            // call does not hang on the connection that its INVITE took, nor does one that rings:
            // the response may come over another (§18.2.2).
            (state @ State::Proceeding { .. }, Input::Cancel | Input::TransportFailed | Input::Woken)
            | (
                state @ State::Completed { .. },
                Input::Response { class: Class::Provisional | Class::Success, .. }
                | Input::Cancel
                | Input::Woken,
            )
            | (
                state @ State::Accepted { .. },
                Input::Response { class: Class::Provisional | Class::Failure, .. }
                | Input::Cancel
                | Input::TransportFailed
                | Input::Woken,
            )
            | (
                state @ State::Terminated,
                Input::Response { .. } | Input::Cancel | Input::TransportFailed | Input::Woken,
            ) => state,
        };
    }

    /// When to hand in [`Input::Woken`]; `None` while only the others can act, and after the end.
    pub fn wake_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Calling { resend, give_up_at, .. } => Some(resend.next_or(*give_up_at)),
            State::Proceeding { give_up_at } => *give_up_at,
            State::Completed { until, .. } | State::Accepted { until } => Some(*until),
            State::Terminated => None,
        }
    }
}

/// Says that the CANCEL goes out, and gives the time when the INVITE is given up for lost (§9.1).
fn send_cancel(now: Timestamp, out: &mut Outputs) -> Timestamp {
    out.push(Output::SendCancel);
    now + PATIENCE
}

fn terminate(out: &mut Outputs) -> State {
    out.push(Output::Terminated);
    State::Terminated
}
