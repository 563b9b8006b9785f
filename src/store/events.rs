//! What happened on the pages of a visit.

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::VisitId;
use crate::domain::tracking::event::{EVENTS_MAX, Event};

/// What became of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reported {
    Written,
    /// It had been told before.
    Again,
    /// The visit has as many as are kept.
    Full,
}

impl Store {
    /// The events of a visit, the earliest first.
    pub async fn list_events(&self, visit: VisitId) -> Result<Vec<Event>, StoreError> {
        let rows = sqlx::query(
            "select id, visit_id, at, name, properties from events where visit_id = $1 order by at, id",
        )
        .bind(visit.to_string())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            Ok(Event {
                id: row.word("id")?,
                visit: row.word("visit_id")?,
                at: row.time("at")?,
                name: row.word("name")?,
                properties: row.json("properties")?,
            })
        })?)
    }
}

impl Tx {
    pub async fn insert_event(&mut self, event: &Event) -> Result<Reported, StoreError> {
        let row = sqlx::query(
            "select count(*) as events, count(*) filter (where id = $2) as known from events where visit_id = $1",
        )
        .bind(event.visit.to_string())
        .bind(event.id.to_string())
        .fetch_one(self.connection())
        .await?;
        if row.int("known")? > 0 {
            return Ok(Reported::Again);
        }
        if row.int("events")? >= i64::from(EVENTS_MAX) {
            return Ok(Reported::Full);
        }
        let written = sqlx::query(
            "insert into events (visit_id, id, at, name, properties) values ($1, $2, $3, $4, $5) \
             on conflict (visit_id, id) do nothing",
        )
        .bind(event.visit.to_string())
        .bind(event.id.to_string())
        .bind(event.at.as_ms())
        .bind(event.name.as_str())
        .bind(event.properties.to_string())
        .execute(self.connection())
        .await?;
        Ok(if written.rows_affected() > 0 { Reported::Written } else { Reported::Again })
    }
}
