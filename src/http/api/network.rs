//! `/api/v1/reports/network`: outlets held against each other.

use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::export::{Reader, csv_file, csv_rows};
use super::overview::ReportFilters;
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::ids::OutletId;
use crate::domain::reporting::expected::LEVEL;
use crate::domain::reporting::funnel::{INNER, OUTER, Verdict};
use crate::domain::reporting::sums::calls;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Query, QueryReader};
use crate::http::network::{Network, Ranked, word};
use crate::http::report::Asked;

/// Which calls, when, and which outlets.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what NetworkQuery reads")]
pub struct NetworkParams {
    /// As in `/api/v1/reports/overview`, also all filters.
    #[param(default = "30d")]
    period: Option<String>,
    #[param(default = "before")]
    compare: Option<String>,
    #[param(default = "UTC", example = "Europe/Paris")]
    zone: Option<String>,
    /// The outlets just below this one, each with all below it; without it, every outlet by itself.
    #[param(example = "head-office")]
    below: Option<String>,
}

pub struct NetworkQuery {
    asked: Asked,
    below: Option<OutletId>,
}

impl FromQuery for NetworkQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { below: query.value("below"), asked: Asked::read(query) }
    }
}

/// Outlets held against each other.
#[derive(Serialize, ToSchema)]
pub struct NetworkReport {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// How sure each interval is of holding the true number.
    #[schema(example = 0.9)]
    level: f64,
    /// What all outlets miss together, of the calls that are over; 0 to 1.
    missed_rate: f64,
    /// How many times wider than by chance alone outlets differ, as a variance; 1: they are alike.
    spread: f64,
    /// The most calls first.
    outlets: Vec<NetworkRow>,
}

#[derive(Serialize, ToSchema)]
pub struct NetworkRow {
    /// `null`: calls of no outlet.
    #[schema(value_type = Option<String>)]
    outlet: Option<OutletId>,
    calls: f64,
    calls_from: f64,
    calls_to: f64,
    /// `null` where nothing is compared.
    calls_before: Option<f64>,
    answered: f64,
    missed: f64,
    /// Of the calls that are over; 0 to 1.
    missed_rate: Option<f64>,
    /// Of 100 outlets that are like all others, 95 of so many calls lie between these two …
    usual_from: Option<f64>,
    usual_to: Option<f64>,
    /// … and 99.8 between these.
    rare_from: Option<f64>,
    rare_to: Option<f64>,
    /// Whether it misses more calls than chance explains: `usual`, `better`, `worse`, or `too_few_calls` to tell.
    #[schema(example = "usual")]
    verdict: &'static str,
    first_time_answered_rate: Option<f64>,
    mean_ring_seconds: Option<f64>,
    new_callers: f64,
    leads: f64,
    sales: f64,
}

impl NetworkRow {
    fn of(it: &Ranked, verdict: Verdict, network: &Network) -> Self {
        let over = calls(it.sums.answered + it.sums.missed);
        let bounds = |deviations| (over > 0.0).then(|| network.funnel.bounds(over, deviations));
        Self {
            outlet: it.outlet.clone(),
            calls: calls(it.sums.calls),
            calls_from: it.expected.from,
            calls_to: it.expected.to,
            calls_before: it.before.map(|sums| calls(sums.calls)),
            answered: calls(it.sums.answered),
            missed: calls(it.sums.missed),
            missed_rate: it.sums.answered_rate().map(|rate| 1.0 - rate),
            usual_from: bounds(INNER).map(|it| it.0),
            usual_to: bounds(INNER).map(|it| it.1),
            rare_from: bounds(OUTER).map(|it| it.0),
            rare_to: bounds(OUTER).map(|it| it.1),
            verdict: word(verdict),
            first_time_answered_rate: it.sums.first_time_answered_rate(),
            mean_ring_seconds: it.sums.mean_ring_ms().map(|ms| ms / 1_000.0),
            new_callers: calls(it.sums.new),
            leads: calls(it.sums.leads),
            sales: calls(it.sums.sales),
        }
    }
}

/// Outlets held against each other: how many calls, how many missed, and whether that is more than chance explains.
///
/// Around what all miss together lies a funnel, wider for outlets with fewer calls (Spiegelhalter 2005); of those that
/// are called better or worse, at most one in twenty is so by chance.
#[utoipa::path(
    get, path = "/api/v1/reports/network", tag = "reports", operation_id = "report_network",
    params(NetworkParams, ReportFilters), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "A row for each outlet", body = NetworkReport), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn network(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(query): Query<NetworkQuery>,
) -> Result<axum::Json<NetworkReport>, HttpError> {
    let network = Network::of(&app, &query.asked, query.below.as_ref()).await?;
    Ok(axum::Json(NetworkReport {
        from: network.reported.period.start,
        until: network.reported.period.end,
        level: LEVEL,
        missed_rate: network.funnel.rate,
        spread: network.funnel.spread,
        outlets: network.verdicts().map(|(it, verdict)| NetworkRow::of(it, verdict, &network)).collect(),
    }))
}

/// The same as CSV.
#[utoipa::path(
    get, path = "/api/v1/reports/network.csv", tag = "reports", operation_id = "export_network",
    params(NetworkParams, ReportFilters), security(("api_key" = ["calls:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn export(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(query): Query<NetworkQuery>,
) -> Result<Response, HttpError> {
    exported(&app, &query.asked, query.below.as_ref(), Reader::Program).await
}

const HEADINGS: [&str; 12] = [
    "outlet",
    "calls",
    "calls_from",
    "calls_to",
    "calls_before",
    "answered",
    "missed",
    "missed_rate",
    "verdict",
    "new_callers",
    "leads",
    "sales",
];

/// The same for the console.
pub async fn exported(
    app: &AppState,
    asked: &Asked,
    below: Option<&OutletId>,
    reader: Reader,
) -> Result<Response, HttpError> {
    let network = Network::of(app, asked, below).await?;
    let count = |calls: f64| format!("{calls:.2}");
    let rows = network.verdicts().map(|(it, verdict)| {
        let row = NetworkRow::of(it, verdict, &network);
        vec![
            row.outlet.as_ref().map(ToString::to_string).unwrap_or_default(),
            count(row.calls),
            count(row.calls_from),
            count(row.calls_to),
            row.calls_before.map(count).unwrap_or_default(),
            count(row.answered),
            count(row.missed),
            row.missed_rate.map(|rate| format!("{rate:.4}")).unwrap_or_default(),
            row.verdict.to_owned(),
            count(row.new_callers),
            count(row.leads),
            count(row.sales),
        ]
    });
    let headings = HEADINGS.map(str::to_owned).to_vec();
    let table = csv_rows([headings].into_iter().chain(rows), reader);
    Ok(csv_file("outlets.csv", stream::iter([Ok(table)]), reader))
}
