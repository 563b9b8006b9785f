//! Talks that were carried on elsewhere; each transfer once.

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::calling::transfer::Transferred;
use crate::domain::ids::{CallId, DestinationId};

impl Store {
    /// The transfers of a call in the order in which they were asked for; of two within a millisecond the one that was
    /// settled first.
    pub async fn list_transfers(&self, call: CallId) -> Result<Vec<Transferred>, StoreError> {
        let rows = sqlx::query(
            "select call_id, asked_at, settled_at, asked_by, target, kind, destination_id, outcome, sip_status \
             from transfers where call_id = $1 order by asked_at, position, settled_at, target",
        )
        .bind(call.to_string())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            Ok(Transferred {
                call: row.word("call_id")?,
                asked_at: row.time("asked_at")?,
                settled_at: row.time("settled_at")?,
                by: row.word("asked_by")?,
                to: row.text("target")?,
                kind: row.word("kind")?,
                destination: row.maybe_word("destination_id")?,
                outcome: row.word("outcome")?,
                sip_status: row
                    .maybe_int("sip_status")?
                    .and_then(|code| u16::try_from(code).ok())
                    .unwrap_or_default(),
            })
        })?)
    }
}

impl Tx {
    /// Writes a transfer once; `false` when its call is not there.
    pub async fn insert_transfer(&mut self, fact: &Transferred) -> Result<bool, StoreError> {
        if !self.has_call(fact.call).await? {
            return Ok(false);
        }
        sqlx::query(
            "insert into transfers (call_id, asked_at, settled_at, asked_by, target, kind, destination_id, outcome, \
             sip_status, position) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
             (select count(*) from transfers where call_id = $1)) on conflict do nothing",
        )
        .bind(fact.call.to_string())
        .bind(fact.asked_at.as_ms())
        .bind(fact.settled_at.as_ms())
        .bind(fact.by.as_str())
        // PostgreSQL keeps no NUL in a text.
        .bind(fact.to.replace('\0', "\u{fffd}"))
        .bind(fact.kind.as_str())
        .bind(fact.destination.as_ref().map(DestinationId::as_str))
        .bind(fact.outcome.as_str())
        .bind(i64::from(fact.sip_status))
        .execute(self.connection())
        .await?;
        Ok(true)
    }
}
