//! With which probabilities calls fall on a row: in hundredths, with the mean of
//! each, which is as good as each call by itself for the interval.

use super::count::is_whole;
use super::expected::{Expected, Likely, expect};
use super::facts::WHOLE;

#[derive(Clone, Default, Debug)]
pub(super) struct Chances {
    certain: u64,
    /// By the hundredth: how many calls, and the sum of their weights. Most rows have few of them.
    open: Vec<(u8, u32, u64)>,
}

impl Chances {
    pub fn add(&mut self, weight: u32) {
        if is_whole(weight) {
            self.certain += 1;
        } else {
            self.put((weight / (WHOLE / 100)) as u8, 1, u64::from(weight));
        }
    }

    fn put(&mut self, hundredth: u8, calls: u32, sum: u64) {
        match self.open.binary_search_by_key(&hundredth, |it| it.0) {
            Ok(place) => {
                self.open[place].1 += calls;
                self.open[place].2 += sum;
            }
            Err(place) => self.open.insert(place, (hundredth, calls, sum)),
        }
    }

    pub fn join(&mut self, other: Self) {
        self.certain += other.certain;
        for (hundredth, calls, sum) in other.open {
            self.put(hundredth, calls, sum);
        }
    }

    pub fn expect(&self) -> Expected {
        let open = self.open.iter().map(|&(_, calls, sum)| Likely {
            probability: sum as f64 / f64::from(calls) / f64::from(WHOLE),
            calls: u64::from(calls),
        });
        let likely: Vec<Likely> =
            [Likely { probability: 1.0, calls: self.certain }].into_iter().chain(open).collect();
        expect(&likely)
    }
}
