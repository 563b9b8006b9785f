//! How people came to call: by which ways, after how many visits, after how long, and by whose help.
//!
//! ```text
//!   way        the last touches before the call, by their labels     … › Email › Paid Search › ☎
//!   step       from one touch of a way to the next, or to the call: what a flow is drawn of
//!   assist     of a label: the calls that it took part in and was not the last touch of
//! ```
//!
//! Every call counts as likely as it came by the journey, so figures are expected calls. They are read off the same
//! journeys as all credit ([`journeys`](super::journeys)).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::tracking::credit::{Journey, Journeys, LabelId};

/// How many touches of a way are told: the last.
pub const TOUCHES: usize = 5;

/// How many visits are told apart; the last class is so many or more.
pub const VISITS: usize = 5;

const DAY: Duration = Duration::from_hours(24);

/// Within how long of its first touch a call came; the last class is all that took longer.
pub const TIMES: [Duration; 6] = [
    Duration::from_hours(1),
    DAY,
    Duration::from_hours(3 * 24),
    Duration::from_hours(7 * 24),
    Duration::from_hours(14 * 24),
    Duration::from_hours(30 * 24),
];

/// What journeys to a call were like.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ways {
    /// All that something led up to.
    pub calls: f64,
    /// Calls that nothing led up to within the look-back.
    pub untouched: f64,
    /// The most calls first.
    pub ways: Vec<Way>,
    /// The last step first, the most calls first.
    pub steps: Vec<Step>,
    /// Calls after one, two, three, four touches, and after more.
    pub visits: [f64; VISITS],
    /// `None`: no call.
    pub median_visits: Option<u32>,
    /// Calls within each of [`TIMES`] and not within the one before, and all others.
    pub times: [f64; TIMES.len() + 1],
    pub median_time: Option<Duration>,
    /// Those with most part first.
    pub assists: Vec<Assist>,
}

/// The last touches before a call.
#[derive(Clone, PartialEq, Debug)]
pub struct Way {
    /// In the order in which they came; at most [`TOUCHES`].
    pub labels: Vec<String>,
    /// There were others before.
    pub is_longer: bool,
    pub calls: f64,
}

/// From one touch to what came next.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// How many touches before the call it begins: 1 at the last one. At most [`TOUCHES`].
    pub before: usize,
    pub from: String,
    /// `None`: the call.
    pub to: Option<String>,
    pub calls: f64,
}

/// What a label did for calls.
#[derive(Clone, PartialEq, Debug)]
pub struct Assist {
    pub label: String,
    /// Calls that it took part in without being the last touch.
    pub assisted: f64,
    /// Calls that it was the last touch of.
    pub last: f64,
}

impl Assist {
    /// How many calls it helped with for each that it brought itself.
    pub fn ratio(&self) -> Option<f64> {
        (self.last > 0.0).then(|| self.assisted / self.last)
    }
}

/// Adds up the journeys that ended in a call.
pub fn ways(journeys: &Journeys) -> Ways {
    let mut ways: BTreeMap<(Vec<LabelId>, bool), f64> = BTreeMap::new();
    let mut steps: BTreeMap<(usize, LabelId, Option<LabelId>), f64> = BTreeMap::new();
    let mut assists = vec![(0.0, 0.0); journeys.labels().len()];
    let (mut counts, mut spans) = (Vec::new(), Vec::new());
    let mut told = Ways { calls: journeys.calls(), untouched: journeys.untouched(), ..Ways::default() };
    for journey in journeys.iter().filter(|it| it.calls() > 0.0) {
        let calls = journey.calls();
        let labels = labels(journey);
        let shown = &labels[labels.len().saturating_sub(TOUCHES)..];
        *ways.entry((shown.to_vec(), labels.len() > TOUCHES)).or_default() += calls;
        for (nth, from) in shown.iter().enumerate() {
            *steps.entry((shown.len() - nth, *from, shown.get(nth + 1).copied())).or_default() += calls;
        }
        let last = labels.last().copied();
        for label in labels.iter().collect::<BTreeSet<_>>() {
            let (assisted, closed) = &mut assists[label.index()];
            *if Some(*label) == last { closed } else { assisted } += calls;
        }
        told.visits[labels.len().min(VISITS) - 1] += calls;
        counts.push((labels.len() as u32, calls));
        let took = journey.took();
        told.times[TIMES.iter().take_while(|most| took > **most).count()] += calls;
        spans.push((took, calls));
    }
    let name = |label: LabelId| journeys.label(label).name.clone();
    told.ways = ways
        .into_iter()
        .map(|((labels, is_longer), calls)| Way {
            labels: labels.into_iter().map(name).collect(),
            is_longer,
            calls,
        })
        .collect();
    told.ways.sort_by(|a, b| b.calls.total_cmp(&a.calls).then_with(|| a.labels.cmp(&b.labels)));
    told.steps = steps
        .into_iter()
        .map(|((before, from, to), calls)| Step { before, from: name(from), to: to.map(name), calls })
        .collect();
    told.steps.sort_by(|a, b| {
        let names = |it: &Step| (it.from.clone(), it.to.clone());
        a.before.cmp(&b.before).then(b.calls.total_cmp(&a.calls)).then_with(|| names(a).cmp(&names(b)))
    });
    let named = journeys.labels().iter().zip(assists).filter(|(_, (assisted, last))| assisted + last > 0.0);
    told.assists =
        named.map(|(label, (assisted, last))| Assist { label: label.name.clone(), assisted, last }).collect();
    let part = |it: &Assist| it.assisted + it.last;
    told.assists.sort_by(|a, b| part(b).total_cmp(&part(a)).then_with(|| a.label.cmp(&b.label)));
    told.median_visits = median(counts);
    told.median_time = median(spans);
    told
}

fn labels(journey: &Journey) -> Vec<LabelId> {
    journey.touches().iter().map(|touch| touch.label).collect()
}

/// The least value that half of all weight lies at or below.
fn median<T: Copy + Ord>(mut values: Vec<(T, f64)>) -> Option<T> {
    values.sort_by_key(|(value, _)| *value);
    let half = values.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    let found = values.iter().find(|(_, weight)| {
        sum += weight;
        // A hair less is what adding fractions leaves.
        sum >= half - 1e-9
    });
    found.map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::time::Timestamp;
    use crate::domain::tracking::credit::{Label, Touch};

    const END: Timestamp = Timestamp::from_ms(1_795_350_000_000);
    const FOREVER: Duration = Duration::from_hours(1_000 * 24);

    /// Journeys as `A>B`, an hour between touches and between the last of them and the call; so many calls each.
    fn read(paths: &[(&str, f64)]) -> Ways {
        let mut journeys = Journeys::default();
        for &(path, calls) in paths {
            let names: Vec<&str> = path.split('>').filter(|name| !name.is_empty()).collect();
            let touches = (1..).zip(names.iter().rev()).map(|(hours, &name)| Touch {
                label: journeys.name(Label { name: name.to_owned(), direct: false }),
                at: END - Duration::from_hours(hours),
            });
            let touches = touches.collect();
            journeys.add(touches, END, FOREVER, calls, 1.0 - calls.min(1.0));
        }
        ways(&journeys)
    }

    #[test]
    fn ways_are_told_by_their_last_touches_with_their_calls() {
        let told = read(&[
            ("A>B", 0.5),
            ("A>B", 0.25),
            ("C>A>B>A>B>A", 1.0),
            ("A>B>A>B>A", 0.5),
            ("", 2.0),
            ("D", 0.0),
        ]);

        let ways: Vec<(String, bool, f64)> =
            told.ways.iter().map(|it| (it.labels.join(">"), it.is_longer, it.calls)).collect();
        assert_eq!(
            ways,
            [("A>B>A>B>A".into(), true, 1.0), ("A>B".into(), false, 0.75), ("A>B>A>B>A".into(), false, 0.5)]
        );
        assert_eq!((told.calls, told.untouched), (2.25, 2.0));
        let last: Vec<(&str, Option<&str>, f64)> = told
            .steps
            .iter()
            .filter(|it| it.before <= 2)
            .map(|it| (it.from.as_str(), it.to.as_deref(), it.calls))
            .collect();
        assert_eq!(
            last,
            [("A", None, 1.5), ("B", None, 0.75), ("B", Some("A"), 1.5), ("A", Some("B"), 0.75)]
        );
    }

    #[test]
    fn visits_and_times_have_classes_and_medians() {
        let one_day = vec!["A"; 24].join(">");
        let longer = vec!["A"; 25].join(">");
        let told = read(&[("A", 1.0), ("A>A", 1.0), (&one_day, 0.5), (&longer, 1.0)]);

        assert_eq!(told.visits, [1.0, 1.0, 0.0, 0.0, 1.5]);
        assert_eq!(told.times, [1.0, 1.5, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(told.median_visits, Some(2));
        assert_eq!(told.median_time, Some(Duration::from_hours(2)));
        assert_eq!((read(&[]).median_visits, read(&[("", 1.0)]).median_time), (None, None));
    }

    #[test]
    fn who_took_part_and_was_not_last_assisted_once_a_call() {
        let told = read(&[("A>A>B", 0.8), ("B>A>B", 0.5), ("C", 1.0)]);

        let of = |name: &str| told.assists.iter().find(|it| it.label == name).unwrap();
        assert_eq!((of("A").assisted, of("A").last, of("A").ratio()), (1.3, 0.0, None));
        assert_eq!((of("B").assisted, of("B").last, of("B").ratio()), (0.0, 1.3, Some(0.0)));
        assert_eq!((of("C").assisted, of("C").last), (0.0, 1.0));
    }

    proptest! {
        #[test]
        fn whatever_the_journeys_each_table_adds_up_to_the_calls(
            paths in prop::collection::vec((prop::collection::vec(0_usize..4, 1..9), 0.0..1.0_f64), 1..12)
        ) {
            let named: Vec<(String, f64)> = paths
                .iter()
                .map(|(path, calls)| (path.iter().map(|nth| ["A", "B", "C", "D"][*nth]).collect::<Vec<_>>().join(">"), *calls))
                .collect();
            let told = read(&named.iter().map(|(path, calls)| (path.as_str(), *calls)).collect::<Vec<_>>());

            let sums = [
                told.ways.iter().map(|it| it.calls).sum::<f64>(),
                told.steps.iter().filter(|it| it.to.is_none()).map(|it| it.calls).sum(),
                told.visits.iter().sum(),
                told.times.iter().sum(),
                told.assists.iter().map(|it| it.last).sum(),
            ];
            for sum in sums {
                prop_assert!((sum - told.calls).abs() < 1e-9, "{sums:?} of {}", told.calls);
            }
            for it in &told.assists {
                prop_assert!(it.assisted + it.last <= told.calls + 1e-9);
            }
            // What flows into a touch flows out of it, or more: there a journey begins.
            for step in &told.steps {
                let into: f64 = told
                    .steps
                    .iter()
                    .filter(|it| it.before == step.before + 1 && it.to.as_ref() == Some(&step.from))
                    .map(|it| it.calls)
                    .sum();
                let out: f64 = told
                    .steps
                    .iter()
                    .filter(|it| it.before == step.before && it.from == step.from)
                    .map(|it| it.calls)
                    .sum();
                prop_assert!(into <= out + 1e-9, "{into} {out}");
            }
        }
    }
}
