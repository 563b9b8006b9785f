//! `/api/v1/blocks`: who may not ring, and who may whatever else holds.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use super::{KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::calling::screening::block::{Scope, Who};
use crate::domain::calling::screening::rules::Action;
use crate::domain::ids::BlockId;
use crate::domain::plan::problem::Fault;
use crate::domain::plan::screening::DraftBlock;
use crate::domain::time::Timestamp;
use crate::flows::{BlockError, block_made, block_taken_back};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, BlocksRead, BlocksWrite, Json, Path, Query};
use crate::store::{BlockRow, Window};

/// An entry of the block and allow lists.
#[derive(Serialize, ToSchema)]
pub struct Block {
    /// A name of the plan, or a UUID.
    #[schema(value_type = String, example = "0199c0de-7c1e-7d02-9f6b-2f1f0c7e5a11")]
    pub id: BlockId,
    /// Whom it means: this number, E.164; or …
    #[schema(example = "+33948001122")]
    pub number: Option<String>,
    /// … every number that begins so; or …
    #[schema(example = "+33948")]
    pub prefix: Option<String>,
    /// … every number of this country (ISO 3166-1); or …
    pub country: Option<String>,
    /// … callers who withhold theirs.
    pub withheld: bool,
    /// Only calls for this outlet and those below it.
    pub outlet: Option<String>,
    /// Only calls to this tracking number.
    pub called: Option<String>,
    /// `allow`, `mark`, `refuse` (607) or `busy` (486).
    #[schema(value_type = String, example = "refuse")]
    pub then: Action,
    /// It ends by itself then.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    pub note: Option<String>,
    /// It belongs to the plan, which alone changes it.
    pub planned: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<BlockRow> for Block {
    fn from(row: BlockRow) -> Self {
        let block = row.block;
        let of = |kind: &str| Some(block.who.reveal()).filter(|_| block.who.kind() == kind);
        let (outlet, called) = match &block.scope {
            Scope::All => (None, None),
            Scope::Outlet(outlet) => (Some(outlet.to_string()), None),
            Scope::Number(number) => (None, Some(number.reveal().to_owned())),
        };
        Self {
            number: of("number"),
            prefix: of("prefix"),
            country: of("country"),
            withheld: block.who == Who::Withheld,
            outlet,
            called,
            id: block.id,
            then: block.then,
            until: block.until,
            note: block.note,
            planned: row.planned,
            created_at: row.created_at,
        }
    }
}

/// Whom to block or to let in: one of `number`, `prefix`, `country` and `withheld`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBlock {
    /// E.164.
    #[schema(example = "+33948001122")]
    number: Option<String>,
    #[schema(example = "+33948")]
    prefix: Option<String>,
    /// ISO 3166-1.
    country: Option<String>,
    withheld: Option<bool>,
    /// Only for calls to this outlet and those below it.
    outlet: Option<String>,
    /// Only for calls to this tracking number.
    called: Option<String>,
    /// `allow`, `mark`, `refuse` or `busy`; without it `refuse`.
    #[schema(example = "refuse")]
    then: Option<String>,
    /// RFC 3339; without it, until it is deleted.
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Why, for whoever reads the list.
    note: Option<String>,
}

impl From<NewBlock> for DraftBlock {
    fn from(new: NewBlock) -> Self {
        let NewBlock { number, prefix, country, withheld, outlet, called, then, until, note } = new;
        Self { id: String::new(), number, prefix, country, withheld, outlet, called, then, until, note }
    }
}

/// How making an entry may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum NewBlockProblems {
    /// The body is no JSON; `detail` tells line and column
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(#[to_schema] Problem),
    /// There are as many entries as there may be
    #[response(status = 409, content_type = "application/problem+json")]
    Full(#[to_schema] Problem),
    /// The body is larger than 16 KiB
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// The body is not sent as `application/json`
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(#[to_schema] Problem),
}

/// How deleting an entry may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum PlannedProblem {
    /// The plan has the entry; take it out there
    #[response(status = 409, content_type = "application/problem+json")]
    Planned(#[to_schema] Problem),
}

/// The block and allow lists, the newest entry first.
#[utoipa::path(
    get, path = "/api/v1/blocks", tag = "screening", operation_id = "list_blocks",
    params(WindowParams), security(("api_key" = ["blocks:read"])),
    responses((status = 200, description = "A part of the list", body = List<Block>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<BlocksRead>,
    State(app): State<AppState>,
    Query(window): Query<Window>,
) -> Result<axum::Json<List<Block>>, HttpError> {
    Ok(List::part(app.store.list_blocks(&window).await?))
}

/// One entry.
#[utoipa::path(
    get, path = "/api/v1/blocks/{id}", tag = "screening", operation_id = "find_block",
    params(("id" = String, Path, description = "The entry")), security(("api_key" = ["blocks:read"])),
    responses((status = 200, description = "The entry", body = Block), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<BlocksRead>,
    State(app): State<AppState>,
    Path(id): Path<BlockId>,
) -> Result<axum::Json<Block>, HttpError> {
    let row = app.store.find_block(&id).await?.ok_or(HttpError::NotFound("block"))?;
    Ok(axum::Json(row.into()))
}

/// Blocks callers, or lets them in. For the same callers and calls there is one entry: said again, it is changed.
#[utoipa::path(
    post, path = "/api/v1/blocks", tag = "screening", operation_id = "create_block",
    request_body = NewBlock, security(("api_key" = ["blocks:write"])),
    responses(
        (status = 201, description = "A new entry", body = Block),
        (status = 200, description = "It was there already, and says now what was sent", body = Block),
        KeyProblems, NewBlockProblems, ListProblems, ServerProblems
    )
)]
pub async fn create(
    _: ApiKey<BlocksWrite>,
    State(app): State<AppState>,
    Json(new): Json<NewBlock>,
) -> Result<(StatusCode, axum::Json<Block>), HttpError> {
    let draft = DraftBlock::from(new);
    let (row, is_new) =
        block_made(&app.store, &app.clock, &draft).await.map_err(|failure| problem(failure, &draft))?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, axum::Json(row.into())))
}

/// Deletes an entry, and tells what it was.
#[utoipa::path(
    delete, path = "/api/v1/blocks/{id}", tag = "screening", operation_id = "delete_block",
    params(("id" = String, Path, description = "The entry")), security(("api_key" = ["blocks:write"])),
    responses((status = 200, description = "The entry as it was", body = Block), KeyProblems, PlannedProblem, OneProblems, ServerProblems)
)]
pub async fn delete(
    _: ApiKey<BlocksWrite>,
    State(app): State<AppState>,
    Path(id): Path<BlockId>,
) -> Result<axum::Json<Block>, HttpError> {
    let taken = block_taken_back(&app.store, &id).await;
    let row = taken.map_err(|failure| problem(failure, &DraftBlock::default()))?;
    Ok(axum::Json(row.into()))
}

fn problem(failure: BlockError, draft: &DraftBlock) -> HttpError {
    match failure {
        BlockError::Faults(faults) => {
            let told = faults.iter().map(|fault| BadField::new(field(fault, draft), fault.to_string()));
            HttpError::Invalid(told.collect())
        }
        BlockError::Nowhere { what } => {
            HttpError::Invalid(vec![BadField::new(what, "there is none of this name")])
        }
        BlockError::NotFound => HttpError::NotFound("block"),
        BlockError::Full | BlockError::Planned => HttpError::Conflict(failure.to_string()),
        BlockError::Store(failure) => failure.into(),
    }
}

/// The field that a fault is about.
fn field(fault: &Fault, draft: &DraftBlock) -> &'static str {
    match fault {
        Fault::BadPhone(text) if draft.called.as_ref() == Some(text) => "called",
        Fault::BadPhone(_) | Fault::UnclearBlock => "number",
        Fault::BadPrefix(_) => "prefix",
        Fault::BadCountry(_) => "country",
        Fault::BadName(_) | Fault::TwoScopes => "outlet",
        Fault::BadTime(_) => "until",
        Fault::BadAction { key, .. } | Fault::TooLong { key, .. } => key,
        _ => "body",
    }
}
