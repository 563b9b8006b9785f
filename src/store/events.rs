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

    /// Hands out, once, what was told of these visitors before they were contacts, the earliest first.
    pub async fn take_told(
        &mut self,
        visitors: &[VisitorId],
    ) -> Result<Vec<(VisitorId, Waiting)>, StoreError> {
        if visitors.is_empty() {
            return Ok(vec![]);
        }
        let visitors = asked(visitors)?;
        let sql = of_asked!(
            self,
            " select v.visitor_id, e.told from visits v join events e on e.visit_id = v.id and e.told is not null \
             where v.visitor_id in (select its from asked) order by e.at, e.id"
        );
        let rows = sqlx::query(sql).bind(visitors.clone()).fetch_all(self.connection()).await?;
        if !rows.is_empty() {
            let sql = of_asked!(
                self,
                " update events set told = null where told is not null and visit_id in \
                 (select id from visits where visitor_id in (select its from asked))"
            );
            sqlx::query(sql).bind(visitors).execute(self.connection()).await?;
        }
        Ok(all(rows, |row| Ok((row.word("visitor_id")?, row.json("told")?)))?)
    }
}
