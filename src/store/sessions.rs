//! Who is signed in to the console; the cookie's value is kept as a hash.

use super::users::{self, User};
use super::{Store, StoreError};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

impl Store {
    /// Signs a user in, and forgets the sessions that have expired by `now`.
    pub async fn insert_session(
        &self,
        token_hash: &str,
        user: UserId,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        let token_hash = token_hash.to_owned();
        self.write(move |tx| {
            let token_hash = token_hash.clone();
            Box::pin(async move {
                sqlx::query("delete from sessions where expires_at <= $1")
                    .bind(now.as_ms())
                    .execute(tx.connection())
                    .await?;
                sqlx::query(
                    "insert into sessions (token_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)",
                )
                .bind(token_hash)
                .bind(user.to_string())
                .bind(now.as_ms())
                .bind(expires.as_ms())
                .execute(tx.connection())
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Who holds this session, unless it has expired by `now`.
    pub async fn find_session(&self, token_hash: &str, now: Timestamp) -> Result<Option<User>, StoreError> {
        let row = sqlx::query(
            "select u.id, u.email, u.password_hash, u.created_at from sessions s join users u on u.id = s.user_id \
             where s.token_hash = $1 and s.expires_at > $2",
        )
        .bind(token_hash)
        .bind(now.as_ms())
        .fetch_optional(self.reads())
        .await?;
        Ok(row.as_ref().map(users::read).transpose()?)
    }

    /// Signs out; a session that is gone already is no failure.
    pub async fn delete_session(&self, token_hash: &str) -> Result<(), StoreError> {
        let token_hash = token_hash.to_owned();
        self.write(move |tx| {
            let token_hash = token_hash.clone();
            Box::pin(async move {
                sqlx::query("delete from sessions where token_hash = $1")
                    .bind(token_hash)
                    .execute(tx.connection())
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
