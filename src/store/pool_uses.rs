//! Which numbers of a pool visits had, and which visits it had none for.

use super::rows::{Columns, all};
use super::{Store, StoreError};
use crate::domain::ids::PoolId;
use crate::domain::time::Timestamp;
use crate::domain::tracking::pool_use::Held;

impl Store {
    /// The leases of the pool's numbers that began at or after `since`, the newest `limit`, newest first. A number that
    /// has moved brings its history along.
    pub async fn list_holdings(
        &self,
        pool: &PoolId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Held>, StoreError> {
        let rows = sqlx::query(
            "select l.number, l.started_at, l.last_seen_at from numbers n join leases l on l.number = n.e164 \
             where n.pool_id = $1 and l.started_at >= $2 order by l.started_at desc limit $3",
        )
        .bind(pool.as_str())
        .bind(since.as_ms())
        .bind(i64::from(limit))
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            Ok(Held {
                number: row.word("number")?,
                from: row.time("started_at")?,
                last_seen: row.time("last_seen_at")?,
            })
        })?)
    }

    /// When the pool had no number for a visit because all were taken.
    pub async fn list_exhausted(
        &self,
        pool: &PoolId,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let rows = sqlx::query(
            "select at from unleased where pool_id = $1 and at >= $2 and why = 'exhausted' order by at",
        )
        .bind(pool.as_str())
        .bind(since.as_ms())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| row.time("at"))?)
    }
}
