//! From the host of a URI to an address.
//!
//! Only the address records are asked (RFC 3263 §4.2 for a host with a port);
//! NAPTR and SRV are not.

use std::net::{IpAddr, SocketAddr};

/// Where a message is to go, before names are resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Host {
    Address(IpAddr),
    Name(Box<str>),
}

/// The first address of a name that fits one of `families` (IPv4, IPv6).
pub async fn resolve(name: &str, port: u16, v4: bool, v6: bool) -> Option<SocketAddr> {
    let mut found = tokio::net::lookup_host((name, port)).await.ok()?;
    found.find(|address| if address.is_ipv4() { v4 } else { v6 })
}
