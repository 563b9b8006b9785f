//! A call is over.

use super::calls_written;
use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::record::{Ended, Fact};
use crate::store::Store;

/// Fails with [`FlowError::CallUnknown`] while the arrival is not written.
pub async fn call_ends(store: &Store, clock: &Clock, fact: &Ended) -> Result<(), FlowError> {
    calls_written(store, clock, &[Fact::Ended(fact.clone())]).await
}
