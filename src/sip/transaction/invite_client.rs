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

    /// Whether nothing has come back yet, not even a provisional response.
    pub fn is_unheard(&self) -> bool {
        matches!(self.state, State::Calling { .. })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::transaction::Output::{Deliver, Send, SendCancel, Terminated, TimedOut, TransportFailed};
    use crate::sip::transaction::testing::{at, bytes, copies, run_alone};

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Provisional,
        Answer,
        Refusal,
        Cancel,
        Failed,
        Woken,
    }

    fn start(wire: Wire) -> InviteClient {
        let mut out = Outputs::new();
        let client = InviteClient::start(bytes("INVITE"), wire, at(0), &mut out);
        assert_eq!(out, [Send(bytes("INVITE"))]);
        client
    }

    fn give(client: &mut InviteClient, step: Step, now: i64) -> Outputs {
        let ack = || bytes("ACK");
        let input = match step {
            Step::Provisional => Input::Response { class: Class::Provisional, ack: &ack },
            Step::Answer => Input::Response { class: Class::Success, ack: &ack },
            Step::Refusal => Input::Response { class: Class::Failure, ack: &ack },
            Step::Cancel => Input::Cancel,
            Step::Failed => Input::TransportFailed,
            Step::Woken => Input::Woken,
        };
        let mut out = Outputs::new();
        client.handle(input, at(now), &mut out);
        out
    }

    /// RFC 3261 figure 5 as changed by RFC 6026: the steps that led to the
    /// state, the input, its outputs.
    #[test]
    fn every_arrow_of_figure_5_is_there_and_no_other() {
        use Step::{Answer, Cancel, Failed, Provisional, Refusal, Woken};

        let calling: &[Step] = &[];
        let proceeding: &[Step] = &[Provisional];
        let completed: &[Step] = &[Refusal];
        let accepted: &[Step] = &[Provisional, Answer];
        let terminated: &[Step] = &[Failed];
        let table: [(&[Step], Step, &[Output]); 30] = [
            (calling, Provisional, &[Deliver]),
            (calling, Answer, &[Deliver]),
            (calling, Refusal, &[Send(bytes("ACK")), Deliver]),
            (calling, Cancel, &[]),
            (calling, Failed, &[TransportFailed, Terminated]),
            (calling, Woken, &[]),
            (proceeding, Provisional, &[Deliver]),
            (proceeding, Answer, &[Deliver]),
            (proceeding, Refusal, &[Send(bytes("ACK")), Deliver]),
            (proceeding, Cancel, &[SendCancel]),
            (proceeding, Failed, &[]),
            (proceeding, Woken, &[]),
            (completed, Provisional, &[]),
            (completed, Answer, &[]),
            (completed, Refusal, &[Send(bytes("ACK"))]),
            (completed, Cancel, &[]),
            (completed, Failed, &[Terminated]),
            (completed, Woken, &[]),
            (accepted, Provisional, &[]),
            (accepted, Answer, &[Deliver]),
            (accepted, Refusal, &[]),
            (accepted, Cancel, &[]),
            (accepted, Failed, &[]),
            (accepted, Woken, &[]),
            (terminated, Provisional, &[]),
            (terminated, Answer, &[]),
            (terminated, Refusal, &[]),
            (terminated, Cancel, &[]),
            (terminated, Failed, &[]),
            (terminated, Woken, &[]),
        ];

        for (way, step, outputs) in table {
            let mut client = start(Wire::Datagram);
            for step in way {
                give(&mut client, *step, 10);
            }
            assert_eq!(give(&mut client, step, 20), outputs, "{step:?} after {way:?}");
        }
    }

    #[test]
    fn an_unanswered_invite_is_repeated_by_timer_a_until_timer_b() {
        let mut client = start(Wire::Datagram);

        let history = run_alone(&mut client);

        let times = [500, 1_500, 3_500, 7_500, 15_500, 31_500];
        let end = [(32_000, TimedOut), (32_000, Terminated)];
        assert_eq!(history, copies(&bytes("INVITE"), &times, &end));
    }

    #[test]
    fn a_stream_sees_one_copy_and_the_same_patience() {
        let mut client = start(Wire::Stream);

        assert_eq!(run_alone(&mut client), [(32_000, TimedOut), (32_000, Terminated)]);
    }

    #[test]
    fn a_provisional_response_ends_the_copies_and_the_patience() {
        let mut client = start(Wire::Datagram);
        give(&mut client, Step::Provisional, 100);

        assert_eq!(client.wake_at(), None);
        assert_eq!(give(&mut client, Step::Woken, 600_000), []);
    }

    #[test]
    fn a_refusal_is_acknowledged_until_timer_d() {
        let mut client = start(Wire::Datagram);
        give(&mut client, Step::Refusal, 100);

        assert_eq!(run_alone(&mut client), [(32_100, Terminated)]);
    }

    #[test]
    fn the_ack_is_built_once_however_often_the_refusal_comes() {
        let built = std::cell::Cell::new(0);
        let ack = || {
            built.set(built.get() + 1);
            bytes("ACK")
        };
        let mut client = start(Wire::Datagram);
        let mut out = Outputs::new();

        for now in 0..5 {
            client.handle(Input::Response { class: Class::Failure, ack: &ack }, at(now), &mut out);
        }

        assert_eq!(built.get(), 1);
        assert_eq!(out.iter().filter(|output| **output == Send(bytes("ACK"))).count(), 5);
    }

    #[test]
    fn on_a_stream_timer_d_is_zero() {
        let mut client = start(Wire::Stream);

        assert_eq!(give(&mut client, Step::Refusal, 100), [Send(bytes("ACK")), Deliver, Terminated]);
        assert_eq!(client.wake_at(), None);
    }

    #[test]
    fn answers_pass_until_timer_m_on_every_transport() {
        for wire in [Wire::Datagram, Wire::Stream] {
            let mut client = start(wire);
            give(&mut client, Step::Answer, 100);

            assert_eq!(run_alone(&mut client), [(32_100, Terminated)]);
        }
    }

    #[test]
    fn a_cancel_waits_for_the_first_provisional_response() {
        let mut client = start(Wire::Datagram);

        assert_eq!(give(&mut client, Step::Cancel, 100), []);
        assert_eq!(give(&mut client, Step::Woken, 500), [Send(bytes("INVITE"))]);
        assert_eq!(give(&mut client, Step::Provisional, 600), [Deliver, SendCancel]);
        assert_eq!(give(&mut client, Step::Cancel, 700), []);
    }

    #[test]
    fn a_cancelled_invite_without_final_response_ends_after_64_t1() {
        let mut client = start(Wire::Stream);
        give(&mut client, Step::Provisional, 100);
        give(&mut client, Step::Cancel, 1_000);

        assert_eq!(run_alone(&mut client), [(33_000, TimedOut), (33_000, Terminated)]);
    }

    #[test]
    fn an_answer_that_crossed_the_cancel_still_counts() {
        let mut client = start(Wire::Datagram);
        give(&mut client, Step::Provisional, 100);
        give(&mut client, Step::Cancel, 1_000);

        assert_eq!(give(&mut client, Step::Answer, 1_010), [Deliver]);
        assert_eq!(run_alone(&mut client), [(33_010, Terminated)]);
    }
}
