//! Recordings go to the bucket, and are deleted.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::BytesMut;
use object_store::buffered::BufWriter;
use object_store::{ObjectStoreExt, PutPayload};
use tokio::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Vault, VaultError, object};
use crate::domain::ids::RecordingId;

/// So much of a file is read at a time.
const PIECE: usize = 256 << 10;

impl Vault {
    /// Copies a finished recording into the bucket and then deletes the local one; again, it changes
    /// nothing.
    ///
    /// # Errors
    /// [`VaultError::NotFound`]: neither here nor there is such a recording, finished and with its key.
    /// [`VaultError::Bucket`]: the next one would fare no better.
    pub async fn upload(&self, id: RecordingId) -> Result<(), VaultError> {
        let Some(bucket) = &self.0.bucket else { return Ok(()) };
        let _moving = self.0.moving.lock().await;
        if fs::try_exists(self.file("kept", id)).await? {
            let mut copy = BufWriter::new(Arc::clone(bucket), object("kept", id));
            let mut file = fs::File::open(self.file("kept", id)).await?;
            let wrapped = fs::read(self.file("keys", id)).await?;
            if let Err(failure) = put_all(&mut file, &mut copy).await {
                // Its parts would be paid for until somebody found them.
                let _ = copy.abort().await;
                return Err(failure);
            }
            copy.shutdown().await.map_err(VaultError::Bucket)?;
            let put = bucket.put(&object("keys", id), PutPayload::from(wrapped)).await;
            put.map_err(VaultError::of_bucket)?;
            fs::remove_file(self.file("kept", id)).await?;
        } else {
            // An earlier upload broke off at its end.
            bucket.head(&object("kept", id)).await.map_err(VaultError::of_bucket)?;
            bucket.head(&object("keys", id)).await.map_err(VaultError::of_bucket)?;
        }
        remove(&self.file("keys", id)).await
    }

    /// Deletes a recording wherever it is, its key first; one that is not there is deleted.
    pub async fn delete(&self, id: RecordingId) -> Result<(), VaultError> {
        let _moving = self.0.moving.lock().await;
        for state in ["keys", "kept"] {
            self.remove_everywhere(&object(state, id)).await?;
        }
        remove(&self.file("open", id)).await?;
        // A rotation may just have put it back.
        self.remove_everywhere(&object("keys", id)).await
    }

    async fn remove_everywhere(&self, object: &object_store::path::Path) -> Result<(), VaultError> {
        for place in self.places() {
            match place.delete(object).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(())
    }
}

/// Copies a file piece by piece, so that who failed is known.
async fn put_all(file: &mut fs::File, copy: &mut BufWriter) -> Result<(), VaultError> {
    let mut piece = BytesMut::with_capacity(PIECE);
    while file.read_buf(&mut piece).await? > 0 {
        copy.put(piece.split().freeze()).await.map_err(VaultError::of_bucket)?;
        piece.reserve(PIECE);
    }
    Ok(())
}

async fn remove(file: &Path) -> Result<(), VaultError> {
    match fs::remove_file(file).await {
        Err(failure) if failure.kind() != io::ErrorKind::NotFound => Err(failure.into()),
        _ => Ok(()),
    }
}
