//! The nonces that we give out, and how often each was used.
//!
//! A nonce carries its own proof: when it was given, to which address, and a
//! keyed hash of both. So a challenge leaves nothing behind here, however many
//! are asked for. Only a nonce that was *rightly* answered is remembered, with
//! the counts that came with it, so that nobody can play an answer again.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use crate::domain::time::Timestamp;

/// How long a nonce may be answered. A peer that counts its uses spares itself
/// the challenge of further calls for so long.
pub const LIFETIME: Duration = Duration::from_secs(300);
/// Nonces whose uses are remembered. When one more comes the oldest is
/// forgotten, and with it everything older counts as out of date.
pub const USED_MAX: usize = 8_192;
/// Packets overtake each other: a count may be this much behind the highest.
const WINDOW: u32 = 64;

/// When it was given, in milliseconds, and which one of all that was.
pub type Serial = (i64, u32);

const TIME: usize = size_of::<i64>();
const SERIAL: usize = TIME + size_of::<u32>();
/// Half of a SHA-256 cannot be guessed either.
const PROOF: usize = 16;

pub struct Nonces {
    key: hmac::Key,
    given: u32,
    used: BTreeMap<Serial, Counts>,
    /// Up to here nothing is remembered any more.
    forgotten: Option<Serial>,
}

/// The counts that came with a nonce (`nc`): the highest, and which of the
/// [`WINDOW`] up to it, the highest in the lowest bit.
struct Counts {
    highest: u32,
    seen: u64,
}

impl Nonces {
    pub fn new(key: &[u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        Self { key, given: 0, used: BTreeMap::new(), forgotten: None }
    }

    /// A nonce for whoever asks from this address.
    pub fn give(&mut self, address: IpAddr, now: Timestamp) -> Box<[u8]> {
        self.given = self.given.wrapping_add(1);
        let mut nonce = [&now.as_ms().to_be_bytes()[..], &self.given.to_be_bytes()].concat();
        let proof = self.proof(&nonce, address);
        nonce.extend_from_slice(&proof.as_ref()[..PROOF]);
        URL_SAFE_NO_PAD.encode(nonce).into_bytes().into()
    }

    /// Which nonce of ours this is; `None` when it is none, is somebody
    /// else's or is out of date. All of them are made good by a new one.
    pub fn find(&self, nonce: &[u8], address: IpAddr, now: Timestamp) -> Option<Serial> {
        let nonce = URL_SAFE_NO_PAD.decode(nonce).ok().filter(|nonce| nonce.len() == SERIAL + PROOF)?;
        let (serial, claimed) = nonce.split_at(SERIAL);
        let proof = self.proof(serial, address);
        // Which byte differs tells nobody anything: the proof is of a text that the sender
        // cannot choose without us.
        if proof.as_ref()[..PROOF] != *claimed {
            return None;
        }
        let (time, nth) = serial.split_first_chunk::<TIME>()?;
        let serial = (i64::from_be_bytes(*time), u32::from_be_bytes(nth.try_into().ok()?));
        let given = Timestamp::from_ms(serial.0);
        let is_fresh = given <= now && now.since(given) < LIFETIME && Some(serial) > self.forgotten;
        is_fresh.then_some(serial)
    }

    /// Uses a nonce, which was rightly answered: `false` when that answer has
    /// come before. Without a count (RFC 2069) it may be used once.
    pub fn spend(&mut self, serial: Serial, count: Option<u32>, now: Timestamp) -> bool {
        self.forget(now);
        if let Some(counts) = self.used.get_mut(&serial) {
            return count.is_some_and(|count| counts.take(count));
        }
        if count == Some(0) {
            return false;
        }
        let highest = count.unwrap_or(u32::MAX);
        self.used.insert(serial, Counts { highest, seen: 1 });
        while self.used.len() > USED_MAX {
            self.forgotten = self.used.pop_first().map(|(serial, _)| serial);
        }
        true
    }

    /// What is out of date is refused for its age.
    fn forget(&mut self, now: Timestamp) {
        while let Some(oldest) = self.used.first_entry()
            && now.since(Timestamp::from_ms(oldest.key().0)) >= LIFETIME
        {
            oldest.remove();
        }
    }

    fn proof(&self, serial: &[u8], address: IpAddr) -> hmac::Tag {
        let address = match address.to_canonical() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        hmac::sign(&self.key, &[serial, &address.octets()].concat())
    }
}

impl Counts {
    fn take(&mut self, count: u32) -> bool {
        if count > self.highest {
            let ahead = count - self.highest;
            self.seen = if ahead < WINDOW { (self.seen << ahead) | 1 } else { 1 };
            self.highest = count;
            return true;
        }
        let behind = self.highest - count;
        if count == 0 || behind >= WINDOW || self.seen & (1 << behind) != 0 {
            return false;
        }
        self.seen |= 1 << behind;
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(1_000_000 + ms)
    }

    fn lifetime() -> i64 {
        i64::try_from(LIFETIME.as_millis()).unwrap()
    }

    #[test]
    fn a_nonce_is_good_where_it_was_given_and_for_a_while() {
        let mut nonces = Nonces::new(&[1; 32]);
        let nonce = nonces.give(HERE, at(0));
        let there = "192.0.2.2".parse().unwrap();

        assert!(nonces.find(&nonce, HERE, at(0)).is_some());
        assert!(nonces.find(&nonce, "::ffff:192.0.2.1".parse().unwrap(), at(1)).is_some());
        assert!(nonces.find(&nonce, HERE, at(lifetime() - 1)).is_some());
        assert_eq!(nonces.find(&nonce, HERE, at(lifetime())), None, "out of date");
        assert_eq!(nonces.find(&nonce, HERE, at(-1)), None, "from the future");
        assert_eq!(nonces.find(&nonce, there, at(0)), None, "somebody else's");
        assert_eq!(Nonces::new(&[2; 32]).find(&nonce, HERE, at(0)), None, "another gateway's");
        for at_byte in 0..nonce.len() {
            let mut forged = nonce.to_vec();
            forged[at_byte] = if forged[at_byte] == b'A' { b'B' } else { b'A' };
            assert_eq!(nonces.find(&forged, HERE, at(0)), None, "byte {at_byte}");
        }
        assert_ne!(nonce, nonces.give(HERE, at(0)), "two askers at one time");
    }

    #[test]
    fn an_answer_counts_once() {
        let mut nonces = Nonces::new(&[1; 32]);
        let nonce = nonces.give(HERE, at(0));
        let serial = nonces.find(&nonce, HERE, at(0)).unwrap();

        for (count, is_taken) in [
            (1, true),
            (1, false),
            (3, true),
            (2, true),
            (2, false),
            (0, false),
            (70, true),
            (6, false),
            (7, true),
        ] {
            assert_eq!(nonces.spend(serial, Some(count), at(0)), is_taken, "{count}");
        }
        assert!(!nonces.spend(serial, None, at(0)), "an answer without a count to a nonce that was used");
    }

    #[test]
    fn without_a_count_a_nonce_is_used_up_at_once() {
        let mut nonces = Nonces::new(&[1; 32]);
        let nonce = nonces.give(HERE, at(0));
        let serial = nonces.find(&nonce, HERE, at(0)).unwrap();

        assert!(nonces.spend(serial, None, at(0)));
        assert!(!nonces.spend(serial, None, at(0)));
        assert!(!nonces.spend(serial, Some(2), at(0)));
    }

    #[test]
    fn what_was_forgotten_for_lack_of_room_is_out_of_date() {
        let mut nonces = Nonces::new(&[1; 32]);
        let first = nonces.give(HERE, at(0));
        for ms in 0..=USED_MAX {
            let nonce = if ms == 0 { first.clone() } else { nonces.give(HERE, at(ms as i64 / 100)) };
            let serial = nonces.find(&nonce, HERE, at(100)).unwrap();
            assert!(nonces.spend(serial, Some(1), at(100)));
        }

        assert_eq!(nonces.used.len(), USED_MAX);
        assert_eq!(nonces.find(&first, HERE, at(100)), None);

        nonces.spend((at(lifetime() * 2).as_ms(), 1), Some(1), at(lifetime() * 2));
        assert_eq!(nonces.used.len(), 1, "what is out of date goes");
    }

    proptest! {
        /// Whatever the order: no count is taken twice, and none is refused
        /// that is new and not too far behind.
        #[test]
        fn no_count_is_taken_twice(counts in proptest::collection::vec(0u32..200, 1..100)) {
            let mut nonces = Nonces::new(&[1; 32]);
            let (mut taken, mut highest) = (BTreeSet::new(), 0);
            for count in counts {
                let is_taken = nonces.spend((0, 1), Some(count), Timestamp::from_ms(0));

                let is_new = count > 0 && !taken.contains(&count);
                prop_assert!(!is_taken || is_new);
                prop_assert!(is_taken || !is_new || highest - count >= WINDOW);
                if is_taken {
                    taken.insert(count);
                    highest = highest.max(count);
                }
            }
        }
    }
}
