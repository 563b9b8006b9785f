//! `/api/v1/tasks`: what somebody is to do for contacts.

use axum::extract::State;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{BodyProblems, KeyProblems, List, ListProblems, OneProblems, ServerProblems};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, ScenarioId, TaskId};
use crate::domain::people::scenario::{self, Why};
use crate::domain::time::Timestamp;
use crate::flows::{TaskChange, task_settled};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{ApiKey, FromQuery, Json, Path, Query, QueryReader, TasksRead, TasksWrite};
use crate::store::Window;
use crate::store::tasks::TaskFilter;

const ASSIGNEE_MAX: usize = 100;

/// Something that somebody is to do for a contact (`docs/scenarios.md`).
#[derive(Serialize, ToSchema)]
pub struct Task {
    #[schema(value_type = Uuid)]
    pub id: TaskId,
    /// The scenario of the plan that gave it.
    #[schema(value_type = String, example = "call-back")]
    pub scenario: ScenarioId,
    #[schema(value_type = Uuid)]
    pub contact: ContactId,
    /// The id of the call, the engagement or the move into a segment that it is for …
    pub cause: String,
    /// … and when that was.
    #[schema(value_type = String, format = DateTime)]
    pub cause_at: Timestamp,
    /// `waiting` (they may not be reached yet), `open`, `done` or `dropped`.
    #[schema(example = "open")]
    pub state: &'static str,
    /// What is to be done.
    pub title: String,
    /// The work list.
    #[schema(example = "call-back")]
    pub list: String,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// While it waits: when it is asked again whether they may be reached.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub wait_until: Option<Timestamp>,
    /// Where it was settled by itself: `called`, `fits_no_more`, `not_allowed`, `scenario_gone` or `merged`.
    pub why: Option<&'static str>,
    /// Who does it, in words.
    pub assignee: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Timestamp>,
    /// `user:` or `key:` and an id; `null`: nobody, or by itself.
    pub settled_by: Option<String>,
    /// Somebody has opened it again: it settles no more by itself.
    pub reopened: bool,
}

impl From<scenario::Task> for Task {
    fn from(it: scenario::Task) -> Self {
        Self {
            id: it.id,
            scenario: it.scenario,
            contact: it.contact,
            cause: it.cause,
            cause_at: it.cause_at,
            state: it.state.as_str(),
            title: it.title,
            list: it.list,
            due_at: it.due_at,
            wait_until: it.wait_until,
            why: it.why.map(Why::as_str),
            assignee: it.assignee,
            created_at: it.created_at,
            settled_at: it.settled_at,
            settled_by: it.settled_by,
            reopened: it.reopened,
        }
    }
}

/// Which tasks; each condition given must hold.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ListQuery reads")]
pub struct Filters {
    /// `waiting`, `open`, `done` or `dropped`.
    #[param(example = "open")]
    state: Option<String>,
    /// A work list.
    list: Option<String>,
    #[param(value_type = Option<Uuid>)]
    contact: Option<String>,
    /// `next_cursor` of the part before.
    cursor: Option<String>,
    /// How many, 1 to 500; without it 50.
    limit: Option<u32>,
}

pub struct ListQuery {
    filter: TaskFilter,
    window: Window,
}

impl FromQuery for ListQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let filter = TaskFilter {
            state: query.value("state"),
            list: query.text("list"),
            contact: query.id("contact"),
        };
        Self { filter, window: query.window() }
    }
}

/// What becomes of a task; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// `open`, `done` or `dropped`.
    #[schema(example = "done")]
    state: Option<String>,
    /// Who does it, at most 100 characters; `null`: nobody yet.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "Ada")]
    assignee: Option<Option<String>>,
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<String>,
}

/// `null` is something that was said.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl Change {
    fn read(self) -> Result<TaskChange, Vec<BadField>> {
        let mut bad = Vec::new();
        let state = self.state.map(|word| word.parse().ok().filter(|it| *it != scenario::State::Waiting));
        if state == Some(None) {
            bad.push(BadField::new("state", "takes open, done or dropped"));
        }
        let assignee = self.assignee.map(|name| name.map(|name| name.trim().to_owned()));
        let fits = |name: &String| {
            (1..=ASSIGNEE_MAX).contains(&name.chars().count()) && !name.contains(char::is_control)
        };
        if assignee.iter().flatten().any(|name| !fits(name)) {
            bad.push(BadField::new("assignee", "takes 1 to 100 characters"));
        }
        let due_at = self.due_at.map(|text| text.parse::<Timestamp>());
        if matches!(due_at, Some(Err(_))) {
            bad.push(BadField::new("due_at", "takes a moment as in RFC 3339"));
        }
        if !bad.is_empty() {
            return Err(bad);
        }
        Ok(TaskChange { state: state.flatten(), assignee, due_at: due_at.and_then(Result::ok) })
    }
}

/// Tasks, what is due first first.
#[utoipa::path(
    get, path = "/api/v1/tasks", tag = "tasks", operation_id = "list_tasks",
    params(Filters), security(("api_key" = ["tasks:read"])),
    responses((status = 200, description = "A part of the list", body = List<Task>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<TasksRead>,
    State(app): State<AppState>,
    Query(asked): Query<ListQuery>,
) -> Result<axum::Json<List<Task>>, HttpError> {
    Ok(List::part(app.store.list_tasks(&asked.filter, &asked.window).await?))
}

/// Says what becomes of a task: done, dropped or open again, who does it, until when.
#[utoipa::path(
    patch, path = "/api/v1/tasks/{id}", tag = "tasks", operation_id = "change_task",
    params(("id" = Uuid, Path, description = "The task")),
    request_body(content = Change, content_type = "application/json"),
    security(("api_key" = ["tasks:write"])),
    responses((status = 200, description = "The task as it is now", body = Task), BodyProblems, KeyProblems, OneProblems, ServerProblems)
)]
pub async fn change(
    key: ApiKey<TasksWrite>,
    State(app): State<AppState>,
    Path(id): Path<TaskId>,
    Json(change): Json<Change>,
) -> Result<axum::Json<Task>, HttpError> {
    let change = change.read().map_err(HttpError::Invalid)?;
    let task = task_settled(&app.store, &app.clock, id, change, Accessor::Key(key.id)).await?;
    Ok(axum::Json(task.ok_or(HttpError::NotFound("task"))?.into()))
}
