//! What a plan would change.
//!
//! Every entry is laid out as a list of facts; two entries of one name differ
//! in the facts that differ, and those are what the admin is told.

use std::collections::{BTreeMap, BTreeSet};
use std::{fmt, slice};

use super::draft::DraftDestination;
use super::{
    Plan, PlannedNumber, consent, contactability, medium, people, reading, recording, retention, rfm,
    ring_plan, scenario, screening, webhook,
};
use crate::domain::calling::destination::{Destination, RingPlan};
use crate::domain::calling::handover::Handover;
use crate::domain::ids::{
    BlockId, CapId, ControllerId, DestinationId, FieldId, OutletId, PoolId, PurposeId, ScenarioId, SiteId,
    SystemId, WebhookId,
};
use crate::domain::outlet::Outlet;
use crate::domain::people::retention::Kind;
use crate::domain::phone::Phone;
use crate::domain::tracking::number::{NumberKind, Pool};
use crate::domain::tracking::site::Site;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    Create,
    Update,
    /// Taken out of service; the history stays.
    Remove,
}

/// What a change is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Thing {
    Outlet(OutletId),
    Site(SiteId),
    Destination(DestinationId),
    Pool(PoolId),
    Number(Phone),
    Block(BlockId),
    /// The rules of screening, which are there once.
    Screening,
    Purpose(PurposeId),
    Controller(ControllerId),
    /// A custom field of contacts.
    Field(FieldId),
    /// A system with customer numbers of its own.
    System(SystemId),
    /// A cap on what contacts are sent.
    Cap(CapId),
    /// Which rules of reaching people are asked, which is said once.
    Contactability,
    /// How long a kind of data is kept.
    Retention(Kind),
    /// How clients are judged, which is said once.
    Rfm,
    /// What gives somebody a task.
    Scenario(ScenarioId),
    /// Whom what happens is told.
    Webhook(WebhookId),
}

/// One difference between two plans. It prints as a line for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    pub action: Action,
    pub thing: Thing,
    /// The facts that differ: key, before, after.
    pub facts: Vec<(&'static str, String, String)>,
}

impl Change {
    /// The number that would be taken from whoever may still call it.
    pub fn orphans(&self) -> Option<&Phone> {
        let Thing::Number(number) = &self.thing else { return None };
        let taken = match self.action {
            Action::Create => false,
            Action::Remove => true,
            Action::Update => self.facts.iter().any(|(key, ..)| *key == POOL),
        };
        taken.then_some(number)
    }
}

/// The fact of a number that says whom it is lent to.
const POOL: &str = "pool";

/// What has to change so that `current` becomes `wanted`.
pub fn diff(current: &Plan, wanted: &Plan) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(&current.outlets, &wanted.outlets, outlet, &mut changes);
    compare(&current.sites, &wanted.sites, site, &mut changes);
    compare(&current.destinations, &wanted.destinations, destination, &mut changes);
    compare(&current.pools, &wanted.pools, pool, &mut changes);
    compare(&current.numbers, &wanted.numbers, number, &mut changes);
    compare(&current.blocks, &wanted.blocks, screening::block_facts, &mut changes);
    let rules = |plan: &Plan| [plan.screening.clone()];
    compare(&rules(current), &rules(wanted), screening::rule_facts, &mut changes);
    compare(&current.purposes, &wanted.purposes, consent::purpose_facts, &mut changes);
    compare(&current.controllers, &wanted.controllers, consent::controller_facts, &mut changes);
    compare(&current.contact_fields, &wanted.contact_fields, people::field_facts, &mut changes);
    compare(&current.systems, &wanted.systems, people::system_facts, &mut changes);
    compare(&current.caps, &wanted.caps, contactability::cap_facts, &mut changes);
    let asked = |plan: &Plan| [plan.contactability.clone()];
    compare(&asked(current), &asked(wanted), contactability::settings_facts, &mut changes);
    compare(&current.retention, &wanted.retention, retention::facts, &mut changes);
    compare(slice::from_ref(&current.rfm), slice::from_ref(&wanted.rfm), rfm::facts, &mut changes);
    compare(&current.scenarios, &wanted.scenarios, scenario::facts, &mut changes);
    compare(&current.webhooks, &wanted.webhooks, webhook::facts, &mut changes);
    changes
}

pub(super) type Facts = Vec<(&'static str, String)>;

fn compare<T>(current: &[T], wanted: &[T], lay_out: fn(&T) -> (Thing, Facts), changes: &mut Vec<Change>) {
    let current: BTreeMap<Thing, Facts> = current.iter().map(lay_out).collect();
    let wanted: BTreeMap<Thing, Facts> = wanted.iter().map(lay_out).collect();
    let things: BTreeSet<&Thing> = current.keys().chain(wanted.keys()).collect();
    for thing in things {
        let (action, facts) = match (current.get(thing), wanted.get(thing)) {
            (None, Some(after)) => (
                Action::Create,
                after.iter().map(|(key, value)| (*key, String::new(), value.clone())).collect(),
            ),
            (Some(_), None) => (Action::Remove, Vec::new()),
            (Some(before), Some(after)) if before != after => (Action::Update, differing(before, after)),
            (Some(_), Some(_)) | (None, None) => continue,
        };
        changes.push(Change { action, thing: thing.clone(), facts });
    }
}

fn differing(before: &Facts, after: &Facts) -> Vec<(&'static str, String, String)> {
    before
        .iter()
        .zip(after)
        .filter(|(before, after)| before != after)
        .map(|((key, before), (_, after))| (*key, before.clone(), after.clone()))
        .collect()
}

fn outlet(outlet: &Outlet) -> (Thing, Facts) {
    let parent = outlet.parent.as_ref().map(ToString::to_string).unwrap_or_default();
    (Thing::Outlet(outlet.id.clone()), vec![("name", outlet.name.clone()), ("parent", parent)])
}

fn site(site: &Site) -> (Thing, Facts) {
    let mut facts = vec![
        ("name", site.name.clone()),
        ("outlet", site.outlet.to_string()),
        ("origins", site.origins.join(" ")),
    ];
    facts.extend(reading::facts(&site.reading));
    facts.extend([
        ("headless", if site.guard.lends_to_headless { "lend" } else { "refuse" }.to_owned()),
        ("leases_per_block", site.guard.per_block.to_string()),
        ("leases_per_minute", site.guard.per_minute.to_string()),
        ("page_calls", site.guard.page_calls.to_string()),
        ("page_calls_per_block", site.guard.page_calls_per_block.to_string()),
    ]);
    (Thing::Site(site.id.clone()), facts)
}

fn destination(destination: &Destination) -> (Thing, Facts) {
    let facts = vec![
        ("name", destination.name.clone()),
        ("outlet", destination.outlet.to_string()),
        ("ring_plan", told(&destination.ring_plan)),
        ("media", destination.media.to_string()),
    ];
    (Thing::Destination(destination.id.clone()), facts)
}

/// A ring plan in a line: `sip:counter@192.0.2.1 30 s`.
fn told(plan: &RingPlan) -> String {
    if let (Some((line, ring)), None, None, None, None, false) = (
        ring_plan::in_short(plan),
        &plan.hours,
        &plan.fallback,
        plan.calls_at_once,
        &plan.music,
        plan.handover != Handover::default(),
    ) {
        return format!("{line} {} s", ring.as_secs());
    }
    let draft = ring_plan::written(plan, DraftDestination::default());
    let fields = serde_json::to_value(draft).unwrap_or_default();
    let said = fields.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null() && *value != "");
    said.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
}

fn pool(pool: &Pool) -> (Thing, Facts) {
    let facts = vec![
        ("site", pool.site.to_string()),
        ("target", pool.target.reveal().to_owned()),
        ("destination", pool.destination.to_string()),
        ("keep_alive_s", pool.policy.keep_alive.as_secs().to_string()),
        ("quarantine_s", pool.policy.quarantine.as_secs().to_string()),
        ("ageing_s", pool.ageing.as_secs().to_string()),
    ];
    (Thing::Pool(pool.id.clone()), facts)
}

fn number(number: &PlannedNumber) -> (Thing, Facts) {
    let (pool, medium) = match &number.kind {
        NumberKind::Pooled(pool) => (pool.to_string(), None),
        NumberKind::Static(medium) => (String::new(), Some(medium)),
    };
    let of_medium =
        |text: fn(&crate::domain::tracking::number::Medium) -> String| medium.map(text).unwrap_or_default();
    let facts = [
        ("label", number.label.clone()),
        ("outlet", number.outlet.to_string()),
        ("destination", number.destination.to_string()),
        ("calls_at_once", number.calls_at_once.map(|most| most.to_string()).unwrap_or_default()),
        ("recording", recording::in_short(number.recording.as_ref())),
        (POOL, pool),
        ("channel", of_medium(|medium| medium.channel.to_string())),
        ("source", of_medium(|medium| medium.source.clone())),
        ("medium", of_medium(|medium| medium.medium.clone())),
        ("campaign", of_medium(|medium| medium.campaign.clone().unwrap_or_default())),
        ("site", of_medium(|m| m.stands_in.as_ref().map(|place| place.site.to_string()).unwrap_or_default())),
        (
            "target",
            of_medium(|m| m.stands_in.as_ref().map(|p| p.target.reveal().to_owned()).unwrap_or_default()),
        ),
    ];
    let facts = facts.into_iter().chain(medium::facts(medium)).collect();
    (Thing::Number(number.e164.clone()), facts)
}

/// A tracking number is shown whole: it belongs to the business that plans it.
impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Thing::Outlet(id) => write!(f, "outlet {id}"),
            Thing::Site(id) => write!(f, "site {id}"),
            Thing::Destination(id) => write!(f, "destination {id}"),
            Thing::Pool(id) => write!(f, "pool {id}"),
            Thing::Number(e164) => write!(f, "number {}", e164.reveal()),
            Thing::Block(id) => write!(f, "block {id}"),
            Thing::Screening => f.write_str("screening"),
            Thing::Purpose(id) => write!(f, "purpose {id}"),
            Thing::Controller(id) => write!(f, "controller {id}"),
            Thing::Field(id) => write!(f, "contact field {id}"),
            Thing::System(id) => write!(f, "system {id}"),
            Thing::Cap(id) => write!(f, "cap {id}"),
            Thing::Contactability => f.write_str("contactability"),
            Thing::Retention(kind) => write!(f, "retention {kind}"),
            Thing::Rfm => f.write_str("rfm"),
            Thing::Scenario(id) => write!(f, "scenario {id}"),
            Thing::Webhook(id) => write!(f, "webhook {id}"),
        }
    }
}

/// `~ pool web: keep_alive_s 1200 → 600`
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |value: &str| if value.is_empty() { "nothing".to_owned() } else { value.to_owned() };
        match self.action {
            Action::Remove => return write!(f, "- {}: out of service", self.thing),
            Action::Create => write!(f, "+ {}:", self.thing)?,
            Action::Update => write!(f, "~ {}:", self.thing)?,
        }
        let told = self.facts.iter().filter(|(_, before, after)| before != after);
        for (nth, (key, before, after)) in told.enumerate() {
            let comma = if nth == 0 { "" } else { "," };
            match self.action {
                Action::Update => write!(f, "{comma} {key} {} → {}", said(before), said(after))?,
                Action::Create | Action::Remove => write!(f, "{comma} {key} {after}")?,
            }
        }
        Ok(())
    }
}
