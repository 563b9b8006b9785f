//! The sending side of every request but INVITE and ACK: RFC 3261 §17.1.2
//! (figure 6).

use std::mem;

use bytes::Bytes;

use super::timers::{Repeater, Timer, Wire};
use super::{Class, Output, Outputs};
use crate::domain::time::Timestamp;

/// A request that is on its way.
struct Asking {
    request: Bytes,
    resend: Repeater,
    give_up_at: Timestamp,
}

enum State {
    /// Sent, nothing heard.
    Trying(Asking),
    /// A provisional response came: copies go on, but slowly.
    Proceeding(Asking),
    /// A final response came and may come again.
    Completed {
        until: Timestamp,
    },
    Terminated,
}

#[derive(Clone, Copy, Debug)]
pub enum Input {
    Response(Class),
    /// The transport could not send what it was last given.
    TransportFailed,
    /// The time that `wake_at` named has come.
    Woken,
}

pub struct Client {
    wire: Wire,
    state: State,
}

impl Client {
    /// Sends the request.
    pub fn start(request: Bytes, wire: Wire, now: Timestamp, out: &mut Outputs) -> Self {
        out.push(Output::Send(request.clone()));
        let state = State::Trying(Asking {
            request,
            resend: Repeater::start(Timer::E, wire, now),
            give_up_at: Timer::F.deadline(wire, now),
        });
        Self { wire, state }
    }

    pub fn handle(&mut self, input: Input, now: Timestamp, out: &mut Outputs) {
        self.state = match (mem::replace(&mut self.state, State::Terminated), input) {
            (State::Trying(mut asking), Input::Response(Class::Provisional)) => {
                out.push(Output::Deliver);
                asking.resend.slow_down();
                State::Proceeding(asking)
            }
            (State::Proceeding(asking), Input::Response(Class::Provisional)) => {
                out.push(Output::Deliver);
                State::Proceeding(asking)
            }
            (State::Trying(_) | State::Proceeding(_), Input::Response(Class::Success | Class::Failure)) => {
                out.push(Output::Deliver);
                match Timer::K.linger(self.wire, now) {
                    Some(until) => State::Completed { until },
                    None => terminate(out),
                }
            }

            (State::Trying(_) | State::Proceeding(_), Input::TransportFailed) => {
                out.push(Output::TransportFailed);
                terminate(out)
            }

            (State::Trying(asking) | State::Proceeding(asking), Input::Woken) if asking.give_up_at <= now => {
                out.push(Output::TimedOut);
                terminate(out)
            }
            (State::Trying(mut asking), Input::Woken) => {
                asking.repeat(now, out);
                State::Trying(asking)
            }
            (State::Proceeding(mut asking), Input::Woken) => {
                asking.repeat(now, out);
                State::Proceeding(asking)
            }
            (State::Completed { until }, Input::Woken) if until <= now => terminate(out),

            // The user has its final response: copies of it, and failures of the wire, are absorbed.
            (
                state @ (State::Completed { .. } | State::Terminated),
                Input::Response(_) | Input::TransportFailed | Input::Woken,
            ) => state,
        };
    }

    /// When to hand in [`Input::Woken`]; `None` after the end.
    pub fn wake_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Trying(asking) | State::Proceeding(asking) => {
                Some(asking.resend.next_or(asking.give_up_at))
            }
            State::Completed { until } => Some(*until),
            State::Terminated => None,
        }
    }
}

impl Asking {
    fn repeat(&mut self, now: Timestamp, out: &mut Outputs) {
        if self.resend.fires(now) {
            out.push(Output::Send(self.request.clone()));
        }
    }
}

fn terminate(out: &mut Outputs) -> State {
    out.push(Output::Terminated);
    State::Terminated
}
