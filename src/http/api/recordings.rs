//! `/api/v1/recordings`: calls that were kept as sound, and who listened.

use std::error::Error;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use tracing::error;
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::{KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::calling::recording::{
    self, AccessKind, Accessor, DeleteWhy, Format, RecordingFailure, RecordingRecord,
};
use crate::domain::ids::{CallId, RecordingId};
use crate::domain::time::Timestamp;
use crate::flows::{DeletionError, recording_deleted, recording_given_up};
use crate::http::AppState;
use crate::http::audio::{Asked, audio};
use crate::http::error::{HttpError, Problem};
use crate::http::extract::{ApiKey, FromQuery, Path, Query, QueryReader, RecordingsRead, RecordingsWrite};
use crate::store::{RecordingFilter, Window};

/// The sound of a call that was kept.
#[derive(Serialize, ToSchema)]
pub struct Recording {
    #[schema(value_type = Uuid)]
    pub id: RecordingId,
    #[schema(value_type = Uuid)]
    pub call: CallId,
    /// The tracking number that was called, E.164.
    #[schema(example = "+33199001234")]
    pub number: String,
    /// The gateway that made it.
    pub node: String,
    /// What it is for, as the number's rule said then.
    #[schema(example = "training of the counter")]
    pub purpose: String,
    #[schema(value_type = String, format = DateTime)]
    pub began_at: Timestamp,
    /// `null` while it goes on.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    pub length_ms: Option<u64>,
    /// How large the sound is, without the header of a WAV file.
    pub bytes: Option<u64>,
    /// `ogg_opus` or `wav`: two channels, the caller left, the line right.
    #[schema(value_type = String, example = "ogg_opus")]
    pub format: Format,
    /// When it was paused: silence on both channels.
    pub paused: Vec<Pause>,
    /// Why sound is missing: `no_space`, `storage`, `codec`, `encrypted`, `unheard`, `overrun` or
    /// `crashed`.
    #[schema(value_type = Option<String>, example = "crashed")]
    pub failure: Option<RecordingFailure>,
    /// It is in the bucket, no longer in the folder of the node.
    pub in_bucket: bool,
    /// When its sound is deleted, unless it is already.
    #[schema(value_type = String, format = DateTime)]
    pub keep_until: Timestamp,
    /// How it was, or is to be, deleted: `retention` (its time is over), `person` (somebody who is heard in it
    /// asked for it) or `admin`.
    #[schema(example = "retention")]
    pub delete_why: &'static str,
    /// Who asked for that: `user:…` or `key:…`.
    pub deleted_by: Option<String>,
    /// Since when the sound is gone.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Timestamp>,
}

/// A stretch in which nothing was kept, from the recording's beginning.
#[derive(Serialize, ToSchema)]
pub struct Pause {
    pub from_ms: u64,
    pub to_ms: u64,
}

impl From<RecordingRecord> for Recording {
    fn from(record: RecordingRecord) -> Self {
        let paused = record.paused.iter().map(|pause| Pause { from_ms: pause.from_ms, to_ms: pause.to_ms });
        Self {
            paused: paused.collect(),
            id: record.id,
            call: record.call,
            number: record.number.reveal().to_owned(),
            node: record.node,
            purpose: record.purpose,
            began_at: record.began_at,
            ended_at: record.ended_at,
            length_ms: record.length_ms,
            bytes: record.bytes,
            format: record.format,
            failure: record.failure,
            in_bucket: record.uploaded_at.is_some(),
            keep_until: record.delete_at,
            delete_why: record.delete_why.as_str(),
            deleted_by: record.deleted_by,
            deleted_at: record.deleted_at,
        }
    }
}

/// The outline of a recording, for a player to draw.
#[derive(Serialize, ToSchema)]
pub struct Peaks {
    pub length_ms: Option<u64>,
    /// The loudest of each stretch of equal length, left and right, 0 to 255; at most 1,000. None while the
    /// recording goes on, or when the gateway went down in the middle.
    #[schema(example = json!([[12, 0], [200, 17]]))]
    pub peaks: Vec<[u8; 2]>,
}

/// What somebody did with a recording.
#[derive(Serialize, ToSchema)]
pub struct Access {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `user:…` at the console, or `key:…`.
    #[schema(example = "key:0199c0de-7c1e-7d02-9f6b-2f1f0c7e5a11")]
    pub who: String,
    /// The user's address or the key's name.
    pub name: Option<String>,
    /// `listened`, `downloaded` or `deleted`. What one asks for within ten minutes is one access.
    #[schema(example = "listened")]
    pub what: &'static str,
}

impl From<recording::Access> for Access {
    fn from(access: recording::Access) -> Self {
        let what = AccessKind::as_str(access.what);
        Self { at: access.at, who: access.who, name: access.name, what }
    }
}

/// Every access, the latest first.
#[derive(Serialize, ToSchema)]
pub struct Accesses {
    pub items: Vec<Access>,
}

/// Which recordings.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ListQuery reads")]
pub struct Filters {
    /// Of this call.
    #[param(value_type = Option<Uuid>)]
    call: Option<CallId>,
    /// Of calls to this tracking number, E.164 (write its + as %2B).
    number: Option<String>,
    /// That began at this time or later.
    #[param(format = DateTime)]
    from: Option<String>,
    /// That began before this time.
    #[param(format = DateTime)]
    until: Option<String>,
}

pub struct ListQuery {
    filter: RecordingFilter,
    window: Window,
}

impl FromQuery for ListQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let filter = RecordingFilter {
            call: query.id("call"),
            number: query.phone("number"),
            from: query.time("from"),
            until: query.time("until"),
        };
        Self { filter, window: query.window() }
    }
}

/// In which way.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what AudioQuery reads")]
pub struct AudioParams {
    /// `true`: as a file to keep; that is another kind of access.
    download: Option<bool>,
}

pub struct AudioQuery {
    pub is_download: bool,
}

impl FromQuery for AudioQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { is_download: query.value("download").unwrap_or(false) }
    }
}

/// Why.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what DeleteQuery reads")]
pub struct DeleteParams {
    /// `person`: somebody who is heard in it asked for it; without it `admin`.
    why: Option<String>,
}

pub struct DeleteQuery {
    pub why: DeleteWhy,
}

/// A person's wish, or the admin's own.
struct Why(DeleteWhy);

impl std::str::FromStr for Why {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(DeleteWhy::Retention) | Err(_) => Err("must be person or admin"),
            Ok(why) => Ok(Self(why)),
        }
    }
}

impl FromQuery for DeleteQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { why: query.value("why").map_or(DeleteWhy::Admin, |Why(why)| why) }
    }
}

/// How asking for sound may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum AudioProblems {
    /// The recording goes on, or its sound is at another node
    #[response(status = 409, content_type = "application/problem+json")]
    NotHere(#[to_schema] Problem),
    /// Its sound is deleted
    #[response(status = 410, content_type = "application/problem+json")]
    Gone(#[to_schema] Problem),
    /// `Range` begins after the end
    #[response(status = 416, content_type = "application/problem+json")]
    BeyondEnd(#[to_schema] Problem),
}

/// How deleting may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum DeletionProblems {
    /// The recording still goes on
    #[response(status = 409, content_type = "application/problem+json")]
    GoesOn(#[to_schema] Problem),
}

/// Recordings, the newest first; those whose sound is deleted, too.
#[utoipa::path(
    get, path = "/api/v1/recordings", tag = "recordings", operation_id = "list_recordings",
    params(Filters, WindowParams), security(("api_key" = ["recordings:read"])),
    responses((status = 200, description = "A part of the list", body = List<Recording>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<RecordingsRead>,
    State(app): State<AppState>,
    Query(asked): Query<ListQuery>,
) -> Result<axum::Json<List<Recording>>, HttpError> {
    Ok(List::part(app.store.list_recordings(&asked.filter, &asked.window).await?))
}

/// One recording, without its sound.
#[utoipa::path(
    get, path = "/api/v1/recordings/{id}", tag = "recordings", operation_id = "find_recording",
    params(("id" = Uuid, Path, description = "The recording")), security(("api_key" = ["recordings:read"])),
    responses((status = 200, description = "The recording", body = Recording), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<RecordingsRead>,
    State(app): State<AppState>,
    Path(id): Path<RecordingId>,
) -> Result<axum::Json<Recording>, HttpError> {
    Ok(axum::Json(find(&app, id).await?.into()))
}

/// Its sound, whole or by `Range`. That it was asked for is written down first.
#[utoipa::path(
    get, path = "/api/v1/recordings/{id}/audio", tag = "recordings", operation_id = "hear_recording",
    params(("id" = Uuid, Path, description = "The recording"), AudioParams), security(("api_key" = ["recordings:read"])),
    responses(
        (status = 200, description = "All of it", content(
            (Vec<u8> = "audio/ogg"), (Vec<u8> = "audio/wav")
        )),
        (status = 206, description = "A part of it", content(
            (Vec<u8> = "audio/ogg"), (Vec<u8> = "audio/wav")
        )),
        KeyProblems, AudioProblems, OneProblems, ListProblems, ServerProblems
    )
)]
pub async fn hear(
    key: ApiKey<RecordingsRead>,
    State(app): State<AppState>,
    Path(recording): Path<RecordingId>,
    Query(asked): Query<AudioQuery>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let who = Accessor::Key(key.id);
    audio(&app, &Asked { recording, who, is_download: asked.is_download, headers: &headers }).await
}

/// Its outline.
#[utoipa::path(
    get, path = "/api/v1/recordings/{id}/peaks", tag = "recordings", operation_id = "list_peaks",
    params(("id" = Uuid, Path, description = "The recording")), security(("api_key" = ["recordings:read"])),
    responses((status = 200, description = "The outline", body = Peaks), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn peaks(
    _: ApiKey<RecordingsRead>,
    State(app): State<AppState>,
    Path(id): Path<RecordingId>,
) -> Result<axum::Json<Peaks>, HttpError> {
    let record = find(&app, id).await?;
    let peaks = app.store.find_peaks(id).await?.unwrap_or_default();
    Ok(axum::Json(Peaks { length_ms: record.length_ms, peaks }))
}

/// Who listened to it, took it along or deleted it.
#[utoipa::path(
    get, path = "/api/v1/recordings/{id}/accesses", tag = "recordings", operation_id = "list_accesses",
    params(("id" = Uuid, Path, description = "The recording")), security(("api_key" = ["recordings:read"])),
    responses((status = 200, description = "Every access", body = Accesses), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn accesses(
    _: ApiKey<RecordingsRead>,
    State(app): State<AppState>,
    Path(id): Path<RecordingId>,
) -> Result<axum::Json<Accesses>, HttpError> {
    find(&app, id).await?;
    let items = app.store.list_accesses(id).await?.into_iter().map(Into::into).collect();
    Ok(axum::Json(Accesses { items }))
}

/// Deletes its sound; that there was a recording stays known.
#[utoipa::path(
    delete, path = "/api/v1/recordings/{id}", tag = "recordings", operation_id = "delete_recording",
    params(("id" = Uuid, Path, description = "The recording"), DeleteParams), security(("api_key" = ["recordings:write"])),
    responses(
        (status = 200, description = "The sound is gone", body = Recording),
        (status = 202, description = "It can be heard no more, and is deleted as soon as its node or bucket can", body = Recording),
        KeyProblems, DeletionProblems, OneProblems, ListProblems, ServerProblems
    )
)]
pub async fn delete(
    key: ApiKey<RecordingsWrite>,
    State(app): State<AppState>,
    Path(id): Path<RecordingId>,
    Query(asked): Query<DeleteQuery>,
) -> Result<(StatusCode, axum::Json<Recording>), HttpError> {
    let record = give_up(&app, id, Accessor::Key(key.id), asked.why).await?;
    let status = if record.deleted_at.is_some() { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, axum::Json(record.into())))
}

/// Deletes at once where this node can; the job does the rest.
pub async fn give_up(
    app: &AppState,
    id: RecordingId,
    who: Accessor,
    why: DeleteWhy,
) -> Result<RecordingRecord, HttpError> {
    recording_given_up(&app.store, &app.clock, id, who, why).await?;
    let record = find(app, id).await?;
    let is_within_reach = record.node == app.config.node || record.uploaded_at.is_some();
    if record.deleted_at.is_some() || !is_within_reach {
        return Ok(record);
    }
    match app.vault.delete(id).await {
        Ok(()) => recording_deleted(&app.store, &app.clock, id).await?,
        Err(failure) => {
            let failure = &failure as &dyn Error;
            error!(recording.id = %id, error = failure, "a recording is not deleted; it is tried again");
        }
    }
    find(app, id).await
}

async fn find(app: &AppState, id: RecordingId) -> Result<RecordingRecord, HttpError> {
    app.store.find_recording(id).await?.ok_or(HttpError::NotFound("recording"))
}

impl From<DeletionError> for HttpError {
    fn from(failure: DeletionError) -> Self {
        match failure {
            DeletionError::NotFound => HttpError::NotFound("recording"),
            DeletionError::GoesOn => HttpError::Conflict(failure.to_string()),
            DeletionError::Flow(failure) => failure.into(),
        }
    }
}
