//! Visits without consent, which leave nothing but a count.

use std::collections::HashMap;

use sqlx::Row;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::SiteId;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;

impl Store {
    /// How many visits came by this channel on the day (UTC) of `at`.
    pub async fn count_visits(
        &self,
        site: &SiteId,
        at: Timestamp,
        channel: Channel,
    ) -> Result<u64, StoreError> {
        let row =
            sqlx::query("select visits from visit_counts where site_id = $1 and day = $2 and channel = $3")
                .bind(site.as_str())
                .bind(at.day())
                .bind(channel.as_str())
                .fetch_optional(self.reads())
                .await?;
        let visits: i64 = row.map_or(Ok(0), |row| row.try_get("visits"))?;
        Ok(visits.max(0) as u64)
    }

    /// How many visits each site had without consent since the day (UTC) of `since`.
    pub async fn count_unconsented(&self, since: Timestamp) -> Result<HashMap<SiteId, u64>, StoreError> {
        let rows = sqlx::query(
            "select site_id, cast(sum(visits) as bigint) as visits from visit_counts where day >= $1 \
             group by site_id",
        )
        .bind(since.day())
        .fetch_all(self.reads())
        .await?;
        let counts = all(rows, |row| Ok((row.word("site_id")?, row.int("visits")?.max(0) as u64)))?;
        Ok(counts.into_iter().collect())
    }
}

impl Tx {
    pub async fn count_visit(
        &mut self,
        site: &SiteId,
        at: Timestamp,
        channel: Channel,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into visit_counts (site_id, day, channel, visits) values ($1, $2, $3, 1) \
             on conflict (site_id, day, channel) do update set visits = visit_counts.visits + 1",
        )
        .bind(site.as_str())
        .bind(at.day())
        .bind(channel.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
