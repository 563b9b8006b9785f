//! Numbers lent to visits: the history that calls are told by. How a number is
//! claimed stands in [`super::lending`].

use std::collections::HashMap;

use super::lending::{Claim, Latest};
use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{CallId, ContactId, LeaseId, VisitId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::{Acquaintance, Candidate};
use crate::domain::tracking::lease::Lease;
use crate::domain::tracking::swap::Rule;

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
    pub(super) async fn insert_leases(
        &mut self,
        lent: &[(&Claim<'_>, &Phone)],
        rule: Rule,
    ) -> Result<(), StoreError> {
        for batch in batches(lent) {
            let mut many = Many::new(
                "insert into leases (id, number, visit_id, visitor_id, started_at, last_seen_at, rule) values ",
            );
            for (claim, number) in batch {
                many.row()
                    .value(claim.lease.to_string())?
                    .value(number.reveal())?
                    .value(claim.visit.to_string())?
                    .value(claim.visitor.to_string())?
                    .value(claim.at.as_ms())?
                    .value(claim.at.as_ms())?
                    .value(rule.as_str())?;
            }
            many.execute(self.connection()).await?;
        }
        for (claim, number) in lent {
            self.going_on.set_latest(claim, Some(Latest::lent(claim, number, rule)));
        }
        Ok(())
    }

    /// Writes down that the pages were still looked at; never moves back.
    pub(super) async fn touch_leases(&mut self, seen: &[(LeaseId, Timestamp)]) -> Result<(), StoreError> {
        for batch in batches(seen) {
            let mut many = Many::new("with seen (lease, at) as (values ");
            for (lease, at) in batch {
                many.row().value(lease.to_string())?.value(at.as_ms())?;
            }
            many.then(
                ") update leases set last_seen_at = seen.at from seen where leases.id = seen.lease \
                 and leases.last_seen_at < seen.at",
            );
            many.execute(self.connection()).await?;
        }
        Ok(())
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
