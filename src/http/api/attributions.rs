//! `/api/v1/calls/{id}/attributions`: every version of where a call came from,
//! and the word of somebody who knows.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::calls::Origin;
use super::{BodyProblems, KeyProblems, List, OneProblems, ServerProblems};
use crate::domain::ids::{CallId, VisitId};
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Reason;
use crate::flows::call_corrected;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, CallsWrite, Json, Path};
use crate::store::Version;

/// One reckoning of where a call came from.
#[derive(Serialize, ToSchema)]
pub struct AttributionVersion {
    /// Counts up from 1.
    version: i64,
    /// `arrived`: when the call came; `tapped`: a tap was told late; `identified`: a visitor became
    /// known; `corrected`: somebody who knows said so.
    #[schema(value_type = String, example = "arrived")]
    reason: Reason,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The version of the priors that it was reckoned by (`GET /api/v1/sites/{id}/priors`);
    /// `null`: the stated ones, or none where a person or a number alone tells.
    priors: Option<i64>,
    /// The most likely first.
    shares: Vec<Origin>,
}

impl From<Version> for AttributionVersion {
    fn from(from: Version) -> Self {
        let Version { version, reason, at, priors, shares } = from;
        Self { version, reason, at, priors, shares: shares.into_iter().map(Into::into).collect() }
    }
}

/// Where a call came from, said by somebody who knows.
#[derive(Deserialize, ToSchema)]
pub struct Correction {
    /// The visit that made the call; `null`: none did.
    visit: Option<Uuid>,
}

/// Every version of where a call came from, the newest first.
#[utoipa::path(
    get, path = "/api/v1/calls/{id}/attributions", tag = "calls", operation_id = "list_attributions",
    params(("id" = Uuid, Path, description = "The call")), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "Every version", body = List<AttributionVersion>), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Path(id): Path<CallId>,
) -> Result<axum::Json<List<AttributionVersion>>, HttpError> {
    app.store.find_call(id).await?.ok_or(HttpError::NotFound("call"))?;
    Ok(List::whole(app.store.list_attributions(id).await?))
}

/// Says where a call came from.
///
/// Adds a version with the whole call on this visit; the earlier ones stay,
/// and no later evidence changes it.
#[utoipa::path(
    put, path = "/api/v1/calls/{id}/origin", tag = "calls", operation_id = "correct_origin",
    params(("id" = Uuid, Path, description = "The call")), security(("api_key" = ["calls:write"])),
    request_body(content = Correction, content_type = "application/json"),
    responses((status = 200, description = "The new version", body = AttributionVersion), BodyProblems, KeyProblems, OneProblems, ServerProblems)
)]
pub async fn correct(
    _: ApiKey<CallsWrite>,
    State(app): State<AppState>,
    Path(id): Path<CallId>,
    Json(correction): Json<Correction>,
) -> Result<axum::Json<AttributionVersion>, HttpError> {
    let visit = correction.visit.map(VisitId);
    Ok(axum::Json(call_corrected(&app.store, &app.clock, id, visit).await?.into()))
}
