//! CSeq: the number of a request within its dialog, and its method.

use bytes::Bytes;

use crate::sip::message::method::Method;
use crate::sip::message::text::{decimal, is_space, trim_start};

/// RFC 3261 §8.1.1.5: the number stays below 2³¹.
const NUMBER_MAX: u64 = (1 << 31) - 1;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CSeq {
    pub number: u32,
    pub method: Method,
}

impl CSeq {
    /// Reads `314159 INVITE`, leading zeros and any white space between allowed.
    pub(in crate::sip::message) fn parse(within: &Bytes, value: &[u8]) -> Option<Self> {
        let end = value.iter().position(|&b| is_space(b))?;
        let number = decimal(&value[..end]).filter(|&n| n <= NUMBER_MAX)?;
        let method = Method::slice(within, trim_start(&value[end..]))?;
        Some(Self { number: number as u32, method })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_method_however_they_are_spaced() {
        for text in ["9 INVITE", "0009\r\n  INVITE", "9\t INVITE"] {
            let bytes = Bytes::copy_from_slice(text.as_bytes());
            assert_eq!(
                CSeq::parse(&bytes, &bytes),
                Some(CSeq { number: 9, method: Method::Invite }),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_both_or_too_large_is_refused() {
        for text in ["", "9", "INVITE", "9INVITE", "-9 INVITE", "2147483648 INVITE", "9 INVITE x", "9 \u{e9}"]
        {
            let bytes = Bytes::copy_from_slice(text.as_bytes());
            assert_eq!(CSeq::parse(&bytes, &bytes), None, "{text}");
        }
    }
}
