//! Which calls a filter lets pass. What calls have in common is asked once, before they are counted.

use std::collections::BTreeSet;

use super::book::{Book, Call};
use super::count::outcome_place;
use super::dimension::Dimension;
use crate::domain::calling::outcome::Outcome;

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
            match dimension {
                Dimension::Region => {
                    let regions = book.regions.iter().map(|it| Some(it.as_str())).chain([None]);
                    narrow(&mut sieve.regions, regions.map(wanted));
                }
                Dimension::Outcome => {
                    let outcomes = Outcome::ALL.iter().map(|it| Some(it.as_str())).chain([None]);
                    narrow(&mut sieve.outcomes, outcomes.map(wanted));
                }
                _ if Dimension::OF_PLACES.contains(dimension) => {
                    narrow(&mut sieve.places, book.places.iter().map(|it| wanted(dimension.of_place(it))));
                }
                _ => {
                    narrow(&mut sieve.origins, book.origins.iter().map(|it| wanted(dimension.of_origin(it))))
                }
            }
        }
        sieve
    }

    /// Whether a call passes, wherever it came from.
    pub fn lets_pass(&self, call: &Call) -> bool {
        let passes = |asked: &Option<Vec<bool>>, place: usize| {
            asked.as_ref().is_none_or(|passes| passes.get(place).copied().unwrap_or_default())
        };
        passes(&self.places, call.place as usize)
            && self.regions.as_ref().is_none_or(|regions| regions[call.region().unwrap_or(regions.len() - 1)])
            && passes(&self.outcomes, outcome_place(call.outcome))
    }

    /// Whether what came from there passes.
    pub fn lets_come_from(&self, origin: u32) -> bool {
        self.origins.as_ref().is_none_or(|origins| origins[origin as usize])
    }
}

/// Two conditions on the same: both hold.
fn narrow(asked: &mut Option<Vec<bool>>, passes: impl Iterator<Item = bool>) {
    let passes: Vec<bool> = passes.collect();
    match asked {
        Some(before) => before.iter_mut().zip(passes).for_each(|(both, this)| *both &= this),
        None => *asked = Some(passes),
    }
}
