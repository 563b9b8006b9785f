//! With which probabilities calls fall on a row: in hundredths, with the mean of
//! each, which is as good as each call by itself for the interval.

use std::collections::BTreeMap;

use super::count::is_whole;
use super::expected::{Expected, Likely, expect};
use super::facts::WHOLE;

#[derive(Clone, Default, Debug)]
pub(super) struct Chances {
    certain: u64,
    /// By the hundredth: how many calls, and the sum of their weights.
    open: BTreeMap<u32, (u64, u64)>,
}

impl Chances {
    pub fn add(&mut self, weight: u32) {
        if is_whole(weight) {
            self.certain += 1;
        } else {
            let (calls, sum) = self.open.entry(weight / (WHOLE / 100)).or_default();
            *calls += 1;
            *sum += u64::from(weight);
        }
    }

    pub fn join(&mut self, other: Self) {
        self.certain += other.certain;
        for (hundredth, (calls, sum)) in other.open {
            let mine = self.open.entry(hundredth).or_default();
            mine.0 += calls;
            mine.1 += sum;
        }
    }

    pub fn expect(&self) -> Expected {
        let open = self
            .open
            .values()
            .map(|&(calls, sum)| Likely { probability: sum as f64 / calls as f64 / f64::from(WHOLE), calls });
        let likely: Vec<Likely> =
            [Likely { probability: 1.0, calls: self.certain }].into_iter().chain(open).collect();
        expect(&likely)
    }
}
