//! Numbers claimed for visits, many at once.
//!
//! The rule is [`crate::domain::tracking::lease`]'s; here it is SQL, so that no
//! two visits meet between a look and a write. SQLite has one writer, so claims
//! cannot meet. On PostgreSQL they can: without `skip locked`, rivals that chose
//! the same row all get it.

use std::collections::{HashMap, HashSet};

use super::many::{Many, batches};
use super::rows::Columns;
use super::{StoreError, Tx};
use crate::domain::ids::{LeaseId, PoolId, VisitId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::lease::Policy;
use crate::domain::tracking::swap::Rule;
use crate::domain::tracking::visit::SEEN_EVERY;

/// A visit asks a pool for a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim<'a> {
    pub pool: &'a PoolId,
    pub policy: Policy,
    /// The key of the lease, should one be made.
    pub lease: LeaseId,
    pub visit: VisitId,
    pub visitor: VisitorId,
    pub at: Timestamp,
}

impl Claim<'_> {
    pub(super) fn until(&self) -> Timestamp {
        self.policy.free_at(self.at)
    }
}

impl Tx {
    /// For each claim the number that its visit has of the pool, which it
    /// keeps; `None` when it has none any more: lent to another visitor since,
    /// or taken out of service. No two claims are of one visitor.
    pub async fn renew_numbers(&mut self, claims: &[Claim<'_>]) -> Result<Vec<Option<Phone>>, StoreError> {
        let known: Vec<Option<Latest>> = claims.iter().map(|claim| self.going_on.latest(claim)).collect();
        let mut kept = self.keep(claims, &known).await?;

        // Of these nothing was known, or not the latest.
        let rest: Vec<usize> = (0..claims.len()).filter(|&at| kept[at].is_none()).collect();
        let claims: Vec<Claim<'_>> = rest.iter().map(|&at| claims[at]).collect();
        let mut had = self.list_latest(&claims).await?;
        let known: Vec<Option<Latest>> =
            claims.iter().map(|claim| had.remove(&(claim.visit, claim.pool.clone()))).collect();
        for (at, number) in rest.into_iter().zip(self.keep(&claims, &known).await?) {
            kept[at] = number;
        }
        Ok(kept)
    }

    /// Keeps what each claim's visit was lent last, as far as that is still its own.
    async fn keep(
        &mut self,
        claims: &[Claim<'_>],
        latest: &[Option<Latest>],
    ) -> Result<Vec<Option<Phone>>, StoreError> {
        let mut kept: Vec<Option<Phone>> = vec![None; claims.len()];
        let (mut own, mut own_at) = (Vec::new(), Vec::new());
        for (at, (claim, latest)) in claims.iter().zip(latest).enumerate() {
            let Some(latest) = latest else { continue };
            if latest.is_shared {
                let is_kept = self.keep_shared(claim.pool, &latest.number, claim.until(), claim.at).await?;
                kept[at] = is_kept.then(|| latest.number.clone());
            } else if latest.is_fresh(claim) {
                kept[at] = Some(latest.number.clone());
            } else if latest.free_at.is_some() {
                own.push((claim, &latest.number));
                own_at.push(at);
            }
        }
        for (&at, number) in own_at.iter().zip(self.keep_own(&own).await?) {
            kept[at] = number;
        }

        let mut seen = Vec::new();
        for ((claim, latest), number) in claims.iter().zip(latest).zip(&kept) {
            let Some(mut latest) = latest.clone().filter(|_| number.is_some()) else {
                self.going_on.set_latest(claim, None);
                continue;
            };
            if !latest.is_fresh(claim) {
                latest.free_at = Some(claim.until());
            }
            if claim.at.since(latest.last_seen_at) >= SEEN_EVERY {
                latest.last_seen_at = claim.at;
                seen.push((latest.lease, claim.at));
            }
            self.going_on.set_latest(claim, Some(latest));
        }
        self.touch_leases(&seen).await?;
        Ok(kept)
    }

    /// The latest lease of each visit in each pool.
    async fn list_latest(
        &mut self,
        claims: &[Claim<'_>],
    ) -> Result<HashMap<(VisitId, PoolId), Latest>, StoreError> {
        let mut visits: Vec<VisitId> = claims.iter().map(|claim| claim.visit).collect();
        visits.sort();
        visits.dedup();
        let mut latest = HashMap::new();
        for batch in batches(&visits) {
            let mut many = Many::new(
                "select l.id, l.number, l.rule, l.visit_id, l.last_seen_at, n.pool_id, \
                 case when n.in_service = 1 and n.visitor_id = l.visitor_id then n.free_at end as free_at \
                 from leases l join numbers n on n.e164 = l.number \
                 where n.pool_id is not null and l.visit_id in ",
            );
            many.row();
            for visit in batch {
                many.value(visit.to_string())?;
            }
            many.then(" order by l.started_at, l.id");
            for row in many.fetch(self.connection()).await? {
                let lease = Latest {
                    lease: row.word("id")?,
                    number: row.word("number")?,
                    is_shared: row.maybe_word("rule")? == Some(Rule::Shared),
                    last_seen_at: row.time("last_seen_at")?,
                    free_at: row.maybe_time("free_at")?,
                };
                latest.insert((row.word("visit_id")?, row.word("pool_id")?), lease);
            }
        }
        Ok(latest)
    }

    /// Held by its visitor rather than by its lease: two tabs of one visitor
    /// share the number, and neither must make the other look for a new one.
    async fn keep_own(&mut self, claims: &[(&Claim<'_>, &Phone)]) -> Result<Vec<Option<Phone>>, StoreError> {
        let mut kept: HashSet<(Phone, VisitorId)> = HashSet::new();
        for batch in batches(claims) {
            let mut many = Many::new("with kept (held, holder, of_pool, until) as (values ");
            for (claim, number) in batch {
                many.row()
                    .value(number.reveal())?
                    .value(claim.visitor.to_string())?
                    .value(claim.pool.as_str())?
                    .value(claim.until().as_ms())?;
            }
            many.then(
                ") update numbers set free_at = kept.until from kept where numbers.e164 = kept.held \
                 and numbers.visitor_id = kept.holder and numbers.pool_id = kept.of_pool and numbers.in_service = 1 \
                 returning e164, visitor_id",
            );
            for row in many.fetch(self.connection()).await? {
                kept.insert((row.word("e164")?, row.word("visitor_id")?));
            }
        }
        // Whoever had the number before may ask beside whoever has it now.
        let keeps = |claim: &Claim<'_>, number: &Phone| kept.contains(&(number.clone(), claim.visitor));
        Ok(claims.iter().map(|(claim, number)| keeps(claim, number).then(|| (*number).clone())).collect())
    }

    /// Claims the number that this visitor was the last to have, be it lent,
    /// resting or free; not while somebody else shares it.
    ///
    /// On PostgreSQL the row is waited for, not skipped: whoever holds it may
    /// be another page of the same visitor. The plus keeps SQLite from the
    /// index in that order, in which it would walk through all of the pool.
    pub async fn claim_own(&mut self, claim: &Claim<'_>) -> Result<Option<Phone>, StoreError> {
        let sql = self.dialect().pick(
            "update numbers set free_at = $1, lease_id = $2 where e164 = (select e164 from numbers \
             where pool_id = $3 and visitor_id = $4 and in_service = 1 and shared_until <= $5 \
             order by +free_at desc limit 1) returning e164",
            "update numbers set free_at = $1, lease_id = $2 where e164 = (select e164 from numbers \
             where pool_id = $3 and visitor_id = $4 and in_service = 1 and shared_until <= $5 \
             order by +free_at desc limit 1 for update) returning e164",
        );
        let row = sqlx::query(sql)
            .bind(claim.until().as_ms())
            .bind(claim.lease.to_string())
            .bind(claim.pool.as_str())
            .bind(claim.visitor.to_string())
            .bind(claim.at.as_ms())
            .fetch_optional(self.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let number: Phone = row.word("e164")?;
        self.insert_leases(&[(claim, &number)], Rule::Renewed).await?;
        Ok(Some(number))
    }

    /// Claims free numbers of one pool, those seen least recently first, for
    /// as many of the claims as there are numbers, in their order.
    pub async fn claim_rested(
        &mut self,
        pool: &PoolId,
        claims: &[&Claim<'_>],
    ) -> Result<Vec<Phone>, StoreError> {
        let Some(at) = claims.iter().map(|claim| claim.at).min() else { return Ok(Vec::new()) };
        let sql = self.dialect().pick(
            "select e164 from numbers where pool_id = $1 and in_service = 1 and free_at <= $2 \
             and shared_until <= $2 order by free_at, e164 limit $3",
            "select e164 from numbers where pool_id = $1 and in_service = 1 and free_at <= $2 \
             and shared_until <= $2 order by free_at, e164 limit $3 for update skip locked",
        );
        let rows = sqlx::query(sql)
            .bind(pool.as_str())
            .bind(at.as_ms())
            .bind(claims.len() as i64)
            .fetch_all(self.connection())
            .await?;
        let numbers: Vec<Phone> = rows.iter().map(|row| row.word("e164")).collect::<Result<_, _>>()?;

        let taken: Vec<(&Claim<'_>, &Phone)> = claims.iter().copied().zip(&numbers).collect();
        for batch in batches(&taken) {
            let mut many = Many::new("with taken (number, lease, visitor, until) as (values ");
            for (claim, number) in batch {
                many.row()
                    .value(number.reveal())?
                    .value(claim.lease.to_string())?
                    .value(claim.visitor.to_string())?
                    .value(claim.until().as_ms())?;
            }
            many.then(
                ") update numbers set free_at = taken.until, lease_id = taken.lease, visitor_id = taken.visitor \
                 from taken where numbers.e164 = taken.number",
            );
            many.execute(self.connection()).await?;
        }
        self.insert_leases(&taken, Rule::Lease).await?;
        Ok(numbers)
    }
}

/// A lease and how its number stands.
#[derive(Clone)]
pub(super) struct Latest {
    pub lease: LeaseId,
    pub number: Phone,
    pub is_shared: bool,
    pub last_seen_at: Timestamp,
    /// Until then the number is lent to nobody else; `None`: it is not the visitor's any more.
    pub free_at: Option<Timestamp>,
}

impl Latest {
    /// What a claim was just lent.
    pub fn lent(claim: &Claim<'_>, number: &Phone, rule: Rule) -> Self {
        Self {
            lease: claim.lease,
            number: number.clone(),
            is_shared: rule == Rule::Shared,
            last_seen_at: claim.at,
            free_at: Some(claim.until()),
        }
    }

    /// Whether the visit has the number, and for as good as the time that it
    /// may: nobody is lent a number before it is free, so there is nothing to write.
    fn is_fresh(&self, claim: &Claim<'_>) -> bool {
        let until = claim.until();
        self.free_at.is_some_and(|free_at| {
            claim.at < free_at && until.since(free_at).max(free_at.since(until)) < SEEN_EVERY
        })
    }
}
