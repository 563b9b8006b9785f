//! Somebody says what becomes of a task.

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::TaskId;
use crate::domain::people::scenario::{State, Task};
use crate::domain::time::Timestamp;
use crate::store::Store;

/// What changes; what is not given stays.
#[derive(Clone, Default, Debug)]
pub struct TaskChange {
    /// Open, done or dropped: nobody makes a task wait.
    pub state: Option<State>,
    /// `Some(None)`: nobody's.
    pub assignee: Option<Option<String>>,
    pub due_at: Option<Timestamp>,
}

/// The task as it is now; `None`: there is no such.
pub async fn task_settled(
    store: &Store,
    clock: &Clock,
    id: TaskId,
    change: TaskChange,
    by: Accessor,
) -> Result<Option<Task>, FlowError> {
    let now = clock.now();
    let saved = store.write(move |tx| {
        let change = change.clone();
        Box::pin(async move {
            let Some(mut task) = tx.find_task(id).await? else { return Ok(None) };
            if let Some(state) = change.state.filter(|state| *state != task.state) {
                let is_settled = matches!(state, State::Done | State::Dropped);
                task.reopened = state == State::Open && task.settled_at.is_some();
                task.state = state;
                task.wait_until = None;
                task.why = None;
                task.settled_at = is_settled.then_some(now);
                task.settled_by = is_settled.then(|| by.to_string());
                tx.tell_task(&task, now);
            }
            task.assignee = change.assignee.unwrap_or(task.assignee);
            task.due_at = change.due_at.unwrap_or(task.due_at);
            tx.save_task(&task).await?;
            Ok(Some(task))
        })
    });
    Ok(saved.await?)
}
