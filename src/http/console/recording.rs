//! A call's recordings on its page: to play, to see, to delete; and who listened.

use std::fmt::Write;
use std::time::Duration;

use askama::Template;
use askama::filters::HtmlSafe;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};

use super::parts::Moment;
use crate::domain::calling::recording::{Access, Accessor, RecordingRecord};
use crate::domain::ids::{CallId, RecordingId};
use crate::domain::staff::{Area, Does, Post};
use crate::http::AppState;
use crate::http::api::live::pause;
use crate::http::api::recordings::{AudioQuery, DeleteQuery, give_up};
use crate::http::audio::{Asked, audio};
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{Lang, RecordingTexts};
use crate::switchboard::live::Recorded;

/// A peak below this is no voice: a 50th of the loudest.
const QUIET: u8 = 5;
/// How high the picture is; each side has half of it.
const HEIGHT: u32 = 100;

#[derive(Template)]
#[template(path = "recording.html")]
pub struct RecordingView {
    t: &'static RecordingTexts,
    id: RecordingId,
    began: Moment,
    length: Option<String>,
    purpose: String,
    keep_until: Moment,
    /// In place of a player.
    state: Option<String>,
    wave: Option<Wave>,
    paused: Vec<String>,
    failure: Option<&'static str>,
    accesses: Vec<(Moment, String, &'static str)>,
    may_be_heard: bool,
    may_be_deleted: bool,
    /// Whether it is paused just now; `None`: it is not being made here.
    is_paused: Option<bool>,
    call: CallId,
}

impl HtmlSafe for RecordingView {}

/// The outline: the caller above the middle, the line below.
struct Wave {
    width: usize,
    caller: String,
    line: String,
    told: String,
}

impl RecordingView {
    pub fn new(
        lang: Lang,
        app: &AppState,
        record: &RecordingRecord,
        peaks: &[[u8; 2]],
        accesses: Vec<Access>,
    ) -> Self {
        let t = lang.recording_texts();
        let is_due = record.delete_at <= app.clock.now();
        let state = if record.deleted_at.is_some() {
            Some(format!("{}: {}.", t.deleted, lang.recording_deleted(record.delete_why)))
        } else if record.ended_at.is_none() {
            Some(t.goes_on.to_owned())
        } else if is_due {
            Some(t.to_be_deleted.to_owned())
        } else if record.bytes == Some(0) {
            Some(t.no_sound.to_owned())
        } else if record.node != app.config.node && record.uploaded_at.is_none() {
            Some(format!("{} {}.", t.elsewhere, record.node))
        } else {
            None
        };
        let accesses = accesses.into_iter().map(|access| {
            let who = access.name.unwrap_or(access.who);
            (Moment::day_and_time(lang, access.at), who, lang.recording_access(access.what))
        });
        Self {
            t,
            id: record.id,
            began: Moment::day_and_time(lang, record.began_at),
            length: record.length_ms.map(|ms| lang.span(Duration::from_millis(ms))),
            purpose: record.purpose.clone(),
            keep_until: Moment::day_and_time(lang, record.delete_at),
            wave: Wave::of(lang, record.length_ms.unwrap_or_default(), peaks),
            paused: record.paused.iter().map(|&pause| lang.pause(pause)).collect(),
            failure: record.failure.map(|failure| lang.recording_failure(failure)),
            accesses: accesses.collect(),
            may_be_heard: true,
            may_be_deleted: record.deleted_at.is_none() && record.ended_at.is_some() && !is_due,
            is_paused: app
                .live
                .recorded(record.call)
                .filter(|_| record.ended_at.is_none())
                .map(|it| it == Recorded::Paused),
            call: record.call,
            state,
        }
    }
}

impl Wave {
    fn of(lang: Lang, length_ms: u64, peaks: &[[u8; 2]]) -> Option<Self> {
        let (mut caller, mut line) = (String::new(), String::new());
        let mut heard = [0_u32; 2];
        for (at, [left, right]) in peaks.iter().enumerate() {
            let (middle, up, down) = (HEIGHT / 2, height(*left), height(*right));
            let _ = write!(caller, "M{at} {middle}v-{up}");
            let _ = write!(line, "M{at} {middle}v{down}");
            heard[0] += u32::from(*left >= QUIET);
            heard[1] += u32::from(*right >= QUIET);
        }
        let [left, right] = heard.map(|count| f64::from(count) / peaks.len() as f64);
        let told = lang.outline(length_ms, left, right);
        (!peaks.is_empty()).then_some(Self { width: peaks.len(), caller, line, told })
    }
}

/// What is heard at all is seen.
fn height(peak: u8) -> u32 {
    (u32::from(peak) * HEIGHT / 2 / 255).max(1)
}

/// What is shown of a call's recordings.
pub async fn views(
    app: &AppState,
    lang: Lang,
    post: &Post,
    recordings: &[RecordingRecord],
) -> Result<Vec<RecordingView>, HttpError> {
    let mut views = Vec::with_capacity(recordings.len());
    for record in recordings {
        let peaks = app.store.find_peaks(record.id).await?.unwrap_or_default();
        let accesses = app.store.list_accesses(record.id).await?;
        let mut view = RecordingView::new(lang, app, record, &peaks, accesses);
        view.may_be_heard = post.role.may(Does::Sees, Area::Recordings);
        view.may_be_deleted &= post.role.may(Does::Changes, Area::Recordings);
        view.is_paused = view.is_paused.filter(|_| post.role.may(Does::Changes, Area::Calls));
        views.push(view);
    }
    Ok(views)
}

/// `GET /console/recordings/{id}/audio`
pub async fn hear(
    session: Session,
    State(app): State<AppState>,
    Path(recording): Path<RecordingId>,
    Query(asked): Query<AudioQuery>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let who = Accessor::User(session.user);
    audio(&app, &Asked { recording, who, is_download: asked.is_download, headers: &headers }).await
}

/// `POST /console/recordings/{id}/delete`
pub async fn delete(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<RecordingId>,
    Form(asked): Form<DeleteQuery>,
) -> Result<Response, HttpError> {
    let record = give_up(&app, id, Accessor::User(session.user), asked.why).await?;
    Ok(Redirect::to(&format!("/console/calls/{}#recording-{id}", record.call)).into_response())
}

/// Whether the recording of a call is to be paused, or to go on.
pub struct PauseQuery {
    pauses: bool,
}

impl FromQuery for PauseQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { pauses: query.value("pauses").unwrap_or_default() }
    }
}

/// `POST /console/calls/{id}/recording`
pub async fn steer(
    _: Session,
    State(app): State<AppState>,
    Path(call): Path<CallId>,
    Form(asked): Form<PauseQuery>,
) -> Result<Response, HttpError> {
    let _ = pause(&app, call, asked.pauses)?;
    Ok(Redirect::to(&format!("/console/calls/{call}")).into_response())
}
