//! A plan as it is written: texts and seconds, nothing checked.
//!
//! The names of these fields are the keys of the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::consent::{DraftController, DraftPurpose};
use super::contactability::{DraftCap, DraftContactability};
use super::people::{DraftField, DraftSystem};
use super::reading::{DraftAliases, DraftRule};
use super::recording::DraftRecording;
use super::retention::DraftRetention;
use super::rfm::DraftRfm;
use super::ring_plan::{self, DraftHours, DraftStep};
use super::scenario::DraftScenario;
use super::screening::{DraftBlock, DraftScreening};
use super::webhook::DraftWebhook;
use super::{Plan, medium, range};
use crate::domain::calling::destination::MediaPath;
use crate::domain::phone::Phone;
use crate::domain::tracking::guard::Guard;
use crate::domain::tracking::number::NumberKind;

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Draft {
    pub outlets: Vec<DraftOutlet>,
    pub sites: Vec<DraftSite>,
    pub destinations: Vec<DraftDestination>,
    pub pools: Vec<DraftPool>,
    pub numbers: Vec<DraftNumber>,
    pub screening: DraftScreening,
    pub blocks: Vec<DraftBlock>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<DraftPurpose>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controllers: Vec<DraftController>,
    pub contact_fields: Vec<DraftField>,
    pub systems: Vec<DraftSystem>,
    #[serde(skip_serializing_if = "is_default")]
    pub contactability: DraftContactability,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<DraftCap>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retention: Vec<DraftRetention>,
    #[serde(skip_serializing_if = "is_default")]
    pub rfm: DraftRfm,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<DraftScenario>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub webhooks: Vec<DraftWebhook>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftOutlet {
    pub id: String,
    pub name: String,
    pub parent: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftSite {
    pub id: String,
    pub name: String,
    pub outlet: String,
    pub origins: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored_referrers: Vec<String>,
    /// `refuse` or `lend`: whether a browser without a window gets a number; without it `refuse`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headless: Option<String>,
    /// New numbers for one address block in half an hour; 0: any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leases_per_block: Option<u32>,
    /// New numbers in a minute; 0: any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leases_per_minute: Option<u32>,
    /// Calls made on its pages that go on at the same time; without it none is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_calls: Option<u32>,
    /// Those of one address block in half an hour; 0: any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_calls_per_block: Option<u32>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub aliases: DraftAliases,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<DraftRule>,
}

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftDestination {
    pub id: String,
    pub name: String,
    pub outlet: String,
    pub line: Option<String>,
    pub ring_s: Option<u64>,
    /// `order`, `all`, `round_robin` or `weighted`; without it `order`.
    pub strategy: Option<String>,
    pub calls_at_once: Option<u32>,
    pub fallback: Option<String>,
    /// The name of a prompt that callers hear while lines ring.
    pub music: Option<String>,
    pub hours: Option<DraftHours>,
    /// `past` or `relayed`: whether the gateway carries the sound, too; without it `past`.
    pub media: Option<String>,
    /// Prompts that its lines hear before the caller.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whisper: Vec<String>,
    /// The prompts that say a campaign or a source in it, by theirs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub whisper_campaigns: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub whisper_sources: BTreeMap<String, String>,
    /// The key by which a line takes the call; without it whoever answers has it.
    pub accept: Option<String>,
    pub accept_s: Option<u64>,
    /// The prompt that asks a line what the call was, once the caller has hung up.
    pub rating: Option<String>,
    pub rating_s: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<DraftStep>,
}

/// Its numbers belong to the outlet of its destination.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftPool {
    pub id: String,
    pub site: String,
    pub target: String,
    pub destination: String,
    #[serde(default = "twenty_minutes")]
    pub keep_alive_s: u64,
    #[serde(default = "ten_minutes")]
    pub quarantine_s: u64,
    /// How long a number that is new here is lent to nobody.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ageing_s: u64,
    /// For each of its numbers.
    pub calls_at_once: Option<u32>,
    /// Numbers and ranges of numbers.
    pub numbers: Vec<String>,
    /// How calls to its numbers are recorded; without it they are not.
    pub recording: Option<DraftRecording>,
}

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftNumber {
    pub e164: String,
    pub label: String,
    pub outlet: String,
    pub destination: String,
    pub calls_at_once: Option<u32>,
    pub channel: String,
    pub source: String,
    pub medium: String,
    pub campaign: Option<String>,
    pub site: Option<String>,
    pub target: Option<String>,
    /// What carries it: `poster`, `flyer` …
    pub kind: Option<String>,
    /// In the smallest unit of `currency`.
    pub cost_minor: Option<u64>,
    pub currency: Option<String>,
    /// `2026-03-01..2026-05-31`
    pub runs: Option<String>,
    pub landing_page: Option<String>,
    /// How calls are recorded; without it they are not.
    pub recording: Option<DraftRecording>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What is written of a value: nothing, where it is the usual one.
pub(super) fn differing<T: PartialEq>(value: T, usual: T) -> Option<T> {
    (value != usual).then_some(value)
}

const fn twenty_minutes() -> u64 {
    20 * 60
}

const fn ten_minutes() -> u64 {
    10 * 60
}

/// Writes a plan as somebody would have written it.
impl From<&Plan> for Draft {
    fn from(plan: &Plan) -> Self {
        let reveal = |phone: &Phone| phone.reveal().to_owned();
        let outlets = plan.outlets.iter().map(|outlet| DraftOutlet {
            id: outlet.id.to_string(),
            name: outlet.name.clone(),
            parent: outlet.parent.as_ref().map(ToString::to_string),
        });
        let sites = plan.sites.iter().map(|site| DraftSite {
            headless: site.guard.lends_to_headless.then(|| "lend".to_owned()),
            leases_per_block: differing(site.guard.per_block, Guard::default().per_block),
            leases_per_minute: differing(site.guard.per_minute, Guard::default().per_minute),
            page_calls: differing(site.guard.page_calls, Guard::default().page_calls),
            page_calls_per_block: differing(
                site.guard.page_calls_per_block,
                Guard::default().page_calls_per_block,
            ),
            id: site.id.to_string(),
            name: site.name.clone(),
            outlet: site.outlet.to_string(),
            origins: site.origins.clone(),
            ignored_referrers: site.reading.ignored_referrers.clone(),
            aliases: DraftAliases::from(&site.reading.aliases),
            rules: site.reading.rules.iter().map(DraftRule::from).collect(),
        });
        let destinations = plan.destinations.iter().map(|destination| {
            let named = DraftDestination {
                id: destination.id.to_string(),
                name: destination.name.clone(),
                outlet: destination.outlet.to_string(),
                media: differing(destination.media, MediaPath::Past).map(|media| media.to_string()),
                ..DraftDestination::default()
            };
            ring_plan::written(&destination.ring_plan, named)
        });
        let pools = plan.pools.iter().map(|pool| {
            let pooled = plan.numbers.iter().filter(|n| n.kind == NumberKind::Pooled(pool.id.clone()));
            let calls_at_once = pooled.clone().find_map(|n| n.calls_at_once);
            let recording = pooled.clone().find_map(|n| n.recording.as_ref()).map(DraftRecording::from);
            let mut numbers: Vec<Phone> = pooled.map(|n| n.e164.clone()).collect();
            numbers.sort();
            DraftPool {
                id: pool.id.to_string(),
                site: pool.site.to_string(),
                target: reveal(&pool.target),
                destination: pool.destination.to_string(),
                keep_alive_s: pool.policy.keep_alive.as_secs(),
                quarantine_s: pool.policy.quarantine.as_secs(),
                ageing_s: pool.ageing.as_secs(),
                calls_at_once,
                numbers: range::write(&numbers),
                recording,
            }
        });
        let numbers = plan.numbers.iter().filter_map(|number| {
            let NumberKind::Static(medium) = &number.kind else { return None };
            let draft = DraftNumber {
                e164: reveal(&number.e164),
                label: number.label.clone(),
                outlet: number.outlet.to_string(),
                destination: number.destination.to_string(),
                calls_at_once: number.calls_at_once,
                recording: number.recording.as_ref().map(DraftRecording::from),
                channel: medium.channel.to_string(),
                source: medium.source.clone(),
                medium: medium.medium.clone(),
                campaign: medium.campaign.clone(),
                site: medium.stands_in.as_ref().map(|place| place.site.to_string()),
                target: medium.stands_in.as_ref().map(|place| reveal(&place.target)),
                ..DraftNumber::default()
            };
            Some(medium::written(medium, draft))
        });
        Self {
            outlets: outlets.collect(),
            sites: sites.collect(),
            destinations: destinations.collect(),
            pools: pools.collect(),
            numbers: numbers.collect(),
            screening: DraftScreening::from(&plan.screening),
            blocks: plan.blocks.iter().map(DraftBlock::from).collect(),
            purposes: plan.purposes.iter().map(DraftPurpose::from).collect(),
            controllers: plan.controllers.iter().map(DraftController::from).collect(),
            contact_fields: plan.contact_fields.iter().map(DraftField::from).collect(),
            systems: plan.systems.iter().map(DraftSystem::from).collect(),
            contactability: DraftContactability::from(&plan.contactability),
            caps: plan.caps.iter().map(DraftCap::from).collect(),
            retention: plan.retention.iter().map(DraftRetention::from).collect(),
            rfm: DraftRfm::from(&plan.rfm),
            scenarios: plan.scenarios.iter().map(DraftScenario::from).collect(),
            webhooks: plan.webhooks.iter().map(DraftWebhook::from).collect(),
        }
    }
}
