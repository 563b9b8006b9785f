//! What was said on the wire about one call: who told whom what, and when.
//!
//! ```text
//!   caller            gateway             line
//!     │── INVITE ───────▶│                  │     a *rung*: one message
//!     │                  │── INVITE ───────▶│     with its leg and its way
//!     │                  │◀──── 486 Busy ───│
//!     │◀──── 486 Busy ───│                  │     the *ladder*: all of them
//! ```
//!
//! The wire gathers it ([`sip::ladder`](crate::sip::ladder)), the database
//! keeps it for some days, and an admin reads in it why a call failed. What
//! would let its reader in somewhere is taken out before it is kept: [`secrets`].

pub mod pcap;
pub mod reading;
pub mod secrets;
pub mod text;
pub mod why;
pub mod written;

use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;

use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;

/// The messages of one call, in their order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ladder {
    pub call: CallId,
    pub rungs: Vec<Rung>,
    /// How many messages found no room between the first and the last ones.
    pub left_out: u64,
}

/// Which way a message went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// To us.
    In,
    /// From us.
    Out,
}

/// One message.
#[derive(Clone, PartialEq, Eq)]
pub struct Rung {
    pub at: Timestamp,
    /// 0 is the caller's; attempts outward count from 1.
    pub leg: u8,
    pub way: Way,
    /// One of [`TRANSPORTS`].
    pub transport: &'static str,
    pub local: SocketAddr,
    pub remote: SocketAddr,
    /// As it was on the wire, but for secrets once it has been kept.
    pub message: Bytes,
}

/// As they stand in a Via header.
pub const TRANSPORTS: &[&str] = &["UDP", "TCP", "TLS", "WS", "WSS"];

impl Rung {
    /// Who sent it, and to whom.
    pub fn ends(&self) -> (SocketAddr, SocketAddr) {
        match self.way {
            Way::In => (self.remote, self.local),
            Way::Out => (self.local, self.remote),
        }
    }
}

/// Without what it says: a message names people.
impl fmt::Debug for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, leg, way, message, .. } = self;
        write!(f, "Rung({at}, leg {leg}, {way:?}, {} bytes)", message.len())
    }
}

impl Ladder {
    /// The legs that messages went over, the caller's first.
    pub fn legs(&self) -> Vec<u8> {
        let mut legs: Vec<u8> = self.rungs.iter().map(|rung| rung.leg).collect();
        legs.sort_unstable();
        legs.dedup();
        legs
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! Ladders in a few words.

    use super::*;

    /// `> INVITE` is heard from the caller's leg or a line, `< 180 Ringing` is said to it:
    /// `(ms, leg, text)`, the text's first sign being the way.
    pub fn ladder(told: &[(i64, u8, &str)]) -> Ladder {
        let rungs = told.iter().map(|(ms, leg, text)| {
            let (way, what) = text.split_at(1);
            let way = if way == ">" { Way::In } else { Way::Out };
            rung(*ms, *leg, way, &message(what.trim()))
        });
        Ladder { call: CallId(uuid::Uuid::nil()), rungs: rungs.collect(), left_out: 0 }
    }

    pub fn rung(ms: i64, leg: u8, way: Way, message: &str) -> Rung {
        Rung {
            at: Timestamp::from_ms(ms),
            leg,
            way,
            transport: "UDP",
            local: "192.0.2.2:5060".parse().unwrap(),
            remote: format!("192.0.2.{}:5060", if leg == 0 { 1 } else { 2 + leg }).parse().unwrap(),
            message: Bytes::copy_from_slice(message.as_bytes()),
        }
    }

    /// `INVITE` or `486 Busy Here INVITE`: with responses, the method last.
    fn message(what: &str) -> String {
        match what.split_once(' ') {
            Some((status, rest)) => {
                let (reason, method) = rest.rsplit_once(' ').unwrap();
                format!("SIP/2.0 {status} {reason}\r\nCSeq: 1 {method}\r\n\r\n")
            }
            None => format!("{what} sip:+33199001000@192.0.2.2 SIP/2.0\r\nCSeq: 1 {what}\r\n\r\n"),
        }
    }
}
