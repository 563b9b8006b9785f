//! What a medium brought: calls on its number while it ran.

use std::collections::HashMap;

use super::many::{Many, batches};
use super::rows::Columns;
use super::{Store, StoreError};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// From when until when the calls on a number count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    pub number: Phone,
    pub from: Timestamp,
    /// Not included.
    pub until: Timestamp,
}

impl Store {
    /// How many calls came in on each of these numbers meanwhile, the blocked
    /// ones left out; a number may come once.
    pub async fn count_calls_within(&self, runs: &[Run]) -> Result<HashMap<Phone, u64>, StoreError> {
        let mut counts = HashMap::new();
        let mut connection = self.reads().acquire().await?;
        for batch in batches(runs) {
            let mut many = Many::new("with run (number, since, by_then) as (values ");
            for run in batch {
                many.row().value(run.number.reveal())?.value(run.from.as_ms())?.value(run.until.as_ms())?;
            }
            many.then(
                ") select run.number, count(c.id) as calls from run left join calls c on c.number = run.number \
                 and c.arrived_at >= run.since and c.arrived_at < run.by_then \
                 and (c.outcome is null or c.outcome <> 'blocked') group by run.number",
            );
            for row in many.fetch(&mut connection).await? {
                counts.insert(row.word("number")?, row.int("calls")?.max(0) as u64);
            }
        }
        Ok(counts)
    }
}
