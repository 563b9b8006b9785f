//! What a node remembers of its callers: how often they called of late, and
//! how many of their calls were silent.
//!
//! The wire decides how many callers there are, so the memory has an end. It is
//! kept in two halves: when the young one is full it becomes the old one, whose
//! callers are forgotten. Whoever calls again moves back to the young half, so
//! those who call most are known longest, and nothing has to be sorted.

use std::collections::{HashMap, VecDeque};

use super::rules::{Limit, Settings};
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::record::Ended;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// How many callers are remembered at least, and half of how many at most.
pub const CALLERS_MAX: usize = 10_000;
/// The most calls that a limit may count: what one caller can take of the memory.
pub const COUNT_MAX: u32 = 100;

/// How a caller stands when they call again.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Habits {
    pub too_often: bool,
    pub silent: bool,
}

#[derive(Default, Debug)]
pub struct Callers {
    young: HashMap<Phone, Trace>,
    old: HashMap<Phone, Trace>,
}

/// The latest times of each kind, oldest first.
#[derive(Default, Debug)]
struct Trace {
    calls: VecDeque<Timestamp>,
    silent: VecDeque<Timestamp>,
}

impl Callers {
    /// A caller is here; this call is counted from the next one on.
    pub fn arrives(&mut self, caller: &Phone, now: Timestamp, settings: &Settings) -> Habits {
        let trace = self.trace(caller);
        let habits = Habits {
            too_often: has_reached(&trace.calls, settings.rate, now),
            silent: has_reached(&trace.silent, settings.silent, now),
        };
        note(&mut trace.calls, now);
        habits
    }

    /// Their call is over.
    pub fn leaves(&mut self, caller: &Phone, arrived_at: Timestamp, ended: &Ended, settings: &Settings) {
        if was_silent(arrived_at, ended, settings) {
            note(&mut self.trace(caller).silent, ended.at);
        }
    }

    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn trace(&mut self, caller: &Phone) -> &mut Trace {
        if self.young.len() >= CALLERS_MAX && !self.young.contains_key(caller) {
            self.old = std::mem::take(&mut self.young);
        }
        let known = self.old.remove(caller);
        let trace = self.young.entry(caller.clone()).or_default();
        if let Some(known) = known {
            *trace = known;
        }
        trace
    }
}

fn has_reached(times: &VecDeque<Timestamp>, limit: Limit, now: Timestamp) -> bool {
    // The call that has to be within the window for the count to be full.
    let counted = times.len().checked_sub(limit.calls as usize).and_then(|first| times.get(first));
    counted.is_some_and(|at| *at > now - limit.within)
}

fn note(times: &mut VecDeque<Timestamp>, at: Timestamp) {
    if times.len() >= COUNT_MAX as usize {
        times.pop_front();
    }
    times.push_back(at);
}

/// A robot that finds no agent free hangs up when somebody answers, or just before.
fn was_silent(arrived_at: Timestamp, ended: &Ended, settings: &Settings) -> bool {
    match (ended.outcome, ended.answered_at) {
        (Outcome::Answered, Some(answered)) => ended.at.since(answered) < settings.answered_under,
        (Outcome::Abandoned, _) => ended.at.since(arrived_at) < settings.abandoned_under,
        _ => false,
    }
}
