//! Reports that go out by mail: those that somebody has sent, and one more. Administrators of the whole network see all,
//! and may send one to anybody who works here; others send to themselves.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::overview::zone_told;
use super::parts::Moment;
use super::{Frame, page};
use crate::domain::ids::{ScheduleId, UserId};
use crate::domain::reporting::rhythm::Every;
use crate::domain::reporting::schedule::Draft;
use crate::flows::{ScheduleError, schedule_deleted, schedule_written};
use crate::http::AppState;
use crate::http::api::schedules::kept_query;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{Lang, ScheduleTexts};
use crate::store::schedules::ScheduleRow;

const HERE: &str = "/console/schedules";

/// What is to be sent, as it stood in the overview's address.
pub struct Asked {
    query: String,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { query: query.text("query").unwrap_or_default() }
    }
}

/// What the form sends.
#[derive(Default)]
pub struct Fields {
    draft: Draft,
    query: String,
    to: String,
    language: String,
}

impl FromQuery for Fields {
    fn read(form: &mut QueryReader<'_>) -> Self {
        let mut text = |name: &'static str| {
            form.text(name)
                .map(|text| text.replace(char::is_control, " ").trim().to_owned())
                .unwrap_or_default()
        };
        Self {
            draft: Draft { name: text("name"), every: text("every"), at: text("at"), zone: text("zone") },
            query: text("query"),
            to: text("to"),
            language: text("language"),
        }
    }
}

#[derive(Template)]
#[template(path = "schedules.html")]
struct SchedulesPage {
    frame: Frame,
    t: &'static ScheduleTexts,
    rows: Vec<RowView>,
    sends_mail: bool,
    wrong: Vec<String>,
    filled: Fields,
    every: Vec<(String, String, bool)>,
    languages: Vec<(&'static str, &'static str, bool)>,
    /// `None`: the reader sends to nobody but themselves.
    to: Option<String>,
    me: String,
}

struct RowView {
    id: ScheduleId,
    name: String,
    address: String,
    when: String,
    to: String,
    next: Moment,
    last: Option<Moment>,
}

/// `GET /console/schedules`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let zone = zone_told(&headers).unwrap_or_default();
    let filled = Fields {
        draft: Draft {
            every: "week:1".into(),
            at: "08:00".into(),
            zone: zone.name().into(),
            name: String::new(),
        },
        query: kept_query(&asked.query)?,
        to: session.email.clone(),
        language: lang.tag().to_owned(),
    };
    shown(&app, lang, &here, &session, filled, vec![]).await
}

/// Whose schedules somebody may end: their own, or with `None` all.
fn owner(session: &Session) -> Option<UserId> {
    (!session.post.is_head()).then_some(session.user)
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    filled: Fields,
    wrong: Vec<String>,
) -> Result<Response, HttpError> {
    let users = app.store.list_users().await?;
    let email = |id: UserId| users.iter().find(|it| it.id == id).map(|it| it.email.clone());
    let rows = app.store.list_schedules(owner(session)).await?.into_iter().map(|row| {
        let ScheduleRow { schedule, due_at, sent_at, .. } = row;
        let rhythm = schedule.rhythm;
        RowView {
            id: schedule.id,
            address: format!("/console/overview?{}", schedule.query),
            when: format!(
                "{}, {} ({})",
                lang.every(rhythm.every),
                lang.time_of_day(rhythm.at),
                rhythm.zone.iana_name().unwrap_or("UTC")
            ),
            to: schedule.recipients.iter().filter_map(|it| email(it.user)).collect::<Vec<_>>().join(", "),
            next: Moment::day_and_time(lang, due_at),
            last: sent_at.map(|at| Moment::day_and_time(lang, at)),
            name: schedule.name,
        }
    });
    let days = (1..=7).map(Every::Week);
    let every = [Every::Day].into_iter().chain(days).chain([Every::Month(1)]);
    page(&SchedulesPage {
        t: lang.schedule_texts(),
        rows: rows.collect(),
        sends_mail: app.config.sends_mail,
        wrong,
        every: every
            .map(|it| {
                let value = it.to_string();
                let is_chosen = value == filled.draft.every;
                (value, lang.every(it), is_chosen)
            })
            .collect(),
        languages: Lang::ALL
            .iter()
            .map(|it| (it.tag(), it.own_name(), it.tag() == filled.language))
            .collect(),
        to: session.post.is_head().then(|| filled.to.clone()),
        me: session.email.clone(),
        filled,
        frame: Frame::new(lang, here, Some(session)),
    })
}

/// `POST /console/schedules`
pub async fn make(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(fields): Form<Fields>,
) -> Result<Response, HttpError> {
    let to = if session.post.is_head() { fields.to.clone() } else { session.email.clone() };
    let to = to.split([',', ';', ' ']).filter(|it| !it.is_empty());
    let to = to.map(|email| (email.to_owned(), fields.language.clone())).collect();
    let written = match kept_query(&fields.query) {
        Ok(query) => {
            let draft = (&fields.draft, query);
            schedule_written(&app.store, &app.clock, None, Some(session.user), draft, to).await
        }
        Err(refused) => Err(refused),
    };
    let wrong = match written {
        Ok(_) => return Ok(Redirect::to(HERE).into_response()),
        Err(ScheduleError::Faults(faults)) => faults.iter().map(|it| lang.schedule_fault(it)).collect(),
        Err(ScheduleError::Full) => vec![lang.schedule_texts().full.to_owned()],
        Err(refused) => return Err(refused.into()),
    };
    let again = shown(&app, lang, &here, &session, fields, wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

/// `POST /console/schedules/{id}/delete`; one that is gone already is gone.
pub async fn delete(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<ScheduleId>,
) -> Result<Response, HttpError> {
    match schedule_deleted(&app.store, id, owner(&session)).await {
        Ok(()) | Err(ScheduleError::NotFound) => Ok(Redirect::to(HERE).into_response()),
        Err(refused) => Err(refused.into()),
    }
}
