//! Links to the page where somebody looks after their choices.

use sqlx::any::AnyRow;

use super::rows::Columns;
use super::{StoreError, Tx};
use crate::domain::ids::{ContactId, PurposeId};
use crate::domain::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PreferenceLink {
    /// SHA-256 of what the link holds, in hex.
    pub token_hash: String,
    pub contact: ContactId,
    /// What one click takes consent back of; `None`: nothing.
    pub purpose: Option<PurposeId>,
    pub made_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl Tx {
    pub async fn insert_preference_link(&mut self, link: &PreferenceLink) -> Result<(), StoreError> {
        sqlx::query(
            "insert into preference_links (token_hash, contact_id, purpose_id, made_at, expires_at) \
             values ($1, $2, $3, $4, $5)",
        )
        .bind(&link.token_hash)
        .bind(link.contact.to_string())
        .bind(link.purpose.as_ref().map(PurposeId::as_str))
        .bind(link.made_at.as_ms())
        .bind(link.expires_at.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The link that holds this. It is looked up by its hash: how long that takes tells nothing of the link.
    pub async fn find_preference_link(
        &mut self,
        token_hash: &str,
    ) -> Result<Option<PreferenceLink>, StoreError> {
        let row = sqlx::query(
            "select token_hash, contact_id, purpose_id, made_at, expires_at, revoked_at from preference_links \
             where token_hash = $1",
        )
        .bind(token_hash)
        .fetch_optional(self.connection())
        .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// No link of the contact opens anything from now on; how many did.
    pub async fn revoke_preference_links(
        &mut self,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "update preference_links set revoked_at = $1 where contact_id = $2 and revoked_at is null \
             and expires_at > $1",
        )
        .bind(now.as_ms())
        .bind(contact.to_string())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }
}

fn read(row: &AnyRow) -> Result<PreferenceLink, sqlx::Error> {
    Ok(PreferenceLink {
        token_hash: row.text("token_hash")?,
        contact: row.word("contact_id")?,
        purpose: row.maybe_word("purpose_id")?,
        made_at: row.time("made_at")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
    })
}
