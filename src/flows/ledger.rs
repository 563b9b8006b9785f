//! The way of a call's facts into the store, as the switchboard holds it.
//!
//! The switchboard knows no store: it is handed this, gives it facts, and may ask where a call
//! comes from, and whether it may be recorded.

use super::FlowError;
use super::call_attributed::find_origin;
use super::calls_written::calls_written;
use super::ladders_written::ladders_written;
use super::recording_refused::may_record;
use crate::clock::Clock;
use crate::domain::calling::ladder::Ladder;
use crate::domain::calling::record::{Arrived, Fact};
use crate::domain::tracking::origin::Origin;
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

    /// Where a call comes from, as far as that is likelier than all else together.
    pub async fn find_origin(&self, call: &Arrived) -> Result<Origin, FlowError> {
        find_origin(&self.store, call).await
    }

    /// Whether nothing stands in the consent ledger against recording who calls.
    pub async fn may_record(&self, call: &Arrived) -> Result<bool, FlowError> {
        may_record(&self.store, call).await
    }

    /// Keeps what was said on the wire about calls that are over.
    pub async fn keep_ladders(&self, ladders: &[Ladder]) -> Result<(), FlowError> {
        ladders_written(&self.store, &self.clock, ladders).await
    }
}
