//! The pools: how full each is and was, and how long it lasts at its present growth.

pub mod form;
pub mod over_time;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::permissions::plan_seen;
use super::plan_review::Saved;
use super::{Frame, page, parts};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Query, Session};
use crate::http::language::{EditTexts, Lang, PoolTexts};
use crate::http::pool_history::history;
use crate::store::PoolRow;

pub(super) const HERE: &str = "/console/pools";

#[derive(Template)]
#[template(path = "pools.html")]
struct PoolsPage {
    frame: Frame,
    t: &'static PoolTexts,
    e: &'static EditTexts,
    is_saved: bool,
    rows: Vec<RowView>,
}

struct RowView {
    id: String,
    site: String,
    target: String,
    numbers: u32,
    lent: u32,
    taken: u32,
    peak: u32,
    exhausted: u32,
    forecast: String,
}

/// `GET /console/pools`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(Saved(is_saved)): Query<Saved>,
) -> Result<Response, HttpError> {
    let now = app.clock.now();
    let (draft, _) = plan_seen(&app, &session.post).await?;
    let mut rows = Vec::new();
    let is_seen = |row: &PoolRow| draft.pools.iter().any(|it| it.id == row.pool.id.as_str());
    for row in app.store.list_pools(now).await?.into_iter().filter(is_seen) {
        let history = history(&app, &row, 1).await?;
        let site = row.pool.site.as_str();
        let is_site_seen = draft.sites.iter().any(|it| it.id == site);
        rows.push(RowView {
            id: row.pool.id.to_string(),
            site: if is_site_seen { site } else { lang.destination_texts().elsewhere }.to_owned(),
            target: parts::phone(&row.pool.target, app.config.home),
            numbers: row.numbers,
            lent: row.lent,
            taken: row.lent + row.resting,
            peak: history.days.iter().map(|day| day.taken).max().unwrap_or_default(),
            exhausted: history.days.iter().map(|day| day.exhausted).sum(),
            forecast: lang.pool_forecast(history.forecast, now),
        });
    }
    page(&PoolsPage {
        t: lang.pool_texts(),
        e: lang.edit_texts(),
        is_saved,
        rows,
        frame: Frame::new(lang, &here, Some(&session)),
    })
}
