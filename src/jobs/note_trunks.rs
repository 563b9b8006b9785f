//! Writes down how the trunks of this node stand, so that any node can tell when one is down.

use std::pin::Pin;
use std::time::Duration;

use tracing::warn;

use crate::clock::Clock;
use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;
use crate::store::Store;

const EVERY: Duration = Duration::from_secs(60);

/// The trunks of this node, and since when each is down.
pub type Look =
    dyn Fn() -> Pin<Box<dyn Future<Output = Vec<(TrunkId, Option<Timestamp>)>> + Send>> + Send + Sync;

pub async fn note_trunks(store: Store, clock: Clock, node: String, look: Box<Look>) {
    loop {
        let (trunks, now, of) = (look().await, clock.now(), node.clone());
        let noted = store.write(move |tx| {
            let (node, trunks) = (of.clone(), trunks.clone());
            Box::pin(async move { tx.save_trunk_states(&node, &trunks, now).await })
        });
        if let Err(failure) = noted.await {
            warn!(
                error = &failure as &dyn std::error::Error,
                "how the trunks stand could not be written down"
            );
        }
        clock.until(Some(now + EVERY)).await;
    }
}
