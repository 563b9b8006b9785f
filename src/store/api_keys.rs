//! Keys to the API, kept as hashes.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError};
use crate::domain::ids::{ApiKeyId, SystemId};
use crate::domain::time::Timestamp;

/// What is known of a key; the key itself only its holder has.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    /// SHA-256 of the key, hex.
    pub hash: String,
    pub scopes: Vec<String>,
    /// The system or site whose messages come by it; `None`: it sends none.
    pub source: Option<SystemId>,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    /// To about ten minutes; `None`: not yet.
    pub last_used_at: Option<Timestamp>,
}

impl Store {
    /// Fails with [`StoreError::Conflict`] when the key is known.
    pub async fn insert_api_key(&self, key: ApiKey) -> Result<(), StoreError> {
        self.write(move |tx| {
            let key = key.clone();
            Box::pin(async move {
                sqlx::query(
                    "insert into api_keys (id, name, hash, scopes, created_at, revoked_at, source) \
                     values ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(key.id.to_string())
                .bind(key.name)
                .bind(key.hash)
                .bind(key.scopes.join(" "))
                .bind(key.created_at.as_ms())
                .bind(key.revoked_at.map(Timestamp::as_ms))
                .bind(key.source.as_ref().map(SystemId::to_string))
                .execute(tx.connection())
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// The key of this hash, unless it was revoked.
    pub async fn find_api_key(&self, hash: &str) -> Result<Option<ApiKey>, StoreError> {
        let row = sqlx::query(
            "select id, name, hash, scopes, created_at, revoked_at, source, last_used_at from api_keys \
             where hash = $1 and revoked_at is null",
        )
        .bind(hash)
        .fetch_optional(self.reads())
        .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Every key, also the revoked, oldest first.
    pub async fn list_api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let rows = sqlx::query(
            "select id, name, hash, scopes, created_at, revoked_at, source, last_used_at from api_keys order by created_at, id",
        )
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, read)?)
    }

    /// Notes that a key was used; never moves back.
    pub async fn note_api_key_used(&self, id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "update api_keys set last_used_at = $1 where id = $2 and (last_used_at is null or last_used_at < $1)",
                )
                .bind(now.as_ms())
                .bind(id.to_string())
                .execute(tx.connection())
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Fails with [`StoreError::NotFound`] when there is no such key; a key
    /// already revoked keeps its time.
    pub async fn revoke_api_key(&self, id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let done =
                    sqlx::query("update api_keys set revoked_at = coalesce(revoked_at, $1) where id = $2")
                        .bind(now.as_ms())
                        .bind(id.to_string())
                        .execute(tx.connection())
                        .await?;
                if done.rows_affected() == 0 {
                    return Err(StoreError::NotFound { what: "API key" });
                }
                Ok(())
            })
        })
        .await
    }
}

fn read(row: &AnyRow) -> Result<ApiKey, sqlx::Error> {
    Ok(ApiKey {
        id: row.word("id")?,
        name: row.text("name")?,
        hash: row.text("hash")?,
        scopes: row.text("scopes")?.split_whitespace().map(str::to_owned).collect(),
        source: row.maybe_word("source")?,
        created_at: row.time("created_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
        last_used_at: row.maybe_time("last_used_at")?,
    })
}
