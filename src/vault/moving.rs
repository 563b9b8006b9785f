//! Recordings go to the bucket, and are deleted.

use std::io;
use std::path::Path;
use std::sync::Arc;

use object_store::buffered::BufWriter;
use object_store::{ObjectStoreExt, PutPayload};
use tokio::fs;
use tokio::io::AsyncWriteExt;

use super::{Vault, VaultError, object};
use crate::domain::ids::RecordingId;

impl Vault {
    /// Copies a finished recording into the bucket and then deletes the local one; again, it changes
    /// nothing.
    ///
    /// # Errors
    /// [`VaultError::NotFound`]: neither here nor there is such a recording, finished and with its key.
    pub async fn upload(&self, id: RecordingId) -> Result<(), VaultError> {
        let Some(bucket) = &self.0.bucket else { return Ok(()) };
        let _moving = self.0.moving.lock().await;
        if fs::try_exists(self.file("kept", id)).await? {
            let mut copy = BufWriter::new(Arc::clone(bucket), object("kept", id));
            let mut file = fs::File::open(self.file("kept", id)).await?;
            if let Err(failure) = tokio::io::copy(&mut file, &mut copy).await {
                // Its parts would be paid for until somebody found them.
                let _ = copy.abort().await;
                return Err(failure.into());
            }
            copy.shutdown().await?;
            let wrapped = fs::read(self.file("keys", id)).await?;
            bucket.put(&object("keys", id), PutPayload::from(wrapped)).await?;
            fs::remove_file(self.file("kept", id)).await?;
        } else {
            // An earlier upload broke off at its end.
            bucket.head(&object("kept", id)).await?;
            bucket.head(&object("keys", id)).await?;
        }
        remove(&self.file("keys", id)).await
    }

    /// Deletes a recording wherever it is, its key first; one that is not there is deleted.
    pub async fn delete(&self, id: RecordingId) -> Result<(), VaultError> {
        let _moving = self.0.moving.lock().await;
        for state in ["keys", "kept"] {
            for place in self.places() {
                match place.delete(&object(state, id)).await {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(failure) => return Err(failure.into()),
                }
            }
        }
        remove(&self.file("open", id)).await
    }
}

async fn remove(file: &Path) -> Result<(), VaultError> {
    match fs::remove_file(file).await {
        Err(failure) if failure.kind() != io::ErrorKind::NotFound => Err(failure.into()),
        _ => Ok(()),
    }
}
