//! `/api/v1/calls/{id}/qualification`: what a call was to the business.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calls::Call;
use super::{BodyProblems, KeyProblems, OneProblems, ServerProblems};
use crate::domain::calling::qualification::{self, Qualified};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::flows::call_qualified;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsWrite, Json, Path};

/// What somebody said that a call was.
#[derive(Serialize, ToSchema)]
pub struct Qualification {
    /// `lead`, `not_a_lead` or `sale`.
    #[schema(value_type = String, example = "lead")]
    is: qualification::Qualification,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `line:` and a destination, whose line said it by key; `user:` and who said it at the console; `key:` and the API
    /// key.
    #[schema(example = "line:counter")]
    by: String,
}

impl From<Qualified> for Qualification {
    fn from(said: Qualified) -> Self {
        Self { is: said.qualification, at: said.at, by: said.by }
    }
}

/// What a call was.
#[derive(Deserialize, ToSchema)]
pub struct NewQualification {
    /// `lead`, `not_a_lead` or `sale`; `null`: nobody says so any more.
    #[schema(value_type = Option<String>, example = "lead")]
    qualification: Option<qualification::Qualification>,
}

/// Says what a call was, in the place of what was said before.
#[utoipa::path(
    put, path = "/api/v1/calls/{id}/qualification", tag = "calls", operation_id = "qualify_call",
    params(("id" = Uuid, Path, description = "The call")), security(("api_key" = ["calls:write"])),
    request_body(content = NewQualification, content_type = "application/json"),
    responses((status = 200, description = "The call", body = Call), BodyProblems, KeyProblems, OneProblems, ServerProblems)
)]
pub async fn qualify(
    key: ApiKey<CallsWrite>,
    State(app): State<AppState>,
    Path(id): Path<CallId>,
    Json(new): Json<NewQualification>,
) -> Result<axum::Json<Call>, HttpError> {
    let who = Accessor::Key(key.id);
    let record = call_qualified(&app.store, &app.clock, id, new.qualification, who).await?;
    Ok(axum::Json(record.into()))
}
