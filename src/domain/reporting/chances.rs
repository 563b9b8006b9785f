//! With which probabilities calls fall on a row, of those that may as well not: in hundredths, with the mean of
//! each, which is as good as each call by itself for the interval.
//!
//! Where there are so many that the interval is a normal one, their mean and their variance are all it needs, and
//! the hundredths are let go.

use super::count::is_whole;
use super::expected::{EXACT_MAX, Expected, Likely, expect, expect_normal};
use super::facts::WHOLE;

#[derive(Clone, Default, Debug)]
pub(super) struct Chances {
    /// What they weigh together.
    sum: u64,
    /// Of their number, in thousands of millionths.
    variance: u64,
    /// By the hundredth, some of them more than once: how many calls, and the sum of their weights.
    open: Vec<(u8, u32, u64)>,
}

const VARIANCE_UNIT: f64 = 1e9;
/// So many stand as they came before they are put in order: that is faster than a place for each.
const OPEN_MAX: usize = 256;

impl Chances {
    pub fn add(&mut self, weight: u32) {
        if is_whole(weight) {
            return;
        }
        self.sum += u64::from(weight);
        self.variance += u64::from(weight) * u64::from(WHOLE - weight) / 1_000;
        self.put((weight / (WHOLE / 100)) as u8, 1, u64::from(weight));
    }

    fn is_normal(&self) -> bool {
        self.variance > (EXACT_MAX * VARIANCE_UNIT) as u64
    }

    fn put(&mut self, hundredth: u8, calls: u32, sum: u64) {
        if self.is_normal() {
            return self.open.clear();
        }
        self.open.push((hundredth, calls, sum));
        if self.open.len() >= OPEN_MAX {
            self.open = self.hundredths();
        }
    }

    /// Each hundredth once, in order.
    fn hundredths(&self) -> Vec<(u8, u32, u64)> {
        let mut sorted = self.open.clone();
        sorted.sort_unstable();
        sorted.dedup_by(|next, it| {
            let same = next.0 == it.0;
            if same {
                *it = (it.0, it.1 + next.1, it.2 + next.2);
            }
            same
        });
        sorted
    }

    pub fn join(&mut self, other: &Self) {
        self.sum += other.sum;
        self.variance += other.variance;
        for (hundredth, calls, sum) in &other.open {
            self.put(*hundredth, *calls, *sum);
        }
    }

    /// How many calls came from here, certain ones among them: all together weigh this.
    pub fn expect(&self, all: u64) -> Expected {
        let whole = f64::from(WHOLE);
        let certain = (all - self.sum) / u64::from(WHOLE);
        if self.is_normal() {
            let (mean, variance) = (self.sum as f64 / whole, self.variance as f64 / VARIANCE_UNIT);
            return expect_normal(certain as f64, mean, variance);
        }
        let hundredths = self.hundredths();
        let open = hundredths.iter().map(|&(_, calls, sum)| Likely {
            probability: sum as f64 / f64::from(calls) / whole,
            calls: u64::from(calls),
        });
        let likely: Vec<Likely> =
            [Likely { probability: 1.0, calls: certain }].into_iter().chain(open).collect();
        expect(&likely)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Up to some hundred calls they are told by the hundredth, and by mean and variance above.
        #[test]
        fn they_are_the_same_in_whatever_parts_they_come(weights in prop::collection::vec(1..=WHOLE, 0..900), cut in 0..900_usize) {
            let of = |weights: &[u32]| {
                let mut all = Chances::default();
                weights.iter().for_each(|weight| all.add(*weight));
                all
            };
            let sum = weights.iter().map(|it| u64::from(*it)).sum();
            let (before, behind) = weights.split_at(cut.min(weights.len()));

            let mut joined = of(behind);
            joined.join(&of(before));

            prop_assert_eq!(joined.expect(sum), of(&weights).expect(sum));
            let exact: Vec<Likely> =
                weights.iter().map(|it| Likely { probability: f64::from(*it) / f64::from(WHOLE), calls: 1 }).collect();
            let (told, exact) = (joined.expect(sum), expect(&exact));
            prop_assert!((told.calls - exact.calls).abs() < 1e-6, "{:?} {:?}", told, exact);
            prop_assert!((told.from - exact.from).abs() < 1.5 && (told.to - exact.to).abs() < 1.5, "{:?} {:?}", told, exact);
        }
    }
}
