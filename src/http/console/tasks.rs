//! Tasks: what somebody is to do for contacts, and a word that it is done.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::names::Names;
use super::parts::Moment;
use super::{Frame, page, with_query};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, TaskId};
use crate::domain::people::scenario::{self, Task};
use crate::flows::{TaskChange, task_settled};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{Lang, TaskTexts};
use crate::store::tasks::TaskFilter;
use crate::store::{StoreError, Window};

const HERE: &str = "/console/tasks";
const ROWS: u32 = 50;
/// Those on the page of a contact.
const OF_CONTACT: u32 = 10;

pub struct Asked {
    cursor: Option<String>,
    state: Option<scenario::State>,
    list: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let list = query.text("list").filter(|list| !list.is_empty());
        Self { cursor: query.text("cursor"), state: query.value("state"), list }
    }
}

/// What the form sends.
pub struct Settled {
    state: Option<scenario::State>,
    /// The page that it stood on, if that is a contact's.
    contact: Option<ContactId>,
}

impl FromQuery for Settled {
    fn read(form: &mut QueryReader<'_>) -> Self {
        form.text("lang");
        Self { state: form.value("state"), contact: form.id("contact") }
    }
}

#[derive(Template)]
#[template(path = "tasks.html")]
struct TasksPage {
    frame: Frame,
    t: &'static TaskTexts,
    /// Each state: its word, its link, whether it is shown.
    states: Vec<(&'static str, String, bool)>,
    rows: Vec<(RowView, String, String)>,
    later: Option<String>,
}

/// A task, as pages show it.
pub(super) struct RowView {
    pub id: TaskId,
    pub contact: ContactId,
    pub title: String,
    pub list: String,
    pub due: Moment,
    pub assignee: Option<String>,
    pub wait_until: Option<Moment>,
    pub why: Option<&'static str>,
    pub is_settled: bool,
}

impl RowView {
    fn new(lang: Lang, task: Task) -> Self {
        Self {
            id: task.id,
            contact: task.contact,
            title: lang.task_title(&task.title),
            list: task.list,
            due: Moment::day_and_time(lang, task.due_at),
            assignee: task.assignee,
            wait_until: task.wait_until.map(|at| Moment::day_and_time(lang, at)),
            why: task.why.map(|why| lang.task_why(why)),
            is_settled: task.settled_at.is_some(),
        }
    }

    /// What is open for a contact.
    pub async fn of(app: &AppState, lang: Lang, contact: ContactId) -> Result<Vec<Self>, StoreError> {
        let open = Some(scenario::State::Open);
        let filter = TaskFilter { state: open, contact: Some(contact), list: None };
        let tasks = app.store.list_tasks(&filter, &Window::first(OF_CONTACT)).await?.items;
        Ok(tasks.into_iter().map(|task| Self::new(lang, task)).collect())
    }
}

/// `GET /console/tasks`: those that are open, or as asked for.
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let state = asked.state.unwrap_or(scenario::State::Open);
    let filter = TaskFilter { state: Some(state), list: asked.list, contact: None };
    let found = app.store.list_tasks(&filter, &Window { after: asked.cursor, limit: ROWS }).await?;
    let names = Names::of(&app, lang, found.items.iter().map(|task| task.contact)).await?;
    let row = |task: Task| {
        let (name, known_by) = names.called(task.contact);
        (RowView::new(lang, task), name, known_by)
    };
    let states = scenario::State::ALL
        .iter()
        .map(|it| (lang.task_state(*it), format!("{HERE}?state={it}"), *it == state));
    page(&TasksPage {
        t: lang.task_texts(),
        states: states.collect(),
        rows: found.items.into_iter().map(row).collect(),
        later: found.next.map(|next| with_query(&here, "cursor", Some(&next))),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// `POST /console/tasks/{id}`: done, dropped, or open again.
pub async fn settle(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<TaskId>,
    Form(settled): Form<Settled>,
) -> Result<Response, HttpError> {
    let state = settled.state.filter(|state| *state != scenario::State::Waiting);
    let change = TaskChange { state, ..TaskChange::default() };
    let task = task_settled(&app.store, &app.clock, id, change, Accessor::User(session.user)).await?;
    task.ok_or(HttpError::NotFound("task"))?;
    let back = settled.contact.map_or(HERE.to_owned(), |contact| format!("/console/contacts/{contact}"));
    Ok(Redirect::to(&back).into_response())
}
