//! Somebody says what a call was.

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::qualification::Qualification;
use crate::domain::calling::record::CallRecord;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::CallId;
use crate::store::Store;

/// `None`: nobody says so any more. Gives the call as it is then.
pub async fn call_qualified(
    store: &Store,
    clock: &Clock,
    call: CallId,
    qualification: Option<Qualification>,
    who: Accessor,
) -> Result<CallRecord, FlowError> {
    let now = clock.now();
    let written = store.write(move |tx| {
        Box::pin(async move {
            tx.qualify_call(call, qualification, now, &who.to_string()).await?;
            tx.find_call(call).await
        })
    });
    written.await?.ok_or(FlowError::NotFound { what: "call" })
}
