//! `[sip]`: where calls come in, and what the gateway calls itself there.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

use url::Host;

use super::reader::Section;
use super::value::{Checked, Value, optional, parsed, some};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SipConfig {
    pub listen: Vec<SipListener>,
    /// What stands in Via and Contact when peers must not use the listener's own address.
    pub advertised: Option<Advertised>,
    pub user_agent: String,
}

impl Default for SipConfig {
    fn default() -> Self {
        let address = (Ipv4Addr::LOCALHOST, 5060).into();
        Self {
            listen: vec![
                SipListener { transport: Transport::Udp, address },
                SipListener { transport: Transport::Tcp, address },
            ],
            advertised: None,
            user_agent: "Whence".to_owned(),
        }
    }
}

impl SipConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let default = Self::default();
        Self {
            listen: section.get("listen", default.listen, listeners),
            advertised: section.get(
                "advertised",
                default.advertised,
                optional(parsed("a host or an address, with or without a port")),
            ),
            user_agent: section.get("user_agent", default.user_agent, user_agent),
        }
    }
}

/// How SIP travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    Udp,
    Tcp,
}

/// One socket, written `udp:127.0.0.1:5060`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SipListener {
    pub transport: Transport,
    pub address: SocketAddr,
}

impl fmt::Display for SipListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transport = match self.transport {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        };
        write!(f, "{transport}:{}", self.address)
    }
}

impl FromStr for SipListener {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (transport, address) = text.split_once(':').ok_or(())?;
        let transport = match transport {
            "udp" => Transport::Udp,
            "tcp" => Transport::Tcp,
            _ => return Err(()),
        };
        Ok(Self { transport, address: address.parse().map_err(|_| ())? })
    }
}

/// A host, and a port when it is not the listener's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Advertised {
    pub host: Host,
    pub port: Option<u16>,
}

impl FromStr for Advertised {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        // `[2001:db8::1]:5060` has colons of its own, inside the brackets.
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port.parse().map_err(|_| ())?)),
            _ => (text, None),
        };
        Ok(Self { host: Host::parse(host).map_err(|_| ())?, port })
    }
}

fn listeners(value: Value) -> Checked<Vec<SipListener>> {
    let expected = "udp or tcp and an address with its port, for instance \"udp:127.0.0.1:5060\"";
    let listeners: Vec<SipListener> = some(parsed(expected))(value)?;
    let twice = listeners.iter().enumerate().find(|(at, listener)| listeners[..*at].contains(listener));
    match twice {
        Some((_, listener)) => value.bad(format!("\"{listener}\" stands there twice")),
        None => Ok(listeners),
    }
}

/// RFC 3261 §20.41 allows more; a line break would start a header of its own.
fn user_agent(value: Value) -> Checked<String> {
    match value.text()? {
        text if (1..=64).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b)) => {
            Ok(text.to_owned())
        }
        _ => value.bad("expected 1 to 64 printable ASCII characters"),
    }
}
