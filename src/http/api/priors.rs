//! `/api/v1/sites/{id}/priors`: what is believed about a site's callers before a
//! call's evidence is weighed.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{KeyProblems, OneProblems, ServerProblems};
use crate::domain::ids::SiteId;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, Path, PlanRead};
use crate::store::LearnedPriors;

/// What is believed about a site's callers.
#[derive(Serialize, ToSchema)]
pub struct SitePriors {
    /// What is believed before anybody has labelled a call.
    stated: Priors,
    /// What counts for the site's calls; `null`: nothing was learned, the stated ones count.
    learned: Option<Learned>,
}

/// Priors that were learned from calls whose origin somebody has said.
#[derive(Serialize, ToSchema)]
pub struct Learned {
    /// Attributions name it.
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// How many labelled calls of this site they stand on.
    calls: u64,
    /// How many of the other sites, which are learned from first.
    calls_of_others: u64,
    #[serde(flatten)]
    priors: Priors,
}

/// When those call who call, and how many do.
#[derive(Serialize, ToSchema)]
pub struct Priors {
    phone: Delay,
    desk: Delay,
    /// Of browsers that do not say.
    unknown: Delay,
    /// How long a page stays open in the mean.
    stay_s: f64,
    /// Calls a day on a number that no visit caused.
    background_per_day: f64,
    /// The share of visits that end in a call.
    calls_per_visit: f64,
}

/// When those call who call after seeing a page; the shares add up to 1.
#[derive(Serialize, ToSchema)]
pub struct Delay {
    /// The share of callers who ring while they look at the page.
    on_page: f64,
    /// Those who ring later.
    after: Vec<Fading>,
}

/// A share of callers whose wait fades with its mean.
#[derive(Serialize, ToSchema)]
pub struct Fading {
    share: f64,
    mean_s: f64,
}

impl From<attribution::Priors> for Priors {
    fn from(from: attribution::Priors) -> Self {
        let delay = |it: attribution::Delay| Delay {
            on_page: it.on_page,
            after: it.after.map(|it| Fading { share: it.share, mean_s: it.mean_s }).into(),
        };
        Self {
            phone: delay(from.phone),
            desk: delay(from.desk),
            unknown: delay(from.unknown),
            stay_s: from.stay_s,
            background_per_day: from.background_per_day,
            calls_per_visit: from.calls_per_visit,
        }
    }
}

impl From<LearnedPriors> for Learned {
    fn from(from: LearnedPriors) -> Self {
        let LearnedPriors { version, at, own, others, priors } = from;
        Self { version, at, calls: own, calls_of_others: others, priors: priors.into() }
    }
}

/// What is believed about a site's callers.
///
/// Learned every night at 03:00 UTC, and when the gateway starts, from calls of a year whose origin
/// somebody has said (`PUT /api/v1/calls/{id}/origin`). Say it of calls that were attributed
/// rightly as well: else only the mistakes are learned from.
#[utoipa::path(
    get, path = "/api/v1/sites/{id}/priors", tag = "plan", operation_id = "site_priors",
    params(("id" = String, Path, description = "The site's name in the plan")),
    security(("api_key" = ["plan:read"])),
    responses((status = 200, description = "The stated priors, and those that count", body = SitePriors), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<PlanRead>,
    State(app): State<AppState>,
    Path(id): Path<SiteId>,
) -> Result<axum::Json<SitePriors>, HttpError> {
    app.store.find_site(&id).await?.ok_or(HttpError::NotFound("site"))?;
    let learned = app.store.find_priors(&id).await?.map(Into::into);
    Ok(axum::Json(SitePriors { stated: attribution::Priors::STATED.into(), learned }))
}
