//! What calls were to the business, as somebody said: the latest word counts, however late it comes.

use sqlx::any::AnyRow;

use super::rows::Columns;
use super::{StoreError, Tx};
use crate::domain::calling::qualification::{Qualification, Qualified};
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;

impl Tx {
    /// Writes what a call was, or (`None`) that nobody says so any more, unless something was said
    /// later; tells whether the call is there.
    pub async fn qualify_call(
        &mut self,
        call: CallId,
        qualification: Option<Qualification>,
        at: Timestamp,
        by: &str,
    ) -> Result<bool, StoreError> {
        sqlx::query(
            "update calls set qualification = $1, qualified_at = $2, qualified_by = $3 \
             where id = $4 and (qualified_at is null or qualified_at <= $2)",
        )
        .bind(qualification.map(Qualification::as_str))
        .bind(at.as_ms())
        .bind(by)
        .bind(call.to_string())
        .execute(self.connection())
        .await?;
        self.count_again(&[call]).await?;
        self.has_call(call).await
    }
}

pub(super) fn read(row: &AnyRow) -> Result<Option<Qualified>, sqlx::Error> {
    let Some(qualification) = row.maybe_word("qualification")? else { return Ok(None) };
    let (call, at, by) = (row.word("id")?, row.time("qualified_at")?, row.text("qualified_by")?);
    Ok(Some(Qualified { call, qualification, at, by }))
}
