//! `/api/v1/reports/overview.csv`: the calls of a period apart by one dimension, as a table with all its rows.

use axum::extract::State;
use axum::response::Response;
use futures_util::stream;

use super::export::{Reader, csv_file, csv_rows};
use super::overview::{OverviewParams, OverviewQuery, ReportFilters};
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::reporting::count::Row;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::sums::calls;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, Query};
use crate::http::report::Asked;

const FIGURES: [&str; 11] = [
    "calls",
    "calls_from",
    "calls_to",
    "answered",
    "missed",
    "answered_rate",
    "new_callers",
    "mean_ring_seconds",
    "mean_talk_seconds",
    "leads",
    "sales",
];

/// The calls of a period by one dimension (`channel` where none is named) as CSV, with all rows, those with the most calls
/// first. The first column is empty for calls of which nothing is said.
#[utoipa::path(
    get, path = "/api/v1/reports/overview.csv", tag = "reports", operation_id = "export_overview",
    params(OverviewParams, ReportFilters), security(("api_key" = ["calls:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn export(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(asked): Query<OverviewQuery>,
) -> Result<Response, HttpError> {
    exported(&app, &asked.asked, asked.dimension.unwrap_or_default(), Reader::Program).await
}

/// The same for the console.
pub async fn exported(
    app: &AppState,
    asked: &Asked,
    dimension: Dimension,
    reader: Reader,
) -> Result<Response, HttpError> {
    let reported = asked.report(app, vec![dimension], usize::MAX).await?;
    let headings = [dimension.as_str()].into_iter().chain(FIGURES).map(str::to_owned).collect();
    let rows = reported.counted.apart.iter().flat_map(|apart| &apart.rows).map(written);
    let table = csv_rows([headings].into_iter().chain(rows), reader);
    Ok(csv_file("calls-by.csv", stream::iter([Ok(table)]), reader))
}

fn written(Row { label, sums, expected, .. }: &Row) -> Vec<String> {
    let count = |millionths: u64| format!("{:.2}", calls(millionths));
    let seconds = |ms: Option<f64>| ms.map_or_else(String::new, |ms| format!("{:.1}", ms / 1_000.0));
    vec![
        label.clone().unwrap_or_default(),
        count(sums.calls),
        format!("{:.2}", expected.from),
        format!("{:.2}", expected.to),
        count(sums.answered),
        count(sums.missed),
        sums.answered_rate().map_or_else(String::new, |rate| format!("{rate:.4}")),
        count(sums.new),
        seconds(sums.mean_ring_ms()),
        seconds(sums.mean_talk_ms()),
        count(sums.leads),
        count(sums.sales),
    ]
}
