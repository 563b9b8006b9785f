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

use std::collections::HashMap;
use std::time::Duration;

use crate::domain::ids::{CallId, ContactId, VisitorId};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::credit::{Journeys, Label, Touch};

/// Whose journey it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Person {
    Contact(ContactId),
    /// Known as nobody's.
    Visitor(VisitorId),
}

/// A visit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Came {
    pub who: Person,
    pub at: Timestamp,
    pub channel: Channel,
}

/// A share of a call.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rang {
    pub call: CallId,
    pub at: Timestamp,
    /// Whose visit made it; or who called, on a static number; `None`: nobody is known.
    pub who: Option<Person>,
    /// The medium of a static number.
    pub medium: Option<Channel>,
    pub probability: f64,
}

/// The journeys of a period that began at `from`. Visits are told from a
/// look-back before that on, in any order.
pub fn journeys(came: &[Came], rang: &[Rang], from: Timestamp, look_back: Duration) -> Journeys {
    let mut journeys = Journeys::default();
    let mut touches: HashMap<Person, Vec<Touch>> = HashMap::new();
    for it in came {
        let touch = Touch { label: name(&mut journeys, it.channel), at: it.at };
        touches.entry(it.who).or_default().push(touch);
    }
    let mut likely: HashMap<Person, f64> = HashMap::new();
    for it in in_order(rang) {
        let mut led_up = it.who.and_then(|who| touches.get(&who)).cloned().unwrap_or_default();
        if let Some(medium) = it.medium {
            led_up.push(Touch { label: name(&mut journeys, medium), at: it.at });
        }
        if let Some(who) = it.who {
            *likely.entry(who).or_default() += it.probability;
        }
        journeys.add(led_up, it.at, look_back, it.probability, 0.0);
    }
    let mut people: Vec<(Person, Vec<Touch>)> = touches.into_iter().collect();
    people.sort_by_key(|(who, _)| *who);
    for (who, visits) in people {
        let last = visits.iter().map(|touch| touch.at).max().filter(|at| *at >= from);
        let lost = 1.0 - likely.get(&who).copied().unwrap_or_default();
        if let Some(last) = last.filter(|_| lost > 0.0) {
            journeys.add(visits, last, look_back, 0.0, lost);
        }
    }
    journeys
}

fn name(journeys: &mut Journeys, channel: Channel) -> crate::domain::tracking::credit::LabelId {
    journeys.name(Label { name: channel.as_str().to_owned(), direct: channel == Channel::Direct })
}

/// One entry a call, person and medium: two visits of one browser are one journey.
fn in_order(rang: &[Rang]) -> Vec<Rang> {
    let mut rang = rang.to_vec();
    rang.sort_by_key(|it| (it.at, it.call, it.who, it.medium));
    rang.dedup_by(|later, kept| {
        let same = (later.call, later.who, later.medium) == (kept.call, kept.who, kept.medium);
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
        Came { who: visitor(n), at: START + hour * HOUR, channel }
    }

    fn rang(call: u128, hour: u32, who: Option<Person>, probability: f64) -> Rang {
        Rang { call: CallId(Uuid::from_u128(call)), at: START + hour * HOUR, who, medium: None, probability }
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

        let all = journeys(&visits, &calls, START, 24 * HOUR);
        let short = journeys(&visits, &calls, START, 3 * HOUR);

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
        let poster = Rang { medium: Some(Channel::Offline), ..rang(1, 2, Some(visitor(1)), 1.0) };

        let all = journeys(&visits, &[poster], START, 24 * HOUR);

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

        let all = journeys(&visits, &calls, START, 24 * HOUR);

        // Alone, e-mail makes 1 call of 2, direct 1 of 1; of the 3 journeys of the period together 2.
        // e-mail: (1.5 + 2 − 3) / 2, direct: (3 + 2 − 1.5) / 2.
        let shapley = credit(Model::Shapley { worth, seed: 1 }, &all).unwrap();
        let of = |name: &str| shapley.iter().find(|it| it.label.name == name).unwrap().calls;
        assert!((of("Email") - 0.25).abs() < 1e-9 && (of("Direct") - 1.75).abs() < 1e-9, "{shapley:?}");
    }
}
