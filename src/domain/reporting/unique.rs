//! How many different people called: each counts as their call that counts most.
//!
//! Callers are numbered, so that most are a bit in a row of bits.

use std::cmp::Reverse;

use super::count::is_whole;
use super::facts::WHOLE;

#[derive(Default)]
pub(super) struct Callers {
    /// Those with a call that counts whole.
    whole: Vec<u64>,
    /// Who counts in part, and how much, as often as they called.
    parts: Vec<(u32, u32)>,
}

impl Callers {
    pub fn add(&mut self, caller: u32, weight: u32) {
        if is_whole(weight) {
            let word = caller as usize / 64;
            if word >= self.whole.len() {
                self.whole.resize((word + 1).next_power_of_two(), 0);
            }
            self.whole[word] |= 1 << (caller % 64);
        } else {
            self.parts.push((caller, weight));
        }
    }

    pub fn join(&mut self, mut other: Self) {
        if other.whole.len() > self.whole.len() {
            std::mem::swap(&mut self.whole, &mut other.whole);
        }
        self.whole.iter_mut().zip(&other.whole).for_each(|(mine, its)| *mine |= its);
        self.parts.append(&mut other.parts);
    }

    /// In millionths.
    pub fn sum(self) -> u64 {
        let is_in = |caller: u32| {
            self.whole.get(caller as usize / 64).is_some_and(|word| word & (1 << (caller % 64)) != 0)
        };
        let whole: u64 = self.whole.iter().map(|word| u64::from(word.count_ones())).sum();
        let mut parts: Vec<(u32, u32)> =
            self.parts.iter().filter(|(caller, _)| !is_in(*caller)).copied().collect();
        parts.sort_unstable_by_key(|(caller, weight)| (*caller, Reverse(*weight)));
        parts.dedup_by_key(|(caller, _)| *caller);
        whole * u64::from(WHOLE) + parts.iter().map(|(_, weight)| u64::from(*weight)).sum::<u64>()
    }
}
