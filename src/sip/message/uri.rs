//! SIP, SIPS and telephone URIs (RFC 3261 §19.1, RFC 3966), borrowed from the text.
//!
//! Nothing is unescaped unless asked: who passes a user part on must pass the
//! same bytes, and a `+` in it is a plus sign in every direction.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use super::headers::params::Params;
use super::text::{decimal, holds_space_or_brackets, trim, trim_end, unescape};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    Sip,
    Sips,
    Tel,
    /// A scheme whose content is not ours to read; it stands in [`Uri::rest`].
    Other,
}

/// Where a URI or a Via points: an address, or a name that must be resolved.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Host<'a> {
    Ip(IpAddr),
    Name(&'a [u8]),
}

/// A URI in its parts.
///
/// `Debug` shows no user part, which is a telephone number or a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Uri<'a> {
    pub scheme: Scheme,
    /// The user part as it stood; the number of a `tel:` URI.
    pub user: Option<&'a [u8]>,
    pub password: Option<&'a [u8]>,
    /// `None` for `tel:` and for schemes that are not ours.
    pub host: Option<Host<'a>>,
    pub port: Option<u16>,
    pub params: Params<'a>,
    /// What follows `?`, without it; empty where there is nothing.
    pub headers: &'a [u8],
    /// All that follows the scheme's colon.
    pub rest: &'a [u8],
}

/// The text is no URI, or none whose host and port can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a URI")]
pub struct BadUri;

impl<'a> Uri<'a> {
    pub fn parse(text: &'a [u8]) -> Result<Self, BadUri> {
        let colon = scheme_len(text).ok_or(BadUri)?;
        let (scheme, rest) = (&text[..colon], &text[colon + 1..]);
        if holds_space_or_brackets(rest) {
            return Err(BadUri);
        }
        let scheme = match scheme {
            s if s.eq_ignore_ascii_case(b"sip") => Scheme::Sip,
            s if s.eq_ignore_ascii_case(b"sips") => Scheme::Sips,
            s if s.eq_ignore_ascii_case(b"tel") => Scheme::Tel,
            _ => Scheme::Other,
        };
        let bare = Self {
            scheme,
            user: None,
            password: None,
            host: None,
            port: None,
            params: Params::default(),
            headers: b"",
            rest,
        };
        match scheme {
            Scheme::Sip | Scheme::Sips => bare.read_sip(),
            Scheme::Tel => bare.read_tel(),
            Scheme::Other => Ok(bare),
        }
    }

    fn read_sip(mut self) -> Result<Self, BadUri> {
        let mut after = self.rest;
        // `;` and `?` may stand in a user part, an unescaped `@` nowhere else.
        if let Some(at) = memchr::memchr(b'@', after) {
            let (user, password) = match memchr::memchr(b':', &after[..at]) {
                Some(colon) => (&after[..colon], Some(&after[colon + 1..at])),
                None => (&after[..at], None),
            };
            if user.is_empty() {
                return Err(BadUri);
            }
            (self.user, self.password) = (Some(user), password);
            after = &after[at + 1..];
        }
        let host_end = memchr::memchr2(b';', b'?', after).unwrap_or(after.len());
        let (host, port) = host_port(&after[..host_end]).ok_or(BadUri)?;
        (self.host, self.port) = (Some(host), port);
        self.read_tail(&after[host_end..])
    }

    fn read_tel(mut self) -> Result<Self, BadUri> {
        let end = memchr::memchr(b';', self.rest).unwrap_or(self.rest.len());
        let (number, tail) = self.rest.split_at(end);
        if number.is_empty() {
            return Err(BadUri);
        }
        self.user = Some(number);
        self.params = Params::parse(tail).ok_or(BadUri)?;
        Ok(self)
    }

    fn read_tail(mut self, tail: &'a [u8]) -> Result<Self, BadUri> {
        let end = memchr::memchr(b'?', tail).unwrap_or(tail.len());
        self.params = Params::parse(&tail[..end]).ok_or(BadUri)?;
        self.headers = tail.get(end + 1..).unwrap_or_default();
        Ok(self)
    }

    /// The user part with its `%` escapes resolved.
    pub fn user_unescaped(&self) -> Option<Cow<'a, [u8]>> {
        self.user.map(unescape)
    }

    /// A loose router (RFC 3261 §16.4) says `lr`.
    pub fn is_loose_router(&self) -> bool {
        self.params.has("lr")
    }
}

impl fmt::Debug for Uri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = if self.user.is_some() { "…@" } else { "" };
        write!(f, "{:?}:{user}{:?}:{:?}", self.scheme, self.host, self.port)
    }
}

/// Where the scheme ends, if the text opens with one.
pub(super) fn scheme_len(text: &[u8]) -> Option<usize> {
    let end = text.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')))?;
    (text[end] == b':' && text[0].is_ascii_alphabetic()).then_some(end)
}

/// Reads `host`, `host:5060`, `[2001:db8::1]:5060`, white space around the
/// colon allowed as in a Via.
pub(super) fn host_port(text: &[u8]) -> Option<(Host<'_>, Option<u16>)> {
    let (host, port) = match text {
        [b'[', ..] => {
            let close = memchr::memchr(b']', text)?;
            let address: Ipv6Addr = std::str::from_utf8(&text[1..close]).ok()?.parse().ok()?;
            (Host::Ip(address.into()), &text[close + 1..])
        }
        _ => {
            let end = memchr::memchr(b':', text).unwrap_or(text.len());
            (Host::parse(trim_end(&text[..end]))?, &text[end..])
        }
    };
    match trim(port) {
        [] => Some((host, None)),
        [b':', digits @ ..] => {
            let port = decimal(trim(digits))?;
            Some((host, Some(u16::try_from(port).ok()?)))
        }
        _ => None,
    }
}

impl<'a> Host<'a> {
    /// Reads an address (IPv6 with or without brackets) or a host name.
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let bare = match text {
            [b'[', inside @ .., b']'] => inside,
            _ => text,
        };
        // Names rarely open with a digit; an address always does, or holds a colon.
        let may_be_ip = bare.first().is_some_and(u8::is_ascii_digit) || bare.contains(&b':');
        if may_be_ip && let Some(ip) = std::str::from_utf8(bare).ok().and_then(|t| t.parse().ok()) {
            return Some(Host::Ip(ip));
        }
        let is_name = !text.is_empty()
            && text.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        is_name.then_some(Host::Name(text))
    }
}

/// As it stands in a URI: IPv6 in brackets.
impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Ip(IpAddr::V4(ip)) => write!(f, "{ip}"),
            Host::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
            Host::Name(name) => f.write_str(&String::from_utf8_lossy(name)),
        }
    }
}

impl fmt::Debug for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Uri<'_> {
        Uri::parse(text.as_bytes()).unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn every_part_is_told_apart() {
        let uri = parse("sips:alice:secret@gw.example:5061;transport=tcp;LR?subject=a&b=c");

        assert_eq!(uri.scheme, Scheme::Sips);
        assert_eq!((uri.user, uri.password), (Some(&b"alice"[..]), Some(&b"secret"[..])));
        assert_eq!((uri.host, uri.port), (Some(Host::Name(b"gw.example")), Some(5061)));
        assert_eq!(uri.params.get("Transport"), Some(&b"tcp"[..]));
        assert!(uri.is_loose_router());
        assert_eq!(uri.headers, b"subject=a&b=c");
    }

    #[test]
    fn a_plus_in_the_user_stays_a_plus() {
        let uri = parse("sip:+33199001234@gw.example;user=phone");

        assert_eq!(uri.user, Some(&b"+33199001234"[..]));
        assert_eq!(uri.user_unescaped().unwrap(), &b"+33199001234"[..]);
    }

    #[test]
    fn hosts_are_names_or_addresses_with_a_port_or_without() {
        let ip = |text: &str| Some(Host::Ip(text.parse().unwrap()));
        for (text, host, port) in [
            ("sip:example.com", Some(Host::Name(b"example.com")), None),
            ("sip:a@example.com.:5060", Some(Host::Name(b"example.com.")), Some(5060)),
            ("sip:192.0.2.1", ip("192.0.2.1"), None),
            ("sip:1992.example", Some(Host::Name(b"1992.example")), None),
            ("sip:a@192.0.2.1:5060;lr", ip("192.0.2.1"), Some(5060)),
            ("sip:[2001:db8::1]", ip("2001:db8::1"), None),
            ("sip:a@[2001:db8::1]:5062;x", ip("2001:db8::1"), Some(5062)),
            ("SIP:under_score", Some(Host::Name(b"under_score")), None),
        ] {
            assert_eq!((parse(text).host, parse(text).port), (host, port), "{text}");
        }
    }

    #[test]
    fn a_telephone_uri_holds_its_number_and_no_host() {
        let uri = parse("tel:+33-1-99-00-12-34;phone-context=example.org");

        assert_eq!((uri.scheme, uri.user, uri.host), (Scheme::Tel, Some(&b"+33-1-99-00-12-34"[..]), None));
        assert_eq!(uri.params.get("phone-context"), Some(&b"example.org"[..]));
    }

    #[test]
    fn another_scheme_is_kept_whole() {
        let uri = parse("urn:service:sos");

        assert_eq!((uri.scheme, uri.rest), (Scheme::Other, &b"service:sos"[..]));
    }

    #[test]
    fn what_is_no_uri_is_refused() {
        for text in [
            "",
            "sip",
            "sip:",
            ":x",
            "1sip:x",
            "sip:@host",
            "sip:a@",
            "sip:a@b@c",
            "sip:a@host:",
            "sip:a@host:70000",
            "sip:a@host:5x",
            "sip:[::1",
            "sip:[zz]",
            "sip:a@ho st",
            "sip:a@host;;",
            "<sip:a@host>",
            "tel:",
            "tel:;x",
        ] {
            assert_eq!(Uri::parse(text.as_bytes()), Err(BadUri), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_user() {
        let shown = format!("{:?}", parse("sip:+33199001234@gw.example"));

        assert!(!shown.contains("33199") && shown.contains("gw.example"), "{shown}");
    }
}
