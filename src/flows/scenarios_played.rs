//! What has happened to contacts gives tasks, and tasks that are done by themselves are settled.

use super::contactability_checked::contactability_checked;
use super::error::FlowError;
use super::segment_written::vocabulary;
use crate::clock::Clock;
use crate::domain::ids::{ContactId, TaskId};
use crate::domain::people::contact::Whom;
use crate::domain::people::rules::Question;
use crate::domain::people::scenario::{CallEvent, Scenario, State, Task, When, Why, standing};
use crate::domain::people::segment::Resolved;
use crate::domain::time::Timestamp;
use crate::store::scenarios::Cause;
use crate::store::{Store, StoreError};

/// How many are looked for and written at once, so that calls do not wait.
const PART: u32 = 200;

/// Tells how many tasks are new. Played again it makes none: a cause gives one task of a scenario.
///
/// A scenario whose filter cannot be read any more, or whose purpose has left the plan, makes none and leaves those
/// that there are.
pub async fn scenarios_played(store: &Store, clock: &Clock) -> Result<u64, FlowError> {
    drop_orphaned(store, clock).await?;
    let scenarios = store.read(|tx| Box::pin(tx.list_scenarios())).await?;
    if scenarios.is_empty() {
        return Ok(0);
    }
    let known = vocabulary(store).await?;
    let mut new = 0;
    for scenario in scenarios {
        let filter = scenario.filter.as_ref().map(|text| known.resolve(None, text)).transpose();
        let (Ok(filter), Ok(question)) = (filter, question(store, &scenario).await?) else { continue };
        let played = Played { store, clock, scenario: &scenario, filter: filter.as_ref(), question };
        played.settle().await?;
        new += played.begin().await?;
        played.ask_again().await?;
    }
    Ok(new)
}

/// What a scenario wanted that has left the plan nobody wants any more.
async fn drop_orphaned(store: &Store, clock: &Clock) -> Result<(), StoreError> {
    loop {
        let orphaned = store.list_orphaned(PART).await?;
        if orphaned.is_empty() {
            return Ok(());
        }
        settle(store, clock, orphaned, State::Dropped, Why::ScenarioGone).await?;
    }
}

async fn settle(
    store: &Store,
    clock: &Clock,
    tasks: Vec<TaskId>,
    state: State,
    why: Why,
) -> Result<(), StoreError> {
    let now = clock.now();
    let settled = store.write(move |tx| {
        let tasks = tasks.clone();
        Box::pin(async move { tx.settle_tasks(&tasks, state, why, now).await })
    });
    settled.await
}

/// The purpose has left the plan.
struct Retired;

/// What must be allowed, if anything.
async fn question(
    store: &Store,
    scenario: &Scenario,
) -> Result<Result<Option<Question>, Retired>, StoreError> {
    let Some(may) = &scenario.may else { return Ok(Ok(None)) };
    let purpose = store.list_purposes().await?.into_iter().find(|it| it.id == may.purpose);
    Ok(purpose
        .ok_or(Retired)
        .map(|purpose| Some(Question { channel: may.channel, purpose, controller: may.controller.clone() })))
}

struct Played<'s> {
    store: &'s Store,
    clock: &'s Clock,
    scenario: &'s Scenario,
    filter: Option<&'s Resolved>,
    question: Option<Question>,
}

impl Played<'_> {
    /// What is done by itself.
    async fn settle(&self) -> Result<(), StoreError> {
        if self.scenario.when == When::Call(CallEvent::Missed) {
            loop {
                let called = self.store.list_called(&self.scenario.id, PART).await?;
                if called.is_empty() {
                    break;
                }
                self.settle_these(called, Why::Called).await?;
            }
        }
        let Some(filter) = self.filter else { return Ok(()) };
        loop {
            let unfit = self.store.list_unfit(&self.scenario.id, filter, self.clock.now(), PART).await?;
            if unfit.is_empty() {
                return Ok(());
            }
            self.settle_these(unfit, Why::FitsNoMore).await?;
        }
    }

    async fn settle_these(&self, tasks: Vec<TaskId>, why: Why) -> Result<(), StoreError> {
        settle(self.store, self.clock, tasks, State::Done, why).await
    }

    /// Tasks for what has happened.
    async fn begin(&self) -> Result<u64, StoreError> {
        let mut new = 0;
        loop {
            let now = self.clock.now();
            let causes = self.store.list_causes(self.scenario, self.filter, now, PART).await?;
            if causes.is_empty() {
                return Ok(new);
            }
            let contacts = causes.iter().map(|cause| cause.contact).collect();
            let stand = self.allowed(contacts, now).await?;
            let tasks: Vec<Task> =
                causes.into_iter().zip(stand).map(|(cause, stand)| self.task(cause, stand, now)).collect();
            let saved = self.store.write(move |tx| {
                let tasks = tasks.clone();
                Box::pin(async move { tx.insert_tasks(&tasks).await })
            });
            let saved = saved.await?;
            if saved == 0 {
                // Another node was first.
                return Ok(new);
            }
            new += saved;
        }
    }

    /// Those that wait, and may be asked for again.
    async fn ask_again(&self) -> Result<(), StoreError> {
        loop {
            let now = self.clock.now();
            let waiting = self.store.list_waiting(&self.scenario.id, now, PART).await?;
            if waiting.is_empty() {
                return Ok(());
            }
            let contacts = waiting.iter().map(|task| task.contact).collect();
            let stand = self.allowed(contacts, now).await?;
            for (task, (allowed, next_at)) in waiting.into_iter().zip(stand) {
                // A moment that is not later would be asked for again and again.
                let next_at = next_at.filter(|next| *next > now);
                let saved = self.store.write(move |tx| {
                    Box::pin(async move {
                        let Some(mut task) = tx.find_task(task.id).await? else { return Ok(()) };
                        if task.state == State::Waiting {
                            let stand = standing(allowed, next_at, task.cause_at);
                            stand_so(&mut task, stand, now);
                            tx.save_task(&task).await?;
                            tx.tell_task(&task, now);
                        }
                        Ok(())
                    })
                });
                saved.await?;
            }
        }
    }

    /// Whether each may be reached now, and when if not.
    async fn allowed(
        &self,
        contacts: Vec<ContactId>,
        now: Timestamp,
    ) -> Result<Vec<(bool, Option<Timestamp>)>, StoreError> {
        let Some(question) = &self.question else { return Ok(vec![(true, None); contacts.len()]) };
        let whom = contacts.into_iter().map(Whom::Contact).collect();
        let decided = contactability_checked(self.store, self.clock, whom, question, now).await?;
        Ok(decided.into_iter().map(|it| it.map_or((false, None), |it| (it.allowed, it.next_at))).collect())
    }

    fn task(&self, cause: Cause, (allowed, next_at): (bool, Option<Timestamp>), now: Timestamp) -> Task {
        let due = std::time::Duration::from_secs(u64::from(self.scenario.due_hours) * 3_600);
        let mut task = Task {
            id: TaskId(self.clock.new_id()),
            scenario: self.scenario.id.clone(),
            contact: cause.contact,
            cause: cause.id,
            cause_at: cause.at,
            state: State::Open,
            title: self.scenario.title.clone(),
            list: self.scenario.list.clone(),
            due_at: now + due,
            wait_until: None,
            why: None,
            assignee: None,
            created_at: now,
            settled_at: None,
            settled_by: None,
            reopened: false,
        };
        stand_so(&mut task, standing(allowed, next_at, cause.at), now);
        task
    }
}

fn stand_so(
    task: &mut Task,
    (state, wait_until, why): (State, Option<Timestamp>, Option<Why>),
    now: Timestamp,
) {
    task.state = state;
    task.wait_until = wait_until;
    task.why = why;
    task.settled_at = (state == State::Dropped).then_some(now);
}
