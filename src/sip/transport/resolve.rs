//! From the host of a URI to an address.
//!
//! Only the address records are asked (RFC 3263 §4.2, a host with a port);
//! NAPTR and SRV are not.

use std::net::SocketAddr;

use super::{Peer, Transport};
use crate::sip::endpoint::Question;

/// The first address of a name in the family (IPv4, or else IPv6) of the
/// listener that the message leaves by.
pub async fn resolve(name: &str, port: u16, is_v4: bool) -> Option<SocketAddr> {
    let mut found = tokio::net::lookup_host((name, port)).await.ok()?;
    found.find(|address| address.is_ipv4() == is_v4)
}

/// The peers behind a name, best first.
pub async fn find(question: &Question) -> Vec<Peer> {
    let transport = question.transport.unwrap_or(Transport::Udp);
    let port = question.port.unwrap_or(transport.default_port());
    let found = tokio::net::lookup_host((question.host.as_str(), port)).await;
    found.into_iter().flatten().map(|address| Peer { transport, address }).collect()
}
