//! The values of one line: what commas part, outside quotes and `<…>`.

use memchr::{memchr, memchr3};

use crate::sip::message::text::{quoted_len, trim};

/// Walks the values of a list; empty ones (`a,,b`) are skipped.
pub struct Split<'a> {
    rest: &'a [u8],
    is_list: bool,
}

impl<'a> Split<'a> {
    /// With `is_list` false the whole text is one value.
    pub fn new(text: &'a [u8], is_list: bool) -> Self {
        Self { rest: text, is_list }
    }
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            let end = if self.is_list { comma(self.rest) } else { self.rest.len() };
            let value = trim(&self.rest[..end]);
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
            if !value.is_empty() {
                return Some(value);
            }
        }
        None
    }
}

/// Where the next value begins to be another one. An unclosed quote or angle
/// takes the rest of the line with it, and the value's own reader refuses it.
fn comma(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr3(b',', b'"', b'<', &text[at..]) {
        at += found;
        let hidden = match text[at] {
            b',' => return at,
            b'"' => quoted_len(&text[at..]),
            _ => memchr(b'>', &text[at..]).map(|close| close + 1),
        };
        match hidden {
            Some(len) => at += len,
            None => return text.len(),
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_part_values_except_inside_quotes_and_angles() {
        for (text, values) in [
            ("a, b ,c", vec!["a", "b", "c"]),
            ("\"x, \\\" y\" <sip:a,b@h>, <sip:c>", vec!["\"x, \\\" y\" <sip:a,b@h>", "<sip:c>"]),
            (",, a,", vec!["a"]),
            (" ", vec![]),
            ("\"open, b", vec!["\"open, b"]),
            ("<open, b", vec!["<open, b"]),
        ] {
            let found: Vec<_> = Split::new(text.as_bytes(), true).collect();
            assert_eq!(found, values.iter().map(|v| v.as_bytes()).collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn a_header_that_is_no_list_keeps_its_commas() {
        let date = b"Sat, 13 Nov 2010 23:29:00 GMT";

        assert_eq!(Split::new(date, false).collect::<Vec<_>>(), [date]);
    }
}
