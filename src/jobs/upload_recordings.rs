//! Brings finished recordings into the bucket, the oldest first.

use std::collections::HashSet;
use std::error::Error;
use std::time::Duration;

use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::domain::ids::RecordingId;
use crate::flows::{recording_lost, recording_uploaded};
use crate::store::{Store, StoreError};
use crate::telemetry::Metrics;
use crate::vault::{Vault, VaultError};

const EVERY: Duration = Duration::from_secs(10);
/// A bucket that is away is asked again less often.
const PATIENCE: Duration = Duration::from_secs(60);
const AT_ONCE: i64 = 100;

/// Looks every ten seconds. While the bucket is away recordings stay in the folder, and can be heard.
pub async fn upload_recordings(store: Store, clock: Clock, vault: Vault, node: String, metrics: Metrics) {
    let mut uploads = Uploads { store, clock, vault, node, metrics, unreadable: HashSet::new() };
    let mut away = false;
    loop {
        let mut wait = EVERY;
        match uploads.round().await {
            Ok(failed) => {
                if let Some(failure) = &failed {
                    wait = PATIENCE;
                    if !away {
                        let error = failure as &dyn Error;
                        error!(error, "recordings cannot be uploaded; they wait in the folder");
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
        uploads.clock.until(Some(uploads.clock.now() + wait)).await;
    }
}

struct Uploads {
    store: Store,
    clock: Clock,
    vault: Vault,
    node: String,
    metrics: Metrics,
    /// What the folder did not give the last time; told once.
    unreadable: HashSet<RecordingId>,
}

impl Uploads {
    /// Gives the first failure that the next recording would meet as well.
    async fn round(&mut self) -> Result<Option<VaultError>, StoreError> {
        let mut after = None;
        let mut left = 0;
        loop {
            let now = self.clock.now();
            let waiting = self.store.list_recordings_to_upload(&self.node, now, after, AT_ONCE).await?;
            after = waiting.last().copied();
            self.metrics.recordings_waiting(left + waiting.len());
            if after.is_none() {
                return Ok(None);
            }
            for (done, &(_, id)) in waiting.iter().enumerate() {
                match self.upload(id).await {
                    Ok(()) => {}
                    Err(failure @ VaultError::Bucket(_)) => return Ok(Some(failure)),
                    Err(failure) => {
                        left += 1;
                        if self.unreadable.insert(id) {
                            let failure = &failure as &dyn Error;
                            error!(
                                recording.id = %id,
                                error = failure,
                                "a recording cannot be read to be uploaded; it is tried again"
                            );
                        }
                    }
                }
                self.metrics.recordings_waiting(left + waiting.len() - done - 1);
            }
        }
    }

    async fn upload(&mut self, id: RecordingId) -> Result<(), VaultError> {
        let written = match self.vault.upload(id).await {
            Ok(()) => recording_uploaded(&self.store, &self.clock, id).await,
            Err(VaultError::NotFound) => {
                error!(recording.id = %id, "a recording is neither in the vault's folder nor in its bucket");
                recording_lost(&self.store, &self.clock, id).await
            }
            Err(failure) => return Err(failure),
        };
        self.unreadable.remove(&id);
        if let Err(failure) = written {
            warn!(error = &failure as &dyn Error, "an upload is not written down; it is looked at again");
        }
        Ok(())
    }
}
