//! What is counted of packed hours is what a hand counts, call by call.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::qualification::Qualification;
use crate::domain::calling::schedule::Schedule;
use crate::domain::money::Currency;
use crate::domain::reporting::facts::{CallFact, HOUR_MS, HourFacts, Origin, Place};
use crate::domain::reporting::openings::{Stretches, Week};
use crate::domain::reporting::period::Bar;
use crate::domain::reporting::rota::Shift;
use crate::domain::reporting::sums::calls;
use crate::domain::tracking::channels::Channel;

/// On a Monday, at midnight in UTC.
const BEGIN: i64 = 1_795_392_000_000 / HOUR_MS;

fn origin(nth: u32) -> Origin {
    let channels = [Channel::PaidSearch, Channel::Direct, Channel::Email];
    Origin {
        channel: channels[nth as usize % 3],
        source: format!("source {}", nth % 2),
        medium: "cpc".into(),
        campaign: (!nth.is_multiple_of(4)).then(|| format!("campaign {}", nth % 4)),
        term: None,
        landing_page: None,
        device: Some("phone".into()),
    }
}

fn place(nth: u32) -> Place {
    Place {
        number: format!("+3319900100{nth}"),
        destination: (nth != 1).then(|| format!("desk {nth}")),
        outlet: (nth > 0).then(|| format!("outlet {nth}")),
        site: None,
    }
}

fn a_call() -> impl Strategy<Value = CallFact> {
    let shares = prop_oneof![
        3 => (0..6_u32).prop_map(|origin| vec![(origin, WHOLE)]),
        2 => (0..6_u32, 0..6_u32, 1..WHOLE).prop_map(|(a, b, p)| vec![(a, p), (b, WHOLE - p)]),
    ];
    let currency = prop::sample::select(vec![Currency::EUR, "CHF".parse().unwrap()]);
    let worth = prop::collection::btree_map(currency, -500_000..2_000_000_i64, 0..3);
    let worth = worth.prop_map(|worth| worth.into_iter().collect::<Vec<_>>());
    let outcomes = [None, Some(Outcome::Answered), Some(Outcome::Missed), Some(Outcome::Voicemail)];
    (
        0..HOUR_MS as u32,
        0..3_u32,
        prop::option::of(0..2_u32),
        prop::option::of(1..9_u64),
        any::<bool>(),
        prop::sample::select(outcomes.to_vec()),
        (0..60_000_u32, 0..600_000_u32),
        prop::sample::select(vec![None, Some(Qualification::Lead), Some(Qualification::Sale)]),
        (shares, worth),
    )
        .prop_map(
            |(
                at_ms,
                place,
                region,
                caller,
                is_new,
                outcome,
                (ring_ms, talk_ms),
                qualification,
                (shares, worth),
            )| {
                CallFact {
                    at_ms,
                    place,
                    region,
                    caller,
                    is_new,
                    outcome,
                    ring_ms,
                    talk_ms,
                    qualification,
                    shares,
                    worth,
                }
            },
        )
}

fn hours() -> impl Strategy<Value = BTreeMap<i64, Vec<CallFact>>> {
    prop::collection::btree_map(BEGIN..BEGIN + 200, prop::collection::vec(a_call(), 0..5), 0..40)
}

fn book_of(hours: &BTreeMap<i64, Vec<CallFact>>) -> Book {
    let mut book = Book::default();
    for (hour, calls) in hours {
        let mut calls = calls.clone();
        calls.sort_by_key(|call| call.at_ms);
        let facts = HourFacts {
            origins: (0..6).map(origin).collect(),
            places: (0..3).map(place).collect(),
            regions: vec!["FR-4".into(), "DE".into()],
            calls,
        };
        book.put(*hour, facts);
    }
    book
}

fn question(period: Range<i64>, only: Vec<(Dimension, BTreeSet<Option<String>>)>) -> Question {
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let period = Timestamp::from_ms(period.start)..Timestamp::from_ms(period.end);
    Question {
        bars: Bar::Day.begins(&period, &zone),
        period,
        zone,
        only,
        apart: Dimension::ALL.to_vec(),
        rows_max: 200,
    }
}

fn count(book: &Book, asked: &Question, parts: usize) -> Counted {
    let counting = book.ask(asked.clone());
    counting.tell(counting.parts(parts).map(|part| part.tally()))
}

fn label(dimension: Dimension, call: &CallFact, share: u32) -> Option<String> {
    match dimension {
        Dimension::Region => call.region.map(|nth| ["FR-4", "DE"][nth as usize].to_owned()),
        Dimension::Outcome => call.outcome.map(|it| it.as_str().to_owned()),
        _ if Dimension::OF_PLACES.contains(&dimension) => {
            dimension.of_place(&place(call.place)).map(str::to_owned)
        }
        _ => dimension.of_origin(&origin(share)).map(str::to_owned),
    }
}

proptest! {
    #[test]
    fn it_is_what_a_hand_counts(
        hours in hours(),
        from in 0..100_i64,
        lasts in 1..150_i64,
        odd in 0..HOUR_MS,
        only in prop::sample::subsequence(vec![
            (Dimension::Channel, Some("Paid Search")),
            (Dimension::Campaign, None),
            (Dimension::Outlet, Some("outlet 1")),
            (Dimension::Region, None),
            (Dimension::Outcome, Some("answered")),
        ], 0..3),
    ) {
        let period = BEGIN * HOUR_MS + from * HOUR_MS + odd..BEGIN * HOUR_MS + (from + lasts) * HOUR_MS;
        prop_assume!(period.start < period.end);
        let only: Vec<_> = only.into_iter().map(|(it, label)| (it, BTreeSet::from([label.map(str::to_owned)]))).collect();
        let asked = question(period.clone(), only.clone());

        let counted = count(&book_of(&hours), &asked, 1);

        let mut rows: HashMap<(Dimension, Option<String>), (u64, u64, i128)> = HashMap::new();
        let mut euros = 0;
        let (mut all, mut answered, mut ring, mut sales) = (0, 0, 0, 0);
        let mut callers: HashMap<u64, u64> = HashMap::new();
        let mut week = vec![0; HOURS_OF_WEEK];
        for (hour, calls) in &hours {
            for call in calls {
                let at = hour * HOUR_MS + i64::from(call.at_ms);
                let passed: Vec<(u32, u64)> = call.shares.iter().filter(|(share, _)| {
                    only.iter().all(|(it, labels)| labels.contains(&label(*it, call, *share)))
                }).map(|(share, weight)| (*share, u64::from(*weight))).collect();
                let weight: u64 = passed.iter().map(|(_, weight)| weight).sum();
                if !period.contains(&at) || weight == 0 {
                    continue;
                }
                all += weight;
                let took = if call.outcome == Some(Outcome::Answered) { weight } else { 0 };
                answered += took;
                ring += took * u64::from(call.ring_ms);
                let worth: i64 = call.worth.iter().filter(|it| it.0 == Currency::EUR).map(|it| it.1).sum();
                euros += i128::from(worth) * i128::from(weight);
                sales += if call.qualification == Some(Qualification::Sale) { weight } else { 0 };
                if let Some(caller) = call.caller {
                    let most = callers.entry(caller).or_default();
                    *most = weight.max(*most);
                }
                // In November Paris is an hour ahead; the week begins on Monday.
                week[((at / HOUR_MS + 1 - BEGIN) % 168) as usize] += weight;
                for dimension in Dimension::ALL {
                    for (share, weight) in &passed {
                        let row = rows.entry((dimension, label(dimension, call, *share))).or_default();
                        row.0 += weight;
                        row.1 += if call.outcome == Some(Outcome::Answered) { *weight } else { 0 };
                        row.2 += i128::from(worth) * i128::from(*weight);
                    }
                }
            }
        }
        prop_assert_eq!((counted.total.calls, counted.total.answered), (all, answered));
        prop_assert_eq!((counted.total.ring, counted.total.sales), (ring, sales));
        prop_assert_eq!(counted.revenue.exact(Currency::EUR), euros);
        prop_assert_eq!(counted.callers, callers.values().sum::<u64>());
        prop_assert_eq!(counted.week.iter().map(|it| it.calls).collect::<Vec<_>>(), week);
        prop_assert_eq!(counted.course.iter().map(|it| it.calls).sum::<u64>(), all);
        for breakdown in counted.apart {
            let found: HashMap<_, _> = breakdown.rows.iter()
                .map(|row| ((breakdown.dimension, row.label.clone()), (row.sums.calls, row.sums.answered, row.revenue.exact(Currency::EUR)))).collect();
            let expected: HashMap<_, _> = rows.iter().filter(|((it, _), _)| *it == breakdown.dimension)
                .map(|(key, sums)| (key.clone(), *sums)).collect();
            prop_assert_eq!(found, expected);
            for row in breakdown.rows {
                prop_assert!((row.expected.calls - calls(row.sums.calls)).abs() < 1e-3);
                prop_assert!(row.expected.from <= row.expected.to);
            }
        }
    }

    #[test]
    fn parts_add_up_to_the_whole(hours in hours(), parts in 2..9_usize) {
        let asked = question(BEGIN * HOUR_MS..(BEGIN + 200) * HOUR_MS, vec![]);
        let book = book_of(&hours);

        prop_assert_eq!(count(&book, &asked, parts), count(&book, &asked, 1));
    }

    /// Each call in the hour of the week in which it came, while open or closed, is that of its destination's stretches
    /// counted by themselves.
    #[test]
    fn a_rota_is_what_stretches_are_of_each_shift(
        hours in hours(),
        period in (BEGIN * HOUR_MS..(BEGIN + 200) * HOUR_MS, BEGIN * HOUR_MS..(BEGIN + 200) * HOUR_MS),
        only in prop::sample::subsequence(vec![(Dimension::Channel, BTreeSet::from([Some("Email".to_owned())]))], 0..2),
        week in prop::sample::select(vec!["mon-fri 09:30-12:15", "tue 22:00-02:00", "mon-sun 00:00-24:00"]),
        zone in prop::sample::select(vec!["Europe/Paris", "Asia/Kolkata", "Australia/Adelaide"]),
        // Into the weeks in which the clocks of Paris and Adelaide change.
        earlier in prop::sample::select(vec![0, 30 * 24, 52 * 24]),
        is_asked in any::<bool>(),
        parts in 1..4_usize,
    ) {
        let hours = hours.into_iter().map(|(hour, calls)| (hour - earlier, calls)).collect();
        let period = period.0.min(period.1) - earlier * HOUR_MS..period.0.max(period.1) - earlier * HOUR_MS;
        prop_assume!(period.start < period.end);
        let book = book_of(&hours);
        let asked = Question { zone: TimeZone::get(zone).unwrap(), ..question(period, only) };
        let of = |destinations: &[u32], hours| {
            let destinations = destinations.iter().map(|nth| place(*nth).destination).collect();
            Shift { hours, destinations, is_asked }
        };
        let schedule = Schedule {
            zone: "Europe/Paris".parse().unwrap(),
            week: vec![week.parse().unwrap()],
            holidays: None,
            closed: vec![],
            special: vec!["2026-11-29 10:00-11:30".parse().unwrap()],
        };
        // The last has what went to none, and to whom no shift knows.
        let (mut shifts, all) = (vec![of(&[2], Some(schedule))], of(&[0, 1], None));

        let mut expected = Week::default();
        for shift in shifts.iter().chain([&all]) {
            let stretches = Stretches::of(&asked.period, &asked.zone, shift.hours.as_ref());
            let its = (Dimension::Destination, shift.destinations.clone());
            let only = asked.only.iter().cloned().chain([its]).collect();
            let counted = count(&book, &Question { bars: stretches.begins.clone(), only, ..asked.clone() }, 1);
            if counted.total.calls > 0 || is_asked {
                expected.add(&stretches.week(&counted.course));
            }
        }

        shifts.push(of(&[0], None));
        let rota = book.rota(&asked, shifts);
        prop_assert_eq!(rota.tell(rota.parts(parts).map(|part| part())), (expected, false));
    }
}

#[test]
fn what_no_call_points_at_is_let_go_and_nothing_else_changes() {
    let call = |place, origin| CallFact {
        at_ms: 5,
        place,
        region: Some(1),
        caller: None,
        is_new: false,
        outcome: None,
        ring_ms: 0,
        talk_ms: 0,
        qualification: None,
        worth: vec![],
        shares: vec![(origin, WHOLE)],
    };
    let facts = |calls| HourFacts {
        origins: (0..6).map(origin).collect(),
        places: (0..3).map(place).collect(),
        regions: vec!["FR-4".into(), "DE".into()],
        calls,
    };
    let mut book = Book::default();
    let asked = question(BEGIN * HOUR_MS..(BEGIN + 2) * HOUR_MS, vec![]);
    book.put(BEGIN, facts(vec![call(2, 5), call(1, 3)]));
    book.put(BEGIN + 1, facts(vec![call(2, 1)]));
    let before = count(&book, &asked, 1);

    book.tidy();

    assert_eq!(count(&book, &asked, 1), before);
    assert_eq!((book.origins.len(), book.places.len()), (3, 2));
}

#[test]
fn an_hour_that_is_put_again_takes_the_place_of_what_it_was() {
    let call = |outcome| CallFact {
        at_ms: 0,
        place: 0,
        region: None,
        caller: Some(1),
        is_new: true,
        outcome,
        ring_ms: 0,
        talk_ms: 0,
        qualification: None,
        worth: vec![],
        shares: vec![(0, WHOLE)],
    };
    let facts =
        |calls| HourFacts { origins: vec![origin(0)], places: vec![place(0)], regions: vec![], calls };
    let mut book = Book::default();
    let asked = question(BEGIN * HOUR_MS..(BEGIN + 1) * HOUR_MS, vec![]);

    book.put(BEGIN, facts(vec![call(None)]));
    let going_on = count(&book, &asked, 1).total;
    book.put(BEGIN, facts(vec![call(Some(Outcome::Missed)), call(None)]));
    let over = count(&book, &asked, 1).total;
    book.put(BEGIN, facts(vec![]));

    assert_eq!((calls(going_on.calls), calls(going_on.missed)), (1.0, 0.0));
    assert_eq!((calls(over.calls), calls(over.missed)), (2.0, 1.0));
    assert_eq!(count(&book, &asked, 1).total.calls, 0);
}

#[test]
fn outcomes_stand_at_their_places() {
    for (place, outcome) in Outcome::ALL.iter().enumerate() {
        assert_eq!(outcome_place(Some(*outcome)), place);
    }
    assert_eq!(outcome_place(None), Outcome::ALL.len());
}
