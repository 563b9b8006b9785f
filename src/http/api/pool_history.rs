//! `/api/v1/pools/{id}/history`: how full a pool was, and how long it lasts.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::advice::Within;
use super::{KeyProblems, ListProblems, OneProblems, ServerProblems};
use crate::domain::ids::PoolId;
use crate::domain::time::Timestamp;
use crate::domain::tracking::pool_use::{Forecast, Slot};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, FromQuery, NumbersRead, Path, Query, QueryReader};
use crate::http::pool_history::{DAYS, full_on, history};

/// How many days of hours.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what DaysQuery reads")]
pub struct HistoryParams {
    /// Hours of so many days, today the last of them.
    #[param(minimum = 1, maximum = 35, default = 7)]
    days: Option<u32>,
}

pub struct DaysQuery(u32);

impl FromQuery for DaysQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self(query.value::<Within<1, { DAYS }>>("days").map_or(7, |it| it.0))
    }
}

/// A pool over time, days in UTC.
#[derive(Serialize, ToSchema)]
pub struct PoolHistory {
    /// In service now.
    pub numbers: u32,
    pub hours: Vec<PoolSlot>,
    /// Of the last 35 days.
    pub days: Vec<PoolSlot>,
    /// `too_early` (fewer than 14 days of use), `full`, `lasts` (a year or more) or `full_in_days`.
    #[schema(example = "full_in_days")]
    pub forecast: &'static str,
    /// When all numbers are taken at the present growth.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub full_at: Option<Timestamp>,
}

/// An hour or a day of a pool.
#[derive(Serialize, ToSchema)]
pub struct PoolSlot {
    #[schema(value_type = String, format = DateTime)]
    pub begins: Timestamp,
    /// The most numbers at once that were on somebody's page …
    pub lent: u32,
    /// … and that were so or rested.
    pub taken: u32,
    /// Visits that had to do without a number because all were taken.
    pub exhausted: u32,
}

impl From<Slot> for PoolSlot {
    fn from(Slot { begins, lent, taken, exhausted }: Slot) -> Self {
        Self { begins, lent, taken, exhausted }
    }
}

/// How full a pool was, hour by hour and day by day, and how long it lasts at its present growth.
#[utoipa::path(
    get, path = "/api/v1/pools/{id}/history", tag = "numbers", operation_id = "pool_history",
    params(("id" = String, Path, description = "The pool's name in the plan"), HistoryParams),
    security(("api_key" = ["numbers:read"])),
    responses((status = 200, description = "The pool over time", body = PoolHistory), KeyProblems, ListProblems, OneProblems, ServerProblems)
)]
pub async fn show(
    _: ApiKey<NumbersRead>,
    State(app): State<AppState>,
    Path(id): Path<PoolId>,
    Query(DaysQuery(days)): Query<DaysQuery>,
) -> Result<axum::Json<PoolHistory>, HttpError> {
    let now = app.clock.now();
    let pools = app.store.list_pools(now).await?;
    let row = pools.into_iter().find(|row| row.pool.id == id).ok_or(HttpError::NotFound("pool"))?;
    let history = history(&app, &row, days).await?;
    let (forecast, full_at) = match history.forecast {
        Forecast::TooEarly { .. } => ("too_early", None),
        Forecast::Full => ("full", None),
        Forecast::Lasts => ("lasts", None),
        Forecast::FullIn { days } => ("full_in_days", Some(full_on(now, days))),
    };
    Ok(axum::Json(PoolHistory {
        numbers: row.numbers,
        hours: history.hours.into_iter().map(Into::into).collect(),
        days: history.days.into_iter().map(Into::into).collect(),
        forecast,
        full_at,
    }))
}
