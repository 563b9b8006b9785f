//! Whom a leg goes to: the hops that are left, best first, and what becomes of
//! it when one of them fails.
//!
//! ```text
//!   dial ─▶ try_next ─┬─ a name ──────▶ Event::Resolve ─▶ resolved ─▶ try_next
//!                     ├─ a dead hop ──▶ put aside, for when nobody else is left
//!                     └─ an address ──▶ attempt ─┬─ silent, unreachable, 503 … ─▶ try_next
//!                                                └─ any other end is the call's
//! ```
//!
//! The call sees one leg that rings somewhat longer. An INVITE whose hop was
//! given up is withdrawn on its own (see [`strays`](super::strays)).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::hops::question;
use super::leg::Role;
use super::transactions::{ClientMachine, Purpose, Sleeper};
use super::{Endpoint, Event, Hop, LegKey, Originator};
use crate::call::input::{Input, Payload, Unreachable};
use crate::call::output::Because;
use crate::domain::calling::routing::Target;
use crate::domain::time::Timestamp;
use crate::sip::message::Message;
use crate::sip::transaction::ClientKey;
use crate::sip::translate::from_wire;
use crate::sip::transport::{Flow, Peer, Transport};
use crate::sip::trunk::health::Place;
use crate::sip::trunk::out::Out;

/// One address of a leg's target may have this many hops, whatever DNS says.
const HOPS_MAX: usize = 16;
/// A longer request may be cut on its way, and a part of it lost: what RFC 3261
/// §18.1.1 allows where nobody knows how much a packet may hold.
const PACKET_MAX: usize = 1_300;

/// One URI that a request may go to.
#[derive(Clone)]
pub(super) struct Aim {
    /// The Request-URI.
    pub uri: Arc<str>,
    /// The URI by whose name its health is kept: without the number that is called.
    pub hop: Arc<str>,
    /// The outbound proxy on the way, if there is one.
    pub proxy: Option<Arc<str>>,
}

impl Aim {
    /// The URI whose host the request is sent to.
    pub fn next_hop(&self) -> &str {
        self.proxy.as_deref().unwrap_or(&self.uri)
    }

    /// The Route by which an outbound proxy is passed: a loose one (RFC 3261 §8.1.2).
    pub fn routes(&self) -> Vec<Bytes> {
        let Some(proxy) = self.proxy.as_deref() else { return vec![] };
        let is_loose = proxy.split(';').skip(1).any(|param| param.eq_ignore_ascii_case("lr"));
        let loose = if is_loose { "" } else { ";lr" };
        vec![format!("<{proxy}{loose}>").into()]
    }
}

/// An aim with one of its addresses.
#[derive(Clone)]
pub(super) struct Spot {
    pub aim: Aim,
    pub flow: Flow,
}

impl Spot {
    pub fn place(&self) -> Place {
        let peer = Peer { transport: self.flow.transport, address: self.flow.remote };
        Place { uri: Arc::clone(&self.aim.hop), peer }
    }
}

/// What is left to try.
pub(super) enum Next {
    Aim(Aim),
    Spot(Spot),
}

/// What a leg brings with it to each hop.
#[derive(Clone)]
pub(super) struct Errand {
    pub payload: Payload,
    /// Set for a call that we begin ourselves.
    pub from: Option<Originator>,
    pub because: Because,
    /// The trunk that it leaves over, for a number.
    pub out: Option<Arc<Out>>,
}

/// Where a leg may still be tried.
pub(super) struct Search {
    pub errand: Errand,
    left: VecDeque<Next>,
    /// The dead hop that is to be retried soonest.
    aside: Option<(Timestamp, Spot)>,
    /// The name that is being looked up.
    asking: Option<Aim>,
    /// What the hops so far came to.
    came_to: Input,
    /// The UDP address that is tried by TCP first, see [`Endpoint::wider`].
    narrow: Option<Flow>,
}

impl Search {
    /// This address is left for later, while it is tried by TCP.
    pub(super) fn put_off(&mut self, spot: Spot) {
        self.narrow = Some(spot.flow);
        self.left.push_front(Next::Spot(spot));
    }

    /// It has said by TCP what it has to say.
    fn forget_narrow(&mut self) {
        let narrow = self.narrow;
        self.left.pop_front_if(|next| matches!(next, Next::Spot(spot) if Some(spot.flow) == narrow));
    }

    fn has_more(&self) -> bool {
        !self.left.is_empty() || self.aside.is_some()
    }
}

impl Endpoint {
    pub(super) fn dial(
        &mut self,
        key: LegKey,
        target: &Target,
        payload: &Payload,
        because: Because,
        from: Option<&Originator>,
        now: Timestamp,
    ) {
        let (out, aims) = match target {
            Target::Uri(line) => {
                let uri: Arc<str> = line.as_str().into();
                (None, vec![Aim { hop: Arc::clone(&uri), uri, proxy: None }])
            }
            Target::Number { trunk, number } => {
                let out = self.carriers.outs.get(trunk).cloned();
                let aims = out.iter().flat_map(|out| {
                    out.to.iter().map(|hop| Aim {
                        uri: out.uri_of(number, hop).into(),
                        hop: Arc::clone(hop),
                        proxy: out.proxy.clone(),
                    })
                });
                (out.clone(), aims.collect())
            }
            // It is not on this wire.
            Target::Console => (None, vec![]),
        };
        let from = from.or_else(|| self.originators.get(&key.0)).cloned();
        let search = Search {
            errand: Errand { payload: payload.clone(), from, because, out },
            left: aims.into_iter().map(Next::Aim).collect(),
            aside: None,
            asking: None,
            came_to: Input::Unreachable { leg: key.1, why: Unreachable::Transport },
            narrow: None,
        };
        self.try_next(key, search, now);
    }

    fn try_next(&mut self, key: LegKey, mut search: Search, now: Timestamp) {
        loop {
            let spot = match search.left.pop_front() {
                Some(Next::Aim(aim)) => match self.hop(aim.next_hop().as_bytes(), None) {
                    Some(Hop::Flow(flow)) => Spot { aim, flow },
                    Some(Hop::Name { .. }) => match question(key, aim.next_hop()) {
                        Some(question) => {
                            search.asking = Some(aim);
                            self.searches.insert(key, search);
                            return self.events.push(Event::Resolve(question));
                        }
                        None => continue,
                    },
                    // No listener of ours leads there.
                    None => continue,
                },
                Some(Next::Spot(spot)) => spot,
                None => match search.aside.take() {
                    Some((_, spot)) => return self.attempt(key, search, spot, now),
                    None => return self.happened(key.0, search.came_to),
                },
            };
            match self.carriers.health.find(&spot.place(), now) {
                None => return self.attempt(key, search, spot, now),
                Some(down) if search.aside.as_ref().is_none_or(|(until, _)| down.until < *until) => {
                    search.aside = Some((down.until, spot));
                }
                Some(_) => {}
            }
        }
    }

    /// The name that a call is to go to has these addresses, best first.
    pub fn resolved(&mut self, key: LegKey, found: &[Peer], now: Timestamp) {
        if self.found(key, found, now) {
            return;
        }
        // Withdrawn meanwhile, or a second answer.
        let Some(mut search) = self.searches.remove(&key) else { return };
        let Some(aim) = search.asking.take() else {
            self.searches.insert(key, search);
            return;
        };
        let flows: Vec<Flow> = found.iter().filter_map(|peer| self.flow_to(*peer)).take(HOPS_MAX).collect();
        if search.errand.out.is_some() {
            self.knows(&aim.hop, &flows);
        }
        for flow in flows.into_iter().rev() {
            search.left.push_front(Next::Spot(Spot { aim: aim.clone(), flow }));
        }
        self.try_next(key, search, now);
    }

    /// The wire to a peer, if one of our listeners can reach it.
    pub(super) fn flow_to(&self, peer: Peer) -> Option<Flow> {
        let listener = self.listener_for(peer.transport, Some(peer.address.is_ipv4()))?;
        Some(Flow { transport: peer.transport, listener, remote: peer.address })
    }

    /// The way by TCP to an address of a UDP hop, for a request that is too long
    /// for a packet (RFC 3261 §18.1.1). None where the admin's URI says UDP, where
    /// no listener of ours leads there, and while TCP has been refused there.
    pub(super) fn wider(&self, search: &Search, spot: &Spot, length: usize, now: Timestamp) -> Option<Spot> {
        let may = length > PACKET_MAX
            && spot.flow.transport == Transport::Udp
            && search.narrow != Some(spot.flow)
            && !says_udp(spot.aim.next_hop());
        let peer = Peer { transport: Transport::Tcp, address: spot.flow.remote };
        let flow = self.flow_to(peer).filter(|_| may)?;
        // A hop of its own: one that refuses TCP is well all the same.
        let hop = format!("{};transport=tcp", spot.aim.hop).into();
        let wide = Spot { aim: Aim { hop, ..spot.aim.clone() }, flow };
        self.carriers.health.find(&wide.place(), now).is_none().then_some(wide)
    }

    /// Keeps what is left of the search while an attempt of it is under way,
    /// and looks whether the hop says anything at all.
    pub(super) fn keep_search(&mut self, key: LegKey, search: Search, client: ClientKey, now: Timestamp) {
        // A line with one address has nobody to go to: it may take its 32 seconds.
        if !search.has_more() && search.errand.out.is_none() {
            return;
        }
        self.searches.insert(key, search);
        self.txs.alarms.set(Some(now + self.carriers.hop_timeout), Sleeper::Silence(client));
    }

    /// The search of a leg that came to its end; whether it still waits for an address.
    pub(super) fn end_search(&mut self, key: LegKey) -> bool {
        self.searches.remove(&key).is_some_and(|search| search.asking.is_some())
    }

    /// Time to have heard something of this hop.
    pub(super) fn wake_silence(&mut self, client: &ClientKey, now: Timestamp) {
        let Some(tx) = self.txs.clients.get(client) else { return };
        let is_silent = match &tx.machine {
            ClientMachine::Invite(machine, _) => machine.is_unheard(),
            ClientMachine::Other(machine) => machine.is_unheard(),
        };
        match (tx.purpose, tx.leg) {
            _ if !is_silent => {}
            (Purpose::Attempt, Some(leg)) => self.hop_is_silent(leg, client, now),
            (Purpose::Errand, _) => self.errand_fails(client, now),
            _ => {}
        }
    }

    fn hop_is_silent(&mut self, key: LegKey, client: &ClientKey, now: Timestamp) {
        self.mark_failed(key, now);
        let is_withdrawn = self.is_withdrawn(key);
        if is_withdrawn || !self.searches.get(&key).is_some_and(Search::has_more) {
            return;
        }
        self.abandon(client, now);
        let why = Unreachable::Timeout;
        self.go_on(key, Input::Unreachable { leg: key.1, why }, now);
    }

    /// The attempt at this hop reached nobody.
    pub(super) fn hop_fails(&mut self, key: LegKey, why: Unreachable, now: Timestamp) {
        self.mark_failed(key, now);
        self.go_on(key, Input::Unreachable { leg: key.1, why }, now);
    }

    /// The attempt was refused: by the hop, which has others beside it, or by
    /// the line, which is the call's concern.
    pub(super) fn hop_refuses(&mut self, key: LegKey, refusal: &Message, now: Timestamp) {
        let (status, payload) = (from_wire::status(refusal), from_wire::payload(refusal));
        let Some(Role::Outbound(outbound)) = self.legs.get(&key).map(|leg| &leg.role) else { return };
        let (code, has_rung, place) = (status.code, outbound.has_rung, outbound.place.clone());
        if code == 503 && !outbound.withdrawn {
            self.carriers.health.is_busy(&place, retry_after(refusal), now);
            self.carriers.changed = true;
        }
        let refused = Input::Refused { leg: key.1, status, payload };
        if is_of_the_hop(code, has_rung) {
            return self.go_on(key, refused, now);
        }
        self.searches.remove(&key);
        self.happened(key.0, refused);
    }

    /// Any answer shows that a hop lives; but for 503, it also takes calls.
    pub(super) fn hop_answers(&mut self, key: LegKey, status: u16, now: Timestamp) {
        let Some(Role::Outbound(outbound)) = self.legs.get(&key).map(|leg| &leg.role) else { return };
        if status != 503 && self.carriers.health.is_suspect(&outbound.place) {
            let place = outbound.place.clone();
            self.carriers.health.is_well(&place, now);
            self.carriers.changed = true;
        }
    }

    fn mark_failed(&mut self, key: LegKey, now: Timestamp) {
        let Some(Role::Outbound(outbound)) = self.legs.get(&key).map(|leg| &leg.role) else { return };
        let least = outbound.out.as_ref().map_or(Duration::ZERO, |out| out.least_back_off());
        let place = outbound.place.clone();
        self.carriers.health.fails(&place, least, now);
        self.carriers.changed = true;
    }

    fn is_withdrawn(&self, key: LegKey) -> bool {
        self.legs
            .get(&key)
            .is_some_and(|leg| matches!(&leg.role, Role::Outbound(outbound) if outbound.withdrawn))
    }

    /// To the next hop, or to the call with what the last one came to.
    fn go_on(&mut self, key: LegKey, came_to: Input, now: Timestamp) {
        match self.searches.remove(&key) {
            Some(mut search) if !self.is_withdrawn(key) => {
                if matches!(came_to, Input::Refused { .. }) {
                    search.forget_narrow();
                }
                // What somebody said tells more than that somebody was silent.
                let came_to = match (&search.came_to, &came_to) {
                    (Input::Refused { .. }, Input::Unreachable { .. }) => search.came_to,
                    _ => came_to,
                };
                self.try_next(key, Search { came_to, ..search }, now);
            }
            _ => self.happened(key.0, came_to),
        }
    }
}

/// Whether a refusal is about the hop and not about who was called.
///
/// A 408 after it rang is a line that nobody answered. What a server cannot do
/// at all (501, 505, 513, 555, 580) another one of the kind cannot either.
fn is_of_the_hop(code: u16, has_rung: bool) -> bool {
    match code {
        408 => !has_rung,
        501 | 505 | 513 | 555 | 580 => false,
        500..=599 => true,
        _ => false,
    }
}

fn says_udp(uri: &str) -> bool {
    uri.split(';').skip(1).any(|param| param.eq_ignore_ascii_case("transport=udp"))
}

/// How long a hop wants to be left alone.
pub(super) fn retry_after(response: &Message) -> Option<Duration> {
    from_wire::retry_after(response).map(|secs| Duration::from_secs(secs.into()))
}
