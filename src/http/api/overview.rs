//! `/api/v1/reports/overview`: the calls of a period, held against another, in all and by whatever they differ in.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::advice::Within;
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::reporting::count::{Breakdown, Row};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::expected::{Expected, LEVEL};
use crate::domain::reporting::sums::{Sums, calls};
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Query, QueryReader};
use crate::http::report::{Asked, Reported};

const ROWS: u32 = 10;

/// Which calls, and when.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what OverviewQuery reads")]
pub struct OverviewParams {
    /// `today`, `yesterday`, `month`, `last_month`, `year`, a number of days of which today is the last
    /// (`30d`), or two days, both included (`2026-11-01..2026-11-30`).
    #[param(default = "30d")]
    period: Option<String>,
    /// What it is held against: the period just `before`, the same of the `year` before, or `none`.
    #[param(default = "before")]
    compare: Option<String>,
    /// In which days begin; a name of the tz database.
    #[param(default = "UTC", example = "Europe/Paris")]
    zone: Option<String>,
    /// How many rows each dimension has at most.
    #[param(minimum = 1, maximum = 200, default = 10)]
    rows: Option<u32>,
    /// Only this dimension is counted apart.
    dimension: Option<String>,
}

/// Calls of these alone.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what Asked reads")]
pub struct ReportFilters {
    /// Calls of this channel alone. Each dimension can be filtered by so; `(not set)`: those that have none.
    #[param(example = "Paid Search")]
    channel: Option<String>,
    source: Option<String>,
    medium: Option<String>,
    campaign: Option<String>,
    term: Option<String>,
    /// Without its query.
    landing_page: Option<String>,
    /// `phone` or `desk`.
    device: Option<String>,
    site: Option<String>,
    /// With all outlets below it.
    outlet: Option<String>,
    destination: Option<String>,
    #[param(example = "+33199001234")]
    number: Option<String>,
    /// Where the call came from, by the caller's number or by the visit: a country, or a zone of France (`FR-4`).
    region: Option<String>,
    /// `answered`, `missed`, `busy`, `abandoned`, `voicemail` or `failed`.
    outcome: Option<String>,
}

pub struct OverviewQuery {
    pub asked: Asked,
    rows: u32,
    pub dimension: Option<Dimension>,
}

impl FromQuery for OverviewQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let rows = query.value::<Within<1, 200>>("rows").map_or(ROWS, |rows| rows.0);
        Self { rows, dimension: query.value("dimension"), asked: Asked::read(query) }
    }
}

/// The calls of a period.
#[derive(Serialize, ToSchema)]
pub struct Overview {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    #[schema(example = "Europe/Paris")]
    zone: String,
    /// How sure each interval is of holding the true number.
    #[schema(example = 0.9)]
    level: f64,
    total: Figures,
    /// `null` where nothing is compared.
    before: Option<Before>,
    course: Course,
    /// For each hour of the week, from Monday at midnight on.
    week: Vec<Short>,
    apart: Vec<Apart>,
}

/// What the period is held against.
#[derive(Serialize, ToSchema)]
pub struct Before {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    total: Figures,
}

/// Figures of many calls. Where a filter asks for an origin, each call counts as likely as it came from there.
#[derive(Serialize, ToSchema)]
pub struct Figures {
    calls: f64,
    /// The true number is this at least …
    calls_from: f64,
    /// … and this at most, as surely as `level` says.
    calls_to: f64,
    answered: f64,
    /// Ended without anybody; calls that go on are neither.
    missed: f64,
    /// Different numbers that called; `null` for rows.
    callers: Option<f64>,
    /// Callers of whom no earlier call is known.
    new_callers: f64,
    /// Of the calls that are over, those that somebody took; 0 to 1.
    answered_rate: Option<f64>,
    /// The same of first calls.
    first_time_answered_rate: Option<f64>,
    /// How long an answered call had waited.
    mean_ring_seconds: Option<f64>,
    mean_talk_seconds: Option<f64>,
    leads: f64,
    sales: f64,
}

impl Figures {
    fn of(sums: &Sums, expected: Expected, callers: Option<u64>) -> Self {
        Self {
            calls: calls(sums.calls),
            calls_from: expected.from,
            calls_to: expected.to,
            answered: calls(sums.answered),
            missed: calls(sums.missed),
            callers: callers.map(calls),
            new_callers: calls(sums.new),
            answered_rate: sums.answered_rate(),
            first_time_answered_rate: sums.first_time_answered_rate(),
            mean_ring_seconds: sums.mean_ring_ms().map(|ms| ms / 1_000.0),
            mean_talk_seconds: sums.mean_talk_ms().map(|ms| ms / 1_000.0),
            leads: calls(sums.leads),
            sales: calls(sums.sales),
        }
    }
}

/// The calls by the time.
#[derive(Serialize, ToSchema)]
pub struct Course {
    /// What a bar stands for: `hour`, `day`, `week` or `month`.
    bar: &'static str,
    bars: Vec<CourseBar>,
}

#[derive(Serialize, ToSchema)]
pub struct CourseBar {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[serde(flatten)]
    calls: Short,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CallsAnsweredMissed)]
pub struct Short {
    calls: f64,
    answered: f64,
    missed: f64,
}

impl From<&Sums> for Short {
    fn from(sums: &Sums) -> Self {
        Self { calls: calls(sums.calls), answered: calls(sums.answered), missed: calls(sums.missed) }
    }
}

/// The calls counted apart by one dimension.
#[derive(Serialize, ToSchema)]
pub struct Apart {
    #[schema(example = "channel")]
    dimension: &'static str,
    /// The most calls first.
    rows: Vec<ApartRow>,
    /// There are more rows than are told.
    cut: bool,
}

#[derive(Serialize, ToSchema)]
pub struct ApartRow {
    /// `null`: nothing is said of it.
    label: Option<String>,
    #[serde(flatten)]
    figures: Figures,
}

impl From<Breakdown> for Apart {
    fn from(from: Breakdown) -> Self {
        let rows = from.rows.into_iter().map(|Row { label, sums, expected, .. }| ApartRow {
            label,
            figures: Figures::of(&sums, expected, None),
        });
        Self { dimension: from.dimension.as_str(), rows: rows.collect(), cut: from.cut }
    }
}

/// The calls of a period, held against another.
///
/// Numbers of calls are expected values with intervals, as in `/api/v1/reports/channels`. A call is heard of
/// within seconds; screened calls and those to numbers that are not ours are not counted.
#[utoipa::path(
    get, path = "/api/v1/reports/overview", tag = "reports", operation_id = "report_overview",
    params(OverviewParams, ReportFilters), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "In all, by the time, and apart", body = Overview), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn overview(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(query): Query<OverviewQuery>,
) -> Result<axum::Json<Overview>, HttpError> {
    let OverviewQuery { asked, rows, dimension } = query;
    let apart = dimension.map_or_else(|| Dimension::ALL.to_vec(), |dimension| vec![dimension]);
    let Reported { period, before, bar, bars, counted, counted_before } =
        asked.report(&app, apart, rows as usize).await?;
    let before = before.zip(counted_before).map(|(period, counted)| Before {
        from: period.start,
        until: period.end,
        total: Figures::of(&counted.total, counted.expected, Some(counted.callers)),
    });
    let course = bars.into_iter().zip(&counted.course);
    Ok(axum::Json(Overview {
        from: period.start,
        until: period.end,
        zone: asked.zone.unwrap_or_default().name().to_owned(),
        level: LEVEL,
        total: Figures::of(&counted.total, counted.expected, Some(counted.callers)),
        before,
        course: Course {
            bar: bar.as_str(),
            bars: course.map(|(from, sums)| CourseBar { from, calls: sums.into() }).collect(),
        },
        week: counted.week.iter().map(Into::into).collect(),
        apart: counted.apart.into_iter().map(Into::into).collect(),
    }))
}
