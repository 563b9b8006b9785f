//! Brings finished recordings into the bucket, the oldest first.

use std::error::Error;
use std::time::Duration;

use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::domain::ids::RecordingId;
use crate::flows::{recording_lost, recording_uploaded};
use crate::store::Store;
use crate::telemetry::Metrics;
use crate::vault::{Vault, VaultError};

const EVERY: Duration = Duration::from_secs(10);
/// A bucket that is away is asked again less often.
const PATIENCE: Duration = Duration::from_secs(60);
const AT_ONCE: i64 = 100;

/// Looks every ten seconds. While the bucket is away recordings stay in the folder, and can be heard.
pub async fn upload_recordings(store: Store, clock: Clock, vault: Vault, node: String, metrics: Metrics) {
    let mut away = false;
    loop {
        let mut wait = EVERY;
        match store.list_recordings_to_upload(&node, AT_ONCE).await {
            Ok(waiting) => {
                metrics.recordings_waiting(waiting.len());
                let failed = upload(&store, &clock, &vault, &metrics, &waiting).await;
                if let Some(failure) = &failed {
                    wait = PATIENCE;
                    if !away {
                        let error = failure as &dyn Error;
                        error!(
                            error,
                            waiting = waiting.len(),
                            "recordings cannot be uploaded; they wait in the folder"
                        );
                    }
                } else if away {
                    info!("recordings are uploaded again");
                }
                away = failed.is_some();
            }
            Err(failure) => {
                warn!(error = &failure as &dyn Error, "the recordings that are to be uploaded are not known");
            }
        }
        clock.until(Some(clock.now() + wait)).await;
    }
}

/// Gives the first failure that the next recording would meet as well.
async fn upload(
    store: &Store,
    clock: &Clock,
    vault: &Vault,
    metrics: &Metrics,
    waiting: &[RecordingId],
) -> Option<VaultError> {
    for (done, &id) in waiting.iter().enumerate() {
        let written = match vault.upload(id).await {
            Ok(()) => recording_uploaded(store, clock, id).await,
            Err(VaultError::NotFound) => {
                error!(recording.id = %id, "a recording is neither in the vault's folder nor in its bucket");
                recording_lost(store, clock, id).await
            }
            Err(failure) => return Some(failure),
        };
        if let Err(failure) = written {
            warn!(error = &failure as &dyn Error, "an upload is not written down; it is looked at again");
        }
        metrics.recordings_waiting(waiting.len() - done - 1);
    }
    None
}
