//! Where a message goes: from a URI to a wire, or to the question where a name is.

use std::net::SocketAddr;

use super::{Endpoint, Hop, LegKey, Question};
use crate::sip::dialog::Heading;
use crate::sip::message::{Host, Scheme, Uri};
use crate::sip::transport::identity::stands_for;
use crate::sip::transport::{Flow, Transport};

impl Endpoint {
    /// Streams that are open.
    pub fn open_streams(&self) -> usize {
        self.streams.len()
    }

    /// Where a request within a dialog goes. A target that cannot be read was
    /// written by the peer we talk to, who is reached where it was met.
    pub(super) fn hop_within(&self, heading: &Heading, near: Flow) -> Hop {
        self.hop(&heading.next_hop, Some(near)).unwrap_or(Hop::Flow(near))
    }

    /// Where a request to this URI goes; `near` is the wire its peer was met
    /// on, whose connection is used again where it leads to the same host.
    pub(super) fn hop(&self, uri: &[u8], near: Option<Flow>) -> Option<Hop> {
        let uri = Uri::parse(uri).ok().filter(|uri| matches!(uri.scheme, Scheme::Sip | Scheme::Sips))?;
        let asked = transport_of(&uri)?;
        let transport = asked.or(near.map(|near| near.transport)).unwrap_or(Transport::Udp);
        if over_web(transport) {
            // A browser is on the connection that it has opened, whatever host it writes (RFC 7118 §5.2).
            return near.filter(|near| over_web(near.transport)).map(Hop::Flow);
        }
        if uri.scheme == Scheme::Sips && !transport.is_secure() {
            return None;
        }
        let is_first = near.is_none();
        let near = near.filter(|flow| flow.transport == transport);
        let open = near.and_then(|near| Some((near, self.streams.get(&near)?)));
        match uri.host? {
            Host::Ip(ip) => {
                if let Some((flow, _)) = open.filter(|(flow, _)| flow.remote.ip().to_canonical() == ip) {
                    return Some(Hop::Flow(flow));
                }
                let listener = near
                    .filter(|flow| flow.remote.is_ipv4() == ip.is_ipv4())
                    .map(|flow| flow.listener)
                    .or_else(|| self.listener_for(transport, Some(ip.is_ipv4())))?;
                let port = uri.port.unwrap_or(transport.default_port());
                Some(Hop::Flow(Flow { transport, listener, remote: SocketAddr::new(ip, port) }))
            }
            Host::Name(name) => {
                let host = std::str::from_utf8(name).ok()?;
                // RFC 5922 §8: who has proven the name is there.
                if let Some((flow, _)) = open.filter(|(_, names)| stands_for(names, host)) {
                    return Some(Hop::Flow(flow));
                }
                let listener = near
                    .map(|flow| flow.listener)
                    .or_else(|| self.listener_for(transport, None))
                    // The answer may name another transport.
                    .or(is_first.then_some(0))?;
                Some(Hop::Name { host: host.into(), port: uri.port, transport, listener })
            }
        }
    }
}

pub(super) fn question(leg: LegKey, line: &str) -> Option<Question> {
    let uri = Uri::parse(line.as_bytes()).ok()?;
    let Some(Host::Name(host)) = uri.host else { return None };
    Some(Question {
        leg,
        host: std::str::from_utf8(host).ok()?.to_owned(),
        port: uri.port,
        transport: transport_of(&uri)?,
        secure: uri.scheme == Scheme::Sips,
    })
}

/// The transport that a URI asks for; `None` for one that we do not speak.
fn transport_of(uri: &Uri) -> Option<Option<Transport>> {
    let secure = uri.scheme == Scheme::Sips;
    Some(match uri.params.get("transport") {
        None => secure.then_some(Transport::Tls),
        Some(word) if word.eq_ignore_ascii_case(b"udp") => Some(Transport::Udp),
        // RFC 3261 §26.2.2: `sips:…;transport=tcp` is TLS over TCP.
        Some(word) if word.eq_ignore_ascii_case(b"tcp") && secure => Some(Transport::Tls),
        Some(word) if word.eq_ignore_ascii_case(b"tcp") => Some(Transport::Tcp),
        Some(word) if word.eq_ignore_ascii_case(b"tls") => Some(Transport::Tls),
        Some(word) if word.eq_ignore_ascii_case(b"ws") && secure => Some(Transport::Wss),
        Some(word) if word.eq_ignore_ascii_case(b"ws") => Some(Transport::Ws),
        Some(word) if word.eq_ignore_ascii_case(b"wss") => Some(Transport::Wss),
        Some(_) => return None,
    })
}

const fn over_web(transport: Transport) -> bool {
    matches!(transport, Transport::Ws | Transport::Wss)
}
