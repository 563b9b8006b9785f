//! What a caller is told whom nobody took: of all that lines have said, what says most.

use super::arriving::unavailable;
use super::input::{Payload, Status, Unreachable};
use crate::domain::calling::outcome::{EndReason, HungUpBy, Outcome};
use crate::domain::calling::routing::Otherwise;

/// How the attempts ended so far: the one that says most about the business.
#[derive(Debug)]
pub(super) struct Refusal {
    pub outcome: Outcome,
    pub status: Status,
    pub payload: Payload,
    pub by: HungUpBy,
    /// Why it was the gateway, where there is more to say than its status.
    pub why: Option<EndReason>,
}

/// Nobody has said anything.
impl Default for Refusal {
    fn default() -> Self {
        Self::of_gateway(Outcome::Failed, unavailable())
    }
}

impl Refusal {
    pub fn of_gateway(outcome: Outcome, status: Status) -> Self {
        Self { outcome, status, payload: Payload::default(), by: HungUpBy::Gateway, why: None }
    }

    /// That nobody is there says nothing; that nobody is let there does.
    pub fn of_unreachable(why: Unreachable) -> Option<Self> {
        let status = match why {
            Unreachable::Timeout | Unreachable::Transport => return None,
            Unreachable::Barred => Status::new(403, "Forbidden"),
            Unreachable::Unsealed => Status::new(488, "Not Acceptable Here"),
        };
        let why = (why == Unreachable::Unsealed).then_some(EndReason::Unsealed);
        Some(Self { why, ..Self::of_gateway(Outcome::Failed, status) })
    }

    /// Why nothing rings.
    pub fn of_way(otherwise: Otherwise) -> Self {
        match otherwise {
            Otherwise::Closed => Refusal::default(),
            Otherwise::Full => Refusal::of_gateway(Outcome::Busy, Status::new(486, "Busy Here")),
        }
    }

    /// Keeps the one that says more; the first of two equals.
    pub fn weigh(&mut self, other: Refusal) {
        if other.weight() > self.weight() || self.by == HungUpBy::Gateway && other.weight() == self.weight() {
            *self = other;
        }
    }

    /// Somebody said no, nobody came, nothing rang: in this order of interest.
    fn weight(&self) -> u8 {
        match self.outcome {
            Outcome::Busy => 2,
            Outcome::Missed => 1,
            _ => 0,
        }
    }
}

/// What a refusal of a line means for the business.
pub(super) fn outcome_of(code: u16, has_rung: bool) -> Outcome {
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
pub(super) fn for_the_caller(status: Status, payload: Payload) -> (Status, Payload) {
    match status.code {
        300..=399 | 401 | 407 => (unavailable(), Payload::default()),
        503 => (Status::new(500, "Server Internal Error"), Payload::default()),
        _ => (status, payload),
    }
}
