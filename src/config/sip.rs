//! `[sip]`: where calls come in, and what the gateway calls itself there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::reader::Section;
use super::value::{Checked, Value, list, optional, parsed, quotable, seconds, some, text, whole};
use crate::sip::transport::tls::{self, Certificate, Trust};
use crate::sip::transport::{Advertised, Listen, Transport};
use crate::sip::trunk::out::Outward;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SipConfig {
    pub listen: Vec<Listen>,
    /// What stands in Via and Contact when peers must not use a listener's own address.
    pub advertised: Vec<Advertised>,
    pub tls: tls::Config,
    /// The websites whose pages may open a WebSocket; none: those of any.
    pub web_origins: Vec<String>,
    /// Who is asked for names; nobody: the system's servers.
    pub dns: Vec<SocketAddr>,
    pub user_agent: String,
    /// What peers that are asked for a login are shown as our name.
    pub realm: String,
    /// How long a session lives without a sign of life (RFC 4028); zero: for ever.
    pub session: Duration,
    /// A hop that has said nothing for so long gives way to the next one.
    pub hop_timeout: Duration,
}

impl Default for SipConfig {
    fn default() -> Self {
        let address = (Ipv4Addr::LOCALHOST, 5060).into();
        Self {
            listen: vec![
                Listen { transport: Transport::Udp, address },
                Listen { transport: Transport::Tcp, address },
            ],
            advertised: Vec::new(),
            tls: tls::Config::default(),
            web_origins: Vec::new(),
            dns: Vec::new(),
            user_agent: "Whence".to_owned(),
            realm: "whence".to_owned(),
            // RFC 4028 §4 recommends it.
            session: Duration::from_secs(1_800),
            hop_timeout: Outward::default().hop_timeout,
        }
    }
}

impl SipConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let default = Self::default();
        let listen = section.get("listen", default.listen, listeners);
        let advertised = section.get("advertised", default.advertised, hosts);
        let everywhere = listen.iter().filter(|listener| listener.address.ip().is_unspecified());
        for listener in everywhere.filter(|listener| !advertised.iter().any(|host| host.fits(listener))) {
            let what = format!(
                "no peer can answer to \"every address\"; say in `advertised` which one reaches \"{listener}\""
            );
            section.complain("listen", &what);
        }
        let tls = read_tls(section, default.tls);
        let secure = listen.iter().find(|listener| listener.transport.is_secure());
        if let Some(listener) = secure.filter(|_| tls.certificates.is_empty()) {
            let what = format!("\"{listener}\" needs a certificate; name one in `tls_certificates`");
            section.complain("listen", &what);
        }
        Self {
            listen,
            advertised,
            tls,
            web_origins: section.get("web_origins", default.web_origins, list(origin)),
            dns: section.get("dns", default.dns, list(name_server)),
            user_agent: section.get("user_agent", default.user_agent, printable),
            realm: section.get("realm", default.realm, quotable),
            session: section.get("session_s", default.session, session),
            hop_timeout: section.get("hop_timeout_ms", default.hop_timeout, hop_timeout),
        }
    }
}

fn read_tls(section: &mut Section, default: tls::Config) -> tls::Config {
    let chains = section.get("tls_certificates", vec![], list(file));
    let keys = section.get("tls_keys", vec![], list(file));
    if chains.len() != keys.len() {
        let what = format!("there are {} certificates and {} keys; each has one", chains.len(), keys.len());
        section.complain(if keys.len() > chains.len() { "tls_keys" } else { "tls_certificates" }, &what);
    }
    tls::Config {
        certificates: chains.into_iter().zip(keys).map(|(chain, key)| Certificate { chain, key }).collect(),
        client_ca: section.get("tls_client_ca", default.client_ca, optional(file)),
        trusts: section.get("tls_trusts", default.trusts, list(trust)),
    }
}

fn file(value: Value) -> Checked<PathBuf> {
    text(value).map(PathBuf::from)
}

fn trust(value: Value) -> Checked<Trust> {
    Ok(match text(value)? {
        word if word == "public" => Trust::Public,
        path => Trust::File(path.into()),
    })
}

/// As a browser writes it (RFC 6454 §6.2): in small letters, without a path, and
/// without the port that goes without saying.
fn origin(value: Value) -> Checked<String> {
    let text = value.text()?;
    let written = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    match written.map(|url| url.origin().ascii_serialization()) {
        Some(origin) if origin == text => Ok(origin),
        Some(origin) => value.bad(format!("browsers write that one {origin:?}, found {text:?}")),
        None => value.bad(format!(
            "expected the origin of a website, for instance \"https://www.example.org\", found {text:?}"
        )),
    }
}

/// An address, and a port when it is not 53.
fn name_server(value: Value) -> Checked<SocketAddr> {
    let text = value.text()?;
    let bare = |ip: IpAddr| SocketAddr::new(ip, 53);
    text.parse().or_else(|_| text.parse().map(bare)).or_else(|_| {
        value.bad(format!("expected the address of a name server, with or without a port, found {text:?}"))
    })
}

/// A list; one host may stand without brackets, and the empty text for none.
fn hosts(value: Value) -> Checked<Vec<Advertised>> {
    let host = parsed("a host or an address, with or without a transport before and a port behind it");
    match value.text() {
        Ok("") => Ok(vec![]),
        Ok(_) if matches!(value, Value::File(_)) => host(value).map(|host| vec![host]),
        _ => list(host)(value),
    }
}

/// Below a minute and a half nobody need bear it (RFC 4028 §4).
fn session(value: Value) -> Checked<Duration> {
    match seconds(0..=86_400)(value)? {
        span if (1..90).contains(&span.as_secs()) => value.bad("expected 0, or 90 to 86400 seconds"),
        span => Ok(span),
    }
}

/// Below timer A's first copy a lost packet would pass for a dead hop.
fn hop_timeout(value: Value) -> Checked<Duration> {
    whole(600..=32_000)(value).map(Duration::from_millis)
}

fn listeners(value: Value) -> Checked<Vec<Listen>> {
    let expected =
        "udp, tcp, tls, ws or wss and an address with its port, for instance \"udp:127.0.0.1:5060\"";
    let listeners: Vec<Listen> = some(parsed(expected))(value)?;
    let twice = listeners.iter().enumerate().find(|(at, listener)| listeners[..*at].contains(listener));
    match twice {
        Some((_, listener)) => value.bad(format!("\"{listener}\" stands there twice")),
        None => Ok(listeners),
    }
}

/// RFC 3261 §20.41 allows more; a line break would start a header of its own.
fn printable(value: Value) -> Checked<String> {
    match value.text()? {
        text if (1..=64).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b)) => {
            Ok(text.to_owned())
        }
        _ => value.bad("expected 1 to 64 printable ASCII characters"),
    }
}
