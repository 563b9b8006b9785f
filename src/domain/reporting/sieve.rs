//! Which calls a filter lets pass. What calls have in common is asked once, before they are counted.

use std::collections::BTreeSet;
use std::ops::Range;

use indexmap::IndexSet;

use super::book::{Book, Call, Hour, Share};
use super::count::outcome_place;
use super::dimension::Dimension;
use super::facts::{HOUR_MS, WHOLE};
use crate::domain::calling::outcome::Outcome;

/// A call that passes.
pub(super) struct Passed<'h, 's> {
    /// Its place in the hour.
    pub nth: usize,
    pub at: i64,
    pub call: &'h Call,
    /// Those of its shares that pass; none: it certainly came from its origin.
    pub shares: &'s [Share],
    /// How much of it passes.
    pub weight: u32,
}

/// `None`: nothing is asked of it.
#[derive(Default)]
pub(super) struct Sieve {
    origins: Option<Vec<bool>>,
    places: Option<Vec<bool>>,
    /// One more than there are regions: callers without.
    regions: Option<Vec<bool>>,
    /// One more than there are outcomes: calls that go on.
    outcomes: Option<Vec<bool>>,
}

impl Sieve {
    pub fn of(book: &Book, only: &[(Dimension, BTreeSet<Option<String>>)]) -> Self {
        let mut sieve = Self::default();
        for (dimension, words) in only {
            let wanted = |label: Option<&str>| words.iter().any(|word| word.as_deref() == label);
            let texts = book.texts(*dimension);
            match dimension {
                Dimension::Region => narrow(&mut sieve.regions, texts.which(wanted)),
                Dimension::Outcome => {
                    let outcomes = Outcome::ALL.iter().map(|it| Some(it.as_str())).chain([None]);
                    narrow(&mut sieve.outcomes, outcomes.map(wanted).collect());
                }
                _ => {
                    let passes = texts.which(wanted);
                    let lets = |label: u32| passes[texts.row(label)];
                    let nth = |of: &[Dimension]| of.iter().position(|it| it == dimension);
                    if let Some(nth) = nth(&Dimension::OF_ORIGINS) {
                        narrow(&mut sieve.origins, each(&book.origins, nth, lets));
                    } else if let Some(nth) = nth(&Dimension::OF_PLACES) {
                        narrow(&mut sieve.places, each(&book.places, nth, lets));
                    }
                }
            }
        }
        sieve
    }

    /// The calls of an hour that began at this moment, arrived within the period and pass.
    pub fn pass<'h>(
        &self,
        begin: i64,
        hour: &'h Hour,
        period: &Range<i64>,
        mut each: impl FnMut(Passed<'h, '_>),
    ) {
        let is_whole = period.start <= begin && begin + HOUR_MS <= period.end;
        let mut passed: Vec<Share> = Vec::new();
        for (nth, (call, shares)) in hour.walk().enumerate() {
            let at = begin + i64::from(call.at_ms);
            if !is_whole && !period.contains(&at) || !self.lets_pass(call) {
                continue;
            }
            passed.clear();
            passed.extend(shares.iter().filter(|share| self.lets_come_from(share.origin)));
            let weight = match shares {
                [] if self.lets_come_from(call.origin) => WHOLE,
                _ => passed.iter().map(|share| share.weight).sum(),
            };
            if weight > 0 {
                each(Passed { nth, at, call, shares: &passed, weight });
            }
        }
    }

    /// Whether a call passes, wherever it came from.
    pub fn lets_pass(&self, call: &Call) -> bool {
        self.lets_reach(call.place as usize)
            && self.regions.as_ref().is_none_or(|regions| regions[call.region().unwrap_or(regions.len() - 1)])
            && self.outcomes.as_ref().is_none_or(|outcomes| outcomes[outcome_place(call.outcome)])
    }

    /// Whether a call to this place may pass.
    pub fn lets_reach(&self, place: usize) -> bool {
        self.places.as_ref().is_none_or(|passes| passes[place])
    }

    /// Whether what came from there passes.
    pub fn lets_come_from(&self, origin: u32) -> bool {
        self.origins.as_ref().is_none_or(|origins| origins[origin as usize])
    }
}

/// For each of all, whether its label of this place passes.
fn each<const N: usize>(all: &IndexSet<[u32; N]>, nth: usize, lets: impl Fn(u32) -> bool) -> Vec<bool> {
    all.iter().map(|labels| lets(labels[nth])).collect()
}

/// Two conditions on the same: both hold.
fn narrow(asked: &mut Option<Vec<bool>>, passes: Vec<bool>) {
    match asked {
        Some(before) => before.iter_mut().zip(passes).for_each(|(both, this)| *both &= this),
        None => *asked = Some(passes),
    }
}
