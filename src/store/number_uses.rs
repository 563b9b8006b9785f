//! When numbers rang last, and how often lately.

use std::collections::HashMap;

use super::many::{Many, batches};
use super::rows::Columns;
use super::{Store, StoreError};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// Calls to a number, also those that were blocked.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NumberUse {
    pub last_call: Option<Timestamp>,
    /// Since the moment that was asked about.
    pub calls: u64,
}

impl Store {
    /// How each of these numbers was called, with calls since `since` counted.
    pub async fn number_uses(
        &self,
        numbers: &[Phone],
        since: Timestamp,
    ) -> Result<HashMap<Phone, NumberUse>, StoreError> {
        let mut uses = HashMap::new();
        let mut connection = self.reads().acquire().await?;
        for batch in batches(numbers) {
            let mut many = Many::new("with asked (number) as (values ");
            for number in batch {
                many.row().value(number.reveal())?;
            }
            many.then(
                ") select number, (select max(arrived_at) from calls where calls.number = asked.number) as last_call, \
                 (select count(*) from calls where calls.number = asked.number and arrived_at >= ",
            )
            .value(since.as_ms())?
            .then(") as calls from asked");
            for row in many.fetch(&mut connection).await? {
                let found = NumberUse {
                    last_call: row.maybe_time("last_call")?,
                    calls: row.int("calls")?.max(0) as u64,
                };
                uses.insert(row.word("number")?, found);
            }
        }
        Ok(uses)
    }
}
