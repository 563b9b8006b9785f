//! `/api/v1/imports`: tables of contacts that somebody brings.

use std::collections::BTreeMap;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::{BodyProblems, KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ImportId;
use crate::domain::people::consent::Draft;
use crate::domain::people::import::table::Separator;
use crate::domain::people::import::{self, Counts};
use crate::domain::time::Timestamp;
use crate::flows::ImportRun;
use crate::http::AppState;
use crate::http::error::{HttpError, Problem};
use crate::http::extract::{ApiKey, ContactsWrite, FromQuery, Json, Path, Query, QueryReader, Scope};
use crate::http::tables::{brought, deleted, mapping, started};
use crate::store::Window;

/// A table of contacts, and how far it is worked off.
#[derive(Serialize, ToSchema)]
pub struct Import {
    #[schema(value_type = Uuid)]
    pub id: ImportId,
    /// What the file was called.
    #[schema(example = "clients.csv")]
    pub name: String,
    /// `waiting` (for a start), `checking` (a dry run), `checked`, `importing`, `imported` or `failed`.
    #[schema(example = "checking")]
    pub state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// `key:…` or `user:…`.
    pub created_by: String,
    /// `comma`, `semicolon` or `tab`.
    #[schema(example = "semicolon")]
    pub separator: &'static str,
    /// The headings, each with what it means; before the first start, what it seems to mean.
    pub columns: Vec<Column>,
    /// What holds for every answer of the table whose row does not say it itself.
    pub consents: ConsentsOfAll,
    /// The file's length in UTF-8.
    pub bytes: u64,
    /// How much of it the last run has worked off.
    pub done_bytes: u64,
    /// What became of the rows of the last run.
    pub counts: Tally,
    /// Why it has failed.
    pub problem: Option<String>,
    /// When the last run ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
}

/// A column of the table.
#[derive(Serialize, ToSchema)]
pub struct Column {
    #[schema(example = "Téléphone")]
    pub heading: String,
    /// `contact`, `name`, `given_name`, `family_name`, `language`, `phone`, `email`, `customer`, `customer.<system>`,
    /// `address.kind`, `.complement`, `.line`, `.locality`, `.postcode`, `.city`, `.country`, `more_addresses`,
    /// `fields.<field>`, `consent.<channel>.<purpose>` with `.<controller>` where there are several, and what goes with
    /// such an answer (`.at`, `.source` …); `null`: nothing that is kept.
    #[schema(example = "phone")]
    pub target: Option<String>,
}

/// How many rows came out how.
#[derive(Serialize, ToSchema)]
pub struct Tally {
    pub created: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub merged: u64,
    pub refused: u64,
    /// Of all of these, those of whom something is suspicious, or cannot be read and is kept as it was given.
    pub marked: u64,
    /// Lines that the consent ledger got by them.
    pub consents: u64,
}

impl From<Counts> for Tally {
    fn from(counts: Counts) -> Self {
        let Counts { created, changed, unchanged, merged, refused, marked, consents } = counts;
        Self { created, changed, unchanged, merged, refused, marked, consents }
    }
}

impl Import {
    async fn told(app: &AppState, import: import::Import) -> Result<Self, HttpError> {
        let mapping = mapping(app, &import).await?;
        let columns = import.columns.into_iter().zip(mapping.0);
        Ok(Self {
            id: import.id,
            name: import.name,
            state: import.state.as_str(),
            created_at: import.created_at,
            created_by: import.by.to_string(),
            separator: import.separator.as_str(),
            columns: columns
                .map(|(heading, target)| Column { heading, target: target.map(|it| it.to_string()) })
                .collect(),
            consents: import.consents.into(),
            bytes: import.bytes,
            // Where no run has begun, the rows begin after the headings, and nothing is done.
            done_bytes: if import.run == 0 { 0 } else { import.position.byte },
            counts: import.counts.into(),
            problem: import.problem,
            finished_at: import.finished_at,
        })
    }
}

/// What a file is.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what BringQuery reads")]
pub struct BringParams {
    /// What it is called, for people: 1 to 100 characters.
    #[param(example = "clients.csv")]
    name: String,
    /// `comma`, `semicolon` or `tab`; without it, what the first line seems to have.
    separator: Option<String>,
}

pub struct BringQuery {
    name: String,
    separator: Option<Separator>,
}

impl FromQuery for BringQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { name: query.text("name").unwrap_or_default(), separator: query.value("separator") }
    }
}

/// What is said of every answer of a table: fields of a consent, as `POST /api/v1/contacts/{id}/consents` has them.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentsOfAll {
    /// RFC 3339, or a day: a yes was said as it began, a no as it ended. A yes without a time is refused.
    #[schema(example = "2026-03-01")]
    at: Option<String>,
    expires_at: Option<String>,
    /// Without it `consent`.
    basis: Option<String>,
    /// Without it `import`.
    #[schema(example = "form")]
    method: Option<String>,
    /// Without it, what the file is called.
    #[schema(example = "order form")]
    source: Option<String>,
    text: Option<String>,
    text_version: Option<String>,
    proof: Option<String>,
    actor: Option<String>,
}

impl From<Draft> for ConsentsOfAll {
    fn from(it: Draft) -> Self {
        let Draft { at, expires_at, basis, method, source, text, text_version, proof, actor, .. } = it;
        Self { at, expires_at, basis, method, source, text, text_version, proof, actor }
    }
}

impl From<ConsentsOfAll> for Draft {
    fn from(it: ConsentsOfAll) -> Self {
        let ConsentsOfAll { at, expires_at, basis, method, source, text, text_version, proof, actor } = it;
        let none = Self::default();
        Self { at, expires_at, basis, method, source, text, text_version, proof, actor, ..none }
    }
}

/// How a run begins.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// What columns mean, by their headings; the others are not kept. Without it, what the import tells in `columns`.
    #[schema(value_type = Option<Object>, example = json!({"Nom": "family_name", "Téléphone": "phone"}))]
    mapping: Option<BTreeMap<String, String>>,
    /// What holds for every answer of the table whose row does not say it itself. Without it, what an earlier start said.
    consents: Option<ConsentsOfAll>,
    /// Tries every row, and keeps nothing but the report.
    #[serde(default)]
    dry_run: bool,
}

/// How bringing a file may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum BringProblems {
    /// The file is larger than the settings allow
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// The body is not sent as `text/csv`
    #[response(status = 415, content_type = "application/problem+json")]
    NoCsv(#[to_schema] Problem),
}

/// How starting may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum StartProblems {
    /// It is worked on, or has been
    #[response(status = 409, content_type = "application/problem+json")]
    NotNow(#[to_schema] Problem),
}

/// Brings a table of contacts: CSV with headings, in UTF-8, UTF-16 or Windows-1252. Nothing of it is written
/// before it is started.
#[utoipa::path(
    post, path = "/api/v1/imports", tag = "contacts", operation_id = "bring_import",
    params(BringParams), security(("api_key" = ["contacts:write"])),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 201, description = "It is kept, and waits for a start", body = Import),
        BringProblems, ListProblems, KeyProblems, ServerProblems
    )
)]
pub async fn bring(
    key: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Query(asked): Query<BringQuery>,
    request: Request,
) -> Result<(StatusCode, axum::Json<Import>), HttpError> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv") {
        return Err(HttpError::UnsupportedMediaType("text/csv"));
    }
    let pieces = request.into_body().into_data_stream();
    let import = brought(&app, Accessor::Key(key.id), &asked.name, asked.separator, pieces).await?;
    Ok((StatusCode::CREATED, axum::Json(Import::told(&app, import).await?)))
}

/// Tables that were brought, the newest first.
#[utoipa::path(
    get, path = "/api/v1/imports", tag = "contacts", operation_id = "list_imports",
    params(WindowParams), security(("api_key" = ["contacts:write"])),
    responses((status = 200, description = "A part of the list", body = List<Import>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Query(window): Query<Window>,
) -> Result<axum::Json<List<Import>>, HttpError> {
    let page = app.store.list_imports(&window).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for import in page.items {
        items.push(Import::told(&app, import).await?);
    }
    Ok(axum::Json(List { items, next_cursor: page.next }))
}

/// One table, and how far it is worked off.
#[utoipa::path(
    get, path = "/api/v1/imports/{id}", tag = "contacts", operation_id = "find_import",
    params(("id" = Uuid, Path, description = "The import")), security(("api_key" = ["contacts:write"])),
    responses((status = 200, description = "The import", body = Import), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ImportId>,
) -> Result<axum::Json<Import>, HttpError> {
    let import = app.store.find_import(id).await?.ok_or(HttpError::NotFound("import"))?;
    Ok(axum::Json(Import::told(&app, import).await?))
}

/// Begins a run: a dry one tries every row and keeps the report, the other writes. The gateway works it off
/// by itself, and goes on after a crash. A table with columns about consent takes the scope `consents:write` as well.
#[utoipa::path(
    post, path = "/api/v1/imports/{id}/start", tag = "contacts", operation_id = "start_import",
    params(("id" = Uuid, Path, description = "The import")), security(("api_key" = ["contacts:write"])),
    request_body(content = Start, content_type = "application/json"),
    responses(
        (status = 200, description = "As it is now", body = Import),
        StartProblems, BodyProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn start(
    key: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ImportId>,
    Json(asked): Json<Start>,
) -> Result<axum::Json<Import>, HttpError> {
    let Start { mapping, consents, dry_run: dry } = asked;
    let (consents, may_consent) = (consents.map(Into::into), key.may(Scope::ConsentsWrite));
    let import = started(&app, id, ImportRun { mapping, consents, dry, may_consent }).await?;
    Ok(axum::Json(Import::told(&app, import).await?))
}

/// Takes a table back with its file and report. Rows that were written stay.
#[utoipa::path(
    delete, path = "/api/v1/imports/{id}", tag = "contacts", operation_id = "delete_import",
    params(("id" = Uuid, Path, description = "The import")), security(("api_key" = ["contacts:write"])),
    responses((status = 200, description = "What was taken back", body = Import), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn delete(
    _: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ImportId>,
) -> Result<axum::Json<Import>, HttpError> {
    let import = app.store.find_import(id).await?.ok_or(HttpError::NotFound("import"))?;
    deleted(&app, id).await?;
    Ok(axum::Json(Import::told(&app, import).await?))
}
