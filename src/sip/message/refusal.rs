//! The answer to a request that could not be read.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;

use bytes::Bytes;

use super::build::Builder;
use super::head::Head;
use super::headers::Via;
use super::name::Name;

/// A bad request whose sender can be told, as much of it as could be indexed.
pub struct Refusal {
    pub status: u16,
    pub reason: &'static str,
    pub(super) head: Head,
}

impl Refusal {
    /// The way back, where it can be read; otherwise the answer goes to where
    /// the request came from.
    pub fn top_via(&self) -> Option<Via<'_>> {
        self.head.top_via().ok()
    }

    /// The response, sent without a transaction.
    ///
    /// Its To tag is drawn from the request itself, so that a retransmission
    /// gets the same one (RFC 3261 §8.2.7).
    pub fn answer(&self, source: SocketAddr) -> Bytes {
        let mut hash = DefaultHasher::new();
        self.head.bytes[..self.head.len].hash(&mut hash);
        let tag = format!("{:016x}", hash.finish());
        Builder::response(self.status, self.reason.as_bytes())
            .echo(&self.head, source, Some(tag.as_bytes()))
            .finish()
    }

    /// Whether a header stands in the part that was read.
    pub fn has(&self, name: Name) -> bool {
        self.head.first(name).is_some()
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.reason)
    }
}
