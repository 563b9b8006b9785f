//! With which probabilities calls fall on a row: in hundredths, with the mean of
//! each, which is as good as each call by itself for the interval.

use super::count::is_whole;
use super::expected::{Expected, Likely, expect};
use super::facts::WHOLE;

const PARTS: usize = 100;

#[derive(Clone, Default, Debug)]
pub(super) struct Chances {
    certain: u64,
    /// For each hundredth how many calls, and the sum of their weights; empty as long as all calls are certain.
    open: Vec<(u32, u64)>,
}

impl Chances {
    pub fn add(&mut self, weight: u32) {
        if is_whole(weight) {
            self.certain += 1;
            return;
        }
        if self.open.is_empty() {
            self.open.resize(PARTS, (0, 0));
        }
        let (calls, sum) = &mut self.open[weight as usize / (WHOLE as usize / PARTS)];
        *calls += 1;
        *sum += u64::from(weight);
    }

    pub fn join(&mut self, other: Self) {
        self.certain += other.certain;
        if self.open.is_empty() {
            self.open = other.open;
            return;
        }
        for (mine, its) in self.open.iter_mut().zip(other.open) {
            mine.0 += its.0;
            mine.1 += its.1;
        }
    }

    pub fn expect(&self) -> Expected {
        let open = self.open.iter().filter(|(calls, _)| *calls > 0).map(|&(calls, sum)| Likely {
            probability: sum as f64 / f64::from(calls) / f64::from(WHOLE),
            calls: u64::from(calls),
        });
        let likely: Vec<Likely> =
            [Likely { probability: 1.0, calls: self.certain }].into_iter().chain(open).collect();
        expect(&likely)
    }
}
