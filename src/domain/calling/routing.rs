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
use super::handover::Handover;
use super::prompt::{Menu, Notice, Voicemail};
use super::recording::{Informed, RecordingRule};
use super::transfer::TransferTargets;
use crate::domain::ids::{DestinationId, OutletId, PromptId, TrunkId};
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
    /// The consoles that are open for its destination: browsers of employees.
    Console,
}

impl Target {
    /// As an admin wrote it, or the number and the trunk it goes over.
    pub fn name(&self) -> String {
        match self {
            Target::Uri(uri) => uri.clone(),
            Target::Number { trunk, number } => format!("{} over {trunk}", number.reveal()),
            Target::Console => "console".to_owned(),
        }
    }
}

/// Where a call is to be carried: one step after the other until somebody answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    pub steps: Vec<Step>,
    /// Why nothing rings, if no step does.
    pub otherwise: Otherwise,
    /// Whether the talk is to be recorded, unless the caller refuses on the way.
    pub records: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// What rings at the same time, and for how long; the first to answer has the call. With `music`
    /// the caller is answered, unless they are, and hears that meanwhile.
    Ring { lines: Vec<Line>, ring: Duration, music: Option<PromptId> },
    /// The gateway answers, unless it has already, and says this.
    Say(PromptId),
    /// It tells callers that they are recorded, and that a key refuses it.
    Notice(Notice),
    /// The caller chooses by a key where to go; who does not goes on.
    Menu(Menu),
    /// The caller may leave a message, with which the call ends.
    Voicemail(Voicemail),
}

impl Step {
    pub fn lines(&self) -> &[Line] {
        match self {
            Step::Ring { lines, .. } => lines,
            Step::Say(_) | Step::Notice(_) | Step::Menu(_) | Step::Voicemail(_) => &[],
        }
    }
}

/// One target, and the destination that it stands in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub target: Target,
    pub destination: DestinationId,
    /// How it is given the call.
    pub handover: Handover,
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
    /// Nothing rings.
    pub fn nowhere(otherwise: Otherwise) -> Self {
        Self { steps: vec![], otherwise, records: false }
    }

    /// The same, recorded. Where we tell callers so it is the last thing before
    /// something rings, or may.
    pub fn recorded(mut self, rule: &RecordingRule) -> Self {
        self.records = true;
        if let Informed::Notice(notice) = &rule.informed
            && let Some(at) =
                self.steps.iter().position(|step| matches!(step, Step::Ring { .. } | Step::Menu(_)))
        {
            self.steps.insert(at, Step::Notice(notice.clone()));
        }
        self
    }

    /// One line, rung once.
    pub fn to(line: Line, ring: Duration) -> Self {
        Self {
            steps: vec![Step::Ring { lines: vec![line], ring, music: None }],
            otherwise: Otherwise::Closed,
            records: false,
        }
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
    names_origins: bool,
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
            names_origins: destinations.values().any(|it| it.ring_plan.handover.names_origin()),
            destinations,
        }
    }

    pub fn find(&self, number: &Phone) -> Option<&Route> {
        self.numbers.get(number).map(Arc::as_ref)
    }

    /// Whether media are to come here: the talk is recorded, something is said or played
    /// on this way, a console rings on it, or a destination that does wants them relayed.
    pub fn relays(&self, way: &Way) -> bool {
        let is_relayed = |line: &Line| {
            let found = self.destinations.get(&line.destination);
            // A browser speaks to nobody but us.
            line.target == Target::Console
                || found.is_some_and(|destination| destination.media == MediaPath::Relayed)
        };
        let rings = |step: &Step| matches!(step, Step::Ring { music: None, .. });
        way.records || way.steps.iter().any(|step| !rings(step) || step.lines().iter().any(is_relayed))
    }

    /// Whether any line is told where a call comes from before it has it.
    pub fn names_origins(&self) -> bool {
        self.names_origins
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

    /// The way of a call on to this destination now.
    pub fn onward(&self, destination: &DestinationId, now: Timestamp, how: &impl Situation) -> Way {
        let mut choice = Choice { routes: self, now, how, otherwise: Otherwise::Closed };
        let steps = choice.destination(destination, DEPTH_MAX);
        Way { steps, otherwise: choice.otherwise, records: false }
    }

    /// The way of a call to this number now.
    pub fn choose(&self, number: &Phone, route: &Route, now: Timestamp, how: &impl Situation) -> Way {
        let is_full =
            route.calls_at_once.is_some_and(|most| how.taken(&Seat::Number(number.clone())) >= most);
        if is_full {
            return Way::nowhere(Otherwise::Full);
        }
        self.onward(&route.destination, now, how)
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
            let each: Vec<_> = ordered.into_iter().map(|step| self.step(found, step, depth)).collect();
            if plan.strategy == Strategy::All { at_once(each) } else { each.into_iter().flatten().collect() }
        };
        if let Some(other) = &plan.fallback {
            steps.extend(self.destination(other, depth));
        }
        with_music(steps, plan.music.as_ref())
    }

    fn step(&mut self, of: &Destination, step: &RingStep, depth: usize) -> Vec<Step> {
        let steps = match &step.to {
            StepTo::Destination(other) => self.destination(other, depth),
            StepTo::Target(target) if self.is_full(target) => {
                self.otherwise = Otherwise::Full;
                vec![]
            }
            StepTo::Target(target) => {
                let (destination, handover) = (of.id.clone(), of.ring_plan.handover.clone());
                let line = Line { target: target.clone(), destination, handover };
                vec![Step::Ring { lines: vec![line], ring: step.ring, music: None }]
            }
            StepTo::Say(prompt) => vec![Step::Say(prompt.clone())],
            StepTo::Menu(menu) => vec![Step::Menu(menu.clone())],
            StepTo::Voicemail(voicemail) => vec![Step::Voicemail(voicemail.clone())],
        };
        with_music(steps, step.music.as_ref())
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

/// The same steps; where nothing is heard yet while they ring, this is.
fn with_music(mut steps: Vec<Step>, heard: Option<&PromptId>) -> Vec<Step> {
    for step in &mut steps {
        if let Step::Ring { music: music @ None, .. } = step {
            *music = heard.cloned();
        }
    }
    steps
}

/// Several ways walked side by side: their first lines ring together, then
/// their second ones. Nothing is said, since something else rings meanwhile.
fn at_once(ways: Vec<Vec<Step>>) -> Vec<Step> {
    let mut together: Vec<(Vec<Line>, Duration, Option<PromptId>)> = Vec::new();
    for way in ways {
        let rings = way.into_iter().filter_map(|step| match step {
            Step::Ring { lines, ring, music } => Some((lines, ring, music)),
            Step::Say(_) | Step::Notice(_) | Step::Menu(_) | Step::Voicemail(_) => None,
        });
        for (place, (lines, ring, music)) in rings.enumerate() {
            match together.get_mut(place) {
                Some((others, longest, heard)) => {
                    others.extend(lines);
                    *longest = ring.max(*longest);
                    *heard = heard.take().or(music);
                }
                None => together.push((lines, ring, music)),
            }
        }
    }
    together.into_iter().map(|(lines, ring, music)| Step::Ring { lines, ring, music }).collect()
}

#[cfg(test)]
mod tests;
