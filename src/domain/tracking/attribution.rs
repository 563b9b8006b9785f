//! From a call to its visit: a probability with its evidence, never a bare winner.
//!
//! At the time of the INVITE every visit that was shown the number before is a
//! candidate, weighted by how likely a call is this long after the number was
//! last on its page; one more candidate is the *background*: the number was
//! saved, printed, or misdialled.
//!
//! The weight is the density of the waiting time between the page and the
//! call. Its stated prior (a simulation calibrated on 3-minute visits):
//! 70 % of callers ring while they look at the page, 18 % after a mean of
//! 20 minutes, 9 % after 6 hours, 3 % after 3 days.
//!
//! ```text
//!        0.70, evenly          0.18 · 0.09 · 0.03, each fading with its mean
//!   ├──────────────────────┤╲____________
//!   ├──────────────────────┤             ‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾
//!   started        seen    page closed                     ─ ─ background ─ ─
//! ```

use serde::Serialize;

use super::source::Source;
use crate::domain::ids::{LeaseId, VisitId};
use crate::domain::time::Timestamp;

/// The share of callers who ring while they look at the page.
const ON_PAGE: f64 = 0.70;

/// Those who ring later: their share of all callers, and after how many
/// seconds in the mean.
const AFTER_LEAVING: [(f64, f64); 3] = [(0.18, 20.0 * 60.0), (0.09, 6.0 * 3600.0), (0.03, 3.0 * 86_400.0)];

/// How long a page may still be open after its last sign of life: the snippet
/// sends one a minute, and none while the telephone's dialler covers the page.
const OPEN_AFTER_SEEN_S: f64 = 60.0;

/// The density of calls that no visit caused, in the same unit (per second,
/// and per visit that ends in a call).
///
/// A pooled number that is out of its quarantine is taken to get one such call
/// in 90 days, and one visit in twenty to end in a call; the quotient is what a
/// visit's density has to be held against. It leaves a visit that is on the
/// page more than 98 %, one that left an hour ago four fifths, and one that
/// was last seen a month ago nothing.
const BACKGROUND: f64 = 1.0 / (90.0 * 86_400.0) / 0.05;

/// Shares below this are counted to the background.
const FLOOR: f64 = 0.001;

/// A visit that was shown the number before the call.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    pub lease: LeaseId,
    pub visit: VisitId,
    pub started_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub source: Source,
}

/// One possible origin of a call.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Share {
    /// `None`: no visit; the number was known from elsewhere.
    pub visit: Option<VisitId>,
    /// Between 0 and 1; the shares of a call add up to 1.
    pub probability: f64,
    pub evidence: Evidence,
    #[serde(flatten)]
    pub source: Source,
}

/// What a probability stands on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, serde::Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Evidence {
    /// The number was on the page of this visit, `last_seen_ms` before the call.
    ShownOnPage { lease: LeaseId, last_seen_ms: u64, candidates: u32 },
    /// A static number: it stands for its medium alone.
    StaticNumber,
    /// Saved, printed or misdialled.
    Background,
}

/// Shares a call at `at` out among the visits that were shown its number and
/// the background, most likely first.
///
/// A visit that held the number twice has one share, with its latest lease as
/// evidence. The background is always among the shares, even when it is alone.
pub fn attribute(at: Timestamp, candidates: &[Candidate]) -> Vec<Share> {
    let shown: Vec<&Candidate> = candidates.iter().filter(|c| c.started_at <= at).collect();
    let mut visits: Vec<(&Candidate, f64)> = Vec::with_capacity(shown.len());
    for &candidate in &shown {
        let weight = density(candidate, at);
        match visits.iter_mut().find(|(known, _)| known.visit == candidate.visit) {
            None => visits.push((candidate, weight)),
            Some((known, sum)) => {
                *sum += weight;
                if known.last_seen_at < candidate.last_seen_at {
                    *known = candidate;
                }
            }
        }
    }
    let total = BACKGROUND + visits.iter().map(|(_, weight)| weight).sum::<f64>();

    let mut shares: Vec<Share> = visits
        .iter()
        .map(|&(candidate, weight)| Share {
            visit: Some(candidate.visit),
            probability: weight / total,
            evidence: Evidence::ShownOnPage {
                lease: candidate.lease,
                last_seen_ms: u64::try_from(at.since(candidate.last_seen_at).as_millis()).unwrap_or(u64::MAX),
                candidates: u32::try_from(shown.len()).unwrap_or(u32::MAX),
            },
            source: candidate.source.clone(),
        })
        .filter(|share| share.probability >= FLOOR)
        .collect();
    let taken: f64 = shares.iter().map(|share| share.probability).sum();
    shares.push(Share {
        visit: None,
        probability: (1.0 - taken).max(0.0),
        evidence: Evidence::Background,
        source: Source::unknown(),
    });
    // Equal shares keep an order that a second run finds again: the newest visit first.
    shares.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(b.visit.cmp(&a.visit)));
    shares
}

/// How likely a visit that ends in a call has it at `at`, per second.
fn density(candidate: &Candidate, at: Timestamp) -> f64 {
    let open_s = candidate.last_seen_at.since(candidate.started_at).as_secs_f64() + OPEN_AFTER_SEEN_S;
    let waited_s = at.since(candidate.started_at).as_secs_f64();
    if waited_s <= open_s {
        return ON_PAGE / open_s;
    }
    let left_s = waited_s - open_s;
    AFTER_LEAVING.iter().map(|(share, mean_s)| share / mean_s * (-left_s / mean_s).exp()).sum()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::tracking::source::classify;

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

        let lease = candidates[0].lease;
        assert_eq!(shares[0].evidence, Evidence::ShownOnPage { lease, last_seen_ms: 1_500, candidates: 2 });
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
        assert!(matches!(shares[0].evidence, Evidence::ShownOnPage { lease, candidates: 2, .. }
            if lease == LeaseId(Uuid::from_u128(7))));
    }

    #[test]
    fn a_share_below_the_floor_is_the_backgrounds() {
        let shares =
            attribute(START, &[visit(1, START, START), visit(2, START - 20 * DAY, START - 20 * DAY)]);

        assert_eq!(share_of(&shares, 2), 0.0);
        assert_eq!(shares.len(), 2);
    }

    #[test]
    fn the_prior_is_a_distribution() {
        let later: f64 = AFTER_LEAVING.iter().map(|(share, _)| share).sum();

        assert!((ON_PAGE + later - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_shares_of_any_call_add_up_to_one_and_the_greatest_stands_first(
            times in proptest::collection::vec((any::<i64>(), any::<i64>()), 0..8),
            near in proptest::collection::vec((-100_000_i64..100_000, 0_i64..1_000_000), 0..30),
            at in -50_000_i64..2_000_000,
        ) {
            let candidates: Vec<Candidate> = times
                .iter()
                .chain(&near)
                .enumerate()
                .map(|(n, &(from, to))| {
                    visit(n as u128, Timestamp::from_ms(from), Timestamp::from_ms(from.saturating_add(to)))
                })
                .collect();

            let shares = attribute(Timestamp::from_ms(at), &candidates);

            let sum: f64 = shares.iter().map(|s| s.probability).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9, "{sum}");
            prop_assert!(shares.iter().all(|s| (0.0..=1.0).contains(&s.probability)));
            prop_assert!(shares.is_sorted_by(|a, b| a.probability >= b.probability));
            prop_assert_eq!(shares.iter().filter(|s| s.visit.is_none()).count(), 1);
        }
    }
}
