//! What the gateway asks of its carriers on its own account: whether a hop
//! lives (OPTIONS), and to send our calls here (REGISTER).
//!
//! ```text
//!   wake ─┬─ Pings: a hop is due ──────▶ OPTIONS to each of its addresses ─▶ Health
//!         └─ Registration: it is due ──▶ REGISTER at the first hop that is well,
//!                                        then at the next ─▶ Registration
//! ```
//!
//! Neither belongs to a call, so their names are looked up under keys that no
//! call has.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::bindings::{Registering, min_expires};
use super::challenged::Proof;
use super::hops::question;
use super::requests::Outgoing;
use super::search::{Aim, Next, Spot, retry_after};
use super::transactions::{Purpose, SentInvite, Sleeper};
use super::{Endpoint, Event, Hop, LegKey};
use crate::call::leg::LegId;
use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;
use crate::sip::message::{Message, Method, Name};
use crate::sip::transaction::ClientKey;
use crate::sip::translate::to_wire::{self, Lines, Stamp};
use crate::sip::transport::{Flow, Peer};
use crate::sip::trunk::health::Place;
use crate::sip::trunk::out::Out;
use crate::sip::trunk::ping::{self, Pings};
use crate::sip::trunk::register::{Registration, Said};

#[derive(Default)]
pub(super) struct Upkeep {
    pings: Pings,
    pub(super) registrations: BTreeMap<TrunkId, Registering>,
    under_way: HashMap<ClientKey, Errand>,
    lookups: HashMap<LegKey, (Errand, Aim)>,
    /// The addresses that the hops of our trunks had when they were last looked up.
    pub(super) known: HashMap<Arc<str>, Vec<Peer>>,
}

/// Why a request was sent that no call has asked for.
#[derive(Clone)]
pub(super) enum Errand {
    Ping(Place),
    Register(TrunkId),
}

impl Endpoint {
    /// Begins to ask; before this the endpoint says nothing by itself.
    pub fn begin(&mut self, now: Timestamp) {
        if self.draining {
            return;
        }
        let mut outs: Vec<Arc<Out>> = self.carriers.outs.values().cloned().collect();
        outs.sort_by(|one, other| one.id.cmp(&other.id));
        self.carriers.upkeep.pings.clear();
        self.carriers.changed = true;
        for out in outs {
            if let Some(every) = out.ping {
                for no in 0..out.to.len() {
                    let chance = self.chance.below(ping::CHANCES);
                    self.carriers.upkeep.pings.begin((out.id.clone(), no), every, chance, now);
                }
            }
            let before = self.carriers.upkeep.registrations.get(&out.id);
            let goes_on = before.is_some_and(|one| one.out == out && !one.machine.is_gone());
            let may_register = out.login.is_some() && !out.to.is_empty() && !goes_on;
            if let Some(span) = out.register.filter(|_| may_register) {
                let registering = Registering {
                    machine: Registration::start(span, now),
                    call_id: self.chance.sip_call_id(),
                    tag: self.chance.tag(),
                    cseq: 0,
                    secs: 0,
                    left: VecDeque::new(),
                    at: None,
                    said: Said::Nothing,
                    out: Arc::clone(&out),
                };
                self.carriers.upkeep.registrations.insert(out.id.clone(), registering);
            }
        }
    }

    /// The gateway goes: carriers that have us are told, nobody is asked any more.
    pub fn leave(&mut self, now: Timestamp) {
        self.carriers.upkeep.pings.clear();
        let trunks: Vec<TrunkId> = self.carriers.upkeep.registrations.keys().cloned().collect();
        self.unregister(&trunks, now);
    }

    /// Every carrier that had us has been told.
    pub fn has_left(&self) -> bool {
        self.carriers.upkeep.registrations.values().all(|one| !one.machine.is_asked())
    }

    pub(super) fn upkeep_wake_at(&self) -> Option<Timestamp> {
        let registrations =
            self.carriers.upkeep.registrations.values().filter_map(|one| one.machine.wake_at());
        registrations.chain(self.carriers.upkeep.pings.wake_at()).min()
    }

    pub(super) fn wake_upkeep(&mut self, now: Timestamp) {
        while let Some((trunk, no)) = self.carriers.upkeep.pings.due(now) {
            let Some(out) = self.carriers.outs.get(&trunk).cloned() else { continue };
            let (Some(hop), Some(every)) = (out.to.get(no), out.ping) else { continue };
            let chance = self.chance.below(ping::CHANCES);
            self.carriers.upkeep.pings.go_round((trunk, no), every, chance, now);
            self.ping(aim(&out, hop), now);
        }
        let due = self.carriers.upkeep.registrations.iter_mut().filter_map(|(trunk, one)| {
            one.secs = one.machine.wake(now)?;
            one.left = one.out.to.iter().map(|hop| Next::Aim(aim(&one.out, hop))).collect();
            one.said = Said::Nothing;
            Some(trunk.clone())
        });
        for trunk in due.collect::<Vec<_>>() {
            self.register_next(&trunk, now);
        }
    }

    /// A name that was asked for on our own account has these addresses;
    /// `false`: it was not.
    pub(super) fn found(&mut self, key: LegKey, found: &[Peer], now: Timestamp) -> bool {
        let Some((errand, aim)) = self.carriers.upkeep.lookups.remove(&key) else { return false };
        let flows: Vec<Flow> = found.iter().filter_map(|peer| self.flow_to(*peer)).collect();
        self.knows(&aim.hop, &flows);
        let spots = flows.into_iter().map(|flow| Spot { aim: aim.clone(), flow });
        match errand {
            Errand::Ping(_) => spots.for_each(|spot| self.send_ping(spot, now)),
            Errand::Register(trunk) => {
                if let Some(one) = self.carriers.upkeep.registrations.get_mut(&trunk) {
                    spots.rev().for_each(|spot| one.left.push_front(Next::Spot(spot)));
                }
                self.register_next(&trunk, now);
            }
        }
        true
    }

    /// Remembers the addresses of a trunk's hop.
    pub(super) fn knows(&mut self, hop: &Arc<str>, flows: &[Flow]) {
        let peers = flows.iter().map(|flow| Peer { transport: flow.transport, address: flow.remote });
        self.carriers.upkeep.known.insert(Arc::clone(hop), peers.collect());
        self.carriers.changed = true;
    }

    pub(super) fn look_up(&mut self, errand: Errand, aim: Aim, now: Timestamp) -> bool {
        let key = (self.chance.call_id(now), LegId(u8::MAX));
        let Some(question) = question(key, aim.next_hop()) else { return false };
        self.carriers.upkeep.lookups.insert(key, (errand, aim));
        self.events.push(Event::Resolve(question));
        true
    }

    fn ping(&mut self, aim: Aim, now: Timestamp) {
        match self.hop(aim.next_hop().as_bytes(), None) {
            Some(Hop::Flow(flow)) => {
                self.knows(&aim.hop, &[flow]);
                self.send_ping(Spot { aim, flow }, now);
            }
            Some(hop @ Hop::Name { .. }) => {
                let place = Spot { flow: hop.flow(), aim: aim.clone() }.place();
                self.look_up(Errand::Ping(place), aim, now);
            }
            None => {}
        }
    }

    fn send_ping(&mut self, spot: Spot, now: Timestamp) {
        let ours = &self.local(spot.flow).advertised;
        let (from, to) = (format!("<sip:{ours}>"), format!("<{}>", spot.aim.uri));
        let (tag, call_id) = (self.chance.tag(), self.chance.sip_call_id());
        let from = [from.as_bytes(), b";tag=", &tag].concat().into();
        let contact = self.contact(spot.flow);
        let heading = Heading { uri: Arc::clone(&spot.aim.uri), from, to: to.into(), call_id, cseq: 1 };
        let lines = vec![(Name::Accept, "application/sdp".to_owned())];
        self.send_errand(Errand::Ping(spot.place()), &Method::Options, heading, &spot, &contact, lines, now);
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn send_errand(
        &mut self,
        errand: Errand,
        method: &Method,
        heading: Heading,
        spot: &Spot,
        contact: &str,
        lines: Lines,
        now: Timestamp,
    ) {
        let branch = self.chance.branch();
        let via = self.via(spot.flow, &branch);
        let Heading { uri, from, to, call_id, cseq } = heading;
        let uri = Bytes::copy_from_slice(uri.as_bytes());
        let sent = SentInvite { uri, via: via.clone(), from, to, call_id, cseq, routes: spot.aim.routes() };
        let stamp = Stamp { via: &via, contact: contact.as_bytes(), user_agent: &self.config.user_agent };
        let bytes = to_wire::alone(method.clone(), &sent, stamp, &lines);
        self.start_errand(errand, method, bytes, branch, spot.flow, now);
    }

    fn start_errand(
        &mut self,
        errand: Errand,
        method: &Method,
        bytes: Bytes,
        branch: Bytes,
        flow: Flow,
        now: Timestamp,
    ) -> ClientKey {
        let out = self.out_of(&errand);
        let proof = out.map(|out| Box::new(Proof { out, request: bytes.clone(), tries: 0 }));
        let to = Hop::Flow(flow);
        let request = Outgoing { branch, bytes, to, leg: None, purpose: Purpose::Errand };
        let client = self.start_client(method, request, now);
        if let Some(tx) = self.txs.clients.get_mut(&client) {
            tx.proof = proof;
        }
        self.carriers.upkeep.under_way.insert(client.clone(), errand);
        let silent_at = now + self.carriers.hop_timeout;
        self.txs.alarms.set(Some(silent_at), Sleeper::Silence(client.clone()));
        client
    }

    fn out_of(&self, errand: &Errand) -> Option<Arc<Out>> {
        let out = match errand {
            Errand::Register(trunk) => self.carriers.outs.get(trunk),
            Errand::Ping(place) => self.carriers.outs.values().find(|out| out.to.contains(&place.uri)),
        };
        out.filter(|out| out.login.is_some()).cloned()
    }

    /// The same request, with the answer to who we are.
    pub(super) fn errand_again(
        &mut self,
        client: &ClientKey,
        request: &Message,
        lines: &Lines,
        to: &Hop,
        now: Timestamp,
    ) -> Option<ClientKey> {
        let errand = self.carriers.upkeep.under_way.remove(client)?;
        let mut cseq = request.cseq().number + 1;
        if let Errand::Register(trunk) = &errand {
            let one = self.carriers.upkeep.registrations.get_mut(trunk)?;
            one.cseq += 1;
            cseq = one.cseq;
        }
        let branch = self.chance.branch();
        let via = self.via(to.flow(), &branch);
        let bytes = to_wire::again(request, &via, cseq, lines);
        Some(self.start_errand(errand, request.method(), bytes, branch, to.flow(), now))
    }

    pub(super) fn heard_of_errand(&mut self, client: &ClientKey, response: &Message, now: Timestamp) {
        let status = response.status();
        if status < 200 {
            return;
        }
        let Some(errand) = self.carriers.upkeep.under_way.remove(client) else { return };
        self.carriers.changed = true;
        let place = match &errand {
            Errand::Ping(place) => Some(place.clone()),
            Errand::Register(trunk) => self.asked_at(trunk),
        };
        if let Some(place) = place {
            match status {
                503 => self.carriers.health.is_busy(&place, retry_after(response), now),
                _ => self.carriers.health.is_well(&place, now),
            }
        }
        let Errand::Register(trunk) = errand else { return };
        let said = match status {
            200..300 => Said::Granted { secs: self.granted(&trunk, response) },
            423 => Said::TooBrief { least: min_expires(response) },
            _ => Said::Refused { status, retry_after: retry_after(response) },
        };
        if matches!(status, 408 | 500..=599) {
            return self.register_elsewhere(&trunk, said, now);
        }
        self.registrar_said(&trunk, said, now);
    }

    pub(super) fn errand_fails(&mut self, client: &ClientKey, now: Timestamp) {
        let Some(errand) = self.carriers.upkeep.under_way.remove(client) else { return };
        self.carriers.changed = true;
        let (place, trunk) = match errand {
            Errand::Ping(place) => (Some(place), None),
            Errand::Register(trunk) => (self.asked_at(&trunk), Some(trunk)),
        };
        if let Some(place) = place {
            let out = self.carriers.outs.values().find(|out| out.to.contains(&place.uri));
            let least = out.map_or(Duration::ZERO, |out| out.least_back_off());
            self.carriers.health.fails(&place, least, now);
        }
        if let Some(trunk) = trunk {
            self.register_elsewhere(&trunk, Said::Nothing, now);
        }
    }
}

/// What the requests of an errand say of themselves.
pub(super) struct Heading {
    pub uri: Arc<str>,
    pub from: Bytes,
    pub to: Bytes,
    pub call_id: Bytes,
    pub cseq: u32,
}

pub(super) fn aim(out: &Out, hop: &Arc<str>) -> Aim {
    Aim { uri: Arc::clone(hop), hop: Arc::clone(hop), proxy: out.proxy.clone() }
}
