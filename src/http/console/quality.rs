//! How good the data is: whom one can reach, and what is suspicious, by who wrote it.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::{Frame, page};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{Lang, QualityTexts};
use crate::store::reports::quality::Held;

pub struct Asked;

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self
    }
}

#[derive(Template)]
#[template(path = "quality.html")]
struct QualityPage {
    frame: Frame,
    t: &'static QualityTexts,
    /// What one is reached by, who has any, who a valid one, and their part of all.
    held: [(&'static str, u64, u64, String); 3],
    /// What is suspicious, who wrote it, how often.
    rows: Vec<(&'static str, String, u64)>,
    waiting: u64,
}

/// `GET /console/quality`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(Asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let t = lang.quality_texts();
    let keys = app.store.list_api_keys().await?;
    let report = app.store.report_quality().await?;
    let of_all = |valid: u64| lang.percent(valid as f64 / report.contacts.max(1) as f64);
    let held = |what, Held { any, valid }| (what, any, valid, of_all(valid));
    let wrote = |source: &str| {
        let id = source.strip_prefix("key:");
        let key = id.and_then(|id| keys.iter().find(|key| key.id.to_string() == id));
        key.map_or_else(|| lang.mark_source(source), |key| key.name.clone())
    };
    page(&QualityPage {
        t,
        held: [held(t.phone, report.phone), held(t.email, report.email), held(t.address, report.address)],
        rows: report.lines.iter().map(|it| (lang.mark(it.code), wrote(&it.source), it.marks)).collect(),
        waiting: report.waiting,
        frame: Frame::new(lang, &here, Some(&session)),
    })
}
