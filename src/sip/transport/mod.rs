//! The sockets: bytes in with where they came from, bytes out to where they go.
//!
//! Nothing here knows what a message says, but for the framing of streams.
//!
//! ```text
//!   listen               where we listen, and what others call that place
//!   accept, links        connections that come in; those that are open
//!   connection           the task of one ─▶ stream (TCP, TLS) │ ws (WebSocket)
//!   tls, identity, domains     certificates: ours, whose they are, whom we expect
//!   udp, resolve         datagrams; from a name to addresses
//! ```

pub mod accept;
mod connection;
mod domains;
pub mod identity;
pub mod links;
pub mod listen;
pub mod resolve;
mod stream;
pub mod tls;
pub mod udp;
pub mod ws;

use std::net::SocketAddr;

use bytes::Bytes;

use super::endpoint::{LegKey, TxId};
pub use connection::{Heard, Pipe};
use links::Link;
pub use listen::{Advertised, Listen};

/// How a message travels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Transport {
    Udp,
    Tcp,
    Tls,
    /// WebSocket (RFC 7118), for browsers.
    Ws,
    Wss,
}

impl Transport {
    /// A reliable transport needs no retransmission (RFC 3261 §17).
    pub const fn is_reliable(self) -> bool {
        !matches!(self, Transport::Udp)
    }

    /// Nobody between the two ends can read it.
    pub const fn is_secure(self) -> bool {
        matches!(self, Transport::Tls | Transport::Wss)
    }

    /// Where it is listened for when nobody says a port (RFC 3261 §19.1.2, RFC 7118 §4).
    pub const fn default_port(self) -> u16 {
        match self {
            Transport::Udp | Transport::Tcp => 5060,
            Transport::Tls => 5061,
            Transport::Ws => 80,
            Transport::Wss => 443,
        }
    }

    /// As it stands in the `transport` parameter of a URI.
    pub const fn parameter(self) -> &'static str {
        match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
            Transport::Tls => "tls",
            // RFC 7118 §5.2.3: one word for both.
            Transport::Ws | Transport::Wss => "ws",
        }
    }

    /// As it stands in a Via header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
            Transport::Ws => "WS",
            Transport::Wss => "WSS",
        }
    }
}

/// Where a message came from, and where its answer goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Flow {
    pub transport: Transport,
    /// Which of our listeners it came in on or leaves by, in the order of the configuration.
    pub listener: usize,
    pub remote: SocketAddr,
}

/// Somebody to send to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Peer {
    pub transport: Transport,
    pub address: SocketAddr,
}

/// What the sockets hand to the plane.
pub enum Received {
    /// One message; a stream has been cut into messages.
    Message { bytes: Bytes, flow: Flow },
    /// A connection stands, whoever opened it. Its peer has proven these names
    /// by a certificate, if any (RFC 5922 §7.1).
    Opened { flow: Flow, link: Link, names: Vec<String> },
    /// A stream carries no more messages and has been closed.
    Closed { flow: Flow, link: Option<Link> },
    /// The name that a message was to go to has an address.
    Resolved { bytes: Bytes, flow: Flow, tx: Option<TxId> },
    /// Where a call may be sent to, best first; nothing when the name is not known.
    Found { leg: LegKey, peers: Vec<Peer> },
    /// What was to be sent could not be: nobody there, or no such name.
    Undeliverable { tx: TxId },
}
