//! Who gets service: which trunk a request is from.
//!
//! A trunk is told by the addresses it calls from, by a login, by the name in
//! its TLS certificate, or by several of them: *each one that is set must hold*.
//!
//! ```text
//!   its address and certificate fit a trunk, which has no login   ─▶ it is that trunk
//!   … and brings credentials for a trunk that has one             ─▶ they are judged
//!   … and brings none, and no trunk without a login fits          ─▶ it is asked (401)
//!   it is where we are registered, and the trunk wants no proof   ─▶ it is that trunk
//!   nothing fits                                                  ─▶ no answer at all
//! ```
//!
//! A scanner that hears nothing learns nothing, not even that somebody is
//! there. That cannot be kept up towards everybody once there is a trunk with
//! a login and without ranges, whose peer may be anywhere: then an INVITE, and
//! only that, is asked for a login wherever it comes from, and
//! [`strangers`](super::strangers) counts how often. No other trunk changes
//! what a stranger hears.

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use ipnet::IpNet;

use super::digest::{Algorithm, Login};
use super::numbers::{Dialled, Format, Numbers};
use crate::domain::ids::TrunkId;
use crate::domain::phone::Country;

/// A SIP peer that calls come from.
#[derive(Clone, Debug)]
pub struct Trunk {
    pub id: TrunkId,
    /// The addresses it calls from; empty: any, and then there is a login or a
    /// certificate.
    pub from: Vec<IpNet>,
    /// What it proves to know when it is asked.
    pub their_login: Option<Login>,
    /// With which hashes: what is not offered is not taken either.
    pub their_digests: Vec<Algorithm>,
    /// The name in the certificate that it shows on TLS.
    pub their_certificate: Option<String>,
    pub numbers: Numbers,
}

impl Trunk {
    pub fn known_by_address(id: TrunkId, from: Vec<IpNet>, country: Option<Country>) -> Self {
        let numbers = Numbers { home: country, format: Format::Auto, dialled: Dialled::RequestUri };
        let their_digests = Algorithm::STRONGEST_FIRST.to_vec();
        Self { id, from, their_login: None, their_digests, their_certificate: None, numbers }
    }

    fn is_in_range(&self, address: IpAddr) -> bool {
        self.from.iter().any(|net| net.contains(&address))
    }

    /// All but the login.
    fn fits(&self, who: Sender<'_>) -> bool {
        let shows = |name: &str| who.names.iter().any(|shown| shown.eq_ignore_ascii_case(name));
        (self.from.is_empty() || self.is_in_range(who.address))
            && self.their_certificate.as_deref().is_none_or(shows)
            && (!self.from.is_empty() || self.their_login.is_some() || self.their_certificate.is_some())
    }

    /// Nothing but where it is.
    pub fn wants_no_proof(&self) -> bool {
        self.their_login.is_none() && self.their_certificate.is_none()
    }

    /// Somebody of whom no more is known than an address of this trunk, or a name.
    fn is_near(&self) -> bool {
        !self.from.is_empty() || self.their_certificate.is_some()
    }
}

/// Where a request comes from.
#[derive(Clone, Copy)]
pub struct Sender<'a> {
    address: IpAddr,
    /// The names in the certificate of its stream.
    names: &'a [String],
}

impl<'a> Sender<'a> {
    pub fn new(address: IpAddr, names: &'a [String]) -> Self {
        // A socket for both families shows IPv4 peers as ::ffff:192.0.2.1.
        Self { address: address.to_canonical(), names }
    }
}

/// What a sender is before it has brought a login.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// Not to be answered.
    Stranger,
    /// Anybody; there is a trunk that may be anywhere.
    Anybody,
    /// From an address of a trunk that wants a login, or with its certificate.
    Near,
    /// A trunk that needs none.
    Known,
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

    /// The trunk that an address is in a range of, whatever else it wants to see.
    pub fn find(&self, address: IpAddr) -> Option<&Trunk> {
        let address = address.to_canonical();
        self.0.iter().find(|trunk| trunk.is_in_range(address))
    }

    pub fn named(&self, id: &TrunkId) -> Option<&Trunk> {
        self.0.iter().find(|trunk| trunk.id == *id)
    }

    /// The trunk that a sender is without a login.
    pub fn without_login(&self, who: Sender<'_>) -> Option<&Trunk> {
        self.0.iter().find(|trunk| trunk.their_login.is_none() && trunk.fits(who))
    }

    /// The trunk that a sender is if it proves to be this user.
    pub fn of_user(&self, who: Sender<'_>, user: &[u8]) -> Option<(&Trunk, &Login)> {
        let logins = self.0.iter().filter_map(|trunk| Some((trunk, trunk.their_login.as_ref()?)));
        logins.into_iter().find(|(trunk, login)| login.user.as_bytes() == user && trunk.fits(who))
    }

    /// The hashes that a sender is asked with, the strongest first; none where
    /// no trunk that it might be has a login.
    pub fn digests(&self, who: Sender<'_>) -> Vec<Algorithm> {
        let asking = |algorithm: &Algorithm| {
            let mut logins = self.0.iter().filter(|trunk| trunk.their_login.is_some() && trunk.fits(who));
            logins.any(|trunk| trunk.their_digests.contains(algorithm))
        };
        Algorithm::STRONGEST_FIRST.into_iter().filter(asking).collect()
    }

    pub fn standing(&self, who: Sender<'_>) -> Standing {
        if self.without_login(who).is_some() {
            return Standing::Known;
        }
        let want_login = self.0.iter().filter(|trunk| trunk.fits(who));
        let nearness =
            want_login.map(|trunk| if trunk.is_near() { Standing::Near } else { Standing::Anybody });
        nearness.max().unwrap_or(Standing::Stranger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trunk(id: &str, nets: &[&str]) -> Trunk {
        let nets = nets.iter().map(|net| net.parse().unwrap()).collect();
        Trunk::known_by_address(id.parse().unwrap(), nets, None)
    }

    fn login(user: &str) -> Option<Login> {
        Some(Login { user: user.into(), password: "swordfish".into() })
    }

    fn trunks() -> Trunks {
        Trunks::new(vec![
            trunk("carrier", &["192.0.2.0/28", "2001:db8::/64"]),
            Trunk { their_login: login("pbx"), ..trunk("pbx", &["10.0.0.0/24"]) },
            Trunk { their_certificate: Some("sip.tls.example".into()), ..trunk("tls", &[]) },
            Trunk { their_certificate: Some("both.example".into()), ..trunk("both", &["10.1.0.0/24"]) },
        ])
    }

    fn id(trunk: Option<&Trunk>) -> Option<&str> {
        trunk.map(|trunk| trunk.id.as_str())
    }

    #[test]
    fn a_peer_is_known_by_its_address_range() {
        for (address, trunk) in [
            ("192.0.2.15", Some("carrier")),
            ("::ffff:192.0.2.1", Some("carrier")),
            ("2001:db8::9", Some("carrier")),
            ("192.0.2.16", None),
            ("10.0.1.1", None),
            // In its range, but it must bring more than that.
            ("10.0.0.1", None),
            ("10.1.0.1", None),
        ] {
            let trunks = trunks();
            let who = Sender::new(address.parse().unwrap(), &[]);
            assert_eq!(id(trunks.without_login(who)), trunk, "{address}");
        }
    }

    #[test]
    fn a_peer_is_known_by_the_name_in_its_certificate() {
        for (address, names, trunk) in [
            ("198.51.100.1", vec!["other.example", "SIP.TLS.example"], Some("tls")),
            ("198.51.100.1", vec!["tls.example", "x.sip.tls.example"], None),
            ("198.51.100.1", vec!["both.example"], None),
            ("10.1.0.1", vec!["both.example"], Some("both")),
        ] {
            let names: Vec<String> = names.into_iter().map(Into::into).collect();
            let trunks = trunks();
            let who = Sender::new(address.parse().unwrap(), &names);
            assert_eq!(id(trunks.without_login(who)), trunk, "{address} {names:?}");
        }
    }

    #[test]
    fn a_login_counts_only_from_where_its_trunk_may_be() {
        let trunks = trunks();
        let find = |address: &str, user: &str| {
            let found = trunks.of_user(Sender::new(address.parse().unwrap(), &[]), user.as_bytes());
            id(found.map(|(trunk, _)| trunk)).map(str::to_owned)
        };

        assert_eq!(find("10.0.0.1", "pbx").as_deref(), Some("pbx"));
        assert_eq!(find("10.0.0.1", "pb"), None);
        assert_eq!(find("10.0.1.1", "pbx"), None);
    }

    #[test]
    fn only_a_trunk_that_may_be_anywhere_has_anybody_asked() {
        let anywhere = Trunk { their_login: login("roaming"), ..trunk("roaming", &[]) };
        let open = Trunks::new(trunks().0.into_iter().chain([anywhere]).collect());
        let standing =
            |trunks: &Trunks, address: &str| trunks.standing(Sender::new(address.parse().unwrap(), &[]));

        for (address, closed, opened) in [
            ("192.0.2.1", Standing::Known, Standing::Known),
            ("10.0.0.1", Standing::Near, Standing::Near),
            ("198.51.100.1", Standing::Stranger, Standing::Anybody),
        ] {
            assert_eq!(standing(&trunks(), address), closed, "{address}");
            assert_eq!(standing(&open, address), opened, "{address}");
        }
    }
}
