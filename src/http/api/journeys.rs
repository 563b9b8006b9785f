//! `/api/v1/reports/journeys`: by which ways people came to call, after how many visits, how long, and by whose help.

use std::str::FromStr;

use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::advice::Within;
use super::export::{Reader, csv_file, csv_rows};
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::reporting::ways::{Assist, Step, TIMES, Way, Ways};
use crate::domain::time::Timestamp;
use crate::flows::{JourneyReport, JourneysWanted};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Query, QueryReader};
use crate::http::journeys::{JourneyFilters, JourneysAsked, told, told_since};
use crate::store::reports::journeys::PageSeen;

const ROWS: u32 = 50;
/// How many pages a file has at most; of all else it has everything.
const PAGES_MAX: u32 = 10_000;

/// How much is told.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what JourneysQuery reads")]
pub struct JourneyParams {
    /// How many paths and pages are told at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    rows: Option<u32>,
}

pub struct JourneysQuery {
    asked: JourneysAsked,
    rows: u32,
}

impl FromQuery for JourneysQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let rows = query.value::<Within<1, 200>>("rows").map_or(ROWS, |rows| rows.0);
        Self { rows, asked: JourneysAsked::read(query) }
    }
}

/// How people came to call. Every call counts as likely as it came by the journey.
#[derive(Serialize, ToSchema)]
pub struct JourneysTold {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// By what visits are told apart.
    #[schema(example = "channel")]
    dimension: &'static str,
    /// Calls that something led up to …
    calls: f64,
    /// … and calls that nothing did within the look-back.
    untouched: f64,
    /// There were more than are read, the newest 60,000 visits and 20,000 calls: of the first calls that are told not all
    /// visits are known.
    cut: bool,
    /// Since when calls are told then; not where the report is of some outlets.
    #[schema(value_type = Option<String>, format = DateTime)]
    calls_since: Option<Timestamp>,
    /// The most calls first.
    paths: Vec<PathTold>,
    /// There are more paths than are told.
    paths_cut: bool,
    /// From one visit to the next, and to the call: the last step first.
    steps: Vec<StepTold>,
    /// Of the newest 4,000 visits that may have called.
    pages: Vec<PageTold>,
    /// There are more pages than are told.
    pages_cut: bool,
    /// Calls by how many visits led up to them; the last row is of five and more.
    visits: Vec<VisitsTold>,
    /// Half of the calls took no more visits.
    median_visits: Option<u32>,
    /// Calls by how long after the first visit they came.
    times: Vec<TimeTold>,
    /// Half of the calls took no longer.
    median_seconds: Option<u64>,
    /// What each label did for calls, those with most part first.
    assists: Vec<AssistTold>,
}

/// The last visits before a call.
#[derive(Serialize, ToSchema)]
pub struct PathTold {
    /// In the order in which they came, at most five; `null`: the visit says none.
    #[schema(example = json!(["Email", "Paid Search"]))]
    labels: Vec<Option<String>>,
    /// There were other visits before.
    is_longer: bool,
    calls: f64,
    /// Of all calls; 0 to 1.
    share: f64,
}

/// From one visit to what came next.
#[derive(Serialize, ToSchema)]
pub struct StepTold {
    /// How many visits before the call it begins: 1 at the last one; at most 5.
    before: usize,
    label: Option<String>,
    /// It leads to the call, and `next` says nothing.
    is_last: bool,
    next: Option<String>,
    calls: f64,
}

/// A page that callers saw in the visit that called.
#[derive(Serialize, ToSchema)]
pub struct PageTold {
    /// Without its query.
    page: String,
    /// Calls by visits that had seen it.
    calls: f64,
    /// Calls by visits that saw it last.
    last: f64,
}

/// Calls after so many visits.
#[derive(Serialize, ToSchema)]
pub struct VisitsTold {
    visits: usize,
    calls: f64,
}

/// Calls that came so long after the first visit.
#[derive(Serialize, ToSchema)]
pub struct TimeTold {
    /// Within so many hours, and not within those of the row before; `null`: all others.
    within_hours: Option<u64>,
    calls: f64,
}

/// What a label did for calls.
#[derive(Serialize, ToSchema)]
pub struct AssistTold {
    label: Option<String>,
    /// Calls that it took part in without being the last visit.
    assisted: f64,
    /// Calls that it was the last visit of.
    last: f64,
    /// `assisted` by `last`; `null`: it was never last.
    ratio: Option<f64>,
}

/// How people came to call: by which ways, over which pages, after how many visits and how long, and by whose help.
///
/// Journeys are those of `/api/v1/reports/credit`. Pages are those of the visit that called, seen before it did; of an
/// origin that is asked for is then that visit itself.
#[utoipa::path(
    get, path = "/api/v1/reports/journeys", tag = "reports", operation_id = "report_journeys",
    params(JourneyFilters, JourneyParams), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "The journeys that ended in a call", body = JourneysTold), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn journeys(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(JourneysQuery { asked, rows }): Query<JourneysQuery>,
) -> Result<axum::Json<JourneysTold>, HttpError> {
    let wanted = asked.meant(&app).await?;
    let (from, until, dimension) = (wanted.from, wanted.until, wanted.wanted.dimension.as_str());
    let report = app.journeys.ways(&app.store, app.clock.now(), wanted.clone(), rows + 1).await?;
    let JourneyReport { ways: it, mut pages, since } = report;
    let pages_cut = pages.len() > rows as usize;
    pages.truncate(rows as usize);
    let all = it.calls;
    Ok(axum::Json(JourneysTold {
        from,
        until,
        dimension,
        calls: it.calls,
        untouched: it.untouched,
        cut: since.is_some(),
        calls_since: told_since(&wanted, since),
        paths_cut: it.ways.len() > rows as usize,
        paths: it.ways.into_iter().take(rows as usize).map(|way| path(way, all)).collect(),
        steps: it.steps.into_iter().map(step).collect(),
        pages: pages
            .into_iter()
            .map(|PageSeen { page, calls, last }| PageTold { page, calls, last })
            .collect(),
        pages_cut,
        visits: (1..).zip(it.visits).map(|(visits, calls)| VisitsTold { visits, calls }).collect(),
        median_visits: it.median_visits,
        times: hours().zip(it.times).map(|(within_hours, calls)| TimeTold { within_hours, calls }).collect(),
        median_seconds: it.median_time.map(|time| time.as_secs()),
        assists: it.assists.into_iter().map(assist).collect(),
    }))
}

fn hours() -> impl Iterator<Item = Option<u64>> {
    TIMES.iter().map(|time| Some(time.as_secs() / 3_600)).chain([None])
}

fn path(Way { labels, is_longer, calls }: Way, all: f64) -> PathTold {
    PathTold {
        labels: labels.iter().map(|label| told(label)).collect(),
        is_longer,
        calls,
        share: calls / all,
    }
}

fn step(Step { before, from, to, calls }: Step) -> StepTold {
    let next = to.as_deref().and_then(told);
    StepTold { before, label: told(&from), is_last: to.is_none(), next, calls }
}

fn assist(it: Assist) -> AssistTold {
    AssistTold { label: told(&it.label), assisted: it.assisted, last: it.last, ratio: it.ratio() }
}

/// One of the tables.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Table {
    #[default]
    Paths,
    Steps,
    Pages,
    Visits,
    Times,
    Assists,
}

impl Table {
    const ALL: [(&'static str, Table); 6] = [
        ("paths", Table::Paths),
        ("steps", Table::Steps),
        ("pages", Table::Pages),
        ("visits", Table::Visits),
        ("times", Table::Times),
        ("assists", Table::Assists),
    ];
}

impl FromStr for Table {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Table::ALL.into_iter().find(|(name, _)| *name == text);
        found.map(|(_, table)| table).ok_or("must be one of paths, steps, pages, visits, times, assists")
    }
}

/// Which table.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what TableQuery reads")]
pub struct TableParams {
    /// `paths`, `steps`, `pages`, `visits`, `times` or `assists`.
    #[param(default = "paths")]
    table: Option<String>,
}

pub struct TableQuery {
    asked: JourneysAsked,
    table: Table,
}

impl FromQuery for TableQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { table: query.value("table").unwrap_or_default(), asked: JourneysAsked::read(query) }
    }
}

/// One of the tables of the journeys to a call as CSV, with all its rows (of pages, the 10,000 with the most calls).
#[utoipa::path(
    get, path = "/api/v1/reports/journeys.csv", tag = "reports", operation_id = "export_journeys",
    params(JourneyFilters, TableParams), security(("api_key" = ["calls:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn export(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(TableQuery { asked, table }): Query<TableQuery>,
) -> Result<Response, HttpError> {
    exported(&app, asked.meant(&app).await?, table, Reader::Program).await
}

/// The same for the console.
pub async fn exported(
    app: &AppState,
    wanted: JourneysWanted,
    table: Table,
    reader: Reader,
) -> Result<Response, HttpError> {
    let pages = if table == Table::Pages { PAGES_MAX } else { 1 };
    let report = app.journeys.ways(&app.store, app.clock.now(), wanted, pages).await?;
    let JourneyReport { ways, pages, .. } = report;
    let rows = written(table, &ways, &pages);
    let name = Table::ALL.iter().find(|(_, it)| *it == table).map_or("journeys", |(name, _)| name);
    let table = csv_rows(rows.into_iter(), reader);
    Ok(csv_file(&format!("journeys-{name}.csv"), stream::iter([Ok(table)]), reader))
}

/// Its headings, and its rows.
fn written(table: Table, ways: &Ways, pages: &[PageSeen]) -> Vec<Vec<String>> {
    let count = |calls: f64| format!("{calls:.2}");
    let label = |label: &str| told(label).unwrap_or_default();
    let headings: &[&str] = match table {
        Table::Paths => &["path", "is_longer", "calls", "share"],
        Table::Steps => &["before", "label", "is_last", "next", "calls"],
        Table::Pages => &["page", "calls", "last"],
        Table::Visits => &["visits", "calls"],
        Table::Times => &["within_hours", "calls"],
        Table::Assists => &["label", "assisted", "last", "ratio"],
    };
    let mut rows = vec![headings.iter().map(|&heading| heading.to_owned()).collect()];
    match table {
        Table::Paths => rows.extend(ways.ways.iter().map(|it| {
            let share = format!("{:.4}", it.calls / ways.calls);
            vec![it.labels.join(" > "), it.is_longer.to_string(), count(it.calls), share]
        })),
        Table::Steps => rows.extend(ways.steps.iter().map(|it| {
            let next = it.to.as_deref().map_or_else(String::new, label);
            vec![it.before.to_string(), label(&it.from), it.to.is_none().to_string(), next, count(it.calls)]
        })),
        Table::Pages => {
            rows.extend(pages.iter().map(|it| vec![it.page.clone(), count(it.calls), count(it.last)]));
        }
        Table::Visits => {
            rows.extend(
                (1..)
                    .zip(ways.visits)
                    .map(|(visits, calls): (u32, f64)| vec![visits.to_string(), count(calls)]),
            );
        }
        Table::Times => rows.extend(hours().zip(ways.times).map(|(hours, calls)| {
            vec![hours.map_or_else(String::new, |hours| hours.to_string()), count(calls)]
        })),
        Table::Assists => rows.extend(ways.assists.iter().map(|it| {
            let ratio = it.ratio().map_or_else(String::new, |ratio| format!("{ratio:.2}"));
            vec![label(&it.label), count(it.assisted), count(it.last), ratio]
        })),
    }
    rows
}
