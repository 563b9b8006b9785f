//! What machines ask that watch the gateway.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::encode;
use serde_json::json;

use super::AppState;
use super::error::HttpError;

/// The process is alive and serves; says nothing about the rest.
pub async fn healthz() -> Response {
    axum::Json(json!({ "status": "alive" })).into_response()
}

/// Calls can be carried and written down; 503 with every reason when not.
pub async fn readyz(State(app): State<AppState>) -> Result<Response, HttpError> {
    let mut reasons = (app.readiness)();
    if app.store.ping().await.is_err() {
        reasons.push("the database does not answer");
    }
    if reasons.is_empty() {
        Ok(axum::Json(json!({ "status": "ready" })).into_response())
    } else {
        Err(HttpError::NotReady(reasons.join("; ")))
    }
}

/// The metrics, as Prometheus reads them.
pub async fn metrics(State(app): State<AppState>) -> Result<Response, HttpError> {
    let mut text = String::new();
    encode(&mut text, &app.metrics).map_err(|_| HttpError::Internal)?;
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}
