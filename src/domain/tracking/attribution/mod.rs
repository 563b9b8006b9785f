//! From a call to its visit: a probability with its evidence, never a bare winner.
//!
//! At the time of the INVITE every visit that was shown the number before is a
//! candidate; one more candidate is the *background*: the number was saved,
//! printed, passed on or misdialled, or the caller has rung it before.
//!
//! A candidate's weight is how many calls a second it would send just now, in
//! terms of visits that end in a call:
//!
//! ```text
//!   visit        density of the wait since it was on the page   prior.rs, by device
//!              + density of the wait since a tap on the number
//!              × is its visitor known to be the caller, or somebody else?
//!              × does it come from the caller's country, or another?
//!   background   calls that no visit causes
//!              + calls of somebody who has rung this number before
//! ```
//!
//! The factors are likelihood ratios, so that what is not known changes
//! nothing. Weights are shared out over their sum; what stays below
//! [`FLOOR`] is counted to the background.

mod learning;
mod prior;

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use learning::{Exposure, Lesson, Origin, learn, learn_site};
pub use prior::{Delay, Fading, Priors};

use super::device::Device;
use super::source::Source;
use crate::domain::ids::{ContactId, LeaseId, VisitId};
use crate::domain::phone::Country;
use crate::domain::time::Timestamp;

/// Shares below this are counted to the background.
pub const FLOOR: f64 = 0.001;

/// A visit that was shown the number before the call.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    pub lease: LeaseId,
    pub visit: VisitId,
    pub started_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub source: Source,
    pub device: Device,
    /// The last tap on this number before the call.
    pub tapped_at: Option<Timestamp>,
    pub visitor: Acquaintance,
    /// Where the visit came from, when that is known.
    pub country: Option<Country>,
    /// It was shown a number that another visit like it had already.
    pub is_shared: bool,
}

/// How a visitor stands to the caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acquaintance {
    /// One of them is known to nobody.
    #[default]
    Unknown,
    /// They are one contact.
    Caller,
    /// They are two contacts.
    SomebodyElse,
}

impl Acquaintance {
    pub fn of(visitor: Option<ContactId>, caller: Option<ContactId>) -> Self {
        match visitor.zip(caller) {
            None => Acquaintance::Unknown,
            Some((visitor, caller)) if visitor == caller => Acquaintance::Caller,
            Some(_) => Acquaintance::SomebodyElse,
        }
    }
}

/// Why a call was attributed, once more or for the first time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The call came.
    Arrived,
    /// A tap on the number was told late.
    Tapped,
    /// A visitor became known.
    Identified,
    /// Somebody who knows said where it came from. No later evidence outweighs that.
    Corrected,
}

impl Reason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::Arrived => "arrived",
            Reason::Tapped => "tapped",
            Reason::Identified => "identified",
            Reason::Corrected => "corrected",
        }
    }
}

/// The text names no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a reason for an attribution")]
pub struct BadReason;

impl FromStr for Reason {
    type Err = BadReason;

    fn from_str(text: &str) -> Result<Self, BadReason> {
        let all = [Reason::Arrived, Reason::Tapped, Reason::Identified, Reason::Corrected];
        all.into_iter().find(|reason| reason.as_str() == text).ok_or(BadReason)
    }
}

/// What is known about a call besides its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ring {
    pub at: Timestamp,
    /// The country of the caller's number.
    pub country: Option<Country>,
    /// When the caller last rang this number before.
    pub rang_before_at: Option<Timestamp>,
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Evidence {
    /// The number was on the page of this visit.
    ShownOnPage(Shown),
    /// A static number: it stands for its medium alone.
    StaticNumber,
    /// It was made on a page, which says of which visit it is.
    MadeOnPage,
    /// Saved, printed or misdialled.
    Background,
    /// The same, and the caller has rung this number before.
    RangBefore { ago_ms: u64 },
    /// Somebody who knows has said so.
    Corrected,
}

/// Why a visit may have made a call; versions from before a field knew nothing of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shown {
    pub lease: LeaseId,
    /// From the last sign of the page to the call.
    pub last_seen_ms: u64,
    /// How many visits were weighed.
    pub candidates: u32,
    #[serde(default)]
    pub device: Device,
    /// From the last tap on the number to the call.
    #[serde(default)]
    pub tapped_ms: Option<u64>,
    #[serde(default)]
    pub visitor: Acquaintance,
    /// Whether visit and caller come from the same country, when both are known.
    #[serde(default)]
    pub same_country: Option<bool>,
    /// Two visits were shown the number at once, since the pool had none left:
    /// which of them called is not certain. They came by the same channel.
    #[serde(default)]
    pub is_shared: bool,
}

/// The shares of a call, and by which priors they were reckoned.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Reckoned {
    /// `None`: by the stated ones, or by none at all.
    pub priors: Option<i64>,
    pub shares: Vec<Share>,
}

/// Shares a call out among the visits that were shown its number and the
/// background, most likely first.
///
/// A visit that held the number twice has one share, with its latest lease as
/// evidence. The background is always among the shares, even when it is alone.
pub fn attribute(priors: &Priors, ring: &Ring, candidates: &[Candidate]) -> Vec<Share> {
    let shown: Vec<&Candidate> = candidates.iter().filter(|it| it.started_at <= ring.at).collect();
    let mut visits: BTreeMap<VisitId, (&Candidate, f64)> = BTreeMap::new();
    for &candidate in &shown {
        let (latest, sum) = visits.entry(candidate.visit).or_insert((candidate, 0.0));
        *sum += priors.of_visit(candidate, ring);
        if latest.last_seen_at < candidate.last_seen_at {
            *latest = candidate;
        }
    }
    let (background, again) = (priors.background(), priors.of_ringing_again(ring));
    let total = background + again + visits.values().map(|(_, weight)| weight).sum::<f64>();

    let sharers = sharers(&shown);
    let mut shares: Vec<Share> = visits
        .values()
        .map(|&(candidate, weight)| Share {
            visit: Some(candidate.visit),
            probability: weight / total,
            evidence: Evidence::ShownOnPage(Shown {
                is_shared: sharers.contains(&candidate.visit),
                ..seen(candidate, ring, shown.len())
            }),
            source: candidate.source.clone(),
        })
        .filter(|share| share.probability >= FLOOR)
        .collect();
    let taken: f64 = shares.iter().map(|share| share.probability).sum();
    shares.push(Share {
        visit: None,
        probability: (1.0 - taken).max(0.0),
        evidence: match ring.rang_before_at {
            Some(before) if again > background => Evidence::RangBefore { ago_ms: ms(ring.at, before) },
            _ => Evidence::Background,
        },
        source: Source::unknown(),
    });
    // Equal shares keep an order that a second run finds again: the newest visit first.
    shares.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(b.visit.cmp(&a.visit)));
    shares
}

fn seen(candidate: &Candidate, ring: &Ring, candidates: usize) -> Shown {
    Shown {
        lease: candidate.lease,
        last_seen_ms: ms(ring.at, candidate.last_seen_at),
        candidates: u32::try_from(candidates).unwrap_or(u32::MAX),
        device: candidate.device,
        tapped_ms: candidate.tapped_at.filter(|at| *at <= ring.at).map(|at| ms(ring.at, at)),
        visitor: candidate.visitor,
        same_country: ring.country.zip(candidate.country).map(|(caller, visit)| caller == visit),
        is_shared: candidate.is_shared,
    }
}

/// The visits that shared the number with another: those that came to one that
/// was lent, and the one whose it was.
fn sharers(shown: &[&Candidate]) -> BTreeSet<VisitId> {
    let mut in_order = shown.to_vec();
    in_order.sort_by_key(|it| (it.started_at, it.is_shared, it.lease));
    let mut holder = None;
    let mut sharers = BTreeSet::new();
    for candidate in in_order {
        if candidate.is_shared {
            sharers.extend(holder);
            sharers.insert(candidate.visit);
        } else {
            holder = Some(candidate.visit);
        }
    }
    sharers
}

fn ms(at: Timestamp, earlier: Timestamp) -> u64 {
    u64::try_from(at.since(earlier).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
