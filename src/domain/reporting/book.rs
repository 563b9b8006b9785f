//! All hours in memory, packed: what a report adds up.
//!
//! A report may be asked with any filter over any period, so nothing is added up
//! beforehand but what calls have in common: each points at its origins and its
//! place, which stand once for all hours. A million calls take some 80 MB, and a
//! tenth of a second to count apart by everything (`cargo bench --bench reports`).

use std::collections::BTreeMap;
use std::hash::Hash;
use std::ops::Range;

use indexmap::IndexSet;

use super::facts::{HOUR_MS, HourFacts, Origin, Place};
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::qualification::Qualification;
use crate::domain::money::Currency;

#[derive(Default)]
pub struct Book {
    pub(super) origins: IndexSet<Origin>,
    pub(super) places: IndexSet<Place>,
    pub(super) regions: IndexSet<String>,
    /// Their keys; a call has the place of its caller's.
    callers: IndexSet<u64>,
    hours: BTreeMap<i64, Hour>,
}

/// The calls of an hour, in the order in which they came.
#[derive(Default)]
pub(super) struct Hour {
    pub calls: Box<[Call]>,
    shares: Box<[Share]>,
    /// In the order of the calls; few have any.
    worths: Box<[Worth]>,
}

pub(super) struct Call {
    caller: u32,
    /// After the hour began.
    pub at_ms: u32,
    pub place: u32,
    pub ring_ms: u32,
    pub talk_ms: u32,
    /// Where its shares begin among those of the hour.
    shares: u32,
    share_count: u16,
    region: u16,
    pub outcome: Option<Outcome>,
    pub qualification: Option<Qualification>,
    pub is_new: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Share {
    pub origin: u32,
    /// In millionths.
    pub weight: u32,
}

/// What was bought after a call.
pub(super) struct Worth {
    /// Its place in the hour.
    call: u32,
    pub currency: Currency,
    pub minor: i64,
}

const NO_REGION: u16 = u16::MAX;
const NO_CALLER: u32 = u32::MAX;

impl Book {
    /// Puts what an hour is now in the place of what it was.
    pub fn put(&mut self, hour: i64, facts: HourFacts) {
        if facts.calls.is_empty() {
            self.hours.remove(&hour);
            return;
        }
        let HourFacts { origins, places, regions, calls: facts } = facts;
        let origins: Vec<u32> = origins.into_iter().map(|it| self.origins.insert_full(it).0 as u32).collect();
        let places: Vec<u32> = places.into_iter().map(|it| self.places.insert_full(it).0 as u32).collect();
        let regions: Vec<usize> = regions.into_iter().map(|it| self.regions.insert_full(it).0).collect();
        let region = |nth: u32| regions.get(nth as usize).and_then(|region| u16::try_from(*region).ok());
        let (mut calls, mut shares) = (Vec::with_capacity(facts.len()), Vec::with_capacity(facts.len()));
        let mut worths = Vec::new();
        for fact in facts {
            let begin = shares.len();
            let known = fact.shares.into_iter().filter_map(|(origin, weight)| {
                Some(Share { origin: *origins.get(origin as usize)?, weight })
            });
            shares.extend(known);
            let Some(place) = places.get(fact.place as usize) else { continue };
            let call = calls.len() as u32;
            worths.extend(fact.worth.into_iter().map(|(currency, minor)| Worth { call, currency, minor }));
            calls.push(Call {
                caller: fact.caller.map_or(NO_CALLER, |key| self.callers.insert_full(key).0 as u32),
                at_ms: fact.at_ms,
                place: *place,
                ring_ms: fact.ring_ms,
                talk_ms: fact.talk_ms,
                shares: begin as u32,
                share_count: (shares.len() - begin) as u16,
                region: fact.region.and_then(region).unwrap_or(NO_REGION),
                outcome: fact.outcome,
                qualification: fact.qualification,
                is_new: fact.is_new,
            });
        }
        self.hours.insert(hour, Hour { calls: calls.into(), shares: shares.into(), worths: worths.into() });
    }

    /// Lets go of origins, places and callers that no call points at any more.
    pub fn tidy(&mut self) {
        let origins = self.hours.values_mut().flat_map(|hour| &mut hour.shares).map(|it| &mut it.origin);
        keep(&mut self.origins, origins);
        let places = self.hours.values_mut().flat_map(|hour| &mut hour.calls).map(|it| &mut it.place);
        keep(&mut self.places, places);
        let callers = self.hours.values_mut().flat_map(|hour| &mut hour.calls).map(|it| &mut it.caller);
        keep(&mut self.callers, callers.filter(|caller| **caller != NO_CALLER));
    }

    /// The hours that this period, in milliseconds since 1970, touches; each with the moment at which it begins.
    pub(super) fn hours(&self, period: &Range<i64>) -> impl DoubleEndedIterator<Item = (i64, &Hour)> {
        let first = period.start.div_euclid(HOUR_MS);
        let end = (period.end + HOUR_MS - 1).div_euclid(HOUR_MS).max(first);
        self.hours.range(first..end).map(|(hour, calls)| (hour * HOUR_MS, calls))
    }
}

/// Keeps what is pointed at, and has everything point at where that is now.
fn keep<'p, T: Hash + Eq>(all: &mut IndexSet<T>, pointers: impl Iterator<Item = &'p mut u32>) {
    let mut now = vec![None; all.len()];
    let mut kept = 0;
    for pointer in pointers {
        let place = now[*pointer as usize].get_or_insert_with(|| {
            kept += 1;
            kept - 1
        });
        *pointer = *place;
    }
    let mut places: Vec<(u32, T)> =
        std::mem::take(all).into_iter().zip(now).filter_map(|(it, place)| Some((place?, it))).collect();
    places.sort_by_key(|(place, _)| *place);
    *all = places.into_iter().map(|(_, it)| it).collect();
}

impl Hour {
    pub fn shares(&self, call: &Call) -> &[Share] {
        let begin = call.shares as usize;
        &self.shares[begin..begin + usize::from(call.share_count)]
    }

    /// What was bought after the call at this place.
    pub fn worths(&self, nth: usize) -> &[Worth] {
        if self.worths.is_empty() {
            return &[];
        }
        let begin = self.worths.partition_point(|it| (it.call as usize) < nth);
        let many = self.worths[begin..].iter().take_while(|it| it.call as usize == nth).count();
        &self.worths[begin..begin + many]
    }
}

impl Call {
    /// The place of its caller's key among all; `None`: the number is withheld, or forgotten.
    pub fn caller(&self) -> Option<u32> {
        Some(self.caller).filter(|caller| *caller != NO_CALLER)
    }

    /// Its place among the regions.
    pub fn region(&self) -> Option<usize> {
        Some(usize::from(self.region)).filter(|_| self.region != NO_REGION)
    }
}
