//! What people ask for of their rights (RGPD art. 15 to 21), and until when they must have an answer.
//!
//! ```text
//!   open ──▶ done
//!     │ └──▶ refused, with the reason (art. 12(4))
//!     └ within the month: two months more, with the reason (art. 12(3))
//! ```

use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::consent::Method;
use crate::domain::calling::outcome::words;
use crate::domain::ids::{ContactId, RequestId};
use crate::domain::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    pub id: RequestId,
    /// `None`: the person was erased since; who it was is not known any more.
    pub contact: Option<ContactId>,
    pub kind: Kind,
    pub received_at: Timestamp,
    pub came_by: CameBy,
    pub due_at: Timestamp,
    /// Why two months more are needed.
    pub extended_why: Option<String>,
    pub state: State,
    /// Why it was refused.
    pub why: Option<String>,
    /// When and by whom it was settled, as [`Accessor`](crate::domain::calling::recording::Accessor) prints.
    pub settled: Option<(Timestamp, String)>,
    pub recorded_at: Timestamp,
    pub recorded_by: String,
}

/// Which right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Art. 15.
    Access,
    /// Art. 20.
    Portability,
    /// Art. 16.
    Rectification,
    /// Art. 18.
    Restriction,
    /// Art. 21.
    Objection,
    /// Art. 17.
    Erasure,
}

words! { Kind:
    Access = "access",
    Portability = "portability",
    Rectification = "rectification",
    Restriction = "restriction",
    Objection = "objection",
    Erasure = "erasure",
}

/// How it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CameBy {
    Email,
    Letter,
    Phone,
    InPerson,
    /// The person's own page of choices, or a form.
    Page,
    Other,
}

words! { CameBy:
    Email = "email",
    Letter = "letter",
    Phone = "phone",
    InPerson = "in_person",
    Page = "page",
    Other = "other",
}

impl CameBy {
    /// How the ledger says that something was said so.
    pub const fn method(self) -> Method {
        match self {
            CameBy::Email | CameBy::Letter | CameBy::Other => Method::Written,
            CameBy::Phone | CameBy::InPerson => Method::Spoken,
            CameBy::Page => Method::PreferenceCentre,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Open,
    Done,
    Refused,
}

words! { State:
    Open = "open",
    Done = "done",
    Refused = "refused",
}

/// What becomes of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    Done,
    /// With the reason, which the person is told (art. 12(4)).
    Refuse(String),
    /// Two months more, with the reason, which the person is told (art. 12(3)).
    Extend(String),
}

/// Why it cannot be decided so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Undecidable {
    #[error("the request is settled")]
    Settled,
    #[error("the request is extended; there are no further months")]
    Extended,
    /// Art. 12(3): the person is told within a month of the request.
    #[error("the month is over; it can be extended only before")]
    TooLate,
}

/// When a request must be answered that came then: a month later, or three (art. 12(3)); where that month has no such day, on
/// its last (Regulation 1182/71, art. 3(2) c).
pub fn due(received: Timestamp, is_extended: bool) -> Timestamp {
    let months = if is_extended { 3 } else { 1 };
    let due = received.to_calendar().to_zoned(TimeZone::UTC).saturating_add(months.months());
    Timestamp::from_ms(due.timestamp().as_millisecond())
}

impl Request {
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state == State::Open && self.due_at < now
    }

    /// Takes a decision of somebody.
    pub fn decide(&mut self, decision: Decision, by: String, now: Timestamp) -> Result<(), Undecidable> {
        if self.state != State::Open {
            return Err(Undecidable::Settled);
        }
        match decision {
            Decision::Extend(_) if self.extended_why.is_some() => return Err(Undecidable::Extended),
            Decision::Extend(_) if self.is_overdue(now) => return Err(Undecidable::TooLate),
            Decision::Extend(why) => {
                self.extended_why = Some(why);
                self.due_at = due(self.received_at, true);
                return Ok(());
            }
            Decision::Done => self.state = State::Done,
            Decision::Refuse(why) => (self.state, self.why) = (State::Refused, Some(why)),
        }
        self.settled = Some((now, by));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_ends_on_the_same_day_or_on_the_last() {
        for (received, due_at, extended) in [
            ("2026-03-10T09:00:00Z", "2026-04-10T09:00:00Z", "2026-06-10T09:00:00Z"),
            ("2026-01-31T09:00:00Z", "2026-02-28T09:00:00Z", "2026-04-30T09:00:00Z"),
            ("2028-01-30T09:00:00Z", "2028-02-29T09:00:00Z", "2028-04-30T09:00:00Z"),
            ("2026-11-30T09:00:00Z", "2026-12-30T09:00:00Z", "2027-02-28T09:00:00Z"),
        ] {
            assert_eq!(due(at(received), false), at(due_at), "{received}");
            assert_eq!(due(at(received), true), at(extended), "{received}");
        }
    }

    #[test]
    fn a_request_is_settled_once_and_extended_once_within_its_month() {
        let (came, soon, late) =
            (at("2026-03-10T09:00:00Z"), at("2026-04-01T09:00:00Z"), at("2026-04-11T09:00:00Z"));
        let open = Request {
            id: RequestId(uuid::Uuid::nil()),
            contact: None,
            kind: Kind::Access,
            received_at: came,
            came_by: CameBy::Letter,
            due_at: due(came, false),
            extended_why: None,
            state: State::Open,
            why: None,
            settled: None,
            recorded_at: came,
            recorded_by: "key:x".into(),
        };
        let decide = |request: &Request, decision, now| {
            let mut request = request.clone();
            request.decide(decision, "key:x".into(), now).map(|()| request)
        };
        let extend = || Decision::Extend("many letters".into());

        let extended = decide(&open, extend(), soon).unwrap();
        let refused = decide(&open, Decision::Refuse("somebody else's".into()), late).unwrap();

        assert_eq!(
            (open.is_overdue(soon), open.is_overdue(late), extended.is_overdue(late)),
            (false, true, false)
        );
        assert_eq!(decide(&extended, extend(), soon), Err(Undecidable::Extended));
        assert_eq!(decide(&open, extend(), late), Err(Undecidable::TooLate));
        assert_eq!(decide(&refused, Decision::Done, late), Err(Undecidable::Settled));
        assert_eq!((refused.state, refused.why.as_deref()), (State::Refused, Some("somebody else's")));
        assert!(!refused.is_overdue(late));
        assert_eq!(decide(&open, Decision::Done, late).unwrap().settled, Some((late, "key:x".into())));
    }
}
