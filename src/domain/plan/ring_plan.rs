//! A destination's ring plan as it is written, checked, and written again.
//!
//! One line is written short, as `line` and `ring_s`. Anything more is a list
//! of steps.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::desk::Entry;
use super::draft::DraftDestination;
use super::problem::Fault;
use super::{handover, spoken};
use crate::domain::calling::destination::{RingPlan, RingStep, StepTo, Strategy};
use crate::domain::calling::holidays::Calendar;
use crate::domain::calling::routing::Target;
use crate::domain::calling::schedule::{Schedule, Text, Unreadable};

/// How long one step may ring, in seconds.
const RING_S: [u64; 2] = [1, 600];
/// How many steps a destination may have.
const STEPS_MAX: usize = 32;

/// One of `sip`, `number` with `trunk`, `console`, `destination`, or `say`.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftStep {
    pub sip: Option<String>,
    pub number: Option<String>,
    pub trunk: Option<String>,
    /// Whether the consoles ring that are open for this destination.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub console: bool,
    pub destination: Option<String>,
    /// The name of a prompt.
    pub say: Option<String>,
    /// The name of a prompt that tells what each of `keys` leads to.
    pub menu: Option<String>,
    /// A destination for each key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, String>,
    pub wait_s: Option<u64>,
    pub tries: Option<u8>,
    pub again: Option<String>,
    /// The name of a prompt that asks for a message.
    pub voicemail: Option<String>,
    pub longest_s: Option<u64>,
    pub keep_days: Option<u16>,
    pub ring_s: Option<u64>,
    pub weight: Option<u32>,
    /// The name of a prompt that callers hear while this rings.
    pub music: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftHours {
    pub zone: String,
    pub week: Vec<String>,
    pub holidays: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub special: Vec<String>,
    /// A destination; without one, calls outside the hours are refused.
    pub outside: Option<String>,
}

pub(super) fn check(entry: &mut Entry, draft: &DraftDestination) -> Option<RingPlan> {
    let steps = match (&draft.line, draft.steps.is_empty()) {
        (Some(line), true) => {
            let ring = entry.seconds("ring_s", draft.ring_s.unwrap_or(30), RING_S);
            let line = uri(entry, line).zip(ring);
            line.map(|(uri, ring)| RingPlan::of_line(uri, ring).steps)
        }
        (None, false) => {
            if draft.ring_s.is_some() {
                entry.fault(Fault::RingBesideSteps);
            }
            if draft.steps.len() > STEPS_MAX {
                entry.fault(Fault::OutOfBounds { key: "steps", least: 1, most: STEPS_MAX as u64 });
            }
            let steps: Vec<Option<RingStep>> = draft.steps.iter().map(|draft| step(entry, draft)).collect();
            steps.into_iter().collect()
        }
        (Some(_), false) | (None, true) => {
            entry.fault(Fault::LineOrSteps);
            None
        }
    };
    let strategy = match draft.strategy.as_deref() {
        None | Some("order") => Some(Strategy::Order),
        Some("all") => Some(Strategy::All),
        Some("round_robin") => Some(Strategy::RoundRobin),
        Some("weighted") => Some(Strategy::Weighted),
        Some(other) => {
            entry.fault(Fault::BadStrategy(other.to_owned()));
            None
        }
    };
    if draft.steps.iter().any(DraftStep::is_spoken) && strategy.is_some_and(|it| it != Strategy::Order) {
        entry.fault(Fault::SaidOutOfOrder);
    }
    let ends = draft.steps.iter().position(|step| step.voicemail.is_some());
    if ends.is_some_and(|at| at + 1 < draft.steps.len() || draft.fallback.is_some()) {
        entry.fault(Fault::AfterVoicemail);
    }
    if draft.calls_at_once == Some(0) {
        entry.fault(Fault::OutOfBounds { key: "calls_at_once", least: 1, most: u64::from(u32::MAX) });
    }
    let hours = draft.hours.as_ref().map(|draft| schedule(entry, draft));
    let outside = draft.hours.as_ref().and_then(|hours| hours.outside.as_ref());
    let outside = outside.map(|name| entry.reference("destination", name));
    let fallback = draft.fallback.as_ref().map(|name| entry.reference("destination", name));
    let music = draft.music.as_ref().map(|name| entry.reference("prompt", name));
    let handover = handover::check(entry, draft);
    Some(RingPlan {
        strategy: strategy?,
        steps: steps?,
        hours: transposed(hours)?,
        outside: transposed(outside)?,
        calls_at_once: draft.calls_at_once,
        fallback: transposed(fallback)?,
        music: transposed(music)?,
        handover: handover?,
    })
}

/// What is not there is well; what is there must be.
pub(super) fn transposed<T>(checked: Option<Option<T>>) -> Option<Option<T>> {
    checked.map_or(Some(None), |it| it.map(Some))
}

fn step(entry: &mut Entry, draft: &DraftStep) -> Option<RingStep> {
    spoken::check_extras(entry, draft);
    let said = draft.said().next();
    let to = match (&draft.sip, &draft.number, &draft.trunk, &draft.destination, said) {
        (None, None, None, None, None) if draft.console => Some(StepTo::Target(Target::Console)),
        _ if draft.console => {
            entry.fault(Fault::UnclearStep);
            None
        }
        (Some(line), None, None, None, None) => uri(entry, line).map(|uri| StepTo::Target(Target::Uri(uri))),
        (None, Some(number), Some(trunk), None, None) => {
            let both = entry.phone(number).zip(entry.reference("trunk", trunk));
            let both = both.filter(|(number, trunk)| entry.leads_out(number, trunk));
            both.map(|(number, trunk)| StepTo::Target(Target::Number { trunk, number }))
        }
        (None, None, None, Some(name), None) => entry.reference("destination", name).map(StepTo::Destination),
        (None, None, None, None, Some(name)) => spoken::check(entry, name, draft),
        _ => {
            entry.fault(Fault::UnclearStep);
            None
        }
    };
    if draft.weight == Some(0) {
        entry.fault(Fault::OutOfBounds { key: "weight", least: 1, most: u64::from(u32::MAX) });
    }
    let ring = entry.seconds("ring_s", draft.ring_s.unwrap_or(30), RING_S);
    let music = draft.music.as_ref().map(|name| entry.reference("prompt", name));
    Some(RingStep { to: to?, ring: ring?, weight: draft.weight.unwrap_or(1), music: transposed(music)? })
}

fn schedule(entry: &mut Entry, draft: &DraftHours) -> Option<Schedule> {
    let zone = read(entry, &draft.zone);
    let week = read_all(entry, &draft.week);
    let closed = read_all(entry, &draft.closed);
    let special = read_all(entry, &draft.special);
    let holidays = draft.holidays.as_ref().map(|name| {
        let names = || Calendar::names().collect::<Vec<_>>().join(", ");
        entry.note(name.parse().map_err(|_| Fault::BadCalendar { name: name.clone(), known: names() }))
    });
    Some(Schedule {
        zone: zone?,
        week: week?,
        holidays: transposed(holidays)?,
        closed: closed?,
        special: special?,
    })
}

fn read<T: FromStr<Err = Unreadable>>(entry: &mut Entry, text: &str) -> Option<Text<T>> {
    entry.note(text.parse().map_err(|Unreadable(example)| Fault::BadHours { text: text.to_owned(), example }))
}

fn read_all<T: FromStr<Err = Unreadable>>(entry: &mut Entry, texts: &[String]) -> Option<Vec<Text<T>>> {
    let read: Vec<Option<Text<T>>> = texts.iter().map(|text| read(entry, text)).collect();
    read.into_iter().collect()
}

fn uri(entry: &mut Entry, text: &str) -> Option<String> {
    entry.note(if is_line(text) { Ok(text.to_owned()) } else { Err(Fault::BadLine(text.to_owned())) })
}

/// `sip:user@host[:port]` or `sips:…`, and behind it `;transport=` if need be.
/// What the gateway could not reach is refused here.
fn is_line(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("sip:").or_else(|| text.strip_prefix("sips:")) else { return false };
    let Some((user, place)) = rest.split_once('@') else { return false };
    let place = [";transport=udp", ";transport=tcp", ";transport=tls"]
        .iter()
        .find_map(|end| place.strip_suffix(end))
        .unwrap_or(place);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,".contains(&b);
    // A SIP host with its port reads like that of a web address.
    let host = !place.contains(['/', '?', '#', '@', ';']) && Url::parse(&format!("http://{place}/")).is_ok();
    !user.is_empty() && user.bytes().all(plain) && host
}

/// For each destination from which calls would run in a circle, the circle.
pub(super) fn circles(drafts: &[DraftDestination]) -> Vec<(&str, Vec<&str>)> {
    let leads: HashMap<&str, Vec<&str>> =
        drafts.iter().map(|draft| (draft.id.as_str(), leads_to(draft).collect())).collect();
    let mut done: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for draft in drafts {
        if let Some(circle) = circle(&draft.id, &leads, &mut Vec::new(), &mut done) {
            found.push((draft.id.as_str(), circle));
        }
    }
    found
}

fn circle<'d>(
    at: &'d str,
    leads: &HashMap<&str, Vec<&'d str>>,
    path: &mut Vec<&'d str>,
    done: &mut Vec<&'d str>,
) -> Option<Vec<&'d str>> {
    if let Some(begin) = path.iter().position(|passed| *passed == at) {
        return Some([&path[begin..], &[at]].concat());
    }
    if done.contains(&at) {
        return None;
    }
    path.push(at);
    let circle = leads.get(at).into_iter().flatten().find_map(|next| circle(next, leads, path, done));
    path.pop();
    done.push(at);
    circle
}

fn leads_to(draft: &DraftDestination) -> impl Iterator<Item = &str> {
    let steps = draft.steps.iter().flat_map(|step| step.destination.iter().chain(step.keys.values()));
    let steps = steps.map(String::as_str);
    let outside = draft.hours.as_ref().and_then(|hours| hours.outside.as_deref());
    steps.chain(outside).chain(draft.fallback.as_deref())
}

/// The short form if that says it all: a line, and how long it rings.
pub(super) fn in_short(plan: &RingPlan) -> Option<(String, Duration)> {
    match plan.steps.as_slice() {
        [RingStep { to: StepTo::Target(Target::Uri(uri)), ring, weight: 1, music: None }]
            if plan.strategy == Strategy::Order =>
        {
            Some((uri.clone(), *ring))
        }
        _ => None,
    }
}

pub(super) fn written(plan: &RingPlan, of: DraftDestination) -> DraftDestination {
    let short = in_short(plan);
    let strategy = match plan.strategy {
        Strategy::Order => None,
        Strategy::All => Some("all"),
        Strategy::RoundRobin => Some("round_robin"),
        Strategy::Weighted => Some("weighted"),
    };
    let steps = if short.is_some() { vec![] } else { plan.steps.iter().map(written_step).collect() };
    let hours = plan.hours.as_ref().map(|hours| DraftHours {
        zone: hours.zone.to_string(),
        week: texts(&hours.week),
        holidays: hours.holidays.map(|calendar| calendar.to_string()),
        closed: texts(&hours.closed),
        special: texts(&hours.special),
        outside: plan.outside.as_ref().map(ToString::to_string),
    });
    let of = handover::written(&plan.handover, of);
    DraftDestination {
        ring_s: short.as_ref().map(|(_, ring)| ring.as_secs()),
        line: short.map(|(line, _)| line),
        strategy: strategy.map(str::to_owned),
        calls_at_once: plan.calls_at_once,
        fallback: plan.fallback.as_ref().map(ToString::to_string),
        music: plan.music.as_ref().map(ToString::to_string),
        hours,
        steps,
        ..of
    }
}

fn texts<T: ToString>(texts: &[T]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

fn written_step(step: &RingStep) -> DraftStep {
    let mut draft = DraftStep {
        ring_s: Some(step.ring.as_secs()),
        weight: (step.weight != 1).then_some(step.weight),
        music: step.music.as_ref().map(ToString::to_string),
        ..DraftStep::default()
    };
    match &step.to {
        StepTo::Target(Target::Uri(uri)) => draft.sip = Some(uri.clone()),
        StepTo::Target(Target::Number { trunk, number }) => {
            draft.number = Some(number.reveal().to_owned());
            draft.trunk = Some(trunk.to_string());
        }
        StepTo::Target(Target::Console) => draft.console = true,
        StepTo::Destination(id) => {
            draft.destination = Some(id.to_string());
            draft.ring_s = None;
        }
        StepTo::Say(_) | StepTo::Menu(_) | StepTo::Voicemail(_) => spoken::write(&step.to, &mut draft),
    }
    draft
}
