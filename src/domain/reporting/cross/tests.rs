//! What is counted by two sides at once is what is counted by one, filtered by the other.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::domain::reporting::facts::{CallFact, HOUR_MS, HourFacts, Origin, Place};
use crate::domain::reporting::period::Bar;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;

const BEGIN: i64 = 1_795_392_000_000 / HOUR_MS;

fn origin(nth: u32) -> Origin {
    let channels = [Channel::PaidSearch, Channel::Direct, Channel::Email];
    Origin {
        channel: channels[nth as usize % 3],
        source: format!("source {}", nth % 2),
        medium: "cpc".into(),
        campaign: (nth > 1).then(|| format!("campaign {nth}")),
        term: None,
        landing_page: None,
        device: None,
    }
}

fn a_call() -> impl Strategy<Value = CallFact> {
    let shares = prop_oneof![
        (0..4_u32).prop_map(|origin| vec![(origin, WHOLE)]),
        (0..4_u32, 0..4_u32, 1..WHOLE).prop_map(|(a, b, p)| vec![(a, p), (b, WHOLE - p)]),
    ];
    let outcome = prop::sample::select(vec![None, Some(Outcome::Answered), Some(Outcome::Missed)]);
    (0..3_u32, prop::option::of(0..2_u32), outcome, shares).prop_map(|(place, region, outcome, shares)| {
        CallFact {
            at_ms: place * 1_000,
            place,
            region,
            caller: None,
            is_new: false,
            outcome,
            ring_ms: 0,
            talk_ms: 0,
            qualification: None,
            shares,
            worth: vec![],
        }
    })
}

fn book(hours: Vec<Vec<CallFact>>) -> Book {
    let mut book = Book::default();
    for (nth, mut calls) in hours.into_iter().enumerate() {
        calls.sort_by_key(|call| call.at_ms);
        let place = |nth: u32| Place {
            number: format!("+3319900100{nth}"),
            destination: None,
            outlet: (nth > 0).then(|| format!("outlet {nth}")),
            site: None,
        };
        let facts = HourFacts {
            origins: (0..4).map(origin).collect(),
            places: (0..3).map(place).collect(),
            regions: vec!["FR-4".into(), "DE".into()],
            calls,
        };
        book.put(BEGIN + nth as i64 * 7, facts);
    }
    book
}

fn question(only: Vec<(Dimension, BTreeSet<Option<String>>)>, apart: Vec<Dimension>) -> Question {
    let period = Timestamp::from_ms(BEGIN * HOUR_MS)..Timestamp::from_ms((BEGIN + 100) * HOUR_MS);
    let bars = Bar::Day.begins(&period, &TimeZone::UTC);
    Question { bars, period, zone: TimeZone::UTC, only, apart, rows_max: 99 }
}

fn crossed(book: &Book, asked: Question, rows: &Side, columns: &Side, parts: usize) -> Crossed {
    let crossing = book.cross(asked, rows, columns);
    crossing.tell(crossing.parts(parts).map(|count| count()))
}

/// The labels of a dimension, and of each how many calls.
fn apart(book: &Book, asked: Question) -> Vec<(Option<String>, u64)> {
    let counting = book.ask(asked);
    let counted = counting.tell(counting.parts(1).map(|part| part.tally()));
    counted.apart[0].rows.iter().map(|row| (row.label.clone(), row.sums.calls)).collect()
}

proptest! {
    #[test]
    fn each_meeting_is_what_a_filter_finds(
        hours in prop::collection::vec(prop::collection::vec(a_call(), 0..6), 1..9),
        sides in prop::sample::subsequence(Dimension::ALL.to_vec(), 2),
        parts in 1..4_usize,
    ) {
        let book = book(hours);
        let labels = |of| apart(&book, question(vec![], vec![of])).into_iter().map(|(label, _)| label).collect::<Vec<_>>();
        let (rows, mut columns) = (labels(sides[0]), labels(sides[1]));
        // The last one stands among the others.
        let other = columns.pop();

        let table = crossed(&book, question(vec![], vec![]), &Side::Labels(sides[0], rows.clone()), &Side::Labels(sides[1], columns.clone()), parts);

        prop_assert_eq!(table.len(), rows.len() + 1);
        prop_assert!(table.last().unwrap().iter().all(|it| it.sums.calls == 0), "all rows are told");
        for (row, meetings) in rows.iter().zip(&table) {
            let found = apart(&book, question(vec![(sides[0], BTreeSet::from([row.clone()]))], vec![sides[1]]));
            let of = |label: &Option<String>| found.iter().find(|it| it.0 == *label).map_or(0, |it| it.1);
            let told: Vec<u64> = columns.iter().map(of).chain(other.as_ref().map(of)).collect();
            let counted: Vec<u64> = meetings.iter().map(|it| it.sums.calls).take(told.len()).collect();
            prop_assert_eq!(counted, told);
        }
    }

    #[test]
    fn by_days_it_is_the_course(hours in prop::collection::vec(prop::collection::vec(a_call(), 0..6), 1..9)) {
        let book = book(hours);
        let asked = question(vec![], vec![]);
        let counting = book.ask(asked.clone());
        let course = counting.tell(counting.parts(1).map(|part| part.tally())).course;

        let table = crossed(&book, asked, &Side::Labels(Dimension::Channel, vec![]), &Side::Bars, 2);

        prop_assert_eq!(table[0].iter().map(|it| it.sums).collect::<Vec<_>>(), course);
    }
}
