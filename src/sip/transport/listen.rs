//! Where we listen, and what others call that place.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use url::Host;

use super::Transport;

/// A socket to listen on, written `udp:192.0.2.1:5060`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listen {
    pub transport: Transport,
    pub address: SocketAddr,
}

/// The text is no listener.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a listener; write it as \"udp:192.0.2.1:5060\" or \"tls:[2001:db8::1]:5061\"")]
pub struct BadListen;

impl FromStr for Listen {
    type Err = BadListen;

    fn from_str(text: &str) -> Result<Self, BadListen> {
        let (transport, address) = text.split_once(':').ok_or(BadListen)?;
        let transport = transport_of(transport).ok_or(BadListen)?;
        Ok(Self { transport, address: address.parse().map_err(|_| BadListen)? })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", word(self.transport), self.address)
    }
}

/// How others reach a listener, where that is not the address it is bound to:
/// `sip.example.org`, `192.0.2.1:5070`, `tls:[2001:db8::1]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Advertised {
    /// `None`: for every transport.
    pub transport: Option<Transport>,
    pub host: Host,
    /// `None`: the listener's own.
    pub port: Option<u16>,
}

/// The text is no host.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a host; write it as \"sip.example.org\", \"192.0.2.1:5070\" or \"tls:[2001:db8::1]\"")]
pub struct BadAdvertised;

impl Advertised {
    /// Whether it is meant for this listener: an address stands for listeners
    /// of its own family alone.
    pub fn fits(&self, listen: &Listen) -> bool {
        let family = match self.host {
            Host::Domain(_) => true,
            Host::Ipv4(_) => listen.address.is_ipv4(),
            Host::Ipv6(_) => listen.address.is_ipv6(),
        };
        family && self.transport.is_none_or(|transport| transport == listen.transport)
    }
}

impl FromStr for Advertised {
    type Err = BadAdvertised;

    fn from_str(text: &str) -> Result<Self, BadAdvertised> {
        let prefix = text.split_once(':').and_then(|(first, rest)| Some((transport_of(first)?, rest)));
        let (transport, text) = prefix.map_or((None, text), |(transport, rest)| (Some(transport), rest));
        // `[2001:db8::1]:5060` has colons of its own, inside the brackets.
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                (host, Some(port.parse().map_err(|_| BadAdvertised)?))
            }
            _ => (text, None),
        };
        Ok(Self { transport, host: Host::parse(host).map_err(|_| BadAdvertised)?, port })
    }
}

/// What stands in Via and Contact of a listener that is bound to this address:
/// the first host that is meant for it, else the address, if it is one.
pub fn advertise(hosts: &[Advertised], bound: &Listen) -> Option<String> {
    match hosts.iter().find(|host| host.fits(bound)) {
        Some(Advertised { host, port, .. }) => {
            Some(format!("{host}:{}", port.unwrap_or(bound.address.port())))
        }
        None => (!bound.address.ip().is_unspecified()).then(|| bound.address.to_string()),
    }
}

const WORDS: [(&str, Transport); 5] = [
    ("udp", Transport::Udp),
    ("tcp", Transport::Tcp),
    ("tls", Transport::Tls),
    ("ws", Transport::Ws),
    ("wss", Transport::Wss),
];

fn transport_of(text: &str) -> Option<Transport> {
    WORDS.iter().find(|(word, _)| *word == text).map(|(_, transport)| *transport)
}

fn word(transport: Transport) -> &'static str {
    WORDS.iter().find(|(_, of)| *of == transport).map_or("", |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_a_transport_and_an_address() {
        for text in
            ["udp:127.0.0.1:5060", "tcp:[::1]:5060", "tls:[::]:5061", "ws:0.0.0.0:80", "wss:127.0.0.1:443"]
        {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
        }
        for text in ["127.0.0.1:5060", "sctp:127.0.0.1:5060", "udp:localhost", "UDP:127.0.0.1:5060"] {
            assert_eq!(text.parse::<Listen>(), Err(BadListen), "{text}");
        }
    }

    #[test]
    fn an_advertised_address_may_be_any_kind_of_host() {
        for (text, port) in [
            ("sip.example.org", None),
            ("192.0.2.1:5070", Some(5070)),
            ("[2001:db8::1]", None),
            ("[::1]:9", Some(9)),
            ("tls:sip.example.org:5061", Some(5061)),
        ] {
            assert_eq!(text.parse::<Advertised>().unwrap().port, port, "{text}");
        }
        for text in ["", "a b", "host:port", "host:70000", "2001:db8::1", "tls:"] {
            assert_eq!(text.parse::<Advertised>(), Err(BadAdvertised), "{text}");
        }
    }

    #[test]
    fn a_listener_is_called_by_the_first_host_that_is_meant_for_it() {
        let hosts =
            ["tls:sip.example.org", "192.0.2.1", "[2001:db8::1]:5070"].map(|host| host.parse().unwrap());

        for (listener, called) in [
            ("udp:0.0.0.0:5060", "192.0.2.1:5060"),
            ("udp:[::]:5060", "[2001:db8::1]:5070"),
            ("tls:0.0.0.0:5061", "sip.example.org:5061"),
            ("tls:[::]:5061", "sip.example.org:5061"),
        ] {
            assert_eq!(advertise(&hosts, &listener.parse().unwrap()).as_deref(), Some(called), "{listener}");
        }
        assert_eq!(
            advertise(&hosts[2..], &"udp:10.0.0.1:5060".parse().unwrap()).as_deref(),
            Some("10.0.0.1:5060")
        );
        assert_eq!(advertise(&hosts[2..], &"udp:0.0.0.0:5060".parse().unwrap()), None);
    }
}
