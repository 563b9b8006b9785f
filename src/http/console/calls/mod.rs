//! The list of calls: who called, where they came from, was it answered; by any filter of the reports, by a number,
//! its last digits, or words of a note or a name. What was chosen stands in the address, and can be kept under a name.

mod columns;
mod filters;
mod rows;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use self::columns::Column;
pub(super) use self::filters::Select;
use self::filters::{Chip, chips, selects};
use self::rows::{Known, Row};
use super::permissions::reader;
use super::views::ViewsView;
use super::{Frame, page, with_query};
use crate::domain::reporting::period::Period;
use crate::domain::reporting::view::ViewPage;
use crate::flows::{CallSearch, calls_found};
use crate::http::AppState;
use crate::http::api::calls_export::exported;
use crate::http::api::calls_parquet;
use crate::http::api::export::Reader;
use crate::http::calls_asked::CallsAsked;
use crate::http::console::overview::{kept_but, zone_told};
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{CallTexts, Lang};
use crate::http::report::{Zone, with_now};
use crate::store::{NumberFilter, Window};

/// So many calls make one page.
const ROWS: u32 = 50;

/// Fields of the address that are of one page alone.
const OF_PAGE: &[&str] = &["cursor", "lang"];

/// What the reader chose.
pub struct Chosen {
    asked: CallsAsked,
    /// `None`: all time.
    period: Option<Period>,
    zone: Option<Zone>,
    columns: Vec<Column>,
    cursor: Option<String>,
}

impl FromQuery for Chosen {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self {
            period: query.value("period"),
            zone: query.value("zone"),
            columns: Column::chosen(&query.texts("columns")),
            cursor: query.text("cursor"),
            asked: CallsAsked::read(query),
        }
    }
}

impl Chosen {
    fn filters(&self) -> bool {
        let CallsAsked { filter, only, search } = &self.asked;
        *filter != Default::default() || !only.is_empty() || search.is_some() || self.period.is_some()
    }

    /// What to look for; the period is told by the reader's days.
    async fn meant(
        &self,
        app: &AppState,
        session: &Session,
        headers: &HeaderMap,
    ) -> Result<CallSearch, HttpError> {
        let reader = reader(app, &session.post).await?;
        let mut search = self.asked.clone().meant(app, &reader).await?;
        if let Some(period) = self.period {
            let zone = self.zone.clone().or_else(|| zone_told(headers)).unwrap_or_default();
            let bounds = period.bounds(app.clock.now(), &zone.0);
            let bounds = with_now(bounds, app.clock.now());
            (search.filter.from, search.filter.until) = (Some(bounds.start), Some(bounds.end));
        }
        Ok(search)
    }
}

#[derive(Template)]
#[template(path = "calls.html")]
struct CallsPage {
    frame: Frame,
    t: &'static CallTexts,
    search: String,
    selects: Vec<Select>,
    /// What was chosen elsewhere, with the address without it.
    chips: Vec<Chip>,
    /// What else stands in the address, for the form to send along.
    kept: Vec<(String, String)>,
    /// What stands in the address but columns, for the form that chooses these.
    asked: Vec<(String, String)>,
    /// The word of each column, its name, and whether it is shown.
    columns: Vec<(&'static str, &'static str, bool)>,
    shows: Vec<Column>,
    filtered: bool,
    heading: String,
    rows: Vec<Row>,
    /// Nothing on this page, and more to be looked through.
    goes_on: bool,
    older: Option<String>,
    newest: Option<String>,
    csv: String,
    parquet: String,
    views: ViewsView,
    /// A number to try.
    example: Option<String>,
}

/// `GET /console/calls`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Query(mut chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let sees_people = session.post.sees_people();
    chosen.columns.retain(|column| *column != Column::Contact || sees_people);
    let search = chosen.meant(&app, &session, &headers).await?;
    let window = Window { after: chosen.cursor.clone(), limit: ROWS };
    let calls = calls_found(&app.store, &app.reports, &search, &window).await?;
    let known = Known::of(&app, lang, &chosen.columns, &calls.items).await?;
    let rows: Vec<Row> =
        calls.items.into_iter().map(|row| Row::new(lang, &app, &chosen.columns, &known, row)).collect();
    let example = match session.post.outlet {
        None => app.store.list_numbers(&NumberFilter::default(), &Window::first(1)).await?.items,
        Some(_) => vec![],
    };

    page(&CallsPage {
        t: lang.call_texts(),
        search: chosen.asked.search.clone().unwrap_or_default(),
        selects: selects(lang, &app, &session, &chosen).await?,
        chips: chips(lang, &app, &session, &here, &chosen).await?,
        kept: kept_but(&here, &[filters::FIELDS, OF_PAGE].concat()),
        asked: kept_but(&here, &[&["columns"], OF_PAGE].concat()),
        columns: Column::ALL
            .into_iter()
            .filter(|it| *it != Column::Contact || sees_people)
            .map(|it| (it.as_str(), it.name(lang), chosen.columns.contains(&it)))
            .collect(),
        filtered: chosen.filters(),
        heading: lang.calls_shown(rows.len(), calls.next.is_some()),
        goes_on: rows.is_empty() && calls.next.is_some(),
        older: calls.next.map(|next| with_query(&here, "cursor", Some(&next))),
        newest: chosen.cursor.is_some().then(|| with_query(&here, "cursor", None)),
        csv: table_of(&here, "csv"),
        parquet: table_of(&here, "parquet"),
        views: ViewsView::of(&app, lang, ViewPage::Calls, &here, &session).await?,
        shows: chosen.columns,
        rows,
        example: example.first().map(|row| row.number.e164.reveal().to_owned()),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// The address of the same calls as a table.
fn table_of(here: &Uri, kind: &str) -> String {
    let address = with_query(here, "cursor", None);
    address.replacen("/console/calls", &format!("/console/calls.{kind}"), 1)
}

/// `GET /console/calls.csv`
pub async fn export(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let search = chosen.meant(&app, &session, &headers).await?;
    exported(&app, search, Reader::Spreadsheet(lang)).await
}

/// `GET /console/calls.parquet`
pub async fn export_parquet(
    session: Session,
    State(app): State<AppState>,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let search = chosen.meant(&app, &session, &headers).await?;
    calls_parquet::exported(&app, search).await
}
