//! The business line is being reached; the caller waits.

use super::ending::Ending;
use super::facts::Facts;
use super::input::{Input, Payload, Status};
use super::leg::LegId;
use super::output::Output;
use super::talking::Talking;
use super::{Limits, Phase};
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::domain::time::Timestamp;

#[derive(Debug)]
pub(super) struct Dialing {
    /// The one attempt under way.
    leg: LegId,
    /// When the line has rung long enough.
    ring_until: Timestamp,
    limits: Limits,
}

impl Dialing {
    pub fn new(leg: LegId, ring_until: Timestamp, limits: Limits) -> Self {
        Self { leg, ring_until, limits }
    }

    pub fn wake_at(&self) -> Timestamp {
        self.ring_until
    }

    pub fn on(self, input: Input, facts: &mut Facts, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        match input {
            Input::Progressed { leg, status, payload } if leg == self.leg => {
                facts.rings(now);
                out.push(Output::Progress { status, payload });
                Phase::Dialing(self)
            }
            Input::Answered { leg, payload } if leg == self.leg => {
                out.push(facts.is_answered(now));
                out.push(Output::Answer { payload });
                Phase::Talking(Talking::new(leg, now + self.limits.talk))
            }
            Input::Refused { leg, status, payload } if leg == self.leg => {
                let outcome = outcome_of(status.code, facts.has_rung());
                let (status, payload) = for_the_caller(status, payload);
                out.push(facts.ends(outcome, status.code, HungUpBy::Line, now));
                out.push(Output::Refuse { status, payload });
                out.push(Output::Done);
                Phase::Over
            }
            Input::Unreachable { leg, .. } if leg == self.leg => {
                refuse(facts, Outcome::Failed, unavailable(), now, out);
                out.push(Output::Done);
                Phase::Over
            }
            Input::Cancelled => {
                out.push(facts.ends(Outcome::Abandoned, 487, HungUpBy::Caller, now));
                self.withdraw(now, out)
            }
            Input::Woken if now >= self.ring_until => {
                let outcome = if facts.has_rung() { Outcome::Missed } else { Outcome::Failed };
                refuse(facts, outcome, unavailable(), now, out);
                self.withdraw(now, out)
            }
            Input::Stopped => {
                refuse(facts, Outcome::Failed, Status::new(503, "Service Unavailable"), now, out);
                self.withdraw(now, out)
            }
            // The caller's leg broke without a CANCEL: there is nobody to answer.
            Input::HungUp { leg: LegId::CALLER } => {
                out.push(facts.ends(Outcome::Abandoned, 487, HungUpBy::Caller, now));
                self.withdraw(now, out)
            }
            // Nothing can be renegotiated before the line has answered.
            Input::Asked { leg, what, .. } => {
                let status = Status::new(491, "Request Pending");
                out.push(Output::Reply { leg, what, status, payload: Payload::default() });
                Phase::Dialing(self)
            }
            // Early wakes, and what belongs to an attempt that is not this one.
            Input::Progressed { .. }
            | Input::Answered { .. }
            | Input::Acked { .. }
            | Input::Refused { .. }
            | Input::Unreachable { .. }
            | Input::HungUp { .. }
            | Input::Replied { .. }
            | Input::Woken => Phase::Dialing(self),
        }
    }

    fn withdraw(self, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        out.push(Output::Cancel { leg: self.leg });
        Phase::Ending(Ending::new(self.leg, now))
    }
}

fn refuse(facts: &Facts, outcome: Outcome, status: Status, now: Timestamp, out: &mut Vec<Output>) {
    out.push(facts.ends(outcome, status.code, HungUpBy::Gateway, now));
    out.push(Output::Refuse { status, payload: Payload::default() });
}

fn unavailable() -> Status {
    Status::new(480, "Temporarily Unavailable")
}

/// What a refusal of the line means for the business.
fn outcome_of(code: u16, has_rung: bool) -> Outcome {
    match code {
        // Busy here, busy everywhere, declined by hand.
        486 | 600 | 603 => Outcome::Busy,
        // The line's own time ran out, or its PBX gave up on it, after it rang.
        408 | 480 | 487 if has_rung => Outcome::Missed,
        _ => Outcome::Failed,
    }
}

/// The refusal as the caller may see it.
///
/// A redirect and a challenge are addressed to the gateway: passed on, the
/// first would tell the caller where the business line is, the second would
/// ask the caller for the gateway's password. One line's 503 would make the
/// trunk leave all our numbers alone for a while (RFC 3261 §16.7, §21.5.4).
fn for_the_caller(status: Status, payload: Payload) -> (Status, Payload) {
    match status.code {
        300..=399 | 401 | 407 => (unavailable(), Payload::default()),
        503 => (Status::new(500, "Server Internal Error"), Payload::default()),
        _ => (status, payload),
    }
}
