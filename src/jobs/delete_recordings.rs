//! Deletes recordings when their time is over, or when somebody wanted it and it could not be done
//! at once.

use std::error::Error;
use std::time::Duration;

use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::flows::recording_deleted;
use crate::store::{Store, StoreError};
use crate::vault::Vault;

const EVERY: Duration = Duration::from_secs(60);
/// So many are looked up at a time.
const AT_ONCE: i64 = 100;

/// Looks now and every minute. What fails is tried again, and keeps nothing else from its turn.
pub async fn delete_recordings(store: Store, clock: Clock, vault: Vault, node: String) {
    loop {
        match delete_due(&store, &clock, &vault, &node).await {
            Ok((0, 0)) => {}
            Ok((count, 0)) => info!(count, "recordings whose time is over are deleted"),
            Ok((count, failed)) => error!(
                count,
                failed, "recordings that are due cannot be deleted; look at the vault's folder and bucket"
            ),
            Err(failure) => {
                warn!(error = &failure as &dyn Error, "the recordings that are due are not known")
            }
        }
        clock.until(Some(clock.now() + EVERY)).await;
    }
}

/// How many were deleted, and how many could not be.
async fn delete_due(
    store: &Store,
    clock: &Clock,
    vault: &Vault,
    node: &str,
) -> Result<(u64, u64), StoreError> {
    let (mut deleted, mut failed) = (0, 0);
    let mut after = None;
    loop {
        let due = store.list_due_recordings(node, clock.now(), after, AT_ONCE).await?;
        after = due.last().copied();
        if after.is_none() {
            return Ok((deleted, failed));
        }
        for (_, id) in due {
            let gone = vault.delete(id).await.map_err(|failure| {
                warn!(recording.id = %id, error = &failure as &dyn Error, "a recording is not deleted");
            });
            if gone.is_ok() && recording_deleted(store, clock, id).await.is_ok() {
                deleted += 1;
            } else {
                failed += 1;
            }
        }
    }
}
