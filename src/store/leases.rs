//! Numbers lent to visits: the claim, and the history that calls are told by.
//!
//! The rule of the claim is [`crate::domain::tracking::lease`]'s; here it is
//! SQL, one statement a step, so that no two visits meet between a look and a
//! write.

use std::collections::HashMap;

use sqlx::Row;

use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{CallId, ContactId, LeaseId, PoolId, VisitId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::{Acquaintance, Candidate};
use crate::domain::tracking::lease::{Lease, Policy};
use crate::domain::tracking::swap::Rule;

/// Who asks a pool for a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claimant {
    /// The key of the lease, should one be made.
    pub lease: LeaseId,
    pub visit: VisitId,
    pub visitor: VisitorId,
}

/// A call on a number: who had been shown it?
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    pub call: CallId,
    pub number: &'a Phone,
    /// The contact who called, where known.
    pub caller: Option<ContactId>,
    pub at: Timestamp,
    pub since: Timestamp,
}

/// What a pool gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claimed {
    pub number: Phone,
    /// The visitor had this number already.
    pub renewed: bool,
}

impl Store {
    /// The leases of a visit, oldest first.
    pub async fn list_leases(&self, visit: VisitId) -> Result<Vec<Lease>, StoreError> {
        let rows = sqlx::query(
            "select id, number, visit_id, visitor_id, started_at, last_seen_at, rule from leases \
             where visit_id = $1 order by started_at, id",
        )
        .bind(visit.to_string())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            Ok(Lease {
                id: row.word("id")?,
                number: row.word("number")?,
                visit: row.word("visit_id")?,
                visitor: row.word("visitor_id")?,
                started_at: row.time("started_at")?,
                last_seen_at: row.time("last_seen_at")?,
                rule: row.maybe_word("rule")?,
            })
        })?)
    }
}

impl Tx {
    /// Claims a number of the pool for a visit, or `None` if all are taken:
    /// the visitor's own, else the one that has rested longest.
    pub async fn claim_number(
        &mut self,
        pool: &PoolId,
        policy: Policy,
        who: Claimant,
        now: Timestamp,
    ) -> Result<Option<Claimed>, StoreError> {
        match self.claim_own(pool, policy, who, now).await? {
            Some(number) => Ok(Some(Claimed { number, renewed: true })),
            None => {
                let Some(number) = self.take_rested(pool, policy, who, now).await? else { return Ok(None) };
                self.insert_lease(&number, who, Rule::Lease, now).await?;
                Ok(Some(Claimed { number, renewed: false }))
            }
        }
    }

    /// Claims the number of the pool that the visitor had, and no other.
    pub async fn claim_own(
        &mut self,
        pool: &PoolId,
        policy: Policy,
        who: Claimant,
        now: Timestamp,
    ) -> Result<Option<Phone>, StoreError> {
        let Some(number) = self.take_own(pool, policy, who, now).await? else { return Ok(None) };
        self.insert_lease(&number, who, Rule::Renewed, now).await?;
        Ok(Some(number))
    }

    /// The number this visitor was the last to have, be it lent, resting or
    /// free; not while somebody else shares it.
    ///
    /// On PostgreSQL the row is waited for, not skipped: whoever holds it may
    /// be another page of the same visitor.
    async fn take_own(
        &mut self,
        pool: &PoolId,
        policy: Policy,
        who: Claimant,
        now: Timestamp,
    ) -> Result<Option<Phone>, StoreError> {
        let sql = self.dialect().pick(
            "update numbers set free_at = $1, lease_id = $2 where e164 = (select e164 from numbers \
             where pool_id = $3 and visitor_id = $4 and in_service = 1 and shared_until <= $5 \
             order by free_at desc, e164 desc limit 1) returning e164",
            "update numbers set free_at = $1, lease_id = $2 where e164 = (select e164 from numbers \
             where pool_id = $3 and visitor_id = $4 and in_service = 1 and shared_until <= $5 \
             order by free_at desc, e164 desc limit 1 for update) returning e164",
        );
        let row = sqlx::query(sql)
            .bind(policy.free_at(now).as_ms())
            .bind(who.lease.to_string())
            .bind(pool.as_str())
            .bind(who.visitor.to_string())
            .bind(now.as_ms())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.map(|row| row.word("e164")).transpose()?)
    }

    /// The free number that was seen least recently.
    ///
    /// SQLite has one writer, so claims cannot meet. On PostgreSQL they can:
    /// without `skip locked`, rivals that chose the same row all get it.
    async fn take_rested(
        &mut self,
        pool: &PoolId,
        policy: Policy,
        who: Claimant,
        now: Timestamp,
    ) -> Result<Option<Phone>, StoreError> {
        let sql = self.dialect().pick(
            "update numbers set free_at = $1, lease_id = $2, visitor_id = $3 where e164 = (select e164 \
             from numbers where pool_id = $4 and in_service = 1 and free_at <= $5 \
             order by free_at, e164 limit 1) returning e164",
            "update numbers set free_at = $1, lease_id = $2, visitor_id = $3 where e164 = (select e164 \
             from numbers where pool_id = $4 and in_service = 1 and free_at <= $5 \
             order by free_at, e164 limit 1 for update skip locked) returning e164",
        );
        let row = sqlx::query(sql)
            .bind(policy.free_at(now).as_ms())
            .bind(who.lease.to_string())
            .bind(who.visitor.to_string())
            .bind(pool.as_str())
            .bind(now.as_ms())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.map(|row| row.word("e164")).transpose()?)
    }

    /// Keeps the number that the visit has of this pool, or `None` when it has
    /// none any more: lent to another visitor since, or taken out of service.
    pub async fn renew_number(
        &mut self,
        pool: &PoolId,
        policy: Policy,
        visit: VisitId,
        visitor: VisitorId,
        now: Timestamp,
    ) -> Result<Option<Phone>, StoreError> {
        let row = sqlx::query(
            "select l.id, l.number, l.rule from leases l join numbers n on n.e164 = l.number \
             where l.visit_id = $1 and n.pool_id = $2 order by l.started_at desc, l.id desc limit 1",
        )
        .bind(visit.to_string())
        .bind(pool.as_str())
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let number: Phone = row.word("number")?;
        let until = policy.free_at(now);
        let is_kept = if row.maybe_word("rule")? == Some(Rule::Shared) {
            self.keep_shared(pool, &number, until, now).await?
        } else {
            self.keep_own(pool, &number, visitor, until).await?
        };
        if !is_kept {
            return Ok(None);
        }
        sqlx::query("update leases set last_seen_at = $1 where id = $2 and last_seen_at < $1")
            .bind(now.as_ms())
            .bind(row.try_get::<String, _>("id")?)
            .execute(self.connection())
            .await?;
        Ok(Some(number))
    }

    /// Held by its visitor rather than by its lease: two tabs of one visitor
    /// share the number, and neither must make the other look for a new one.
    async fn keep_own(
        &mut self,
        pool: &PoolId,
        number: &Phone,
        visitor: VisitorId,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let kept = sqlx::query(
            "update numbers set free_at = $1 where e164 = $2 and visitor_id = $3 and pool_id = $4 and in_service = 1",
        )
        .bind(until.as_ms())
        .bind(number.reveal())
        .bind(visitor.to_string())
        .bind(pool.as_str())
        .execute(self.connection())
        .await?;
        Ok(kept.rows_affected() > 0)
    }

    /// For each question, the visits that were shown the number before `at` and
    /// last seen after `since`, newest first, at most `limit`.
    ///
    /// That this very call has made its visitor known is no evidence for itself.
    pub async fn list_candidates(
        &mut self,
        asked: &[Shown<'_>],
        limit: u32,
    ) -> Result<HashMap<CallId, Vec<Candidate>>, StoreError> {
        let mut candidates: HashMap<CallId, Vec<Candidate>> = HashMap::new();
        for batch in batches(asked) {
            let mut many = Many::new("with asked (call_id, number, at, since) as (values ");
            for shown in batch {
                many.row()
                    .value(shown.call.to_string())?
                    .value(shown.number.reveal())?
                    .value(shown.at.as_ms())?
                    .value(shown.since.as_ms())?;
            }
            many.then(
                "), placed as (select asked.call_id, asked.at, l.id as lease_id, l.number, l.visit_id, l.visitor_id, \
                 l.started_at, l.last_seen_at, l.rule, row_number() over (partition by asked.call_id order by l.started_at desc, l.id desc) as place \
                 from asked join leases l on l.number = asked.number \
                 and l.started_at <= asked.at and l.last_seen_at >= asked.since) \
                 select p.call_id, p.lease_id, p.visit_id, p.started_at, p.last_seen_at, p.rule, v.channel, v.source, \
                 v.medium, v.campaign, v.term, v.content, v.click_id, v.device, v.country, i.contact_id, \
                 (select max(t.at) from taps t where t.visit_id = p.visit_id and t.number = p.number \
                 and t.at <= p.at) as tapped_at from placed p join visits v on v.id = p.visit_id \
                 left join identities i on i.kind = 'visitor' and i.value = p.visitor_id \
                 and not (i.said = 0 and i.first_seen_at = p.at) where p.place <= ",
            )
            .value(i64::from(limit))?
            .then(" order by p.place");
            let callers: HashMap<CallId, Option<ContactId>> =
                batch.iter().map(|shown| (shown.call, shown.caller)).collect();
            for row in many.fetch(self.connection()).await? {
                let call: CallId = row.word("call_id")?;
                let caller = callers.get(&call).copied().flatten();
                candidates.entry(call).or_default().push(Candidate {
                    lease: row.word("lease_id")?,
                    visit: row.word("visit_id")?,
                    started_at: row.time("started_at")?,
                    last_seen_at: row.time("last_seen_at")?,
                    source: row.source()?,
                    device: row.maybe_word("device")?.unwrap_or_default(),
                    country: row.maybe_word("country")?,
                    tapped_at: row.maybe_time("tapped_at")?,
                    visitor: Acquaintance::of(row.maybe_word("contact_id")?, caller),
                    is_shared: row.maybe_word("rule")? == Some(Rule::Shared),
                });
            }
        }
        Ok(candidates)
    }
}
