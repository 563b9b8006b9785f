//! People who sign in to the console.

use sqlx::any::AnyRow;

use super::rows::Columns;
use super::{Store, StoreError};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

#[derive(Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: String,
    /// argon2id, as a PHC string.
    pub password_hash: String,
    pub created_at: Timestamp,
}

impl Store {
    /// Fails with [`StoreError::Conflict`] when the address is taken.
    pub async fn insert_user(&self, user: User) -> Result<(), StoreError> {
        self.write(move |tx| {
            let user = user.clone();
            Box::pin(async move {
                sqlx::query(
                    "insert into users (id, email, password_hash, created_at) values ($1, $2, $3, $4)",
                )
                .bind(user.id.to_string())
                .bind(user.email)
                .bind(user.password_hash)
                .bind(user.created_at.as_ms())
                .execute(tx.connection())
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// The address must be written as it was stored.
    pub async fn find_user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let row = sqlx::query("select id, email, password_hash, created_at from users where email = $1")
            .bind(email)
            .fetch_optional(self.reads())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }
}

pub(super) fn read(row: &AnyRow) -> Result<User, sqlx::Error> {
    Ok(User {
        id: row.word("id")?,
        email: row.text("email")?,
        password_hash: row.text("password_hash")?,
        created_at: row.time("created_at")?,
    })
}
