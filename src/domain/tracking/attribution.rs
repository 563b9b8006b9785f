//! From a call to its visit: a probability with its evidence, never a bare winner.
//!
//! At the time of the INVITE every visit that was shown the number before is a
//! candidate, weighted by how likely a call is this long after the number was
//! last on its page; one more candidate is the *background*: the number was
//! saved, printed, or misdialled.
//!
//! The weight is the density of the waiting time between the page and the
//! call. Its stated prior (a simulation calibrated on 3-minute visits):
//! 70 % of callers ring while they look at the page, 18 % after a mean of
//! 20 minutes, 9 % after 6 hours, 3 % after 3 days.

use serde::Serialize;

use super::source::Source;
use crate::domain::ids::{LeaseId, VisitId};
use crate::domain::time::Timestamp;

/// A visit that was shown the number before the call.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    pub lease: LeaseId,
    pub visit: VisitId,
    pub started_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub source: Source,
}

/// One possible origin of a call.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Share {
    /// `None`: no visit; the number was known from elsewhere.
    pub visit: Option<VisitId>,
    /// Between 0 and 1; the shares of a call add up to 1.
    pub probability: f64,
    pub evidence: Evidence,
    #[serde(flatten)]
    pub source: Source,
}

/// What a probability stands on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, serde::Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Evidence {
    /// The number was on the page of this visit, `last_seen_ms` before the call.
    ShownOnPage { lease: LeaseId, last_seen_ms: u64, candidates: u32 },
    /// A static number: it stands for its medium alone.
    StaticNumber,
    /// Saved, printed or misdialled.
    Background,
}
