//! How the trunks of each node stand, as the node itself said last.

use std::time::Duration;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;

/// Of a node that says nothing for so long nothing is kept.
const KEPT: Duration = Duration::from_hours(24);

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrunkRow {
    pub node: String,
    pub trunk: TrunkId,
    /// `None`: it takes calls.
    pub down_since: Option<Timestamp>,
    pub seen_at: Timestamp,
}

impl Store {
    pub async fn list_trunk_states(&self) -> Result<Vec<TrunkRow>, StoreError> {
        let rows =
            sqlx::query("select node, trunk, down_since, seen_at from trunk_states order by trunk, node")
                .fetch_all(self.reads())
                .await?;
        Ok(all(rows, |row| {
            Ok(TrunkRow {
                node: row.text("node")?,
                trunk: row.word("trunk")?,
                down_since: row.maybe_time("down_since")?,
                seen_at: row.time("seen_at")?,
            })
        })?)
    }
}

impl Tx {
    /// Writes down how the trunks of a node stand now: those that are down since some time, and those that are not.
    /// One that was down before is down since then.
    pub async fn save_trunk_states(
        &mut self,
        node: &str,
        trunks: &[(TrunkId, Option<Timestamp>)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (trunk, down_since) in trunks {
            sqlx::query(
                "insert into trunk_states (node, trunk, down_since, seen_at) values ($1, $2, $3, $4) \
                 on conflict (node, trunk) do update set seen_at = excluded.seen_at, \
                 down_since = case when excluded.down_since is null then null \
                 when trunk_states.down_since < excluded.down_since then trunk_states.down_since \
                 else excluded.down_since end",
            )
            .bind(node)
            .bind(trunk.as_str())
            .bind(down_since.map(Timestamp::as_ms))
            .bind(now.as_ms())
            .execute(self.connection())
            .await?;
        }
        // Those that the node has no more, and nodes that are gone.
        sqlx::query("delete from trunk_states where node = $1 and seen_at < $2 or seen_at < $3")
            .bind(node)
            .bind(now.as_ms())
            .bind((now - KEPT).as_ms())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
