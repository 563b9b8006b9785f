//! `/api/v1/reports/correlations`: what moves together from day to day.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::overview::ReportFilters;
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::reporting::correlation::{LAG_MOST, Pair, is_thin, pairs};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::expected::LEVEL;
use crate::domain::reporting::period::Period;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::cross::{Label, Series};
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Query, QueryReader};
use crate::http::report::Asked;

/// Of so many labels it is told how they move together: those with the most calls.
pub const SERIES_MAX: usize = 10;
/// Without another period, a year: a few weeks tell nothing.
pub const CORRELATED: Period = Period::Days(365);

/// Which calls, when, and by what.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what CorrelationQuery reads")]
pub struct CorrelationParams {
    /// As in `/api/v1/reports/overview`, also all filters; below eight whole weeks nothing is told.
    #[param(default = "365d")]
    period: Option<String>,
    #[param(default = "UTC", example = "Europe/Paris")]
    zone: Option<String>,
    /// What moves: `channel`, `source`, `campaign`, …
    #[param(default = "channel")]
    dimension: Option<String>,
}

pub struct CorrelationQuery {
    pub asked: Asked,
    pub by: Dimension,
}

impl FromQuery for CorrelationQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { by: query.value("dimension").unwrap_or_default(), asked: Asked::read_or(query, CORRELATED) }
    }
}

/// What moves together from day to day.
#[derive(Serialize, ToSchema)]
pub struct Correlations {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    #[schema(example = 0.9)]
    level: f64,
    #[schema(example = "channel")]
    dimension: &'static str,
    /// Labels with too few days or calls to tell.
    thin: Vec<Label>,
    /// Those beyond chance first, then those that move together most.
    pairs: Vec<Correlation>,
}

#[derive(Serialize, ToSchema)]
pub struct Correlation {
    one: Label,
    other: Label,
    /// So many days later than `one` the `other` shows it most; below 0: earlier.
    lag_days: i32,
    /// Then; -1 to 1 …
    correlation: f64,
    /// … and truly between these two, as surely as `level` says.
    correlation_from: f64,
    correlation_to: f64,
    /// More than chance explains, with all pairs and lags that are looked at.
    remarkable: bool,
    /// For each lag from 14 days earlier to 14 later.
    #[schema(min_items = 29, max_items = 29)]
    by_lag: Vec<f64>,
}

const _: () = assert!(2 * LAG_MOST + 1 == 29, "as the description says");

/// Which channels move together from day to day, and which follows the other after how many days.
///
/// Trend, weekdays and what each day has of the day before are taken away first. It tells that they move together, not
/// why.
#[utoipa::path(
    get, path = "/api/v1/reports/correlations", tag = "reports", operation_id = "report_correlations",
    params(CorrelationParams, ReportFilters), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "Pairs of labels", body = Correlations), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn correlations(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(query): Query<CorrelationQuery>,
) -> Result<axum::Json<Correlations>, HttpError> {
    let series = Series::of(&app, &query.asked, query.by, SERIES_MAX).await?;
    let label = |nth: usize| series.labels[nth].clone();
    let thin = (0..series.labels.len()).filter(|nth| is_thin(&series.days[*nth])).map(label);
    let told = pairs(&series.days).into_iter().map(
        |Pair { one, other, by_lag, lag, correlation, from, to, is_remarkable }| Correlation {
            one: label(one),
            other: label(other),
            lag_days: lag,
            correlation,
            correlation_from: from,
            correlation_to: to,
            remarkable: is_remarkable,
            by_lag,
        },
    );
    Ok(axum::Json(Correlations {
        from: series.period.start,
        until: series.period.end,
        level: LEVEL,
        dimension: query.by.as_str(),
        thin: thin.collect(),
        pairs: told.collect(),
    }))
}
