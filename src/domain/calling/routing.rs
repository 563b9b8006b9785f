//! Where a call to a number is carried, decided in memory.
//!
//! A call must not wait for a query (invariant 1), so all destinations and
//! numbers are read when they change; what rings in which order is decided
//! here without I/O. Whatever a decision depends on (the time, whose turn it
//! is, who is busy) is handed in.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::destination::{Destination, MediaPath, RingStep, StepTo, Strategy};
use super::recording::RecordingRule;
use super::transfer::TransferTargets;
use crate::domain::ids::{DestinationId, OutletId, TrunkId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// A plan that leads further than this was not checked.
const DEPTH_MAX: usize = 16;

/// Where one attempt to reach somebody goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A SIP URI: a desk, a PBX, a hunt group.
    Uri(String),
    /// A telephone number, reached over a trunk.
    Number { trunk: TrunkId, number: Phone },
}

/// Where a call is to be carried: one step after the other until somebody answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    pub steps: Vec<Step>,
    /// Why nothing rings, if no step does.
    pub otherwise: Otherwise,
}

/// What rings at the same time, and for how long; the first to answer has the call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    pub lines: Vec<Line>,
    pub ring: Duration,
}

/// One target, and the destination that it stands in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub target: Target,
    pub destination: DestinationId,
}

/// Why a way has no steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Otherwise {
    /// Outside the hours, and nobody else takes calls then.
    Closed,
    /// As many calls as may be are there already.
    Full,
}

impl Way {
    /// One line, rung once.
    pub fn to(line: Line, ring: Duration) -> Self {
        Self { steps: vec![Step { lines: vec![line], ring }], otherwise: Otherwise::Closed }
    }
}

/// What counts calls against a limit.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Seat {
    Number(Phone),
    Destination(DestinationId),
    Trunk(TrunkId),
}

/// How things stand when a call is decided.
pub trait Situation {
    /// How many calls have this seat.
    fn taken(&self, seat: &Seat) -> u32;
    /// How many calls may go over this trunk; `None`: any number.
    fn trunk_limit(&self, trunk: &TrunkId) -> Option<u32>;
    /// Counts the calls that began at this destination before this one.
    fn turn(&self, of: &DestinationId) -> u64;
}

/// The way of calls to one tracking number.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Route {
    pub destination: DestinationId,
    pub outlet: OutletId,
    pub calls_at_once: Option<u32>,
    /// How its calls are recorded; `None`: they are not.
    pub recording: Option<Arc<RecordingRule>>,
}

/// Every number in service, and every destination.
#[derive(Clone, Default, Debug)]
pub struct Routes {
    numbers: HashMap<Phone, Arc<Route>>,
    destinations: HashMap<DestinationId, Destination>,
    transfers: Arc<TransferTargets>,
}

impl Routes {
    /// Numbers with the same route share it, so that a hundred thousand of them stay small.
    pub fn new(
        numbers: impl IntoIterator<Item = (Phone, Route)>,
        destinations: impl IntoIterator<Item = Destination>,
    ) -> Self {
        let mut shared: HashMap<Route, Arc<Route>> = HashMap::new();
        let numbers = numbers.into_iter().map(|(number, route)| {
            let route = shared.entry(route).or_insert_with_key(|route| Arc::new(route.clone()));
            (number, Arc::clone(route))
        });
        let destinations: HashMap<_, _> = destinations.into_iter().map(|it| (it.id.clone(), it)).collect();
        Self {
            numbers: numbers.collect(),
            transfers: Arc::new(TransferTargets::of(destinations.values())),
            destinations,
        }
    }

    pub fn find(&self, number: &Phone) -> Option<&Route> {
        self.numbers.get(number).map(Arc::as_ref)
    }

    /// Whether the media of a call to this number are relayed: because it is recorded, or because
    /// a destination that rings on this way wants them so.
    pub fn relays(&self, number: &Phone, way: &Way) -> bool {
        if self.find(number).is_some_and(|route| route.recording.is_some()) {
            return true;
        }
        let mut lines = way.steps.iter().flat_map(|step| &step.lines);
        lines.any(|line| {
            let found = self.destinations.get(&line.destination);
            found.is_some_and(|destination| destination.media == MediaPath::Relayed)
        })
    }

    /// Where a talk may be carried on; a call keeps what was so at its arrival.
    pub fn transfers(&self) -> Arc<TransferTargets> {
        Arc::clone(&self.transfers)
    }

    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The way of a call to this number now.
    pub fn choose(&self, number: &Phone, route: &Route, now: Timestamp, how: &impl Situation) -> Way {
        let mut choice = Choice { routes: self, now, how, otherwise: Otherwise::Closed };
        let is_full =
            route.calls_at_once.is_some_and(|most| how.taken(&Seat::Number(number.clone())) >= most);
        if is_full {
            return Way { steps: vec![], otherwise: Otherwise::Full };
        }
        let steps = choice.destination(&route.destination, DEPTH_MAX);
        Way { steps, otherwise: choice.otherwise }
    }
}

/// One decision under way.
struct Choice<'a, S> {
    routes: &'a Routes,
    now: Timestamp,
    how: &'a S,
    otherwise: Otherwise,
}

impl<S: Situation> Choice<'_, S> {
    fn destination(&mut self, id: &DestinationId, depth: usize) -> Vec<Step> {
        let Some((found, depth)) = self.routes.destinations.get(id).zip(depth.checked_sub(1)) else {
            return vec![];
        };
        let plan = &found.ring_plan;
        if plan.hours.as_ref().is_some_and(|hours| !hours.is_open(self.now)) {
            self.otherwise = Otherwise::Closed;
            return plan.outside.as_ref().map_or(vec![], |other| self.destination(other, depth));
        }
        let is_full =
            plan.calls_at_once.is_some_and(|most| self.how.taken(&Seat::Destination(id.clone())) >= most);
        let mut steps = if is_full {
            self.otherwise = Otherwise::Full;
            vec![]
        } else {
            let ordered = in_turn(&plan.steps, plan.strategy, self.how.turn(id));
            let each: Vec<_> = ordered.into_iter().map(|step| self.step(id, step, depth)).collect();
            if plan.strategy == Strategy::All { at_once(each) } else { each.into_iter().flatten().collect() }
        };
        if let Some(other) = &plan.fallback {
            steps.extend(self.destination(other, depth));
        }
        steps
    }

    fn step(&mut self, of: &DestinationId, step: &RingStep, depth: usize) -> Vec<Step> {
        match &step.to {
            StepTo::Destination(other) => self.destination(other, depth),
            StepTo::Target(target) if self.is_full(target) => {
                self.otherwise = Otherwise::Full;
                vec![]
            }
            StepTo::Target(target) => {
                let line = Line { target: target.clone(), destination: of.clone() };
                vec![Step { lines: vec![line], ring: step.ring }]
            }
        }
    }

    fn is_full(&self, target: &Target) -> bool {
        let Target::Number { trunk, .. } = target else { return false };
        let limit = self.how.trunk_limit(trunk);
        limit.is_some_and(|most| self.how.taken(&Seat::Trunk(trunk.clone())) >= most)
    }
}

/// The steps in the order in which they ring for the call whose turn it is.
fn in_turn(steps: &[RingStep], strategy: Strategy, turn: u64) -> Vec<&RingStep> {
    let mut ordered: Vec<&RingStep> = steps.iter().collect();
    let first = match strategy {
        Strategy::Order | Strategy::All => 0,
        Strategy::RoundRobin => turn.checked_rem(steps.len() as u64).unwrap_or_default() as usize,
        Strategy::Weighted => whose_share(steps, turn),
    };
    match strategy {
        Strategy::Weighted if first < ordered.len() => ordered[..=first].rotate_right(1),
        _ => ordered.rotate_left(first),
    }
    ordered
}

/// Of as many calls as all weights add up to, each step begins those of its weight.
fn whose_share(steps: &[RingStep], turn: u64) -> usize {
    let all: u64 = steps.iter().map(|step| u64::from(step.weight)).sum();
    let mut left = turn.checked_rem(all).unwrap_or_default();
    for (place, step) in steps.iter().enumerate() {
        match left.checked_sub(u64::from(step.weight)) {
            Some(rest) => left = rest,
            None => return place,
        }
    }
    0
}

/// Several ways walked side by side: their first steps ring together, then their second ones.
fn at_once(ways: Vec<Vec<Step>>) -> Vec<Step> {
    let longest = ways.iter().map(Vec::len).max().unwrap_or_default();
    let mut together: Vec<Step> = vec![Step { lines: vec![], ring: Duration::ZERO }; longest];
    for way in ways {
        for (step, mine) in together.iter_mut().zip(way) {
            step.lines.extend(mine.lines);
            step.ring = step.ring.max(mine.ring);
        }
    }
    together
}

#[cfg(test)]
mod tests;
