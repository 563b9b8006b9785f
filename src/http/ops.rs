//! What machines ask that watch the gateway.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::AppState;
use super::error::HttpError;
use crate::telemetry::METRICS_CONTENT_TYPE;

/// Who probes gives up after a few seconds, the driver's own patience is longer.
const PING_PATIENCE: Duration = Duration::from_secs(1);

/// The process is alive and serves; says nothing about the rest.
pub async fn healthz() -> Response {
    axum::Json(json!({ "status": "alive" })).into_response()
}

/// Calls can be carried and written down; 503 with every reason when not.
pub async fn readyz(State(app): State<AppState>) -> Result<Response, HttpError> {
    let mut reasons = app.watch.not_ready();
    let ping = tokio::time::timeout(PING_PATIENCE, app.store.ping()).await;
    if !matches!(ping, Ok(Ok(()))) {
        reasons.push("the database does not answer");
    }
    if reasons.is_empty() {
        Ok(axum::Json(json!({ "status": "ready" })).into_response())
    } else {
        Err(HttpError::NotReady(reasons.join("; ")))
    }
}

/// The metrics, as Prometheus reads them.
pub async fn metrics(State(app): State<AppState>) -> Response {
    ([(CONTENT_TYPE, METRICS_CONTENT_TYPE)], app.watch.metrics()).into_response()
}
