//! How many calls of a place were answered at once: how many people have answered, as far as calls show it.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::ops::Range;

use jiff::tz::TimeZone;

use super::book::Book;
use super::count::HOURS_OF_WEEK;
use super::dimension::Dimension;
use super::openings::hour_of_week;
use super::sieve::Sieve;
use crate::domain::calling::outcome::Outcome;
use crate::domain::time::Timestamp;

impl Book {
    /// From when to when there was talk in the calls of a destination that arrived within the period.
    pub fn talks(
        &self,
        period: &Range<Timestamp>,
        only: &[(Dimension, BTreeSet<Option<String>>)],
    ) -> Vec<Range<Timestamp>> {
        let sieve = Sieve::of(self, only);
        let within = period.start.as_ms()..period.end.as_ms();
        let mut talks = Vec::new();
        for (begin, hour) in self.hours(&within) {
            for call in &hour.calls {
                let at = begin + i64::from(call.at_ms);
                if call.outcome == Some(Outcome::Answered) && within.contains(&at) && sieve.lets_pass(call) {
                    let answered = at + i64::from(call.ring_ms);
                    let ended = answered + i64::from(call.talk_ms);
                    talks.push(Timestamp::from_ms(answered)..Timestamp::from_ms(ended));
                }
            }
        }
        talks
    }
}

/// For each hour of the week, the most talks that went on when one began in it.
pub fn most_at_once(mut talks: Vec<Range<Timestamp>>, zone: &TimeZone) -> Vec<u32> {
    talks.sort_by_key(|talk| talk.start);
    let mut most = vec![0; HOURS_OF_WEEK];
    let mut ends = BinaryHeap::new();
    for talk in talks {
        while ends.peek().is_some_and(|Reverse(end)| *end <= talk.start) {
            ends.pop();
        }
        ends.push(Reverse(talk.end));
        let most = &mut most[hour_of_week(talk.start, zone)];
        *most = ends.len().max(*most as usize) as u32;
    }
    most
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn talks_that_overlap_are_counted_in_the_hour_in_which_the_last_began() {
        // 1970 began on a Thursday.
        let minutes =
            |from: i64, until: i64| Timestamp::from_ms(from * 60_000)..Timestamp::from_ms(until * 60_000);
        let talks = vec![
            minutes(70, 80),
            minutes(0, 10),
            minutes(5, 65),
            minutes(61, 62),
            minutes(62, 63),
            minutes(10, 11),
        ];

        let most = most_at_once(talks, &TimeZone::UTC);

        assert_eq!((most[72], most[73], most[74]), (2, 2, 0));
        assert_eq!(most.iter().sum::<u32>(), 4);
    }

    proptest! {
        #[test]
        fn it_is_what_looking_at_each_beginning_counts(talks in prop::collection::vec((0..10_000_i64, 1..4_000_i64), 1..30)) {
            let talks: Vec<Range<Timestamp>> = talks
                .into_iter()
                .map(|(from, long)| Timestamp::from_ms(from * 1_000)..Timestamp::from_ms((from + long) * 1_000))
                .collect();
            let at = |moment: &Timestamp| talks.iter().filter(|talk| talk.contains(moment)).count() as u32;
            let most = talks.iter().map(|talk| at(&talk.start)).max();

            prop_assert_eq!(most_at_once(talks.clone(), &TimeZone::UTC).into_iter().max(), most);
        }
    }
}
