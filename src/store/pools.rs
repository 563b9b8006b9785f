//! Pools, and how full they are.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{PoolId, SiteId};
use crate::domain::time::Timestamp;
use crate::domain::tracking::lease::Policy;
use crate::domain::tracking::number::Pool;

/// A pool and what its numbers in service are doing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PoolRow {
    pub pool: Pool,
    pub numbers: u32,
    /// New, and lent to nobody yet.
    pub ageing: u32,
    /// On somebody's page.
    pub lent: u32,
    /// In quarantine: still their last holder's.
    pub resting: u32,
    /// Taken out of service; they ring all the same as long as the carrier sends them.
    pub retired: u32,
}

impl Store {
    /// Every pool as it stands at `now`.
    pub async fn list_pools(&self, now: Timestamp) -> Result<Vec<PoolRow>, StoreError> {
        let rows = sqlx::query(
            "select p.id, p.site_id, p.destination_id, p.target, p.keep_alive_ms, p.quarantine_ms, p.ageing_ms, \
             count(n.e164) filter (where n.in_service = 1) as numbers, \
             count(n.e164) filter (where n.in_service = 0) as retired, \
             count(n.e164) filter (where n.in_service = 1 and n.lease_id is null and n.free_at > $1) as ageing, \
             count(n.e164) filter (where n.in_service = 1 and n.lease_id is not null and n.free_at - p.quarantine_ms > $1) as lent, \
             count(n.e164) filter (where n.in_service = 1 and n.lease_id is not null and n.free_at > $1 \
             and n.free_at - p.quarantine_ms <= $1) as resting \
             from pools p left join numbers n on n.pool_id = p.id \
             where p.in_service = 1 group by p.id, p.site_id, p.destination_id, p.target, p.keep_alive_ms, p.quarantine_ms, \
             p.ageing_ms order by p.id",
        )
        .bind(now.as_ms())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            let count = |column| Ok::<_, sqlx::Error>(row.int(column)? as u32);
            Ok(PoolRow {
                pool: read(row)?,
                numbers: count("numbers")?,
                ageing: count("ageing")?,
                lent: count("lent")?,
                resting: count("resting")?,
                retired: count("retired")?,
            })
        })?)
    }

    /// How many calls came in on the pool's numbers since `since`.
    pub async fn count_calls_of(&self, pool: &PoolId, since: Timestamp) -> Result<u64, StoreError> {
        let row = sqlx::query(
            "select count(*) as calls from calls c join numbers n on n.e164 = c.number \
             where n.pool_id = $1 and c.arrived_at >= $2",
        )
        .bind(pool.as_str())
        .bind(since.as_ms())
        .fetch_one(self.reads())
        .await?;
        Ok(row.int("calls")?.max(0) as u64)
    }

    pub async fn list_pools_of(&self, site: &SiteId) -> Result<Vec<Pool>, StoreError> {
        let rows = sqlx::query(
            "select id, site_id, destination_id, target, keep_alive_ms, quarantine_ms, ageing_ms \
             from pools where site_id = $1 and in_service = 1 order by id",
        )
        .bind(site.as_str())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, read)?)
    }
}

impl Tx {
    pub async fn list_pools(&mut self) -> Result<Vec<Pool>, StoreError> {
        let rows = sqlx::query(
            "select id, site_id, destination_id, target, keep_alive_ms, quarantine_ms, ageing_ms from pools \
             where in_service = 1 order by id",
        )
        .fetch_all(self.connection())
        .await?;
        Ok(all(rows, read)?)
    }

    /// Inserts the pool, or changes it when it is there already; it is in service then.
    pub async fn save_pool(&mut self, pool: &Pool) -> Result<(), StoreError> {
        self.offers_change();
        sqlx::query(
            "insert into pools (id, site_id, destination_id, target, keep_alive_ms, quarantine_ms, ageing_ms, in_service) \
             values ($1, $2, $3, $4, $5, $6, $7, 1) on conflict (id) do update set site_id = excluded.site_id, \
             destination_id = excluded.destination_id, target = excluded.target, \
             keep_alive_ms = excluded.keep_alive_ms, quarantine_ms = excluded.quarantine_ms, \
             ageing_ms = excluded.ageing_ms, in_service = 1",
        )
        .bind(pool.id.as_str())
        .bind(pool.site.as_str())
        .bind(pool.destination.as_str())
        .bind(pool.target.reveal())
        .bind(pool.policy.keep_alive.as_millis() as i64)
        .bind(pool.policy.quarantine.as_millis() as i64)
        .bind(pool.ageing.as_millis() as i64)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes the pool out of service; it stays, with its history.
    pub async fn retire_pool(&mut self, id: &PoolId) -> Result<(), StoreError> {
        self.offers_change();
        sqlx::query("update pools set in_service = 0 where id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Pool, sqlx::Error> {
    Ok(Pool {
        id: row.word("id")?,
        site: row.word("site_id")?,
        destination: row.word("destination_id")?,
        target: row.word("target")?,
        policy: Policy { keep_alive: row.span("keep_alive_ms")?, quarantine: row.span("quarantine_ms")? },
        ageing: row.span("ageing_ms")?,
    })
}
