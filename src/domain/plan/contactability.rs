//! What a plan says of whom may be reached: `[contactability]`, which rules of
//! the law are asked, and `[[caps]]`, how much contacts are sent at the most.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::diff::{Facts, Thing};
use super::draft::differing;
use super::problem::Fault;
use crate::domain::people::consent::Channel;
use crate::domain::people::pressure::{Cap, DAYS_MAX, Limit};
use crate::domain::people::rules::{REACHING, RULES, RuleId, Settings};

/// A call is hardly answered after two weeks.
const CALL_BACK_MAX_H: u64 = 14 * 24;
const COUNT_MAX: u32 = 1_000;

/// The channels that a cap may name, in words.
const CHANNELS: &str = "phone, sms, email, post or push";

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DraftContactability {
    /// Rules that are not asked, by their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub off: Vec<String>,
    pub call_back_h: Option<u64>,
    pub zone: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftCap {
    pub id: String,
    /// Without it, whatever channel.
    pub channel: Option<String>,
    /// Without it, every purpose of prospecting.
    pub purpose: Option<String>,
    /// Without it, of everybody.
    pub segment: Option<String>,
    pub count: u32,
    pub days: u32,
}

pub(super) fn settings(desk: &mut Desk<'_>, draft: &DraftContactability) -> Settings {
    let mut settings = Settings::default();
    let mut entry = desk.entry("contactability", "");
    for word in &draft.off {
        match word.parse() {
            Ok(RuleId::Cap) | Err(_) => {
                entry.fault(Fault::NoRule { name: word.clone(), known: rule_names() })
            }
            Ok(rule) => _ = settings.off.insert(rule),
        }
    }
    if let Some(hours) = draft.call_back_h {
        let fault = Fault::OutOfBounds { key: "call_back_h", least: 0, most: CALL_BACK_MAX_H };
        let fits = if hours <= CALL_BACK_MAX_H { Ok(()) } else { Err(fault) };
        if entry.note(fits).is_some() {
            settings.call_back = Duration::from_secs(hours * 3_600);
        }
    }
    if let Some(zone) = &draft.zone {
        let read = zone.parse().map_err(|bad: crate::domain::calling::schedule::Unreadable| {
            Fault::BadHours { text: zone.clone(), example: bad.0 }
        });
        if let Some(zone) = entry.note(read) {
            settings.zone = zone;
        }
    }
    settings
}

fn rule_names() -> String {
    let names: Vec<&str> =
        RULES.iter().map(|rule| rule.id).chain([RuleId::CallBack]).map(RuleId::as_str).collect();
    names.join(", ")
}

pub(super) fn cap<'d>(desk: &mut Desk<'d>, draft: &'d DraftCap) -> Option<Cap> {
    let mut entry = desk.entry("caps", &draft.id);
    let id = entry.id();
    let channel = draft.channel.as_ref().map(|word| {
        let channel = word.parse().ok().filter(|channel: &Channel| REACHING.contains(channel));
        channel.ok_or_else(|| Fault::BadAction { key: "channel", word: word.clone(), known: CHANNELS })
    });
    let channel = entry.note(channel.transpose());
    let purpose = match &draft.purpose {
        Some(name) => entry.reference("purpose", name).map(Some),
        None => Some(None),
    };
    let segment = draft.segment.as_ref().map(|name| name.parse().map_err(|_| Fault::BadName(name.clone())));
    let segment = entry.note(segment.transpose());
    for (key, value, most) in [("count", draft.count, COUNT_MAX), ("days", draft.days, DAYS_MAX)] {
        if !(1..=most).contains(&value) {
            entry.fault(Fault::OutOfBounds { key, least: 1, most: most.into() });
        }
    }
    let limit = Limit { count: draft.count, days: draft.days };
    Some(Cap { id: id?, channel: channel?, purpose: purpose?, segment: segment?, limit })
}

/// Writes only what differs from the defaults.
impl From<&Settings> for DraftContactability {
    fn from(settings: &Settings) -> Self {
        let usual = Settings::default();
        Self {
            off: settings.off.iter().map(ToString::to_string).collect(),
            call_back_h: differing(hours(settings), hours(&usual)),
            zone: differing(settings.zone.to_string(), usual.zone.to_string()),
        }
    }
}

fn hours(settings: &Settings) -> u64 {
    settings.call_back.as_secs() / 3_600
}

impl From<&Cap> for DraftCap {
    fn from(cap: &Cap) -> Self {
        Self {
            id: cap.id.to_string(),
            channel: cap.channel.map(|channel| channel.to_string()),
            purpose: cap.purpose.as_ref().map(ToString::to_string),
            segment: cap.segment.as_ref().map(ToString::to_string),
            count: cap.limit.count,
            days: cap.limit.days,
        }
    }
}

pub(super) fn settings_facts(settings: &Settings) -> (Thing, Facts) {
    let off: Vec<&str> = settings.off.iter().map(|rule| rule.as_str()).collect();
    let facts = vec![
        ("off", off.join(", ")),
        ("call_back_h", hours(settings).to_string()),
        ("zone", settings.zone.to_string()),
    ];
    (Thing::Contactability, facts)
}

pub(super) fn cap_facts(cap: &Cap) -> (Thing, Facts) {
    let facts = vec![
        ("channel", cap.channel.map(|channel| channel.to_string()).unwrap_or_default()),
        ("purpose", cap.purpose.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("segment", cap.segment.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("count", cap.limit.count.to_string()),
        ("days", cap.limit.days.to_string()),
    ];
    (Thing::Cap(cap.id.clone()), facts)
}
