//! Via: the way a request came, and so the way its responses go back.

use super::Params;
use crate::sip::message::text::{decimal, is_space, is_token, is_token_byte, trim_start};
use crate::sip::message::uri::{Host, host_port};

/// RFC 3261 §8.1.1.7: a branch that opens so is unique to its transaction.
/// RFC 2543 elements send others, or none.
const MAGIC_COOKIE: &[u8] = b"z9hG4bK";

/// The transport a Via names; one that is not known is read all the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Transport<'a> {
    Udp,
    Tcp,
    Tls,
    Ws,
    Wss,
    Other(&'a [u8]),
}

impl<'a> Transport<'a> {
    fn of(text: &'a [u8]) -> Self {
        match text {
            t if t.eq_ignore_ascii_case(b"UDP") => Transport::Udp,
            t if t.eq_ignore_ascii_case(b"TCP") => Transport::Tcp,
            t if t.eq_ignore_ascii_case(b"TLS") => Transport::Tls,
            t if t.eq_ignore_ascii_case(b"WS") => Transport::Ws,
            t if t.eq_ignore_ascii_case(b"WSS") => Transport::Wss,
            other => Transport::Other(other),
        }
    }
}

/// RFC 3581: whether the sender wants the answer at the port it sent from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rport {
    /// Not asked: the answer goes to the port of sent-by.
    Absent,
    Asked,
    /// Filled in by the receiver; `None` if what stands there is no port.
    Filled(Option<u16>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Via<'a> {
    pub transport: Transport<'a>,
    /// Sent-by: where its sender listens, by its own account.
    pub host: Host<'a>,
    pub port: Option<u16>,
    pub params: Params<'a>,
    /// The value as it stood.
    pub raw: &'a [u8],
}

impl<'a> Via<'a> {
    /// Reads one value, `SIP/2.0/UDP host:port;params`, white space allowed
    /// around each slash.
    pub fn parse(raw: &'a [u8]) -> Option<Self> {
        let rest = word(raw, b"SIP")?;
        let rest = word(rest.strip_prefix(b"/")?, b"2.0")?;
        let rest = trim_start(rest.strip_prefix(b"/")?);
        let end = rest.iter().position(|&b| !is_token_byte(b))?;
        let (transport, rest) = rest.split_at(end);
        // White space parts the transport from the host.
        if !is_token(transport) || !is_space(rest[0]) {
            return None;
        }
        let rest = trim_start(rest);
        let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
        let (host, port) = host_port(&rest[..end])?;
        let params = Params::parse(&rest[end..])?;
        Some(Self { transport: Transport::of(transport), host, port, params, raw })
    }

    /// The branch as it stood, with or without the magic cookie; `None` from
    /// an RFC 2543 element, whose transactions are told by other headers.
    pub fn branch(&self) -> Option<&'a [u8]> {
        self.params.get("branch").filter(|branch| !branch.is_empty())
    }

    /// Whether the branch alone tells the transaction (RFC 3261 §17.2.3).
    /// The bare cookie with nothing after it does not.
    pub fn has_magic_branch(&self) -> bool {
        self.branch().is_some_and(|branch| {
            branch.len() > MAGIC_COOKIE.len()
                && branch[..MAGIC_COOKIE.len()].eq_ignore_ascii_case(MAGIC_COOKIE)
        })
    }

    pub fn rport(&self) -> Rport {
        match self.params.find("rport") {
            None => Rport::Absent,
            Some(None | Some(b"")) => Rport::Asked,
            Some(Some(port)) => Rport::Filled(decimal(port).and_then(|port| u16::try_from(port).ok())),
        }
    }

    pub fn received(&self) -> Option<Host<'a>> {
        self.params.get("received").and_then(Host::parse)
    }

    pub fn maddr(&self) -> Option<Host<'a>> {
        self.params.get("maddr").and_then(Host::parse)
    }
}

/// Takes one word off, with the white space on both its sides.
fn word<'a>(text: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let text = trim_start(text);
    let (found, rest) = text.split_at_checked(word.len())?;
    found.eq_ignore_ascii_case(word).then(|| trim_start(rest))
}
