//! How long each kind of data is kept (RGPD art. 5(1) e), as the plan says, and what the authorities name.
//!
//! What the plan says nothing of is kept: no upgrade deletes anything by itself. A policy is asked first in the
//! night after it has stood for a day, so that a slip in a plan can be taken back.

use std::time::Duration;

use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::domain::calling::outcome::words;
use crate::domain::time::Timestamp;

/// Until then a slip in a plan can be taken back: no policy is carried out before it has stood so long.
pub const DAY: Duration = Duration::from_secs(86_400);
/// At 02:00 UTC, when few call.
const AFTER_MIDNIGHT: Duration = Duration::from_secs(2 * 3_600);

/// The most that a policy may say.
pub const MONTHS_MAX: u32 = 240;

/// What is kept for a time of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Contacts who have neither bought nor had a contract, from their last own act on: to open an e-mail is none. They
    /// are erased.
    Prospects,
    /// Contacts who have, from the end of that on, and from their last own act. They are erased.
    Customers,
    /// Visits, from when they were last seen. Each becomes a visit of nobody.
    Visits,
    /// Who called, from the call on. The call becomes nobody's.
    Calls,
    /// What contacts did and received, and what was reserved. It is deleted.
    Engagements,
    /// What is left of mails that are over, of questions that nobody answered, and of links that have run out. It is
    /// deleted.
    Mails,
    /// Reports of imports that are done. They are deleted.
    Imports,
}

words! { Kind:
    Prospects = "prospects",
    Customers = "customers",
    Visits = "visits",
    Calls = "calls",
    Engagements = "engagements",
    Mails = "mails",
    Imports = "imports",
}

impl Kind {
    pub const WORDS: &str = "prospects, customers, visits, calls, engagements, mails or imports";

    /// The fewest months: decisions look back so far.
    pub const fn least(self) -> u32 {
        match self {
            // Whether somebody has acted within three years is asked before each solicitation.
            Kind::Engagements => 36,
            // A call may be called back for two weeks.
            Kind::Calls => 2,
            Kind::Prospects | Kind::Customers | Kind::Visits | Kind::Mails | Kind::Imports => 1,
        }
    }

    /// The months that the CNIL names, and where.
    pub const fn named(self) -> Option<(u32, &'static str)> {
        match self {
            Kind::Prospects | Kind::Customers => {
                Some((36, "CNIL, référentiel gestion des activités commerciales (délibération 2021-131)"))
            }
            Kind::Visits => Some((25, "CNIL, lignes directrices cookies (délibération 2020-091)")),
            Kind::Calls | Kind::Engagements | Kind::Mails | Kind::Imports => None,
        }
    }
}

/// What the plan says of one kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    pub kind: Kind,
    pub months: u32,
    pub because: String,
}

impl Policy {
    /// What is older has had its time: whole days, and one more, so that it is over in every time zone.
    pub fn cutoff(&self, now: Timestamp) -> Timestamp {
        let day = Timestamp::from_ms((now.day() - 1) * 86_400_000);
        let then = day.to_calendar().to_zoned(TimeZone::UTC).checked_sub(i64::from(self.months).months());
        then.map_or(Timestamp::from_ms(i64::MIN), |then| {
            Timestamp::from_ms(then.timestamp().as_millisecond())
        })
    }
}

/// When policies are asked next.
pub fn next_night(now: Timestamp) -> Timestamp {
    let tonight = Timestamp::from_ms(now.day() * 86_400_000) + AFTER_MIDNIGHT;
    if tonight > now { tonight } else { tonight + DAY }
}

/// When a policy is asked first that the plan says from now on.
pub fn first_night(now: Timestamp) -> Timestamp {
    next_night(now + DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let policy = |months| Policy { kind: Kind::Visits, months, because: String::new() };

        let now = at("2026-03-31T23:59:59Z");
        assert_eq!(policy(1).cutoff(now), at("2026-02-28T00:00:00Z"));
        assert_eq!(policy(25).cutoff(now), at("2024-02-29T00:00:00Z"));
        assert_eq!(policy(36).cutoff(at("2026-11-29T00:00:00Z")), at("2023-11-28T00:00:00Z"));
    }

    #[test]
    fn a_policy_stands_for_a_day_before_it_is_asked() {
        assert_eq!(next_night(at("2026-11-22T01:59:00Z")), at("2026-11-22T02:00:00Z"));
        assert_eq!(next_night(at("2026-11-22T02:00:00Z")), at("2026-11-23T02:00:00Z"));
        assert_eq!(first_night(at("2026-11-22T12:00:00Z")), at("2026-11-24T02:00:00Z"));
    }
}
