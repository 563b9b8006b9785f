//! Calls by what they are asked for, the newest first: all that rows and their indexes tell.
//!
//! What reports tell calls apart by is found in memory instead
//! ([`calls_found`](crate::flows::calls_found)): no index serves every filter.

use std::collections::HashSet;

use sqlx::any::AnyRow;

use super::asked::{asked, of_asked};
use super::attributions;
use super::calls::{columns, read};
use super::filter::Question;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Window};
use crate::domain::calling::identity::{Attestation, Signature};
use crate::domain::calling::note::Tag;
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::qualification::Qualification;
use crate::domain::calling::record::CallRecord;
use crate::domain::calling::screening::Verdict;
use crate::domain::calling::screening::rules::Rule;
use crate::domain::calling::search::Sought;
use crate::domain::ids::{CallId, ContactId};
use crate::domain::people::search::DIGITS_MIN;
use crate::domain::phone::Phone;
use crate::domain::reporting::facts::HOUR_MS;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Share;

#[derive(Clone, Default, PartialEq, Debug)]
pub struct CallFilter {
    pub outcome: Option<Outcome>,
    pub number: Option<Phone>,
    pub caller: Option<Phone>,
    /// Calls that arrived at or after this time.
    pub from: Option<Timestamp>,
    /// Calls that arrived before this time.
    pub until: Option<Timestamp>,
    pub contact: Option<ContactId>,
    /// What screening said of it, and by which rule.
    pub screening: Option<Verdict>,
    pub rule: Option<Rule>,
    pub signature: Option<Signature>,
    pub attestation: Option<Attestation>,
    pub qualification: Option<Qualification>,
    pub tag: Option<Tag>,
    pub sought: Option<Sought>,
}

/// A call with its most likely origin.
#[derive(Clone, PartialEq, Debug)]
pub struct CallRow {
    pub record: CallRecord,
    /// `None`: the number is none of ours.
    pub best: Option<Share>,
}

/// Calls with their most likely origin.
macro_rules! select_rows {
    () => {
        concat!(
            "select ",
            columns!(),
            ", a.visit_id, a.probability, a.evidence, a.channel, a.source, a.medium, a.campaign \
             from calls c left join screenings s on s.call_id = c.id left join attributions a on a.call_id = c.id and a.rank = 0 \
             and a.version = (select max(version) from attributions where call_id = c.id)"
        )
    };
}

impl Store {
    /// The calls, newest first.
    pub async fn list_calls(
        &self,
        filter: &CallFilter,
        window: &Window,
    ) -> Result<Page<CallRow>, StoreError> {
        let mut question = Question::new(select_rows!());
        narrowed(&mut question, filter, window)?;
        let calls = all(question.fetch(self.reads()).await?, read_row)?;
        Ok(Page::cut(calls, window, |call| moment_key(call.record.arrived_at, call.record.id)))
    }

    /// When they arrived, the newest first: it takes a fraction of the time of their rows.
    pub async fn list_call_places(
        &self,
        filter: &CallFilter,
        window: &Window,
    ) -> Result<Page<(Timestamp, CallId)>, StoreError> {
        let mut question = Question::new(
            "select c.id, c.arrived_at from calls c left join screenings s on s.call_id = c.id",
        );
        narrowed(&mut question, filter, window)?;
        let places = all(question.fetch(self.reads()).await?, read_place)?;
        Ok(Page::cut(places, window, |(at, id)| moment_key(*at, *id)))
    }

    /// Those of these that there are.
    pub async fn find_calls(&self, ids: &[CallId]) -> Result<Vec<CallRow>, StoreError> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let sql = of_asked!(self, " ", select_rows!(), " where c.id in (select its from asked)");
        Ok(all(sqlx::query(sql).bind(asked(ids)?).fetch_all(self.reads()).await?, read_row)?)
    }

    /// The calls that arrived at one of these moments.
    pub async fn list_calls_at(&self, moments: &[i64]) -> Result<Vec<(Timestamp, CallId)>, StoreError> {
        let sql = of_asked!(
            self,
            " select id, arrived_at from calls where arrived_at in (select cast(its as bigint) from asked)"
        );
        Ok(all(sqlx::query(sql).bind(asked(moments)?).fetch_all(self.reads()).await?, read_place)?)
    }

    /// The calls that arrived at or after a moment and before another.
    pub async fn list_calls_arrived(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(Timestamp, CallId)>, StoreError> {
        let rows = sqlx::query("select id, arrived_at from calls where arrived_at >= $1 and arrived_at < $2")
            .bind(from.as_ms())
            .bind(until.as_ms())
            .fetch_all(self.reads())
            .await?;
        Ok(all(rows, read_place)?)
    }

    /// Hours of this time that somebody who has read on until there does not know as they are; at most so many.
    pub async fn list_fresh_hours(
        &self,
        (seq, hour): (i64, i64),
        (from, until): (Timestamp, Timestamp),
        limit: i64,
    ) -> Result<HashSet<i64>, StoreError> {
        // An hour is taken from the one table and put into the other at once: one question sees it in either.
        let rows = sqlx::query(
            "select hour from (select hour from hours_to_count union \
             select hour from call_hours where (seq, hour) > ($1, $2)) fresh \
             where hour >= $3 and hour <= $4 limit $5",
        )
        .bind(seq)
        .bind(hour)
        .bind(from.as_ms().div_euclid(HOUR_MS))
        .bind(until.as_ms().div_euclid(HOUR_MS))
        .bind(limit)
        .fetch_all(self.reads())
        .await?;
        rows.iter().map(|row| Ok(row.int("hour")?)).collect()
    }
}

/// Of the two rare outcomes there are indexes, which a placeholder would hide.
fn outcome(question: &mut Question, outcome: Option<Outcome>) -> Result<(), sqlx::Error> {
    match outcome {
        Some(Outcome::Blocked) => {
            question.and("c.outcome = 'blocked'");
        }
        Some(Outcome::Failed) => {
            question.and("c.outcome = 'failed'");
        }
        other => {
            question.matching("c.outcome = ", other.map(Outcome::as_str))?;
        }
    }
    Ok(())
}

/// Puts the conditions of a filter, and which part of the list is asked for.
fn narrowed(question: &mut Question, filter: &CallFilter, window: &Window) -> Result<(), StoreError> {
    outcome(question, filter.outcome)?;
    question
        .matching("c.number = ", filter.number.as_ref().map(Phone::reveal))?
        .matching("c.caller = ", filter.caller.as_ref().map(Phone::reveal))?
        .matching("c.arrived_at >= ", filter.from.map(Timestamp::as_ms))?
        .matching("c.arrived_at < ", filter.until.map(Timestamp::as_ms))?
        .matching("c.contact_id = ", filter.contact.map(|id| id.to_string()))?
        .matching("s.verdict = ", filter.screening.map(Verdict::as_str))?
        .matching("s.rule = ", filter.rule.map(Rule::as_str))?
        .matching("s.signature = ", filter.signature.map(Signature::as_str))?
        .matching("c.qualification = ", filter.qualification.map(Qualification::as_str))?
        .matching("s.attestation = ", filter.attestation.map(Attestation::as_str))?;
    if let Some(tag) = &filter.tag {
        question.and("c.id in (select call_id from call_tags where tag = ").value(tag.as_str())?.then(")");
    }
    sought(question, filter.sought.as_ref())?;
    question
        .after_moment("(c.arrived_at, c.id)", window.moment()?)?
        .then(" order by c.arrived_at desc, c.id desc limit ")
        .value(window.fetch())?;
    Ok(())
}

fn sought(question: &mut Question, sought: Option<&Sought>) -> Result<(), sqlx::Error> {
    match sought {
        Some(Sought::Number(phone)) => {
            question.and("c.caller = ").value(phone.reveal().to_owned())?;
        }
        Some(Sought::Ends(digits)) => {
            let last = digits[digits.len() - DIGITS_MIN..].to_owned();
            question.and("c.caller is not null and substr(c.caller, length(c.caller) - 3) = ").value(last)?;
            question.and("c.caller like ").value(format!("%{digits}"))?;
        }
        Some(Sought::Words { words, of_names }) => {
            for word in words {
                question.and("c.id in (select call_id from call_words where word = ").value(word.clone())?;
                if !of_names {
                    question.then(")");
                    continue;
                }
                question
                    .then(
                        " union select id from calls where contact_id in \
                         (select contact_id from contact_keys where kind = 'word' and value = ",
                    )
                    .value(word.clone())?
                    .then("))");
            }
        }
        None => {}
    }
    Ok(())
}

fn read_row(row: &AnyRow) -> Result<CallRow, sqlx::Error> {
    let best = row.maybe_text("evidence")?.map(|_| attributions::read(row)).transpose()?;
    Ok(CallRow { record: read(row)?, best })
}

fn read_place(row: &AnyRow) -> Result<(Timestamp, CallId), sqlx::Error> {
    Ok((row.time("arrived_at")?, row.word("id")?))
}
