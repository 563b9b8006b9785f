//! Links that went to an address, for what the link to somebody's page does not open by itself.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{StoreError, Tx};
use crate::domain::ids::ContactId;
use crate::domain::people::email::Email;
use crate::domain::people::mail_key::MailKey;
use crate::domain::time::Timestamp;

impl Tx {
    pub async fn insert_mail_key(&mut self, key: &MailKey) -> Result<(), StoreError> {
        sqlx::query(
            "insert into mail_keys (token_hash, contact_id, opens, email, asked_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&key.token_hash)
        .bind(key.contact.to_string())
        .bind(key.opens.as_str())
        .bind(key.email.reveal())
        .bind(key.asked_at.as_ms())
        .bind(key.expires_at.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The link that holds this. It is looked up by its hash: how long that takes tells nothing of the link.
    pub async fn find_mail_key(&mut self, token_hash: &str) -> Result<Option<MailKey>, StoreError> {
        let row = sqlx::query(
            "select token_hash, contact_id, opens, email, asked_at, expires_at, confirmed_at from mail_keys \
             where token_hash = $1",
        )
        .bind(token_hash)
        .fetch_optional(self.connection())
        .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// How many links went to the address or were asked for by the contact since then.
    pub async fn count_keys_asked_since(
        &mut self,
        contact: ContactId,
        email: &Email,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "select count(*) as asked from mail_keys where (contact_id = $1 or email = $2) and asked_at > $3",
        )
        .bind(contact.to_string())
        .bind(email.reveal())
        .bind(since.as_ms())
        .fetch_one(self.connection())
        .await?;
        Ok(row.int("asked")?)
    }

    /// Of the addresses of a contact those that somebody has added on a page, whosever it was then.
    pub async fn list_added_emails(&mut self, contact: ContactId) -> Result<Vec<Email>, StoreError> {
        let rows = sqlx::query(
            "select distinct k.email from mail_keys k join identities i on i.kind = 'email' and i.value = k.email \
             where k.opens = 'email' and k.confirmed_at is not null and i.contact_id = $1",
        )
        .bind(contact.to_string())
        .fetch_all(self.connection())
        .await?;
        Ok(all(rows, |row| row.word("email"))?)
    }

    /// Writes down that somebody confirmed the address; `false`: they had already.
    pub async fn confirm_mail_key(&mut self, token_hash: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update mail_keys set confirmed_at = $1 where token_hash = $2 and confirmed_at is null",
        )
        .bind(now.as_ms())
        .bind(token_hash)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &AnyRow) -> Result<MailKey, sqlx::Error> {
    Ok(MailKey {
        token_hash: row.text("token_hash")?,
        contact: row.word("contact_id")?,
        opens: row.word("opens")?,
        email: row.word("email")?,
        asked_at: row.time("asked_at")?,
        expires_at: row.time("expires_at")?,
        confirmed_at: row.maybe_time("confirmed_at")?,
    })
}
