//! `/api/v1/purposes` and `/api/v1/controllers`: what data of people is used for, and who answers for it.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{KeyProblems, List, ServerProblems};
use crate::domain::people::consent::Channel;
use crate::domain::people::purpose;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, ConsentsRead};

/// A purpose of the plan.
#[derive(Serialize, ToSchema)]
pub struct Purpose {
    #[schema(example = "offers")]
    id: String,
    /// `prospecting` or `service`.
    #[schema(example = "prospecting")]
    kind: &'static str,
    name_en: String,
    name_fr: String,
    /// By what it is pursued, and so what people are asked about.
    #[schema(example = json!(["sms", "email"]))]
    channels: Vec<&'static str>,
}

impl From<purpose::Purpose> for Purpose {
    fn from(purpose: purpose::Purpose) -> Self {
        let purpose::Purpose { id, kind, name_en, name_fr, channels } = purpose;
        let channels = channels.into_iter().map(Channel::as_str).collect();
        Self { id: id.to_string(), kind: kind.as_str(), name_en, name_fr, channels }
    }
}

/// Who answers for data of people, as the plan says.
#[derive(Serialize, ToSchema)]
pub struct Controller {
    #[schema(example = "bakery")]
    id: String,
    name: String,
    address: String,
    email: String,
    policy_url: Option<String>,
}

impl From<purpose::Controller> for Controller {
    fn from(controller: purpose::Controller) -> Self {
        let purpose::Controller { id, name, address, email, policy_url } = controller;
        Self { id: id.to_string(), name, address, email, policy_url }
    }
}

/// What data of people is used for.
#[utoipa::path(
    get, path = "/api/v1/purposes", tag = "consents", operation_id = "list_purposes",
    security(("api_key" = ["consents:read"])),
    responses((status = 200, description = "All of them", body = List<Purpose>), KeyProblems, ServerProblems)
)]
pub async fn purposes(
    _: ApiKey<ConsentsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Purpose>>, HttpError> {
    Ok(List::whole(app.store.list_purposes().await?))
}

/// Who answers for data of people.
#[utoipa::path(
    get, path = "/api/v1/controllers", tag = "consents", operation_id = "list_controllers",
    security(("api_key" = ["consents:read"])),
    responses((status = 200, description = "All of them", body = List<Controller>), KeyProblems, ServerProblems)
)]
pub async fn controllers(
    _: ApiKey<ConsentsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Controller>>, HttpError> {
    Ok(List::whole(app.store.list_controllers().await?))
}
