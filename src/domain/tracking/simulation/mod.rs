//! A site in fast motion: visits come, are lent numbers by the real policy, and
//! call; and since all is made up, the truth is known.
//!
//! ```text
//!   visits ──▶ choose_number ──▶ leases ──▶ calls, each with its true visit
//!   (stated or replayed)                      └▶ score: attribution and last holder
//! ```
//!
//! Seeded, so that the same question has the same answer. What is true here is
//! what [`Priors`] believe: this tells how well attribution can do in a world
//! that it understands, and how many numbers it takes; not whether the world
//! is so. That is learnt from labelled calls.

mod score;

use std::time::Duration;

use uuid::Uuid;

pub use score::{Bin, Judgement, Score, judge};

use super::attribution::{Acquaintance, Candidate, Exposure, Lesson, Origin, Priors};
use super::device::Device;
use super::lease::{Policy, Standing, choose_number};
use super::source::Source;
use super::visit::KEEP_ALIVE_EVERY;
use crate::domain::dice::Dice;
use crate::domain::ids::{LeaseId, VisitId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// How many leases of a number are weighed for one call, as in a real one.
const CANDIDATES_MAX: usize = 500;
/// How far back.
const CANDIDATES_SINCE: Duration = Duration::from_secs(30 * 86_400);

/// Into how many stretches a run is cut to tell its error.
const STRETCHES: usize = 30;

/// A visit, before any number is lent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Came {
    pub visitor: VisitorId,
    pub at: Timestamp,
    /// How long its pages are open.
    pub stay: Duration,
}

/// Visits that come independently of each other, and stay for a time that fades.
pub fn arrivals(per_hour: f64, stay: Duration, visits: usize, dice: &mut Dice) -> Vec<Came> {
    let gap = Duration::from_secs_f64(3_600.0 / per_hour.max(1e-3));
    let mut at = Timestamp::from_ms(0);
    (0..visits as u128)
        .map(|nth| {
            at = at + dice.wait(gap);
            Came { visitor: VisitorId(Uuid::from_u128(nth)), at, stay: dice.wait(stay) }
        })
        .collect()
}

/// Which visit had which number.
pub struct Lending {
    leases: Vec<Lease>,
    /// The leases of each number, the earliest first.
    of_number: Vec<Vec<usize>>,
    /// For each visit, whether it found every number taken.
    exhausted: Vec<bool>,
    from: Timestamp,
    until: Timestamp,
}

struct Lease {
    number: usize,
    started_at: Timestamp,
    /// The last sign of life: the snippet tells every minute that the page is open.
    last_seen_at: Timestamp,
    left_at: Timestamp,
}

/// Lends `numbers` numbers to the visits, which come in order of time.
pub fn lend(visits: &[Came], numbers: usize, policy: Policy) -> Lending {
    let edge = |came: Option<&Came>| came.map_or(Timestamp::from_ms(0), |came| came.at);
    let mut lending = Lending {
        leases: Vec::with_capacity(visits.len()),
        of_number: vec![Vec::new(); numbers],
        exhausted: Vec::with_capacity(visits.len()),
        from: edge(visits.first()),
        until: edge(visits.last()),
    };
    let mut pool: Vec<Standing> = (0..numbers)
        .filter_map(|number| format!("+33199{number:06}").parse().ok())
        .map(|number: Phone| Standing {
            number,
            free_at: lending.from,
            holder: None,
            shared_until: Timestamp::from_ms(0),
        })
        .collect();
    for came in visits {
        let chosen = choose_number(&pool, came.visitor, came.at).cloned();
        let number = chosen.and_then(|chosen| pool.iter().position(|it| it.number == chosen));
        lending.exhausted.push(number.is_none());
        let Some(number) = number else { continue };
        let last_seen_at = last_sign(came.at, came.stay);
        pool[number].free_at = policy.free_at(last_seen_at);
        pool[number].holder = Some(came.visitor);
        lending.of_number[number].push(lending.leases.len());
        let (started_at, left_at) = (came.at, came.at + came.stay);
        lending.leases.push(Lease { number, started_at, last_seen_at, left_at });
    }
    lending
}

/// The last sign of life that a page has given which has been open for `open`.
pub fn last_sign(started_at: Timestamp, open: Duration) -> Timestamp {
    started_at
        + KEEP_ALIVE_EVERY * u32::try_from(open.as_secs() / KEEP_ALIVE_EVERY.as_secs()).unwrap_or(u32::MAX)
}

/// A figure with its standard error.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    pub mean: f64,
    pub error: f64,
}

/// A call on a lent number, and what made it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Call {
    pub number: usize,
    pub at: Timestamp,
    /// `None`: no visit did.
    pub truth: Option<VisitId>,
}

/// The calls that the visits make, and those that nobody made, by the priors.
///
/// Calls after the last visit are left out: nobody is lent a number then, so
/// they would be easier to tell than they are.
pub fn calls(lending: &Lending, priors: &Priors, dice: &mut Dice) -> Vec<Call> {
    let mut calls = Vec::new();
    for (nth, lease) in lending.leases.iter().enumerate() {
        if dice.unit() < priors.calls_per_visit {
            let at = call_time(lease, priors, dice);
            calls.push(Call { number: lease.number, at, truth: Some(visit_id(nth)) });
        }
    }
    if priors.background_per_day > 0.0 {
        let gap = Duration::from_secs_f64(86_400.0 / priors.background_per_day);
        for number in 0..lending.of_number.len() {
            let mut at = lending.from + dice.wait(gap);
            while at <= lending.until {
                calls.push(Call { number, at, truth: None });
                at = at + dice.wait(gap);
            }
        }
    }
    calls.retain(|call| call.at <= lending.until);
    calls
}

fn call_time(lease: &Lease, priors: &Priors, dice: &mut Dice) -> Timestamp {
    let delay = priors.unknown;
    let mut part = dice.unit() - delay.on_page;
    if part < 0.0 {
        return lease.started_at + lease.left_at.since(lease.started_at).mul_f64(dice.unit());
    }
    for group in delay.after {
        part -= group.share;
        if part < 0.0 {
            return lease.left_at + dice.wait(Duration::from_secs_f64(group.mean_s));
        }
    }
    // Shares that add up to a hair less than 1.
    lease.left_at
}

/// What somebody would say who knew where each call came from.
pub fn label(lending: &Lending, calls: &[Call]) -> Vec<Origin> {
    let origin = |call: &Call| {
        let known = lending.candidates(call.number, call.at);
        let visit = known.iter().find(|it| Some(it.visit) == call.truth);
        match visit {
            Some(visit) => Origin::silent_for(call.at.since(visit.last_seen_at), visit.device),
            None => Origin::Background,
        }
    };
    calls.iter().map(origin).collect()
}

impl Lending {
    /// These labels, out of `calls` calls in all, with what there was meanwhile.
    pub fn lesson<'a>(&self, labels: &'a [Origin], calls: usize) -> Lesson<'a> {
        let stayed = self.leases.iter().map(|it| it.last_seen_at.since(it.started_at).as_secs_f64());
        let among = Exposure {
            calls: calls as f64,
            number_days: self.of_number.len() as f64 * self.until.since(self.from).as_secs_f64() / 86_400.0,
            visits: self.leases.len() as f64,
            stayed_s: stayed.sum(),
        };
        Lesson::of(labels, among)
    }

    /// The share of visits that found every number taken. Whether one does
    /// depends on those before, so the error is that of the means of stretches.
    pub fn exhaustion(&self) -> Estimate {
        let stretch = self.exhausted.len().div_ceil(STRETCHES).max(1);
        let share = |part: &[bool]| part.iter().filter(|it| **it).count() as f64 / part.len().max(1) as f64;
        let means: Vec<f64> = self.exhausted.chunks(stretch).map(share).collect();
        let mean = share(&self.exhausted);
        let spread: f64 = means.iter().map(|it| (it - mean).powi(2)).sum();
        let n = means.len() as f64;
        let error = if n > 1.0 { (spread / (n - 1.0) / n).sqrt() } else { 0.0 };
        Estimate { mean, error }
    }

    /// Who has the number at `at`, or had it last: whom other systems give the call.
    pub fn last_holder(&self, number: usize, at: Timestamp) -> Option<VisitId> {
        self.before(number, at).last().map(|&nth| visit_id(nth))
    }

    /// What was known of the number's leases at `at`, as the gateway would read it.
    pub fn candidates(&self, number: usize, at: Timestamp) -> Vec<Candidate> {
        let before = self.before(number, at);
        let recent = &before[before.len().saturating_sub(CANDIDATES_MAX)..];
        recent
            .iter()
            .map(|&nth| {
                let lease = &self.leases[nth];
                let last_seen_at =
                    last_sign(lease.started_at, at.since(lease.started_at)).min(lease.last_seen_at);
                Candidate {
                    lease: LeaseId(visit_id(nth).0),
                    visit: visit_id(nth),
                    started_at: lease.started_at,
                    last_seen_at,
                    source: Source::unknown(),
                    device: Device::Unknown,
                    tapped_at: None,
                    visitor: Acquaintance::Unknown,
                    country: None,
                    is_shared: false,
                }
            })
            .filter(|candidate| at.since(candidate.last_seen_at) <= CANDIDATES_SINCE)
            .collect()
    }

    fn before(&self, number: usize, at: Timestamp) -> &[usize] {
        let leases = &self.of_number[number];
        &leases[..leases.partition_point(|&nth| self.leases[nth].started_at <= at)]
    }
}

/// The visits are numbered in the order in which they got a number.
fn visit_id(nth: usize) -> VisitId {
    VisitId(Uuid::from_u128(nth as u128))
}

#[cfg(test)]
mod tests;
