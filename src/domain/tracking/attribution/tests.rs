//! What each piece of evidence does to the shares of a call.

use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::tracking::source::classify;

mod of_number;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const START: Timestamp = Timestamp::from_ms(1_795_350_000_000);

fn visit(n: u128, started_at: Timestamp, last_seen_at: Timestamp) -> Candidate {
    Candidate {
        lease: LeaseId(Uuid::from_u128(1_000 + n)),
        visit: VisitId(Uuid::from_u128(n)),
        started_at,
        last_seen_at,
        source: classify("https://b.example/?utm_source=google&utm_medium=cpc", None, &[]),
        device: Device::Unknown,
        tapped_at: None,
        visitor: Acquaintance::Unknown,
        country: None,
        is_shared: false,
    }
}

/// A call at `at` from somebody of whom nothing is known.
fn attribute(at: Timestamp, candidates: &[Candidate]) -> Vec<Share> {
    super::attribute(&Priors::STATED, &ring(at), candidates)
}

fn ring(at: Timestamp) -> Ring {
    Ring { at, country: None, rang_before_at: None }
}

fn evidence_of(shares: &[Share], n: u128) -> &Shown {
    let visit = VisitId(Uuid::from_u128(n));
    match &shares.iter().find(|s| s.visit == Some(visit)).unwrap().evidence {
        Evidence::ShownOnPage(shown) => shown,
        other => panic!("{other:?}"),
    }
}

fn share_of(shares: &[Share], n: u128) -> f64 {
    let visit = VisitId(Uuid::from_u128(n));
    shares.iter().find(|s| s.visit == Some(visit)).map_or(0.0, |s| s.probability)
}

#[test]
fn a_single_visit_that_is_on_the_page_has_nearly_the_whole_call() {
    for stay in [Duration::ZERO, 3 * MINUTE, 60 * MINUTE] {
        let seen = START + stay;

        let shares = attribute(seen + Duration::from_secs(10), &[visit(1, START, seen)]);

        assert!(share_of(&shares, 1) > 0.98, "after {stay:?}: {}", share_of(&shares, 1));
        assert_eq!(shares[0].source.source, "google");
    }
}

#[test]
fn the_evidence_says_when_the_number_was_last_seen_and_among_how_many() {
    let seen = START + MINUTE;
    let candidates =
        [visit(1, START, seen), visit(2, START - DAY, START - DAY), visit(3, START + DAY, START + DAY)];

    let shares = attribute(seen + Duration::from_millis(1_500), &candidates);

    let evidence = evidence_of(&shares, 1);
    assert_eq!((evidence.lease, evidence.last_seen_ms, evidence.candidates), (candidates[0].lease, 1_500, 2));
}

#[test]
fn a_visit_loses_to_the_background_as_time_passes() {
    let mut last = 1.0;
    for (left, least, most) in
        [(60 * MINUTE, 0.75, 0.85), (360 * MINUTE, 0.3, 0.5), (DAY, 0.02, 0.10), (30 * DAY, 0.0, 0.0)]
    {
        let share = share_of(&attribute(START + left, &[visit(1, START, START)]), 1);

        assert!((least..=most).contains(&share) && share < last, "after {left:?}: {share}");
        last = share;
    }
}

#[test]
fn a_number_that_nobody_was_shown_is_background_alone() {
    let shares = attribute(START, &[]);

    assert_eq!(shares.len(), 1);
    assert_eq!((shares[0].visit, shares[0].probability), (None, 1.0));
    assert_eq!(shares[0].evidence, Evidence::Background);
    assert_eq!(shares[0].source, Source::unknown());
}

#[test]
fn a_visit_that_began_after_the_call_has_no_part_in_it() {
    let shares = attribute(START, &[visit(1, START + Duration::from_millis(1), START + MINUTE)]);

    assert_eq!(share_of(&shares, 1), 0.0);
    assert_eq!(shares.len(), 1);
}

#[test]
fn the_visit_on_the_page_beats_the_one_that_left_and_both_are_kept() {
    let left = visit(1, START - 8 * MINUTE, START - 5 * MINUTE);
    let here = visit(2, START, START + 2 * MINUTE);

    let shares = attribute(START + 2 * MINUTE, &[left, here]);

    assert_eq!(shares[0].visit, Some(VisitId(Uuid::from_u128(2))));
    assert!(share_of(&shares, 1) > 0.02, "{}", share_of(&shares, 1));
    assert!(share_of(&shares, 2) > 0.9, "{}", share_of(&shares, 2));
}

#[test]
fn two_equal_visits_share_equally_and_the_newest_stands_first() {
    let shares = attribute(START, &[visit(1, START, START), visit(2, START, START)]);

    assert_eq!(share_of(&shares, 1), share_of(&shares, 2));
    assert_eq!(shares[0].visit, Some(VisitId(Uuid::from_u128(2))));
}

#[test]
fn a_visit_that_held_the_number_twice_has_one_share() {
    let mut again = visit(1, START, START);
    again.lease = LeaseId(Uuid::from_u128(7));

    let shares = attribute(START, &[visit(1, START - 10 * MINUTE, START - 9 * MINUTE), again]);

    assert_eq!(shares.len(), 2);
    let evidence = evidence_of(&shares, 1);
    assert_eq!((evidence.lease, evidence.candidates), (LeaseId(Uuid::from_u128(7)), 2));
}

#[test]
fn a_share_below_the_floor_is_the_backgrounds() {
    let shares = attribute(START, &[visit(1, START, START), visit(2, START - 20 * DAY, START - 20 * DAY)]);

    assert_eq!(share_of(&shares, 2), 0.0);
    assert_eq!(shares.len(), 2);
}

/// On page and later add up to 1, for every device, and half of each known
/// device makes the unknown one.
#[test]
fn the_stated_priors_are_distributions_and_agree_with_each_other() {
    let Priors { phone, desk, unknown, .. } = Priors::STATED;
    let shares = |delay: Delay| {
        let [soon, later, last] = delay.after.map(|it| it.share);
        [delay.on_page, soon, later, last]
    };
    for delay in [phone, desk, unknown] {
        assert!((shares(delay).iter().sum::<f64>() - 1.0).abs() < 1e-12, "{delay:?}");
    }
    for ((phone, desk), unknown) in shares(phone).into_iter().zip(shares(desk)).zip(shares(unknown)) {
        assert!(((phone + desk) / 2.0 - unknown).abs() < 1e-12, "{phone}, {desk}, {unknown}");
    }
}

#[test]
fn a_tap_on_the_number_four_seconds_before_outweighs_a_page_that_is_open() {
    let mut tapped = visit(1, START - 5 * MINUTE, START);
    tapped.tapped_at = Some(START - Duration::from_secs(4));
    let open = visit(2, START - MINUTE, START);

    let shares = attribute(START, &[tapped.clone(), open.clone()]);
    let long_after = attribute(START + 20 * MINUTE, &[tapped.clone(), open.clone()]);
    let before_the_tap = attribute(START - Duration::from_secs(5), &[tapped, open]);

    assert!(share_of(&shares, 1) > 0.98, "{}", share_of(&shares, 1));
    assert_eq!(evidence_of(&shares, 1).tapped_ms, Some(4_000));
    assert!(share_of(&long_after, 1) < 0.55, "{}", share_of(&long_after, 1));
    assert_eq!(evidence_of(&before_the_tap, 1).tapped_ms, None);
    assert!(share_of(&before_the_tap, 1) < share_of(&before_the_tap, 2));
}

#[test]
fn who_holds_a_phone_calls_sooner_than_who_sits_at_a_desk() {
    let with = |device, n| Candidate { device, ..visit(n, START, START) };
    let both = [with(Device::Phone, 1), with(Device::Desk, 2)];

    let now = attribute(START, &both);
    let later = attribute(START + 60 * MINUTE, &both);

    assert!(share_of(&now, 1) > share_of(&now, 2));
    assert!(share_of(&later, 1) < share_of(&later, 2));
    assert_eq!(evidence_of(&later, 2).device, Device::Desk);
}

#[test]
fn a_visitor_known_as_the_caller_wins_and_one_known_as_somebody_else_loses() {
    let known = |visitor, n| Candidate { visitor, ..visit(n, START, START) };
    let three = [
        known(Acquaintance::Unknown, 1),
        known(Acquaintance::Caller, 2),
        known(Acquaintance::SomebodyElse, 3),
    ];

    let shares = attribute(START + 30 * MINUTE, &three);

    assert!(share_of(&shares, 2) > 0.95, "{}", share_of(&shares, 2));
    assert!((share_of(&shares, 1) / share_of(&shares, 3) - 9.8).abs() < 1e-6);
    assert_eq!(evidence_of(&shares, 2).visitor, Acquaintance::Caller);
}

#[test]
fn a_visit_from_another_country_than_the_callers_loses_and_an_unknown_one_is_left_alone() {
    let (france, belgium) = ("FR".parse().ok(), "BE".parse().ok());
    let from = |country, n| Candidate { country, ..visit(n, START, START) };
    let three = [from(france, 1), from(belgium, 2), from(None, 3)];
    let french = Ring { country: france, ..ring(START + MINUTE) };

    let shares = super::attribute(&Priors::STATED, &french, &three);
    let nobody_knows = attribute(START + MINUTE, &three);

    assert!(share_of(&shares, 1) > share_of(&shares, 3) && share_of(&shares, 3) > 4.0 * share_of(&shares, 2));
    let said = [1, 2, 3].map(|n| evidence_of(&shares, n).same_country);
    assert_eq!(said, [Some(true), Some(false), None]);
    assert_eq!(share_of(&nobody_knows, 1), share_of(&nobody_knows, 2));
}

#[test]
fn who_has_rung_the_number_before_may_ring_it_again_without_a_visit() {
    let yesterday = visit(1, START - DAY, START - DAY);
    let again = Ring { rang_before_at: Some(START - 60 * MINUTE), ..ring(START) };

    let first = attribute(START, std::slice::from_ref(&yesterday));
    let second = super::attribute(&Priors::STATED, &again, std::slice::from_ref(&yesterday));
    let on_page = super::attribute(&Priors::STATED, &again, &[visit(2, START - MINUTE, START)]);

    assert!(share_of(&second, 1) < share_of(&first, 1) / 2.0);
    assert_eq!(second[0].evidence, Evidence::RangBefore { ago_ms: 3_600_000 });
    assert_eq!(first[0].evidence, Evidence::Background);
    assert!(share_of(&on_page, 2) > 0.98, "{}", share_of(&on_page, 2));
}

#[test]
fn evidence_of_an_earlier_version_of_whence_still_reads() {
    let old = r#"{"rule":"shown_on_page","lease":"00000000-0000-0000-0000-0000000003e9","last_seen_ms":4000,"candidates":2}"#;

    let read: Evidence = serde_json::from_str(old).unwrap();

    let Evidence::ShownOnPage(shown) = &read else { panic!("{read:?}") };
    assert_eq!((shown.last_seen_ms, shown.tapped_ms, shown.device), (4_000, None, Device::Unknown));
    assert!(serde_json::to_string(&read).unwrap().starts_with(&old[..old.len() - 1]));
}

mod learnt {
    //! What labelled calls do to the priors.

    use super::*;
    use crate::domain::dice::Dice;

    const NOTHING: Lesson<'_> = Lesson { calls: &[], number_days: 0.0, visits: 0.0, stayed_s: 0.0 };

    fn assert_near(got: f64, expected: f64, off: f64) {
        assert!((got / expected - 1.0).abs() < off, "{got}, not {expected}");
    }

    #[test]
    fn without_a_labelled_call_nothing_changes() {
        let learnt = learn(&Priors::STATED, NOTHING);

        for (delay, stated) in
            [(learnt.phone, Priors::STATED.phone), (learnt.unknown, Priors::STATED.unknown)]
        {
            assert_near(delay.on_page, stated.on_page, 1e-9);
            for (group, stated) in delay.after.iter().zip(stated.after) {
                assert_near(group.share, stated.share, 1e-9);
                assert_near(group.mean_s, stated.mean_s, 1e-9);
            }
        }
        assert_near(learnt.background_per_day, 1.0 / 90.0, 1e-9);
        assert_near(learnt.calls_per_visit, 0.05, 1e-9);
    }

    #[test]
    fn ten_labelled_calls_move_the_priors_a_little_towards_them() {
        let calls = [Origin::OnPage(Device::Phone); 10];

        let learnt = learn(
            &Priors::STATED,
            Lesson { calls: &calls, number_days: 30.0, visits: 300.0, stayed_s: 300.0 * 60.0 },
        );

        // (50 · 0.8 + 10) / 60, and desks are not touched.
        assert_near(learnt.phone.on_page, 50.0 / 60.0, 1e-9);
        assert_near(learnt.desk.on_page, 0.6, 1e-9);
        assert_near(learnt.unknown.on_page, 45.0 / 60.0, 1e-9);
        // 1 call in 90 days, and none in 30 more.
        assert_near(learnt.background_per_day, 1.0 / 120.0, 1e-9);
        // 50 of 1000, and 10 of 300 more.
        assert_near(learnt.calls_per_visit, 60.0 / 1_300.0, 1e-9);
        // 50 visits of 180 s, and 300 of 60 s.
        assert_near(learnt.stay_s, (50.0 * 180.0 + 300.0 * 60.0) / 350.0, 1e-9);
    }

    /// A site whose callers are slower than stated: 40 % on the page, 40 %
    /// after a mean of 10 minutes, 15 % after 3 hours, 5 % after 5 days.
    #[test]
    fn thousands_of_labelled_calls_replace_the_stated_priors() {
        let mut dice = Dice::new(3);
        let mut calls: Vec<Origin> = (0..8_000)
            .map(|_| {
                let mean_s = match dice.unit() {
                    part if part < 0.40 => return Origin::OnPage(Device::Desk),
                    part if part < 0.80 => 600,
                    part if part < 0.95 => 3 * 3_600,
                    _ => 5 * 86_400,
                };
                let gone_s = dice.wait(Duration::from_secs(mean_s)).as_secs_f64();
                Origin::AfterLeaving { device: Device::Desk, gone_s }
            })
            .collect();
        calls.extend([Origin::Background; 60]);

        let learnt = learn(
            &Priors::STATED,
            Lesson { calls: &calls, number_days: 1_800.0, visits: 80_000.0, stayed_s: 80_000.0 * 90.0 },
        );

        assert_near(learnt.desk.on_page, 0.40, 0.03);
        let truth = [(0.40, 600.0), (0.15, 3.0 * 3_600.0), (0.05, 5.0 * 86_400.0)];
        for (group, (share, mean_s)) in learnt.desk.after.iter().zip(truth) {
            assert_near(group.share, share, 0.12);
            assert_near(group.mean_s, mean_s, 0.12);
        }
        assert_near(learnt.background_per_day, 1.0 / 30.0, 0.05);
        assert_near(learnt.calls_per_visit, 0.1, 0.01);
        assert_near(learnt.stay_s, 90.0, 0.01);
    }
}

proptest! {
    #[test]
    fn the_shares_of_any_call_add_up_to_one_and_the_greatest_stands_first(
        times in proptest::collection::vec((any::<i64>(), any::<i64>()), 0..8),
        near in proptest::collection::vec((-100_000_i64..100_000, 0_i64..1_000_000), 0..30),
        tapped in proptest::option::of(-100_000_i64..2_000_000),
        at in -50_000_i64..2_000_000,
    ) {
        let acquaintances = [Acquaintance::Unknown, Acquaintance::Caller, Acquaintance::SomebodyElse];
        let candidates: Vec<Candidate> = times
            .iter()
            .chain(&near)
            .enumerate()
            .map(|(n, &(from, to))| Candidate {
                tapped_at: tapped.filter(|_| n % 3 == 0).map(Timestamp::from_ms),
                visitor: acquaintances[n % 3],
                device: [Device::Phone, Device::Desk][n % 2],
                ..visit(n as u128, Timestamp::from_ms(from), Timestamp::from_ms(from.saturating_add(to)))
            })
            .collect();
        let ring = Ring { rang_before_at: tapped.map(Timestamp::from_ms), ..ring(Timestamp::from_ms(at)) };

        let shares = super::attribute(&Priors::STATED, &ring, &candidates);

        let sum: f64 = shares.iter().map(|s| s.probability).sum();
        prop_assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        prop_assert!(shares.iter().all(|s| (0.0..=1.0).contains(&s.probability)));
        prop_assert!(shares.is_sorted_by(|a, b| a.probability >= b.probability));
        prop_assert_eq!(shares.iter().filter(|s| s.visit.is_none()).count(), 1);
    }
}
