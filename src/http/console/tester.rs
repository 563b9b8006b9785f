//! Which numbers a page of a site has, and which of them the snippet would swap.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::{Frame, page, parts};
use crate::domain::ids::SiteId;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{Lang, TesterTexts};
use crate::http::page_test::{Report, tested};

/// The page that is to be tested.
pub struct Asked {
    page: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { page: query.text("page") }
    }
}

#[derive(Template)]
#[template(path = "tester.html")]
struct TesterPage {
    frame: Frame,
    t: &'static TesterTexts,
    id: String,
    name: String,
    page: String,
    refused: Option<String>,
    report: Option<ReportView>,
}

struct ReportView {
    address: String,
    /// Whether it is well, and what is so.
    tag: (bool, String),
    forbidden_by: Option<String>,
    rows: Vec<RowView>,
    absent: Vec<String>,
    frames: Vec<String>,
}

struct RowView {
    number: String,
    written: String,
    place: String,
    is_swapped: bool,
}

/// `GET /console/sites/{id}/tester`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<SiteId>,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let site = app.store.find_site(&id).await?.ok_or(HttpError::NotFound("site"))?;
    let (mut refused, mut report) = (None, None);
    if let Some(address) = &asked.page {
        match tested(&app, &id, address).await? {
            Ok(found) => report = Some(view(&app, lang, found)),
            Err(why) => refused = Some(lang.page_refused(&why)),
        }
    }
    let first = site.origins.first().map(|origin| format!("{origin}/"));
    page(&TesterPage {
        t: lang.tester_texts(),
        id: id.to_string(),
        name: site.name,
        page: asked.page.or(first).unwrap_or_default(),
        refused,
        report,
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

fn view(app: &AppState, lang: Lang, report: Report) -> ReportView {
    let home = app.config.home;
    let rows = report.findings.into_iter().map(|it| RowView {
        number: parts::phone(&it.target, home),
        place: lang.place(&it.place),
        is_swapped: it.place.is_swapped(),
        written: it.written,
    });
    ReportView {
        address: report.address.to_string(),
        tag: lang.tag_state(&report.tag),
        forbidden_by: report.forbidden_by,
        rows: rows.collect(),
        absent: report.absent.iter().map(|number| parts::phone(number, home)).collect(),
        frames: report.frames,
    }
}
