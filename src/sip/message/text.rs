//! The letters of the grammar (RFC 3261 §25.1): tokens, white space, quotes, escapes.
//!
//! A folded value is read where it lies: a line break inside one line's range
//! only ever stands before white space, so it counts as white space itself and
//! nothing has to be joined before it is read.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

const TOKEN: u8 = 1;
const SPACE: u8 = 2;
static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => TOKEN,
            b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~' => TOKEN,
            b' ' | b'\t' | b'\r' | b'\n' => SPACE,
            _ => 0,
        };
        byte += 1;
    }
    table
}

pub(super) fn is_token_byte(byte: u8) -> bool {
    CLASS[byte as usize] == TOKEN
}

pub(super) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&b| is_token_byte(b))
}

pub(super) fn is_space(byte: u8) -> bool {
    CLASS[byte as usize] == SPACE
}

/// As [`is_space`] by comparing, which the compiler can do for sixteen bytes at
/// once where the table costs a look-up for each.
pub(super) fn is_blank(byte: u8) -> bool {
    (byte == b' ') | (byte == b'\t') | (byte == b'\r') | (byte == b'\n')
}

/// What no URI holds: white space, angle brackets, quotes. Looks at every byte
/// without a branch, so that they are compared side by side.
pub(super) fn holds_space_or_brackets(text: &[u8]) -> bool {
    let bad = |b: u8| is_blank(b) | (b == b'<') | (b == b'>') | (b == b'"');
    text.iter().fold(0, |found, &b| found | u8::from(bad(b))) != 0
}

pub(super) fn trim_start(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_space(*first)
    {
        text = rest;
    }
    text
}

pub(super) fn trim_end(mut text: &[u8]) -> &[u8] {
    while let [rest @ .., last] = text
        && is_space(*last)
    {
        text = rest;
    }
    text
}

pub(super) fn trim(text: &[u8]) -> &[u8] {
    trim_end(trim_start(text))
}

/// A decimal number that fills the whole text; `None` also where it does not fit.
pub(super) fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0u64, |sum, &b| {
        let digit = b.is_ascii_digit().then(|| u64::from(b - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// Where the quoted string that opens at `text[0]` ends: the index after its
/// closing quote, or `None` if nothing closes it.
pub(super) fn quoted_len(text: &[u8]) -> Option<usize> {
    debug_assert_eq!(text.first(), Some(&b'"'));
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The first `wanted` byte outside quotes. An unclosed quote hides everything
/// after it.
pub(super) fn find_unquoted(text: &[u8], wanted: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(wanted, b'"', text.get(at..)?)?;
        if text[at] == wanted {
            return Some(at);
        }
        at += quoted_len(&text[at..])?;
    }
}

/// Folded lines as one: each line break with the white space around it becomes
/// one space (RFC 3261 §7.3.1).
pub(super) fn unfold(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'\n', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut joined = Vec::with_capacity(text.len());
    for line in text.split(|&b| b == b'\n') {
        let line = trim(line);
        if !line.is_empty() {
            if !joined.is_empty() {
                joined.push(b' ');
            }
            joined.extend_from_slice(line);
        }
    }
    Cow::Owned(joined)
}

/// The inside of a quoted string with its backslashes resolved, unfolded.
pub(super) fn unquote(inside: &[u8]) -> Cow<'_, [u8]> {
    let inside = match unfold(inside) {
        Cow::Borrowed(text) if memchr(b'\\', text).is_none() => return Cow::Borrowed(text),
        inside => inside,
    };
    let mut plain = Vec::with_capacity(inside.len());
    let mut bytes = inside.iter().copied();
    while let Some(byte) = bytes.next() {
        plain.push(if byte == b'\\' { bytes.next().unwrap_or(byte) } else { byte });
    }
    Cow::Owned(plain)
}

/// Resolves `%41`. What is no valid escape stays as it is, and so does `+`:
/// in a SIP URI it is a plus sign, never a space.
pub(in crate::sip) fn unescape(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'%', text).is_none() {
        return Cow::Borrowed(text);
    }
    let hex = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match (byte, hex(text.get(at + 1)), hex(text.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                plain.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_become_one_space_and_the_rest_stays() {
        for (text, plain) in [
            (&b"one line"[..], &b"one line"[..]),
            (b"a\r\n b", b"a b"),
            (b"a  \r\n\t  b\n c", b"a b c"),
            (b"a\r\n \r\n b", b"a b"),
        ] {
            assert_eq!(unfold(text), plain);
        }
    }

    #[test]
    fn quotes_hide_separators_and_backslashes_hide_quotes() {
        assert_eq!(find_unquoted(br#""a,\",b",c"#, b','), Some(8));
        assert_eq!(find_unquoted(br#""never closed, "#, b','), None);
        assert_eq!(quoted_len(br#""\"#), None);
        assert_eq!(unquote(br#"J Rosenberg \\\""#), &br#"J Rosenberg \""#[..]);
    }

    #[test]
    fn escapes_are_resolved_where_valid_and_a_plus_stays_a_plus() {
        for (text, plain) in [
            (&b"+33199"[..], &b"+33199"[..]),
            (b"%2B33+1", b"+33+1"),
            (b"null%00", b"null\0"),
            (b"%Z5%4", b"%Z5%4"),
        ] {
            assert_eq!(unescape(text), plain);
        }
    }

    #[test]
    fn a_number_is_digits_only_and_must_fit() {
        assert_eq!(decimal(b"0068"), Some(68));
        for text in [&b""[..], b"-1", b"+1", b"1 ", b"1e3", b"36893488147419103232"] {
            assert_eq!(decimal(text), None, "{text:?}");
        }
    }
}
