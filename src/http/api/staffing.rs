//! `/api/v1/reports/missed/staffing`: how many people would have to answer, so that callers do not wait.

use std::time::Duration;

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::advice::Within;
use super::missed::MissedParams;
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::ids::DestinationId;
use crate::domain::reporting::staffing::{Aim, Need};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Query, QueryReader};
use crate::http::missed::{Asked, Staffing};

/// What is aimed at.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what StaffingQuery reads")]
pub struct AimParams {
    /// So many per cent of the calls …
    #[param(minimum = 50, maximum = 99, default = 90)]
    share: Option<u32>,
    /// … are to be answered within so many seconds.
    #[param(minimum = 1, maximum = 300, default = 20)]
    within_seconds: Option<u32>,
}

pub struct StaffingQuery {
    pub asked: Asked,
    pub aim: Aim,
}

impl FromQuery for StaffingQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { aim: aim(query), asked: Asked::read(query) }
    }
}

/// `share` and `within_seconds`.
pub(in crate::http) fn aim(query: &mut QueryReader<'_>) -> Aim {
    let share = query.value::<Within<50, 99>>("share").map(|it| f64::from(it.0) / 100.0);
    let within = query.value::<Within<1, 300>>("within_seconds");
    let Aim { share: usual, within: patience } = Aim::default();
    Aim {
        share: share.unwrap_or(usual),
        within: within.map_or(patience, |it| Duration::from_secs(it.0.into())),
    }
}

/// How many must answer, for each destination by itself.
#[derive(Serialize, ToSchema)]
pub struct StaffingReport {
    /// The share of calls that is to be answered …
    #[schema(example = 0.9)]
    share: f64,
    /// … within so long.
    #[schema(example = 20)]
    within_seconds: u64,
    /// Those with the most missed calls first; at most ten.
    destinations: Vec<StaffedDestination>,
}

#[derive(Serialize, ToSchema)]
pub struct StaffedDestination {
    #[schema(value_type = String)]
    destination: DestinationId,
    name: String,
    /// `null`: nobody has answered, so nothing can be said.
    mean_talk_seconds: Option<f64>,
    /// How many calls it takes at once by the plan; `null`: any number, and `could` is what was seen.
    calls_at_once: Option<u32>,
    /// Each hour of the week in which calls came while it was open.
    hours: Vec<StaffedHour>,
}

#[derive(Serialize, ToSchema)]
pub struct StaffedHour {
    /// Since Monday at midnight.
    #[schema(minimum = 0, maximum = 167)]
    hour_of_week: usize,
    /// How many people must answer.
    people: u32,
    /// How many could: calls at once by the plan, or else the most that were answered at once in such an hour.
    could: u32,
    calls_per_hour: f64,
    /// While it was open.
    calls: f64,
    missed: f64,
    /// How many such hours there were.
    hours: f64,
    /// People are wanting, and calls were missed.
    lack: bool,
    /// Fewer than four such hours or twenty calls: little is known.
    thin: bool,
}

impl From<Need> for StaffedHour {
    fn from(it: Need) -> Self {
        Self {
            hour_of_week: it.hour,
            people: it.people,
            could: it.could,
            calls_per_hour: it.calls_an_hour,
            calls: it.calls,
            missed: it.missed,
            hours: it.hours,
            lack: it.is_lack(),
            thin: it.is_thin(),
        }
    }
}

impl From<Staffing> for StaffedDestination {
    fn from(it: Staffing) -> Self {
        Self {
            destination: it.destination,
            name: it.name,
            mean_talk_seconds: it.talk.map(|talk| talk.as_secs_f64()),
            calls_at_once: it.lines,
            hours: it.needs.into_iter().map(Into::into).collect(),
        }
    }
}

/// How many people must answer in which hour of the week, by Erlang's formula (1917), from how many calls came while a
/// destination was open in the last twelve weeks of the period, and how long talks last.
///
/// Calls of the same person who tries again count as calls, and nobody gives up in the formula: it rather asks for too many.
#[utoipa::path(
    get, path = "/api/v1/reports/missed/staffing", tag = "reports", operation_id = "report_staffing",
    params(MissedParams, AimParams), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "For each destination", body = StaffingReport), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn staffing(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(StaffingQuery { asked, aim }): Query<StaffingQuery>,
) -> Result<axum::Json<StaffingReport>, HttpError> {
    let destinations = asked.staffing(&app, aim).await?.into_iter().map(Into::into);
    Ok(axum::Json(StaffingReport {
        share: aim.share,
        within_seconds: aim.within.as_secs(),
        destinations: destinations.collect(),
    }))
}
