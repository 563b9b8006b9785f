//! `/api/v1/pools/{id}/advice`: how many numbers a pool needs.

use std::str::FromStr;
use std::time::Duration;

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{KeyProblems, ListProblems, OneProblems, ServerProblems};
use crate::domain::ids::PoolId;
use crate::domain::tracking::advise::{self, NoAdvice};
use crate::flows::{AdviceError, AskedAdvice, pool_advised};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{ApiKey, FromQuery, NumbersRead, Path, Query, QueryReader};

/// What is replayed, and against what.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what AdviceQuery reads")]
pub struct AdviceParams {
    /// How many days of visits, 1 to 90; of these the newest 20,000.
    #[param(minimum = 1, maximum = 90, default = 30)]
    days: Option<u32>,
    /// Up to 12 pool sizes, with commas between; without it, sizes around the load.
    #[param(example = "10,20,40")]
    sizes: Option<String>,
    /// Up to 3 keep-alives in seconds, with commas between; without it, the pool's own.
    #[param(example = "120,1200")]
    keep_alive_s: Option<String>,
    /// What a number costs a month.
    #[param(default = 1.0)]
    number_price: Option<f64>,
    /// What it is worth to know where one call came from, in the same currency.
    #[param(default = 5.0)]
    call_worth: Option<f64>,
}

pub struct AdviceQuery {
    days: u32,
    sizes: Vec<usize>,
    keep_alives: Vec<Duration>,
    number_price: f64,
    call_worth: f64,
}

impl FromQuery for AdviceQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let days = query.value::<Within<1, 90>>("days").map_or(30, |days| days.0);
        let sizes = query.value::<Several<Within<1, 2_000>, 12>>("sizes");
        let keep_alives = query.value::<Several<Within<1, 86_400>, 3>>("keep_alive_s");
        Self {
            days,
            sizes: sizes.map_or(vec![], |sizes| sizes.0.into_iter().map(|size| size.0 as usize).collect()),
            keep_alives: keep_alives.map_or(vec![], |spans| {
                spans.0.into_iter().map(|span| Duration::from_secs(span.0.into())).collect()
            }),
            number_price: query.value::<Amount>("number_price").map_or(1.0, |amount| amount.0),
            call_worth: query.value::<Amount>("call_worth").map_or(5.0, |amount| amount.0),
        }
    }
}

/// A whole number within bounds.
pub(in crate::http) struct Within<const LEAST: u32, const MOST: u32>(pub u32);

impl<const LEAST: u32, const MOST: u32> FromStr for Within<LEAST, MOST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.trim().parse().ok().filter(|number| (LEAST..=MOST).contains(number));
        number.map(Self).ok_or_else(|| format!("must be a whole number from {LEAST} to {MOST}"))
    }
}

/// Items with commas between.
pub(in crate::http) struct Several<T, const MOST: usize>(pub Vec<T>);

impl<T: FromStr<Err = String>, const MOST: usize> FromStr for Several<T, MOST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let items = text.split(',').map(T::from_str).collect::<Result<Vec<T>, String>>()?;
        if items.len() > MOST { Err(format!("more than {MOST} of them")) } else { Ok(Self(items)) }
    }
}

/// An amount of money, not less than nothing.
pub(in crate::http) struct Amount(pub f64);

impl FromStr for Amount {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let amount = text.parse().ok().filter(|amount: &f64| (0.0..=1e9).contains(amount));
        amount.map(Self).ok_or("must be an amount, for instance 1.50")
    }
}

/// How many numbers a pool needs.
#[derive(Serialize, ToSchema)]
pub struct Advice {
    /// How many were replayed.
    visits: usize,
    visits_per_hour: f64,
    /// By keep-alive, then by size; none while there are too few visits to tell.
    rows: Vec<AdviceRow>,
}

/// One pool size with one keep-alive.
#[derive(Serialize, ToSchema)]
pub struct AdviceRow {
    keep_alive_ms: u64,
    numbers: usize,
    /// The share of visits that found every number taken …
    exhausted: f64,
    /// … with its standard error …
    exhausted_error: f64,
    /// … and by Erlang's formula.
    erlang_b: f64,
    /// The share of calls whose most likely origin is not the true one.
    wrong: f64,
    /// The same, were each call given to the last holder of its number.
    last_holder_wrong: f64,
    monthly_cost: f64,
    /// Calls a month whose origin is known and right.
    known_calls: f64,
    /// A number more than this does not pay.
    enough: bool,
}

impl From<advise::Row> for AdviceRow {
    fn from(row: advise::Row) -> Self {
        Self {
            keep_alive_ms: u64::try_from(row.keep_alive.as_millis()).unwrap_or(u64::MAX),
            numbers: row.numbers,
            exhausted: row.exhausted.mean,
            exhausted_error: row.exhausted.error,
            erlang_b: row.erlang_b,
            wrong: row.wrong,
            last_holder_wrong: row.last_holder_wrong,
            monthly_cost: row.monthly_cost,
            known_calls: row.known_calls,
            enough: row.enough,
        }
    }
}

/// How many numbers a pool needs.
///
/// Replays the site's visits against pool sizes and keep-alives: how many
/// visitors would find every number taken, how many calls would be given the
/// wrong visit, and what the numbers cost. Takes seconds.
#[utoipa::path(
    get, path = "/api/v1/pools/{id}/advice", tag = "numbers", operation_id = "advise_pool",
    params(("id" = String, Path, description = "The pool's name in the plan"), AdviceParams),
    security(("api_key" = ["numbers:read"])),
    responses((status = 200, description = "A row for each size", body = Advice), KeyProblems, OneProblems, ListProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<NumbersRead>,
    State(app): State<AppState>,
    Path(pool): Path<PoolId>,
    Query(query): Query<AdviceQuery>,
) -> Result<axum::Json<Advice>, HttpError> {
    let asked = AskedAdvice {
        pool,
        since: Duration::from_secs(u64::from(query.days) * 86_400),
        sizes: query.sizes,
        keep_alives: query.keep_alives,
        number_price: query.number_price,
        call_worth: query.call_worth,
        seed: 1,
    };
    match pool_advised(&app.store, &app.clock, asked).await {
        Ok(advice) => Ok(axum::Json(Advice {
            visits: advice.visits,
            visits_per_hour: advice.visits_per_hour,
            rows: advice.rows.into_iter().map(Into::into).collect(),
        })),
        Err(AdviceError::None(NoAdvice::NoVisits)) => {
            Ok(axum::Json(Advice { visits: 0, visits_per_hour: 0.0, rows: vec![] }))
        }
        Err(AdviceError::None(bad @ NoAdvice::BadSize)) => {
            Err(HttpError::Invalid(vec![BadField::new("sizes", bad.to_string())]))
        }
        Err(AdviceError::Flow(failure)) => Err(failure.into()),
    }
}
