//! Taps on numbers: what comes moments before a call.

use super::rows::Columns;
use super::{StoreError, Tx};
use crate::domain::ids::{CallId, VisitId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

impl Tx {
    /// Writes a tap down; `false` when the visit was never shown the number.
    pub async fn insert_tap(
        &mut self,
        visit: VisitId,
        number: &Phone,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let shown = sqlx::query("select 1 as shown from leases where visit_id = $1 and number = $2 limit 1")
            .bind(visit.to_string())
            .bind(number.reveal())
            .fetch_optional(self.connection())
            .await?;
        if shown.is_none() {
            return Ok(false);
        }
        sqlx::query("insert into taps (visit_id, number, at) values ($1, $2, $3) on conflict do nothing")
            .bind(visit.to_string())
            .bind(number.reveal())
            .bind(at.as_ms())
            .execute(self.connection())
            .await?;
        Ok(true)
    }

    /// The calls that came in on `number` within these times, newest first.
    pub async fn list_calls_between(
        &mut self,
        number: &Phone,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<CallId>, StoreError> {
        let rows = sqlx::query(
            "select id from calls where number = $1 and arrived_at >= $2 and arrived_at <= $3 \
             order by arrived_at desc, id desc limit $4",
        )
        .bind(number.reveal())
        .bind(from.as_ms())
        .bind(until.as_ms())
        .bind(i64::from(limit))
        .fetch_all(self.connection())
        .await?;
        Ok(super::rows::all(rows, |row| row.word("id"))?)
    }
}
