//! A key of a telephone, and keys one after the other.

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
    fn a_sequence_has_one_to_four_keys() {
        for bad in ["", "12345", "x", "* 7"] {
            assert_eq!(bad.parse::<Sequence>(), Err(BadSequence), "{bad}");
        }
        assert_eq!(String::from("*7a".parse::<Sequence>().unwrap()), "*7A");
    }
}
