//! Attempts that left over a trunk; each once.

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::calling::record::Departed;
use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;

impl Store {
    /// How many attempts a node has let out over each trunk since then.
    pub async fn count_departures(
        &self,
        node: &str,
        since: Timestamp,
    ) -> Result<Vec<(TrunkId, u32)>, StoreError> {
        let rows = sqlx::query(
            "select departures.trunk, count(*) as attempts from departures \
             join calls on calls.id = departures.call_id \
             where calls.node = $1 and departures.at >= $2 group by departures.trunk order by departures.trunk",
        )
        .bind(node.to_owned())
        .bind(since.as_ms())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            Ok((row.word("trunk")?, u32::try_from(row.int("attempts")?).unwrap_or(u32::MAX)))
        })?)
    }
}

impl Tx {
    /// Writes a departure once; `false` when its call is not there.
    pub async fn insert_departure(&mut self, fact: &Departed) -> Result<bool, StoreError> {
        if !self.has_call(fact.call).await? {
            return Ok(false);
        }
        sqlx::query(
            "insert into departures (call_id, leg, trunk, at) values ($1, $2, $3, $4) on conflict do nothing",
        )
        .bind(fact.call.to_string())
        .bind(i64::from(fact.leg))
        .bind(fact.trunk.as_str().to_owned())
        .bind(fact.at.as_ms())
        .execute(self.connection())
        .await?;
        Ok(true)
    }
}
