//! The gateway as a SIP user agent, without a socket: messages and the call's
//! wishes go in with the time, messages and what happened come out.
//!
//! ```text
//!   bytes ─▶ receive ─┬─ response ─▶ client transaction ─▶ answers ──▶ events
//!                     └─ request ─┬▶ server transaction ─┬▶ arrivals (new call, OPTIONS)
//!                                 │                      └▶ within (BYE, re-INVITE …) ─▶ events
//!                                 └▶ door: a stranger hears nothing, or is asked for a login
//!   call outputs ─▶ orders ─▶ legs, transactions ─▶ transmissions
//! ```
//!
//! Being pure it is tested as a pair: two endpoints, a network that loses and
//! reorders, and a clock that the test moves.

mod answers;
mod arrivals;
mod attempt;
mod bindings;
mod caller;
mod carriers;
mod challenged;
mod chance;
mod door;
mod faces;
mod hops;
mod identity;
mod leg;
mod orders;
mod pracks;
mod receive;
mod refer;
mod requests;
mod search;
mod session;
mod strays;
mod tended;
mod transactions;
mod upkeep;
mod within;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;

use crate::call::input::Input;
use crate::call::leg::LegId;
use crate::domain::calling::ladder::Ladder;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::sip::ladder::Ladders;
use crate::sip::transaction::{self, Wire};
use crate::sip::transport::{Flow, Transport};
use crate::sip::trunk::accept::Trunks;
use crate::sip::trunk::nonce::Nonces;
use crate::sip::trunk::out::Outward;
use crate::sip::trunk::strangers::{Patience, Strangers};
use carriers::Carriers;
use chance::Chance;
use leg::{Leg, Mark};
use search::Search;
use transactions::{Sleeper, Transactions};

pub use arrivals::NewCall;
pub use identity::Originator;
pub use leg::{content_type, is_description};
pub use refer::without_hold;
pub use transactions::{Hop, SentInvite, TxId};

/// A leg of a call.
pub type LegKey = (CallId, LegId);

/// What the endpoint is told at its start.
#[derive(Clone, Debug)]
pub struct Config {
    /// Our listeners, in the order that [`Flow::listener`] counts.
    pub listeners: Vec<Local>,
    pub user_agent: String,
    pub trunks: Trunks,
    /// What peers that we ask for a login are shown as our name.
    pub realm: String,
    pub strangers: Patience,
    /// How long a session lives without a sign of life (RFC 4028); zero: for ever.
    pub session: Duration,
    /// Whether what is said about each call is gathered.
    pub ladders: bool,
    pub outward: Outward,
}

/// One of our listeners as others see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Local {
    pub transport: Transport,
    pub address: SocketAddr,
    /// What stands in Via and Contact: `192.0.2.1:5060`.
    pub advertised: String,
}

/// A message to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Transmit {
    pub bytes: Bytes,
    pub to: Hop,
    /// Who is told when it cannot be sent.
    pub tx: Option<TxId>,
}

/// What happened on the wire.
pub enum Event {
    /// A caller stands at the door; 100 has been sent.
    Arrived(NewCall),
    /// Something happened to a call.
    Happened { call: CallId, input: Input },
    /// A call is to go to a name; answer with [`Endpoint::resolved`].
    Resolve(Question),
    /// Somebody was asked for a login; for the counters, as are those below.
    AskedForLogin,
    /// Somebody brought a wrong one.
    WrongLogin,
    /// A message was dropped or refused.
    Dropped(Dropped),
    /// What was said about a call that is over.
    Ladder(Ladder),
}

/// Where is this host (RFC 3263)?
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    pub leg: LegKey,
    pub host: String,
    /// Set when the URI names a port: then only addresses are asked for.
    pub port: Option<u16>,
    /// Set when the URI names a transport.
    pub transport: Option<Transport>,
    /// A `sips` URI: nothing but TLS will do.
    pub secure: bool,
}

/// Why a message got no service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dropped {
    /// From nobody that is a trunk.
    Stranger,
    /// From somebody who has tried too often.
    Silenced,
    /// Not SIP, or a message that cannot be read.
    Malformed,
}

/// See the module's picture.
pub struct Endpoint {
    config: Config,
    chance: Chance,
    /// Boxed: the nodes of the tree are half empty.
    legs: BTreeMap<LegKey, Box<Leg>>,
    /// Our local tags: by them requests of the other side find their leg.
    by_tag: HashMap<Bytes, LegKey>,
    /// Who calls, of calls whose caller has no leg here.
    originators: HashMap<CallId, Originator>,
    /// The INVITEs of the callers' legs.
    marks: HashSet<Mark>,
    /// Streams that are open, with the names that their peers have proven.
    streams: HashMap<Flow, Vec<String>>,
    /// Legs that have more than one hop to go to, or wait for the address of one.
    searches: HashMap<LegKey, Search>,
    carriers: Carriers,
    nonces: Nonces,
    strangers: Strangers,
    txs: Transactions,
    ladders: Ladders,
    /// No new call is taken any more.
    draining: bool,
    /// Messages that timers sent again, and requests that came again.
    repeats: (u64, u64),
    /// When which leg's session wants to be looked at.
    sessions: BTreeSet<(Timestamp, LegKey)>,
    /// The buffer that machines write into; drained after each input.
    todo: transaction::Outputs,
    transmits: Vec<Transmit>,
    events: Vec<Event>,
}

impl Endpoint {
    /// `key` makes tags and branches unguessable: 32 bytes of chance.
    pub fn new(mut config: Config, key: [u8; 32]) -> Self {
        let carriers = Carriers::new(std::mem::take(&mut config.outward));
        let locals = config.listeners.iter().map(Local::shown).collect();
        Self {
            ladders: Ladders::at(locals, config.ladders),
            carriers,
            chance: Chance::new(key),
            nonces: Nonces::new(&key),
            strangers: Strangers::new(config.strangers),
            config,
            legs: BTreeMap::new(),
            by_tag: HashMap::new(),
            originators: HashMap::new(),
            marks: HashSet::new(),
            streams: HashMap::new(),
            searches: HashMap::new(),
            txs: Transactions::default(),
            draining: false,
            repeats: (0, 0),
            sessions: BTreeSet::new(),
            todo: Vec::new(),
            transmits: Vec::new(),
            events: Vec::new(),
        }
    }

    /// What is to be sent; take all of it before the next input.
    pub fn drain_transmits(&mut self) -> std::vec::Drain<'_, Transmit> {
        self.transmits.drain(..)
    }

    /// What happened; take all of it before the next input.
    pub fn drain_events(&mut self) -> std::vec::Drain<'_, Event> {
        self.events.drain(..)
    }

    /// When [`Endpoint::wake`] is due.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let session = self.sessions.first().map(|(at, _)| *at);
        let alarms = [self.txs.alarms.next(), session, self.ladders.wake_at(), self.upkeep_wake_at()];
        alarms.into_iter().flatten().min()
    }

    /// Lets whoever waited for this time act.
    pub fn wake(&mut self, now: Timestamp) {
        self.wake_sessions(now);
        self.wake_upkeep(now);
        self.hand_out_ladders(now);
        while let Some(who) = self.txs.alarms.due(now) {
            let (waiting, whose) =
                (self.transmits.len(), if let Sleeper::Tx(id) = &who { Some(id.clone()) } else { None });
            match who {
                Sleeper::Tx(TxId::Client(key)) => self.wake_client(&key, now),
                Sleeper::Tx(TxId::Server(key)) => self.wake_server(&key, now),
                Sleeper::Leg(key) => self.wake_leg(key, now),
                Sleeper::Silence(client) => self.wake_silence(&client, now),
            }
            // What a timer sends for its own transaction has been sent before.
            let again = self.transmits[waiting..].iter().filter(|sent| sent.tx == whose).count();
            self.repeats.0 += again as u64;
        }
    }

    /// A message of this transaction could not be sent.
    pub fn undeliverable(&mut self, tx: &TxId, now: Timestamp) {
        match tx {
            TxId::Client(key) => self.client_failed(key, now),
            TxId::Server(key) => self.server_failed(key, now),
        }
    }

    /// A stream has been opened, by either side; `names` stand in the certificate
    /// that the peer has shown.
    pub fn flow_opened(&mut self, flow: Flow, names: Vec<String>) {
        self.streams.insert(flow, names);
    }

    /// A stream has ended. What waits on it is sent elsewhere from now on; a
    /// request that was not heard of has failed.
    pub fn flow_closed(&mut self, flow: Flow, now: Timestamp) {
        self.streams.remove(&flow);
        for tx in self.txs.servers.values_mut().filter(|tx| tx.to == flow) {
            tx.to = tx.elsewhere;
        }
        let waiting = self.txs.clients.iter().filter(|(_, tx)| tx.to == Hop::Flow(flow));
        let waiting: Vec<_> = waiting.map(|(key, _)| key.clone()).collect();
        for key in waiting {
            self.client_failed(&key, now);
        }
    }

    /// The name that a request goes to has this address: all that belongs to
    /// the request goes there, and so does what follows in its dialog.
    pub fn pin(&mut self, tx: &TxId, flow: Flow) {
        let TxId::Client(key) = tx else { return };
        let Some(tx) = self.txs.clients.get_mut(key) else { return };
        tx.to = Hop::Flow(flow);
        let leg = tx.leg.and_then(|leg| self.legs.get_mut(&leg));
        if let Some(leg) = leg.filter(|leg| leg.flow.remote.ip().is_unspecified()) {
            leg.flow = flow;
        }
    }

    /// Whether a listener's address is IPv4, for names that have both.
    pub fn listens_on_v4(&self, listener: usize) -> bool {
        self.config.listeners.get(listener).is_none_or(|local| local.address.is_ipv4())
    }

    fn happened(&mut self, call: CallId, input: Input) {
        self.events.push(Event::Happened { call, input });
    }

    /// Our Via for a new request on this wire.
    fn via(&self, flow: Flow, branch: &[u8]) -> Bytes {
        let local = self.local(flow);
        let mut via =
            format!("SIP/2.0/{} {};rport;branch=", local.transport.as_str(), local.advertised).into_bytes();
        via.extend_from_slice(branch);
        via.into()
    }

    /// Our Contact on this wire.
    fn contact(&self, flow: Flow) -> String {
        let local = self.local(flow);
        match local.transport {
            Transport::Udp => format!("<sip:{}>", local.advertised),
            other => format!("<sip:{};transport={}>", local.advertised, other.parameter()),
        }
    }

    /// Our Contact in a request to this URI, or in the answer to one: where it
    /// is a SIPS URI, so are we (RFC 3261 §8.1.1.8 and §12.1.1).
    fn contact_for(&self, flow: Flow, request_uri: &[u8]) -> String {
        let contact = self.contact(flow);
        let is_sips = request_uri.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"sips:"));
        if is_sips { contact.replacen("<sip:", "<sips:", 1) } else { contact }
    }

    fn local(&self, flow: Flow) -> &Local {
        &self.config.listeners[flow.listener]
    }

    /// The listener whose address is ours towards a peer of this kind.
    fn listener_for(&self, transport: Transport, is_v4: Option<bool>) -> Option<usize> {
        self.config
            .listeners
            .iter()
            .position(|l| l.transport == transport && is_v4.is_none_or(|v4| l.address.is_ipv4() == v4))
    }
}

impl Local {
    /// Our address as a peer sees it, as far as that is known.
    fn shown(&self) -> SocketAddr {
        let advertised = self.advertised.parse().ok().filter(|_| self.address.ip().is_unspecified());
        advertised.unwrap_or(self.address)
    }
}

const fn wire(transport: Transport) -> Wire {
    if transport.is_reliable() { Wire::Stream } else { Wire::Datagram }
}

#[cfg(test)]
mod tests;
