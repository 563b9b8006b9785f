//! What has been seen so far of a draft under examination, and what was found
//! wrong with it.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::time::Duration;

use super::draft::Draft;
use super::problem::{Fault, Hint, Place, Problem};
use super::range;
use crate::domain::calling::prompt;
use crate::domain::calling::tolls::Exit;
use crate::domain::ids::{BadSlug, PromptId, SiteId, TrunkId};
use crate::domain::phone::Phone;

/// Finds the known name nearest to a wrong one.
pub type Nearest = fn(&str, &[&str]) -> Option<String>;

pub(super) struct Desk<'d> {
    nearest: Nearest,
    pub problems: Vec<Problem>,
    /// The names that the draft declares, for each kind of entry.
    names: HashMap<&'static str, Vec<&'d str>>,
    numbers: HashSet<Phone>,
    exits: &'d [Exit],
    /// Who does what no two may do.
    jobs: HashMap<Job, &'d str>,
}

/// What only one entry of a plan may do.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Job {
    /// A pool lends numbers for this target on this site …
    Lend(SiteId, Phone),
    /// … and a number stands in for it, for visits of this channel.
    StandIn(SiteId, Phone, &'static str),
}

impl<'d> Desk<'d> {
    pub fn new(draft: &'d Draft, trunks: &'d [Exit], prompts: &'d [PromptId], nearest: Nearest) -> Self {
        let outlets: Vec<&str> = draft.outlets.iter().map(|outlet| outlet.id.as_str()).collect();
        let sites: Vec<&str> = draft.sites.iter().map(|site| site.id.as_str()).collect();
        let destinations: Vec<&str> = draft.destinations.iter().map(|place| place.id.as_str()).collect();
        let pools = draft.pools.iter().map(|pool| pool.id.as_str());
        let blocks = draft.blocks.iter().map(|block| block.id.as_str());
        let purposes: Vec<&str> = draft.purposes.iter().map(|purpose| purpose.id.as_str()).collect();
        let caps: Vec<&str> = draft.caps.iter().map(|cap| cap.id.as_str()).collect();
        let scenarios: Vec<&str> = draft.scenarios.iter().map(|it| it.id.as_str()).collect();
        let webhooks = draft.webhooks.iter().map(|it| it.id.as_str());
        let controllers = draft.controllers.iter().map(|controller| controller.id.as_str());
        let fields = draft.contact_fields.iter().map(|field| field.id.as_str());
        let systems = draft.systems.iter().map(|system| system.id.as_str());
        let mut desk = Self {
            nearest,
            problems: Vec::new(),
            names: HashMap::new(),
            exits: &[],
            numbers: HashSet::new(),
            jobs: HashMap::new(),
        };
        desk.only_once("outlets", &outlets);
        desk.only_once("sites", &sites);
        desk.only_once("destinations", &destinations);
        desk.only_once("pools", &pools.collect::<Vec<_>>());
        desk.only_once("blocks", &blocks.collect::<Vec<_>>());
        desk.only_once("purposes", &purposes);
        desk.only_once("caps", &caps);
        desk.only_once("scenarios", &scenarios);
        desk.only_once("webhooks", &webhooks.collect::<Vec<_>>());
        desk.only_once("controllers", &controllers.collect::<Vec<_>>());
        desk.only_once("contact_fields", &fields.collect::<Vec<_>>());
        desk.only_once("systems", &systems.collect::<Vec<_>>());
        desk.exits = trunks;
        let trunks = trunks.iter().map(|exit| exit.trunk.as_str()).collect();
        desk.names = HashMap::from([
            ("outlet", outlets),
            ("site", sites),
            ("destination", destinations),
            ("trunk", trunks),
            ("purpose", purposes),
            ("prompt", prompt::BUILT_IN.into_iter().chain(prompts.iter().map(PromptId::as_str)).collect()),
        ]);
        desk
    }

    fn only_once(&mut self, table: &'static str, names: &[&'d str]) {
        let mut seen = HashSet::new();
        for name in names.iter().filter(|name| !seen.insert(**name)) {
            self.entry(table, name).fault(Fault::Twice);
        }
    }

    /// Looks at one entry.
    pub fn entry(&mut self, table: &'static str, name: &'d str) -> Entry<'_, 'd> {
        Entry { desk: self, table, name }
    }
}

/// One entry on the desk: reads its fields and notes what is wrong with them.
pub(super) struct Entry<'a, 'd> {
    desk: &'a mut Desk<'d>,
    table: &'static str,
    name: &'d str,
}

impl Entry<'_, '_> {
    pub fn fault(&mut self, fault: Fault) {
        let place = Place { table: self.table, name: self.name.to_owned() };
        self.desk.problems.push(Problem { place, fault });
    }

    /// Notes the fault, if there is one.
    pub fn note<T>(&mut self, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.fault(fault)).ok()
    }

    /// Its own name.
    pub fn id<T: FromStr<Err = BadSlug>>(&mut self) -> Option<T> {
        self.note(self.name.parse().map_err(|_| Fault::BadName(self.name.to_owned())))
    }

    /// What it points at. A bad name is told where it is declared, not here.
    pub fn reference<T: FromStr<Err = BadSlug>>(&mut self, what: &'static str, name: &str) -> Option<T> {
        let known = self.desk.names.get(what).map(Vec::as_slice).unwrap_or_default();
        if known.contains(&name) {
            return name.parse().ok();
        }
        let hint = Hint((self.desk.nearest)(name, known));
        self.fault(Fault::Unknown { what, name: name.to_owned(), hint });
        None
    }

    /// Whether calls to this number may leave over this trunk.
    pub fn leads_out(&mut self, number: &Phone, trunk: &TrunkId) -> bool {
        let Some(exit) = self.desk.exits.iter().find(|exit| exit.trunk == *trunk) else { return false };
        let fault = if !exit.leads_out {
            Fault::NoWayOut(trunk.to_string())
        } else if !exit.allows(number.reveal()) {
            let (number, allowed) = (number.reveal().to_owned(), exit.prefixes.join(", "));
            Fault::NotAllowed { number, trunk: trunk.to_string(), allowed }
        } else {
            return true;
        };
        self.fault(fault);
        false
    }

    pub fn phone(&mut self, text: &str) -> Option<Phone> {
        self.note(range::phone(text))
    }

    pub fn seconds(&mut self, key: &'static str, value: u64, [least, most]: [u64; 2]) -> Option<Duration> {
        let within = (least..=most).contains(&value);
        self.note(within.then_some(Duration::from_secs(value)).ok_or(Fault::OutOfBounds { key, least, most }))
    }

    pub fn text(&mut self, key: &'static str, value: &str) -> Option<String> {
        let value = value.trim();
        self.note(if value.is_empty() { Err(Fault::Empty(key)) } else { Ok(value.to_owned()) })
    }

    /// The number, unless another entry has it.
    pub fn number(&mut self, e164: Phone) -> Option<Phone> {
        if self.desk.numbers.insert(e164.clone()) {
            return Some(e164);
        }
        self.fault(Fault::NumberTwice(e164.reveal().to_owned()));
        None
    }

    /// Notes a number that no entry above has.
    pub fn known_number(&mut self, e164: &Phone) {
        if !self.desk.numbers.contains(e164) {
            let name = e164.reveal().to_owned();
            self.fault(Fault::Unknown { what: "number", name, hint: Hint(None) });
        }
    }

    /// Takes a job that no other entry may have.
    pub fn job(&mut self, job: Job) {
        if let Some(other) = self.desk.jobs.insert(job, self.name) {
            self.fault(Fault::SameJob { name: other.to_owned() });
        }
    }
}
