//! The way of a call's facts into the store, as the switchboard holds it.
//!
//! The switchboard knows no store: it is handed this, and gives it facts.

use super::FlowError;
use super::calls_written::calls_written;
use super::ladders_written::ladders_written;
use crate::clock::Clock;
use crate::domain::calling::ladder::Ladder;
use crate::domain::calling::record::Fact;
use crate::store::Store;

/// Writes what happened to calls; cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    store: Store,
    clock: Clock,
}

impl Ledger {
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Writes all `facts`, or says of which calls it could not, see
    /// [`calls_written`]; writing a fact twice changes nothing.
    pub async fn write(&self, facts: &[Fact]) -> Result<(), FlowError> {
        calls_written(&self.store, &self.clock, facts).await
    }

    /// Keeps what was said on the wire about calls that are over.
    pub async fn keep_ladders(&self, ladders: &[Ladder]) -> Result<(), FlowError> {
        ladders_written(&self.store, &self.clock, ladders).await
    }
}
