//! Data that is kept and not used (RGPD art. 18): while it is contested, or waits for somebody's claim.
//!
//! Whoever is restricted is reached by nobody, is in no segment and in no export, is written of by no program, no
//! import and no merge, and is not erased because their time is over. What they do of their own accord, and what is told
//! of it, is still kept; they may correct, object and have themselves erased.

use crate::domain::calling::outcome::words;
use crate::domain::ids::{ContactId, RestrictionId};
use crate::domain::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restriction {
    pub id: RestrictionId,
    pub contact: ContactId,
    /// `None`: nobody has told.
    pub ground: Option<Ground>,
    pub at: Timestamp,
    /// As [`Accessor`](crate::domain::calling::recording::Accessor) prints.
    pub by: String,
    /// When and by whom it was lifted, of which the person is told before (art. 18(3)).
    pub lifted: Option<(Timestamp, String)>,
}

/// Why the data is not used (art. 18(1)).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ground {
    /// They say that it is wrong, and it is being looked at (a).
    Accuracy,
    /// It should not have been used, and they do not want it erased (b).
    Unlawful,
    /// It is needed no more but by them, for a claim (c).
    Claims,
    /// They object, and it is being weighed (d).
    Objection,
}

words! { Ground:
    Accuracy = "accuracy",
    Unlawful = "unlawful",
    Claims = "claims",
    Objection = "objection",
}

/// From when to when a contact was restricted; no end: they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    pub from: Timestamp,
    pub until: Option<Timestamp>,
}

impl Span {
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}
