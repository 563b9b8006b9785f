//! What the plan says of scenarios, and what has happened that gives tasks by them.

use sqlx::Error;
use sqlx::any::AnyRow;

use super::filter::Question;
use super::restrictions::usable;
use super::rows::{Columns, all};
use super::segments::Condition;
use super::{Store, StoreError, Tx};
use crate::domain::calling::outcome::UnknownWord;
use crate::domain::ids::{ContactId, ScenarioId, TaskId};
use crate::domain::people::scenario::{CallEvent, HORIZON, May, Scenario, When};
use crate::domain::people::segment::Resolved;
use crate::domain::time::Timestamp;

/// Something that happened to a contact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cause {
    /// The id of the call, the engagement or the move into a segment.
    pub id: String,
    pub at: Timestamp,
    pub contact: ContactId,
}

/// Somebody has called the contact `c` since and reached them as far as is told, or they called again and were answered.
macro_rules! called_since {
    ($moment:literal) => {
        concat!(
            "(exists (select 1 from engagements e where e.contact_id = c.id and e.kind = 'call_made' \
             and (e.outcome is null or e.outcome in ('answered', 'voicemail')) and e.at > ",
            $moment,
            ") or exists (select 1 from calls a where a.contact_id = c.id and a.outcome = 'answered' and a.arrived_at > ",
            $moment,
            "))"
        )
    };
}

const CALLS_MISSED: &str = "select k.id as cause, k.arrived_at as at, c.id as contact_id from calls k \
    join contacts c on c.id = k.contact_id where k.outcome in ('missed', 'busy', 'abandoned', 'voicemail', 'failed')";
const CALLS_ANSWERED: &str = "select k.id as cause, k.arrived_at as at, c.id as contact_id from calls k \
    join contacts c on c.id = k.contact_id where k.outcome = 'answered'";
const BOUNCES: &str = "select k.id as cause, k.at as at, c.id as contact_id from engagements k \
    join contacts c on c.id = k.contact_id where k.kind = 'email_bounced_hard'";
const ENTRIES: &str = "select k.id as cause, k.at as at, c.id as contact_id from segment_moves k \
    join contacts c on c.id = k.contact_id where k.entered = 1 and k.segment_id = ";

impl Store {
    /// What has happened and gives a task by now, the oldest first, at most so many. `filter` is the scenario's.
    pub async fn list_causes(
        &self,
        scenario: &Scenario,
        filter: Option<&Resolved>,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<Cause>, StoreError> {
        let mut question;
        let moment = match &scenario.when {
            When::Call(CallEvent::Missed) => {
                question = Question::new(CALLS_MISSED);
                "k.arrived_at"
            }
            When::Call(CallEvent::Answered) => {
                question = Question::new(CALLS_ANSWERED);
                "k.arrived_at"
            }
            When::EmailBounced => {
                question = Question::new(BOUNCES);
                "k.at"
            }
            When::SegmentEntered(segment) => {
                question = Question::new(ENTRIES);
                question.value(segment.to_string())?;
                "k.at"
            }
        };
        let until = now - std::time::Duration::from_secs(u64::from(scenario.after_minutes) * 60);
        question.then(" and ").then(moment).then(" <= ").value(until.as_ms())?;
        question.then(" and ").then(moment).then(" >= ").value((now - HORIZON).as_ms())?;
        question
            .then(" and ")
            .then(moment)
            .then(" >= (select s.since from scenarios s where s.id = ")
            .value(scenario.id.to_string())?
            .then(concat!(") and ", usable!()));
        // One task of a scenario at a time, and none for what happened before the last was settled.
        question
            .then(" and not exists (select 1 from tasks t where t.contact_id = c.id and t.scenario_id = ")
            .value(scenario.id.to_string())?
            .then(" and (t.settled_at is null or t.settled_at >= ")
            .then(moment)
            .then("))");
        // A cause that has moved to somebody else with its number has had its task.
        question
            .then(" and not exists (select 1 from tasks t where t.cause = k.id and t.scenario_id = ")
            .value(scenario.id.to_string())?
            .then(")");
        if scenario.when == When::Call(CallEvent::Missed) {
            question.then(concat!(" and not ", called_since!("k.arrived_at")));
        }
        self.fitting(&mut question, filter, " and ", now)?;
        question.then(" order by at, cause limit ").value(i64::from(most))?;
        Ok(all(question.fetch(self.reads()).await?, |row| {
            Ok(Cause { id: row.text("cause")?, at: row.time("at")?, contact: row.word("contact_id")? })
        })?)
    }

    /// Tasks of missed calls whose contact was called since, or called again and was answered.
    pub async fn list_called(&self, scenario: &ScenarioId, most: u32) -> Result<Vec<TaskId>, StoreError> {
        let mut question = unsettled(scenario)?;
        question.then(concat!(" and ", called_since!("t.cause_at"), " limit ")).value(i64::from(most))?;
        Ok(all(question.fetch(self.reads()).await?, |row| row.word("id"))?)
    }

    /// Tasks whose contact fits the scenario no more.
    pub async fn list_unfit(
        &self,
        scenario: &ScenarioId,
        filter: &Resolved,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<TaskId>, StoreError> {
        let mut question = unsettled(scenario)?;
        self.fitting(&mut question, Some(filter), " and not ", now)?;
        question.then(" limit ").value(i64::from(most))?;
        Ok(all(question.fetch(self.reads()).await?, |row| row.word("id"))?)
    }

    /// Tasks whose scenario has left the plan, at most so many.
    pub async fn list_orphaned(&self, most: u32) -> Result<Vec<TaskId>, StoreError> {
        let rows = sqlx::query(
            "select id from tasks where settled_at is null and reopened = 0 \
             and scenario_id not in (select id from scenarios) limit $1",
        )
        .bind(i64::from(most))
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| row.word("id"))?)
    }

    fn fitting(
        &self,
        question: &mut Question,
        filter: Option<&Resolved>,
        word: &'static str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(filter) = filter else { return Ok(()) };
        question.then(word).then("(");
        Condition { question, dialect: self.dialect(), now }.write(filter)?;
        question.then(")");
        Ok(())
    }
}

fn unsettled(scenario: &ScenarioId) -> Result<Question, Error> {
    let mut question = Question::new(
        "select t.id from tasks t join contacts c on c.id = t.contact_id \
         where t.settled_at is null and t.reopened = 0 and t.scenario_id = ",
    );
    question.value(scenario.to_string())?;
    Ok(question)
}

impl Tx {
    pub async fn list_scenarios(&mut self) -> Result<Vec<Scenario>, StoreError> {
        let rows = sqlx::query(
            "select id, event, segment_id, after_minutes, filter, channel, purpose_id, controller_id, title, list, \
             due_hours from scenarios order by id",
        )
        .fetch_all(self.connection())
        .await?;
        Ok(all(rows, read)?)
    }

    /// Inserts a scenario, or changes it when it is there already; what happened before `now` gives no task by one
    /// that is new, or is about something else now.
    pub async fn save_scenario(&mut self, it: &Scenario, now: Timestamp) -> Result<(), StoreError> {
        let may = it.may.as_ref();
        sqlx::query(
            "insert into scenarios (id, event, segment_id, after_minutes, filter, channel, purpose_id, controller_id, \
             title, list, due_hours, since) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             on conflict (id) do update set event = excluded.event, segment_id = excluded.segment_id, \
             after_minutes = excluded.after_minutes, filter = excluded.filter, channel = excluded.channel, \
             purpose_id = excluded.purpose_id, controller_id = excluded.controller_id, title = excluded.title, \
             list = excluded.list, due_hours = excluded.due_hours, \
             since = case when scenarios.event = excluded.event \
             and coalesce(scenarios.segment_id, '') = coalesce(excluded.segment_id, '') then scenarios.since \
             else excluded.since end",
        )
        .bind(it.id.to_string())
        .bind(it.when.as_str())
        .bind(it.when.segment().map(ToString::to_string))
        .bind(i64::from(it.after_minutes))
        .bind(it.filter.clone())
        .bind(may.map(|it| it.channel.as_str()))
        .bind(may.map(|it| it.purpose.to_string()))
        .bind(may.map(|it| it.controller.to_string()))
        .bind(it.title.clone())
        .bind(it.list.clone())
        .bind(i64::from(it.due_hours))
        .bind(now.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// No more tasks by it; those that there are settle by themselves.
    pub async fn delete_scenario(&mut self, id: &ScenarioId) -> Result<(), StoreError> {
        sqlx::query("delete from scenarios where id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Scenario, Error> {
    let count = |column| Ok::<_, Error>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
    let when = When::read(&row.text("event")?, row.maybe_word("segment_id")?);
    let may = match row.maybe_word("channel")? {
        Some(channel) => {
            Some(May { channel, purpose: row.word("purpose_id")?, controller: row.word("controller_id")? })
        }
        None => None,
    };
    Ok(Scenario {
        id: row.word("id")?,
        when: when.ok_or_else(|| Error::Decode(Box::new(UnknownWord)))?,
        after_minutes: count("after_minutes")?,
        filter: row.maybe_text("filter")?,
        may,
        title: row.text("title")?,
        list: row.text("list")?,
        due_hours: count("due_hours")?,
    })
}
