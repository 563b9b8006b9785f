//! The SIP ladders of calls: one value each, for some days.

use bytes::Bytes;
use sqlx::Row;

use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::calling::ladder::Ladder;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;

/// So many are deleted at a time: others write as well.
const DELETED_AT_ONCE: i64 = 500;

impl Store {
    /// The ladder of a call, while it is kept; one that a later version wrote is no ladder to us.
    pub async fn find_ladder(&self, call: CallId) -> Result<Option<Ladder>, StoreError> {
        let row = sqlx::query("select told from ladders where call_id = $1")
            .bind(call.to_string())
            .fetch_optional(self.reads())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let told: Vec<u8> = row.try_get("told")?;
        let unreadable = |cause| sqlx::Error::ColumnDecode { index: "told".into(), source: Box::new(cause) };
        Ok(Some(Ladder::read(call, told).map_err(unreadable)?))
    }

    /// Deletes some of the ladders that were written before `then`, and counts them.
    pub async fn delete_ladders(&self, then: Timestamp) -> Result<u64, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let done = sqlx::query(
                    "delete from ladders where call_id in \
                     (select call_id from ladders where at < $1 order by at limit $2)",
                )
                .bind(then.as_ms())
                .bind(DELETED_AT_ONCE)
                .execute(tx.connection())
                .await?;
                Ok(done.rows_affected())
            })
        })
        .await
    }
}

impl Tx {
    /// Those of these calls whose caller was erased, whatever of them was still going on then.
    pub async fn find_erased_calls(&mut self, calls: &[CallId]) -> Result<Vec<CallId>, StoreError> {
        let mut erased = Vec::new();
        for batch in batches(calls) {
            let mut many = Many::new("with asked (its) as (values ");
            for call in batch {
                many.row().value(call.to_string())?;
            }
            many.then(") select id from asked join calls on id = its where sip_call_id = ''");
            erased.extend(all(many.fetch(self.connection()).await?, |row| row.word::<CallId>("id"))?);
        }
        Ok(erased)
    }

    /// Keeps ladders; one that is there already stays.
    pub async fn insert_ladders(
        &mut self,
        ladders: &[(CallId, Bytes)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        for batch in batches(ladders) {
            let mut many = Many::new("insert into ladders (call_id, at, told) values ");
            for (call, told) in batch {
                many.row().value(call.to_string())?.value(at.as_ms())?.value(told.as_ref())?;
            }
            many.then(" on conflict (call_id) do nothing");
            many.execute(self.connection()).await?;
        }
        Ok(())
    }
}
