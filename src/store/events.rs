//! What happened on the pages of a visit, and what other systems tell of it.

use serde::{Deserialize, Serialize};

use super::asked::{asked, of_asked};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{VisitId, VisitorId};
use crate::domain::people::engagement::Draft;
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

/// What another system has told of a visitor who is no contact yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Waiting {
    /// Who told it, as an accessor prints.
    pub by: String,
    pub draft: Draft,
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
    /// `told`: what becomes of it on the timeline of the visitor, as soon as they are a contact.
    pub async fn insert_event(
        &mut self,
        event: &Event,
        told: Option<&Waiting>,
    ) -> Result<Reported, StoreError> {
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
        let told = told.map(serde_json::to_string).transpose();
        let written = sqlx::query(
            "insert into events (visit_id, id, at, name, properties, told) values ($1, $2, $3, $4, $5, $6) \
             on conflict (visit_id, id) do nothing",
        )
        .bind(event.visit.to_string())
        .bind(event.id.to_string())
        .bind(event.at.as_ms())
        .bind(event.name.as_str())
        .bind(event.properties.to_string())
        .bind(told.map_err(|cause| sqlx::Error::Encode(cause.into()))?)
        .execute(self.connection())
        .await?;
        Ok(if written.rows_affected() > 0 { Reported::Written } else { Reported::Again })
    }

    /// Hands out, once, what was told of these visitors before they were contacts, the earliest first; at most so much.
    pub async fn take_told(
        &mut self,
        visitors: &[VisitorId],
        limit: i64,
    ) -> Result<Vec<(VisitorId, Waiting)>, StoreError> {
        if visitors.is_empty() {
            return Ok(vec![]);
        }
        let sql = of_asked!(
            self,
            " select v.visitor_id, e.visit_id, e.id, e.told from visits v join events e on e.visit_id = v.id \
             and e.told is not null where v.visitor_id in (select its from asked) order by e.at, e.id limit $2"
        );
        let asked = sqlx::query(sql).bind(asked(visitors)?).bind(limit);
        let mut told = Vec::new();
        for row in asked.fetch_all(self.connection()).await? {
            sqlx::query("update events set told = null where visit_id = $1 and id = $2")
                .bind(row.text("visit_id")?)
                .bind(row.text("id")?)
                .execute(self.connection())
                .await?;
            // What another version of the program has told so that this cannot read it stands with the visit alone.
            if let Ok(waiting) = row.json("told") {
                told.push((row.word("visitor_id")?, waiting));
            }
        }
        Ok(told)
    }
}
