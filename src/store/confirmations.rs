//! Questions whether somebody meant it, each with the link that says yes.

use sqlx::any::AnyRow;

use super::rows::Columns;
use super::{StoreError, Tx};
use crate::domain::ids::ConsentId;
use crate::domain::people::consent::Proof;
use crate::domain::people::email::Email;
use crate::domain::time::Timestamp;

/// A question that was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confirmation {
    /// SHA-256 of what the link holds, in hex.
    pub token_hash: String,
    /// The line that waits.
    pub consent: ConsentId,
    /// Whose word counts.
    pub email: Email,
    /// SHA-256 of what the mail says.
    pub mail: Proof,
    pub asked_at: Timestamp,
    pub expires_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
}

impl Tx {
    pub async fn insert_confirmation(&mut self, question: &Confirmation) -> Result<(), StoreError> {
        sqlx::query(
            "insert into confirmations (token_hash, consent_id, email, mail_hash, asked_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&question.token_hash)
        .bind(question.consent.to_string())
        .bind(question.email.reveal())
        .bind(question.mail.to_string())
        .bind(question.asked_at.as_ms())
        .bind(question.expires_at.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The question that a link answers. It is looked up by its hash: how long that takes tells nothing of the link.
    pub async fn find_confirmation(&mut self, token_hash: &str) -> Result<Option<Confirmation>, StoreError> {
        let row = sqlx::query(
            "select token_hash, consent_id, email, mail_hash, asked_at, expires_at, confirmed_at \
             from confirmations where token_hash = $1",
        )
        .bind(token_hash)
        .fetch_optional(self.connection())
        .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Whose word a line waits for.
    pub async fn find_asked_email(&mut self, consent: ConsentId) -> Result<Option<Email>, StoreError> {
        let row = sqlx::query("select email from confirmations where consent_id = $1")
            .bind(consent.to_string())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.map(|row| row.word("email")).transpose()?)
    }

    /// When an address was asked since then, the first time first.
    pub async fn list_asked_since(
        &mut self,
        email: &Email,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let rows = sqlx::query(
            "select asked_at from confirmations where email = $1 and asked_at > $2 order by asked_at",
        )
        .bind(email.reveal())
        .bind(since.as_ms())
        .fetch_all(self.connection())
        .await?;
        Ok(super::rows::all(rows, |row| row.time("asked_at"))?)
    }

    /// Writes down that somebody said yes; `false`: they had already.
    pub async fn confirm(&mut self, token_hash: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update confirmations set confirmed_at = $1 where token_hash = $2 and confirmed_at is null",
        )
        .bind(now.as_ms())
        .bind(token_hash)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &AnyRow) -> Result<Confirmation, sqlx::Error> {
    Ok(Confirmation {
        token_hash: row.text("token_hash")?,
        consent: row.word("consent_id")?,
        email: row.word("email")?,
        mail: row.word("mail_hash")?,
        asked_at: row.time("asked_at")?,
        expires_at: row.time("expires_at")?,
        confirmed_at: row.maybe_time("confirmed_at")?,
    })
}
