//! From, To, Contact, Route and their kin: a name, a URI, parameters.

use std::borrow::Cow;
use std::fmt;

use super::Params;
use crate::sip::message::text::{find_unquoted, is_space, quoted_len, trim, trim_start, unfold, unquote};
use crate::sip::message::uri::{BadUri, Uri, scheme_len};

/// `"display" <uri>;params`, or `uri;params` without the brackets.
///
/// `Debug` shows neither the name nor the address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NameAddr<'a> {
    /// As it stood, quotes included; empty where there was none.
    pub display: &'a [u8],
    /// The URI's text; `*` in a Contact that means all.
    pub uri: &'a [u8],
    /// Those of the header, not those of the URI.
    pub params: Params<'a>,
}

impl<'a> NameAddr<'a> {
    /// Reads one value. Lenient where what is meant is plain: a display name
    /// that should have been quoted, and white space inside the brackets.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let value = trim(value);
        let display_len = match value.first()? {
            b'"' => quoted_len(value)?,
            _ => 0,
        };
        let angle = find_unquoted(&value[display_len..], b'<').map(|at| at + display_len);
        match angle {
            Some(open) => Self::in_brackets(value, open, display_len),
            None if display_len == 0 => Self::bare(value),
            None => None,
        }
    }

    fn in_brackets(value: &'a [u8], open: usize, quoted: usize) -> Option<Self> {
        // Between a quoted name and its bracket stands white space only.
        if quoted > 0 && !value[quoted..open].iter().all(|&b| is_space(b)) {
            return None;
        }
        let close = open + memchr::memchr(b'>', &value[open..])?;
        let uri = trim(&value[open + 1..close]);
        let params = Params::parse(&value[close + 1..])?;
        opens_as_uri(uri).then(|| Self { display: trim(&value[..open]), uri, params })
    }

    /// Without brackets, parameters are the header's (RFC 3261 §20.10), and a
    /// URI that holds `?` or a comma must not stand so.
    fn bare(value: &'a [u8]) -> Option<Self> {
        let end = value.iter().position(|&b| b == b';' || is_space(b)).unwrap_or(value.len());
        let (uri, tail) = value.split_at(end);
        let legal = !uri.iter().any(|b| matches!(b, b'?' | b',' | b'"' | b'>')) && opens_as_uri(uri);
        let params = Params::parse(trim_start(tail))?;
        legal.then_some(Self { display: b"", uri, params })
    }

    /// A Contact may be `*`, which stands for every binding.
    pub(in crate::sip::message) fn parse_contact(value: &'a [u8]) -> Option<Self> {
        match value {
            b"*" => Some(Self { display: b"", uri: value, params: Params::default() }),
            _ => Self::parse(value),
        }
    }

    pub fn tag(&self) -> Option<&'a [u8]> {
        self.params.get("tag").filter(|tag| !tag.is_empty())
    }

    /// The name as a person reads it, or empty. The bytes are UTF-8 by the
    /// grammar and Latin-1 by the habit of old equipment.
    pub fn display_name(&self) -> Cow<'a, [u8]> {
        match self.display {
            [b'"', inside @ .., b'"'] => unquote(inside),
            words => unfold(words),
        }
    }

    pub fn parse_uri(&self) -> Result<Uri<'a>, BadUri> {
        Uri::parse(self.uri)
    }
}

impl fmt::Debug for NameAddr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameAddr(…)")
    }
}

fn opens_as_uri(text: &[u8]) -> bool {
    scheme_len(text).is_some_and(|colon| colon + 1 < text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_uri_and_tag_however_they_are_written() {
        for (text, name, uri, tag) in [
            (&b"sip:a@h"[..], &b""[..], &b"sip:a@h"[..], None),
            (b"sip:a@h;tag=1", b"", b"sip:a@h", Some(&b"1"[..])),
            (b"sip:a@h ; tag = 1", b"", b"sip:a@h", Some(b"1")),
            (b"<sip:a@h;lr>;tag=1", b"", b"sip:a@h;lr", Some(b"1")),
            (b"Alice<sip:a@h>", b"Alice", b"sip:a@h", None),
            (b"Alice  Martin <sip:a@h>;TAG=1", b"Alice  Martin", b"sip:a@h", Some(b"1")),
            (b"\"A \\\"b\\\" <,>\" <sip:a,b@h>;tag=1", b"A \"b\" <,>", b"sip:a,b@h", Some(b"1")),
            (b"\"\"<sip:a@h>", b"", b"sip:a@h", None),
            (b"\"Andr\xe9\" <sip:a@h>", b"Andr\xe9", b"sip:a@h", None),
            (b"Andr\xe9 <sip:a@h>", b"Andr\xe9", b"sip:a@h", None),
            (b"\"a\r\n b\"\r\n <tel:+33199001234>\r\n ;tag=1", b"a b", b"tel:+33199001234", Some(b"1")),
            (b"<sip:anonymous@anonymous.invalid>;tag=", b"", b"sip:anonymous@anonymous.invalid", None),
            (b"<sip:[2001:db8::1]:5060>;tag=1;tag=2", b"", b"sip:[2001:db8::1]:5060", Some(b"1")),
        ] {
            let read = NameAddr::parse(text).unwrap_or_else(|| panic!("{}", text.escape_ascii()));
            assert_eq!(
                (&*read.display_name(), read.uri, read.tag()),
                (name, uri, tag),
                "{}",
                text.escape_ascii()
            );
        }
    }

    #[test]
    fn what_leaves_doubt_is_refused() {
        for text in [
            "",
            "Alice",
            "<>",
            "<sip:>",
            "<sip:a@h",
            "\"Alice <sip:a@h>",
            "\"Alice\" x <sip:a@h>",
            "\"Alice\"",
            "<sip:a@h> x",
            "<sip:a@h>;;",
            "sip:a@h?Route=x",
            "sip:a@h, sip:b@h",
            "*",
        ] {
            assert_eq!(NameAddr::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn only_a_contact_may_be_a_star() {
        assert_eq!(NameAddr::parse_contact(b"*").unwrap().uri, b"*");
    }

    #[test]
    fn debug_shows_nobody() {
        let someone = NameAddr::parse(b"Alice <sip:+33199001234@h>").unwrap();

        assert_eq!(format!("{someone:?}"), "NameAddr(\u{2026})");
    }
}
