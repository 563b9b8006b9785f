//! `/api/v1/reports`: what calls came from, added up, and how sure that is.

use std::time::Duration;

use axum::extract::State;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::ids::{OutletId, SiteId};
use crate::domain::reporting::count::{Question, Row};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::expected::LEVEL;
use crate::domain::reporting::sums::calls;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Query, QueryReader};
use crate::http::report::meant;

/// How many rows a report has at most: those with the most calls.
const ROWS_MAX: usize = 200;

/// What is reported when nothing is said of the period.
const PERIOD: Duration = Duration::from_secs(30 * 86_400);

/// Which calls are counted, and by what.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ChannelsQuery reads")]
pub struct ChannelsParams {
    /// `channel`, `source`, `medium`, `campaign`, `term`, `landing_page`, `device`, `site`, `outlet`,
    /// `destination`, `number`, `region` or `outcome`.
    #[param(default = "channel")]
    dimension: Option<String>,
    /// Calls that arrived at or after this time; 30 days ago unless told.
    #[param(example = "2026-11-01T00:00:00Z")]
    from: Option<String>,
    /// Calls that arrived before this time; now unless told.
    until: Option<String>,
    /// Calls to numbers of this site.
    site: Option<String>,
    /// Calls to this outlet and to those below it.
    outlet: Option<String>,
    /// Calls to this number.
    #[param(example = "+33199001234")]
    number: Option<String>,
}

pub struct ChannelsQuery {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    dimension: Dimension,
    only: Vec<(Dimension, String)>,
}

impl FromQuery for ChannelsQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let (from, until) = (query.time("from"), query.time("until"));
        let number = query.phone("number").map(|number| number.reveal().to_owned());
        let site = query.value::<SiteId>("site").map(|site| site.to_string());
        let outlet = query.value::<OutletId>("outlet").map(|outlet| outlet.to_string());
        let only = [(Dimension::Number, number), (Dimension::Site, site), (Dimension::Outlet, outlet)];
        let only = only.into_iter().filter_map(|(it, label)| Some((it, label?))).collect();
        Self { from, until, dimension: query.value("dimension").unwrap_or_default(), only }
    }
}

/// What stands in for a period that is not told: the days up to now.
fn period(app: &AppState, from: Option<Timestamp>, until: Option<Timestamp>) -> (Timestamp, Timestamp) {
    let until = until.unwrap_or_else(|| app.clock.now());
    (from.unwrap_or(until - PERIOD), until)
}

/// How many calls came from where.
#[derive(Serialize, ToSchema)]
pub struct Channels {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// How many calls were counted.
    calls: u64,
    /// How sure each interval is of holding the true number.
    #[schema(example = 0.9)]
    level: f64,
    /// The most calls first; at most 200.
    rows: Vec<ChannelRow>,
    /// There are more rows than are told.
    cut: bool,
}

/// What came from one place.
#[derive(Serialize, ToSchema)]
pub struct ChannelRow {
    /// `null`: the visit or number says none.
    #[schema(example = "Paid Search")]
    label: Option<String>,
    /// The expected number of calls: their probabilities added up.
    calls: f64,
    /// The true number is this at least …
    calls_from: f64,
    /// … and this at most, as surely as `level` says.
    calls_to: f64,
    /// Expected calls that somebody answered …
    answered: f64,
    /// … and that ended without anybody.
    unanswered: f64,
}

impl From<Row> for ChannelRow {
    fn from(Row { label, sums, expected, .. }: Row) -> Self {
        Self {
            label,
            calls: expected.calls,
            calls_from: expected.from,
            calls_to: expected.to,
            answered: calls(sums.answered),
            unanswered: calls(sums.missed),
        }
    }
}

/// How many calls came from where.
///
/// Each call counts with its probabilities, so a number of calls is an expected value, `Σp`, and has
/// an interval: of the distribution of a sum of independent chances (Poisson's binomial), exact up to a
/// variance `Σp(1−p)` of 400, and `Σp ± 1.645·√Σp(1−p)` above. Shares of one call that fall on one row
/// are added first: of a call that one of two visits by one channel made, the channel is certain.
#[utoipa::path(
    get, path = "/api/v1/reports/channels", tag = "reports", operation_id = "report_channels",
    params(ChannelsParams), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "A row for each place", body = Channels), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn channels(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(asked): Query<ChannelsQuery>,
) -> Result<axum::Json<Channels>, HttpError> {
    let (from, until) = period(&app, asked.from, asked.until);
    let outlets = app.store.list_outlets().await?;
    let counted = app.reports.count(Question {
        period: from..until.max(from),
        zone: TimeZone::UTC,
        bars: vec![],
        only: asked.only.into_iter().map(|(it, label)| (it, meant(it, &label, &outlets))).collect(),
        apart: vec![asked.dimension],
        rows_max: ROWS_MAX,
    });
    let counted = counted.await?;
    let (rows, cut) = counted.apart.into_iter().next().map_or((vec![], false), |it| (it.rows, it.cut));
    let (all, rows) = (calls(counted.total.calls).round() as u64, rows.into_iter().map(Into::into).collect());
    Ok(axum::Json(Channels { from, until, calls: all, level: LEVEL, rows, cut }))
}
