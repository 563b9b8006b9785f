//! The first moment of a call: is there a way for it, and which.

use std::time::Duration;

use super::dialing::Dialing;
use super::facts::Facts;
use super::input::{Payload, Status};
use super::output::Output;
use super::{Limits, Phase};
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::domain::calling::routing::Target;
use crate::domain::ids::DestinationId;
use crate::domain::time::Timestamp;

/// Where a call is to be carried: one step after the other until somebody answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    pub steps: Vec<Step>,
    /// What the caller is told when no step rings at all: all lines taken, closed.
    pub otherwise: Status,
}

/// What rings at the same time, and for how long; the first to answer has the call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    pub lines: Vec<Line>,
    pub ring: Duration,
}

/// One target, and the destination that it stands in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub target: Target,
    pub destination: DestinationId,
}

impl Way {
    /// One line, rung once.
    pub fn to(line: Line, ring: Duration) -> Self {
        Self { steps: vec![Step { lines: vec![line], ring }], otherwise: unavailable() }
    }
}

/// Nobody takes the call just now.
pub(super) fn unavailable() -> Status {
    Status::new(480, "Temporarily Unavailable")
}

pub(super) fn arrive(
    facts: &mut Facts,
    way: Option<Way>,
    limits: Limits,
    payload: Payload,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> Phase {
    let Some(way) = way else {
        let status = Status::new(404, "Not Found");
        out.push(facts.ends(Outcome::Failed, status.code, HungUpBy::Gateway, now));
        out.push(Output::Refuse { status, payload: Payload::default() });
        out.push(Output::Done);
        return Phase::Over;
    };
    Dialing::start(way, limits, payload, facts, now, out)
}
