//! The first moment of a call: is there a way for it, and which.

use super::dialing::Dialing;
use super::facts::Facts;
use super::input::{Payload, Status};
use super::output::Output;
use super::{Limits, Phase};
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::domain::calling::routing::Way;
use crate::domain::time::Timestamp;

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
        out.push(facts.ends(Outcome::Failed, 404, HungUpBy::Gateway, now));
        out.push(Output::NoSuchNumber);
        out.push(Output::Done);
        return Phase::Over;
    };
    Dialing::start(way, limits, payload, facts, now, out)
}
