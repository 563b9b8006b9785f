//! One click, and a report comes by mail no more: the link of the header `List-Unsubscribe` (RFC 8058).

use askama::Template;
use axum::extract::{OriginalUri, Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::{Frame, Knocker, Wished, nowhere, page};
use crate::flows::report_refused;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Query, hash_token};
use crate::http::language::{Lang, ScheduleTexts};

#[derive(Template)]
#[template(path = "report_off.html")]
struct OffPage {
    frame: Frame,
    t: &'static ScheduleTexts,
    here: String,
    /// What the report is called.
    name: String,
    is_done: bool,
}

/// `GET /report-off/{link}`
pub async fn ask(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(link): Path<String>,
    Query(_): Query<Wished>,
) -> Result<Response, HttpError> {
    let found = match app.store.find_report_off(&hash_token(&link)).await? {
        Some((schedule, _)) => app.store.find_schedule(schedule).await?.map(|it| it.schedule.name),
        None => None,
    };
    answer(&app, lang, &here, knocker, found, false)
}

/// `POST /report-off/{link}`
pub async fn take_off(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(link): Path<String>,
    Query(_): Query<Wished>,
) -> Result<Response, HttpError> {
    let found = report_refused(&app.store, &hash_token(&link)).await?;
    answer(&app, lang, &here, knocker, found, true)
}

fn answer(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    knocker: Knocker,
    name: Option<String>,
    is_done: bool,
) -> Result<Response, HttpError> {
    match name {
        Some(name) => page(&OffPage {
            t: lang.schedule_texts(),
            here: here.to_string(),
            name,
            is_done,
            frame: Frame::new(lang, here, None),
        }),
        None => nowhere(app, lang, here, knocker),
    }
}
