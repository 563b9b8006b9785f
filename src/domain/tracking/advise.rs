//! How many numbers does a pool need?
//!
//! Visits, stated or a site's own, are replayed against pool sizes and
//! keep-alives ([`super::simulation`]). Three things follow from a size: how
//! many visitors find every number taken, how many calls are given the wrong
//! visit, and what the numbers cost. The first is Erlang's formula, old and
//! exact; it stands beside the replay as a check. The second is why a pool
//! that is never exhausted can still be too small: the fewer numbers, the
//! sooner one is lent again, and late callers reach somebody else's.
//!
//! *Enough* is the size at which a number more costs more than the calls are
//! worth whose origin it makes known.

use std::time::Duration;

use super::attribution::Priors;
use super::lease::Policy;
use super::simulation::{Came, Estimate, arrivals, calls, judge, last_sign, lend};
use crate::domain::dice::Dice;

/// More numbers than this are not tried.
pub const NUMBERS_MAX: usize = 2_000;

/// How many calls a figure stands on at least: calls are drawn again and again
/// for the same visits until there are so many, or this often.
const CALLS_ENOUGH: usize = 2_000;
const ROUNDS_MAX: usize = 20;

const MONTH_S: f64 = 30.0 * 86_400.0;

/// What is to be tried.
#[derive(Clone, PartialEq, Debug)]
pub struct Question {
    /// In order of time.
    pub visits: Vec<Came>,
    pub priors: Priors,
    /// Pool sizes; when empty, sizes around the load are tried.
    pub sizes: Vec<usize>,
    pub keep_alives: Vec<Duration>,
    pub quarantine: Duration,
    /// What a number costs a month …
    pub number_price: f64,
    /// … and what it is worth to know where a call came from, in the same currency.
    pub call_worth: f64,
    pub seed: u64,
}

/// How many visits are made up at a stated rate.
const VISITS: usize = 20_000;

/// Visits that come at a stated rate and stay so long in the mean, and what is
/// believed of who makes them.
pub fn made_up(per_hour: f64, stay: Duration, seed: u64) -> (Vec<Came>, Priors) {
    let visits = arrivals(per_hour, stay, VISITS, &mut Dice::new(seed));
    (visits, Priors { stay_s: stay.as_secs_f64(), ..Priors::STATED })
}

/// What was found.
#[derive(Clone, PartialEq, Debug)]
pub struct Advice {
    pub visits: usize,
    pub visits_per_hour: f64,
    /// By keep-alive, then by size.
    pub rows: Vec<Row>,
}

/// One pool size with one keep-alive.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Row {
    pub keep_alive: Duration,
    pub numbers: usize,
    /// How many numbers are held on average, were there enough.
    pub load: f64,
    /// The share of visits that found every number taken.
    pub exhausted: Estimate,
    /// The same by Erlang's formula.
    pub erlang_b: f64,
    /// The share of calls whose most likely origin is not the true one.
    pub wrong: f64,
    /// The same for systems that give each call to the last holder.
    pub last_holder_wrong: f64,
    /// How unsure attribution says to be: the mean of what is left beside its most likely origin.
    pub unsure: f64,
    pub monthly_cost: f64,
    /// Calls a month whose origin is known and right.
    pub known_calls: f64,
    /// A number more than this does not pay.
    pub enough: bool,
}

/// There is nothing to learn from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoAdvice {
    #[error("there are too few visits to tell")]
    NoVisits,
    #[error("a pool has 1 to {NUMBERS_MAX} numbers")]
    BadSize,
}

/// Tries every size with every keep-alive.
pub fn advise(question: &Question) -> Result<Advice, NoAdvice> {
    let (Some(first), Some(last)) = (question.visits.first(), question.visits.last()) else {
        return Err(NoAdvice::NoVisits);
    };
    let span_s = last.at.since(first.at).as_secs_f64();
    if span_s <= 0.0 {
        return Err(NoAdvice::NoVisits);
    }
    if question.sizes.iter().any(|&size| size == 0 || size > NUMBERS_MAX) {
        return Err(NoAdvice::BadSize);
    }
    let per_second = question.visits.len() as f64 / span_s;
    let mut rows = Vec::new();
    for &keep_alive in &question.keep_alives {
        let policy = Policy { keep_alive, quarantine: question.quarantine };
        let load = per_second * mean_hold_s(&question.visits, policy);
        let sizes = if question.sizes.is_empty() { sizes_around(load) } else { question.sizes.clone() };
        let mut tried: Vec<Row> =
            sizes.into_iter().map(|numbers| row(question, policy, numbers, load, per_second)).collect();
        let gain = |row: &Row| row.known_calls * question.call_worth - row.monthly_cost;
        let best = tried.iter().map(gain).fold(f64::NEG_INFINITY, f64::max);
        if let Some(enough) = tried.iter_mut().find(|row| gain(row) >= best) {
            enough.enough = true;
        }
        rows.extend(tried);
    }
    Ok(Advice { visits: question.visits.len(), visits_per_hour: per_second * 3_600.0, rows })
}

fn row(question: &Question, policy: Policy, numbers: usize, load: f64, per_second: f64) -> Row {
    let lending = lend(&question.visits, numbers, policy);
    let mut dice = Dice::new(question.seed);
    let (mut judged, mut wrong, mut last_holder_wrong, mut unsure) = (0.0, 0.0, 0.0, 0.0);
    for _ in 0..ROUNDS_MAX {
        let calls = calls(&lending, &question.priors, &mut dice);
        let it = judge(&lending, &calls, &question.priors);
        let weight = it.calls as f64;
        wrong += it.ours.wrong * weight;
        last_holder_wrong += it.last_holder.wrong * weight;
        unsure += it.unsure * weight;
        judged += weight;
        if judged >= CALLS_ENOUGH as f64 {
            break;
        }
    }
    // Without a call nothing is wrong, and nothing is known either.
    let mean = |sum: f64| if judged > 0.0 { sum / judged } else { 0.0 };
    let exhausted = lending.exhaustion();
    let calls_a_month = per_second * MONTH_S * question.priors.calls_per_visit;
    Row {
        keep_alive: policy.keep_alive,
        numbers,
        load,
        exhausted,
        erlang_b: erlang_b(numbers, load),
        wrong: mean(wrong),
        last_holder_wrong: mean(last_holder_wrong),
        unsure: mean(unsure),
        monthly_cost: numbers as f64 * question.number_price,
        known_calls: calls_a_month * (1.0 - exhausted.mean) * (1.0 - mean(wrong)),
        enough: false,
    }
}

/// For how long a number is not to be had, once it is lent.
fn mean_hold_s(visits: &[Came], policy: Policy) -> f64 {
    let held = |came: &Came| policy.free_at(last_sign(came.at, came.stay)).since(came.at).as_secs_f64();
    visits.iter().map(held).sum::<f64>() / visits.len() as f64
}

/// From a pool that is mostly exhausted to one whose numbers rest for long.
fn sizes_around(load: f64) -> Vec<usize> {
    let mut sizes: Vec<usize> = [0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 8.0]
        .iter()
        .map(|times| ((load * times).ceil() as usize).clamp(1, NUMBERS_MAX))
        .collect();
    sizes.dedup();
    sizes
}

/// The share of visits that find all of `numbers` taken when `load` of them are
/// held on average (Erlang 1917), whatever the times for which they are held.
pub fn erlang_b(numbers: usize, load: f64) -> f64 {
    (1..=numbers).fold(1.0, |blocked, n| load * blocked / (n as f64 + load * blocked))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn question(per_hour: f64, visits: usize) -> Question {
        Question {
            visits: arrivals(per_hour, 3 * MINUTE, visits, &mut Dice::new(11)),
            priors: Priors::STATED,
            sizes: vec![],
            keep_alives: vec![20 * MINUTE],
            quarantine: Duration::ZERO,
            number_price: 1.0,
            call_worth: 5.0,
            seed: 1,
        }
    }

    #[test]
    fn erlangs_formula_gives_the_figures_of_the_tables() {
        for (numbers, load, blocked) in
            [(1, 1.0, 0.5), (5, 3.0, 0.110_05), (33, 23.0, 0.010_42), (10, 5.0, 0.018_38)]
        {
            assert!((erlang_b(numbers, load) - blocked).abs() < 6e-5, "{}", erlang_b(numbers, load));
        }
    }

    #[test]
    fn the_replay_agrees_with_erlang_within_its_own_error() {
        for (per_hour, keep_alive, sizes) in
            [(10.0, 20, vec![2, 4, 6]), (60.0, 2, vec![4, 7, 10]), (60.0, 20, vec![20, 27])]
        {
            // Nobody calls: the replay is about the numbers alone.
            let priors = Priors { calls_per_visit: 0.0, background_per_day: 0.0, ..Priors::STATED };
            let keep_alives = vec![keep_alive * MINUTE];
            let asked = Question { sizes, keep_alives, priors, ..question(per_hour, 12_000) };

            for row in advise(&asked).unwrap().rows {
                let off = (row.exhausted.mean - row.erlang_b).abs();
                assert!(row.exhausted.error > 0.0 && off < 4.0 * row.exhausted.error, "{row:?}");
                assert!(row.exhausted.error < 0.02, "{row:?}");
            }
        }
    }

    #[test]
    fn more_numbers_exhaust_less_and_mistake_less_and_cost_more() {
        let advice = advise(&question(60.0, 3_000)).unwrap();

        assert!((advice.visits_per_hour - 60.0).abs() < 3.0, "{}", advice.visits_per_hour);
        for pair in advice.rows.windows(2) {
            assert!(pair[0].numbers < pair[1].numbers && pair[0].monthly_cost < pair[1].monthly_cost);
            assert!(pair[0].exhausted.mean >= pair[1].exhausted.mean, "{pair:?}");
            assert!(pair[0].known_calls < pair[1].known_calls * 1.02, "{pair:?}");
        }
        let (least, most) = (advice.rows[0], advice.rows[advice.rows.len() - 1]);
        assert!(least.wrong > most.wrong + 0.03 && least.exhausted.mean > 0.3, "{least:?} {most:?}");
        assert_eq!(advice.rows.iter().filter(|row| row.enough).count(), 1);
    }

    #[test]
    fn another_number_pays_longer_where_a_call_is_worth_more() {
        let enough = |call_worth| {
            let asked = Question { call_worth, sizes: vec![2, 4, 6, 12], ..question(10.0, 1_500) };
            advise(&asked).unwrap().rows.into_iter().find(|row| row.enough).unwrap().numbers
        };

        let sizes = [0.0, 0.05, 100.0].map(enough);
        assert!(sizes.is_sorted() && sizes[0] == 2 && sizes[1] < 12 && sizes[2] == 12, "{sizes:?}");
    }

    #[test]
    fn a_visitor_who_comes_back_takes_no_second_number() {
        let mut asked = Question { sizes: vec![1], ..question(60.0, 500) };
        let one = asked.visits[0].visitor;
        asked.visits.iter_mut().for_each(|came| came.visitor = one);

        assert_eq!(advise(&asked).unwrap().rows[0].exhausted.mean, 0.0);
    }

    #[test]
    fn without_visits_there_is_no_advice() {
        assert_eq!(advise(&question(60.0, 0)), Err(NoAdvice::NoVisits));
        assert_eq!(advise(&question(60.0, 1)), Err(NoAdvice::NoVisits));
        assert_eq!(advise(&Question { sizes: vec![0], ..question(60.0, 9) }), Err(NoAdvice::BadSize));
    }
}
