//! `;name=value` lists, as they end a Via, a From or a URI.

use std::borrow::Cow;
use std::fmt;

use crate::sip::message::text::{find_unquoted, is_blank, is_space, quoted_len, trim, unescape, unquote};

/// The parameters of one value, still as they stood. Names are compared
/// without regard to case, and the first of two with one name counts.
///
/// `Debug` counts them: a value may be a telephone number.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Params<'a>(&'a [u8]);

/// A name and its value, if it has one.
type Pair<'a> = (&'a [u8], Option<&'a [u8]>);

impl<'a> Params<'a> {
    /// Takes `;a;b=c` or nothing. An empty parameter is malformed, but one `;`
    /// too many at the end is a habit that does no harm.
    pub(in crate::sip::message) fn parse(text: &'a [u8]) -> Option<Self> {
        let text = trim(text);
        if text.is_empty() {
            return Some(Self(text));
        }
        if text[0] != b';' {
            return None;
        }
        if is_plain(text) {
            return Some(Self(text));
        }
        let mut rest = Self(text);
        while let Some(((name, value), tail)) = rest.split_first() {
            let whole = value.is_none_or(is_whole);
            let well_named = !name.is_empty() && !name.iter().any(|&b| is_space(b) || b == b'"');
            let only_at_the_end = name.is_empty() && value.is_none() && tail.is_empty();
            if !(whole && (well_named || only_at_the_end)) {
                return None;
            }
            rest = Self(tail);
        }
        Some(Self(text))
    }

    /// As they stood, with the leading `;`.
    pub fn raw(self) -> &'a [u8] {
        self.0
    }

    /// Names with their values as they stood, quotes included.
    pub fn iter(self) -> impl Iterator<Item = Pair<'a>> {
        let mut rest = self;
        std::iter::from_fn(move || {
            let (pair, tail) = rest.split_first()?;
            rest = Params(tail);
            Some(pair)
        })
        .filter(|(name, _)| !name.is_empty())
    }

    /// Whether the parameter stands there, with or without a value.
    pub fn has(self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The value as it stood; `None` where the parameter is missing or has none.
    pub fn get(self, name: &str) -> Option<&'a [u8]> {
        self.find(name).flatten()
    }

    /// The value with quotes taken off and backslashes resolved.
    pub fn text(self, name: &str) -> Option<Cow<'a, [u8]>> {
        match self.get(name)? {
            [b'"', inside @ .., b'"'] => Some(unquote(inside)),
            value => Some(Cow::Borrowed(value)),
        }
    }

    /// The value of a URI's parameter with its `%` escapes resolved.
    pub fn unescaped(self, name: &str) -> Option<Cow<'a, [u8]>> {
        self.get(name).map(unescape)
    }

    pub(in crate::sip::message) fn find(self, name: &str) -> Option<Option<&'a [u8]>> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    fn split_first(self) -> Option<(Pair<'a>, &'a [u8])> {
        let text = self.0.get(1..)?;
        let end = find_unquoted(text, b';').unwrap_or(text.len());
        let (one, tail) = text.split_at(end);
        let pair = match memchr::memchr(b'=', one) {
            Some(at) => (trim(&one[..at]), Some(trim(&one[at + 1..]))),
            None => (trim(one), None),
        };
        Some((pair, tail))
    }
}

impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} parameters", self.iter().count())
    }
}

/// Neither quotes nor white space nor a missing name: nothing to look at more
/// closely. Nearly all are so, and without branches the compiler looks at
/// sixteen bytes at once.
fn is_plain(text: &[u8]) -> bool {
    let hole = |a: u8, b: u8| (a == b';') & ((b == b';') | (b == b'='));
    let holes = text.iter().zip(&text[1..]).fold(0, |found, (&a, &b)| found | u8::from(hole(a, b)));
    let marks = text.iter().fold(0, |found, &b| found | u8::from((b == b'"') | is_blank(b)));
    holes | marks == 0
}

/// A quoted string from end to end, or a word without quotes and white space.
fn is_whole(value: &[u8]) -> bool {
    match value {
        [b'"', ..] => quoted_len(value) == Some(value.len()),
        _ => !value.iter().any(|&b| b == b'"' || is_space(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Option<Vec<(String, Option<String>)>> {
        let text_of = |b: &[u8]| String::from_utf8(b.to_vec()).unwrap();
        let params = Params::parse(text.as_bytes())?;
        Some(params.iter().map(|(n, v)| (text_of(n), v.map(text_of))).collect())
    }

    #[test]
    fn parameters_are_read_with_any_white_space_and_quotes() {
        for (text, expected) in [
            ("", vec![]),
            (";lr", vec![("lr", None)]),
            (" ; lr ;\r\n x = 1 ", vec![("lr", None), ("x", Some("1"))]),
            (";a=\"x;y=\\\"z\";b", vec![("a", Some("\"x;y=\\\"z\"")), ("b", None)]),
            (";a=;b=", vec![("a", Some("")), ("b", Some(""))]),
            (";a=1;", vec![("a", Some("1"))]),
            (";received=[2001:db8::1]", vec![("received", Some("[2001:db8::1]"))]),
        ] {
            let expected =
                expected.into_iter().map(|(n, v)| (n.to_owned(), v.map(str::to_owned))).collect::<Vec<_>>();
            assert_eq!(pairs(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn holes_and_unclosed_quotes_are_malformed() {
        for text in ["lr", ";;", ";a;;b", ";=1", ";a b", ";a=\"x", ";a=\"x\"y", ";a=b c"] {
            assert_eq!(pairs(text), None, "{text}");
        }
    }

    #[test]
    fn names_ignore_case_and_the_first_counts() {
        let params = Params::parse(b";Tag=one;tag=two;note=\"a\\\"b\";user%20=x;t=%41").unwrap();

        assert_eq!(params.get("tag"), Some(&b"one"[..]));
        assert_eq!(params.text("note").unwrap(), &b"a\"b"[..]);
        assert_eq!(params.unescaped("t").unwrap(), &b"A"[..]);
        assert!(params.has("TAG") && !params.has("ta"));
    }
}
