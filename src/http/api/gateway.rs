//! `/api/v1/reload`: the settings are read again, and what can change does.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use super::{KeyProblems, ServerProblems};
use crate::http::AppState;
use crate::http::error::{HttpError, Problem};
use crate::http::extract::{ApiKey, GatewayControl};

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, ToSchema)]
pub struct Reloaded {
    /// The settings that differ and hold from now on.
    #[schema(example = json!(["trunks", "[calls] limit"]))]
    pub changed: Vec<&'static str>,
    /// Those that differ and hold from the next start on.
    #[schema(example = json!(["[sip] listen"]))]
    pub needs_restart: Vec<&'static str>,
    /// The same in a sentence.
    #[schema(example = "changed: trunks, [calls] limit; after a restart: [sip] listen")]
    pub summary: String,
}

/// How it may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum ReloadProblems {
    /// The settings cannot be used; `detail` says why, and nothing has changed
    #[response(status = 422, content_type = "application/problem+json")]
    BadSettings(#[to_schema] Problem),
}

/// Reads the settings again; calls go on. A mistake changes nothing.
#[utoipa::path(
    post, path = "/api/v1/reload", tag = "gateway", operation_id = "reload",
    security(("api_key" = ["gateway:control"])),
    responses((status = 200, description = "What has changed", body = Reloaded), KeyProblems, ReloadProblems, ServerProblems)
)]
pub async fn reload(
    _: ApiKey<GatewayControl>,
    State(app): State<AppState>,
) -> Result<axum::Json<Reloaded>, HttpError> {
    app.watch.reload().await.map(axum::Json).map_err(HttpError::BadSettings)
}
