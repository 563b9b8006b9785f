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

/// Screening refused the caller: nothing rings.
pub(super) fn turn_away(facts: &mut Facts, status: Status, now: Timestamp, out: &mut Vec<Output>) -> Phase {
    out.push(facts.ends(Outcome::Blocked, status.code, HungUpBy::Gateway, now));
    out.push(Output::Refuse { status, payload: Payload::default() });
    out.push(Output::Done);
    Phase::Over
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Call;
    use crate::domain::ids::CallId;

    #[test]
    fn a_caller_who_is_not_let_in_hears_why_and_nothing_rings() {
        let mut out = vec![];
        let (id, now) = (CallId(uuid::Uuid::nil()), Timestamp::from_ms(0));

        let call = Call::turn_away(id, Status::new(607, "Unwanted"), now, &mut out);

        assert!(call.is_over());
        let [Output::RecordEnded(ended), Output::Refuse { status, .. }, Output::Done] = &out[..] else {
            panic!("{out:?}")
        };
        assert_eq!((ended.outcome, ended.sip_status, status.code), (Outcome::Blocked, 607, 607));
    }
}
