//! A call is over.

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::record::Ended;
use crate::store::Store;

/// Fails with [`FlowError::CallUnknown`] while the arrival is not written.
pub async fn call_ends(store: &Store, _clock: &Clock, fact: &Ended) -> Result<(), FlowError> {
    let (call, fact) = (fact.call, fact.clone());
    let known = store
        .write(move |tx| {
            let fact = fact.clone();
            Box::pin(async move { tx.end_call(&fact).await })
        })
        .await?;
    if known { Ok(()) } else { Err(FlowError::CallUnknown { calls: vec![call] }) }
}
