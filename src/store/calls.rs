//! Calls: one durable row each, whatever happened.
//!
//! A call is written in three facts that may come late, twice or out of order
//! (they are kept on disk while the database is away), so every statement here
//! says the same however often it runs, and none takes back what another knew.

use sqlx::any::AnyRow;

use super::attributions;
use super::filter::Question;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::record::{Answered, Arrived, CallRecord, Ended};
use crate::domain::ids::{CallId, ContactId, DestinationId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Share;
use crate::domain::tracking::channels::Channel;

#[derive(Clone, Default, Debug)]
pub struct CallFilter {
    pub outcome: Option<Outcome>,
    pub number: Option<Phone>,
    pub caller: Option<Phone>,
    pub destination: Option<DestinationId>,
    /// The channel that the call most likely came by.
    pub channel: Option<Channel>,
    /// Calls that arrived at or after this time.
    pub from: Option<Timestamp>,
    /// Calls that arrived before this time.
    pub until: Option<Timestamp>,
    pub contact: Option<ContactId>,
}

/// A call with its most likely origin.
#[derive(Clone, PartialEq, Debug)]
pub struct CallRow {
    pub record: CallRecord,
    /// `None`: the number is none of ours.
    pub best: Option<Share>,
}

macro_rules! columns {
    () => {
        "c.id, c.trunk, c.sip_call_id, c.number, c.caller, c.destination_id, c.outlet_id, c.answered_by, c.outcome, \
         c.sip_status, c.hung_up_by, c.interrupted, c.arrived_at, c.ringing_at, c.answered_at, c.ended_at, \
         c.contact_id"
    };
}

impl Store {
    /// The calls, newest first.
    pub async fn list_calls(
        &self,
        filter: &CallFilter,
        window: &Window,
    ) -> Result<Page<CallRow>, StoreError> {
        let mut question = Question::new(concat!(
            "select ",
            columns!(),
            ", a.visit_id, a.probability, a.evidence, a.channel, a.source, a.medium, a.campaign \
             from calls c left join attributions a on a.call_id = c.id and a.rank = 0 \
             and a.version = (select max(version) from attributions where call_id = c.id)"
        ));
        question
            .matching("c.outcome = ", filter.outcome.map(Outcome::as_str))?
            .matching("c.number = ", filter.number.as_ref().map(Phone::reveal))?
            .matching("c.caller = ", filter.caller.as_ref().map(Phone::reveal))?
            .matching("c.destination_id = ", filter.destination.as_ref().map(DestinationId::as_str))?
            .matching("a.channel = ", filter.channel.map(Channel::as_str))?
            .matching("c.arrived_at >= ", filter.from.map(Timestamp::as_ms))?
            .matching("c.arrived_at < ", filter.until.map(Timestamp::as_ms))?
            .matching("c.contact_id = ", filter.contact.map(|id| id.to_string()))?
            .after_moment("(c.arrived_at, c.id)", window.moment()?)?
            .then(" order by c.arrived_at desc, c.id desc limit ")
            .value(window.fetch())?;
        let calls = all(question.fetch(self.reads()).await?, |row| {
            let best = row.maybe_text("evidence")?.map(|_| attributions::read(row)).transpose()?;
            Ok(CallRow { record: read(row)?, best })
        })?;
        Ok(Page::cut(calls, window, |call| moment_key(call.record.arrived_at, call.record.id)))
    }

    pub async fn find_call(&self, id: CallId) -> Result<Option<CallRecord>, StoreError> {
        find(self.reads(), id).await
    }
}

impl Tx {
    pub async fn find_call(&mut self, id: CallId) -> Result<Option<CallRecord>, StoreError> {
        find(self.connection(), id).await
    }

    /// When `caller` last rang `number` before `at`.
    pub async fn find_call_before(
        &mut self,
        number: &Phone,
        caller: &Phone,
        at: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let row = sqlx::query(
            "select max(arrived_at) as rang_at from calls where number = $1 and caller = $2 and arrived_at < $3",
        )
        .bind(number.reveal())
        .bind(caller.reveal())
        .bind(at.as_ms())
        .fetch_one(self.connection())
        .await?;
        Ok(row.maybe_time("rang_at")?)
    }

    /// Opens the call; `false` when it was there already.
    pub async fn insert_call(&mut self, fact: &Arrived) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into calls (id, node, trunk, sip_call_id, number, caller, destination_id, outlet_id, \
             interrupted, arrived_at) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9) on conflict (id) do nothing",
        )
        .bind(fact.call.to_string())
        .bind(&fact.node)
        .bind(fact.trunk.as_str())
        .bind(&fact.sip_call_id)
        .bind(fact.number.reveal())
        .bind(fact.caller.as_ref().map(Phone::reveal))
        .bind(fact.destination.as_ref().map(|id| id.as_str()))
        .bind(fact.outlet.as_ref().map(|id| id.as_str()))
        .bind(fact.at.as_ms())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    pub async fn set_contact(&mut self, call: CallId, contact: ContactId) -> Result<(), StoreError> {
        sqlx::query("update calls set contact_id = $1 where id = $2")
            .bind(contact.to_string())
            .bind(call.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Writes the answer; `false` when the call is not there.
    ///
    /// An answer that comes after a restart closed the call shows that the
    /// call had been answered after all, and was alive until then.
    pub async fn answer_call(&mut self, fact: &Answered) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update calls set ringing_at = coalesce(ringing_at, $1), answered_at = coalesce(answered_at, $2), \
             answered_by = coalesce(answered_by, $4), \
             outcome = case when interrupted = 1 then 'answered' else outcome end, \
             sip_status = case when interrupted = 1 then 200 else sip_status end, \
             ended_at = case when interrupted = 1 then coalesce(answered_at, $2) else ended_at end where id = $3",
        )
        .bind(fact.ringing_at.map(Timestamp::as_ms))
        .bind(fact.at.as_ms())
        .bind(fact.call.to_string())
        .bind(fact.destination.as_ref().map(DestinationId::as_str))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Writes the end; `false` when the call is not there.
    ///
    /// The call's own end replaces the one that a restart supposed.
    pub async fn end_call(&mut self, fact: &Ended) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update calls set outcome = $1, sip_status = $2, hung_up_by = $3, interrupted = 0, \
             ringing_at = coalesce($4, ringing_at), answered_at = coalesce($5, answered_at), ended_at = $6 \
             where id = $7",
        )
        .bind(fact.outcome.as_str())
        .bind(i64::from(fact.sip_status))
        .bind(fact.hung_up_by.as_str())
        .bind(fact.ringing_at.map(Timestamp::as_ms))
        .bind(fact.answered_at.map(Timestamp::as_ms))
        .bind(fact.at.as_ms())
        .bind(fact.call.to_string())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Closes the calls that this node carried when it went down, and counts them.
    ///
    /// Nobody knows when they ended, so each ends at its last sign of life: no
    /// talk is counted that may not have been.
    pub async fn interrupt_calls(&mut self, node: &str) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "update calls set interrupted = 1, hung_up_by = 'gateway', \
             ended_at = coalesce(answered_at, ringing_at, arrived_at), \
             sip_status = case when answered_at is null then sip_status else 200 end, \
             outcome = case when answered_at is null then 'failed' else 'answered' end \
             where node = $1 and ended_at is null",
        )
        .bind(node)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }
}

async fn find(on: impl sqlx::AnyExecutor<'_>, id: CallId) -> Result<Option<CallRecord>, StoreError> {
    let row = sqlx::query(concat!("select ", columns!(), " from calls c where c.id = $1"))
        .bind(id.to_string())
        .fetch_optional(on)
        .await?;
    Ok(row.as_ref().map(read).transpose()?)
}

fn read(row: &AnyRow) -> Result<CallRecord, sqlx::Error> {
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
        interrupted: row.flag("interrupted")?,
        arrived_at: row.time("arrived_at")?,
        ringing_at: row.maybe_time("ringing_at")?,
        answered_at: row.maybe_time("answered_at")?,
        ended_at: row.maybe_time("ended_at")?,
        contact: row.maybe_word("contact_id")?,
    })
}
