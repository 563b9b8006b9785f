//! Calls are over, and what was said about them on the wire is kept.

use std::sync::Arc;

use bytes::Bytes;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::ladder::Ladder;
use crate::domain::ids::CallId;
use crate::store::Store;

/// Keeps all ladders, or after an error none.
pub async fn ladders_written(store: &Store, clock: &Clock, ladders: &[Ladder]) -> Result<(), FlowError> {
    let now = clock.now();
    let written = ladders.iter().map(|ladder| (ladder.call, Bytes::from(ladder.written())));
    let written: Arc<[(CallId, Bytes)]> = written.collect();
    let done = store.write(move |tx| {
        let written = Arc::clone(&written);
        Box::pin(async move {
            let calls: Vec<CallId> = written.iter().map(|(call, _)| *call).collect();
            let erased = tx.find_erased_calls(&calls).await?;
            let kept: Vec<_> = written.iter().filter(|(call, _)| !erased.contains(call)).cloned().collect();
            tx.insert_ladders(&kept, now).await
        })
    });
    Ok(done.await?)
}
