//! A new key wraps every data key again; the sound itself is not touched.

use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutPayload, UpdateVersion};

use super::{Vault, VaultError, keys, object};
use crate::domain::ids::RecordingId;

/// What was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rotated {
    /// The new key's name.
    pub key: String,
    /// How many data keys it wraps.
    pub rewrapped: u64,
}

impl Vault {
    /// Makes a key and wraps every data key with it. Old keys stay in the file: what a gateway
    /// begins meanwhile may still be wrapped by one.
    ///
    /// What breaks off can be done again. A data key that cannot be unwrapped ends it.
    pub async fn rotate(&self) -> Result<Rotated, VaultError> {
        let key = keys::add_to_file(&self.0.config.key_file)?;
        let keys = self.keys()?;
        let mut rewrapped = 0;
        for place in self.places() {
            let found: Vec<_> = place.list(Some(&Path::from("keys"))).try_collect().await?;
            for found in found {
                let name = found.location.filename();
                let Some(id) = name.and_then(|name| name.parse::<RecordingId>().ok()) else { continue };
                let found = match place.get(&found.location).await {
                    // Deleted or moved meanwhile.
                    Err(Error::NotFound { .. }) => continue,
                    found => found?,
                };
                let version =
                    UpdateVersion { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
                let again = keys.wrap(id, &keys.unwrap(id, &found.bytes().await?)?)?;
                rewrapped += u64::from(replace(place, id, again, version).await?);
            }
        }
        Ok(Rotated { key, rewrapped })
    }
}

/// Puts a wrapped key in place of the one that was read; `false`: that was deleted or moved meanwhile,
/// and does not come back.
async fn replace(
    place: &dyn ObjectStore,
    id: RecordingId,
    wrapped: Vec<u8>,
    read: UpdateVersion,
) -> Result<bool, VaultError> {
    let (key, wrapped) = (object("keys", id), PutPayload::from(wrapped));
    match place.put_opts(&key, wrapped.clone(), PutMode::Update(read).into()).await {
        Ok(_) => return Ok(true),
        Err(Error::NotFound { .. } | Error::Precondition { .. }) => return Ok(false),
        // A folder, or a bucket that knows no conditions.
        Err(Error::NotImplemented { .. } | Error::NotSupported { .. }) => {}
        Err(failure) => return Err(failure.into()),
    }
    place.put(&key, wrapped).await?;
    // Whoever deletes takes the key away, then the sound, then the key again.
    for state in ["kept", "open"] {
        match place.head(&object(state, id)).await {
            Err(Error::NotFound { .. }) => {}
            found => return Ok(found.map(|_| true)?),
        }
    }
    match place.delete(&key).await {
        Ok(()) | Err(Error::NotFound { .. }) => Ok(false),
        Err(failure) => Err(failure.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use object_store::local::LocalFileSystem;
    use object_store::memory::InMemory;

    use super::*;
    use crate::domain::ids::uuid_v7;
    use crate::domain::time::Timestamp;

    #[tokio::test]
    async fn a_key_that_was_deleted_after_it_was_read_does_not_come_back() {
        let id = RecordingId(uuid_v7(Timestamp::from_ms(1), &[7; 10]));
        let (key, kept) = (object("keys", id), object("kept", id));
        let folder = tempfile::tempdir().unwrap();
        let folder = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
        let places: [Arc<dyn ObjectStore>; 2] = [Arc::new(InMemory::new()), Arc::new(folder)];
        for place in &places {
            place.put(&kept, PutPayload::from_static(b"sound")).await.unwrap();
            let put = place.put(&key, PutPayload::from_static(b"old")).await.unwrap();
            let read = UpdateVersion { e_tag: put.e_tag, version: put.version };
            assert!(replace(&**place, id, b"new".to_vec(), read.clone()).await.unwrap(), "{place}");
            assert_eq!(place.get(&key).await.unwrap().bytes().await.unwrap(), "new");

            for object in [&key, &kept] {
                place.delete(object).await.unwrap();
            }

            assert!(!replace(&**place, id, b"new".to_vec(), read).await.unwrap(), "{place}");
            assert!(place.get(&key).await.is_err(), "{place}");
        }
    }
}
