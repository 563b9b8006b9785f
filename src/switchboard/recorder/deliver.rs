//! Facts into the database, and what becomes of those that it will never take.

use std::io;

use tracing::{error, warn};

use super::spool::Sealed;
use crate::domain::calling::record::Fact;
use crate::flows::FlowError;
use crate::flows::ledger::Ledger;

/// Facts in one transaction: few statements for many calls, and no visitor
/// waits long behind it.
const GROUP: usize = 512;

/// What the database did with a group.
pub(super) enum Delivered {
    /// All are in it but these, which never will be.
    Written { aside: Vec<Fact> },
    /// It is away.
    Away,
}

/// Writes a group.
pub(super) async fn deliver(ledger: &Ledger, facts: &[Fact]) -> Delivered {
    match ledger.write(facts).await {
        Ok(()) => Delivered::Written { aside: vec![] },
        // Facts about a call whose arrival was never written down.
        Err(FlowError::CallUnknown { calls }) => {
            let aside = facts.iter().filter(|fact| calls.contains(&fact.call())).cloned().collect();
            Delivered::Written { aside }
        }
        Err(failure) => {
            warn!(
                facts = facts.len(),
                error = &failure as &dyn std::error::Error,
                "the database did not take what happened to calls"
            );
            one_by_one(ledger, facts).await
        }
    }
}

/// A group may fail because of one fact in it. If others go in, it is that
/// fact; if none does, it is the database.
async fn one_by_one(ledger: &Ledger, facts: &[Fact]) -> Delivered {
    let mut aside = vec![];
    for fact in facts {
        if ledger.write(std::slice::from_ref(fact)).await.is_err() {
            aside.push(fact.clone());
        }
        // Two failures and no success: more of the same would only take time.
        if aside.len() == 2 && aside.as_slice() == &facts[..2] {
            return Delivered::Away;
        }
    }
    if aside.len() == facts.len() { Delivered::Away } else { Delivered::Written { aside } }
}

/// Brings a sealed file into the database, in its order, and deletes it;
/// false when it fails before the end, with what is done noted in `sealed`.
pub(super) async fn bring(ledger: &Ledger, sealed: &mut Sealed) -> bool {
    match bring_all(ledger, sealed).await {
        Ok(whole) => whole,
        Err(failure) => {
            error!(error = &failure as &dyn std::error::Error, "the spool cannot be read");
            false
        }
    }
}

async fn bring_all(ledger: &Ledger, sealed: &mut Sealed) -> io::Result<bool> {
    loop {
        let group = sealed.read(GROUP).await?;
        if group.is_empty() {
            sealed.delete().await?;
            return Ok(true);
        }
        match deliver(ledger, &group.facts).await {
            Delivered::Written { aside } => sealed.passes(group, &aside).await?,
            Delivered::Away => return Ok(false),
        }
    }
}
