//! Facts into the database, and what becomes of those that it will never take.

use std::io;

use tracing::{error, warn};

use super::spool::Sealed;
use crate::domain::calling::record::Fact;
use crate::flows::FlowError;
use crate::flows::ledger::Ledger;
use crate::telemetry::Metrics;

/// Facts in one transaction: few statements for many calls, and no visitor
/// waits long behind it.
const GROUP: usize = 512;

/// What the database did with a group.
pub(super) enum Delivered {
    /// All are in it but these, which never will be.
    Written { aside: Aside },
    /// It is away.
    Away,
}

/// Facts that the database will never take.
#[derive(Default)]
pub(super) struct Aside {
    pub facts: Vec<Fact>,
    /// Why, of the first of them; without personal data.
    pub why: String,
}

impl Aside {
    pub fn add(&mut self, facts: impl IntoIterator<Item = Fact>, why: &FlowError) {
        if self.facts.is_empty() {
            self.why = why.to_string();
        }
        self.facts.extend(facts);
    }
}

/// Writes a group. One that is refused may be so for a single fact in it, so
/// each is then tried alone, and those that are refused alone are set aside.
pub(super) async fn deliver(ledger: &Ledger, facts: &[Fact]) -> Delivered {
    let mut aside = Aside::default();
    match ledger.write(facts).await {
        Ok(()) => return Delivered::Written { aside },
        // The others are in.
        Err(why @ FlowError::CallUnknown { .. }) => {
            aside.add(orphans(facts, &why), &why);
            return Delivered::Written { aside };
        }
        Err(why) if !why.is_for_good() => return away(&why),
        Err(_) => {}
    }
    for fact in facts {
        match ledger.write(std::slice::from_ref(fact)).await {
            Ok(()) => {}
            Err(why) if why.is_for_good() => aside.add([fact.clone()], &why),
            // What is in already changes nothing when it comes again.
            Err(why) => return away(&why),
        }
    }
    Delivered::Written { aside }
}

/// Those about calls whose arrival was never written down.
fn orphans(facts: &[Fact], why: &FlowError) -> Vec<Fact> {
    let FlowError::CallUnknown { calls } = why else { return vec![] };
    facts.iter().filter(|fact| calls.contains(&fact.call())).cloned().collect()
}

fn away(why: &FlowError) -> Delivered {
    warn!(error = why as &dyn std::error::Error, "the database does not take what happened to calls");
    Delivered::Away
}

/// Brings a sealed file into the database, in its order, and deletes it;
/// false when it fails before the end, with what is done noted in `sealed`.
pub(super) async fn bring(ledger: &Ledger, sealed: &mut Sealed, metrics: &Metrics) -> bool {
    match bring_all(ledger, sealed, metrics).await {
        Ok(whole) => whole,
        Err(failure) => {
            error!(error = &failure as &dyn std::error::Error, "the spool cannot be read");
            false
        }
    }
}

async fn bring_all(ledger: &Ledger, sealed: &mut Sealed, metrics: &Metrics) -> io::Result<bool> {
    loop {
        let group = sealed.read(GROUP).await?;
        if group.is_empty() {
            sealed.delete().await?;
            return Ok(true);
        }
        match deliver(ledger, &group.facts).await {
            Delivered::Written { aside } => metrics.facts_set_aside(sealed.passes(group, &aside).await?),
            Delivered::Away => return Ok(false),
        }
    }
}
