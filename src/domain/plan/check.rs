//! From a draft to a plan, or everything that is wrong with it at once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;
use std::time::Duration;

use url::Url;

use super::draft::{Draft, DraftDestination, DraftNumber, DraftOutlet, DraftPool, DraftSite};
use super::problem::{Fault, Hint, Place, Problem};
use super::{Plan, PlannedNumber, range};
use crate::domain::calling::destination::Destination;
use crate::domain::ids::{BadSlug, DestinationId, OutletId, PoolId, SiteId};
use crate::domain::outlet::Outlet;
use crate::domain::phone::Phone;
use crate::domain::tracking::lease::Policy;
use crate::domain::tracking::number::{Medium, NumberKind, Pool, StandsIn};
use crate::domain::tracking::site::Site;

/// Finds the known name nearest to a wrong one.
pub type Nearest = fn(&str, &[&str]) -> Option<String>;

impl Draft {
    /// Checks every entry and every reference; `nearest` guesses what a wrong
    /// name was meant to be.
    pub fn check(&self, nearest: Nearest) -> Result<Plan, Vec<Problem>> {
        let mut desk = Desk::new(self, nearest);
        let outlets = desk.outlets(&self.outlets);
        let sites = keep(self.sites.iter().map(|site| desk.site(site)));
        let destinations = keep(self.destinations.iter().map(|destination| desk.destination(destination)));
        let mut numbers = Vec::new();
        let pools = keep(self.pools.iter().map(|pool| desk.pool(pool, &destinations, &mut numbers)));
        numbers.extend(keep(self.numbers.iter().map(|number| desk.number(number))));
        if desk.problems.is_empty() {
            Ok(Plan { outlets, sites, destinations, pools, numbers })
        } else {
            Err(desk.problems)
        }
    }
}

fn keep<T>(entries: impl Iterator<Item = Option<T>>) -> Vec<T> {
    entries.flatten().collect()
}

/// What has been seen so far of a draft under examination.
struct Desk<'d> {
    nearest: Nearest,
    problems: Vec<Problem>,
    /// The names that each table declares.
    names: HashMap<&'static str, Vec<&'d str>>,
    /// Where each number was declared.
    numbers: HashSet<Phone>,
    /// Which pool serves a target of a site.
    pools: HashMap<(SiteId, Phone), String>,
    /// Which number stands in for a target of a site and a channel.
    stand_ins: HashMap<(SiteId, Phone, &'static str), String>,
}

impl<'d> Desk<'d> {
    fn new(draft: &'d Draft, nearest: Nearest) -> Self {
        let names = HashMap::from([
            ("outlet", draft.outlets.iter().map(|outlet| outlet.id.as_str()).collect::<Vec<_>>()),
            ("site", draft.sites.iter().map(|site| site.id.as_str()).collect()),
            ("destination", draft.destinations.iter().map(|destination| destination.id.as_str()).collect()),
            ("pool", draft.pools.iter().map(|pool| pool.id.as_str()).collect()),
        ]);
        let mut desk = Self {
            nearest,
            problems: Vec::new(),
            names,
            numbers: HashSet::new(),
            pools: HashMap::new(),
            stand_ins: HashMap::new(),
        };
        for (what, table) in
            [("outlet", "outlets"), ("site", "sites"), ("destination", "destinations"), ("pool", "pools")]
        {
            let mut seen = HashSet::new();
            let twice: Vec<&str> =
                desk.names[what].iter().copied().filter(|name| !seen.insert(*name)).collect();
            for name in twice {
                desk.object(table, name, Fault::Twice);
            }
        }
        desk
    }

    fn object(&mut self, table: &'static str, name: &str, fault: Fault) {
        self.problems.push(Problem { place: Place { table, name: name.to_owned() }, fault });
    }

    /// Notes the fault, if there is one.
    fn note<T>(&mut self, table: &'static str, name: &str, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.object(table, name, fault)).ok()
    }

    fn name<T: FromStr<Err = BadSlug>>(&mut self, table: &'static str, name: &str) -> Option<T> {
        let id = name.parse().map_err(|_| Fault::BadName(name.to_owned()));
        self.note(table, name, id)
    }

    /// What the entry `name` points at.
    fn reference<T: FromStr<Err = BadSlug>>(
        &mut self,
        table: &'static str,
        name: &str,
        what: &'static str,
        points_at: &str,
    ) -> Option<T> {
        let known = &self.names[what];
        let result = if known.contains(&points_at) {
            // A bad name is told where it is declared.
            return points_at.parse().ok();
        } else {
            let hint = Hint((self.nearest)(points_at, known));
            Err(Fault::Unknown { what, name: points_at.to_owned(), hint })
        };
        self.note(table, name, result)
    }

    fn phone(&mut self, table: &'static str, name: &str, text: &str) -> Option<Phone> {
        self.note(table, name, range::phone(text))
    }

    fn seconds(
        &mut self,
        table: &'static str,
        name: &str,
        key: &'static str,
        value: u64,
        bounds: [u64; 2],
    ) -> Option<Duration> {
        let [least, most] = bounds;
        let within = (least..=most).contains(&value);
        let result =
            within.then_some(Duration::from_secs(value)).ok_or(Fault::OutOfBounds { key, least, most });
        self.note(table, name, result)
    }

    fn text(&mut self, table: &'static str, name: &str, key: &'static str, value: &str) -> Option<String> {
        let result =
            if value.trim().is_empty() { Err(Fault::Empty(key)) } else { Ok(value.trim().to_owned()) };
        self.note(table, name, result)
    }

    /// Parents first; who leads back to itself is left out.
    fn outlets(&mut self, drafts: &[DraftOutlet]) -> Vec<Outlet> {
        let parents: HashMap<&str, Option<&str>> =
            drafts.iter().map(|outlet| (outlet.id.as_str(), outlet.parent.as_deref())).collect();
        let mut by_depth = BTreeMap::new();
        for draft in drafts {
            let (table, name) = ("outlets", draft.id.as_str());
            let parent = draft.parent.as_deref();
            let known = parent.map(|parent| self.reference::<OutletId>(table, name, "outlet", parent));
            match depth(name, &parents) {
                Some(depth) => {
                    let (id, title) = (self.name(table, name), self.text(table, name, "name", &draft.name));
                    if let (Some(id), Some(title)) = (id, title) {
                        by_depth.insert((depth, name), Outlet { id, parent: known.flatten(), name: title });
                    }
                }
                None => self.object(table, name, Fault::Cycle),
            }
        }
        by_depth.into_values().collect()
    }

    fn site(&mut self, draft: &DraftSite) -> Option<Site> {
        let (table, name) = ("sites", draft.id.as_str());
        let id = self.name(table, name);
        let outlet = self.reference(table, name, "outlet", &draft.outlet);
        let title = self.text(table, name, "name", &draft.name);
        if draft.origins.is_empty() {
            self.object(table, name, Fault::Empty("origins"));
        }
        for origin in draft.origins.iter().filter(|origin| !is_origin(origin)) {
            self.object(table, name, Fault::BadOrigin(origin.clone()));
        }
        Some(Site { id: id?, outlet: outlet?, name: title?, origins: draft.origins.clone() })
    }

    fn destination(&mut self, draft: &DraftDestination) -> Option<Destination> {
        let (table, name) = ("destinations", draft.id.as_str());
        let id = self.name(table, name);
        let outlet = self.reference(table, name, "outlet", &draft.outlet);
        let title = self.text(table, name, "name", &draft.name);
        let ring = self.seconds(table, name, "ring_s", draft.ring_s, [1, 600]);
        if !is_line(&draft.line) {
            self.object(table, name, Fault::BadLine(draft.line.clone()));
        }
        Some(Destination { id: id?, outlet: outlet?, name: title?, line: draft.line.clone(), ring: ring? })
    }

    fn pool(
        &mut self,
        draft: &DraftPool,
        destinations: &[Destination],
        numbers: &mut Vec<PlannedNumber>,
    ) -> Option<Pool> {
        let (table, name) = ("pools", draft.id.as_str());
        let id: Option<PoolId> = self.name(table, name);
        let site: Option<SiteId> = self.reference(table, name, "site", &draft.site);
        let destination: Option<DestinationId> =
            self.reference(table, name, "destination", &draft.destination);
        let target = self.phone(table, name, &draft.target);
        let keep_alive = self.seconds(table, name, "keep_alive_s", draft.keep_alive_s, [60, 30 * 86_400]);
        let quarantine = self.seconds(table, name, "quarantine_s", draft.quarantine_s, [0, 365 * 86_400]);
        let outlet = destination
            .as_ref()
            .and_then(|id| destinations.iter().find(|d| d.id == *id))
            .map(|destination| destination.outlet.clone());
        for text in &draft.numbers {
            for e164 in self.note(table, name, range::read(text)).unwrap_or_default() {
                let new = self.new_number(table, name, e164);
                if let (Some(e164), Some(id), Some(outlet), Some(destination)) =
                    (new, &id, &outlet, &destination)
                {
                    numbers.push(PlannedNumber {
                        e164,
                        outlet: outlet.clone(),
                        destination: destination.clone(),
                        label: format!("pool {id}"),
                        kind: NumberKind::Pooled(id.clone()),
                    });
                }
            }
        }
        let (site, target) = (site?, target?);
        if let Some(other) = self.pools.insert((site.clone(), target.clone()), name.to_owned()) {
            self.object(table, name, Fault::SameJob { name: other });
        }
        let policy = Policy { keep_alive: keep_alive?, quarantine: quarantine? };
        Some(Pool { id: id?, site, destination: destination?, target, policy })
    }

    fn number(&mut self, draft: &DraftNumber) -> Option<PlannedNumber> {
        let (table, name) = ("numbers", draft.e164.as_str());
        let e164 = self.phone(table, name, name).and_then(|e164| self.new_number(table, name, e164));
        let label = self.text(table, name, "label", &draft.label);
        let outlet = self.reference(table, name, "outlet", &draft.outlet);
        let destination = self.reference(table, name, "destination", &draft.destination);
        let channel = draft.channel.parse().map_err(|_| Fault::BadChannel(draft.channel.clone()));
        let channel = self.note(table, name, channel);
        let source = self.text(table, name, "source", &draft.source);
        let medium = self.text(table, name, "medium", &draft.medium);
        let stands_in = match (&draft.site, &draft.target) {
            (Some(site), Some(target)) => {
                let site: Option<SiteId> = self.reference(table, name, "site", site);
                let target = self.phone(table, name, target);
                site.zip(target).map(|(site, target)| StandsIn { site, target })
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                self.object(table, name, Fault::HalfAPlace);
                None
            }
        };
        let channel: crate::domain::tracking::channels::Channel = channel?;
        if let Some(place) = &stands_in {
            let job = (place.site.clone(), place.target.clone(), channel.as_str());
            if let Some(other) = self.stand_ins.insert(job, name.to_owned()) {
                self.object(table, name, Fault::SameJob { name: other });
            }
        }
        let campaign =
            draft.campaign.as_ref().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let medium = Medium { channel, source: source?, medium: medium?, campaign, stands_in };
        Some(PlannedNumber {
            e164: e164?,
            outlet: outlet?,
            destination: destination?,
            label: label?,
            kind: NumberKind::Static(medium),
        })
    }

    fn new_number(&mut self, table: &'static str, name: &str, e164: Phone) -> Option<Phone> {
        if self.numbers.insert(e164.clone()) {
            return Some(e164);
        }
        self.object(table, name, Fault::NumberTwice(e164.reveal().to_owned()));
        None
    }
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

/// As browsers send it: scheme, host and a port that is not the usual one.
fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
    })
}

/// `sip:user@host[:port]`, also `sips:`, without parameters.
fn is_line(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("sip:").or_else(|| text.strip_prefix("sips:")) else { return false };
    let Some((user, place)) = rest.split_once('@') else { return false };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,".contains(&b);
    // A SIP host with its port reads like that of a web address.
    let host = Url::parse(&format!("http://{place}/"));
    let whole = host.is_ok_and(|url| url.path() == "/" && url.username().is_empty() && url.query().is_none());
    !user.is_empty()
        && user.bytes().all(plain)
        && whole
        && !place.is_empty()
        && !place.contains(['/', '?', '#', '@'])
}
