//! Whom we expect at an address: the domain that a call was to go to, which
//! the certificate there must stand for (RFC 5922 §4), whatever names DNS went
//! through to find the address.
//!
//! A connection is used again for a second domain at the same address if its
//! certificate stands for both. If not, the address is no way to the second
//! one as long as the connection lasts. Who is sent to by the bare address, as
//! within a dialog, is whoever is expected there, and must have the address in
//! its certificate where nobody is.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::identity::stands_for;

/// Addresses that are remembered; beyond that those without a connection are forgotten.
const ADDRESSES_MAX: usize = 4_096;

#[derive(Clone, Default)]
pub struct Domains(Arc<Mutex<HashMap<SocketAddr, Expected>>>);

struct Expected {
    /// `None`: the address itself.
    domain: Option<Arc<str>>,
    /// While there is a connection, the names that its peer has proven: none before the handshake.
    proven: Option<Vec<String>>,
}

/// A connection to an address, from the handshake to its end.
pub struct Visit {
    domains: Domains,
    address: SocketAddr,
    domain: Option<Arc<str>>,
}

impl Domains {
    /// The domain is found at this address; false when somebody else is there.
    pub fn expect(&self, address: SocketAddr, domain: &str) -> bool {
        let mut addresses = self.addresses();
        if addresses.len() >= ADDRESSES_MAX && !addresses.contains_key(&address) {
            addresses.retain(|_, expected| expected.proven.is_some());
        }
        let expected = addresses.entry(address).or_insert(Expected { domain: None, proven: None });
        if expected.domain.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(domain)) {
            return true;
        }
        match &expected.proven {
            Some(names) => stands_for(names, domain),
            None => {
                expected.domain = Some(domain.into());
                true
            }
        }
    }

    /// A connection to this address begins.
    pub(super) fn visit(&self, address: SocketAddr) -> Visit {
        let mut addresses = self.addresses();
        let expected = addresses.entry(address).or_insert(Expected { domain: None, proven: None });
        expected.proven = Some(vec![]);
        Visit { domains: self.clone(), address, domain: expected.domain.clone() }
    }

    fn addresses(&self) -> MutexGuard<'_, HashMap<SocketAddr, Expected>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit {
    /// Who must be there; `None`: whoever has this address in its certificate.
    pub fn domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn proven(&self, names: &[String]) {
        if let Some(expected) = self.domains.addresses().get_mut(&self.address) {
            expected.proven = Some(names.to_vec());
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some(expected) = self.domains.addresses().get_mut(&self.address) {
            expected.proven = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_another_domains_only_if_its_certificate_says_so() {
        let (domains, address) = (Domains::default(), "192.0.2.1:5061".parse().unwrap());
        assert!(domains.expect(address, "one.example"));

        let visit = domains.visit(address);
        assert_eq!(visit.domain(), Some("one.example"));
        assert!(!domains.expect(address, "two.example"), "nothing is proven yet");
        visit.proven(&["one.example".into(), "two.example".into()]);
        assert!(domains.expect(address, "two.example"));
        assert!(!domains.expect(address, "three.example"));

        drop(visit);
        assert!(domains.expect(address, "three.example"));
        assert_eq!(domains.visit(address).domain(), Some("three.example"));
    }

    #[test]
    fn what_is_remembered_has_a_limit() {
        let domains = Domains::default();
        let address = |n: usize| SocketAddr::new([10, 0, (n >> 8) as u8, n as u8].into(), 5061);
        let _visit = domains.visit(address(0));

        for n in 1..2 * ADDRESSES_MAX {
            domains.expect(address(n), "x.example");
        }

        let addresses = domains.addresses();
        assert!(addresses.len() <= ADDRESSES_MAX && addresses.contains_key(&address(0)));
    }
}
