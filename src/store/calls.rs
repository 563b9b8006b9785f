//! Calls: one durable row each, whatever happened.
//!
//! A call is written in three facts that may come late, twice or out of order
//! (they are kept on disk while the database is away), so every statement here
//! says the same however often it runs, and none takes back what another knew.

use std::collections::{HashMap, HashSet};

use sqlx::any::AnyRow;

use super::many::{Many, batches};
use super::qualifications;
use super::rows::Columns;
use super::screenings;
use super::{Store, StoreError, Tx};
use crate::domain::calling::outcome::EndReason;
use crate::domain::calling::record::{Answered, Arrived, CallRecord, Ended};
use crate::domain::ids::{CallId, ContactId, DestinationId, OutletId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::webhook::event::{CallEnded, Data, Event, Kind};

/// What a call is read from: of `calls c left join screenings s`.
macro_rules! columns {
    () => {
        "c.id, c.trunk, c.sip_call_id, c.number, c.caller, c.destination_id, c.outlet_id, c.answered_by, c.outcome, \
         c.sip_status, c.hung_up_by, c.end_reason, c.interrupted, c.arrived_at, c.ringing_at, c.answered_at, c.ended_at, \
         c.contact_id, c.qualification, c.qualified_at, c.qualified_by, s.verdict, s.rule, s.block_id, s.signature, s.why, s.attestation, s.origination, s.diversions"
    };
}

pub(super) use columns;

/// What is told of a call that is over.
macro_rules! ended {
    () => {
        "calls.id, calls.contact_id, calls.number, calls.destination_id, calls.outlet_id, calls.outcome, \
         calls.hung_up_by, calls.end_reason, calls.interrupted, calls.arrived_at, calls.ringing_at, \
         calls.answered_at, calls.ended_at"
    };
}

impl Store {
    pub async fn find_call(&self, id: CallId) -> Result<Option<CallRecord>, StoreError> {
        find(self.reads(), id).await
    }
}

impl Tx {
    pub(super) async fn has_call(&mut self, call: CallId) -> Result<bool, StoreError> {
        let found = sqlx::query("select 1 from calls where id = $1")
            .bind(call.to_string())
            .fetch_optional(self.connection())
            .await?;
        Ok(found.is_some())
    }

    pub async fn find_call(&mut self, id: CallId) -> Result<Option<CallRecord>, StoreError> {
        find(self.connection(), id).await
    }

    /// When each caller last rang the number before this call; those who did.
    pub async fn list_calls_before(
        &mut self,
        calls: &[(CallId, &Phone, &Phone, Timestamp)],
    ) -> Result<HashMap<CallId, Timestamp>, StoreError> {
        let mut before = HashMap::new();
        for batch in batches(calls) {
            let mut many = Many::new("with asked (call_id, number, caller, at) as (values ");
            for (call, number, caller, at) in batch {
                many.row()
                    .value(call.to_string())?
                    .value(number.reveal())?
                    .value(caller.reveal())?
                    .value(at.as_ms())?;
            }
            many.then(
                ") select a.call_id, max(c.arrived_at) as rang_at from asked a join calls c \
                 on c.number = a.number and c.caller = a.caller and c.arrived_at < a.at group by a.call_id",
            );
            for row in many.fetch(self.connection()).await? {
                before.insert(row.word("call_id")?, row.time("rang_at")?);
            }
        }
        Ok(before)
    }

    /// Which of these calls are there.
    pub async fn list_known_calls(&mut self, calls: &[CallId]) -> Result<HashSet<CallId>, StoreError> {
        let mut known = HashSet::new();
        for batch in batches(calls) {
            let mut many = Many::new("select id from calls where id in ");
            many.row();
            for call in batch {
                many.value(call.to_string())?;
            }
            known.extend(ids(&many.fetch(self.connection()).await?)?);
        }
        Ok(known)
    }

    /// Opens calls, each with its caller's contact; one that is there stays as it is.
    pub async fn insert_calls(&mut self, calls: &[(&Arrived, Option<ContactId>)]) -> Result<(), StoreError> {
        for batch in batches(calls) {
            let mut many = Many::new(
                "insert into calls (id, node, trunk, sip_call_id, number, caller, destination_id, outlet_id, \
                 interrupted, arrived_at, contact_id) values ",
            );
            for (fact, contact) in batch {
                many.row()
                    .value(fact.call.to_string())?
                    .value(fact.node.as_str())?
                    .value(fact.trunk.as_str())?
                    .value(fact.sip_call_id.as_str())?
                    .value(fact.number.reveal())?
                    .value(fact.caller.as_ref().map(Phone::reveal))?
                    .value(fact.destination.as_ref().map(DestinationId::as_str))?
                    .value(fact.outlet.as_ref().map(OutletId::as_str))?
                    .value(0_i32)?
                    .value(fact.at.as_ms())?
                    .value(contact.map(|contact| contact.to_string()))?;
            }
            many.then(" on conflict (id) do nothing");
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Writes answers, at most one a call, and tells which of the calls are there.
    ///
    /// An answer that comes after a restart closed the call shows that the
    /// call had been answered after all, and was alive until then.
    pub async fn answer_calls(&mut self, facts: &[&Answered]) -> Result<HashSet<CallId>, StoreError> {
        let mut known = HashSet::new();
        for batch in batches(facts) {
            let mut many = Many::new("with fact (call_id, rang, answered, taker) as (values ");
            for fact in batch {
                many.row()
                    .value(fact.call.to_string())?
                    .value(fact.ringing_at.map(Timestamp::as_ms))?
                    .value(fact.at.as_ms())?
                    .value(fact.destination.as_ref().map(DestinationId::as_str))?;
            }
            many.then(
                ") update calls set ringing_at = coalesce(calls.ringing_at, fact.rang), \
                 answered_at = coalesce(calls.answered_at, fact.answered), \
                 answered_by = coalesce(calls.answered_by, fact.taker), \
                 outcome = case when calls.interrupted = 1 then 'answered' else calls.outcome end, \
                 sip_status = case when calls.interrupted = 1 then 200 else calls.sip_status end, \
                 ended_at = case when calls.interrupted = 1 then coalesce(calls.answered_at, fact.answered) \
                 else calls.ended_at end from fact where calls.id = fact.call_id returning id",
            );
            let answered = ids(&many.fetch(self.connection()).await?)?;
            self.count_again(&answered).await?;
            known.extend(answered);
        }
        Ok(known)
    }

    /// Writes ends, at most one a call, and tells which of the calls are there.
    ///
    /// A call's own end replaces the one that a restart supposed.
    pub async fn end_calls(&mut self, facts: &[&Ended]) -> Result<HashSet<CallId>, StoreError> {
        let mut known = HashSet::new();
        for batch in batches(facts) {
            let mut many =
                Many::new("with fact (call_id, result, status, by, why, rang, answered, ended) as (values ");
            for fact in batch {
                many.row()
                    .value(fact.call.to_string())?
                    .value(fact.outcome.as_str())?
                    .value(i64::from(fact.sip_status))?
                    .value(fact.hung_up_by.as_str())?
                    .value(fact.reason.map(EndReason::as_str))?
                    .value(fact.ringing_at.map(Timestamp::as_ms))?
                    .value(fact.answered_at.map(Timestamp::as_ms))?
                    .value(fact.at.as_ms())?;
            }
            many.then(concat!(
                ") update calls set outcome = fact.result, sip_status = fact.status, hung_up_by = fact.by, \
                 end_reason = fact.why, \
                 interrupted = 0, ringing_at = coalesce(fact.rang, calls.ringing_at), \
                 answered_at = coalesce(fact.answered, calls.answered_at), ended_at = fact.ended \
                 from fact where calls.id = fact.call_id returning ",
                ended!()
            ));
            let rows = many.fetch(self.connection()).await?;
            let ended = ids(&rows)?;
            self.count_again(&ended).await?;
            known.extend(ended);
            self.tell_ends(&rows)?;
        }
        Ok(known)
    }

    fn tell_ends(&mut self, rows: &[AnyRow]) -> Result<(), StoreError> {
        if self.tells_nobody() {
            return Ok(());
        }
        for row in rows {
            let end = read_end(row)?;
            self.tell(Event { kind: Kind::CallEnded, at: end.ended_at, data: Data::Call(Box::new(end)) });
        }
        Ok(())
    }

    /// The calls of a contact since `since`, newest first.
    pub async fn list_calls_of(
        &mut self,
        contact: ContactId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<CallId>, StoreError> {
        let rows = sqlx::query(
            "select id from calls where contact_id = $1 and arrived_at >= $2 \
             order by arrived_at desc, id desc limit $3",
        )
        .bind(contact.to_string())
        .bind(since.as_ms())
        .bind(i64::from(limit))
        .fetch_all(self.connection())
        .await?;
        Ok(ids(&rows)?)
    }

    /// Closes the calls that this node carried when it went down, and counts them.
    ///
    /// Nobody knows when they ended, so each ends at its last sign of life: no
    /// talk is counted that may not have been.
    pub async fn interrupt_calls(&mut self, node: &str) -> Result<u64, StoreError> {
        let rows = sqlx::query(concat!(
            "update calls set interrupted = 1, hung_up_by = 'gateway', \
             ended_at = coalesce(answered_at, ringing_at, arrived_at), \
             sip_status = case when answered_at is null then sip_status else 200 end, \
             outcome = case when answered_at is null then 'failed' else 'answered' end \
             where node = $1 and ended_at is null returning ",
            ended!()
        ))
        .bind(node)
        .fetch_all(self.connection())
        .await?;
        self.count_again(&ids(&rows)?).await?;
        self.tell_ends(&rows)?;
        Ok(rows.len() as u64)
    }
}

fn read_end(row: &AnyRow) -> Result<CallEnded, sqlx::Error> {
    Ok(CallEnded {
        call: row.word("id")?,
        contact: row.maybe_word("contact_id")?,
        number: row.word("number")?,
        destination: row.maybe_word("destination_id")?,
        outlet: row.maybe_word("outlet_id")?,
        outcome: row.word("outcome")?,
        hung_up_by: row.word("hung_up_by")?,
        end_reason: row.maybe_word("end_reason")?,
        interrupted: row.flag("interrupted")?,
        arrived_at: row.time("arrived_at")?,
        ringing_at: row.maybe_time("ringing_at")?,
        answered_at: row.maybe_time("answered_at")?,
        ended_at: row.time("ended_at")?,
    })
}

async fn find(on: impl sqlx::AnyExecutor<'_>, id: CallId) -> Result<Option<CallRecord>, StoreError> {
    let row = sqlx::query(concat!(
        "select ",
        columns!(),
        " from calls c left join screenings s on s.call_id = c.id where c.id = $1"
    ))
    .bind(id.to_string())
    .fetch_optional(on)
    .await?;
    Ok(row.as_ref().map(read).transpose()?)
}

fn ids(rows: &[AnyRow]) -> Result<Vec<CallId>, sqlx::Error> {
    rows.iter().map(|row| row.word("id")).collect()
}

pub(super) fn read(row: &AnyRow) -> Result<CallRecord, sqlx::Error> {
    Ok(CallRecord {
        id: row.word("id")?,
        trunk: row.word("trunk")?,
        sip_call_id: row.text("sip_call_id")?,
        number: row.word("number")?,
        caller: row.maybe_word("caller")?,
        destination: row.maybe_word("destination_id")?,
        outlet: row.maybe_word("outlet_id")?,
        answered_by: row.maybe_word("answered_by")?,
        outcome: row.maybe_word("outcome")?,
        sip_status: row.maybe_int("sip_status")?.and_then(|code| u16::try_from(code).ok()),
        hung_up_by: row.maybe_word("hung_up_by")?,
        end_reason: row.maybe_word("end_reason")?,
        interrupted: row.flag("interrupted")?,
        arrived_at: row.time("arrived_at")?,
        ringing_at: row.maybe_time("ringing_at")?,
        answered_at: row.maybe_time("answered_at")?,
        ended_at: row.maybe_time("ended_at")?,
        contact: row.maybe_word("contact_id")?,
        screening: screenings::decision(row)?,
        identity: screenings::identity(row)?,
        qualification: qualifications::read(row)?,
    })
}
