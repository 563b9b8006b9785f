//! A key of a telephone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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

/// Without what it is: somebody may be spelling the number of a card.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}
