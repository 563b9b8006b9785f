//! The transactions under way, and when the next of them wants to be woken.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;

use super::LegKey;
use super::challenged::Proof;
use crate::call::input::MidCall;
use crate::domain::time::Timestamp;
use crate::sip::dialog::Heading;
use crate::sip::transaction::{Client, ClientKey, InviteClient, InviteServer, Server, ServerKey};
use crate::sip::transport::{Flow, Transport};

/// Names a transaction to the sockets, so that they can say which send failed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TxId {
    Client(ClientKey),
    Server(ServerKey),
}

/// A request of ours that waits for its responses.
pub(super) struct ClientTx {
    pub machine: ClientMachine,
    pub to: Hop,
    /// Whose it is; `None` once nobody waits for it.
    pub leg: Option<LegKey>,
    pub purpose: Purpose,
    /// Set where somebody may ask who we are.
    pub proof: Option<Box<Proof>>,
}

pub(super) enum ClientMachine {
    /// With what its ACK and its CANCEL repeat.
    Invite(InviteClient, SentInvite),
    Other(Client),
}

/// Why a request was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    /// The attempt to reach a line.
    Attempt,
    /// A request within the dialog that the other leg asked for.
    Ask(MidCall),
    /// A sign of life of our own (RFC 4028).
    Refresh(MidCall),
    Bye,
    Cancel,
    /// A provisional response acknowledged, with nothing more to say.
    Prack,
    /// On the gateway's own account: a ping, a registration.
    Errand,
    /// An INVITE that nobody waits for any more.
    Stray {
        ended: bool,
    },
    /// How a transfer goes; the end of the subscription is all that its answer can bring.
    Notify,
}

/// What of an INVITE stands again in its ACK and its CANCEL (RFC 3261 §9.1, §17.1.1.3).
#[derive(Clone)]
pub struct SentInvite {
    pub uri: Bytes,
    pub via: Bytes,
    pub from: Bytes,
    pub to: Bytes,
    pub call_id: Bytes,
    pub cseq: u32,
    pub routes: Vec<Bytes>,
}

impl SentInvite {
    /// The parts of a request within a dialog that its ACK repeats.
    pub fn in_dialog(heading: &Heading, via: &[u8]) -> Self {
        Self {
            uri: heading.request_uri.clone(),
            via: Bytes::copy_from_slice(via),
            from: heading.from.clone(),
            to: heading.to.clone(),
            call_id: heading.call_id.clone(),
            cseq: heading.cseq,
            routes: heading.routes.clone(),
        }
    }
}

/// A request that was made of us.
pub(super) struct ServerTx {
    pub machine: ServerMachine,
    pub to: Flow,
    /// Where its responses go when that stream has ended: the port of its Via
    /// (RFC 3261 §18.2.2).
    pub elsewhere: Flow,
    pub leg: Option<LegKey>,
}

pub(super) enum ServerMachine {
    Invite(InviteServer),
    Other(Server),
}

/// Where a message goes: a known flow, or a host that still has a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Hop {
    Flow(Flow),
    Name {
        host: Box<str>,
        /// Set when the URI names a port: then only addresses are asked for.
        port: Option<u16>,
        transport: Transport,
        listener: usize,
    },
}

impl Hop {
    /// The wire by which it leaves; its remote address means nothing while a name is not resolved.
    pub fn flow(&self) -> Flow {
        match self {
            Hop::Flow(flow) => *flow,
            Hop::Name { transport, listener, port, .. } => Flow {
                transport: *transport,
                listener: *listener,
                remote: SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port.unwrap_or_default()),
            },
        }
    }
}

/// Who wants to be woken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Sleeper {
    Tx(TxId),
    /// The repeated 2xx of a leg.
    Leg(LegKey),
    /// Whether a hop has answered this request at all.
    Silence(ClientKey),
}

#[derive(PartialEq, Eq)]
struct Wake {
    at: Timestamp,
    who: Sleeper,
}

impl Ord for Wake {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

impl PartialOrd for Wake {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Alarms that were set; one whose sleeper has changed its mind rings in vain.
#[derive(Default)]
pub(super) struct Alarms(BinaryHeap<Reverse<Wake>>);

impl Alarms {
    pub fn set(&mut self, at: Option<Timestamp>, who: Sleeper) {
        if let Some(at) = at {
            self.0.push(Reverse(Wake { at, who }));
        }
    }

    pub fn next(&self) -> Option<Timestamp> {
        self.0.peek().map(|Reverse(wake)| wake.at)
    }

    pub fn due(&mut self, now: Timestamp) -> Option<Sleeper> {
        if self.next()? > now {
            return None;
        }
        self.0.pop().map(|Reverse(wake)| wake.who)
    }
}

/// All transactions by their keys.
#[derive(Default)]
pub(super) struct Transactions {
    pub clients: HashMap<ClientKey, ClientTx>,
    pub servers: HashMap<ServerKey, ServerTx>,
    pub alarms: Alarms,
}

impl Transactions {
    /// Sets the alarm of a transaction to what its machine says now.
    pub fn set_alarm(&mut self, id: &TxId) {
        let at = match id {
            TxId::Client(key) => self.clients.get(key).and_then(|tx| match &tx.machine {
                ClientMachine::Invite(machine, _) => machine.wake_at(),
                ClientMachine::Other(machine) => machine.wake_at(),
            }),
            TxId::Server(key) => self.servers.get(key).and_then(|tx| match &tx.machine {
                ServerMachine::Invite(machine) => machine.wake_at(),
                ServerMachine::Other(machine) => machine.wake_at(),
            }),
        };
        self.alarms.set(at, Sleeper::Tx(id.clone()));
    }
}
