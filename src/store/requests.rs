//! The register of what people ask for of their rights.

use sqlx::any::AnyRow;

use super::filter::Question;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::{ContactId, RequestId};
use crate::domain::people::request::{Kind, Request, State};
use crate::domain::time::Timestamp;

/// Which requests; each condition given must hold.
#[derive(Clone, Default, Debug)]
pub struct RequestFilter {
    pub contact: Option<ContactId>,
    pub kind: Option<Kind>,
    pub state: Option<State>,
    /// Only those that are open no more.
    pub is_settled: bool,
    /// Open ones that must have been answered before then.
    pub due_before: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "select id, contact_id, kind, received_at, came_by, due_at, extended_why, state, why, settled_at, settled_by, \
         recorded_at, recorded_by from requests"
    };
}

impl Store {
    /// Requests, the latest first.
    pub async fn list_requests(
        &self,
        filter: &RequestFilter,
        window: &Window,
    ) -> Result<Page<Request>, StoreError> {
        let mut question = Question::new(columns!());
        question
            .matching("contact_id = ", filter.contact.map(|id| id.to_string()))?
            .matching("kind = ", filter.kind.map(Kind::as_str))?
            .matching("state = ", filter.state.map(State::as_str))?
            .matching("state <> ", filter.is_settled.then_some("open"))?
            .matching("state = 'open' and due_at < ", filter.due_before.map(Timestamp::as_ms))?
            .after_moment("(received_at, id)", window.moment()?)?
            .then(" order by received_at desc, id desc limit ")
            .value(window.fetch())?;
        let requests = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(requests, window, |request| moment_key(request.received_at, request.id)))
    }

    /// The open ones, those that are due first in front.
    pub async fn list_open_requests(&self, most: u32) -> Result<Vec<Request>, StoreError> {
        let rows = sqlx::query(concat!(columns!(), " where state = 'open' order by due_at, id limit $1"))
            .bind(i64::from(most))
            .fetch_all(self.reads())
            .await?;
        Ok(all(rows, read)?)
    }

    pub async fn find_request(&self, id: RequestId) -> Result<Option<Request>, StoreError> {
        let row = sqlx::query(concat!(columns!(), " where id = $1"))
            .bind(id.to_string())
            .fetch_optional(self.reads())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// How many open requests had to be answered before then.
    pub async fn count_overdue_requests(&self, now: Timestamp) -> Result<i64, StoreError> {
        let row =
            sqlx::query("select count(*) as overdue from requests where state = 'open' and due_at < $1")
                .bind(now.as_ms())
                .fetch_one(self.reads())
                .await?;
        Ok(row.int("overdue")?)
    }
}

impl Tx {
    pub async fn insert_request(&mut self, request: &Request) -> Result<(), StoreError> {
        sqlx::query(
            "insert into requests (id, contact_id, kind, received_at, came_by, due_at, state, recorded_at, \
             recorded_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(request.id.to_string())
        .bind(request.contact.map(|id| id.to_string()))
        .bind(request.kind.as_str())
        .bind(request.received_at.as_ms())
        .bind(request.came_by.as_str())
        .bind(request.due_at.as_ms())
        .bind(request.state.as_str())
        .bind(request.recorded_at.as_ms())
        .bind(&request.recorded_by)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The request, which nobody else decides until the end of this.
    pub async fn hold_request(&mut self, id: RequestId) -> Result<Option<Request>, StoreError> {
        let sql = self
            .dialect()
            .pick(concat!(columns!(), " where id = $1"), concat!(columns!(), " where id = $1 for update"));
        let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(self.connection()).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// What a contact has asked for and waits for.
    pub async fn find_open_request(
        &mut self,
        contact: ContactId,
        kind: Kind,
    ) -> Result<Option<Request>, StoreError> {
        let row = sqlx::query(concat!(
            columns!(),
            " where state = 'open' and contact_id = $1 and kind = $2 order by received_at limit 1"
        ))
        .bind(contact.to_string())
        .bind(kind.as_str())
        .fetch_optional(self.connection())
        .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Writes down what was decided.
    pub async fn save_request(&mut self, request: &Request) -> Result<(), StoreError> {
        let settled = request.settled.as_ref();
        sqlx::query(
            "update requests set due_at = $2, extended_why = $3, state = $4, why = $5, settled_at = $6, \
             settled_by = $7 where id = $1",
        )
        .bind(request.id.to_string())
        .bind(request.due_at.as_ms())
        .bind(&request.extended_why)
        .bind(request.state.as_str())
        .bind(&request.why)
        .bind(settled.map(|(at, _)| at.as_ms()))
        .bind(settled.map(|(_, by)| by))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// What was asked for is done: open requests of the contact of these kinds are settled.
    pub async fn settle_requests(
        &mut self,
        contact: ContactId,
        kinds: &[Kind],
        now: Timestamp,
        by: &str,
    ) -> Result<(), StoreError> {
        for kind in kinds {
            sqlx::query(
                "update requests set state = 'done', settled_at = $3, settled_by = $4 where state = 'open' \
                 and contact_id = $1 and kind = $2",
            )
            .bind(contact.to_string())
            .bind(kind.as_str())
            .bind(now.as_ms())
            .bind(by)
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Request, sqlx::Error> {
    Ok(Request {
        id: row.word("id")?,
        contact: row.maybe_word("contact_id")?,
        kind: row.word("kind")?,
        received_at: row.time("received_at")?,
        came_by: row.word("came_by")?,
        due_at: row.time("due_at")?,
        extended_why: row.maybe_text("extended_why")?,
        state: row.word("state")?,
        why: row.maybe_text("why")?,
        settled: row.maybe_time("settled_at")?.zip(row.maybe_text("settled_by")?),
        recorded_at: row.time("recorded_at")?,
        recorded_by: row.text("recorded_by")?,
    })
}
