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

use std::collections::HashMap;

use super::journey::Path;
use crate::domain::dice::Dice;

/// Up to this many players all companies are tried: 2^15 of them.
pub const EXACT_MAX: usize = 15;

/// How many orders are sampled above that.
const ORDERS: u32 = 4_000;

/// The same where the game is played again and again, and only how its values differ is asked.
const EXACT_MAX_AGAIN: usize = 9;
const ORDERS_AGAIN: usize = 120;

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

/// Who went the paths together; how often they did is told each time anew.
pub(super) struct Game {
    players: usize,
    /// Each once.
    companies: Vec<Vec<usize>>,
    /// For each path its company.
    of_paths: Vec<usize>,
    worth: Worth,
    seed: u64,
}

impl Game {
    pub fn read(paths: &[Path], players: usize, worth: Worth, seed: u64) -> Self {
        let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
        let mut of_paths = Vec::with_capacity(paths.len());
        for path in paths {
            let company: Vec<usize> = path.company().into_iter().map(|label| label.index()).collect();
            let next = known.len();
            of_paths.push(*known.entry(company).or_insert(next));
        }
        let mut companies: Vec<(Vec<usize>, usize)> = known.into_iter().collect();
        companies.sort_unstable_by_key(|(_, place)| *place);
        let companies = companies.into_iter().map(|(company, _)| company).collect();
        Self { players, companies, of_paths, worth, seed }
    }

    /// What each label has earned, had the paths been gone so often.
    pub fn credit(&self, calls: &[f64], lost: &[f64]) -> Vec<Part> {
        self.played(calls, lost, false)
    }

    /// The same, only as exact as it is fast: always by the same orders, so that two such values differ by much less than
    /// either errs.
    pub fn credit_again(&self, calls: &[f64], lost: &[f64]) -> Vec<f64> {
        let parts = self.played(calls, lost, true);
        parts.into_iter().map(|part| part.value).collect()
    }

    /// How many steps [`Game::credit_again`] takes, about.
    pub fn steps_again(&self) -> usize {
        if self.worth == Worth::Calls {
            self.companies.len()
        } else if self.players <= EXACT_MAX_AGAIN {
            self.players << self.players
        } else {
            let joins: usize = self.companies.iter().map(Vec::len).sum();
            self.orders_again() as usize * (joins + self.players)
        }
    }

    /// Enough for everybody to come in each place.
    fn orders_again(&self) -> u32 {
        ORDERS_AGAIN.max(2 * self.players) as u32
    }

    fn played(&self, calls: &[f64], lost: &[f64], again: bool) -> Vec<Part> {
        let (exact_max, orders) =
            if again { (EXACT_MAX_AGAIN, self.orders_again()) } else { (EXACT_MAX, ORDERS) };
        // Of each company its calls, and all its journeys.
        let mut made = vec![(0.0, 0.0); self.companies.len()];
        for (&company, (calls, lost)) in self.of_paths.iter().zip(calls.iter().zip(lost)) {
            made[company].0 += calls;
            made[company].1 += calls + lost;
        }
        match self.worth {
            Worth::Calls => {
                let mut parts = vec![Part { value: 0.0, standard_error: None }; self.players];
                for (company, (calls, _)) in self.companies.iter().zip(&made) {
                    company.iter().for_each(|&player| parts[player].value += calls / company.len() as f64);
                }
                parts
            }
            Worth::Rate if self.players <= exact_max => exact(self.players, &self.worths(&made)),
            Worth::Rate => {
                sampled(self.players, |order| self.worths_along(order, &made), (orders, again), self.seed)
            }
        }
    }

    /// The calls that each company would have made out of all journeys, at the rate of those that it made alone: the
    /// sums over all its parts, one player after the other (the zeta transform of the subsets).
    fn worths(&self, made: &[(f64, f64)]) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); 1 << self.players];
        for (company, &(calls, all)) in self.companies.iter().zip(made) {
            let cell = &mut sums[company.iter().fold(0, |mask, player| mask | 1 << player)];
            *cell = (cell.0 + calls, cell.1 + all);
        }
        for player in 0..self.players {
            for mask in (0..sums.len()).filter(|mask| mask >> player & 1 == 1) {
                let (calls, all) = sums[mask ^ 1 << player];
                sums[mask] = (sums[mask].0 + calls, sums[mask].1 + all);
            }
        }
        let total = sums.last().map_or(0.0, |(_, all)| *all);
        sums.into_iter().map(|(calls, all)| rate(calls, all, total)).collect()
    }

    /// The same as players join in this order: a company's journeys count from when the last of it has joined.
    fn worths_along(&self, order: &[usize], made: &[(f64, f64)]) -> Vec<f64> {
        let mut place = vec![0; self.players];
        order.iter().enumerate().for_each(|(nth, &player)| place[player] = nth);
        let mut joined = vec![(0.0, 0.0); self.players];
        for (company, &(calls, all)) in self.companies.iter().zip(made) {
            let last = company.iter().map(|&player| place[player]).max().unwrap_or_default();
            joined[last] = (joined[last].0 + calls, joined[last].1 + all);
        }
        let total: f64 = made.iter().map(|(_, all)| all).sum();
        let mut sum = (0.0, 0.0);
        let worths = joined.into_iter().map(|(calls, all)| {
            sum = (sum.0 + calls, sum.1 + all);
            rate(sum.0, sum.1, total)
        });
        worths.collect()
    }
}

fn rate(calls: f64, all: f64, total: f64) -> f64 {
    if all > 0.0 { calls / all * total } else { 0.0 }
}

/// The Shapley values of the game `worth`, which is asked with a flag for
/// every player; nobody is worth nothing.
pub fn values(players: usize, worth: impl Fn(&[bool]) -> f64, seed: u64) -> Vec<Part> {
    if players <= EXACT_MAX {
        let company = |mask: usize| -> Vec<bool> { (0..players).map(|i| mask >> i & 1 == 1).collect() };
        let worths: Vec<f64> = (0..1_usize << players).map(|mask| worth(&company(mask))).collect();
        return exact(players, &worths);
    }
    let along = |order: &[usize]| {
        let mut company = vec![false; players];
        let worths = order.iter().map(|&player| {
            company[player] = true;
            worth(&company)
        });
        worths.collect()
    };
    sampled(players, along, (ORDERS, false), seed)
}

/// `worths` of all companies; a player's bit says whether they are in it.
fn exact(players: usize, worths: &[f64]) -> Vec<Part> {
    // The share of orders in which exactly these `before` come before a player:
    // before! · (players − 1 − before)! / players!
    let mut share = vec![1.0 / players as f64; players];
    for before in 1..players {
        share[before] = share[before - 1] * before as f64 / (players - before) as f64;
    }
    let value = |player: usize| {
        let without = (0..worths.len()).filter(|mask| mask >> player & 1 == 0);
        without
            .map(|mask| share[mask.count_ones() as usize] * (worths[mask | 1 << player] - worths[mask]))
            .sum()
    };
    (0..players).map(|player| Part { value: value(player), standard_error: None }).collect()
}

/// Orders are drawn in pairs, each with its reverse: who comes early in one
/// comes late in the other, so a pair errs less than two orders would. `along`
/// tells what the players of an order are worth as they join.
///
/// `turned`: an order is turned until everybody has come in each place before
/// the next is drawn. That keeps few orders fair; their error is not told then.
fn sampled(
    players: usize,
    along: impl Fn(&[usize]) -> Vec<f64>,
    (orders, turned): (u32, bool),
    seed: u64,
) -> Vec<Part> {
    let pairs = f64::from(orders / 2);
    let mut dice = Dice::new(seed);
    let mut order: Vec<usize> = (0..players).collect();
    let (mut sum, mut squares) = (vec![0.0; players], vec![0.0; players]);
    for pair in 0..orders as usize / 2 {
        let mut added = vec![0.0; players];
        if !turned || pair % players == 0 {
            dice.shuffle(&mut order);
        } else {
            order.rotate_left(1);
        }
        for _ in 0..2 {
            let mut before = 0.0;
            for (&player, with) in order.iter().zip(along(&order)) {
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
