//! The telephone numbers that a certificate is for: TNAuthList (RFC 8226 §9).
//!
//! ```text
//!   SEQUENCE OF CHOICE { [0] provider code, [1] SEQUENCE { start, count }, [2] number }
//! ```
//! The tags are explicit, and what is inside is short, so it is read by hand.

/// 1.3.6.1.5.5.7.1.26
pub(super) const TN_AUTH_LIST: &str = "1.3.6.1.5.5.7.1.26";

const SEQUENCE: u8 = 0x30;
const IA5_STRING: u8 = 0x16;
const INTEGER: u8 = 0x02;
const PROVIDER: u8 = 0xa0;
const RANGE: u8 = 0xa1;
const ONE: u8 = 0xa2;

/// What a certificate may speak for. One that cannot be read speaks for nothing.
#[derive(Debug, Default)]
pub struct NumberList {
    /// It names a provider, whose numbers it does not list.
    provider: bool,
    /// First and last number with their count of digits: `0123` is not `123`.
    ranges: Vec<(u64, u64, usize)>,
}

impl NumberList {
    pub fn read(der: &[u8]) -> Self {
        parse(der).unwrap_or_default()
    }

    pub fn covers(&self, digits: &str) -> bool {
        let Some(number) = value(digits) else { return self.provider };
        self.provider
            || self
                .ranges
                .iter()
                .any(|(first, last, length)| *length == digits.len() && (*first..=*last).contains(&number))
    }
}

fn parse(der: &[u8]) -> Option<NumberList> {
    let (entries, rest) = take(der, SEQUENCE)?;
    let mut list = NumberList::default();
    let mut entries = rest.is_empty().then_some(entries)?;
    while let Some(&tag) = entries.first() {
        let (entry, rest) = take(entries, tag)?;
        match tag {
            PROVIDER => list.provider = true,
            ONE => list.ranges.push(range(text(entry)?, 1)?),
            RANGE => {
                let (of, _) = take(entry, SEQUENCE)?;
                let (start, rest) = take(of, IA5_STRING)?;
                let (count, _) = take(rest, INTEGER)?;
                list.ranges.push(range(std::str::from_utf8(start).ok()?, integer(count)?)?);
            }
            _ => return None,
        }
        entries = rest;
    }
    Some(list)
}

fn text(entry: &[u8]) -> Option<&str> {
    let (text, rest) = take(entry, IA5_STRING)?;
    rest.is_empty().then_some(std::str::from_utf8(text).ok()?)
}

fn range(start: &str, count: u64) -> Option<(u64, u64, usize)> {
    let first = value(start)?;
    Some((first, first.checked_add(count.checked_sub(1)?)?, start.len()))
}

/// A number of at most 15 digits.
fn value(digits: &str) -> Option<u64> {
    let fine = (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if fine { digits.parse().ok() } else { None }
}

fn integer(bytes: &[u8]) -> Option<u64> {
    let fine = (1..=8).contains(&bytes.len()) && bytes[0] < 0x80;
    fine.then(|| bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// The content of the value at the front, if it has this tag, and what follows it.
fn take(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = match short {
        0..=0x7f => (usize::from(short), rest),
        0x81 | 0x82 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(short & 0x0f))?;
            (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    if found == tag { rest.split_at_checked(length) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_numbers_and_ranges_are_read_together() {
        // [0] "1234", [2] "33199001234", [1] { "33199000000", 100 }
        let mut der = vec![0x30, 0];
        der.extend([0xa0, 6, 0x16, 4]);
        der.extend(b"1234");
        der.extend([0xa2, 13, 0x16, 11]);
        der.extend(b"33199001234");
        der.extend([0xa1, 18, 0x30, 16, 0x16, 11]);
        der.extend(b"33199000000");
        der.extend([0x02, 1, 100]);
        der[1] = u8::try_from(der.len() - 2).unwrap();

        let mut list = NumberList::read(&der);
        assert!(list.provider);
        list.provider = false;

        for (digits, covered) in [
            ("33199001234", true),
            ("33199001235", false),
            ("33199000000", true),
            ("33199000099", true),
            ("33199000100", false),
            ("033199000000", false),
            ("", false),
        ] {
            assert_eq!(list.covers(digits), covered, "{digits}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(der in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)) {
            let _ = NumberList::read(&der).covers("33199001234");
        }
    }
}
