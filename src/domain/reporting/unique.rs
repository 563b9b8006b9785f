//! How many different people called: each counts as their call that counts most.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::num::NonZeroU64;

#[derive(Default)]
pub(super) struct Callers(HashMap<NonZeroU64, u32, BuildHasherDefault<Already>>);

impl Callers {
    pub fn add(&mut self, caller: NonZeroU64, weight: u32) {
        let most = self.0.entry(caller).or_default();
        *most = weight.max(*most);
    }

    pub fn join(&mut self, mut other: Self) {
        if other.0.len() > self.0.len() {
            std::mem::swap(&mut self.0, &mut other.0);
        }
        other.0.into_iter().for_each(|(caller, weight)| self.add(caller, weight));
    }

    /// In millionths.
    pub fn sum(&self) -> u64 {
        self.0.values().map(|weight| u64::from(*weight)).sum()
    }
}

/// A caller's key is a hash already.
#[derive(Default)]
struct Already(u64);

impl Hasher for Already {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}
