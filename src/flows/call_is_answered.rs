//! The business line took a call.

use super::calls_written;
use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::record::{Answered, Fact};
use crate::store::Store;

/// Fails with [`FlowError::CallUnknown`] while the arrival is not written.
pub async fn call_is_answered(store: &Store, clock: &Clock, fact: &Answered) -> Result<(), FlowError> {
    calls_written(store, clock, &[Fact::Answered(fact.clone())]).await
}
