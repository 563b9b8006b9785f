//! From visits and calls to journeys, from which every model of credit reads.
//!
//! A journey is what one person did within the look-back before a call: the
//! visits of all browsers known as theirs, or of one browser that is known as
//! nobody's. It weighs as much as the call is likely theirs. A call on a static
//! number has its medium as the last touch. What no visit and no medium made
//! has no touch, and earns nobody credit.
//!
//! ```text
//!   visits of a person   A ── B ──── A ── ☎ 0.7     journey A>B>A: 0.7 calls
//!                                  └─ the rest      and 0.3 without one
//! ```
//!
//! Who came within the period and made no call has a journey without one, up
//! to their last visit.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::dimension::{Dimension, NOT_SET};
use crate::domain::ids::{CallId, ContactId, VisitorId};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::credit::{Journeys, Label, LabelId, Touch};

/// The most labels that journeys are told apart by: those with most part in calls. All others become [`OTHER`].
const LABELS_MAX: usize = 60;

/// What labels become of which there are too many.
pub const OTHER: &str = "(other)";

/// Which journeys, and by what their touches are told apart.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Wanted {
    /// One of [`Dimension::OF_TOUCHES`].
    pub dimension: Dimension,
    /// Visits of this site and calls to its numbers; `Some(None)`: those of no site.
    pub site: Option<Option<String>>,
    /// Calls of these outlets, by whatever visits; and journeys without a call of those who saw a site of theirs.
    pub outlets: Option<BTreeSet<String>>,
    /// What one touch of a journey says, for the journey to count; `None`: it says nothing.
    pub origin: Vec<(Dimension, Option<String>)>,
}

/// Whose journey it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Person {
    Contact(ContactId),
    /// Known as nobody's.
    Visitor(VisitorId),
}

/// A visit.
#[derive(Clone, PartialEq, Debug)]
pub struct Came {
    pub who: Person,
    pub at: Timestamp,
    /// What it says of what it is told apart by; `None`: nothing.
    pub label: Option<String>,
    /// It says what is asked for of an origin.
    pub fits: bool,
    /// It is of a site of the outlets that are asked for.
    pub here: bool,
}

/// A share of a call.
#[derive(Clone, PartialEq, Debug)]
pub struct Rang {
    pub call: CallId,
    pub at: Timestamp,
    /// Whose visit made it; or who called, on a static number; `None`: nobody is known.
    pub who: Option<Person>,
    /// The medium of a static number.
    pub medium: Option<Seen>,
    pub probability: f64,
}

/// The sight of a number off the web.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Seen {
    /// As that of [`Came`].
    pub label: Option<String>,
    pub fits: bool,
}

/// A touch, and whether it is what is asked for.
#[derive(Clone, Copy)]
struct Marked {
    touch: Touch,
    fits: bool,
    here: bool,
}

/// The journeys of a period that began at `from`. Visits are told from a
/// look-back before that on, in any order.
pub fn journeys(
    wanted: &Wanted,
    came: Vec<Came>,
    rang: Vec<Rang>,
    from: Timestamp,
    look_back: Duration,
) -> Journeys {
    let mut journeys = Journeys::default();
    let visits = came.into_iter().map(|Came { who, at, label, fits, here }| {
        (who, Marked { touch: Touch { label: name(&mut journeys, wanted.dimension, label), at }, fits, here })
    });
    // One person's stand together.
    let mut visits: Vec<(Person, Marked)> = visits.collect();
    visits.sort_by_key(|(who, _)| *who);
    let of = |who: Person| {
        let first = visits.partition_point(|(its, _)| *its < who);
        visits[first..].chunk_by(|a, b| a.0 == b.0).next().filter(|its| its[0].0 == who).unwrap_or_default()
    };
    let within = |visits: &[(Person, Marked)], end: Timestamp| -> Vec<Marked> {
        let is_within = |it: &Marked| it.touch.at <= end && end.since(it.touch.at) <= look_back;
        visits.iter().map(|(_, it)| *it).filter(is_within).collect()
    };
    let plain = |touches: Vec<Marked>| touches.into_iter().map(|it| it.touch).collect();
    let mut likely: HashMap<Person, f64> = HashMap::new();
    for of_call in in_order(rang).chunk_by(|a, b| a.call == b.call) {
        let end = of_call[0].at;
        let mut may: Vec<(Vec<Touch>, f64)> = Vec::with_capacity(of_call.len());
        for it in of_call {
            let mut led_up = it.who.map_or_else(Vec::new, |who| within(of(who), end));
            if let Some(Seen { label, fits }) = &it.medium {
                let label = name(&mut journeys, wanted.dimension, label.clone());
                led_up.push(Marked { touch: Touch { label, at: end }, fits: *fits, here: true });
            }
            if let Some(who) = it.who {
                *likely.entry(who).or_default() += it.probability;
            }
            if wanted.origin.is_empty() || led_up.iter().any(|it| it.fits) {
                may.push((plain(led_up), it.probability));
            }
        }
        journeys.add_call(may, end, look_back);
    }
    for its in visits.chunk_by(|a, b| a.0 == b.0) {
        let last = its.iter().map(|(_, it)| it.touch.at).max().filter(|at| *at >= from);
        let lost = 1.0 - likely.get(&its[0].0).copied().unwrap_or_default();
        if let Some(last) = last.filter(|_| lost > 0.0) {
            let visits = within(its, last);
            if visits.iter().any(|it| it.fits) && visits.iter().any(|it| it.here) {
                journeys.add(plain(visits), last, look_back, 0.0, lost);
            }
        }
    }
    journeys.with_labels_at_most(LABELS_MAX, Label { name: OTHER.to_owned(), direct: false })
}

fn name(journeys: &mut Journeys, dimension: Dimension, label: Option<String>) -> LabelId {
    let name = label.unwrap_or_else(|| NOT_SET.to_owned());
    let direct = match dimension {
        Dimension::Channel => name == Channel::Direct.as_str(),
        Dimension::Source => name == "(direct)",
        Dimension::Medium => name == "(none)",
        _ => name == NOT_SET,
    };
    journeys.name(Label { name, direct })
}

/// One entry a call, person and medium: two visits of one browser are one journey.
fn in_order(mut rang: Vec<Rang>) -> Vec<Rang> {
    rang.sort_by(|a, b| (a.at, a.call, a.who, &a.medium).cmp(&(b.at, b.call, b.who, &b.medium)));
    rang.dedup_by(|later, kept| {
        let same = (later.call, later.who, &later.medium) == (kept.call, kept.who, &kept.medium);
        if same {
            kept.probability += later.probability;
        }
        same
    });
    rang
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::tracking::credit::{Model, credit};

    const HOUR: Duration = Duration::from_secs(3_600);
    const START: Timestamp = Timestamp::from_ms(1_795_350_000_000);

    fn visitor(n: u128) -> Person {
        Person::Visitor(VisitorId(Uuid::from_u128(n)))
    }

    fn came(n: u128, hour: u32, channel: Channel) -> Came {
        let label = Some(channel.as_str().to_owned());
        Came { who: visitor(n), at: START + hour * HOUR, label, fits: true, here: true }
    }

    fn rang(call: u128, hour: u32, who: Option<Person>, probability: f64) -> Rang {
        Rang { call: CallId(Uuid::from_u128(call)), at: START + hour * HOUR, who, medium: None, probability }
    }

    fn read(visits: &[Came], calls: &[Rang], look_back: Duration) -> Journeys {
        journeys(&Wanted::default(), visits.to_vec(), calls.to_vec(), START, look_back)
    }

    fn linear(journeys: &Journeys, channel: Channel) -> f64 {
        let credits = credit(Model::Linear, journeys).unwrap();
        credits.iter().find(|it| it.label.name == channel.as_str()).map_or(0.0, |it| it.calls)
    }

    #[test]
    fn a_call_counts_as_likely_as_it_is_and_only_what_came_before_it() {
        let visits = [
            came(1, 1, Channel::Email),
            came(1, 2, Channel::PaidSearch),
            came(1, 9, Channel::Direct),
            came(2, 3, Channel::Direct),
        ];
        // Two visits of one visitor may have made the call: together 0.8.
        let calls = [
            rang(1, 5, Some(visitor(1)), 0.5),
            rang(1, 5, Some(visitor(1)), 0.3),
            rang(1, 5, Some(visitor(2)), 0.15),
            rang(1, 5, None, 0.05),
        ];

        let all = read(&visits, &calls, 24 * HOUR);
        let short = read(&visits, &calls, 3 * HOUR);

        assert!((linear(&all, Channel::Email) - 0.4).abs() < 1e-9);
        assert!((linear(&all, Channel::PaidSearch) - 0.4).abs() < 1e-9);
        assert!((linear(&all, Channel::Direct) - 0.15).abs() < 1e-9, "not the visit after the call");
        assert!((all.untouched() - 0.05).abs() < 1e-9 && (all.calls() - 0.95).abs() < 1e-9);
        assert_eq!(linear(&short, Channel::Email), 0.0);
        assert!((linear(&short, Channel::PaidSearch) - 0.8).abs() < 1e-9);
    }

    #[test]
    fn a_static_number_is_the_last_touch_of_its_callers_journey() {
        let visits = [came(1, 1, Channel::Email)];
        let poster = Rang {
            medium: Some(Seen { label: Some("Offline".into()), fits: true }),
            ..rang(1, 2, Some(visitor(1)), 1.0)
        };

        let all = read(&visits, &[poster], 24 * HOUR);

        let last = credit(Model::Last, &all).unwrap();
        assert_eq!((last[0].label.name.as_str(), last[0].calls), ("Offline", 1.0));
        assert!((linear(&all, Channel::Email) - 0.5).abs() < 1e-9);
    }

    /// Half of the visitors by e-mail call: its chain ends in a call in one of two.
    #[test]
    fn who_came_and_did_not_call_lowers_what_a_channel_is_worth() {
        let visits = [
            came(1, 1, Channel::Email),
            came(2, 1, Channel::Email),
            came(3, 1, Channel::Direct),
            Came { at: START - HOUR, ..came(4, 0, Channel::Direct) },
        ];
        let calls = [rang(1, 2, Some(visitor(1)), 1.0), rang(2, 2, Some(visitor(3)), 1.0)];
        let worth = crate::domain::tracking::credit::Worth::Rate;

        let all = read(&visits, &calls, 24 * HOUR);

        // Alone, e-mail makes 1 call of 2, direct 1 of 1; of the 3 journeys of the period together 2.
        // e-mail: (1.5 + 2 − 3) / 2, direct: (3 + 2 − 1.5) / 2.
        let shapley = credit(Model::Shapley { worth, seed: 1 }, &all).unwrap();
        let of = |name: &str| shapley.iter().find(|it| it.label.name == name).unwrap().calls;
        assert!((of("Email") - 0.25).abs() < 1e-9 && (of("Direct") - 1.75).abs() < 1e-9, "{shapley:?}");
    }

    #[test]
    fn a_filter_of_an_origin_asks_for_journeys_that_one_such_visit_took_part_in() {
        let by = |n, hour, channel, fits| Came { fits, ..came(n, hour, channel) };
        let visits = [
            by(1, 1, Channel::Email, true),
            by(1, 2, Channel::Direct, false),
            by(2, 1, Channel::Direct, false),
            by(3, 1, Channel::Direct, false),
            by(4, 1, Channel::Email, true),
        ];
        let calls = [
            rang(1, 3, Some(visitor(1)), 0.6),
            rang(1, 3, Some(visitor(2)), 0.3),
            rang(1, 3, None, 0.1),
            rang(2, 3, Some(visitor(2)), 1.0),
        ];
        let wanted = Wanted { origin: vec![(Dimension::Channel, Some("Email".into()))], ..Wanted::default() };
        let later = [by(1, 1, Channel::Email, true), by(1, 30, Channel::Direct, false)];
        let called_late = [rang(1, 31, Some(visitor(1)), 1.0)];

        let all = journeys(&wanted, visits.to_vec(), calls.to_vec(), START, 24 * HOUR);
        let too_late = journeys(&wanted, later.to_vec(), called_late.to_vec(), START, 24 * HOUR);

        assert!((all.calls() - 0.6).abs() < 1e-9 && all.untouched() == 0.0, "{all:?}");
        assert!((linear(&all, Channel::Direct) - 0.3).abs() < 1e-9, "what came with it counts");
        assert_eq!(all.iter().count(), 3, "the call, what is left of its journey, and the other e-mail");
        assert_eq!(too_late.calls(), 0.0, "the e-mail was before the look-back");
    }

    #[test]
    fn without_a_call_only_who_saw_a_site_of_the_outlets_counts() {
        let there = |n, hour| Came { here: false, ..came(n, hour, Channel::Email) };
        let visits = [there(1, 1), there(2, 1), came(3, 1, Channel::Direct)];
        let calls = [rang(1, 2, Some(visitor(1)), 1.0)];

        let all = read(&visits, &calls, 24 * HOUR);

        assert_eq!(all.calls(), 1.0, "a caller may have come by any site");
        assert_eq!(all.iter().count(), 2);
    }

    #[test]
    fn too_many_labels_become_one_and_those_that_call_stay() {
        let visits: Vec<Came> = (0..100)
            .map(|n| Came { label: (n < 99).then(|| format!("campaign {n}")), ..came(n, 1, Channel::Email) })
            .collect();
        let calls: Vec<Rang> = (40..100).map(|n| rang(n, 2, Some(visitor(n)), 1.0)).collect();

        let all = read(&visits, &calls, 24 * HOUR);

        let labels: BTreeSet<&str> = all.labels().iter().map(|it| it.name.as_str()).collect();
        assert_eq!(labels.len(), 61);
        assert!(labels.contains(OTHER) && labels.contains(NOT_SET) && labels.contains("campaign 98"));
        assert_eq!(all.calls(), 60.0);
        let credits = credit(Model::Last, &all).unwrap();
        assert_eq!(credits.iter().find(|it| it.label.name == OTHER).unwrap().calls, 0.0);
    }
}
