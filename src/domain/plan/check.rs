//! From a draft to a plan, or everything that is wrong with it at once.

use std::collections::{BTreeMap, HashMap};

use url::Url;

use super::desk::{Desk, Job, Nearest};
use super::draft::{Draft, DraftDestination, DraftNumber, DraftOutlet, DraftPool, DraftSite};
use super::problem::{Fault, Problem};
use super::{
    Plan, PlannedNumber, consent, contactability, medium, people, range, reading, recording, retention, rfm,
    ring_plan, scenario, screening, webhook,
};
use crate::domain::calling::destination::{Destination, MediaPath};
use crate::domain::calling::tolls::Exit;
use crate::domain::ids::{DestinationId, PoolId, PromptId, SiteId};
use crate::domain::outlet::Outlet;
use crate::domain::people::field::Field;
use crate::domain::people::purpose::{Controller, Purpose};
use crate::domain::people::segment::Words;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::guard::Guard;
use crate::domain::tracking::lease::Policy;
use crate::domain::tracking::number::{Medium, NumberKind, Pool, StandsIn};
use crate::domain::tracking::site::Site;

const DAY_S: u64 = 86_400;
/// A page tells each minute that it is still looked at, and that is written to within ten seconds.
const KEEP_ALIVE_MIN_S: u64 = 90;

impl Draft {
    /// Checks every entry and every reference. `prompts` are those that an admin
    /// brought; `nearest` guesses what a wrong name was meant to be.
    pub fn check(
        &self,
        trunks: &[Exit],
        prompts: &[PromptId],
        nearest: Nearest,
    ) -> Result<Plan, Vec<Problem>> {
        let mut desk = Desk::new(self, trunks, prompts, nearest);
        let outlets = outlets(&mut desk, &self.outlets);
        let sites = self.sites.iter().filter_map(|draft| site(&mut desk, draft)).collect();
        let destinations: Vec<Destination> =
            self.destinations.iter().filter_map(|draft| destination(&mut desk, draft)).collect();
        for (name, circle) in ring_plan::circles(&self.destinations) {
            desk.entry("destinations", name).fault(Fault::CallsInACircle(circle.join(" → ")));
        }
        let mut numbers = Vec::new();
        let pools = self
            .pools
            .iter()
            .filter_map(|draft| pool(&mut desk, draft, &destinations, &mut numbers))
            .collect();
        numbers.extend(self.numbers.iter().filter_map(|draft| number(&mut desk, draft)));
        let blocks = self.blocks.iter().filter_map(|draft| screening::block(&mut desk, draft)).collect();
        let settings = screening::settings(&mut desk, &self.screening);
        let purposes: Vec<Purpose> =
            self.purposes.iter().filter_map(|draft| consent::purpose(&mut desk, draft)).collect();
        let controllers: Vec<Controller> =
            self.controllers.iter().filter_map(|draft| consent::controller(&mut desk, draft)).collect();
        let contact_fields: Vec<Field> =
            self.contact_fields.iter().filter_map(|draft| people::field(&mut desk, draft)).collect();
        let site_names: Vec<&str> = self.sites.iter().map(|site| site.id.as_str()).collect();
        let systems =
            self.systems.iter().filter_map(|draft| people::system(&mut desk, draft, &site_names)).collect();
        let reaching = contactability::settings(&mut desk, &self.contactability);
        let caps = self.caps.iter().filter_map(|draft| contactability::cap(&mut desk, draft)).collect();
        let retention = retention::check(&mut desk, &self.retention);
        let clients = rfm::settings(&mut desk, &self.rfm);
        let words = words(&contact_fields, &purposes, &controllers);
        let scenarios =
            self.scenarios.iter().filter_map(|draft| scenario::scenario(&mut desk, draft, &words)).collect();
        let webhooks = self.webhooks.iter().filter_map(|draft| webhook::webhook(&mut desk, draft)).collect();
        if desk.problems.is_empty() {
            Ok(Plan {
                outlets,
                sites,
                destinations,
                pools,
                numbers,
                blocks,
                screening: settings,
                purposes,
                controllers,
                contact_fields,
                systems,
                contactability: reaching,
                caps,
                retention,
                rfm: clients,
                scenarios,
                webhooks,
            })
        } else {
            Err(desk.problems)
        }
    }
}

/// What the filter of a scenario may name.
fn words(fields: &[Field], purposes: &[Purpose], controllers: &[Controller]) -> Words {
    Words {
        fields: fields.to_vec(),
        purposes: purposes.iter().map(|it| it.id.clone()).collect(),
        controllers: controllers.iter().map(|it| it.id.clone()).collect(),
        segments: scenario::SEGMENTS.iter().filter_map(|id| id.parse().ok()).collect(),
    }
}

/// Parents first.
fn outlets<'d>(desk: &mut Desk<'d>, drafts: &'d [DraftOutlet]) -> Vec<Outlet> {
    let parents: HashMap<&str, Option<&str>> =
        drafts.iter().map(|outlet| (outlet.id.as_str(), outlet.parent.as_deref())).collect();
    let mut by_depth = BTreeMap::new();
    for draft in drafts {
        let mut entry = desk.entry("outlets", &draft.id);
        let parent = draft.parent.as_ref().map(|parent| entry.reference("outlet", parent));
        let depth = depth(&draft.id, &parents);
        if depth.is_none() {
            entry.fault(Fault::Cycle);
        }
        if let (Some(id), Some(name), Some(depth)) = (entry.id(), entry.text("name", &draft.name), depth) {
            by_depth.insert((depth, &draft.id), Outlet { id, parent: parent.flatten(), name });
        }
    }
    by_depth.into_values().collect()
}

/// How far an outlet is from the top; `None` when there is no way up.
fn depth(name: &str, parents: &HashMap<&str, Option<&str>>) -> Option<usize> {
    let (mut at, mut steps) = (name, 0);
    while let Some(Some(parent)) = parents.get(at) {
        (at, steps) = (parent, steps + 1);
        if steps > parents.len() {
            return None;
        }
    }
    Some(steps)
}

fn site<'d>(desk: &mut Desk<'d>, draft: &'d DraftSite) -> Option<Site> {
    let mut entry = desk.entry("sites", &draft.id);
    let (id, outlet) = (entry.id(), entry.reference("outlet", &draft.outlet));
    let name = entry.text("name", &draft.name);
    if draft.origins.is_empty() {
        entry.fault(Fault::Empty("origins"));
    }
    for origin in draft.origins.iter().filter(|origin| !is_origin(origin)) {
        entry.fault(Fault::BadOrigin(origin.clone()));
    }
    let reading = reading::check(&mut entry, draft);
    let usual = Guard::default();
    let lends_to_headless = entry.note(match draft.headless.as_deref() {
        None | Some("refuse") => Ok(false),
        Some("lend") => Ok(true),
        Some(word) => {
            Err(Fault::BadAction { key: "headless", word: word.to_owned(), known: "refuse or lend" })
        }
    });
    let guard = Guard {
        lends_to_headless: lends_to_headless.unwrap_or_default(),
        per_block: draft.leases_per_block.unwrap_or(usual.per_block),
        per_minute: draft.leases_per_minute.unwrap_or(usual.per_minute),
        page_calls: draft.page_calls.unwrap_or(usual.page_calls),
        page_calls_per_block: draft.page_calls_per_block.unwrap_or(usual.page_calls_per_block),
    };
    Some(Site { id: id?, outlet: outlet?, name: name?, origins: draft.origins.clone(), reading, guard })
}

fn destination<'d>(desk: &mut Desk<'d>, draft: &'d DraftDestination) -> Option<Destination> {
    let mut entry = desk.entry("destinations", &draft.id);
    let (id, outlet) = (entry.id(), entry.reference("outlet", &draft.outlet));
    let name = entry.text("name", &draft.name);
    let ring_plan = ring_plan::check(&mut entry, draft);
    let media = entry.note(draft.media.as_deref().map_or(Ok(MediaPath::Past), |word| {
        word.parse().map_err(|_| Fault::BadAction {
            key: "media",
            word: word.to_owned(),
            known: "past or relayed",
        })
    }));
    Some(Destination { id: id?, outlet: outlet?, name: name?, ring_plan: ring_plan?, media: media? })
}

/// Checks a pool and adds its numbers to `numbers`.
fn pool<'d>(
    desk: &mut Desk<'d>,
    draft: &'d DraftPool,
    destinations: &[Destination],
    numbers: &mut Vec<PlannedNumber>,
) -> Option<Pool> {
    let mut entry = desk.entry("pools", &draft.id);
    let id: Option<PoolId> = entry.id();
    let site: Option<SiteId> = entry.reference("site", &draft.site);
    let destination: Option<DestinationId> = entry.reference("destination", &draft.destination);
    let target = entry.phone(&draft.target);
    let keep_alive = entry.seconds("keep_alive_s", draft.keep_alive_s, [KEEP_ALIVE_MIN_S, 30 * DAY_S]);
    let quarantine = entry.seconds("quarantine_s", draft.quarantine_s, [0, 365 * DAY_S]);
    let ageing = entry.seconds("ageing_s", draft.ageing_s, [0, 365 * DAY_S]);
    let mut phones = Vec::new();
    for text in &draft.numbers {
        let range = entry.note(range::read(text)).unwrap_or_default();
        phones.extend(range.into_iter().filter_map(|e164| entry.number(e164)));
    }
    let recording = recording::check(&mut entry, draft.recording.as_ref());
    if let (Some(site), Some(target)) = (&site, &target) {
        entry.job(Job::Lend(site.clone(), target.clone()));
    }

    let (id, destination) = (id?, destination?);
    let outlet = &destinations.iter().find(|declared| declared.id == destination)?.outlet;
    numbers.extend(phones.into_iter().map(|e164| PlannedNumber {
        e164,
        outlet: outlet.clone(),
        destination: destination.clone(),
        label: format!("pool {id}"),
        calls_at_once: draft.calls_at_once,
        recording: recording.clone(),
        kind: NumberKind::Pooled(id.clone()),
    }));
    let policy = Policy { keep_alive: keep_alive?, quarantine: quarantine? };
    Some(Pool { id, site: site?, destination, target: target?, policy, ageing: ageing? })
}

fn number<'d>(desk: &mut Desk<'d>, draft: &'d DraftNumber) -> Option<PlannedNumber> {
    let mut entry = desk.entry("numbers", &draft.e164);
    let e164 = entry.phone(&draft.e164).and_then(|e164| entry.number(e164));
    let label = entry.text("label", &draft.label);
    let outlet = entry.reference("outlet", &draft.outlet);
    let destination = entry.reference("destination", &draft.destination);
    let channel: Result<Channel, Fault> =
        draft.channel.parse().map_err(|_| Fault::BadChannel(draft.channel.clone()));
    let channel = entry.note(channel);
    let (source, medium) = (entry.text("source", &draft.source), entry.text("medium", &draft.medium));
    let stands_in = match (&draft.site, &draft.target) {
        (Some(site), Some(target)) => {
            let place = entry.reference("site", site).zip(entry.phone(target));
            place.map(|(site, target)| StandsIn { site, target })
        }
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            entry.fault(Fault::HalfAPlace);
            None
        }
    };
    if let (Some(place), Some(channel)) = (&stands_in, channel) {
        entry.job(Job::StandIn(place.site.clone(), place.target.clone(), channel.as_str()));
    }

    let offline = medium::check(&mut entry, draft);
    let recording = recording::check(&mut entry, draft.recording.as_ref());
    let campaign = draft.campaign.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let medium = Medium {
        channel: channel?,
        source: source?,
        medium: medium?,
        campaign: campaign.map(str::to_owned),
        stands_in,
        offline,
    };
    Some(PlannedNumber {
        e164: e164?,
        outlet: outlet?,
        destination: destination?,
        label: label?,
        calls_at_once: draft.calls_at_once,
        recording,
        kind: NumberKind::Static(medium),
    })
}

/// As browsers send it: scheme, host and a port that is not the usual one.
fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
    })
}
