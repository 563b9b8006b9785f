//! A key to the API is made, used, or revoked. Whoever makes it has its secret; here only the hash is known.

use std::time::Duration;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::ids::{ApiKeyId, SystemId};
use crate::store::{ApiKey, Store, StoreError};

/// So often a key's last use is written down: a program asks many times a second.
const NOTED_EVERY: Duration = Duration::from_secs(10 * 60);

/// Keeps a new key by the hash of its secret.
pub async fn key_made(
    store: &Store,
    clock: &Clock,
    name: &str,
    scopes: Vec<String>,
    source: Option<SystemId>,
    hash: String,
) -> Result<ApiKey, StoreError> {
    let key = ApiKey {
        id: ApiKeyId(clock.new_id()),
        name: name.to_owned(),
        hash,
        scopes,
        source,
        created_at: clock.now(),
        revoked_at: None,
        last_used_at: None,
    };
    store.insert_api_key(key.clone()).await?;
    Ok(key)
}

/// From now on the key opens nothing.
pub async fn key_revoked(store: &Store, clock: &Clock, id: ApiKeyId) -> Result<(), FlowError> {
    match store.revoke_api_key(id, clock.now()).await {
        Err(StoreError::NotFound { what }) => Err(FlowError::NotFound { what }),
        other => Ok(other?),
    }
}

/// Writes down that a key was used, unless that was done a moment ago.
pub async fn key_used(store: &Store, clock: &Clock, key: &ApiKey) -> Result<(), FlowError> {
    let now = clock.now();
    if key.last_used_at.is_some_and(|last| now.since(last) < NOTED_EVERY) {
        return Ok(());
    }
    Ok(store.note_api_key_used(key.id, now).await?)
}
