//! Between which bounds a credit lies: what it is in some two hundred worlds that may be as well as this one, all drawn with
//! one seed. Of the two kinds of models each has doubts of its own.
//!
//! ```text
//!   rules (first … time decay)   a call that may have come by several journeys came by one of them: each world draws
//!                                which, as likely as it is. A call of which that is certain has no width.
//!   learnt (Markov, Shapley)     they read rates off all journeys, and would read others off those of another month: each
//!                                world draws how often each path was gone (a bootstrap, Efron 1979). The calls are
//!                                the same in all of them; what differs is how they are shared out.
//! ```
//!
//! A bootstrap would draw each journey with a weight of Poisson's distribution with mean 1, and whether it
//! ended in a call with its probability. Both together are one draw a path: of the journeys along it that likely
//! made `c` calls and `l` none, Poisson(c) and Poisson(l). So it takes as long as there are paths, however many went them.
//!
//! Bounds leave out a twentieth of the worlds on either side, and hold the credit itself in any case. What was never seen
//! is drawn in no world: bounds learnt from a handful of calls are too close.

use super::journey::{Journeys, Path};
use super::{Journey, Learner, Model, weights};
use crate::domain::dice::Dice;
use crate::domain::reporting::expected::LEVEL;

const SEED: u64 = 1;
const WORLDS: usize = 200;
/// With fewer nothing can be told of a twentieth.
const WORLDS_LEAST: usize = 40;
/// How many steps worlds may take: a tenth of a second, or two.
const STEPS: usize = 40_000_000;

/// How many of them it takes to draw how often a path was gone.
const DRAWING: usize = 20;

/// Bounds, in calls.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    pub from: f64,
    pub to: f64,
}

/// What a rule gives of a whole call, and to which labels.
type Gives = Vec<(usize, f64)>;

/// The credit of each label in each world.
pub(super) type Samples = Vec<Vec<f64>>;

/// What lies between, and holds `credit` in any case.
pub(super) fn between(mut worlds: Vec<f64>, credit: f64) -> Interval {
    let out = (worlds.len() as f64 * (1.0 - LEVEL) / 2.0) as usize;
    worlds.sort_unstable_by(f64::total_cmp);
    let at = |place: Option<usize>| place.and_then(|place| worlds.get(place)).copied().unwrap_or(credit);
    Interval { from: at(Some(out)).min(credit), to: at(worlds.len().checked_sub(out + 1)).max(credit) }
}

/// How many worlds there is time for, where one takes so many steps.
fn worlds_of(steps: usize) -> usize {
    (STEPS / steps.max(1)).min(WORLDS)
}

/// For each of these rules what labels earn, as journeys lead to the calls that may have come by several.
pub(super) fn of_rules(journeys: &Journeys, rules: &[Model]) -> Vec<Samples> {
    let labels = journeys.labels().len();
    // What each rule gives to whom, of a whole call by this journey.
    let gives = |rule: &Model, journey: &Journey| -> Gives {
        let labels = journey.touches().iter().map(|touch| touch.label.index());
        let parts = labels.zip(weights(*rule, journeys, journey).unwrap_or_default());
        parts.filter(|(_, part)| *part > 0.0).collect()
    };
    let mut certain = vec![vec![0.0; labels]; rules.len()];
    for journey in journeys.certain().filter(|it| it.calls() > 0.0) {
        for (earned, rule) in certain.iter_mut().zip(rules) {
            gives(rule, journey).iter().for_each(|(label, part)| earned[*label] += part * journey.calls());
        }
    }
    let doubtful: Vec<Vec<(f64, Vec<Gives>)>> = journeys
        .doubtful()
        .map(|may| {
            may.iter().map(|it| (it.calls(), rules.iter().map(|rule| gives(rule, it)).collect())).collect()
        })
        .collect();
    let steps: usize = doubtful.iter().flatten().flat_map(|(_, gives)| gives).map(Vec::len).sum();
    let mut dice = Dice::new(SEED);
    let mut samples = vec![vec![vec![]; labels]; rules.len()];
    let worlds = if doubtful.is_empty() { 0 } else { worlds_of(steps).max(WORLDS_LEAST) };
    for _ in 0..worlds {
        let mut earned = certain.clone();
        for may in &doubtful {
            let mut rest = dice.unit();
            // What is left when none was it came of nothing.
            let was = may.iter().find(|(probability, _)| {
                rest -= probability;
                rest < 0.0
            });
            for (earned, gives) in earned.iter_mut().zip(was.iter().flat_map(|(_, gives)| gives)) {
                gives.iter().for_each(|(label, part)| earned[*label] += part);
            }
        }
        for (samples, earned) in samples.iter_mut().zip(earned) {
            samples.iter_mut().zip(earned).for_each(|(sample, earned)| sample.push(earned));
        }
    }
    samples
}

/// What labels earn as each of these shares out the calls, by how often paths may have been gone, in the same worlds;
/// `None`: it takes too long.
pub(super) fn of_paths(paths: &[Path], labels: usize, learners: &[&Learner]) -> Vec<Option<Samples>> {
    let walking: usize = paths.iter().map(|path| path.labels.len() + DRAWING).sum();
    let worlds = learners.iter().map(|it| worlds_of(it.steps_again() + walking));
    let worlds: Vec<usize> = worlds.map(|many| if many < WORLDS_LEAST { 0 } else { many }).collect();
    let calls: f64 = paths.iter().map(|path| path.calls).sum();
    let mut dice = Dice::new(SEED);
    let mut samples = vec![vec![vec![]; labels]; learners.len()];
    for nth in 0..worlds.iter().copied().max().unwrap_or_default() {
        let called: Vec<f64> = paths.iter().map(|path| dice.poisson(path.calls)).collect();
        let lost: Vec<f64> = paths.iter().map(|path| dice.poisson(path.lost)).collect();
        let all: f64 = called.iter().sum();
        // Without a call nothing is shared out.
        if all <= 0.0 {
            continue;
        }
        for ((learner, samples), worlds) in learners.iter().zip(&mut samples).zip(&worlds) {
            if nth < *worlds {
                let earned = learner.credit_again(&called, &lost).into_iter().map(|it| it * calls / all);
                samples.iter_mut().zip(earned).for_each(|(sample, earned)| sample.push(earned));
            }
        }
    }
    samples.into_iter().zip(worlds).map(|(samples, worlds)| (worlds > 0).then_some(samples)).collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::{Credit, Label, Touch, Worth, credit, credits};
    use super::*;
    use crate::domain::time::Timestamp;

    const END: Timestamp = Timestamp::from_ms(1_795_350_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);
    const MARKOV: Model = Model::Markov { order: NonZeroUsize::MIN };
    const SHAPLEY: Model = Model::Shapley { worth: Worth::Rate, seed: 1 };
    const RULES: [Model; 6] = [
        Model::First,
        Model::Last,
        Model::LastNonDirect,
        Model::Linear,
        Model::PositionBased,
        Model::TimeDecay { half_life: HOUR },
    ];

    fn touches(journeys: &mut Journeys, path: &str) -> Vec<Touch> {
        let labels =
            path.chars().map(|name| journeys.name(Label { name: name.to_string(), direct: name == 'D' }));
        let labels: Vec<_> = labels.collect();
        (1..)
            .zip(labels.into_iter().rev())
            .map(|(hours, label)| Touch { label, at: END - hours * HOUR })
            .collect()
    }

    /// Calls, each with the paths that it may have come by and how likely; and paths without a call, with how many.
    fn read(calls: &[Vec<(&str, f64)>], lost: &[(&str, f64)]) -> Journeys {
        let mut journeys = Journeys::default();
        for may in calls {
            let may = may.iter().map(|(path, p)| (touches(&mut journeys, path), *p)).collect();
            journeys.add_call(may, END, 1_000 * HOUR);
        }
        for (path, lost) in lost {
            let touches = touches(&mut journeys, path);
            journeys.add(touches, END, 1_000 * HOUR, 0.0, *lost);
        }
        journeys
    }

    fn of<'a>(credits: &'a [Credit], name: &str) -> &'a Credit {
        credits.iter().find(|it| it.label.name == name).unwrap()
    }

    fn holds(credit: &Credit, truth: f64) -> bool {
        credit.interval.is_some_and(|it| it.from - 1e-9 <= truth && truth <= it.to + 1e-9)
    }

    #[test]
    fn a_call_that_came_by_one_journey_has_no_width_and_one_that_may_have_come_by_two_has_all() {
        let sure = read(&[vec![("AB", 1.0)], vec![("B", 1.0)]], &[]);
        let open = read(&[vec![("A", 0.5), ("B", 0.5)], vec![("B", 1.0)]], &[]);
        let rare = read(&[vec![("A", 0.02), ("B", 0.9)]], &[]);

        for model in RULES {
            for it in credit(model, &sure).unwrap() {
                assert_eq!(it.interval, Some(Interval { from: it.calls, to: it.calls }), "{model:?}");
            }
            let [a, b] = ["A", "B"].map(|name| of(&credit(model, &open).unwrap(), name).interval.unwrap());
            assert_eq!((a.from, a.to, b.from, b.to), (0.0, 1.0, 1.0, 2.0), "{model:?}");
            let a = of(&credit(model, &rare).unwrap(), "A").clone();
            assert_eq!((a.calls, a.interval.unwrap().to), (0.02, 0.02), "{model:?}");
        }
    }

    #[test]
    fn what_is_shared_out_in_every_way_alike_has_no_width_and_more_journeys_have_less() {
        let width = |times: f64| {
            let mut journeys = Journeys::default();
            for (path, calls, lost) in [("A", 4.0, 16.0), ("AB", 6.0, 4.0), ("B", 2.0, 8.0)] {
                let touches = touches(&mut journeys, path);
                journeys.add(touches, END, 1_000 * HOUR, calls * times, lost * times);
            }
            [MARKOV, SHAPLEY].map(|model| {
                let it = of(&credit(model, &journeys).unwrap(), "A").interval.unwrap();
                (it.to - it.from) / times
            })
        };
        let alone = read(&[vec![("A", 1.0)], vec![("A", 0.4)]], &[("A", 3.0)]);
        let none = read(&[], &[("A", 3.0)]);

        for model in [MARKOV, SHAPLEY] {
            let it = credit(model, &alone).unwrap().remove(0);
            let (from, to) = it.interval.map(|it| (it.from, it.to)).unwrap();
            assert!((from - 1.4).abs() < 1e-9 && (to - 1.4).abs() < 1e-9, "{model:?}: {it:?}");
            assert_eq!(credit(model, &none).unwrap()[0].interval, Some(Interval { from: 0.0, to: 0.0 }));
        }
        let (few, many) = (width(1.0), width(100.0));
        for (few, many) in few.into_iter().zip(many) {
            assert!((5.0..20.0).contains(&(few / many)), "as the root of a hundred: {few} {many}");
        }
        // The matrix of so many states would be solved for minutes.
        let long: String = (0..200_u32).filter_map(|n| char::from_u32(0x4e00 + n)).collect();
        assert_eq!(credit(MARKOV, &read(&[vec![(&long, 1.0)]], &[])).unwrap()[0].interval, None);
    }

    /// Calls that may have come by one of two or three journeys, or by none: what each model would have said, had it been
    /// known, lies within as often as is said, or a little oftener where there are few numbers to choose from.
    #[test]
    fn bounds_of_rules_hold_what_came_to_pass_as_often_as_they_say() {
        let paths = ["A", "AB", "BAC", "CB", "DA", "CD"];
        let mut dice = Dice::new(3);
        for (calls, least, most) in [(3, 0.88, 1.0), (40, 0.87, 0.97), (200, 0.86, 0.95)] {
            let (mut held, mut told) = (0_u32, 0_u32);
            for _ in 0..60 {
                let (mut open, mut known) = (vec![], vec![]);
                for _ in 0..calls {
                    let first = dice.below(paths.len() - 2);
                    let (p, q) = (0.7 * dice.unit(), 0.3 * dice.unit());
                    let may = [(paths[first], p), (paths[first + 1], q), (paths[first + 2], 0.95 - p - q)];
                    open.push(may.to_vec());
                    let mut rest = dice.unit();
                    let was = may.into_iter().find(|(_, p)| {
                        rest -= p;
                        rest < 0.0
                    });
                    known.push(was.map(|(path, _)| vec![(path, 1.0)]).unwrap_or_default());
                }
                let truth = credits(&RULES, &read(&known, &[]));
                for ((_, told_of), (_, truth)) in credits(&RULES, &read(&open, &[])).iter().zip(truth) {
                    let truth = truth.unwrap();
                    for it in told_of.as_ref().unwrap() {
                        let was = truth.iter().find(|was| was.label == it.label).map_or(0.0, |was| was.calls);
                        told += 1;
                        held += u32::from(holds(it, was));
                    }
                }
            }
            let share = f64::from(held) / f64::from(told);
            assert!((least..=most).contains(&share), "{calls} calls: {share}");
        }
    }

    /// Months of the same town: how calls are shared out in the long run lies within the bounds of nearly nine months in ten.
    #[test]
    fn bounds_of_what_is_learnt_hold_the_long_run_nearly_as_often_as_they_say() {
        // How many come by it on average, and how likely they call.
        let ways = [
            ("A", 240.0, 0.05),
            ("AB", 120.0, 0.2),
            ("B", 160.0, 0.1),
            ("BC", 80.0, 0.15),
            ("C", 200.0, 0.04),
            ("CAB", 40.0, 0.3),
        ];
        let month = |often: &mut dyn FnMut(f64) -> f64| {
            let mut journeys = Journeys::default();
            for (path, come, chance) in ways {
                let touches = touches(&mut journeys, path);
                let (calls, lost) = (often(come * chance), often(come * (1.0 - chance)));
                journeys.add(touches, END, 1_000 * HOUR, calls, lost);
            }
            journeys
        };
        let long_run = month(&mut |mean| mean);
        let mut dice = Dice::new(11);
        for model in [MARKOV, SHAPLEY] {
            let truth = credit(model, &long_run).unwrap();
            let (mut held, rounds) = (0_u32, 150);
            for _ in 0..rounds {
                let month = month(&mut |mean| dice.poisson(mean));
                for it in credit(model, &month).unwrap() {
                    let share = of(&truth, &it.label.name).calls / long_run.calls();
                    held += u32::from(holds(&it, share * month.calls()));
                }
            }
            let share = f64::from(held) / f64::from(rounds * 3);
            assert!((0.84..=0.95).contains(&share), "{model:?}: {share}");
        }
    }

    /// What is sampled, of more than fifteen labels, has bounds as wide as the same reckoned exactly would.
    #[test]
    fn more_labels_than_can_be_tried_in_all_orders_have_bounds_too() {
        let labels: Vec<char> = ('a'..='t').collect();
        let mut journeys = Journeys::default();
        for (nth, label) in labels.iter().enumerate() {
            let (alone, pair) = (label.to_string(), format!("{label}{}", labels[(nth + 1) % labels.len()]));
            for (path, calls, lost) in [(alone, 5.0, 45.0), (pair, 10.0, 20.0)] {
                let touches = touches(&mut journeys, &path);
                journeys.add(touches, END, 1_000 * HOUR, calls, lost);
            }
        }

        let told = credit(SHAPLEY, &journeys).unwrap();

        assert_eq!(told.len(), 20);
        for it in &told {
            let Interval { from, to } = it.interval.unwrap();
            assert!(it.standard_error.unwrap() > 0.0 && holds(it, it.calls), "{it:?}");
            // Of fifteen calls by each label the counts alone err by some four; the ring is the same all round.
            assert!((10.0..60.0).contains(&(to - from)), "{it:?}");
        }
        let widths = told.iter().filter_map(|it| it.interval).map(|it| it.to - it.from);
        let (least, most) =
            widths.fold((f64::MAX, 0.0_f64), |(least, most), it| (least.min(it), most.max(it)));
        assert!(most < 2.0 * least, "{least} {most}");
    }

    proptest! {
        #[test]
        fn bounds_hold_the_credit_whatever_the_journeys(
            calls in prop::collection::vec((0_usize..5, 0_usize..5, 0.0..0.6_f64, 0.0..0.4_f64), 0..12),
            lost in prop::collection::vec((0_usize..5, 0.0..3.0_f64), 0..6)
        ) {
            let paths = ["A", "AB", "DBA", "BCB", "DD"];
            let may = |&(a, b, p, q): &(usize, usize, f64, f64)| vec![(paths[a], p), (paths[b], q)];
            let lost: Vec<(&str, f64)> = lost.iter().map(|(path, lost)| (paths[*path], *lost)).collect();
            let journeys = read(&calls.iter().map(may).collect::<Vec<_>>(), &lost);
            let all: f64 = journeys.calls();

            for (model, told) in credits(&[&RULES[..], &[MARKOV, SHAPLEY]].concat(), &journeys) {
                let told = told.unwrap();
                let sum: f64 = told.iter().map(|it| it.calls).sum();
                prop_assert!((sum - all).abs() < 1e-6, "{model:?}: {sum} of {all}");
                for it in &told {
                    let Interval { from, to } = it.interval.unwrap();
                    prop_assert!(holds(it, it.calls), "{model:?}: {it:?}");
                    if model != SHAPLEY {
                        prop_assert!(from >= -1e-9 && to <= calls.len() as f64 + 1e-9, "{model:?}: {it:?}");
                    }
                }
            }
        }
    }
}
