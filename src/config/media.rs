//! `[media]`: where the sound of calls comes in that is relayed.

use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use url::Host;

use super::SipConfig;
use super::reader::Section;
use super::value::{Checked, Value, list, parsed, seconds, whole};

#[derive(Clone, PartialEq, Eq)]
pub struct MediaConfig {
    /// One address a family; none: those of `[sip] listen`.
    pub listen: Vec<IpAddr>,
    /// What peers are told in their place; none: as in `[sip]`.
    pub advertised: Vec<IpAddr>,
    pub ports: RangeInclusive<u16>,
    /// A call that talks and of which nothing is heard for so long is ended; zero: never.
    pub idle: Duration,
    /// STUN and TURN servers for browsers (RFC 7064, RFC 7065).
    pub ice_servers: Vec<String>,
    /// What we share with the TURN servers among them, to let browsers in for a while.
    pub turn_secret: String,
}

/// Without the secret.
impl fmt::Debug for MediaConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listen, advertised, ports, idle, ice_servers, turn_secret: _ } = self;
        f.debug_struct("MediaConfig")
            .field("listen", listen)
            .field("advertised", advertised)
            .field("ports", ports)
            .field("idle", idle)
            .field("ice_servers", ice_servers)
            .finish_non_exhaustive()
    }
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            advertised: Vec::new(),
            // Below the ports that Linux gives to outgoing connections (32768 and up).
            ports: 16_384..=32_767,
            idle: Duration::from_secs(60),
            ice_servers: Vec::new(),
            turn_secret: String::new(),
        }
    }
}

impl MediaConfig {
    pub(super) fn read(section: &mut Section, sip: &SipConfig) -> Self {
        let default = Self::default();
        let first = port(section, "first_port", *default.ports.start());
        let last = port(section, "last_port", *default.ports.end());
        if u32::from(last) <= u32::from(first).next_multiple_of(2) {
            section
                .complain("last_port", "a stream takes two ports, an even one and the next; there are none");
        }
        let new = Self {
            listen: section.get("listen", default.listen, addresses),
            advertised: section.get("advertised", default.advertised, addresses),
            ports: first..=last,
            idle: section.get("idle_s", default.idle, seconds(0..=86_400)),
            ice_servers: section.get("ice_servers", default.ice_servers, list(ice_server)),
            turn_secret: section
                .get("turn_secret", default.turn_secret, |value| value.text().map(str::to_owned)),
        };
        if new.turn_secret.is_empty() && new.ice_servers.iter().any(|url| url.starts_with("turn")) {
            section.complain("ice_servers", "a TURN server lets nobody in without `turn_secret`");
        }
        for address in new.listen.iter().filter(|address| new.told(**address, sip).is_none()) {
            let what = format!(
                "nobody can send to \"every address\"; say in `advertised` which one reaches \"{address}\""
            );
            section.complain("listen", &what);
        }
        new
    }

    /// The addresses to bind, each with what peers are told: one a family.
    ///
    /// Of those that come from `[sip]`, one that only has a name there is left
    /// out: a session description tells addresses.
    pub fn faces(&self, sip: &SipConfig) -> Vec<(IpAddr, IpAddr)> {
        let of_sip = || sip.listen.iter().map(|listener| listener.address.ip());
        let listen: Vec<IpAddr> =
            if self.listen.is_empty() { of_sip().collect() } else { self.listen.clone() };
        let first = |six: bool| listen.iter().copied().find(|address| address.is_ipv6() == six);
        let both = [first(false), first(true)].into_iter().flatten();
        both.filter_map(|address| Some((address, self.told(address, sip)?))).collect()
    }

    fn told(&self, address: IpAddr, sip: &SipConfig) -> Option<IpAddr> {
        let of_sip = sip.advertised.iter().filter_map(|advertised| match advertised.host {
            Host::Ipv4(address) => Some(IpAddr::from(address)),
            Host::Ipv6(address) => Some(IpAddr::from(address)),
            Host::Domain(_) => None,
        });
        let own = Some(address).filter(|address| !address.is_unspecified());
        let fits = |told: &IpAddr| told.is_ipv6() == address.is_ipv6();
        self.advertised.iter().copied().chain(of_sip).find(fits).or(own)
    }
}

fn port(section: &mut Section, key: &'static str, default: u16) -> u16 {
    let port = section.get(key, u64::from(default), whole(1_024..=65_535));
    u16::try_from(port).unwrap_or(default)
}

fn ice_server(value: Value) -> Checked<String> {
    let url = value.text()?;
    let known = ["stun:", "stuns:", "turn:", "turns:"];
    match known.iter().find_map(|scheme| url.strip_prefix(scheme)) {
        Some(host) if !host.is_empty() && !host.starts_with('/') => Ok(url.to_owned()),
        _ => value.bad("expected a STUN or TURN server, for instance \"turn:turn.example.org:3478\""),
    }
}

fn addresses(value: Value) -> Checked<Vec<IpAddr>> {
    let addresses: Vec<IpAddr> = list(parsed("an address, for instance \"192.0.2.1\""))(value)?;
    let family = |six: bool| addresses.iter().filter(|address| address.is_ipv6() == six).count();
    match family(false).max(family(true)) {
        0 | 1 => Ok(addresses),
        _ => value.bad("there is one address a family"),
    }
}
