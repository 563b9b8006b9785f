//! What a channel adds, averaged over all orders in which channels may join
//! (Shapley 1953): the one way of sharing that is efficient, symmetric, and
//! gives nothing to who adds nothing.
//!
//! ```text
//!   value of i = mean over all orders of  v(those before i, and i) − v(those before i)
//! ```
//!
//! What a company of channels is worth is a choice, see [`Worth`]. When it is
//! worth the calls of the journeys that needed nobody else, each journey's
//! calls are shared evenly by its labels: the value is exact at any number.
//! Any other worth is tried on all companies of up to [`EXACT_MAX`] players,
//! and above that on a sample of orders, which says its standard error.

use std::collections::BTreeMap;

use super::{Journeys, LabelId};
use crate::domain::dice::Dice;

/// Up to this many players all companies are tried: 2^15 of them.
pub const EXACT_MAX: usize = 15;

/// How many orders are sampled above that.
const ORDERS: u32 = 4_000;

/// What a company of channels is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Worth {
    /// The calls of the journeys that these channels made alone.
    Calls,
    /// The calls there would be, had all journeys been as the ones that these
    /// channels made alone. It counts journeys without a call as well, so a
    /// channel that brings many who never call may have less than nothing.
    Rate,
}

/// What one player is worth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Part {
    pub value: f64,
    /// `None`: exact.
    pub standard_error: Option<f64>,
}

/// What each label has earned.
pub(super) fn credit(journeys: &Journeys, worth: Worth, seed: u64) -> Vec<Part> {
    let labels = journeys.labels().len();
    match worth {
        Worth::Calls => {
            let mut parts = vec![Part { value: 0.0, standard_error: None }; labels];
            for journey in journeys.iter() {
                let company = journey.labels();
                for label in &company {
                    parts[label.index()].value += journey.calls() / company.len() as f64;
                }
            }
            parts
        }
        Worth::Rate => values(labels, rate(journeys), seed),
    }
}

/// The calls that a company would have made out of all journeys, at the rate
/// of the journeys that it made alone.
fn rate(journeys: &Journeys) -> impl Fn(&[bool]) -> f64 {
    let mut companies: BTreeMap<Vec<LabelId>, (f64, f64)> = BTreeMap::new();
    for journey in journeys.iter() {
        let (calls, all) = companies.entry(journey.labels()).or_default();
        *calls += journey.calls();
        *all += journey.calls() + journey.lost();
    }
    let total: f64 = companies.values().map(|(_, all)| all).sum();
    move |company| {
        let made = companies.iter().filter(|(labels, _)| labels.iter().all(|label| company[label.index()]));
        let (calls, all) = made.fold((0.0, 0.0), |sum, (_, part)| (sum.0 + part.0, sum.1 + part.1));
        if all > 0.0 { calls / all * total } else { 0.0 }
    }
}

/// The Shapley values of the game `worth`, which is asked with a flag for
/// every player; nobody is worth nothing.
pub fn values(players: usize, worth: impl Fn(&[bool]) -> f64, seed: u64) -> Vec<Part> {
    if players <= EXACT_MAX { exact(players, worth) } else { sampled(players, worth, seed) }
}

fn exact(players: usize, worth: impl Fn(&[bool]) -> f64) -> Vec<Part> {
    let company = |mask: usize| -> Vec<bool> { (0..players).map(|i| mask >> i & 1 == 1).collect() };
    let worth: Vec<f64> = (0..1_usize << players).map(|mask| worth(&company(mask))).collect();
    // The share of orders in which exactly these `before` come before a player:
    // before! · (players − 1 − before)! / players!
    let mut share = vec![1.0 / players as f64; players];
    for before in 1..players {
        share[before] = share[before - 1] * before as f64 / (players - before) as f64;
    }
    let value = |player: usize| {
        let without = (0..worth.len()).filter(|mask| mask >> player & 1 == 0);
        without
            .map(|mask| share[mask.count_ones() as usize] * (worth[mask | 1 << player] - worth[mask]))
            .sum()
    };
    (0..players).map(|player| Part { value: value(player), standard_error: None }).collect()
}

/// Orders are drawn in pairs, each with its reverse: who comes early in one
/// comes late in the other, so a pair errs less than two orders would.
fn sampled(players: usize, worth: impl Fn(&[bool]) -> f64, seed: u64) -> Vec<Part> {
    let pairs = f64::from(ORDERS / 2);
    let mut dice = Dice::new(seed);
    let mut order: Vec<usize> = (0..players).collect();
    let (mut sum, mut squares) = (vec![0.0; players], vec![0.0; players]);
    for _ in 0..ORDERS / 2 {
        let mut added = vec![0.0; players];
        dice.shuffle(&mut order);
        for _ in 0..2 {
            let mut company = vec![false; players];
            let mut before = worth(&company);
            for &player in &order {
                company[player] = true;
                let with = worth(&company);
                added[player] += (with - before) / 2.0;
                before = with;
            }
            order.reverse();
        }
        for player in 0..players {
            sum[player] += added[player];
            squares[player] += added[player] * added[player];
        }
    }
    (0..players)
        .map(|player| {
            let mean = sum[player] / pairs;
            let variance = (squares[player] / pairs - mean * mean).max(0.0) * pairs / (pairs - 1.0);
            Part { value: mean, standard_error: Some((variance / pairs).sqrt()) }
        })
        .collect()
}
