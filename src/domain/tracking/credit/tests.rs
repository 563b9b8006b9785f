//! Cases that a hand can compute, and what holds for whatever journeys.

use proptest::prelude::*;

use super::*;
use crate::domain::time::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);
const END: Timestamp = Timestamp::from_ms(1_795_350_000_000);
const FOREVER: Duration = Duration::from_secs(10_000 * 86_400);
const ORDER_1: Model = Model::Markov { order: NonZeroUsize::MIN };
const CALLS: Model = Model::Shapley { worth: Worth::Calls, seed: 1 };
const RATE: Model = Model::Shapley { worth: Worth::Rate, seed: 1 };

/// Journeys as `A>B>A`, one touch a day; `D` is direct.
fn journeys(paths: &[(&str, f64, f64)]) -> Journeys {
    let mut journeys = Journeys::default();
    for &(path, calls, lost) in paths {
        let names: Vec<&str> = path.split('>').filter(|name| !name.is_empty()).collect();
        let touches = (1..).zip(names.iter().rev()).map(|(day, &name)| Touch {
            label: journeys.name(Label { name: name.to_owned(), direct: name == "D" }),
            at: END - day * DAY,
        });
        let touches = touches.collect();
        journeys.add(touches, END, FOREVER, calls, lost);
    }
    journeys
}

fn of(model: Model, journeys: &Journeys, name: &str) -> f64 {
    let credits = credit(model, journeys).unwrap();
    credits.iter().find(|credit| credit.label.name == name).unwrap().calls
}

fn assert_credits(model: Model, journeys: &Journeys, expected: &[(&str, f64)]) {
    for &(name, calls) in expected {
        let got = of(model, journeys, name);
        assert!((got - calls).abs() < 1e-9, "{model:?}: {name} has {got}, not {calls}");
    }
}

fn markov(order: usize) -> Model {
    Model::Markov { order: NonZeroUsize::new(order).unwrap() }
}

#[test]
fn one_journey_is_shared_out_as_each_rule_says() {
    let one = journeys(&[("A>B>C>D", 1.0, 0.0)]);

    assert_credits(Model::First, &one, &[("A", 1.0), ("B", 0.0), ("C", 0.0), ("D", 0.0)]);
    assert_credits(Model::Last, &one, &[("A", 0.0), ("B", 0.0), ("C", 0.0), ("D", 1.0)]);
    assert_credits(Model::LastNonDirect, &one, &[("A", 0.0), ("B", 0.0), ("C", 1.0), ("D", 0.0)]);
    assert_credits(Model::Linear, &one, &[("A", 0.25), ("B", 0.25), ("C", 0.25), ("D", 0.25)]);
    assert_credits(Model::PositionBased, &one, &[("A", 0.4), ("B", 0.1), ("C", 0.1), ("D", 0.4)]);
    // A day apart and a half-life of a day: 1, 2, 4 and 8 fifteenths.
    let decay = Model::TimeDecay { half_life: DAY };
    assert_credits(
        decay,
        &one,
        &[("A", 1.0 / 15.0), ("B", 2.0 / 15.0), ("C", 4.0 / 15.0), ("D", 8.0 / 15.0)],
    );
}

#[test]
fn a_journey_of_nothing_but_direct_touches_credits_the_last_of_them() {
    assert_credits(Model::LastNonDirect, &journeys(&[("D>D", 1.0, 0.0)]), &[("D", 1.0)]);
}

#[test]
fn two_touches_have_half_each_when_nobody_stands_between() {
    assert_credits(Model::PositionBased, &journeys(&[("A>B", 1.0, 0.0)]), &[("A", 0.5), ("B", 0.5)]);
}

/// Without A no journey begins: effect 1. Without B a call comes of 3 in 8
/// steps from A at once and of 2 in 8 another try, so of 1/2: effect 1/2.
#[test]
fn the_published_markov_case_gives_credit_2_and_1() {
    let paths = journeys(&[("A>B>A>B>B>A", 1.0, 0.0), ("A>B>B>A>A", 1.0, 0.0), ("A>A", 1.0, 0.0)]);

    assert_credits(ORDER_1, &paths, &[("A", 2.0), ("B", 1.0)]);
}

/// A leads to B in 2 of 4 steps, to a call in 1, to nothing in 1; B to a call
/// in 2 of 3. p = 4/5 · (1/4 + 1/2 · 2/3) + 1/5 · 2/3 = 3/5; without A 2/15 is
/// left (effect 7/9), without B 1/5 (effect 2/3).
#[test]
fn journeys_without_a_call_lower_what_a_channel_is_worth() {
    let paths = journeys(&[("A>B", 2.0, 0.0), ("A", 1.0, 1.0), ("B", 0.0, 1.0)]);

    assert_credits(
        ORDER_1,
        &paths,
        &[("A", 3.0 * (7.0 / 9.0) / (13.0 / 9.0)), ("B", 3.0 * (6.0 / 9.0) / (13.0 / 9.0))],
    );
}

/// With a memory as long as the journeys, a channel's effect is the share of
/// the calls that it took part in: A in 3 of 4, B in 2 of 4, C in 1 of 4.
#[test]
fn a_chain_that_remembers_everything_counts_who_took_part() {
    let paths = journeys(&[("A>B", 1.0, 3.0), ("A", 1.0, 0.0), ("B>A>C", 1.0, 0.0), ("E", 1.0, 0.0)]);

    assert_credits(
        markov(3),
        &paths,
        &[("A", 12.0 / 7.0), ("B", 8.0 / 7.0), ("C", 4.0 / 7.0), ("E", 4.0 / 7.0)],
    );
}

#[test]
fn journeys_too_different_for_the_order_are_refused_and_a_lower_order_helps() {
    // All 11³ journeys of three touches have 11 + 11² + 11³ memories.
    let paths: Vec<String> =
        (0..11 * 11 * 11).map(|n| format!("c{}>c{}>c{}", n / 121, n / 11 % 11, n % 11)).collect();
    let paths: Vec<(&str, f64, f64)> = paths.iter().map(|path| (path.as_str(), 1.0, 0.0)).collect();
    let paths = journeys(&paths);

    assert_eq!(credit(markov(3), &paths), Err(TooManyStates));
    assert!((of(markov(2), &paths, "c4") - 121.0).abs() < 1e-6);
}

/// The companies are ordered by size and then by name: {1}, {2}, {3}, {12},
/// {13}, {23}, {123}. Counted in binary ({1}, {2}, {12}, {3}, …) the same
/// figures are another game, with another answer.
#[test]
fn the_published_shapley_game_gives_7_67_and_8_17_and_3_17() {
    let by_size = [("1", 7.0), ("2", 6.0), ("3", 4.0), ("12", 15.0), ("13", 7.0), ("23", 9.0), ("123", 19.0)];
    let game = |company: &[bool]| {
        let name: String = (0..3).filter(|&i| company[i]).map(|i| ["1", "2", "3"][i]).collect();
        by_size.iter().find(|(known, _)| *known == name).map_or(0.0, |(_, worth)| *worth)
    };
    let in_binary = [0.0, 7.0, 6.0, 4.0, 15.0, 7.0, 9.0, 19.0];
    let mask = |company: &[bool]| (0..3).map(|i| usize::from(company[i]) << i).sum::<usize>();

    let parts: Vec<f64> = shapley::values(3, game, 1).iter().map(|part| part.value).collect();
    let other = shapley::values(3, |company| in_binary[mask(company)], 1);

    for (got, expected) in parts.iter().zip([7.6667, 8.1667, 3.1667]) {
        assert!((got - expected).abs() < 5e-5, "{parts:?}");
    }
    assert!((other[0].value - 7.6667).abs() > 0.1, "{other:?}");
}

#[test]
fn above_fifteen_players_the_sample_is_right_within_its_own_error() {
    // A company is worth the square of its weight: the value is w · Σw.
    let weights: Vec<f64> = (1..=20).map(f64::from).collect();
    let worth = |company: &[bool]| {
        let weight: f64 = weights.iter().zip(company).filter(|(_, here)| **here).map(|(w, _)| w).sum();
        weight.powi(2) + weight.powi(3) / 1_000.0
    };

    let parts = shapley::values(20, worth, 7);

    let cube = |w: f64| {
        // Of w³ a player has its share of every product it is part of.
        let s1: f64 = weights.iter().sum();
        let s2: f64 = weights.iter().map(|w| w * w).sum();
        let others = s1 - w;
        let others_2 = s2 - w * w;
        w.powi(3) + 1.5 * w * w * others + 1.5 * w * others_2 + w * (others * others - others_2)
    };
    let mut beyond = 0;
    for (weight, part) in weights.iter().zip(&parts) {
        let error = part.standard_error.unwrap();
        let truth = weight * 210.0 + cube(*weight) / 1_000.0;
        assert!(error > 0.0 && (part.value - truth).abs() < 4.0 * error, "{weight}: {part:?}, not {truth}");
        beyond += u32::from((part.value - truth).abs() > 2.0 * error);
    }
    assert!(beyond <= 4, "{beyond} of 20 beyond two standard errors");
    let sum: f64 = parts.iter().map(|part| part.value).sum();
    assert!((sum - worth(&[true; 20])).abs() < 1e-6, "{sum}");
}

#[test]
fn a_channel_that_brings_nobody_who_calls_costs_rate_and_earns_no_calls() {
    let paths = journeys(&[("A", 8.0, 2.0), ("B", 0.0, 10.0)]);

    assert_credits(CALLS, &paths, &[("A", 8.0), ("B", 0.0)]);
    // v(A) = 16, v(B) = 0, v(AB) = 8.
    assert_credits(RATE, &paths, &[("A", 12.0), ("B", -4.0)]);
}

#[test]
fn touches_outside_the_look_back_or_after_the_call_do_not_count() {
    let mut journeys = Journeys::default();
    let mut touch =
        |name: &str, at| Touch { label: journeys.name(Label { name: name.into(), direct: false }), at };
    let touches = vec![touch("late", END + DAY), touch("here", END - 7 * DAY), touch("old", END - 8 * DAY)];
    let forgotten = vec![touches[2]];
    journeys.add(touches, END, 7 * DAY, 1.0, 0.0);
    journeys.add(forgotten, END, 7 * DAY, 0.25, 0.0);

    assert_credits(Model::Linear, &journeys, &[("here", 1.0), ("old", 0.0), ("late", 0.0)]);
    assert_eq!((journeys.calls(), journeys.untouched()), (1.0, 0.25));
}

const EVERY: [Model; 10] = [
    Model::First,
    Model::Last,
    Model::LastNonDirect,
    Model::Linear,
    Model::PositionBased,
    Model::TimeDecay { half_life: DAY },
    ORDER_1,
    Model::Markov { order: NonZeroUsize::new(2).unwrap() },
    CALLS,
    RATE,
];

/// Up to eight journeys among five labels, each with calls and losses.
fn any_journeys() -> impl Strategy<Value = Vec<(String, f64, f64)>> {
    let path = proptest::collection::vec(0_usize..5, 1..6)
        .prop_map(|path| path.into_iter().map(|n| &"A>B>C>D>E"[2 * n..=2 * n]).collect::<Vec<_>>().join(">"));
    proptest::collection::vec((path, 0.0..5.0_f64, 0.0..5.0_f64), 1..8)
}

fn built(paths: &[(String, f64, f64)]) -> Journeys {
    let paths: Vec<(&str, f64, f64)> = paths.iter().map(|(path, c, l)| (path.as_str(), *c, *l)).collect();
    journeys(&paths)
}

/// The chance of a call when every touch of `without` leads to nothing: the
/// chain of first order, walked until hardly anybody is left on the way.
fn walked(paths: &[(String, f64, f64)], without: &str) -> f64 {
    let mut steps: std::collections::BTreeMap<(&str, &str), f64> = Default::default();
    let mut left: std::collections::BTreeMap<&str, f64> = Default::default();
    for (path, calls, lost) in paths {
        let mut state = "start";
        for next in path.split('>') {
            *steps.entry((state, next)).or_default() += calls + lost;
            *left.entry(state).or_default() += calls + lost;
            state = next;
        }
        *steps.entry((state, "call")).or_default() += calls;
        *left.entry(state).or_default() += calls + lost;
    }
    let mut here: std::collections::BTreeMap<&str, f64> = [("start", 1.0)].into();
    let mut called = 0.0;
    while here.values().sum::<f64>() > 1e-13 {
        let mut next: std::collections::BTreeMap<&str, f64> = Default::default();
        for (&state, &mass) in &here {
            for (&(from, to), &weight) in &steps {
                if from == state && to == "call" {
                    called += mass * weight / left[state];
                } else if from == state && to != without {
                    *next.entry(to).or_default() += mass * weight / left[state];
                }
            }
        }
        here = next;
    }
    called
}

proptest! {
    #[test]
    fn whatever_the_model_credits_add_up_to_the_calls(paths in any_journeys()) {
        let journeys = built(&paths);
        for model in EVERY {
            let credits = credit(model, &journeys).unwrap();

            let sum: f64 = credits.iter().map(|credit| credit.calls).sum();
            prop_assert!((sum - journeys.calls()).abs() < 1e-6, "{model:?}: {sum} of {}", journeys.calls());
            prop_assert!(credits.iter().all(|it| it.standard_error.is_none()));
            if model != RATE {
                prop_assert!(credits.iter().all(|credit| credit.calls >= 0.0), "{model:?}");
            }
        }
    }

    #[test]
    fn two_channels_that_change_places_change_credits(paths in any_journeys()) {
        let swap = |path: &str| path.replace('A', "x").replace('B', "A").replace('x', "B");
        let swapped: Vec<_> = paths.iter().map(|(path, c, l)| (swap(path), *c, *l)).collect();
        let (before, after) = (built(&paths), built(&swapped));
        for model in EVERY {
            for label in before.labels() {
                let (had, has) = (of(model, &before, &label.name), of(model, &after, &swap(&label.name)));
                prop_assert!((had - has).abs() < 1e-6, "{model:?}: {} had {had}, has {has}", label.name);
            }
        }
    }

    #[test]
    fn a_channel_that_leads_nowhere_gets_nothing(paths in any_journeys(), lost in 0.1..5.0_f64) {
        let mut with: Vec<_> = paths.clone();
        with.push(("X>X".to_owned(), 0.0, lost));
        let with = built(&with);
        for model in EVERY.into_iter().filter(|model| *model != RATE) {
            prop_assert!(of(model, &with, "X").abs() < 1e-9, "{model:?}");
        }
    }

    #[test]
    fn the_closed_form_of_markov_is_what_a_walk_finds(paths in any_journeys()) {
        prop_assume!(paths.iter().any(|(_, calls, _)| *calls > 0.1));
        let journeys = built(&paths);
        let all = walked(&paths, "nobody");
        let effects: Vec<(String, f64)> = journeys
            .labels()
            .iter()
            .map(|label| (label.name.clone(), 1.0 - walked(&paths, &label.name) / all))
            .collect();
        let sum: f64 = effects.iter().map(|(_, effect)| effect).sum();
        for (name, effect) in effects {
            let (got, expected) = (of(ORDER_1, &journeys, &name), journeys.calls() * effect / sum);
            prop_assert!((got - expected).abs() < 1e-6, "{name} has {got}, a walk finds {expected}");
        }
    }

    #[test]
    fn calls_shared_evenly_are_the_value_of_the_game_of_calls(paths in any_journeys()) {
        let journeys = built(&paths);
        let labels = journeys.labels();
        let worth = |company: &[bool]| {
            let here = |name: &str| labels.iter().zip(company).any(|(label, here)| *here && label.name == name);
            paths.iter().filter(|(path, ..)| path.split('>').all(here)).map(|(_, calls, _)| calls).sum()
        };
        for (label, part) in labels.iter().zip(shapley::values(labels.len(), worth, 1)) {
            prop_assert!((of(CALLS, &journeys, &label.name) - part.value).abs() < 1e-9, "{}", label.name);
        }
    }
}
