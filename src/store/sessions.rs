//! Who is signed in to the console; the cookie's value is kept as a hash.

use super::rows::{Columns, all};
use super::users::{self, User, columns};
use super::{Store, StoreError, Tx};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

/// A session to be.
#[derive(Clone)]
pub struct NewSession {
    pub token_hash: String,
    /// As they were when they showed who they are.
    pub user: User,
    pub from: Timestamp,
    pub until: Timestamp,
    /// As it calls itself.
    pub browser: String,
    /// The password was right; the code of the second factor is missing.
    pub awaits_code: bool,
    /// The session in which the password was given, when the code was the rest.
    pub half: Option<String>,
}

/// A session as its holder sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRow {
    pub token_hash: String,
    pub from: Timestamp,
    pub until: Timestamp,
    pub browser: String,
}

impl Store {
    /// Signs a user in, and forgets the sessions that have expired by then. `false`: what they have shown is no longer
    /// what is asked for, since their password or second factor was changed meanwhile.
    pub async fn insert_session(&self, session: NewSession) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let session = session.clone();
            Box::pin(async move { tx.insert_session(&session).await })
        })
        .await
    }

    /// Who holds this session, unless it has expired by `now` or awaits a code.
    pub async fn find_session(&self, token_hash: &str, now: Timestamp) -> Result<Option<User>, StoreError> {
        self.find_holder(token_hash, now, false).await
    }

    /// Who has given their password in this session, and no code yet.
    pub async fn find_half_session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        self.find_holder(token_hash, now, true).await
    }

    async fn find_holder(
        &self,
        token_hash: &str,
        now: Timestamp,
        awaits_code: bool,
    ) -> Result<Option<User>, StoreError> {
        let row = sqlx::query(concat!(
            "select ",
            columns!(),
            " from sessions s join users u on u.id = s.user_id \
             where s.token_hash = $1 and s.expires_at > $2 and s.awaits_code = $3"
        ))
        .bind(token_hash)
        .bind(now.as_ms())
        .bind(i32::from(awaits_code))
        .fetch_optional(self.reads())
        .await?;
        Ok(row.as_ref().map(users::read).transpose()?)
    }

    /// Where a user is signed in, the latest first.
    pub async fn list_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<SessionRow>, StoreError> {
        let rows = sqlx::query(
            "select token_hash, created_at, expires_at, browser from sessions \
             where user_id = $1 and expires_at > $2 and awaits_code = 0 order by created_at desc, token_hash",
        )
        .bind(user.to_string())
        .bind(now.as_ms())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            Ok(SessionRow {
                token_hash: row.text("token_hash")?,
                from: row.time("created_at")?,
                until: row.time("expires_at")?,
                browser: row.maybe_text("browser")?.unwrap_or_default(),
            })
        })?)
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

    /// Signs a user out in one browser, or in all but one.
    pub async fn end_sessions(&self, user: UserId, ended: Ended) -> Result<(), StoreError> {
        self.write(move |tx| {
            let ended = ended.clone();
            Box::pin(async move {
                match ended {
                    Ended::One(hash) => {
                        sqlx::query("delete from sessions where user_id = $1 and token_hash = $2")
                            .bind(user.to_string())
                            .bind(hash)
                            .execute(tx.connection())
                            .await?;
                        Ok(())
                    }
                    Ended::AllBut(hash) => tx.delete_sessions(user, hash.as_deref()).await,
                }
            })
        })
        .await
    }
}

/// Which sessions of a user end.
#[derive(Clone, Debug)]
pub enum Ended {
    One(String),
    AllBut(Option<String>),
}

impl Tx {
    async fn insert_session(&mut self, session: &NewSession) -> Result<bool, StoreError> {
        // Whoever changes them waits until the session is there, and ends it.
        let sql = self.dialect().pick(
            "select 1 from users where id = $1 and password_hash = $2 and coalesce(totp, '') = $3",
            "select 1 from users where id = $1 and password_hash = $2 and coalesce(totp, '') = $3 for update",
        );
        let holds = sqlx::query(sql)
            .bind(session.user.id.to_string())
            .bind(&session.user.password_hash)
            .bind(session.user.totp.as_deref().unwrap_or_default())
            .fetch_optional(self.connection())
            .await?;
        if holds.is_none() {
            return Ok(false);
        }
        if let Some(half) = &session.half {
            let taken = sqlx::query("delete from sessions where token_hash = $1 and awaits_code = 1")
                .bind(half)
                .execute(self.connection())
                .await?;
            if taken.rows_affected() == 0 {
                return Ok(false);
            }
        }
        sqlx::query("delete from sessions where expires_at <= $1")
            .bind(session.from.as_ms())
            .execute(self.connection())
            .await?;
        sqlx::query(
            "insert into sessions (token_hash, user_id, created_at, expires_at, browser, awaits_code) \
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&session.token_hash)
        .bind(session.user.id.to_string())
        .bind(session.from.as_ms())
        .bind(session.until.as_ms())
        .bind(&session.browser)
        .bind(i32::from(session.awaits_code))
        .execute(self.connection())
        .await?;
        Ok(true)
    }

    pub async fn delete_sessions(&mut self, user: UserId, but: Option<&str>) -> Result<(), StoreError> {
        sqlx::query("delete from sessions where user_id = $1 and token_hash <> $2")
            .bind(user.to_string())
            .bind(but.unwrap_or_default())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
