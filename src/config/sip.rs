//! `[sip]`: where calls come in, and what the gateway calls itself there.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Duration;

use url::Host;

use super::reader::Section;
use super::value::{Checked, Value, optional, parsed, seconds, some};
use crate::sip::transport::{Listen, Transport};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SipConfig {
    pub listen: Vec<Listen>,
    /// What stands in Via and Contact when peers must not use the listener's own address.
    pub advertised: Option<Advertised>,
    pub user_agent: String,
    /// How long a session lives without a sign of life (RFC 4028); zero: for ever.
    pub session: Duration,
}

impl Default for SipConfig {
    fn default() -> Self {
        let address = (Ipv4Addr::LOCALHOST, 5060).into();
        Self {
            listen: vec![
                Listen { transport: Transport::Udp, address },
                Listen { transport: Transport::Tcp, address },
            ],
            advertised: None,
            user_agent: "Whence".to_owned(),
            // RFC 4028 §4 recommends it.
            session: Duration::from_secs(1_800),
        }
    }
}

impl SipConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let default = Self::default();
        let host = optional(parsed("a host or an address, with or without a port"));
        let listen = section.get("listen", default.listen, listeners);
        let advertised = section.get("advertised", default.advertised, host);
        if advertised.is_none() && listen.iter().any(|listener| listener.address.ip().is_unspecified()) {
            let what =
                "no peer can answer to \"every address\"; say in `advertised` which one reaches this node";
            section.complain("listen", what);
        }
        Self {
            listen,
            advertised,
            user_agent: section.get("user_agent", default.user_agent, user_agent),
            session: section.get("session_s", default.session, session),
        }
    }
}

/// Below a minute and a half nobody need bear it (RFC 4028 §4).
fn session(value: Value) -> Checked<Duration> {
    match seconds(0..=86_400)(value)? {
        span if (1..90).contains(&span.as_secs()) => value.bad("expected 0, or 90 to 86400 seconds"),
        span => Ok(span),
    }
}
/// A host, and a port when it is not the listener's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Advertised {
    pub host: Host,
    pub port: Option<u16>,
}

impl fmt::Display for Advertised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => self.host.fmt(f),
        }
    }
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

fn listeners(value: Value) -> Checked<Vec<Listen>> {
    let expected = "udp or tcp and an address with its port, for instance \"udp:127.0.0.1:5060\"";
    let listeners: Vec<Listen> = some(parsed(expected))(value)?;
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
