//! `/api/v1/oppositions`: lists of those who object to being reached.

use std::str::FromStr;

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use futures_util::StreamExt;
use serde::Serialize;
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::{KeyProblems, List, ListProblems, OneProblems, ServerProblems};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ListId;
use crate::domain::people::consent::Channel;
use crate::domain::people::opposition;
use crate::domain::people::rules::REACHING;
use crate::domain::time::Timestamp;
use crate::flows::{Import, OppositionError, OppositionsImport, oppositions_deleted};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, ConsentsRead, ConsentsWrite, FromQuery, Path, Query, QueryReader};

/// A list of numbers and addresses that are not to be reached. What stands on it nobody can ask for.
#[derive(Serialize, ToSchema)]
pub struct OppositionList {
    #[schema(example = "bloctel")]
    id: String,
    name: String,
    /// By what those on it are not to be reached.
    #[schema(example = json!(["phone"]))]
    channels: Vec<&'static str>,
    entries: u64,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// From whom it was taken over last: `key:` and an id.
    changed_by: String,
}

impl From<opposition::List> for OppositionList {
    fn from(it: opposition::List) -> Self {
        let opposition::List { id, name, channels, entries, changed_at, changed_by } = it;
        let channels = channels.into_iter().map(Channel::as_str).collect();
        Self { id: id.to_string(), name, channels, entries, changed_at, changed_by }
    }
}

/// What came of an import.
#[derive(Serialize, ToSchema)]
pub struct Imported {
    list: OppositionList,
    /// How many lines were a number or an address.
    read: u64,
    /// How many were neither.
    unreadable: u64,
    /// The first 1,000 of these.
    lines: Vec<UnreadableLine>,
}

#[derive(Serialize, ToSchema)]
pub struct UnreadableLine {
    /// The first line of the file is 1.
    line: u64,
    detail: &'static str,
}

/// Which list, and how.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ImportQuery reads")]
pub struct ImportParams {
    /// What the list is called: 1 to 64 of a–z, 0–9 and hyphen.
    #[param(example = "bloctel")]
    list: String,
    /// As people read it; without it `list`.
    name: Option<String>,
    /// `phone`, `sms`, `email`, `post`, `push`, with commas between.
    #[param(example = "phone,sms")]
    channels: String,
    /// `replace`: what is not in the file is on the list no more; `add`: it stays. Without it `replace`.
    mode: Option<String>,
}

pub struct ImportQuery {
    list: Option<ListId>,
    name: Option<String>,
    channels: Option<Channels>,
    mode: Option<Mode>,
}

pub struct Channels(Vec<Channel>);

#[derive(Debug, thiserror::Error)]
#[error("takes phone, sms, email, post and push, with commas between")]
pub struct BadChannels;

impl FromStr for Channels {
    type Err = BadChannels;

    fn from_str(text: &str) -> Result<Self, BadChannels> {
        let channel = |word: &str| word.trim().parse().ok().filter(|it: &Channel| REACHING.contains(it));
        let mut channels = text.split(',').map(channel).collect::<Option<Vec<_>>>().ok_or(BadChannels)?;
        channels.sort();
        channels.dedup();
        Ok(Self(channels))
    }
}

#[derive(PartialEq)]
pub enum Mode {
    Replace,
    Add,
}

#[derive(Debug, thiserror::Error)]
#[error("takes replace or add")]
pub struct BadMode;

impl FromStr for Mode {
    type Err = BadMode;

    fn from_str(text: &str) -> Result<Self, BadMode> {
        match text {
            "replace" => Ok(Mode::Replace),
            "add" => Ok(Mode::Add),
            _ => Err(BadMode),
        }
    }
}

impl FromQuery for ImportQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            list: query.value("list"),
            name: query.text("name"),
            channels: query.value("channels"),
            mode: query.value("mode"),
        }
    }
}

/// How an import may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum ImportProblems {
    /// Another import of this list has begun since
    #[response(status = 409, content_type = "application/problem+json")]
    Overtaken(#[to_schema] Problem),
    /// The body is sent neither as text/csv nor as text/plain
    #[response(status = 415, content_type = "application/problem+json")]
    NoText(#[to_schema] Problem),
}

/// Takes a list over from a file, however long: a number or an e-mail address a line, alone or among the fields of a CSV
/// file. Of each only a SHA-256 is kept. Until the whole file is read, the list stays as it was.
#[utoipa::path(
    post, path = "/api/v1/oppositions", tag = "contactability", operation_id = "import_oppositions",
    params(ImportParams), security(("api_key" = ["consents:write"])),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, description = "The list as it is now, and what could not be read", body = Imported),
        ImportProblems, ListProblems, KeyProblems, ServerProblems
    )
)]
pub async fn import(
    key: ApiKey<ConsentsWrite>,
    State(app): State<AppState>,
    Query(asked): Query<ImportQuery>,
    request: Request,
) -> Result<axum::Json<Imported>, HttpError> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !["text/csv", "text/plain"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(HttpError::UnsupportedMediaType("text/csv or text/plain"));
    }
    let import = asked.read(&app)?;
    let mut going_on =
        OppositionsImport::begin(&app.store, &app.clock, import, Accessor::Key(key.id)).await?;
    let mut body = request.into_body().into_data_stream();
    while let Some(piece) = body.next().await {
        let broken_off =
            |_| HttpError::Invalid(vec![BadField::new("body", "broke off; the list stays as it was")]);
        let piece = piece.map_err(broken_off)?;
        going_on.take(&piece).await?;
    }
    let done = going_on.finish().await?;
    let lines = done
        .lines
        .into_iter()
        .map(|line| UnreadableLine { line, detail: "no field of it is a number or an e-mail address" });
    Ok(axum::Json(Imported {
        list: done.list.into(),
        read: done.read,
        unreadable: done.unreadable,
        lines: lines.collect(),
    }))
}

/// Every list, with how many stand on it.
#[utoipa::path(
    get, path = "/api/v1/oppositions", tag = "contactability", operation_id = "list_oppositions",
    security(("api_key" = ["consents:read"])),
    responses((status = 200, description = "All of them", body = List<OppositionList>), KeyProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<ConsentsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<OppositionList>>, HttpError> {
    Ok(List::whole(app.store.list_opposition_lists().await?))
}

/// Deletes a list: who stands on no other may be reached as the rules allow.
#[utoipa::path(
    delete, path = "/api/v1/oppositions/{id}", tag = "contactability", operation_id = "delete_oppositions",
    params(("id" = String, Path, description = "The list")), security(("api_key" = ["consents:write"])),
    responses(
        (status = 200, description = "The lists that are left", body = List<OppositionList>),
        KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn delete(
    _: ApiKey<ConsentsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ListId>,
) -> Result<axum::Json<List<OppositionList>>, HttpError> {
    if !oppositions_deleted(&app.store, id).await? {
        return Err(HttpError::NotFound("list"));
    }
    Ok(List::whole(app.store.list_opposition_lists().await?))
}

impl ImportQuery {
    fn read(self, app: &AppState) -> Result<Import, HttpError> {
        let mut bad = Vec::new();
        for (field, is_missing) in [("list", self.list.is_none()), ("channels", self.channels.is_none())] {
            if is_missing {
                bad.push(BadField::new(field, "is missing"));
            }
        }
        let (Some(list), Some(Channels(channels))) = (self.list, self.channels) else {
            return Err(HttpError::Invalid(bad));
        };
        let name = self.name.unwrap_or_else(|| list.to_string());
        Ok(Import { list, name, channels, add: self.mode == Some(Mode::Add), home: app.config.home })
    }
}

impl From<OppositionError> for HttpError {
    fn from(failure: OppositionError) -> Self {
        match failure {
            OppositionError::Nothing => Self::Invalid(vec![BadField::new("body", failure.to_string())]),
            OppositionError::Overtaken => Self::Conflict(failure.to_string()),
            OppositionError::Store(failure) => failure.into(),
        }
    }
}
