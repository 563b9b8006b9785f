//! Facts into the database, and what becomes of those that it will never take.

use std::time::Duration;

use tokio::time::timeout;
use tracing::warn;

use crate::domain::calling::record::Fact;
use crate::flows::FlowError;
use crate::flows::ledger::Ledger;

/// Facts in one transaction.
pub(super) const GROUP: usize = 256;
/// A replay is in nobody's way, so it may take its time.
const REPLAY_LIMIT: Duration = Duration::from_secs(5);

/// What the database did.
pub(super) enum Delivered {
    /// All are in it but these, which never will be.
    Written { aside: Vec<Fact> },
    /// It is away, or slower than the limit.
    Away,
}

/// Writes a group within `limit`.
pub(super) async fn deliver(ledger: &Ledger, facts: &[Fact], limit: Duration) -> Delivered {
    match timeout(limit, ledger.write(facts)).await {
        Ok(Ok(())) => Delivered::Written { aside: vec![] },
        // Facts about a call whose arrival was never written down.
        Ok(Err(FlowError::CallUnknown { calls })) => {
            let aside = facts.iter().filter(|fact| calls.contains(&fact.call())).cloned().collect();
            Delivered::Written { aside }
        }
        Ok(Err(failure)) => {
            warn!(
                facts = facts.len(),
                error = &failure as &dyn std::error::Error,
                "the database did not take what happened to calls"
            );
            one_by_one(ledger, facts, limit).await
        }
        Err(_) => {
            warn!(facts = facts.len(), "the database is too slow to take what happened to calls");
            Delivered::Away
        }
    }
}

/// A group may fail because of one fact in it. If others go in, it is that
/// fact; if none does, it is the database.
async fn one_by_one(ledger: &Ledger, facts: &[Fact], limit: Duration) -> Delivered {
    let mut aside = vec![];
    for fact in facts {
        match timeout(limit, ledger.write(std::slice::from_ref(fact))).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => aside.push(fact.clone()),
            Err(_) => return Delivered::Away,
        }
        // Two failures and no success: more of the same would only take time.
        if aside.len() == 2 && aside.as_slice() == &facts[..2] {
            return Delivered::Away;
        }
    }
    if aside.len() == facts.len() { Delivered::Away } else { Delivered::Written { aside } }
}

/// How far a replay came: facts taken from the front of the spool, and those
/// among them that the database will never take.
pub(super) struct Replayed {
    pub taken: usize,
    pub aside: Vec<Fact>,
}

/// Brings the spool's facts into the database, in their order, until it fails.
pub(super) async fn replay(ledger: Ledger, facts: Vec<Fact>) -> Replayed {
    let mut replayed = Replayed { taken: 0, aside: vec![] };
    for group in facts.chunks(GROUP) {
        match deliver(&ledger, group, REPLAY_LIMIT).await {
            Delivered::Written { mut aside } => {
                replayed.taken += group.len();
                replayed.aside.append(&mut aside);
            }
            Delivered::Away => break,
        }
    }
    replayed
}
