//! The receiving side of every request but INVITE and ACK: RFC 3261 §17.2.2
//! (figure 8).
//!
//! It never repeats by itself: the client asks again, and gets the last
//! response again.

use std::mem;

use bytes::Bytes;

use super::timers::{Timer, Wire};
use super::{Class, Output, Outputs};
use crate::domain::time::Timestamp;

enum State {
    /// The user has the request and has said nothing.
    Trying,
    /// The user gave a provisional response, which answers copies.
    Proceeding {
        provisional: Bytes,
    },
    /// The user gave the final response, which answers copies.
    Completed {
        response: Bytes,
        until: Timestamp,
    },
    Terminated,
}

pub enum Input {
    /// The request again.
    Request,
    /// A response of the user.
    Respond { class: Class, response: Bytes },
    /// The transport could not send what it was last given.
    TransportFailed,
    /// The time that `wake_at` named has come.
    Woken,
}

pub struct Server {
    wire: Wire,
    state: State,
}

impl Server {
    /// For a request whose key was not known: the layer above gives it to the user.
    pub fn start(wire: Wire) -> Self {
        Self { wire, state: State::Trying }
    }

    pub fn handle(&mut self, input: Input, now: Timestamp, out: &mut Outputs) {
        self.state = match (mem::replace(&mut self.state, State::Terminated), input) {
            (
                State::Trying | State::Proceeding { .. },
                Input::Respond { class: Class::Provisional, response },
            ) => {
                out.push(Output::Send(response.clone()));
                State::Proceeding { provisional: response }
            }
            (
                State::Trying | State::Proceeding { .. },
                Input::Respond { class: Class::Success | Class::Failure, response },
            ) => {
                out.push(Output::Send(response.clone()));
                match Timer::J.linger(self.wire, now) {
                    Some(until) => State::Completed { response, until },
                    None => terminate(out),
                }
            }

            (State::Proceeding { provisional }, Input::Request) => {
                out.push(Output::Send(provisional.clone()));
                State::Proceeding { provisional }
            }
            (State::Completed { response, until }, Input::Request) => {
                out.push(Output::Send(response.clone()));
                State::Completed { response, until }
            }

            (State::Proceeding { .. } | State::Completed { .. }, Input::TransportFailed) => {
                out.push(Output::TransportFailed);
                terminate(out)
            }
            (State::Completed { until, .. }, Input::Woken) if until <= now => terminate(out),

            // Nothing has been sent yet: no copy to repeat, nothing that could have failed, no timer.
            (state @ State::Trying, Input::Request | Input::TransportFailed | Input::Woken)
            | (state @ State::Proceeding { .. }, Input::Woken)
            // The final response stands.
            | (state @ State::Completed { .. }, Input::Respond { .. } | Input::Woken)
            | (
                state @ State::Terminated,
                Input::Request | Input::Respond { .. } | Input::TransportFailed | Input::Woken,
            ) => state,
        };
    }

    /// When to hand in [`Input::Woken`]; `None` while the user decides, and after the end.
    pub fn wake_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Completed { until, .. } => Some(*until),
            State::Trying | State::Proceeding { .. } | State::Terminated => None,
        }
    }
}

fn terminate(out: &mut Outputs) -> State {
    out.push(Output::Terminated);
    State::Terminated
}
