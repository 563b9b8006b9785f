//! A key of a telephone, keys one after the other, and one key told twice.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// A digit, `*`, `#`, or `A` to `D` (RFC 4733 §3.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(u8);

/// By which a caller refuses to be recorded.
pub const REFUSAL: Key = Key(b'*');

/// By which a caller ends the message that they leave.
pub const DONE: Key = Key(b'#');

impl Key {
    pub fn new(key: u8) -> Option<Self> {
        let key = key.to_ascii_uppercase();
        matches!(key, b'0'..=b'9' | b'*' | b'#' | b'A'..=b'D').then_some(Self(key))
    }
}

/// The text is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no key of a telephone; it has 0 to 9, * and #")]
pub struct BadKey;

impl FromStr for Key {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let [key] = text.as_bytes() else { return Err(BadKey) };
        Key::new(*key).ok_or(BadKey)
    }
}

impl TryFrom<String> for Key {
    type Error = BadKey;

    fn try_from(text: String) -> Result<Self, BadKey> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        char::from(key.0).to_string()
    }
}

/// Keys that are pressed one after the other, for instance `*7`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sequence(Vec<Key>);

/// The text is no sequence of keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("one to four keys of a telephone, for instance *7")]
pub struct BadSequence;

impl FromStr for Sequence {
    type Err = BadSequence;

    fn from_str(text: &str) -> Result<Self, BadSequence> {
        let keys: Option<Vec<Key>> = text.bytes().map(Key::new).collect();
        keys.filter(|keys| (1..=4).contains(&keys.len())).map(Self).ok_or(BadSequence)
    }
}

impl TryFrom<String> for Sequence {
    type Error = BadSequence;

    fn try_from(text: String) -> Result<Self, BadSequence> {
        text.parse()
    }
}

impl From<Sequence> for String {
    fn from(sequence: Sequence) -> Self {
        sequence.0.iter().map(|key| char::from(key.0)).collect()
    }
}

impl Sequence {
    /// The keys that it is made of.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }
}

/// From one key of a sequence to the next; who takes longer begins anew.
const NEXT_KEY: Duration = Duration::from_secs(3);

/// How far somebody has come with a sequence.
#[derive(Debug)]
pub struct Pressing {
    sequence: Sequence,
    pressed: usize,
    at: Timestamp,
}

impl Pressing {
    pub fn of(sequence: Sequence) -> Self {
        Self { sequence, pressed: 0, at: Timestamp::from_ms(0) }
    }

    pub fn sequence(&self) -> &Sequence {
        &self.sequence
    }

    /// A key is pressed; whether it completes the sequence.
    pub fn completes(&mut self, key: Key, now: Timestamp) -> bool {
        if now.since(self.at) > NEXT_KEY {
            self.pressed = 0;
        }
        self.at = now;
        let keys = &self.sequence.0;
        self.pressed = if keys[self.pressed] == key { self.pressed + 1 } else { usize::from(keys[0] == key) };
        let is_complete = self.pressed == keys.len();
        if is_complete {
            self.pressed = 0;
        }
        is_complete
    }
}

/// How a leg tells that a key is pressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// Among its sound: as an event (RFC 4733), or a tone.
    Sound,
    /// Beside it (INFO, RFC 6086).
    Info,
}

/// A key that comes in the other way within this is the same: an INFO comes when the key goes down
/// or when it is let go.
const SAME_KEY: Duration = Duration::from_millis(400);

/// The latest key that a leg has told of. Some tell each key in both ways.
#[derive(Default, Debug)]
pub struct Told(Option<(Key, By, Timestamp)>);

impl Told {
    /// A leg tells of a key; whether it had not told of that already, in the other way.
    pub fn is_new(&mut self, key: Key, by: By, now: Timestamp) -> bool {
        let is_same =
            self.0.is_some_and(|(latest, how, at)| latest == key && how != by && now.since(at) <= SAME_KEY);
        if !is_same {
            self.0 = Some((key, by, now));
        }
        !is_same
    }
}

/// Without what it is: somebody may be spelling the number of a card.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_is_complete_when_its_keys_come_in_order_and_in_time() {
        /// A key, and when it is pressed in milliseconds.
        type Press = (i64, u8);
        let cases: [(&str, &[Press], &[bool]); 6] = [
            ("*7", &[(1_000, b'*'), (2_000, b'7')], &[false, true]),
            ("*7", &[(1_000, b'*'), (4_001, b'7')], &[false, false]),
            ("*7", &[(1_000, b'*'), (2_000, b'*'), (3_000, b'7')], &[false, false, true]),
            ("*7", &[(1_000, b'*'), (2_000, b'1'), (3_000, b'7')], &[false, false, false]),
            ("9", &[(1_000, b'9'), (2_000, b'9')], &[true, true]),
            ("77", &[(1_000, b'7'), (2_000, b'7'), (3_000, b'7')], &[false, true, false]),
        ];
        for (sequence, keys, expected) in cases {
            let mut pressing = Pressing::of(sequence.parse().unwrap());
            let done = keys
                .iter()
                .map(|(ms, key)| pressing.completes(Key::new(*key).unwrap(), Timestamp::from_ms(*ms)));
            assert_eq!(done.collect::<Vec<_>>(), expected, "{sequence} {keys:?}");
        }
    }

    #[test]
    fn a_key_that_is_told_in_both_ways_counts_once() {
        use By::{Info, Sound};
        /// When in milliseconds, which key, how, and whether it is new.
        type Tell = (i64, u8, By, bool);
        let cases: [&[Tell]; 7] = [
            &[(0, b'1', Sound, true), (50, b'1', Info, false)],
            &[(0, b'1', Info, true), (400, b'1', Sound, false)],
            &[(0, b'1', Sound, true), (401, b'1', Info, true)],
            &[(0, b'1', Sound, true), (50, b'2', Info, true)],
            &[(0, b'1', Sound, true), (50, b'1', Sound, true)],
            // Twice the same key, and each in both ways, in either order.
            &[
                (0, b'1', Sound, true),
                (20, b'1', Info, false),
                (200, b'1', Sound, true),
                (220, b'1', Info, false),
            ],
            &[
                (0, b'1', Sound, true),
                (20, b'1', Info, false),
                (200, b'1', Info, false),
                (220, b'1', Sound, true),
            ],
        ];
        for case in cases {
            let mut told = Told::default();
            let new = case
                .iter()
                .map(|(ms, key, by, _)| told.is_new(Key::new(*key).unwrap(), *by, Timestamp::from_ms(*ms)));
            let expected = case.iter().map(|(.., is_new)| *is_new);
            assert_eq!(new.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{case:?}");
        }
    }

    #[test]
    fn a_sequence_has_one_to_four_keys() {
        for bad in ["", "12345", "x", "* 7"] {
            assert_eq!(bad.parse::<Sequence>(), Err(BadSequence), "{bad}");
        }
        assert_eq!(String::from("*7a".parse::<Sequence>().unwrap()), "*7A");
    }
}
