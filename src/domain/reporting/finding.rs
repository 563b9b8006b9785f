//! Which calls pass a filter, the latest first: found by a walk through what is in memory.
//!
//! A database finds calls of one channel by an index, and those of one campaign by another, but calls that are
//! of both and rare it looks for through all that are of either. Here each call is a few bytes, and a million are
//! looked at in some milliseconds, whatever is asked.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use super::book::Book;
use super::dimension::Dimension;
use super::facts::HOUR_MS;
use super::sieve::Sieve;
use crate::domain::calling::qualification::Qualification;
use crate::domain::time::Timestamp;

/// What calls must be: one of these labels of each dimension; `None` among the labels: those that have none.
pub type Only = Vec<(Dimension, BTreeSet<Option<String>>)>;

/// Which calls are looked for.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Wanted {
    /// By the origin that they most likely have.
    pub only: Only,
    /// What somebody said that they were.
    pub qualification: Option<Qualification>,
}

impl Book {
    /// When calls arrived that pass, the latest first, at most so many different moments. Hours in `but` are left out.
    pub fn find(
        &self,
        period: &Range<Timestamp>,
        wanted: &Wanted,
        but: &HashSet<i64>,
        most: usize,
    ) -> Vec<Timestamp> {
        let sieve = Sieve::of(self, &wanted.only);
        let period = period.start.as_ms()..period.end.as_ms();
        let mut found: Vec<Timestamp> = Vec::new();
        for (begin, hour) in self.hours(&period).rev().filter(|(begin, _)| !but.contains(&(begin / HOUR_MS)))
        {
            for call in hour.calls.iter().rev() {
                let at = begin + i64::from(call.at_ms);
                let passes = sieve.lets_pass(call)
                    && sieve.lets_come_from(call.origin)
                    && (wanted.qualification.is_none() || call.qualification == wanted.qualification);
                let at = Timestamp::from_ms(at);
                if passes && period.contains(&at.as_ms()) && found.last() != Some(&at) {
                    found.push(at);
                    if found.len() == most {
                        return found;
                    }
                }
            }
        }
        found
    }
}

/// Whether a label is one of those that are asked for.
pub fn is_asked(labels: &BTreeSet<Option<String>>, label: Option<&str>) -> bool {
    labels.iter().any(|asked| asked.as_deref() == label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reporting::facts::{CallFact, HourFacts, Origin, Place, WHOLE};
    use crate::domain::tracking::channels::Channel;

    /// Calls at these moments of an hour, each with its shares of paid search and direct.
    fn hour(calls: &[(u32, u32)]) -> HourFacts {
        let place = Place { number: "+33199001234".into(), destination: None, outlet: None, site: None };
        let fact = |&(at_ms, paid): &(u32, u32)| {
            let mut shares = vec![(0, paid), (1, WHOLE - paid)];
            shares.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
            CallFact::plain(at_ms, 0, shares)
        };
        HourFacts {
            origins: vec![Origin::of_channel(Channel::PaidSearch), Origin::of_channel(Channel::Direct)],
            places: vec![place],
            regions: vec![],
            calls: calls.iter().map(fact).collect(),
        }
    }

    #[test]
    fn the_latest_calls_of_their_likeliest_channel_are_found_once_each() {
        let mut book = Book::default();
        book.put(10, hour(&[(0, 900_000), (5, 900_000), (5, 800_000), (9, 100_000)]));
        book.put(11, hour(&[(1, 700_000)]));
        book.put(12, hour(&[(2, 700_000)]));
        let channel = BTreeSet::from([Some(Channel::PaidSearch.as_str().to_owned())]);
        let paid = Wanted { only: vec![(Dimension::Channel, channel)], qualification: None };
        let at = |hour: i64, ms: i64| Timestamp::from_ms(hour * HOUR_MS + ms);
        let ever = at(0, 0)..at(100, 0);
        let none = HashSet::new();

        assert_eq!(book.find(&ever, &paid, &none, 9), [at(12, 2), at(11, 1), at(10, 5), at(10, 0)]);
        assert_eq!(book.find(&ever, &paid, &none, 2), [at(12, 2), at(11, 1)]);
        assert_eq!(book.find(&ever, &paid, &HashSet::from([11]), 2), [at(12, 2), at(10, 5)]);
        assert_eq!(book.find(&(at(10, 1)..at(12, 2)), &paid, &none, 9), [at(11, 1), at(10, 5)]);
        assert_eq!(book.find(&ever, &Wanted::default(), &none, 9).len(), 5);
        let sales = Wanted { qualification: Some(Qualification::Sale), ..paid };
        assert_eq!(book.find(&ever, &sales, &none, 9), []);
    }
}
