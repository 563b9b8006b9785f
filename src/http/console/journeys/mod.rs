//! How people came to call: the ways, the pages before, how many visits and how long it took, and what helped.

pub(super) mod bar;
mod flow;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use self::bar::{Bar, Page, as_csv};
use self::flow::Flow;
use super::parts::Moment;
use super::shared::Who;
use super::{Frame, page, parts};
use crate::domain::reporting::ways::{VISITS, Way, Ways};
use crate::flows::JourneyReport;
use crate::http::AppState;
use crate::http::api::export::Reader;
use crate::http::api::journeys::{Table, exported};
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::journeys::{JourneysAsked, told_since};
use crate::http::language::{JourneyTexts, Lang, OverviewTexts};
use crate::store::reports::journeys::PageSeen;

/// How many ways and pages the page shows; the files have all.
const ROWS: usize = 20;

/// What the reader chose.
pub struct Chosen(JourneysAsked);

impl FromQuery for Chosen {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self(bar::read(query))
    }
}

#[derive(Template)]
#[template(path = "journeys.html")]
struct JourneysPage {
    frame: Frame,
    t: &'static JourneyTexts,
    o: &'static OverviewTexts,
    bar: Bar,
    heading: &'static str,
    /// Each figure: what it is, and it.
    tiles: [(&'static str, String); 4],
    flow: Option<Flow>,
    ways: Vec<WayView>,
    ways_cut: bool,
    pages: Vec<PageView>,
    pages_cut: bool,
    visits: Vec<ClassView>,
    times: Vec<ClassView>,
    assists: Vec<AssistView>,
    cut: bool,
    /// Calls before this are left out.
    since: Option<Moment>,
    /// The same journeys, and what they earned.
    attribution: String,
    csv: Files,
    is_empty: bool,
}

/// Where each table is as a file.
struct Files {
    paths: String,
    pages: String,
    visits: String,
    times: String,
    assists: String,
}

struct WayView {
    labels: Vec<String>,
    is_longer: bool,
    calls: String,
    share: String,
    /// In thousandths of the most.
    width: u32,
}

struct PageView {
    page: String,
    calls: String,
    last: String,
    width: u32,
    last_width: u32,
}

/// Calls of one class of several.
struct ClassView {
    name: String,
    calls: String,
    share: String,
    width: u32,
}

struct AssistView {
    label: String,
    address: Option<String>,
    assisted: String,
    last: String,
    ratio: String,
    assisted_width: u32,
    last_width: u32,
}

/// `GET /console/journeys`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    filled(&app, lang, &here, &headers, chosen, Who::User(session)).await
}

/// The page of what was chosen, for whoever looks. A guest is not told which pages people looked at.
pub(super) async fn filled(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    headers: &HeaderMap,
    Chosen(asked): Chosen,
    who: Who,
) -> Result<Response, HttpError> {
    let told = Page::of(app, lang, here, headers, &who, asked).await?;
    let (t, o) = (lang.journey_texts(), lang.overview_texts());
    let pages = ROWS as u32 + 1;
    let reported = app.journeys.ways(&app.store, app.clock.now(), told.wanted.clone(), pages).await?;
    let JourneyReport { ways: it, pages, since } = reported;
    let csv = |table: &str| {
        let file = as_csv(here);
        file.parse().map_or(file, |file: Uri| super::with_query(&file, "table", Some(table)))
    };
    let attribution = here.to_string().replacen("/console/journeys", "/console/attribution", 1);
    let median_visits = it.median_visits.map_or_else(|| "–".to_owned(), |visits| visits.to_string());
    let visits = (1..VISITS).map(|visits| visits.to_string()).chain([t.and_more.to_owned()]);
    page(&JourneysPage {
        tiles: [
            (t.calls_with, lang.figure(it.calls)),
            (t.median_visits, median_visits),
            (t.median_time, it.median_time.map_or_else(|| "–".to_owned(), |time| lang.span(time))),
            (t.untouched, lang.figure(it.untouched)),
        ],
        flow: flow::flow(lang, &it.steps, |label| told.text(lang, app, label)),
        ways: way_views(lang, &it, |label| told.text(lang, app, label)),
        ways_cut: it.ways.len() > ROWS,
        pages_cut: pages.len() > ROWS,
        pages: page_views(lang, &pages[..pages.len().min(ROWS)]),
        visits: class_views(lang, visits, &it.visits),
        times: class_views(lang, t.times.iter().map(|&name| name.to_owned()), &it.times),
        assists: assist_views(lang, app, here, &told, &it),
        cut: since.is_some(),
        since: told_since(&told.wanted, since).map(|at| Moment::day_and_time(lang, at)),
        attribution,
        csv: Files {
            paths: csv("paths"),
            pages: csv("pages"),
            visits: csv("visits"),
            times: csv("times"),
            assists: csv("assists"),
        },
        is_empty: it.calls + it.untouched <= 0.0,
        heading: lang.dimension(told.dimension),
        bar: told.bar,
        frame: Frame::of(lang, here, &who),
        t,
        o,
    })
}

/// What the reader chose, and which table of it.
pub struct File {
    asked: JourneysAsked,
    table: Table,
}

impl FromQuery for File {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { table: query.value("table").unwrap_or_default(), asked: bar::read(query) }
    }
}

/// `GET /console/journeys.csv`: one of the tables, with all its rows.
pub async fn export(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Query(File { mut asked, table }): Query<File>,
) -> Result<Response, HttpError> {
    let wanted = bar::wanted(&app, &headers, &Who::User(session), &mut asked).await?;
    exported(&app, wanted, table, Reader::Spreadsheet(lang)).await
}

/// A length in thousandths of the longest.
fn width(of: f64, most: f64) -> u32 {
    if most > 0.0 { (of / most * 1_000.0).round() as u32 } else { 0 }
}

fn way_views(lang: Lang, told: &Ways, name: impl Fn(&str) -> String) -> Vec<WayView> {
    let most = told.ways.first().map_or(0.0, |way| way.calls);
    let views = told.ways.iter().take(ROWS).map(|Way { labels, is_longer, calls }| WayView {
        labels: labels.iter().map(|label| name(label)).collect(),
        is_longer: *is_longer,
        calls: lang.figure(*calls),
        share: lang.percent(calls / told.calls),
        width: width(*calls, most),
    });
    views.collect()
}

fn page_views(lang: Lang, pages: &[PageSeen]) -> Vec<PageView> {
    let most = pages.first().map_or(0.0, |it| it.calls);
    let views = pages.iter().map(|PageSeen { page, calls, last }| PageView {
        page: parts::shortened(&parts::short(page)),
        calls: lang.figure(*calls),
        last: lang.figure(*last),
        width: width(*calls, most),
        last_width: width(*last, most),
    });
    views.collect()
}

fn class_views(lang: Lang, names: impl Iterator<Item = String>, calls: &[f64]) -> Vec<ClassView> {
    let (most, all) = (calls.iter().copied().fold(0.0, f64::max), calls.iter().sum::<f64>());
    let views = names.zip(calls).map(|(name, &calls)| ClassView {
        name,
        calls: lang.figure(calls),
        share: if all > 0.0 { lang.percent(calls / all) } else { String::new() },
        width: width(calls, most),
    });
    views.collect()
}

fn assist_views(lang: Lang, app: &AppState, here: &Uri, told: &Page, ways: &Ways) -> Vec<AssistView> {
    let most = ways.assists.iter().map(|it| it.assisted.max(it.last)).fold(0.0, f64::max);
    let views = ways.assists.iter().map(|it| AssistView {
        label: told.text(lang, app, &it.label),
        address: told.address(here, &it.label),
        assisted: lang.figure(it.assisted),
        last: lang.figure(it.last),
        ratio: it.ratio().map_or_else(|| "–".to_owned(), |ratio| lang.ratio(ratio)),
        assisted_width: width(it.assisted, most),
        last_width: width(it.last, most),
    });
    views.collect()
}
