//! `/api/v1/contacts/{id}/erasure`: a person is forgotten.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::contact_writes::ContactProblems;
use super::{BodyProblems, KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ContactId;
use crate::domain::people::erasure::{self, Touched, Why};
use crate::domain::time::Timestamp;
use crate::flows::{Eraser, contact_erased};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, ContactsErase, Json, Path, Query};
use crate::store::Window;

/// What erasing would touch, or has touched.
#[derive(Serialize, ToSchema)]
pub struct Erasure {
    #[schema(value_type = Uuid)]
    pub contact: ContactId,
    /// When it was done; `null`: it is not, and this is what it would touch.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub erased_at: Option<Timestamp>,
    /// `user:` and who did it at the console; `key:` and the API key; `replay`: after a backup was put back.
    pub by: Option<String>,
    /// `request`, `objection` or `retention`.
    #[schema(value_type = Option<String>, example = "request")]
    pub why: Option<Why>,
    /// How many rows of which table. Calls and visits stay without the person; recordings are deleted within a minute.
    #[schema(value_type = Object, example = json!({"calls": 3, "recordings": 1, "identities": 2}))]
    pub touched: Touched,
}

impl From<erasure::Erasure> for Erasure {
    fn from(done: erasure::Erasure) -> Self {
        Self {
            contact: done.contact,
            erased_at: Some(done.at),
            by: Some(done.by),
            why: Some(done.why),
            touched: done.touched,
        }
    }
}

/// Why the person is to be forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewErasure {
    /// `request`: they asked for it (RGPD art. 17); `objection`: they object (art. 21); `retention`: its time is over; they
    /// may be written of again.
    #[schema(value_type = String, example = "request")]
    why: Why,
}

/// What erasing a person would touch; once it is done, what it has touched.
#[utoipa::path(
    get, path = "/api/v1/contacts/{id}/erasure", tag = "people", operation_id = "find_erasure",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["contacts:erase"])),
    responses((status = 200, description = "By table", body = Erasure), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<ContactsErase>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
) -> Result<axum::Json<Erasure>, HttpError> {
    if let Some(done) = app.store.find_erasure(id).await? {
        return Ok(axum::Json(done.into()));
    }
    app.store.find_contact(id).await?.ok_or(HttpError::NotFound("contact"))?;
    let touched = app.store.count_erasure(id).await?;
    Ok(axum::Json(Erasure { contact: id, erased_at: None, by: None, why: None, touched }))
}

/// Forgets a person, for good: their calls keep time, outcome and channel and are nobody's; names, identities, pages,
/// recordings, ladders and what they did are gone. What they were known by is written by no program and no
/// import again, unless they come back (`returned` of [writing](#tag/contacts)). Backups still have them: see
/// `whence erasures`.
#[utoipa::path(
    post, path = "/api/v1/contacts/{id}/erasure", tag = "people", operation_id = "erase_contact",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["contacts:erase"])),
    request_body(content = NewErasure, content_type = "application/json"),
    responses(
        (status = 200, description = "What was touched", body = Erasure),
        BodyProblems, ContactProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn erase(
    key: ApiKey<ContactsErase>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Json(new): Json<NewErasure>,
) -> Result<axum::Json<Erasure>, HttpError> {
    let by = Eraser::Asked(Accessor::Key(key.id));
    Ok(axum::Json(contact_erased(&app.store, &app.clock, id, by, new.why).await?.into()))
}

/// Who was forgotten, by their ids; the latest first.
#[utoipa::path(
    get, path = "/api/v1/erasures", tag = "people", operation_id = "list_erasures",
    params(WindowParams), security(("api_key" = ["contacts:erase"])),
    responses((status = 200, description = "A part of the list", body = List<Erasure>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<ContactsErase>,
    State(app): State<AppState>,
    Query(window): Query<Window>,
) -> Result<axum::Json<List<Erasure>>, HttpError> {
    Ok(List::part(app.store.list_erasures(&window).await?))
}
