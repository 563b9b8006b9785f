//! A new key wraps every data key again; the sound itself is not touched.

use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};

use super::{Vault, VaultError, keys};
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
            for object in found.into_iter().map(|found| found.location) {
                let Some(id) = object.filename().and_then(|name| name.parse::<RecordingId>().ok()) else {
                    continue;
                };
                let wrapped = match place.get(&object).await {
                    // Deleted or moved meanwhile.
                    Err(object_store::Error::NotFound { .. }) => continue,
                    found => found?.bytes().await?,
                };
                let again = keys.wrap(id, &keys.unwrap(id, &wrapped)?)?;
                place.put(&object, PutPayload::from(again)).await?;
                rewrapped += 1;
            }
        }
        Ok(Rotated { key, rewrapped })
    }
}
