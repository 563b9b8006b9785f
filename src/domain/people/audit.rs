//! The audit log: who has asked to read or to change what is known of people.
//!
//! A controller must be able to show what it does with data of people (RGPD art. 5(2)), and
//! a leak is found by who has read what (art. 32, 33). An entry is written *before* what was asked for is done,
//! so nothing is read that does not stand here; an entry therefore says what was asked for, not that it came about.
//! Entries name people by their ids only.
//!
//! Each entry is sealed with the hash of the one before it. Whoever changes, takes out or puts in
//! an entry later must make anew every hash after it, and then the last one is no longer the one that was noted
//! elsewhere ([`Link::is`]).
//!
//! ```text
//!   start ──► hash 1 = H(start, entry 1) ──► hash 2 = H(hash 1, entry 2) ──► … ──► head
//! ```

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::calling::outcome::words;
use crate::domain::ids::AuditId;
use crate::domain::time::Timestamp;

/// One thing that somebody asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub id: AuditId,
    pub at: Timestamp,
    /// As [`Accessor`](crate::domain::calling::recording::Accessor) prints.
    pub who: String,
    pub what: Action,
    /// What kind of thing: `contact`, `call` …
    pub kind: String,
    /// Which one; `None`: a list of them, or one that had no id yet.
    pub subject: Option<String>,
}

/// What was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Read,
    List,
    Write,
    Delete,
}

words! { Action:
    Read = "read",
    List = "list",
    Write = "write",
    Delete = "delete",
}

/// An entry in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    pub entry: Entry,
    pub link: Link,
}

/// A place in the chain: how many entries there are up to it, and the hash over all of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    pub seq: i64,
    /// Lower-case hex; empty before the first entry.
    pub hash: String,
}

/// The chain does not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Broken {
    #[error("entry {expected} is missing, the next one is {found}")]
    Missing { expected: i64, found: i64 },
    #[error("entry {seq} is not what was sealed, or one before it was")]
    Changed { seq: i64 },
    #[error("the chain ends at entry {found}, and {expected} were sealed")]
    CutOff { expected: i64, found: i64 },
    #[error("entry {seq} does not have the hash that was noted: the chain was made anew")]
    MadeAnew { seq: i64 },
}

impl Link {
    /// The place after this one, once `entry` stands there.
    pub fn seal(&self, entry: &Entry) -> Link {
        let mut hash = Sha256::new();
        let at = entry.at.as_ms().to_string();
        let id = entry.id.to_string();
        let subject = entry.subject.as_deref().unwrap_or_default();
        for part in [&self.hash, &id, &at, &entry.who, entry.what.as_str(), &entry.kind, subject] {
            // With its length before it, no part passes for the end of another.
            hash.update(format!("{}:", part.len()));
            hash.update(part);
        }
        Link { seq: self.seq + 1, hash: base16ct::lower::encode_string(&hash.finalize()) }
    }

    /// Goes on to the next entry, if it is the one that was sealed after this one.
    pub fn follow(&self, next: &Sealed) -> Result<Link, Broken> {
        let link = self.seal(&next.entry);
        if next.link.seq != link.seq {
            return Err(Broken::Missing { expected: link.seq, found: next.link.seq });
        }
        if next.link != link {
            return Err(Broken::Changed { seq: link.seq });
        }
        Ok(link)
    }

    /// Holds a place that was noted elsewhere against this one.
    pub fn is(&self, noted: &Link) -> Result<(), Broken> {
        if self.seq == noted.seq && self.hash != noted.hash {
            return Err(Broken::MadeAnew { seq: self.seq });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u128) -> Entry {
        Entry {
            id: AuditId(uuid::Uuid::from_u128(id)),
            at: Timestamp::from_ms(1_000),
            who: "key:1".to_owned(),
            what: Action::Read,
            kind: "contact".to_owned(),
            subject: Some("7".to_owned()),
        }
    }

    fn chain(entries: &[Entry]) -> Vec<Sealed> {
        let mut link = start();
        let mut all = Vec::new();
        for entry in entries {
            link = link.seal(entry);
            all.push(Sealed { entry: entry.clone(), link: link.clone() });
        }
        all
    }

    fn start() -> Link {
        Link { seq: 0, hash: String::new() }
    }

    fn check(all: &[Sealed]) -> Result<Link, Broken> {
        all.iter().try_fold(start(), |link, next| link.follow(next))
    }

    #[test]
    fn what_was_sealed_is_followed_to_its_end() {
        let all = chain(&[entry(1), entry(2), entry(3)]);

        assert_eq!(check(&all), Ok(all[2].link.clone()));
    }

    /// The hash is a promise to whoever notes it: this one was reckoned apart, with Python's hashlib.
    #[test]
    fn the_hash_is_over_the_parts_with_their_lengths() {
        let link = start().seal(&entry(1));

        assert_eq!(link.hash, EXPECTED);
    }

    const EXPECTED: &str = "d5b708fa544b97e010ba790a8e9f474645d8c80b3e92dea433597d9596adfb75";

    #[test]
    fn whatever_of_an_entry_is_changed_breaks_the_chain() {
        let changes: [fn(&mut Entry); 6] = [
            |it| it.id = AuditId(uuid::Uuid::from_u128(9)),
            |it| it.at = Timestamp::from_ms(1_001),
            |it| it.who = "key:2".to_owned(),
            |it| it.what = Action::List,
            |it| it.kind = "call".to_owned(),
            |it| it.subject = None,
        ];
        for change in changes {
            let mut all = chain(&[entry(1), entry(2), entry(3)]);
            change(&mut all[1].entry);

            assert_eq!(check(&all), Err(Broken::Changed { seq: 2 }));
        }
    }

    #[test]
    fn an_entry_that_is_taken_out_or_moved_is_missed() {
        let mut all = chain(&[entry(1), entry(2), entry(3)]);
        all.remove(1);
        assert_eq!(check(&all), Err(Broken::Missing { expected: 2, found: 3 }));

        let mut all = chain(&[entry(1), entry(2), entry(3)]);
        all.swap(1, 2);
        assert_eq!(check(&all), Err(Broken::Missing { expected: 2, found: 3 }));
    }

    #[test]
    fn a_chain_that_was_made_anew_is_not_the_one_that_was_noted() {
        let noted = chain(&[entry(1), entry(2)])[1].link.clone();
        let anew = chain(&[entry(1), entry(8)]);

        let end = check(&anew).unwrap();

        assert_eq!(end.is(&noted), Err(Broken::MadeAnew { seq: 2 }));
    }
}
