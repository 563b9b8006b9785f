//! People who sign in to the console.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{OutletId, UserId};
use crate::domain::staff::Post;
use crate::domain::time::Timestamp;

#[derive(Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: String,
    /// argon2id, as a PHC string.
    pub password_hash: String,
    pub post: Post,
    /// The secret of the second factor, base32; `None`: the password is enough.
    pub totp: Option<String>,
    pub created_at: Timestamp,
}

/// What [`read`] reads, of `users u`.
macro_rules! columns {
    () => {
        "u.id, u.email, u.password_hash, u.role, u.outlet_id, u.totp, u.created_at"
    };
}
pub(super) use columns;

impl Store {
    /// Fails with [`StoreError::Conflict`] when the address is taken.
    pub async fn insert_user(&self, user: User) -> Result<(), StoreError> {
        self.write(move |tx| {
            let user = user.clone();
            Box::pin(async move { tx.insert_user(&user).await })
        })
        .await
    }

    /// The address must be written as it was stored.
    pub async fn find_user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let row = sqlx::query(concat!("select ", columns!(), " from users u where u.email = $1"))
            .bind(email)
            .fetch_optional(self.reads())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    pub async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = sqlx::query(concat!("select ", columns!(), " from users u where u.id = $1"))
            .bind(id.to_string())
            .fetch_optional(self.reads())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Everybody, in the order of their addresses.
    pub async fn list_users(&self) -> Result<Vec<User>, StoreError> {
        let rows = sqlx::query(concat!("select ", columns!(), " from users u order by u.email"))
            .fetch_all(self.reads())
            .await?;
        Ok(all(rows, read)?)
    }
}

impl Tx {
    pub async fn insert_user(&mut self, user: &User) -> Result<(), StoreError> {
        sqlx::query(
            "insert into users (id, email, password_hash, role, outlet_id, totp, created_at) \
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(user.id.to_string())
        .bind(&user.email)
        .bind(&user.password_hash)
        .bind(user.post.role.as_str())
        .bind(user.post.outlet.as_ref().map(OutletId::as_str))
        .bind(user.totp.as_deref())
        .bind(user.created_at.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Everybody. Who is changed or taken out meanwhile waits.
    pub async fn hold_users(&mut self) -> Result<Vec<User>, StoreError> {
        let sql = self.dialect().pick(
            concat!("select ", columns!(), " from users u order by u.email"),
            concat!("select ", columns!(), " from users u order by u.email for update"),
        );
        Ok(all(sqlx::query(sql).fetch_all(self.connection()).await?, read)?)
    }

    pub async fn set_post(&mut self, id: UserId, post: &Post) -> Result<(), StoreError> {
        sqlx::query("update users set role = $1, outlet_id = $2 where id = $3")
            .bind(post.role.as_str())
            .bind(post.outlet.as_ref().map(OutletId::as_str))
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Another password; whoever is signed in with the old one is out, but for the session with this hash.
    pub async fn set_password(
        &mut self,
        id: UserId,
        password_hash: &str,
        but: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query("update users set password_hash = $1 where id = $2")
            .bind(password_hash)
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        self.delete_sessions(id, but).await
    }

    /// The secret of the second factor; `None`: the password is enough.
    pub async fn set_totp(&mut self, id: UserId, secret: Option<&str>) -> Result<(), StoreError> {
        sqlx::query("update users set totp = $1, totp_used = null where id = $2")
            .bind(secret)
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Notes that the code of this step was given; `false`: it, or a later one, had been.
    pub async fn use_code(&mut self, id: UserId, step: i64) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update users set totp_used = $1 where id = $2 and (totp_used is null or totp_used < $1)",
        )
        .bind(step)
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes somebody out, with what was theirs alone.
    pub async fn delete_user(&mut self, id: UserId) -> Result<(), StoreError> {
        for sql in [
            "delete from sessions where user_id = $1",
            "delete from saved_views where user_id = $1",
            "delete from report_shares where user_id = $1",
            "delete from report_offs where user_id = $1",
            "delete from report_recipients where user_id = $1 or schedule_id in \
             (select id from report_schedules where user_id = $1)",
            "delete from report_schedules where user_id = $1",
            "delete from users where id = $1",
        ] {
            sqlx::query(sql).bind(id.to_string()).execute(self.connection()).await?;
        }
        Ok(())
    }
}

pub(super) fn read(row: &AnyRow) -> Result<User, sqlx::Error> {
    Ok(User {
        id: row.word("id")?,
        email: row.text("email")?,
        password_hash: row.text("password_hash")?,
        post: Post { role: row.word("role")?, outlet: row.maybe_word("outlet_id")? },
        totp: row.maybe_text("totp")?,
        created_at: row.time("created_at")?,
    })
}
