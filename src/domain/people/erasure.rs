//! A person is forgotten (RGPD art. 17).
//!
//! Their calls keep time, outcome and channel and are nobody's any more; their visits keep channel and campaign. What
//! was said, heard or read of them goes: names, identities, pages, events, recordings, ladders, what they did.
//! The lines of the consent ledger stay on an empty shell: they show that what was done was allowed (art. 17(3) e).
//!
//! Nobody has asked to be forgotten whose time is over: they leave no tombstone, and may be written of again.
//!
//! A *tombstone* keeps an identity from coming back with the next import of an old file. It has a keyed hash and not the
//! identity. The key stands in the same database, so whoever has that can still find out by trying every number (RGPD
//! art. 4(5)): it is kept for nothing else than to refuse.

use std::collections::BTreeMap;

use ring::hmac;
use serde::{Deserialize, Serialize};

use super::contact::Identity;
use crate::domain::calling::outcome::words;
use crate::domain::ids::ContactId;
use crate::domain::time::Timestamp;

/// That somebody was forgotten.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Erasure {
    pub contact: ContactId,
    pub at: Timestamp,
    /// As [`Accessor`](crate::domain::calling::recording::Accessor) prints, or `replay`.
    pub by: String,
    pub why: Why,
    pub touched: Touched,
}

/// How many rows of which table are changed or deleted.
pub type Touched = BTreeMap<String, u64>;

/// Why somebody is forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// They asked for it (art. 17(1)).
    Request,
    /// They object to what is done with their data (art. 21).
    Objection,
    /// The time for which it may be kept is over (art. 5(1) e).
    Retention,
}

words! { Why:
    Request = "request",
    Objection = "objection",
    Retention = "retention",
}

/// How an identity stands among the tombstones: HMAC-SHA256 of its kind and value, lower-case hex.
pub fn tombstone(key: &str, identity: &Identity) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let said = format!("{} {}", identity.kind(), identity.reveal());
    base16ct::lower::encode_string(hmac::sign(&key, said.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tombstone_is_of_one_identity_and_one_key() {
        let phone = Identity::Phone("+33639980001".parse().unwrap());
        let other = Identity::Phone("+33639980002".parse().unwrap());

        assert_eq!(tombstone("a", &phone), tombstone("a", &phone));
        assert_ne!(tombstone("a", &phone), tombstone("b", &phone));
        assert_ne!(tombstone("a", &phone), tombstone("a", &other));
        assert!(!tombstone("a", &phone).contains("639980001"));
    }
}
