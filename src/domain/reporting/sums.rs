//! What is added up of calls.
//!
//! Whole numbers throughout, calls in millionths: sums are the same in whatever
//! order the calls come, and what is counted twice in two ways is equal to the
//! last digit.

use std::ops::AddAssign;

use super::book::Call;
use super::facts::WHOLE;
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::qualification::Qualification;

/// Sums over calls, each of which counts with a weight of up to [`WHOLE`].
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Sums {
    pub calls: u64,
    /// Somebody took them.
    pub answered: u64,
    /// They ended without; those that go on are neither.
    pub missed: u64,
    /// The first call of somebody …
    pub new: u64,
    /// … that somebody took …
    pub new_answered: u64,
    /// … or that ended without.
    pub new_missed: u64,
    /// How long the answered ones rang, and lasted: milliseconds times weight.
    pub ring: u64,
    pub talk: u64,
    pub leads: u64,
    pub sales: u64,
}

impl Sums {
    /// Of a call with this weight.
    pub(super) fn of(call: &Call, weight: u32) -> Self {
        let whole = u64::from(weight);
        let if_so = |it: bool| if it { whole } else { 0 };
        let is_answered = call.outcome == Some(Outcome::Answered);
        let is_missed = !is_answered && call.outcome.is_some();
        let (answered, missed, new) = (if_so(is_answered), if_so(is_missed), if_so(call.is_new));
        Self {
            calls: whole,
            answered,
            missed,
            new,
            new_answered: answered.min(new),
            new_missed: missed.min(new),
            ring: answered * u64::from(call.ring_ms),
            talk: answered * u64::from(call.talk_ms),
            leads: if_so(call.qualification == Some(Qualification::Lead)),
            sales: if_so(call.qualification == Some(Qualification::Sale)),
        }
    }

    /// Of the calls that are over, how many somebody took; 0 to 1.
    pub fn answered_rate(&self) -> Option<f64> {
        ratio(self.answered, self.answered + self.missed)
    }

    /// The same of first calls of somebody.
    pub fn first_time_answered_rate(&self) -> Option<f64> {
        ratio(self.new_answered, self.new_answered + self.new_missed)
    }

    /// How long an answered call rang, in milliseconds.
    pub fn mean_ring_ms(&self) -> Option<f64> {
        ratio(self.ring, self.answered)
    }

    /// How long an answered call lasted, in milliseconds.
    pub fn mean_talk_ms(&self) -> Option<f64> {
        ratio(self.talk, self.answered)
    }
}

/// Millionths as calls.
pub fn calls(millionths: u64) -> f64 {
    millionths as f64 / f64::from(WHOLE)
}

fn ratio(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

impl AddAssign<&Sums> for Sums {
    fn add_assign(&mut self, other: &Sums) {
        self.calls += other.calls;
        self.answered += other.answered;
        self.missed += other.missed;
        self.new += other.new;
        self.new_answered += other.new_answered;
        self.new_missed += other.new_missed;
        self.ring += other.ring;
        self.talk += other.talk;
        self.leads += other.leads;
        self.sales += other.sales;
    }
}
