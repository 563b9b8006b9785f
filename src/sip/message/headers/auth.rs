//! Challenges and credentials: a scheme and its parameters (RFC 3261 §25.1).
//!
//! The same comma parts two parameters and, where somebody wrote several
//! challenges in one line, two challenges. A new one begins where two words
//! stand before a `=`, or a word alone.

use super::Split;
use crate::sip::message::text::{is_space, trim};

/// One challenge, or one set of credentials.
///
/// Quotes are taken off a value, but backslashes stay: the hashes of RFC 7616
/// §3.4 are made of what stands between the quotes.
#[derive(Clone, Default)]
pub struct Auth<'a> {
    pub scheme: &'a [u8],
    params: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Auth<'a> {
    /// All that stand in one line, unfolded.
    pub fn read_all(line: &'a [u8]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for part in Split::new(line, true) {
            let equals = memchr::memchr2(b'=', b'"', part).filter(|at| part[*at] == b'=');
            let before = trim(&part[..equals.unwrap_or(part.len())]);
            let (scheme, name) = match before.iter().position(|b| is_space(*b)) {
                Some(space) => (Some(&before[..space]), trim(&before[space..])),
                None if equals.is_none() => (Some(before), &b""[..]),
                None => (None, before),
            };
            if let Some(scheme) = scheme {
                all.push(Self { scheme, params: Vec::new() });
            }
            if let (Some(at), Some(auth)) = (equals, all.last_mut()) {
                auth.params.push((name, bare(trim(&part[at + 1..]))));
            }
        }
        all
    }

    /// The value of a parameter, without quotes; the first of two with one name counts.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.params.iter().find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| *value)
    }
}

fn bare(value: &[u8]) -> &[u8] {
    match value {
        [b'"', inside @ .., b'"'] => inside,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_challenges_in_one_line_are_told_apart() {
        let line = br#"Digest realm = "a, b=c" ,nonce="n\"1",stale=TRUE,Basic YWJj, Negotiate , digest Realm="d",realm="e""#;

        let all = Auth::read_all(line);

        let schemes: Vec<_> = all.iter().map(|auth| auth.scheme).collect();
        assert_eq!(schemes, [&b"Digest"[..], b"Basic", b"Negotiate", b"digest"]);
        assert_eq!(all[0].get("realm"), Some(&b"a, b=c"[..]));
        assert_eq!(all[0].get("NONCE"), Some(&br#"n\"1"#[..]));
        assert_eq!(all[0].get("stale"), Some(&b"TRUE"[..]));
        assert_eq!(all[0].get("opaque"), None);
        assert_eq!(all[3].get("realm"), Some(&b"d"[..]));
    }

    #[test]
    fn what_is_no_challenge_is_none() {
        for line in ["", " , ", "realm=\"x\""] {
            assert!(Auth::read_all(line.as_bytes()).is_empty(), "{line}");
        }
        // A quote that never closes hides the rest of the line.
        assert_eq!(Auth::read_all(b"Digest a=\"x, b=1").len(), 1);
    }
}
