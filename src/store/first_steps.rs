//! Whether anything has happened yet: for who has just begun.

use super::rows::Columns;
use super::{Store, StoreError};
use crate::domain::ids::CallId;

/// What has really happened so far.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct FirstSteps {
    /// A page has reported, with consent or without.
    pub has_reported: bool,
    /// A visit was lent a number.
    pub has_lent: bool,
    /// The latest call, and whether it was answered.
    pub call: Option<(CallId, bool)>,
}

impl Store {
    pub async fn first_steps(&self) -> Result<FirstSteps, StoreError> {
        let row = sqlx::query(
            "select (select count(*) from (select 1 from visits limit 1) v) \
             + (select count(*) from (select 1 from visit_counts limit 1) c) as reported, \
             (select count(*) from (select 1 from leases limit 1) l) as lent",
        )
        .fetch_one(self.reads())
        .await?;
        let call = sqlx::query("select id, answered_at from calls order by arrived_at desc, id desc limit 1")
            .fetch_optional(self.reads())
            .await?;
        let call = call
            .as_ref()
            .map(|call| Ok::<_, sqlx::Error>((call.word("id")?, call.maybe_int("answered_at")?.is_some())));
        Ok(FirstSteps {
            has_reported: row.int("reported")? > 0,
            has_lent: row.int("lent")? > 0,
            call: call.transpose()?,
        })
    }
}
