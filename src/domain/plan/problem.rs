//! What is wrong with a draft, and where.

use std::fmt;

/// One thing that is wrong; a draft is told all of them at once.
///
/// Shown to the admin who wrote the draft, so the text is quoted as it stands.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct Problem {
    pub place: Place,
    pub fault: Fault,
}

/// The table of the draft and the name of its entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    pub table: &'static str,
    pub name: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.table, self.name)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    #[error(
        "{0:?} is no name; it has 1 to 64 of a–z, 0–9 and hyphen, and neither starts nor ends with the hyphen"
    )]
    BadName(String),
    #[error("is declared twice")]
    Twice,
    #[error("there is no {what} {name:?}{hint}")]
    Unknown { what: &'static str, name: String, hint: Hint },
    #[error("{0:?} is no telephone number; write it with + and its country code")]
    BadPhone(String),
    #[error("{0:?} is no range of at most 100000 numbers; write the first and the last of them")]
    BadRange(String),
    #[error("{0:?} is in the plan already")]
    NumberTwice(String),
    #[error(
        "{0:?} is no SIP URI; write sip:user@host or sip:user@host:port, and behind it ;transport=tcp or tls where it is needed"
    )]
    BadLine(String),
    #[error("say either where it rings with line, or how with steps")]
    LineOrSteps,
    #[error("ring_s goes with line; each step has its own")]
    RingBesideSteps,
    #[error("a step rings at one place: sip, or number and trunk, or destination")]
    UnclearStep,
    #[error("{0:?} is no strategy; write order, all, round_robin or weighted")]
    BadStrategy(String),
    #[error("{text:?} cannot be read; expected {example}")]
    BadHours { text: String, example: &'static str },
    #[error("there is no calendar {name:?}; known are {known}")]
    BadCalendar { name: String, known: String },
    #[error("calls would run in a circle: {0}")]
    CallsInACircle(String),
    #[error("{0:?} is no web origin; write https://host without a path")]
    BadOrigin(String),
    #[error("{0:?} is no channel; write it as GA4 does, for instance \"Paid Search\" or \"Offline\"")]
    BadChannel(String),
    #[error("its parents lead back to itself")]
    Cycle,
    #[error("{key} must be between {least} and {most}")]
    OutOfBounds { key: &'static str, least: u64, most: u64 },
    #[error("site and target go together: the number stands in for the target on that site")]
    HalfAPlace,
    #[error("{name:?} does this already")]
    SameJob { name: String },
    #[error("{0} must not be empty")]
    Empty(&'static str),
}

/// What was probably meant.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Hint(pub Option<String>);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, "; did you mean {name:?}?"),
            None => Ok(()),
        }
    }
}
