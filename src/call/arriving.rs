//! The first moment of a call: is there a way for it, and which.

use std::time::Duration;

use super::dialing::Dialing;
use super::facts::Facts;
use super::input::{Payload, Status};
use super::leg::LegId;
use super::output::Output;
use super::{Limits, Phase};
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::domain::time::Timestamp;

/// Where a call is to be carried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// The business line, a SIP URI.
    pub line: String,
    /// How long it may ring.
    pub ring: Duration,
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
    out.push(Output::Dial { leg: LegId::LINE, line: way.line, payload });
    Phase::Dialing(Dialing::new(LegId::LINE, now + way.ring, limits))
}
