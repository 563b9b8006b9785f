//! The sockets: bytes in with where they came from, bytes out to where they go.
//!
//! Nothing here knows what a message says, but for the framing of streams.

pub mod resolve;
pub mod tcp;
pub mod udp;

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use bytes::Bytes;

use super::endpoint::{LegKey, TxId};

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
    /// Somebody has connected.
    /// It has shown a certificate with these names, if any (RFC 5922 §7.1).
    Opened { flow: Flow, link: tcp::Link, names: Vec<String> },
    /// A stream carries no more messages and has been closed.
    Closed { flow: Flow, link: Option<tcp::Link> },
    /// The name that a message was to go to has an address.
    Resolved { bytes: Bytes, flow: Flow, tx: Option<TxId> },
    /// Where a call may be sent to, best first; nothing when the name is not known.
    Found { leg: LegKey, peers: Vec<Peer> },
    /// What was to be sent could not be: nobody there, or no such name.
    Undeliverable { tx: TxId },
}

/// A socket to listen on, written `udp:192.0.2.1:5060`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listen {
    pub transport: Transport,
    pub address: SocketAddr,
}

/// The text is no listener.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a listener; write it as \"udp:192.0.2.1:5060\" or \"tcp:[2001:db8::1]:5060\"")]
pub struct BadListen;

impl FromStr for Listen {
    type Err = BadListen;

    fn from_str(text: &str) -> Result<Self, BadListen> {
        let (transport, address) = text.split_once(':').ok_or(BadListen)?;
        let transport = match transport {
            "udp" => Transport::Udp,
            "tcp" => Transport::Tcp,
            _ => return Err(BadListen),
        };
        Ok(Self { transport, address: address.parse().map_err(|_| BadListen)? })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.transport.as_str().to_ascii_lowercase(), self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_a_transport_and_an_address() {
        for text in ["udp:127.0.0.1:5060", "tcp:[::1]:5060"] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
        }
        for text in ["127.0.0.1:5060", "sctp:127.0.0.1:5060", "udp:localhost"] {
            assert_eq!(text.parse::<Listen>(), Err(BadListen), "{text}");
        }
    }
}
