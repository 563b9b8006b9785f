//! `/api/v1/contacts/{id}/export`: everything that is known of a person, to hand them.

use axum::extract::State;
use axum::response::Response;

use super::{KeyProblems, OneProblems, ServerProblems};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ContactId;
use crate::http::AppState;
use crate::http::archive::hand_out;
use crate::http::error::{HttpError, Problem};
use crate::http::extract::{ApiKey, ContactsExport, Path};
use crate::http::language::Lang;

/// Everything that is known of a person (RGPD art. 15 and 20), as one archive: `data.json` has what every table holds of
/// them, `index.html` is for them to read, in their language or by `Accept-Language`; `recordings/` has their calls
/// that were kept as sound. That somebody took these along stands with each of them.
#[utoipa::path(
    post, path = "/api/v1/contacts/{id}/export", tag = "people", operation_id = "export_contact",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["contacts:export"])),
    responses(
        (status = 200, description = "The archive", body = Vec<u8>, content_type = "application/zip"),
        (status = 301, description = "The contact has become part of another; `Location` names it", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The person is erased", body = Problem, content_type = "application/problem+json"),
        KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn export(
    key: ApiKey<ContactsExport>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    lang: Lang,
) -> Result<Response, HttpError> {
    hand_out(&app, id, Accessor::Key(key.id), lang).await
}
