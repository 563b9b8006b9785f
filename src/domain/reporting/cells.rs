//! Sums of things that are numbered. What few calls have stands apart from them, and only where there is any: sums
//! that stand close are found faster.

use super::book::Worth;
use super::chances::Chances;
use super::sums::Sums;
use super::worth::Revenue;

#[derive(Default)]
pub(super) struct Cells {
    sums: Vec<Sums>,
    chances: Vec<Chances>,
    revenues: Vec<Revenue>,
}

impl Cells {
    pub fn of(len: usize) -> Self {
        Self { sums: vec![Sums::default(); len], ..Self::default() }
    }

    /// Adds a call that counts with this weight.
    pub fn add(&mut self, nth: usize, sums: &Sums, weight: u32, worths: &[Worth]) {
        self.add_part(nth, sums, weight, worths);
        self.may_be(nth, weight);
    }

    /// The same of what is not a call by itself.
    pub fn add_part(&mut self, nth: usize, sums: &Sums, weight: u32, worths: &[Worth]) {
        self.sums[nth] += sums;
        if !worths.is_empty() {
            at(&mut self.revenues, self.sums.len(), nth).add(worths, weight);
        }
    }

    /// Says that one of the calls is of this probability.
    pub fn may_be(&mut self, nth: usize, weight: u32) {
        if !super::count::is_whole(weight) {
            at(&mut self.chances, self.sums.len(), nth).add(weight);
        }
    }

    /// Adds everything of another, each to what it belongs to.
    pub fn take(&mut self, other: &Self, place: impl Fn(usize) -> usize) {
        let len = self.sums.len();
        for (nth, sums) in other.sums.iter().enumerate().filter(|(_, sums)| sums.calls > 0) {
            self.sums[place(nth)] += sums;
        }
        for (nth, chances) in other.chances.iter().enumerate() {
            at(&mut self.chances, len, place(nth)).join(chances);
        }
        for (nth, revenue) in other.revenues.iter().enumerate() {
            at(&mut self.revenues, len, place(nth)).join(revenue);
        }
    }

    pub fn sums(&self, nth: usize) -> &Sums {
        &self.sums[nth]
    }

    pub fn chances(&self, nth: usize) -> Chances {
        self.chances.get(nth).cloned().unwrap_or_default()
    }

    pub fn revenue(&self, nth: usize) -> Revenue {
        self.revenues.get(nth).cloned().unwrap_or_default()
    }
}

fn at<T: Clone + Default>(all: &mut Vec<T>, len: usize, nth: usize) -> &mut T {
    if all.is_empty() {
        all.resize(len, T::default());
    }
    &mut all[nth]
}
