//! A gateway starts again: the calls it carried when it went down are over.

use super::error::FlowError;
use crate::store::Store;

/// Closes the open calls of this node and counts them.
///
/// Each ends at its last sign of life: the gateway was not there to see more.
/// A call's own end, when it turns up later, replaces what is supposed here.
pub async fn calls_recovered(store: &Store, node: &str) -> Result<u64, FlowError> {
    let node = node.to_owned();
    let closed = store.write(move |tx| {
        let node = node.clone();
        Box::pin(async move { tx.interrupt_calls(&node).await })
    });
    Ok(closed.await?)
}
