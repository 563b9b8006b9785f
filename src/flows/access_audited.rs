//! Somebody asks to read or to change what is known of people: that is written down first.

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::AuditId;
use crate::domain::people::audit::{Action, Broken, Entry, Link};
use crate::store::Store;
use crate::store::audit::Ends;

/// How many entries are read at a time.
const BATCH: i64 = 1_000;

/// Only on its return may anything be read or changed.
pub async fn access_audited(
    store: &Store,
    clock: &Clock,
    who: Accessor,
    what: Action,
    kind: &str,
    subject: Option<String>,
) -> Result<(), FlowError> {
    let (id, at) = (AuditId(clock.new_id()), clock.now());
    let entry = Entry { id, at, who: who.to_string(), what, kind: kind.to_owned(), subject };
    Ok(store.write_together(entry).await?)
}

/// What following the chain from its start to its end has shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    pub ends: Ends,
    /// How many entries hold.
    pub entries: u64,
    /// How many have come too lately to be sealed.
    pub unsealed: i64,
    /// Where it does not hold; `None`: it does.
    pub broken: Option<Broken>,
    /// The place that was noted is in the chain; `None`: nobody has asked, or its time is over.
    pub noted: Option<bool>,
}

/// Follows the chain, and looks whether it goes through a place that was `noted` elsewhere.
pub async fn audit_verified(store: &Store, noted: Option<&Link>) -> Result<Verified, FlowError> {
    let verified = follow(store, noted).await?;
    // Its beginning may have been forgotten since its ends were asked for.
    let has_moved = store.find_audit_ends().await?.start != verified.ends.start;
    if verified.broken.is_some() && has_moved { follow(store, noted).await } else { Ok(verified) }
}

async fn follow(store: &Store, noted: Option<&Link>) -> Result<Verified, FlowError> {
    let ends = store.find_audit_ends().await?;
    let mut verified =
        Verified { unsealed: store.count_unsealed().await?, ends, entries: 0, broken: None, noted: None };
    let mut link = verified.ends.start.clone();
    loop {
        let batch = store.list_sealed(link.seq, BATCH).await?;
        if batch.is_empty() {
            break;
        }
        for next in &batch {
            let held = link.follow(next).and_then(|after| {
                noted.map_or(Ok(()), |noted| after.is(noted))?;
                Ok(after)
            });
            match held {
                Ok(after) => link = after,
                Err(broken) => return Ok(Verified { broken: Some(broken), ..verified }),
            }
            verified.entries += 1;
            if noted.is_some_and(|noted| noted.seq == link.seq) {
                verified.noted = Some(true);
            }
        }
    }
    // Others may have been sealed since its end was asked for.
    let head = &verified.ends.head;
    if link.seq < head.seq || noted.is_some_and(|noted| noted.seq > link.seq) {
        let expected = noted.map_or(head.seq, |noted| noted.seq.max(head.seq));
        verified.broken = Some(Broken::CutOff { expected, found: link.seq });
    }
    Ok(verified)
}
