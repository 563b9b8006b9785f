//! Tags, branches and Call-IDs: unique, and not to be guessed from outside.
//!
//! Whoever can guess a tag can end a stranger's call. So each is a keyed hash
//! of a counter; the key is drawn once and handed in, which keeps this pure.

use std::fmt::Write;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::domain::ids::{CallId, uuid_v7};
use crate::domain::time::Timestamp;
use crate::sip::transaction::key::MAGIC_COOKIE;

/// Sixteen hex digits of a tag hold 64 bits (RFC 3261 §19.3 asks for 32).
const HEX: usize = 16;

pub struct Chance {
    key: [u8; 32],
    drawn: u64,
}

impl Chance {
    pub fn new(key: [u8; 32]) -> Self {
        Self { key, drawn: 0 }
    }

    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update(self.drawn.to_be_bytes());
        hash.finalize().into()
    }

    fn hex(&mut self, prefix: &str, suffix: &str) -> Bytes {
        let bytes = self.draw();
        let mut text = String::with_capacity(prefix.len() + HEX + suffix.len());
        text.push_str(prefix);
        for byte in &bytes[..HEX / 2] {
            let _ = write!(text, "{byte:02x}");
        }
        text.push_str(suffix);
        Bytes::from(text)
    }

    pub fn tag(&mut self) -> Bytes {
        self.hex("", "")
    }

    pub fn branch(&mut self) -> Bytes {
        let cookie = std::str::from_utf8(MAGIC_COOKIE).unwrap_or_default();
        self.hex(cookie, "")
    }

    /// Names no host: where the gateway stands is nobody's business.
    pub fn sip_call_id(&mut self) -> Bytes {
        self.hex("", "@whence")
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        let bytes = self.draw();
        let number: &[u8; 8] = bytes.first_chunk().unwrap_or(&[0; 8]);
        u64::from_be_bytes(*number) % n
    }

    pub fn call_id(&mut self, now: Timestamp) -> CallId {
        let bytes = self.draw();
        let chance: &[u8; 10] = bytes.first_chunk().unwrap_or(&[0; 10]);
        CallId(uuid_v7(now, chance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_twice_and_another_key_draws_otherwise() {
        let (mut a, mut b) = (Chance::new([1; 32]), Chance::new([2; 32]));

        let drawn = [a.tag(), a.tag(), b.tag(), b.tag()];

        for (i, tag) in drawn.iter().enumerate() {
            assert_eq!(tag.len(), HEX);
            assert!(!drawn[i + 1..].contains(tag));
        }
    }
}
