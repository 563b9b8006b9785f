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

    /// Whether nothing has come back yet, not even a provisional response.
    pub fn is_unheard(&self) -> bool {
        matches!(self.state, State::Trying(_))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::transaction::Output::{Deliver, Send, Terminated, TimedOut, TransportFailed};
    use crate::sip::transaction::testing::{at, bytes, copies, run_alone};

    fn start(wire: Wire) -> Client {
        let mut out = Outputs::new();
        let client = Client::start(bytes("OPTIONS"), wire, at(0), &mut out);
        assert_eq!(out, [Send(bytes("OPTIONS"))]);
        client
    }

    fn give(client: &mut Client, input: Input, now: i64) -> Outputs {
        let mut out = Outputs::new();
        client.handle(input, at(now), &mut out);
        out
    }

    /// RFC 3261 figure 6: inputs that led to the state, the input, its outputs.
    #[test]
    fn every_arrow_of_figure_6_is_there_and_no_other() {
        use Class::{Failure, Provisional, Success};
        use Input::{Response, TransportFailed as Failed, Woken};

        let states: [(&str, &[Input]); 4] = [
            ("Trying", &[]),
            ("Proceeding", &[Response(Provisional)]),
            ("Completed", &[Response(Success)]),
            ("Terminated", &[Failed]),
        ];
        let table: [(&str, Input, &[Output]); 20] = [
            ("Trying", Response(Provisional), &[Deliver]),
            ("Trying", Response(Success), &[Deliver]),
            ("Trying", Response(Failure), &[Deliver]),
            ("Trying", Failed, &[TransportFailed, Terminated]),
            ("Trying", Woken, &[]),
            ("Proceeding", Response(Provisional), &[Deliver]),
            ("Proceeding", Response(Success), &[Deliver]),
            ("Proceeding", Response(Failure), &[Deliver]),
            ("Proceeding", Failed, &[TransportFailed, Terminated]),
            ("Proceeding", Woken, &[]),
            ("Completed", Response(Provisional), &[]),
            ("Completed", Response(Success), &[]),
            ("Completed", Response(Failure), &[]),
            ("Completed", Failed, &[]),
            ("Completed", Woken, &[]),
            ("Terminated", Response(Provisional), &[]),
            ("Terminated", Response(Success), &[]),
            ("Terminated", Response(Failure), &[]),
            ("Terminated", Failed, &[]),
            ("Terminated", Woken, &[]),
        ];

        for (state, input, outputs) in table {
            let mut client = start(Wire::Datagram);
            let way = states.iter().find(|(name, _)| *name == state).unwrap().1;
            for step in way {
                give(&mut client, *step, 10);
            }
            assert_eq!(give(&mut client, input, 20), outputs, "{state} {input:?}");
        }
    }

    #[test]
    fn an_unanswered_request_is_repeated_by_timer_e_until_timer_f() {
        let mut client = start(Wire::Datagram);

        let history = run_alone(&mut client);

        let times = [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
        let end = [(32_000, TimedOut), (32_000, Terminated)];
        assert_eq!(history, copies(&bytes("OPTIONS"), &times, &end));
    }

    #[test]
    fn a_provisional_response_slows_the_copies_down_to_t2() {
        let mut client = start(Wire::Datagram);
        give(&mut client, Input::Response(Class::Provisional), 200);

        let history = run_alone(&mut client);

        let times = [500, 4_500, 8_500, 12_500, 16_500, 20_500, 24_500, 28_500];
        let end = [(32_000, TimedOut), (32_000, Terminated)];
        assert_eq!(history, copies(&bytes("OPTIONS"), &times, &end));
    }

    #[test]
    fn a_stream_sees_one_copy_and_the_same_patience() {
        let mut client = start(Wire::Stream);

        assert_eq!(run_alone(&mut client), [(32_000, TimedOut), (32_000, Terminated)]);
    }

    #[test]
    fn repeated_finals_are_absorbed_for_timer_k() {
        let mut client = start(Wire::Datagram);
        give(&mut client, Input::Response(Class::Failure), 100);

        assert_eq!(run_alone(&mut client), [(5_100, Terminated)]);
    }

    #[test]
    fn on_a_stream_timer_k_is_zero() {
        let mut client = start(Wire::Stream);

        assert_eq!(give(&mut client, Input::Response(Class::Success), 100), [Deliver, Terminated]);
        assert_eq!(client.wake_at(), None);
    }
}
