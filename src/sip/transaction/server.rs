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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::transaction::Output::{Send, Terminated, TransportFailed};
    use crate::sip::transaction::testing::{at, bytes, run_alone};

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Request,
        Provisional,
        Final,
        Failed,
        Woken,
    }

    fn give(server: &mut Server, step: Step, now: i64) -> Outputs {
        let input = match step {
            Step::Request => Input::Request,
            Step::Provisional => Input::Respond { class: Class::Provisional, response: bytes("100") },
            Step::Final => Input::Respond { class: Class::Success, response: bytes("200") },
            Step::Failed => Input::TransportFailed,
            Step::Woken => Input::Woken,
        };
        let mut out = Outputs::new();
        server.handle(input, at(now), &mut out);
        out
    }

    /// RFC 3261 figure 8: the steps that led to the state, the input, its outputs.
    #[test]
    fn every_arrow_of_figure_8_is_there_and_no_other() {
        use Step::{Failed, Final, Provisional, Request, Woken};

        let trying: &[Step] = &[];
        let proceeding: &[Step] = &[Provisional];
        let completed: &[Step] = &[Final];
        let terminated: &[Step] = &[Final, Failed];
        let table: [(&[Step], Step, &[Output]); 20] = [
            (trying, Request, &[]),
            (trying, Provisional, &[Send(bytes("100"))]),
            (trying, Final, &[Send(bytes("200"))]),
            (trying, Failed, &[]),
            (trying, Woken, &[]),
            (proceeding, Request, &[Send(bytes("100"))]),
            (proceeding, Provisional, &[Send(bytes("100"))]),
            (proceeding, Final, &[Send(bytes("200"))]),
            (proceeding, Failed, &[TransportFailed, Terminated]),
            (proceeding, Woken, &[]),
            (completed, Request, &[Send(bytes("200"))]),
            (completed, Provisional, &[]),
            (completed, Final, &[]),
            (completed, Failed, &[TransportFailed, Terminated]),
            (completed, Woken, &[]),
            (terminated, Request, &[]),
            (terminated, Provisional, &[]),
            (terminated, Final, &[]),
            (terminated, Failed, &[]),
            (terminated, Woken, &[]),
        ];

        for (way, step, outputs) in table {
            let mut server = Server::start(Wire::Datagram);
            for step in way {
                give(&mut server, *step, 10);
            }
            assert_eq!(give(&mut server, step, 20), outputs, "{step:?} after {way:?}");
        }
    }

    #[test]
    fn copies_are_answered_until_timer_j() {
        let mut server = Server::start(Wire::Datagram);
        assert_eq!(server.wake_at(), None);
        give(&mut server, Step::Final, 100);

        assert_eq!(run_alone(&mut server), [(32_100, Terminated)]);
    }

    #[test]
    fn on_a_stream_timer_j_is_zero() {
        let mut server = Server::start(Wire::Stream);

        assert_eq!(give(&mut server, Step::Final, 100), [Send(bytes("200")), Terminated]);
        assert_eq!(server.wake_at(), None);
    }
}
