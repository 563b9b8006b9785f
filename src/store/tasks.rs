//! Tasks: what somebody is to do for a contact, and what became of it.

use sqlx::any::AnyRow;

use super::asked::{asked, of_asked};
use super::filter::Question;
use super::many::{Many, batches};
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::{ContactId, ScenarioId, TaskId};
use crate::domain::people::merge::Merge;
use crate::domain::people::scenario::{State, Task, Why};
use crate::domain::time::Timestamp;
use crate::domain::webhook::event::{Data, Event, Kind};

macro_rules! columns {
    () => {
        "id, scenario_id, contact_id, cause, cause_at, state, title, list, due_at, wait_until, why, assignee, \
         created_at, settled_at, settled_by, reopened"
    };
}

/// The tasks that a merge has carried over.
macro_rules! came_along {
    ($merge:literal) => {
        concat!("(select subject from merge_moves where what = 'task' and merge_id = ", $merge, ")")
    };
}

/// Which tasks; each condition that is given must hold.
#[derive(Clone, Default, Debug)]
pub struct TaskFilter {
    pub state: Option<State>,
    pub list: Option<String>,
    pub contact: Option<ContactId>,
}

impl Store {
    /// Those that fit, what is due first first.
    pub async fn list_tasks(&self, filter: &TaskFilter, window: &Window) -> Result<Page<Task>, StoreError> {
        let mut question = Question::new(concat!("select ", columns!(), " from tasks"));
        question
            .matching("state = ", filter.state.map(State::as_str))?
            .matching("list = ", filter.list.clone())?
            .matching("contact_id = ", filter.contact.map(|it| it.to_string()))?;
        if let Some((due_at, id)) = window.moment()? {
            question.and("(due_at, id) > (").value(due_at)?.then(", ").value(id)?.then(")");
        }
        question.then(" order by due_at, id limit ").value(window.fetch())?;
        let tasks = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(tasks, window, |task| moment_key(task.due_at, task.id)))
    }

    /// What is to be done for these because a call of theirs was missed.
    pub async fn list_call_backs(&self, contacts: &[ContactId]) -> Result<Vec<Task>, StoreError> {
        let sql = of_asked!(
            self,
            " select ",
            columns!(),
            " from tasks where settled_at is null and contact_id in (select its from asked) \
             and scenario_id in (select id from scenarios where event = 'call_missed') order by due_at, id"
        );
        Ok(all(sqlx::query(sql).bind(asked(contacts)?).fetch_all(self.reads()).await?, read)?)
    }

    /// Tasks of a scenario that may be asked for again by now, at most so many.
    pub async fn list_waiting(
        &self,
        scenario: &ScenarioId,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<Task>, StoreError> {
        let rows = sqlx::query(concat!(
            "select ",
            columns!(),
            " from tasks where state = 'waiting' and scenario_id = $1 and wait_until <= $2 order by due_at, id limit $3"
        ))
        .bind(scenario.to_string())
        .bind(now.as_ms())
        .bind(i64::from(most))
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, read)?)
    }
}

impl Tx {
    pub async fn find_task(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        let sql = self.dialect().pick(
            concat!("select ", columns!(), " from tasks where id = $1"),
            concat!("select ", columns!(), " from tasks where id = $1 for update"),
        );
        let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(self.connection()).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Adds tasks, each unless its scenario has one for the cause or for the contact already, or the contact is gone.
    pub async fn insert_tasks(&mut self, tasks: &[Task]) -> Result<u64, StoreError> {
        let mut new = 0;
        for task in tasks {
            let done = sqlx::query(concat!(
                "insert into tasks (",
                columns!(),
                ") select $1, $2, c.id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16 from contacts c \
                 where c.id = $3 and c.merged_into is null and c.erased_at is null and not exists \
                 (select 1 from tasks t where t.scenario_id = $2 and t.contact_id = $3 and t.settled_at is null) \
                 on conflict do nothing"
            ))
            .bind(task.id.to_string())
            .bind(task.scenario.to_string())
            .bind(task.contact.to_string())
            .bind(task.cause.clone())
            .bind(task.cause_at.as_ms())
            .bind(task.state.as_str())
            .bind(task.title.clone())
            .bind(task.list.clone())
            .bind(task.due_at.as_ms())
            .bind(task.wait_until.map(Timestamp::as_ms))
            .bind(task.why.map(Why::as_str))
            .bind(task.assignee.clone())
            .bind(task.created_at.as_ms())
            .bind(task.settled_at.map(Timestamp::as_ms))
            .bind(task.settled_by.clone())
            .bind(i64::from(task.reopened))
            .execute(self.connection())
            .await?;
            if done.rows_affected() > 0 {
                new += 1;
                self.tell_task(task, task.created_at);
            }
        }
        Ok(new)
    }

    /// Tells that somebody is to do it, or nobody any more.
    pub fn tell_task(&mut self, task: &Task, now: Timestamp) {
        let kind = match task.state {
            State::Waiting => return,
            State::Open => Kind::TaskOpened,
            State::Done | State::Dropped => Kind::TaskSettled,
        };
        let data = Data::Task { contact: task.contact, task: task.id, scenario: task.scenario.clone() };
        self.tell(Event { kind, at: now, data });
    }

    /// Writes what may change of a task.
    pub async fn save_task(&mut self, task: &Task) -> Result<(), StoreError> {
        sqlx::query(
            "update tasks set state = $1, due_at = $2, wait_until = $3, why = $4, assignee = $5, settled_at = $6, \
             settled_by = $7, reopened = $8 where id = $9",
        )
        .bind(task.state.as_str())
        .bind(task.due_at.as_ms())
        .bind(task.wait_until.map(Timestamp::as_ms))
        .bind(task.why.map(Why::as_str))
        .bind(task.assignee.clone())
        .bind(task.settled_at.map(Timestamp::as_ms))
        .bind(task.settled_by.clone())
        .bind(i64::from(task.reopened))
        .bind(task.id.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// These are done, or dropped, by themselves, unless somebody has settled or opened them meanwhile.
    pub async fn settle_tasks(
        &mut self,
        tasks: &[TaskId],
        state: State,
        why: Why,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for batch in batches(tasks) {
            let mut many = Many::new("update tasks set wait_until = null, state = ");
            many.value(state.as_str())?
                .then(", why = ")
                .value(why.as_str())?
                .then(", settled_at = ")
                .value(now.as_ms())?;
            many.then(" where settled_at is null and reopened = 0 and id in (values ");
            for task in batch {
                many.row().value(task.to_string())?;
            }
            many.then(") returning id, contact_id, scenario_id");
            for row in many.fetch(self.connection()).await? {
                let data = Data::Task {
                    contact: row.word("contact_id")?,
                    task: row.word("id")?,
                    scenario: row.word("scenario_id")?,
                };
                self.tell(Event { kind: Kind::TaskSettled, at: now, data });
            }
        }
        Ok(())
    }

    /// Of two tasks of a scenario that a contact has since this merge, the one that came along is dropped.
    pub(super) async fn join_tasks(&mut self, merge: &Merge) -> Result<(), StoreError> {
        sqlx::query(concat!(
            "update tasks set state = 'dropped', why = 'merged', settled_at = $1 \
             where contact_id = $2 and settled_at is null and id in ",
            came_along!("$3"),
            " and exists (select 1 from tasks own where own.contact_id = $2 and own.settled_at is null \
             and own.scenario_id = tasks.scenario_id and own.id not in ",
            came_along!("$3"),
            ")"
        ))
        .bind(merge.at.as_ms())
        .bind(merge.into.to_string())
        .bind(merge.id.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// They are two again, and so are their tasks.
    pub(super) async fn separate_tasks(&mut self, merge: &Merge) -> Result<(), StoreError> {
        sqlx::query(concat!(
            "update tasks set state = case when wait_until is null then 'open' else 'waiting' end, why = null, \
             settled_at = null where contact_id = $1 and why = 'merged' and id in ",
            came_along!("$2")
        ))
        .bind(merge.gone.to_string())
        .bind(merge.id.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Task, sqlx::Error> {
    Ok(Task {
        id: row.word("id")?,
        scenario: row.word("scenario_id")?,
        contact: row.word("contact_id")?,
        cause: row.text("cause")?,
        cause_at: row.time("cause_at")?,
        state: row.word("state")?,
        title: row.text("title")?,
        list: row.text("list")?,
        due_at: row.time("due_at")?,
        wait_until: row.maybe_time("wait_until")?,
        why: row.maybe_word("why")?,
        assignee: row.maybe_text("assignee")?,
        created_at: row.time("created_at")?,
        settled_at: row.maybe_time("settled_at")?,
        settled_by: row.maybe_text("settled_by")?,
        reopened: row.flag("reopened")?,
    })
}
