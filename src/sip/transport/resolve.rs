//! Where a host is (RFC 3263): from a name to transports, servers and
//! addresses, in the order in which they are to be tried.
//!
//! ```text
//!   a port is named ───────────────────────────────────────▶ A, AAAA
//!   a transport is named ────────────▶ SRV of that one ────▶ A, AAAA of each server
//!   neither ─▶ NAPTR, or all we know ─▶ SRV of each ───────▶ A, AAAA of each server
//!                                  no SRV at all ──────────▶ A, AAAA of the name itself
//! ```
//!
//! Answers are kept as long as they say themselves; how many questions are
//! open, and how long each may take, has a limit.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::net::NetError;
use hickory_resolver::proto::rr::rdata::{NAPTR, SRV};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::domains::Domains;
use super::{Peer, Transport};
use crate::name_servers;

/// Names that are looked up at the same time; further ones wait.
const QUESTIONS_AT_ONCE: usize = 256;
/// What is found by then must do.
const FIND_LIMIT: Duration = Duration::from_secs(5);
/// Answers that are kept.
const CACHE: u64 = 1_024;
/// A host may have this many servers, and this many addresses in all.
const SERVERS_MAX: usize = 16;
const PEERS_MAX: usize = 16;

/// What a URI says of the host that it points to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sought<'a> {
    pub host: &'a str,
    pub port: Option<u16>,
    pub transport: Option<Transport>,
    /// Nothing but TLS will do.
    pub secure: bool,
}

/// Looks names up.
pub struct Resolver {
    dns: TokioResolver,
    /// What our listeners can reach, and whether that is IPv4, in their order.
    reach: Vec<(Transport, bool)>,
    domains: Domains,
    places: Semaphore,
}

impl Resolver {
    /// Asks these name servers; without any, those of the system.
    pub fn new(
        servers: &[SocketAddr],
        reach: Vec<(Transport, bool)>,
        domains: Domains,
    ) -> Result<Self, NetError> {
        let dns = name_servers::resolver(servers, CACHE)?;
        Ok(Self { dns, reach, domains, places: Semaphore::new(QUESTIONS_AT_ONCE) })
    }

    /// The peers behind a name, best first; none when it is not known. A peer
    /// on TLS is expected to be that name from now on (RFC 5922 §4).
    pub async fn find(&self, sought: Sought<'_>) -> Vec<Peer> {
        let mut found = Vec::new();
        let search = async {
            let _place = self.places.acquire().await;
            self.search(sought, &mut found).await;
        };
        // What has been found in time is worth trying.
        let _ = timeout(FIND_LIMIT, search).await;
        found.retain(|peer| {
            peer.transport != Transport::Tls || self.domains.expect(peer.address, sought.host)
        });
        found
    }

    async fn search(&self, sought: Sought<'_>, found: &mut Vec<Peer>) {
        let Some(name) = name_of(sought.host) else { return };
        let usual = if sought.secure {
            Transport::Tls
        } else if self.reaches(Transport::Udp) {
            Transport::Udp
        } else {
            Transport::Tcp
        };
        let transport = sought.transport.unwrap_or(usual);
        if let Some(port) = sought.port {
            return self.addresses(&name, transport, port, found).await;
        }
        let services = match sought.transport {
            Some(transport) => vec![(transport, service_name(transport, sought.host))],
            None => self.services(&name, sought).await,
        };
        let mut has_servers = false;
        for (transport, service) in services {
            let Some(service) = service else { continue };
            let servers = self.servers(&service).await;
            has_servers |= !servers.is_empty();
            for server in by_weight(servers, chance).into_iter().take(SERVERS_MAX) {
                // RFC 2782: there is decidedly no such service.
                if !server.target.is_root() {
                    self.addresses(&server.target, transport, server.port, found).await;
                }
            }
        }
        if !has_servers {
            self.addresses(&name, transport, transport.default_port(), found).await;
        }
    }

    /// RFC 3263 §4.1: the services that the domain prefers, or those that we would.
    async fn services(&self, name: &Name, sought: Sought<'_>) -> Vec<(Transport, Option<Name>)> {
        let mut pointers: Vec<NAPTR> = self.ask(name, RecordType::NAPTR, naptr).await;
        pointers.sort_by_key(|pointer| (pointer.order, pointer.preference));
        let suits = |transport: &Transport| {
            self.reaches(*transport) && (*transport == Transport::Tls || !sought.secure)
        };
        let told: Vec<_> = pointers
            .into_iter()
            .filter(|pointer| pointer.flags.eq_ignore_ascii_case(b"s"))
            .filter_map(|pointer| Some((transport_of(&pointer.services)?, Some(pointer.replacement))))
            .filter(|(transport, _)| suits(transport))
            .take(SERVERS_MAX)
            .collect();
        if !told.is_empty() {
            return told;
        }
        let ours = [Transport::Udp, Transport::Tcp, Transport::Tls].into_iter().filter(suits);
        ours.map(|transport| (transport, service_name(transport, sought.host))).collect()
    }

    async fn servers(&self, service: &Name) -> Vec<SRV> {
        self.ask(service, RecordType::SRV, |data| match data {
            RData::SRV(server) => Some(server.clone()),
            _ => None,
        })
        .await
    }

    /// Adds the addresses of a host, those of our first listener's family first.
    async fn addresses(&self, name: &Name, transport: Transport, port: u16, found: &mut Vec<Peer>) {
        let mut families: Vec<bool> = Vec::new();
        for (_, is_v4) in self.reach.iter().filter(|(reached, _)| *reached == transport) {
            if !families.contains(is_v4) {
                families.push(*is_v4);
            }
        }
        for is_v4 in families {
            let kind = if is_v4 { RecordType::A } else { RecordType::AAAA };
            for ip in self.ask(name, kind, address).await {
                let peer = Peer { transport, address: SocketAddr::new(ip, port) };
                if found.len() < PEERS_MAX && !found.contains(&peer) {
                    found.push(peer);
                }
            }
        }
    }

    /// The records of one kind; none when there are none, or nobody answers.
    async fn ask<T>(&self, name: &Name, kind: RecordType, read: impl Fn(&RData) -> Option<T>) -> Vec<T> {
        match self.dns.lookup(name.clone(), kind).await {
            Ok(answer) => answer.answers().iter().filter_map(|record| read(&record.data)).collect(),
            Err(_) => Vec::new(),
        }
    }

    fn reaches(&self, transport: Transport) -> bool {
        self.reach.iter().any(|(reached, _)| *reached == transport)
    }
}

/// A name with a dot in it is whole: the search list of the system is for short ones.
fn name_of(host: &str) -> Option<Name> {
    let is_whole = host.trim_end_matches('.').contains('.');
    let mut name = Name::from_ascii(host).ok()?;
    if is_whole {
        name.set_fqdn(true);
    }
    Some(name)
}

/// RFC 3263 §4.1 and §4.2: the name of a service; WebSocket has none.
fn service_name(transport: Transport, host: &str) -> Option<Name> {
    let service = match transport {
        Transport::Udp => "_sip._udp",
        Transport::Tcp => "_sip._tcp",
        Transport::Tls => "_sips._tcp",
        Transport::Ws | Transport::Wss => return None,
    };
    name_of(&format!("{service}.{host}"))
}

/// What a NAPTR record points to, if we speak that.
fn transport_of(service: &[u8]) -> Option<Transport> {
    match service.to_ascii_uppercase().as_slice() {
        b"SIP+D2U" => Some(Transport::Udp),
        b"SIP+D2T" => Some(Transport::Tcp),
        b"SIPS+D2T" => Some(Transport::Tls),
        _ => None,
    }
}

fn naptr(data: &RData) -> Option<NAPTR> {
    match data {
        RData::NAPTR(pointer) => Some(pointer.clone()),
        _ => None,
    }
}

fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(ip) => Some(ip.0.into()),
        RData::AAAA(ip) => Some(ip.0.into()),
        _ => None,
    }
}

/// The order of RFC 2782: by priority, and among equals by chance, in
/// proportion to their weights. `chance` gives a number from 0 to its limit.
fn by_weight(mut servers: Vec<SRV>, mut chance: impl FnMut(u32) -> u32) -> Vec<SRV> {
    // A weight of 0 stands first, so that it is chosen seldom but not never.
    servers.sort_by_key(|server| (server.priority, server.weight));
    let mut ordered = Vec::with_capacity(servers.len());
    while let Some(priority) = servers.first().map(|server| server.priority) {
        let equals = servers.iter().take_while(|server| server.priority == priority);
        let all: u32 = equals.map(|server| u32::from(server.weight)).sum();
        let drawn = chance(all);
        let mut sum = 0;
        let place = servers.iter().position(|server| {
            sum += u32::from(server.weight);
            sum >= drawn
        });
        ordered.push(servers.remove(place.unwrap_or_default()));
    }
    ordered
}

fn chance(limit: u32) -> u32 {
    getrandom::u32().expect("the operating system gives random bytes") % (limit + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(priority: u16, weight: u16) -> SRV {
        SRV::new(priority, weight, 5060, Name::root())
    }

    fn order(servers: &[(u16, u16)], chance: impl FnMut(u32) -> u32) -> Vec<(u16, u16)> {
        let servers = servers.iter().map(|(priority, weight)| server(*priority, *weight)).collect();
        by_weight(servers, chance).iter().map(|server| (server.priority, server.weight)).collect()
    }

    #[test]
    fn servers_come_by_priority_and_among_equals_by_weight() {
        let servers = [(20, 5), (10, 70), (10, 30), (10, 0)];

        assert_eq!(order(&servers, |_| 0), [(10, 0), (10, 30), (10, 70), (20, 5)]);
        assert_eq!(order(&servers, |all| all), [(10, 70), (10, 30), (10, 0), (20, 5)]);
        assert_eq!(order(&servers, |all| all.min(30)), [(10, 30), (10, 70), (10, 0), (20, 5)]);
    }

    #[test]
    fn the_heavier_server_comes_first_as_often_as_its_weight_says() {
        let mut draws = (0..1000).cycle();
        let mut firsts = 0;
        for _ in 0..1000 {
            let draw = draws.next().unwrap();
            let found = order(&[(1, 90), (1, 10)], |all| draw % (all + 1));
            firsts += usize::from(found[0] == (1, 90));
        }

        assert!((850..=950).contains(&firsts), "{firsts} of 1000");
    }
}
