//! Who gets service: a request is a trunk's when it comes from its addresses.
//!
//! Everybody else is not answered at all: a scanner that hears nothing learns
//! nothing, not even that somebody is there.

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use ipnet::IpNet;

use crate::domain::ids::TrunkId;
use crate::domain::phone::Country;

/// A SIP peer that calls come from.
#[derive(Clone, Debug)]
pub struct Trunk {
    pub id: TrunkId,
    /// The addresses it calls from.
    pub from: Vec<IpNet>,
    /// Whose dialling habits its numbers follow; without one only `+…` is understood.
    pub country: Option<Country>,
}

impl Trunk {
    pub fn known_by_address(id: TrunkId, from: Vec<IpNet>, country: Option<Country>) -> Self {
        Self { id, from, country }
    }
}

/// The trunks in the order of the configuration; the first that fits is it.
#[derive(Clone, Debug, Default)]
pub struct Trunks(Vec<Trunk>);

/// The trunks as those who take connections in see them, swapped whole when they change.
pub type SharedTrunks = Arc<ArcSwap<Trunks>>;

impl Trunks {
    pub fn new(trunks: Vec<Trunk>) -> Self {
        Self(trunks)
    }

    /// The trunk that an address belongs to.
    pub fn find(&self, address: IpAddr) -> Option<&Trunk> {
        // A socket for both families shows IPv4 peers as ::ffff:192.0.2.1.
        let address = address.to_canonical();
        self.0.iter().find(|trunk| trunk.from.iter().any(|net| net.contains(&address)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trunks() -> Trunks {
        let trunk = |id: &str, nets: &[&str]| {
            let nets = nets.iter().map(|net| net.parse().unwrap()).collect();
            Trunk::known_by_address(id.parse().unwrap(), nets, None)
        };
        Trunks::new(vec![
            trunk("carrier", &["192.0.2.0/28", "2001:db8::/64"]),
            trunk("pbx", &["10.0.0.1/32"]),
        ])
    }

    #[test]
    fn a_peer_is_known_by_its_address_range() {
        let cases = [
            ("192.0.2.15", Some("carrier")),
            ("::ffff:192.0.2.1", Some("carrier")),
            ("2001:db8::9", Some("carrier")),
            ("10.0.0.1", Some("pbx")),
            ("192.0.2.16", None),
            ("10.0.0.2", None),
        ];

        for (address, trunk) in cases {
            let found = trunks().find(address.parse().unwrap()).map(|t| t.id.to_string());
            assert_eq!(found.as_deref(), trunk, "{address}");
        }
    }
}
