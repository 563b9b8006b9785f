//! Who knocks in vain, how often, and when they are answered no more.
//!
//! | what an address does | what is counted | what follows above the limit |
//! |---|---|---|
//! | belongs to no trunk | requests | it never heard anything anyhow |
//! | may be anybody's, and is asked for a login | challenges without a right answer | it is asked no more; a right answer is still heard |
//! | brings a wrong login, for a nonce of ours | wrong logins | no login of it is looked at |
//! | has proven a login and dials what is not ours | different numbers | *such* numbers get no answer; ours ring as ever |
//!
//! A trunk that is known by its range or certificate alone is not counted: a
//! carrier passes on what people dial, a number that is gone is dialled for
//! years, and silence would make the carrier think that the gateway is down.
//! The same holds within the last row, where one number dialled again and
//! again is one miss, and a number of ours always rings: nobody who shares a
//! PBX with a scanner loses a call.
//!
//! Only the first two rows can be played under a false address; they cost the
//! address at most its challenges, not its right answers, and an address that
//! has lately proven itself is asked as often as it likes.
//!
//! Everything is bounded: when one address too many comes, the one that was
//! not heard of for longest is forgotten.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::domain::calling::stranger::Stranger;
use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;

/// Addresses that are remembered.
pub const ADDRESSES_MAX: usize = 4_096;
/// Different numbers of one address that are told apart.
const NUMBERS_MAX: usize = 128;
/// How long an address counts as proven after a right login.
const PROVEN: Duration = Duration::from_secs(60 * 60);

/// How much is borne.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// Misses of one kind; 0: any number.
    pub misses: u32,
    /// How long the silence lasts, and after how long misses are forgotten.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { misses: 10, silence: Duration::from_secs(600) }
    }
}

pub struct Strangers {
    patience: Patience,
    known: HashMap<IpAddr, Known>,
    /// The addresses in the order in which they were last heard of.
    order: BTreeMap<u64, IpAddr>,
    turns: u64,
}

struct Known {
    turn: u64,
    first: Timestamp,
    last: Timestamp,
    ignored: u64,
    challenges: Misses,
    logins: Misses,
    numbers: Misses,
    /// Hashes of the numbers that were counted.
    dialled: Vec<u64>,
    proven: Option<(TrunkId, Timestamp)>,
}

/// Misses of one kind, as long as they are fresh.
#[derive(Clone, Copy, Default)]
struct Misses {
    count: u32,
    last: Option<Timestamp>,
}

impl Misses {
    fn fresh(self, patience: Patience, now: Timestamp) -> u32 {
        let is_fresh = self.last.is_some_and(|last| now.since(last) < patience.silence);
        if is_fresh { self.count } else { 0 }
    }

    fn add(&mut self, patience: Patience, now: Timestamp) {
        self.count = self.fresh(patience, now).saturating_add(1);
        self.last = Some(now);
    }

    fn silent_until(self, patience: Patience, now: Timestamp) -> Option<Timestamp> {
        let is_over = patience.misses > 0 && self.fresh(patience, now) >= patience.misses;
        self.last.filter(|_| is_over).map(|last| last + patience.silence)
    }
}

impl Strangers {
    pub fn new(patience: Patience) -> Self {
        Self { patience, known: HashMap::new(), order: BTreeMap::new(), turns: 0 }
    }

    pub fn change(&mut self, patience: Patience) {
        self.patience = patience;
    }

    /// A request got no answer.
    pub fn ignored(&mut self, address: IpAddr, now: Timestamp) {
        self.touch(address, now).ignored += 1;
    }

    /// Somebody who may be anybody wants to be asked for a login: whether they
    /// are, which counts until the right answer comes.
    pub fn may_be_asked(&mut self, address: IpAddr, now: Timestamp) -> bool {
        let patience = self.patience;
        let known = self.touch(address, now);
        if is_proven(known, now) {
            return true;
        }
        if known.challenges.silent_until(patience, now).is_some() {
            return false;
        }
        known.challenges.add(patience, now);
        true
    }

    /// A wrong login, for a nonce that this address was given.
    pub fn failed(&mut self, address: IpAddr, now: Timestamp) {
        let patience = self.patience;
        self.touch(address, now).logins.add(patience, now);
    }

    /// Whether no login of this address is looked at.
    pub fn is_shut_out(&self, address: IpAddr, now: Timestamp) -> bool {
        self.find(address).is_some_and(|known| known.logins.silent_until(self.patience, now).is_some())
    }

    /// A right login.
    pub fn proved(&mut self, address: IpAddr, trunk: &TrunkId, now: Timestamp) {
        let known = self.touch(address, now);
        (known.challenges, known.logins) = (Misses::default(), Misses::default());
        known.proven = Some((trunk.clone(), now));
    }

    /// Whether this address has lately brought a right login.
    pub fn is_proven(&self, address: IpAddr, now: Timestamp) -> bool {
        self.find(address).is_some_and(|known| is_proven(known, now))
    }

    /// A number was dialled that is not ours.
    pub fn missed(&mut self, address: IpAddr, number: &str, now: Timestamp) {
        let patience = self.patience;
        let known = self.touch(address, now);
        if known.numbers.fresh(patience, now) == 0 {
            known.dialled.clear();
        }
        let mut hash = DefaultHasher::new();
        number.hash(&mut hash);
        let hash = hash.finish();
        if known.dialled.contains(&hash) {
            return;
        }
        if known.dialled.len() < NUMBERS_MAX {
            known.dialled.push(hash);
        }
        known.numbers.add(patience, now);
    }

    /// Whether numbers that are not ours get no answer.
    pub fn hides_numbers(&self, address: IpAddr, now: Timestamp) -> bool {
        self.find(address).is_some_and(|known| known.numbers.silent_until(self.patience, now).is_some())
    }

    /// Whoever has knocked in vain, the latest first.
    pub fn list(&self, now: Timestamp) -> Vec<Stranger> {
        let known = self.order.values().rev().filter_map(|address| Some((address, self.known.get(address)?)));
        let counted = known.map(|(address, known)| {
            let misses = [known.challenges, known.logins, known.numbers];
            Stranger {
                address: *address,
                first_at: known.first,
                last_at: known.last,
                ignored: known.ignored,
                unanswered: known.challenges.fresh(self.patience, now),
                wrong_logins: known.logins.fresh(self.patience, now),
                numbers: known.numbers.fresh(self.patience, now),
                trunk: known.proven.as_ref().map(|(trunk, _)| trunk.clone()),
                silent_until: misses.iter().filter_map(|m| m.silent_until(self.patience, now)).max(),
            }
        });
        let is_one = |s: &Stranger| s.ignored > 0 || s.unanswered + s.wrong_logins + s.numbers > 0;
        counted.filter(is_one).collect()
    }

    fn find(&self, address: IpAddr) -> Option<&Known> {
        self.known.get(&source(address))
    }

    /// What is known of an address, which was just heard of.
    fn touch(&mut self, address: IpAddr, now: Timestamp) -> &mut Known {
        let address = source(address);
        self.turns += 1;
        let turn = self.turns;
        if !self.known.contains_key(&address)
            && self.known.len() >= ADDRESSES_MAX
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.known.remove(&oldest);
        }
        let known = self.known.entry(address).or_insert_with(|| Known {
            turn,
            first: now,
            last: now,
            ignored: 0,
            challenges: Misses::default(),
            logins: Misses::default(),
            numbers: Misses::default(),
            dialled: Vec::new(),
            proven: None,
        });
        self.order.remove(&known.turn);
        self.order.insert(turn, address);
        (known.turn, known.last) = (turn, now);
        known
    }
}

fn is_proven(known: &Known, now: Timestamp) -> bool {
    known.proven.as_ref().is_some_and(|(_, at)| now.since(*at) < PROVEN)
}

/// Who is counted: an IPv4 address, or the /64 that somebody has all of.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests;
