//! Messages of the tracking interface that have been taken, so that none is taken twice.

use super::{Store, StoreError, Tx};
use crate::domain::ids::SystemId;
use crate::domain::time::Timestamp;

/// How many share a transaction when they are forgotten.
const BATCH: i64 = 1_000;

impl Store {
    /// Forgets messages that came before this moment, some at a time; tells how many.
    pub async fn delete_messages(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let done = sqlx::query(
                    "delete from messages where (source, id) in \
                     (select source, id from messages where at < $1 order by at limit $2)",
                )
                .bind(before.as_ms())
                .bind(BATCH)
                .execute(tx.connection())
                .await?;
                Ok(done.rows_affected())
            })
        })
        .await
    }
}

impl Tx {
    pub async fn has_message(&mut self, source: &SystemId, id: &str) -> Result<bool, StoreError> {
        let row = sqlx::query("select id from messages where source = $1 and id = $2")
            .bind(source.as_str())
            .bind(id)
            .fetch_optional(self.connection())
            .await?;
        Ok(row.is_some())
    }

    /// Fails with [`StoreError::Conflict`] when another node has taken it meanwhile.
    pub async fn insert_message(
        &mut self,
        source: &SystemId,
        id: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("insert into messages (source, id, at) values ($1, $2, $3)")
            .bind(source.as_str())
            .bind(id)
            .bind(at.as_ms())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
