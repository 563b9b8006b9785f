//! `/api/v1/calls/{id}/notes` and `…/tags`: what people write down of calls.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BodyProblems, KeyProblems, List, OneProblems, ServerProblems};
use crate::domain::calling::note::{self, NoteText, TAGS_MAX, Tag};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{CallId, NoteId};
use crate::domain::time::Timestamp;
use crate::flows::{call_noted, call_tagged, note_deleted};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{ApiKey, CallsRead, CallsWrite, Json, Path};

/// What somebody wrote down of a call.
#[derive(Serialize, ToSchema)]
pub struct Note {
    #[schema(value_type = Uuid)]
    id: NoteId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `user:` and who wrote it at the console; `key:` and the API key.
    by: String,
    /// The user's address or the key's name, while they are known.
    name: Option<String>,
    text: String,
}

impl From<note::Note> for Note {
    fn from(it: note::Note) -> Self {
        Self { id: it.id, at: it.at, by: it.by, name: it.name, text: it.text.as_str().to_owned() }
    }
}

/// A note to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// 1 to 4,000 characters.
    #[schema(value_type = String, example = "Wants an offer for the kitchen by Friday.")]
    text: NoteText,
}

/// Where a note is.
#[derive(Serialize, ToSchema)]
pub struct NewNoteId {
    #[schema(value_type = Uuid)]
    id: NoteId,
}

/// Writes a note of a call.
#[utoipa::path(
    post, path = "/api/v1/calls/{id}/notes", tag = "calls", operation_id = "create_note",
    params(("id" = Uuid, Path, description = "The call")), security(("api_key" = ["calls:write"])),
    request_body = NewNote,
    responses((status = 201, description = "It stands with the call", body = NewNoteId), BodyProblems, KeyProblems, OneProblems, ServerProblems)
)]
pub async fn create(
    key: ApiKey<CallsWrite>,
    State(app): State<AppState>,
    Path(call): Path<CallId>,
    Json(new): Json<NewNote>,
) -> Result<(StatusCode, axum::Json<NewNoteId>), HttpError> {
    let id = call_noted(&app.store, &app.clock, call, new.text, Accessor::Key(key.id)).await?;
    Ok((StatusCode::CREATED, axum::Json(NewNoteId { id })))
}

/// Deletes a note of a call, for good.
#[utoipa::path(
    delete, path = "/api/v1/calls/{id}/notes/{note}", tag = "calls", operation_id = "delete_note",
    params(("id" = Uuid, Path, description = "The call"), ("note" = Uuid, Path, description = "The note")),
    security(("api_key" = ["calls:write"])),
    responses((status = 204, description = "It is gone"), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn delete(
    _: ApiKey<CallsWrite>,
    State(app): State<AppState>,
    Path((call, note)): Path<(CallId, NoteId)>,
) -> Result<StatusCode, HttpError> {
    note_deleted(&app.store, call, note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The tags of a call.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tags {
    /// At most 20, each of 1 to 40 characters; kept in small letters.
    #[schema(value_type = Vec<String>, example = json!(["kitchen", "offer sent"]))]
    tags: BTreeSet<Tag>,
}

/// Gives a call these tags and takes all others from it.
#[utoipa::path(
    put, path = "/api/v1/calls/{id}/tags", tag = "calls", operation_id = "tag_call",
    params(("id" = Uuid, Path, description = "The call")), security(("api_key" = ["calls:write"])),
    request_body = Tags,
    responses((status = 200, description = "The tags it has now", body = Tags), BodyProblems, KeyProblems, OneProblems, ServerProblems)
)]
pub async fn tag(
    _: ApiKey<CallsWrite>,
    State(app): State<AppState>,
    Path(call): Path<CallId>,
    Json(Tags { tags }): Json<Tags>,
) -> Result<axum::Json<Tags>, HttpError> {
    if tags.len() > TAGS_MAX {
        return Err(HttpError::Invalid(vec![BadField::new("tags", format!("at most {TAGS_MAX}"))]));
    }
    call_tagged(&app.store, call, tags.clone()).await?;
    Ok(axum::Json(Tags { tags }))
}

/// A tag, and how many calls have it.
#[derive(Serialize, ToSchema)]
pub struct TagCount {
    #[schema(value_type = String)]
    tag: Tag,
    calls: u64,
}

impl From<(Tag, u64)> for TagCount {
    fn from((tag, calls): (Tag, u64)) -> Self {
        Self { tag, calls }
    }
}

/// Every tag that calls have, in the order of the alphabet.
#[utoipa::path(
    get, path = "/api/v1/tags", tag = "calls", operation_id = "list_tags", security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "All of them", body = List<TagCount>), KeyProblems, ServerProblems)
)]
pub async fn tags(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<TagCount>>, HttpError> {
    Ok(List::whole(app.store.list_tags().await?))
}
