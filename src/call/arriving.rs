//! The first moment of a call: is there a way for it, and which.

use std::time::Duration;

use super::dialing::Dialing;
use super::facts::Facts;
use super::input::{Payload, Status};
use super::leg::LegId;
use super::output::Output;
use super::{Limits, Phase};
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::domain::calling::routing::Target;
use crate::domain::time::Timestamp;

/// Where a call is to be carried: one step after the other until somebody answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    pub steps: Vec<Step>,
}

/// What rings at the same time, and for how long; the first to answer has the call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    pub targets: Vec<Target>,
    pub ring: Duration,
}

impl Way {
    /// One line, rung once.
    pub fn to(target: Target, ring: Duration) -> Self {
        Self { steps: vec![Step { targets: vec![target], ring }] }
    }
}

pub(super) fn arrive(
    facts: &mut Facts,
    way: Option<Way>,
    limits: Limits,
    payload: Payload,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> Phase {
    let step = way.and_then(|way| way.steps.into_iter().next());
    let Some((target, ring)) = step.and_then(|step| Some((step.targets.into_iter().next()?, step.ring)))
    else {
        let status = Status::new(404, "Not Found");
        out.push(facts.ends(Outcome::Failed, status.code, HungUpBy::Gateway, now));
        out.push(Output::Refuse { status, payload: Payload::default() });
        out.push(Output::Done);
        return Phase::Over;
    };
    out.push(Output::Dial { leg: LegId::LINE, to: target, payload });
    Phase::Dialing(Dialing::new(LegId::LINE, now + ring, limits))
}
