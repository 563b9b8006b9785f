//! All hours in memory, packed: what a report adds up.
//!
//! A report may be asked with any filter over any period, so nothing is added up
//! beforehand but what calls have in common: each points at its origins and its
//! place, which stand once for all hours, as numbers of their labels. A million
//! calls take some 60 MB (`cargo bench --bench reports`).

use std::collections::BTreeMap;
use std::hash::Hash;
use std::ops::Range;

use indexmap::IndexSet;

use super::dimension::Dimension;
use super::facts::{HOUR_MS, HourFacts, WHOLE};
use super::texts::Texts;
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::qualification::Qualification;
use crate::domain::money::Currency;

/// A label of each dimension that tells where calls came from, in the order of [`Dimension::OF_ORIGINS`].
pub(super) type OriginLabels = [u32; Dimension::OF_ORIGINS.len()];
/// The same of where they went: [`Dimension::OF_PLACES`].
pub(super) type PlaceLabels = [u32; Dimension::OF_PLACES.len()];

#[derive(Default)]
pub struct Book {
    /// Of each dimension, in the order of [`Dimension::ALL`]; outcomes need none.
    texts: [Texts; Dimension::ALL.len()],
    pub(super) origins: IndexSet<OriginLabels>,
    pub(super) places: IndexSet<PlaceLabels>,
    /// Their keys; a call has the place of its caller's.
    callers: IndexSet<u64>,
    hours: BTreeMap<i64, Hour>,
}

/// The calls of an hour, in the order in which they came.
#[derive(Default)]
pub(super) struct Hour {
    pub calls: Box<[Call]>,
    /// Of the calls whose origin is open, in their order.
    shares: Box<[Share]>,
    /// In the order of the calls; few have any.
    worths: Box<[Worth]>,
}

pub(super) struct Call {
    caller: u32,
    /// After the hour began.
    pub at_ms: u32,
    pub place: u32,
    /// Where it most likely came from.
    pub origin: u32,
    pub ring_ms: u32,
    pub talk_ms: u32,
    /// How many of the hour's shares are its own; none: it certainly came from its origin.
    open: u16,
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
        let texts = &mut self.texts;
        let origins = origins.iter().map(|origin| {
            let labels = Dimension::OF_ORIGINS.map(|it| texts[it as usize].number(it.of_origin(origin)));
            self.origins.insert_full(labels).0 as u32
        });
        let origins: Vec<u32> = origins.collect();
        let places = places.iter().map(|place| {
            let labels = Dimension::OF_PLACES.map(|it| texts[it as usize].number(it.of_place(place)));
            self.places.insert_full(labels).0 as u32
        });
        let places: Vec<u32> = places.collect();
        let regions: Vec<u32> =
            regions.iter().map(|it| texts[Dimension::Region as usize].number(Some(it))).collect();
        let region = |nth: u32| regions.get(nth as usize).and_then(|region| u16::try_from(*region).ok());
        let (mut calls, mut shares) = (Vec::with_capacity(facts.len()), Vec::new());
        let mut worths = Vec::new();
        for fact in facts {
            let its = fact.shares.iter().filter_map(|&(origin, weight)| {
                Some(Share { origin: *origins.get(origin as usize)?, weight })
            });
            let its: Vec<Share> = its.collect();
            let (Some(likeliest), Some(place)) = (its.first(), places.get(fact.place as usize)) else {
                continue;
            };
            let origin = likeliest.origin;
            let open = if likeliest.weight == WHOLE { &[] } else { &its[..] };
            let call = calls.len() as u32;
            worths.extend(fact.worth.into_iter().map(|(currency, minor)| Worth { call, currency, minor }));
            calls.push(Call {
                caller: fact.caller.map_or(NO_CALLER, |key| self.callers.insert_full(key).0 as u32),
                at_ms: fact.at_ms,
                place: *place,
                origin,
                ring_ms: fact.ring_ms,
                talk_ms: fact.talk_ms,
                open: open.len() as u16,
                region: fact.region.and_then(region).unwrap_or(NO_REGION),
                outcome: fact.outcome,
                qualification: fact.qualification,
                is_new: fact.is_new,
            });
            shares.extend_from_slice(open);
        }
        self.hours.insert(hour, Hour { calls: calls.into(), shares: shares.into(), worths: worths.into() });
    }

    /// Lets go of origins, places, callers and labels that no call points at any more.
    pub fn tidy(&mut self) {
        let origins = self.hours.values_mut().flat_map(|hour| {
            let likeliest = hour.calls.iter_mut().map(|call| &mut call.origin);
            likeliest.chain(hour.shares.iter_mut().map(|share| &mut share.origin))
        });
        keep(&mut self.origins, origins);
        let places = self.hours.values_mut().flat_map(|hour| &mut hour.calls).map(|it| &mut it.place);
        keep(&mut self.places, places);
        let callers = self.hours.values_mut().flat_map(|hour| &mut hour.calls).map(|it| &mut it.caller);
        keep(&mut self.callers, callers.filter(|caller| **caller != NO_CALLER));
        keep_labels(&mut self.texts, &Dimension::OF_ORIGINS, &mut self.origins);
        keep_labels(&mut self.texts, &Dimension::OF_PLACES, &mut self.places);
    }

    pub(super) fn texts(&self, of: Dimension) -> &Texts {
        &self.texts[of as usize]
    }

    /// The hours that this period, in milliseconds since 1970, touches; each with the moment at which it begins.
    pub(super) fn hours(&self, period: &Range<i64>) -> impl DoubleEndedIterator<Item = (i64, &Hour)> {
        let first = period.start.div_euclid(HOUR_MS);
        let end = (period.end + HOUR_MS - 1).div_euclid(HOUR_MS).max(first);
        self.hours.range(first..end).map(|(hour, calls)| (hour * HOUR_MS, calls))
    }
}

/// Keeps what is pointed at, and has everything point at where that is now.
pub(super) fn keep<'p, T: Hash + Eq>(all: &mut IndexSet<T>, pointers: impl Iterator<Item = &'p mut u32>) {
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

/// Keeps the labels of these dimensions that something has.
fn keep_labels<const N: usize>(
    texts: &mut [Texts],
    dimensions: &[Dimension; N],
    all: &mut IndexSet<[u32; N]>,
) {
    let mut labels: Vec<[u32; N]> = std::mem::take(all).into_iter().collect();
    for (nth, dimension) in dimensions.iter().enumerate() {
        texts[*dimension as usize].keep(labels.iter_mut().map(|its| &mut its[nth]));
    }
    *all = labels.into_iter().collect();
}

impl Hour {
    /// Each call with its shares; none where it certainly came from its origin.
    pub fn walk(&self) -> impl Iterator<Item = (&Call, &[Share])> {
        let mut ahead = &*self.shares;
        self.calls.iter().map(move |call| {
            let its;
            (its, ahead) = ahead.split_at(usize::from(call.open));
            (call, its)
        })
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
