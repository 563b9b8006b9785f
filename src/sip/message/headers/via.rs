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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Via<'_> {
        Via::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn sent_by_is_read_however_it_is_written() {
        let ip = |text: &str| Host::Ip(text.parse().unwrap());
        for (text, transport, host, port) in [
            ("SIP/2.0/UDP 192.0.2.1", Transport::Udp, ip("192.0.2.1"), None),
            ("sip/2.0/tcp gw.example:5080;branch=x", Transport::Tcp, Host::Name(b"gw.example"), Some(5080)),
            ("SIP / 2.0 / TLS  h : 5061 ; x", Transport::Tls, Host::Name(b"h"), Some(5061)),
            ("SIP/2.0\r\n /WS [2001:db8::1]:80", Transport::Ws, ip("2001:db8::1"), Some(80)),
            ("SIP/2.0/WSS df7jal23ls0d.invalid", Transport::Wss, Host::Name(b"df7jal23ls0d.invalid"), None),
            ("SIP/2.0/TLS-SCTP h", Transport::Other(b"TLS-SCTP"), Host::Name(b"h"), None),
        ] {
            let via = parse(text);
            assert_eq!((via.transport, via.host, via.port), (transport, host, port), "{text}");
        }
    }

    #[test]
    fn a_branch_tells_its_transaction_only_with_something_after_the_cookie() {
        for (branch, magic) in [("z9hG4bKx", true), ("Z9HG4BKx", true), ("z9hG4bK", false), ("1", false)] {
            let text = format!("SIP/2.0/UDP h;branch={branch}");
            let via = parse(&text);
            assert_eq!((via.branch(), via.has_magic_branch()), (Some(branch.as_bytes()), magic), "{branch}");
        }
        assert_eq!(parse("SIP/2.0/UDP h;branch=").branch(), None);
    }

    #[test]
    fn where_to_answer_is_asked_filled_or_absent() {
        assert_eq!(parse("SIP/2.0/UDP h").rport(), Rport::Absent);
        assert_eq!(parse("SIP/2.0/UDP h;rport").rport(), Rport::Asked);
        assert_eq!(parse("SIP/2.0/UDP h;rport=").rport(), Rport::Asked);
        assert_eq!(parse("SIP/2.0/UDP h;RPORT=4711").rport(), Rport::Filled(Some(4711)));
        assert_eq!(parse("SIP/2.0/UDP h;rport=x").rport(), Rport::Filled(None));
        let via = parse("SIP/2.0/UDP h;received=2001:db8::1;maddr=224.2.0.1");
        assert_eq!(via.received(), Some(Host::Ip("2001:db8::1".parse().unwrap())));
        assert_eq!(via.maddr(), Some(Host::Ip("224.2.0.1".parse().unwrap())));
    }

    #[test]
    fn what_is_no_via_is_refused() {
        for text in [
            "",
            "SIP/2.0/UDP",
            "SIP/2.0/UDP ",
            "SIP/2.0 UDP h",
            "SIP/3.0/UDP h",
            "HTTP/2.0/UDP h",
            "SIP/2.0/ h",
            "SIP/2.0/UDP;h",
            "SIP/2.0/UDP h;;x",
            "SIP/2.0/UDP h:x",
            "SIP/2.0/UDP h i",
        ] {
            assert_eq!(Via::parse(text.as_bytes()), None, "{text}");
        }
    }
}
