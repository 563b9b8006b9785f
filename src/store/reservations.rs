//! Leave to reach contacts, which counts as if it had been done.

use sqlx::any::AnyRow;

use super::asked::of_asked;
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{ContactId, ReservationId};
use crate::domain::people::pressure::{Solicitation, Which};
use crate::domain::people::reservation::{Reservation, State};
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "select id, contact_id, reserved_by, reference, channel, purpose_id, controller_id, at, prospects, state, \
         expires_at, reserved_at, settled_at, decision from reservations"
    };
}

impl Store {
    pub async fn find_reservation(&self, id: ReservationId) -> Result<Option<Reservation>, StoreError> {
        let row = sqlx::query(concat!(columns!(), " where id = $1"))
            .bind(id.to_string())
            .fetch_optional(self.reads())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }
}

impl Tx {
    /// Those of these contacts that count, with what names them to whoever reserved.
    pub(super) async fn list_reserved(
        &mut self,
        ids: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<(ContactId, Option<String>, Solicitation)>, StoreError> {
        let sql = of_asked!(
            self,
            " select id, contact_id, reference, channel, purpose_id, prospects, at from reservations \
             where contact_id in (select its from asked) and at > $2 \
             and (state = 'confirmed' or state = 'held' and expires_at > $3)"
        );
        let rows = sqlx::query(sql)
            .bind(ids)
            .bind(since.as_ms())
            .bind(now.as_ms())
            .fetch_all(self.connection())
            .await?;
        let read = |row: &AnyRow| {
            let solicitation = Solicitation {
                what: Which::Reservation(row.word("id")?),
                channel: Some(row.word("channel")?),
                purpose: Some(row.word("purpose_id")?),
                prospects: row.flag("prospects")?,
                at: row.time("at")?,
            };
            Ok((row.word("contact_id")?, Some(row.text("reference")?), solicitation))
        };
        Ok(all(rows, read)?)
    }

    /// Adds a reservation; `false`: whoever reserves has one of this reference.
    pub async fn insert_reservation(&mut self, it: &Reservation) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into reservations (id, contact_id, reserved_by, reference, channel, purpose_id, controller_id, at, \
             prospects, state, expires_at, reserved_at, settled_at, decision) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             on conflict (reserved_by, reference) do nothing",
        )
        .bind(it.id.to_string())
        .bind(it.contact.to_string())
        .bind(&it.reserved_by)
        .bind(&it.reference)
        .bind(it.channel.as_str())
        .bind(it.purpose.as_str())
        .bind(it.controller.as_str())
        .bind(it.at.as_ms())
        .bind(i32::from(it.prospects))
        .bind(it.state.as_str())
        .bind(it.expires_at.as_ms())
        .bind(it.reserved_at.as_ms())
        .bind(it.settled_at.map(Timestamp::as_ms))
        .bind(&it.decision)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The reservation that somebody calls so.
    pub async fn find_reservation_called(
        &mut self,
        reserved_by: &str,
        reference: &str,
    ) -> Result<Option<Reservation>, StoreError> {
        let row = sqlx::query(concat!(columns!(), " where reserved_by = $1 and reference = $2"))
            .bind(reserved_by)
            .bind(reference)
            .fetch_optional(self.connection())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// The reservation, which nobody else settles until this transaction ends.
    pub async fn hold_reservation(&mut self, id: ReservationId) -> Result<Option<Reservation>, StoreError> {
        let sql = self.dialect().pick(
            concat!(columns!(), " where id = $1"),
            concat!(columns!(), " where id = $1 for no key update"),
        );
        let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(self.connection()).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    pub async fn settle_reservation(
        &mut self,
        id: ReservationId,
        state: State,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("update reservations set state = $1, settled_at = $2 where id = $3")
            .bind(state.as_str())
            .bind(at.as_ms())
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Reservation, sqlx::Error> {
    Ok(Reservation {
        id: row.word("id")?,
        contact: row.word("contact_id")?,
        reserved_by: row.text("reserved_by")?,
        reference: row.text("reference")?,
        channel: row.word("channel")?,
        purpose: row.word("purpose_id")?,
        controller: row.word("controller_id")?,
        at: row.time("at")?,
        prospects: row.flag("prospects")?,
        state: row.word("state")?,
        expires_at: row.time("expires_at")?,
        reserved_at: row.time("reserved_at")?,
        settled_at: row.maybe_time("settled_at")?,
        decision: row.text("decision")?,
    })
}
