//! What a plan says of scenarios: `[[scenarios]]`, what gives somebody a task.
//!
//! Three are built in and off until the plan names them: what it leaves out of
//! these is as it is here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::diff::{Facts, Thing};
use super::draft::differing;
use super::problem::Fault;
use crate::domain::ids::SegmentId;
use crate::domain::people::consent::Channel;
use crate::domain::people::rules::REACHING;
use crate::domain::people::scenario::{HORIZON, May, Scenario, When};
use crate::domain::people::segment::{Words, resolve};

const TITLE_MAX: usize = 200;
const LIST_MAX: usize = 64;
const DUE_MAX_H: u64 = 90 * 24;
const CHANNELS: &str = "phone, sms, email, post or push";
const EVENTS: &str = "call_missed, call_answered, email_bounced, or segment_entered with a segment";
const DUE_H: u32 = 24;
/// Segments that come along with the gateway and cannot be deleted: others are made and taken away without the plan.
pub const SEGMENTS: [&str; 5] = ["new", "active", "inactive", "lost", "customers"];

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftScenario {
    pub id: String,
    pub when: Option<String>,
    pub segment: Option<String>,
    pub after_minutes: Option<u32>,
    /// A filter.
    pub filter: Option<String>,
    pub channel: Option<String>,
    pub purpose: Option<String>,
    /// Without it, the only one that the plan has.
    pub controller: Option<String>,
    pub title: Option<String>,
    pub list: Option<String>,
    pub due_hours: Option<u32>,
}

/// What is built in.
fn built_in(id: &str) -> DraftScenario {
    let [when, filter, channel, title, list] = match id {
        "call-back" => ["call_missed", "", "", "Call back: they called and nobody answered", "call-back"],
        "ask-for-email" => [
            "call_answered",
            "not has(email, working)",
            "",
            "Ask for an e-mail address at the next call",
            "data",
        ],
        "bounced" => [
            "email_bounced",
            "has(phone) and not has(email, working)",
            "sms",
            "Ask for a new e-mail address by SMS",
            "data",
        ],
        _ => return DraftScenario::default(),
    };
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    DraftScenario {
        when: text(when),
        after_minutes: (id == "call-back").then_some(30),
        filter: text(filter),
        channel: text(channel),
        title: text(title),
        list: text(list),
        ..DraftScenario::default()
    }
}

/// How long there is where the plan does not say. Nobody knows when somebody calls again: what is to be asked then waits.
fn usual_due_hours(id: &str) -> u32 {
    if id == "ask-for-email" { DUE_MAX_H as u32 } else { DUE_H }
}

/// `words`: what filters may name; `controllers`: all that are declared.
pub(super) fn scenario<'d>(desk: &mut Desk<'d>, draft: &'d DraftScenario, words: &Words) -> Option<Scenario> {
    let usual = built_in(&draft.id);
    let said = |said: &Option<String>, usual: &Option<String>| said.clone().or_else(|| usual.clone());
    let mut entry = desk.entry("scenarios", &draft.id);
    let id = entry.id();
    let event = said(&draft.when, &usual.when).unwrap_or_default();
    let segment = draft
        .segment
        .as_ref()
        .map(|name| name.parse::<SegmentId>().map_err(|_| Fault::BadName(name.clone())));
    let segment = entry.note(segment.transpose());
    let when = segment.and_then(|segment| {
        let when = When::read(&event, segment);
        entry.note(when.ok_or(Fault::BadAction { key: "when", word: event, known: EVENTS }))
    });
    let filter = said(&draft.filter, &usual.filter);
    let filter = entry.note(filter.map_or(Ok(None), |text| {
        let read = resolve(None, &text, words, &built_in_filters());
        read.map(|_| Some(text)).map_err(|problem| Fault::BadFilter(problem.to_string()))
    }));
    let channel = said(&draft.channel, &usual.channel);
    let may = match (channel, &draft.purpose) {
        (None, None) => Some(None),
        (Some(word), Some(purpose)) => {
            let channel = word.parse().ok().filter(|channel: &Channel| REACHING.contains(channel));
            let unknown = Fault::BadAction { key: "channel", word, known: CHANNELS };
            let channel = entry.note(channel.ok_or(unknown));
            let purpose = entry.reference("purpose", purpose);
            let controller = match (&draft.controller, words.controllers.as_slice()) {
                (Some(name), known) => {
                    let found = known.iter().find(|it| it.as_str() == name).cloned();
                    entry.note(found.ok_or_else(|| Fault::NoController(name.clone())))
                }
                (None, [only]) => Some(only.clone()),
                (None, _) => {
                    entry.fault(Fault::Empty("controller"));
                    None
                }
            };
            match (channel, purpose, controller) {
                (Some(channel), Some(purpose), Some(controller)) => {
                    Some(Some(May { channel, purpose, controller }))
                }
                _ => None,
            }
        }
        (Some(_), None) | (None, Some(_)) => {
            entry.fault(Fault::HalfAReach);
            None
        }
    };
    let title = entry.text("title", &said(&draft.title, &usual.title).unwrap_or_default());
    let list = entry.text("list", &said(&draft.list, &usual.list).unwrap_or_default());
    for (key, text, most) in [("title", &title, TITLE_MAX), ("list", &list, LIST_MAX)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > most) {
            entry.fault(Fault::TooLong { key, most });
        }
    }
    let after_minutes = draft.after_minutes.or(usual.after_minutes).unwrap_or_default();
    let due_hours = draft.due_hours.unwrap_or(usual_due_hours(&draft.id));
    let horizon = HORIZON.as_secs() / 60 / 2;
    for (key, value, most) in [("after_minutes", after_minutes, horizon), ("due_hours", due_hours, DUE_MAX_H)]
    {
        if u64::from(value) > most {
            entry.fault(Fault::OutOfBounds { key, least: 0, most });
        }
    }
    Some(Scenario {
        id: id?,
        when: when?,
        after_minutes,
        filter: filter?,
        may: may?,
        title: title?,
        list: list?,
        due_hours,
    })
}

/// Whatever filter these have, it can be read: the plan's names stand in none that the gateway brings along.
fn built_in_filters() -> BTreeMap<SegmentId, String> {
    let filter = |id: &str| Some((id.parse().ok()?, "has(phone)".to_owned()));
    SEGMENTS.into_iter().filter_map(filter).collect()
}

impl From<&Scenario> for DraftScenario {
    fn from(it: &Scenario) -> Self {
        let may = it.may.as_ref();
        Self {
            id: it.id.to_string(),
            when: Some(it.when.as_str().to_owned()),
            segment: it.when.segment().map(ToString::to_string),
            after_minutes: Some(it.after_minutes),
            filter: it.filter.clone(),
            channel: may.map(|it| it.channel.to_string()),
            purpose: may.map(|it| it.purpose.to_string()),
            controller: may.map(|it| it.controller.to_string()),
            title: Some(it.title.clone()),
            list: Some(it.list.clone()),
            due_hours: differing(it.due_hours, usual_due_hours(it.id.as_str())),
        }
    }
}

pub(super) fn facts(it: &Scenario) -> (Thing, Facts) {
    let draft = DraftScenario::from(it);
    let text = |text: Option<String>| text.unwrap_or_default();
    let facts = vec![
        ("when", text(draft.when)),
        ("segment", text(draft.segment)),
        ("after_minutes", it.after_minutes.to_string()),
        ("filter", text(draft.filter)),
        ("channel", text(draft.channel)),
        ("purpose", text(draft.purpose)),
        ("controller", text(draft.controller)),
        ("title", text(draft.title)),
        ("list", text(draft.list)),
        ("due_hours", it.due_hours.to_string()),
    ];
    (Thing::Scenario(it.id.clone()), facts)
}
