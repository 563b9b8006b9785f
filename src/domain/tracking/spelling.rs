//! Where a business number stands in a text, however it is grouped: the rule by which the snippet finds it
//! (`swapper` in `whence.v1.js`), for who asks before a visitor comes.

use std::ops::Range;

use crate::domain::phone::Phone;

/// What a country dials before a number at home, by calling code. Numbers of other countries are found in their
/// international form alone.
const AT_HOME: [(&[&str], &[&str]); 4] = [
    (&["1"], &["1", ""]),
    (&["36"], &["06"]),
    (
        &[
            "30", "34", "39", "45", "47", "48", "216", "351", "352", "354", "356", "371", "372", "373",
            "374", "375", "376", "377", "378", "420", "423",
        ],
        &[""],
    ),
    (
        &[
            "31", "32", "33", "40", "41", "43", "44", "46", "49", "61", "64", "81", "90", "212", "213",
            "353", "355", "358", "359", "380", "381", "382", "383", "384", "385", "386", "387", "388", "389",
            "421",
        ],
        &["0"],
    ),
];
/// Where a number may be the beginning of a longer one: extensions of firms.
const OPEN: [&str; 8] = ["39", "43", "46", "49", "352", "358", "359", "38"];
/// So much may stand between two digits of a number that is written in a way of its own.
const ODD_GAP_MAX: usize = 6;

/// How one number may be written.
#[derive(Clone, Debug)]
pub struct Spelling {
    code: Vec<char>,
    trunks: &'static [&'static str],
    national: Vec<char>,
    /// Digits behind it make it another number.
    is_open: bool,
}

impl Spelling {
    pub fn of(number: &Phone) -> Self {
        let digits = number.reveal().trim_start_matches('+');
        let known = AT_HOME.iter().find_map(|(codes, trunks)| {
            codes.iter().find(|code| digits.starts_with(**code)).map(|code| (*code, *trunks))
        });
        let (code, trunks) = known.unwrap_or(("", &[]));
        Self {
            code: code.chars().collect(),
            trunks,
            national: digits[code.len()..].chars().collect(),
            is_open: code.is_empty() || OPEN.iter().any(|open| code.starts_with(open)),
        }
    }

    /// Where the snippet finds it, in bytes.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let (mut found, mut at) = (Vec::new(), 0);
        while at < chars.len() {
            match self.ends(&chars, at) {
                Some(end) => {
                    found.push(chars[at].0..byte(&chars, text, end));
                    at = end;
                }
                None => at += 1,
            }
        }
        found
    }

    /// Where all its digits stand in their order with anything short between them, in bytes.
    pub fn find_loosely(&self, text: &str) -> Vec<Range<usize>> {
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let (mut found, mut at) = (Vec::new(), 0);
        while at < chars.len() {
            let is_first = self.national.first() == Some(&chars[at].1);
            match self.ends_loosely(&chars, at).filter(|_| is_first) {
                Some(end) => {
                    found.push(chars[at].0..byte(&chars, text, end));
                    at = end;
                }
                None => at += 1,
            }
        }
        found
    }

    /// Where a number that begins here ends.
    fn ends(&self, chars: &[(usize, char)], at: usize) -> Option<usize> {
        if is_in_another(chars, at) {
            return None;
        }
        let abroad = digits(chars, at, &['+']).or_else(|| digits(chars, at, &['0', '0']));
        let abroad = abroad.and_then(|at| digits(chars, gap(chars, at), &self.code)).map(|at| gap(chars, at));
        let zero = abroad.and_then(|at| digits(chars, at, &['0'])).map(|at| gap(chars, at));
        let home = self.trunks.iter().filter_map(|trunk| {
            let dialled: Vec<char> = trunk.chars().collect();
            let after = digits(chars, at, &dialled)?;
            Some(if dialled.is_empty() { after } else { gap(chars, after) })
        });
        let begins = zero.into_iter().chain(abroad).chain(home);
        let mut ends = begins.filter_map(|at| digits(chars, at, &self.national));
        ends.find(|end| !self.goes_on(chars, *end))
    }

    fn goes_on(&self, chars: &[(usize, char)], end: usize) -> bool {
        let at = |place: usize| chars.get(place).map(|(_, c)| *c);
        if at(end).is_some_and(|c| c.is_ascii_digit()) {
            return true;
        }
        let mut place = if at(end) == Some('/') { end + 1 } else { end };
        let signs = (place..place + 3).take_while(|place| at(*place).is_some_and(is_sign)).count();
        place += signs;
        let more = (place..).take_while(|place| at(*place).is_some_and(|c| c.is_ascii_digit())).count();
        let is_word = at(place + more).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        self.is_open && more > 0 && !is_word
    }

    fn ends_loosely(&self, chars: &[(usize, char)], mut at: usize) -> Option<usize> {
        for (nth, digit) in self.national.iter().enumerate() {
            if nth > 0 {
                let between = chars[at..].iter().take_while(|(_, c)| !c.is_ascii_digit()).count();
                at += Some(between).filter(|between| *between <= ODD_GAP_MAX)?;
            }
            at = digits(chars, at, &[*digit])?;
        }
        let goes_on = chars.get(at).is_some_and(|(_, c)| c.is_ascii_digit());
        (!goes_on).then_some(at)
    }
}

/// These characters with gaps between them, from here on; where they end.
fn digits(chars: &[(usize, char)], mut at: usize, wanted: &[char]) -> Option<usize> {
    for (nth, wanted) in wanted.iter().enumerate() {
        if nth > 0 {
            at = gap(chars, at);
        }
        if chars.get(at)?.1 != *wanted {
            return None;
        }
        at += 1;
    }
    Some(at)
}

fn gap(chars: &[(usize, char)], at: usize) -> usize {
    at + chars[at.min(chars.len())..].iter().take_while(|(_, c)| is_sign(*c) || "()/".contains(*c)).count()
}

/// Spaces, dots, what is not seen (soft hyphens, joiners), dashes.
fn is_sign(c: char) -> bool {
    let unseen = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    let dash = matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}');
    c.is_whitespace() || c == '.' || unseen || dash
}

/// Behind a digit, a `+`, or the digits of an international number, another number goes on.
fn is_in_another(chars: &[(usize, char)], at: usize) -> bool {
    let before = chars[..at].iter().rev().map(|(_, c)| *c);
    let run = before.clone().take_while(|c| c.is_ascii_digit() || *c == ' ').count();
    before.clone().next().is_some_and(|c| c.is_ascii_digit() || c == '+')
        || run > 0 && before.clone().nth(run) == Some('+')
}

fn byte(chars: &[(usize, char)], text: &str, at: usize) -> usize {
    chars.get(at).map_or(text.len(), |(byte, _)| *byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(number: &str, text: &str) -> Vec<String> {
        let spelling = Spelling::of(&number.parse().unwrap());
        spelling.find(text).into_iter().map(|at| text[at].to_owned()).collect()
    }

    #[test]
    fn a_number_is_found_in_every_usual_spelling() {
        for text in [
            "01 99 00 00 01",
            "01.99.00.00.01",
            "0199000001",
            "01\u{a0}99\u{a0}00\u{a0}00\u{a0}01",
            "+33 1 99 00 00 01",
            "0033 (0)1 99 00 00 01",
            "+33 (0) 1 99-00-00-01",
            "(01) 99 00 00 01",
        ] {
            let page = format!("Call {text}, today");
            assert_eq!(found("+33199000001", &page).len(), 1, "{text}");
        }
        assert_eq!(found("+12025550123", "1-202-555-0123 or (202) 555-0123").len(), 2);
    }

    #[test]
    fn what_is_another_number_is_not_found() {
        for text in
            ["101 99 00 00 01", "01 99 00 00 012", "+32 01 99 00 00 01", "01_99_00_00_01", "01 99 00 00 02"]
        {
            assert_eq!(found("+33199000001", text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(found("+4930123456", "030 123456-78"), Vec::<String>::new(), "an extension");
        assert_eq!(found("+4930123456", "030 123456").len(), 1);
    }

    #[test]
    fn an_odd_spelling_is_found_by_its_digits_alone() {
        let spelling = Spelling::of(&"+33199000001".parse().unwrap());
        let loosely = |text: &str| spelling.find_loosely(text).len();

        assert_eq!(
            (loosely("01_99_00_00_01"), loosely("01 | 99 | 00 | 00 | 01"), loosely("01 99 00 00 012")),
            (1, 1, 0)
        );
    }
}
