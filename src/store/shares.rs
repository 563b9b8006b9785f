//! Links to reports, by the hash of what they hold.

use std::time::Duration;

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{ShareId, UserId};
use crate::domain::reporting::share::Share;
use crate::domain::time::Timestamp;

/// A link that has ended is listed for so long.
const KEPT: Duration = Duration::from_hours(30 * 24);

macro_rules! columns {
    () => {
        "id, report, query, user_id, created_at, expires_at, opened_at, opens"
    };
}

impl Store {
    /// Those of one user, or all of them, the newest first.
    pub async fn list_shares(&self, maker: Option<UserId>) -> Result<Vec<Share>, StoreError> {
        let rows = sqlx::query(concat!(
            "select ",
            columns!(),
            " from report_shares where user_id = $1 or $1 = '' order by created_at desc, id desc"
        ))
        .bind(maker.map(|it| it.to_string()).unwrap_or_default())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, read)?)
    }

    /// The link, if it has not ended.
    pub async fn find_share(&self, token_hash: &str, now: Timestamp) -> Result<Option<Share>, StoreError> {
        let row = sqlx::query(concat!(
            "select ",
            columns!(),
            " from report_shares where token_hash = $1 and expires_at > $2"
        ))
        .bind(token_hash)
        .bind(now.as_ms())
        .fetch_optional(self.reads())
        .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }
}

impl Tx {
    /// Writes a new one; those that have long ended go.
    pub async fn insert_share(&mut self, share: &Share, token_hash: &str) -> Result<(), StoreError> {
        sqlx::query("delete from report_shares where expires_at < $1")
            .bind((share.created_at - KEPT).as_ms())
            .execute(self.connection())
            .await?;
        sqlx::query(
            "insert into report_shares (id, token_hash, query, user_id, created_at, expires_at, report, opens) \
             values ($1, $2, $3, $4, $5, $6, $7, 0)",
        )
        .bind(share.id.to_string())
        .bind(token_hash)
        .bind(&share.query)
        .bind(share.maker.map(|it| it.to_string()))
        .bind(share.created_at.as_ms())
        .bind(share.expires_at.as_ms())
        .bind(share.report.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Somebody has opened it.
    pub async fn open_share(&mut self, id: ShareId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("update report_shares set opened_at = $2, opens = opens + 1 where id = $1")
            .bind(id.to_string())
            .bind(now.as_ms())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Deletes one that is the maker's, or with `None` any; tells whether there was such.
    pub async fn delete_share(&mut self, id: ShareId, maker: Option<UserId>) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from report_shares where id = $1 and (user_id = $2 or $2 = '')")
            .bind(id.to_string())
            .bind(maker.map(|it| it.to_string()).unwrap_or_default())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &AnyRow) -> Result<Share, sqlx::Error> {
    let opens = row.int("opens")?.max(0) as u64;
    Ok(Share {
        id: row.word("id")?,
        report: row.word("report")?,
        query: row.text("query")?,
        maker: row.maybe_word("user_id")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        opened: row.maybe_time("opened_at")?.map(|at| (at, opens)),
    })
}
