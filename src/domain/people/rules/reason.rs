//! Why somebody may be reached, or may not: what each rule says, and what it
//! stands on.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Rule, RuleId};
use crate::domain::calling::outcome::words;
use crate::domain::ids::{CallId, CapId, ConsentId, EngagementId, ListId, ReservationId};
use crate::domain::people::consent::{Basis, Consent, Standing};
use crate::domain::people::pressure::{Limit, Which};
use crate::domain::people::quality::Code;
use crate::domain::time::Timestamp;

/// What one rule says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Reason {
    pub rule: RuleId,
    /// Which of the plan's caps, where the rule is `cap`.
    pub cap: Option<CapId>,
    /// Where the rule is written, and since when.
    pub law: &'static str,
    pub dated: &'static str,
    pub verdict: Verdict,
    #[serde(rename = "words", serialize_with = "in_words")]
    pub why: Why,
    /// What it stands on.
    pub consents: Vec<ConsentId>,
    pub engagements: Vec<EngagementId>,
    pub reservations: Vec<ReservationId>,
    pub calls: Vec<CallId>,
    pub lists: Vec<ListId>,
    /// Of a denial: when this rule denies no more; `None`: time alone changes nothing.
    pub lifts_at: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verdict {
    Allows,
    Denies,
    /// Nothing forbids it, and it may not arrive.
    Doubts,
}

words! { Verdict:
    Allows = "allows",
    Denies = "denies",
    Doubts = "doubts",
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// What a rule has found; `Display` says it in English.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    Reachable,
    NoIdentity,
    /// The number's range has been given to nobody, as far as the tables know.
    Unassigned,
    /// The last e-mail came back for good.
    Bounced(Timestamp),
    /// What is suspicious of what there is to reach them by.
    Marked(Code),
    /// The last letter came back.
    Returned(Timestamp),
    /// Since then their data is only kept.
    Restricted(Timestamp),
    /// They called then, and nobody answered; it may be answered until …
    CallBack {
        at: Timestamp,
        until: Timestamp,
    },
    Listed,
    Unlisted,
    Said {
        standing: Standing,
        basis: Basis,
        at: Timestamp,
    },
    /// Nobody has said anything.
    Unsaid,
    /// An interest stands in for consent only with customers.
    NoCustomer,
    InHours,
    OutOfHours,
    /// It is within the hours somewhere else: they live in a country that has several times.
    NoZone,
    /// A public holiday where they live.
    Holiday,
    /// The consent lifts the hours.
    HoursLifted,
    Used {
        used: u32,
        limit: Limit,
    },
    RefusedOn(Timestamp),
    NoRefusal,
    ActedOn(Timestamp),
    /// A contract goes on.
    UnderContract,
}

impl Reason {
    pub fn of(rule: &Rule, verdict: Verdict, why: Why) -> Self {
        Self {
            rule: rule.id,
            cap: None,
            law: rule.law,
            dated: rule.dated,
            verdict,
            why,
            consents: vec![],
            engagements: vec![],
            reservations: vec![],
            calls: vec![],
            lists: vec![],
            lifts_at: None,
        }
    }

    /// A denial, until the rule itself ends at the latest.
    pub fn denial(rule: &Rule, why: Why, lifts_at: Option<Timestamp>) -> Self {
        let lifts_at = lifts_at.into_iter().chain(rule.until).min();
        Self { lifts_at, ..Self::of(rule, Verdict::Denies, why) }
    }

    pub fn by_lines<'l>(mut self, lines: impl IntoIterator<Item = &'l Consent>) -> Self {
        self.consents.extend(lines.into_iter().map(|line| line.id));
        self
    }

    pub fn by_engagements(mut self, engagements: impl IntoIterator<Item = EngagementId>) -> Self {
        self.engagements.extend(engagements);
        self
    }

    pub fn by_solicitations(mut self, counted: &[Which]) -> Self {
        for which in counted {
            match which {
                Which::Engagement(id) => self.engagements.push(*id),
                Which::Reservation(id) => self.reservations.push(*id),
            }
        }
        self
    }
}

fn in_words<S: Serializer>(why: &Why, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(why)
}

/// The day of a moment, in UTC: `2026-11-29`.
fn day(at: Timestamp) -> String {
    at.to_calendar().strftime("%Y-%m-%d").to_string()
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Reachable => f.write_str("there is something to reach them by"),
            Why::NoIdentity => f.write_str("nothing is known to reach them by"),
            Why::Unassigned => f.write_str("no operator is known to have this number"),
            Why::Marked(code) => write!(f, "what is known to reach them by is marked as {code}"),
            Why::Bounced(at) => write!(f, "an e-mail came back for good on {}", day(*at)),
            Why::Returned(at) => write!(f, "a letter came back on {}", day(*at)),
            Why::Restricted(at) => write!(f, "since {} their data is kept and not used", day(*at)),
            Why::CallBack { at, until } => {
                write!(
                    f,
                    "they called on {} and nobody answered: to call back until {until} is service",
                    day(*at)
                )
            }
            Why::Listed => f.write_str("they stand on a list of those who object"),
            Why::Unlisted => f.write_str("they stand on no list of those who object"),
            Why::Said { standing, basis, at } => write!(f, "{standing} ({basis}) on {}", day(*at)),
            Why::Unsaid => f.write_str("they have said nothing"),
            Why::NoCustomer => f.write_str("an interest needs a customer: they have bought nothing"),
            Why::InHours => f.write_str("it is within the hours where they live"),
            Why::OutOfHours => f.write_str("it is outside the hours where they live"),
            Why::NoZone => f.write_str("they live abroad, and what time it is there is not known"),
            Why::Holiday => f.write_str("it is a public holiday where they live"),
            Why::HoursLifted => f.write_str("they have consented to being called"),
            Why::Used { used, limit: Limit { count, days } } => {
                write!(f, "{used} of {count} in {days} days")
            }
            Why::RefusedOn(at) => write!(f, "they refused on {}", day(*at)),
            Why::NoRefusal => f.write_str("they have not refused lately"),
            Why::ActedOn(at) => write!(f, "the last thing that came from them was on {}", day(*at)),
            Why::UnderContract => f.write_str("a contract goes on"),
        }
    }
}
