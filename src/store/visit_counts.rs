//! Visits without consent, which leave nothing but a count.

use sqlx::Row;

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
