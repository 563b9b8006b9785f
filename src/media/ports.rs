//! The ports of the relay: which are free, and the sockets of those that are not.
//!
//! A stream takes two, an even one for RTP and the next for RTCP (RFC 3550
//! §11). What was given back longest ago is taken first, so that the last
//! packets of one call do not meet the first of another.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use socket2::{Domain, Protocol, Socket, Type};

use super::exchange::Place;
use crate::telemetry::Metrics;

/// So many pairs are tried that another program may have taken.
const TRIES: usize = 16;

/// All ports of the relay; cheap to clone.
#[derive(Clone)]
pub struct Ports(Arc<Inner>);

struct Inner {
    faces: Vec<Face>,
    metrics: Metrics,
}

/// One address that is bound.
#[derive(Debug)]
struct Face {
    listen: IpAddr,
    /// What others are told.
    advertised: IpAddr,
    /// The even port of each pair.
    free: Mutex<VecDeque<u16>>,
    pairs: usize,
}

impl Ports {
    /// `faces`: each address that is bound, and what others are told it is.
    pub fn new(faces: &[(IpAddr, IpAddr)], range: &RangeInclusive<u16>, metrics: Metrics) -> Self {
        let pairs: VecDeque<u16> =
            range.clone().filter(|port| port % 2 == 0 && range.contains(&port.saturating_add(1))).collect();
        let face = |&(listen, advertised): &(IpAddr, IpAddr)| Face {
            listen,
            advertised,
            pairs: pairs.len(),
            free: Mutex::new(pairs.clone()),
        };
        metrics.media_ports_max(2 * pairs.len() * faces.len());
        Self(Arc::new(Inner { faces: faces.iter().map(face).collect(), metrics }))
    }

    /// Two sockets, or `None` when all are taken or nothing is bound in that family.
    pub fn open(&self, is_ipv6: bool) -> Option<Pair> {
        let face = self.0.faces.iter().position(|face| face.listen.is_ipv6() == is_ipv6)?;
        for _ in 0..TRIES {
            let port = self.0.faces[face].free().pop_front()?;
            // Given back when it is dropped, bound or not.
            let lease = Lease { ports: self.clone(), face, port };
            let listen = self.0.faces[face].listen;
            if let (Ok(rtp), Ok(rtcp)) = (bind(listen, port), bind(listen, port + 1)) {
                self.tell();
                return Some(Pair { sockets: [rtp, rtcp], lease });
            }
        }
        None
    }

    fn tell(&self) {
        let taken = self.0.faces.iter().map(|face| face.pairs - face.free().len()).sum::<usize>();
        self.0.metrics.media_ports(2 * taken);
    }
}

impl Face {
    fn free(&self) -> MutexGuard<'_, VecDeque<u16>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sockets that face one leg for one stream; closed and free again when it is dropped.
pub struct Pair {
    /// RTP, RTCP.
    pub sockets: [UdpSocket; 2],
    lease: Lease,
}

impl Pair {
    pub fn place(&self) -> Place {
        let Lease { ports, face, port } = &self.lease;
        Place { address: ports.0.faces[*face].advertised, ports: [*port, port + 1] }
    }
}

struct Lease {
    ports: Ports,
    face: usize,
    port: u16,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.ports.0.faces[self.face].free().push_back(self.port);
        self.ports.tell();
    }
}

fn bind(listen: IpAddr, port: u16) -> io::Result<UdpSocket> {
    let address = SocketAddr::new(listen, port);
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if listen.is_ipv6() {
        // Every IPv6 address is not every IPv4 address, which may be bound as well.
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(range: RangeInclusive<u16>) -> Ports {
        let (here, told) = ("127.0.0.1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        Ports::new(&[(here, told)], &range, Metrics::new())
    }

    #[test]
    fn a_pair_is_even_and_told_by_its_advertised_address() {
        let pair = ports(33_001..=33_004).open(false).unwrap();

        assert_eq!(pair.place(), Place { address: "192.0.2.1".parse().unwrap(), ports: [33_002, 33_003] });
        assert_eq!(pair.sockets[1].local_addr().unwrap(), "127.0.0.1:33003".parse::<SocketAddr>().unwrap());
    }

    #[test]
    fn when_all_are_taken_there_is_none_and_what_is_given_back_waits_its_turn() {
        let ports = ports(33_010..=33_013);
        let (first, second) = (ports.open(false).unwrap(), ports.open(false).unwrap());
        assert!(ports.open(false).is_none());

        let given_back = [second.place().ports[0], first.place().ports[0]];
        drop(second);
        drop(first);

        let again = [ports.open(false).unwrap(), ports.open(false).unwrap()];
        assert_eq!(again.map(|pair| pair.place().ports[0]), given_back);
    }

    #[test]
    fn a_port_of_another_program_is_left_alone() {
        let theirs = UdpSocket::bind("127.0.0.1:33021").unwrap();
        let pair = ports(33_020..=33_023).open(false).unwrap();

        assert_eq!(pair.place().ports, [33_022, 33_023]);
        drop(theirs);
    }

    #[test]
    fn a_family_that_is_not_bound_has_no_ports() {
        assert!(ports(33_030..=33_033).open(true).is_none());
    }
}
