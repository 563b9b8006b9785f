//! Numbers that two visits are shown, and visits that are shown none.
//!
//! Who shares with whom is [`crate::domain::tracking::sharing`]'s rule. It is
//! asked about the numbers that were seen least recently, which a new sharer
//! moves to the end: so sharers spread over the numbers that fit.

use super::lending::Claim;
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{PoolId, VisitId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::sharing::{Holder, Likeness, choose_holder};
use crate::domain::tracking::swap::{Lack, Rule, Swap};

/// How many numbers are weighed: each costs a look at its visit, and a pool is
/// empty when there is most to do.
const HOLDERS_MAX: i64 = 100;

/// A visit that had to do without a number of a pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unleased {
    pub pool: PoolId,
    pub rule: Rule,
    /// `exhausted`, or the cap that was reached.
    pub why: String,
    pub number: Option<Phone>,
    pub at: Timestamp,
}

/// How many visits a pool has shown something by one rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownCount {
    pub pool: PoolId,
    pub rule: Rule,
    pub visits: u64,
}

impl Store {
    /// What pools showed to visits that began at or after `since`; nothing of
    /// visits without consent, which are not kept.
    pub async fn count_shown(&self, since: Timestamp) -> Result<Vec<ShownCount>, StoreError> {
        let rows = sqlx::query(
            "select n.pool_id, l.rule, count(*) as visits from visits v join leases l on l.visit_id = v.id \
             join numbers n on n.e164 = l.number where v.started_at >= $1 and n.pool_id is not null \
             and l.rule is not null group by n.pool_id, l.rule \
             union all select u.pool_id, u.rule, count(*) from visits v join unleased u on u.visit_id = v.id \
             where v.started_at >= $1 group by u.pool_id, u.rule",
        )
        .bind(since.as_ms())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            let visits = row.int("visits")?.max(0) as u64;
            Ok(ShownCount { pool: row.word("pool_id")?, rule: row.word("rule")?, visits })
        })?)
    }

    /// How many visits each pool had no number for since then, because all were taken.
    pub async fn count_unleased(&self, since: Timestamp) -> Result<Vec<(PoolId, u64)>, StoreError> {
        let rows = sqlx::query(
            "select pool_id, count(*) as visits from unleased where at >= $1 and why = 'exhausted' group by pool_id",
        )
        .bind(since.as_ms())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| Ok((row.word("pool_id")?, row.int("visits")?.max(0) as u64)))?)
    }

    /// The pools that had no number for the visit.
    pub async fn list_unleased(&self, visit: VisitId) -> Result<Vec<Unleased>, StoreError> {
        let rows = sqlx::query(
            "select pool_id, rule, why, number, at from unleased where visit_id = $1 order by at, pool_id",
        )
        .bind(visit.to_string())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            Ok(Unleased {
                pool: row.word("pool_id")?,
                rule: row.word("rule")?,
                why: row.text("why")?,
                number: row.maybe_word("number")?,
                at: row.time("at")?,
            })
        })?)
    }
}

impl Tx {
    /// The number of the visit most like this one, or `None` when there is no like.
    pub async fn share_number(
        &mut self,
        claim: &Claim<'_>,
        likeness: &Likeness,
    ) -> Result<Option<Phone>, StoreError> {
        let holders = self.list_holders(claim.pool, claim.at).await?;
        let Some(holder) = choose_holder(&holders, likeness) else { return Ok(None) };
        // On another node its holder may have begun another visit meanwhile, or the number gone to somebody else.
        let shared = sqlx::query(
            "update numbers set free_at = $1, shared_until = $1 \
             where e164 = $2 and pool_id = $3 and lease_id = $4 and in_service = 1 and free_at > $5",
        )
        .bind(claim.until().as_ms())
        .bind(holder.number.reveal())
        .bind(claim.pool.as_str())
        .bind(holder.lease.to_string())
        .bind(claim.at.as_ms())
        .execute(self.connection())
        .await?;
        if shared.rows_affected() == 0 {
            return Ok(None);
        }
        self.insert_leases(&[(claim, &holder.number)], Rule::Shared).await?;
        Ok(Some(holder.number.clone()))
    }

    /// The numbers that are lent or rest, the one seen least recently first.
    async fn list_holders(&mut self, pool: &PoolId, now: Timestamp) -> Result<Vec<Holder>, StoreError> {
        let rows = sqlx::query(
            "select n.e164, n.lease_id, v.channel, v.source, v.medium, v.campaign, v.term, v.content, \
             v.click_id, v.landing_page from (select e164, lease_id, free_at from numbers \
             where pool_id = $1 and in_service = 1 and free_at > $2 and lease_id is not null \
             order by free_at, e164 limit $3) n join leases l on l.id = n.lease_id \
             join visits v on v.id = l.visit_id order by n.free_at, n.e164",
        )
        .bind(pool.as_str())
        .bind(now.as_ms())
        .bind(HOLDERS_MAX)
        .fetch_all(self.connection())
        .await?;
        Ok(all(rows, |row| {
            Ok(Holder {
                number: row.word("e164")?,
                lease: row.word("lease_id")?,
                likeness: Likeness::of(&row.source()?, &row.text("landing_page")?),
            })
        })?)
    }

    /// Keeps a shared number for a visit; `false` when it is shared no more,
    /// and may have been lent to somebody else since.
    pub(super) async fn keep_shared(
        &mut self,
        pool: &PoolId,
        number: &Phone,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let kept = sqlx::query(
            "update numbers set free_at = $1, shared_until = $1 \
             where e164 = $2 and pool_id = $3 and in_service = 1 and shared_until > $4",
        )
        .bind(until.as_ms())
        .bind(number.reveal())
        .bind(pool.as_str())
        .bind(now.as_ms())
        .execute(self.connection())
        .await?;
        Ok(kept.rows_affected() > 0)
    }

    /// Writes down that the pool had nothing for the visit, the first time.
    pub async fn insert_unleased(
        &mut self,
        visit: VisitId,
        pool: &PoolId,
        swap: &Swap,
        why: Lack,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into unleased (visit_id, pool_id, rule, why, number, at) values ($1, $2, $3, $4, $5, $6) \
             on conflict (visit_id, pool_id) do nothing",
        )
        .bind(visit.to_string())
        .bind(pool.as_str())
        .bind(swap.rule.as_str())
        .bind(why.as_str())
        .bind(swap.number.as_ref().map(Phone::reveal))
        .bind(now.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
