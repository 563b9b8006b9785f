//! `/api/v1/costs`: what it costs that the telephone rings, line by line or as a table.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::{BodyProblems, KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{CostId, OutletId};
use crate::domain::reporting::cost_lines::{Amount, Draft};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::flows::{cost_deleted, cost_put_back, cost_replaced};
use crate::http::AppState;
use crate::http::costs::{Refused, brought, written};
use crate::http::error::{HttpError, Problem};
use crate::http::extract::{ApiKey, CostsRead, CostsWrite, FromQuery, Json, Path, Query, QueryReader};
use crate::store::{CostFilter, CostRow, Window};

/// What some days of a channel cost.
#[derive(Serialize, ToSchema)]
#[schema(as = CostLine)]
pub struct Cost {
    #[schema(value_type = Uuid)]
    pub id: CostId,
    /// Both days are included; they are those of the zone in which a report is asked for.
    #[schema(example = "2026-11-01")]
    pub first_day: String,
    #[schema(example = "2026-11-30")]
    pub last_day: String,
    #[schema(example = "Paid Search")]
    pub channel: &'static str,
    #[schema(example = "google")]
    pub source: Option<String>,
    pub campaign: Option<String>,
    pub outlet: Option<String>,
    /// For all of its days, in the smallest unit of the currency.
    #[schema(example = 125_000)]
    pub amount_minor: u64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: String,
    pub note: Option<String>,
    /// What its sender calls it.
    pub key: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// `key:…` or `user:…`.
    pub created_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
    /// It was deleted, and can be put back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Timestamp>,
}

impl From<CostRow> for Cost {
    fn from(row: CostRow) -> Self {
        let CostRow { id, line, created_at, created_by, changed_at, deleted_at } = row;
        let cost = line.cost;
        Self {
            id,
            first_day: cost.days.first().to_string(),
            last_day: cost.days.last().to_string(),
            channel: cost.of.channel.as_str(),
            source: cost.of.source,
            campaign: cost.of.campaign,
            outlet: cost.of.outlet.map(|outlet| outlet.to_string()),
            amount_minor: cost.money.minor,
            currency: cost.money.currency.to_string(),
            note: line.note,
            key: line.key,
            created_at,
            created_by,
            changed_at,
            deleted_at,
        }
    }
}

/// What some days of a channel cost.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCost {
    #[schema(example = "2026-11-01")]
    first_day: String,
    /// Included; without it the first.
    #[schema(example = "2026-11-30")]
    last_day: Option<String>,
    /// One of GA4's channel groups, or `Offline`.
    #[schema(example = "Paid Search")]
    channel: String,
    /// As `utm_source` has it; without it, of the whole channel.
    #[schema(example = "google")]
    source: Option<String>,
    campaign: Option<String>,
    outlet: Option<String>,
    /// For all of its days, in the smallest unit of the currency.
    #[schema(example = 125_000)]
    amount_minor: u64,
    #[schema(example = "EUR")]
    currency: String,
    note: Option<String>,
    /// What you call it: sent again with the same key, it takes the place of what was sent before.
    #[schema(example = "google-ads 2026-11")]
    key: Option<String>,
}

impl From<NewCost> for Draft {
    fn from(new: NewCost) -> Self {
        Self {
            first_day: new.first_day,
            last_day: new.last_day.unwrap_or_default(),
            channel: new.channel,
            source: new.source.unwrap_or_default(),
            campaign: new.campaign.unwrap_or_default(),
            outlet: new.outlet.unwrap_or_default(),
            amount: Amount::Minor(new.amount_minor),
            currency: new.currency,
            note: new.note.unwrap_or_default(),
            key: new.key.unwrap_or_default(),
        }
    }
}

/// What came of a table.
#[derive(Serialize, ToSchema)]
pub struct BroughtCosts {
    /// How many lines there were: all of them are written.
    pub lines: usize,
    pub new: usize,
    /// Those whose key was known: they take the place of what was there.
    pub replaced: usize,
}

/// Which costs.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what CostsQuery reads")]
pub struct CostsParams {
    #[param(example = "Paid Search")]
    channel: Option<String>,
    outlet: Option<String>,
    key: Option<String>,
    /// Those with days on or after this one …
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// … and on or before this one.
    #[param(example = "2026-11-30")]
    to: Option<String>,
}

pub struct CostsQuery {
    filter: CostFilter,
    window: Window,
}

impl FromQuery for CostsQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let filter = CostFilter {
            within: None,
            channel: query.value::<Channel>("channel"),
            outlet: query.value::<OutletId>("outlet"),
            key: query.text("key"),
            from: query.value::<Date>("from"),
            to: query.value::<Date>("to"),
        };
        Self { filter, window: query.window() }
    }
}

/// How writing a cost may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum CostProblems {
    /// There are as many costs as there may be, or another one has this key
    #[response(status = 409, content_type = "application/problem+json")]
    Unfitting(#[to_schema] Problem),
}

/// How a table may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum CostTableProblems {
    /// The body is larger than 4 MiB
    #[response(status = 413, content_type = "application/problem+json")]
    TableTooLarge(#[to_schema] Problem),
    /// The body is sent neither as text/csv nor as text/plain
    #[response(status = 415, content_type = "application/problem+json")]
    NoTable(#[to_schema] Problem),
    /// Some lines cannot be meant so; `errors` names each by its number. Nothing is written
    #[response(status = 422, content_type = "application/problem+json")]
    BadLines(#[to_schema] Problem),
}

/// What was written down, the newest first. What the plan says of its media is not among it.
#[utoipa::path(
    get, path = "/api/v1/costs", tag = "costs", operation_id = "list_costs",
    params(CostsParams, WindowParams), security(("api_key" = ["costs:read"])),
    responses((status = 200, description = "A part of the list", body = List<Cost>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<CostsRead>,
    State(app): State<AppState>,
    Query(asked): Query<CostsQuery>,
) -> Result<axum::Json<List<Cost>>, HttpError> {
    Ok(List::part(app.store.list_costs(&asked.filter, &asked.window).await?))
}

/// One cost.
#[utoipa::path(
    get, path = "/api/v1/costs/{id}", tag = "costs", operation_id = "find_cost",
    params(("id" = Uuid, Path, description = "The cost")), security(("api_key" = ["costs:read"])),
    responses((status = 200, description = "The cost, also one that was deleted", body = Cost), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<CostsRead>,
    State(app): State<AppState>,
    Path(id): Path<CostId>,
) -> Result<axum::Json<Cost>, HttpError> {
    let row = app.store.find_cost(id).await?.ok_or(HttpError::NotFound("cost"))?;
    Ok(axum::Json(row.into()))
}

/// Says what some days of a channel cost. Of a `key` there is one: sent again, it says what was sent last.
#[utoipa::path(
    post, path = "/api/v1/costs", tag = "costs", operation_id = "create_cost",
    request_body = NewCost, security(("api_key" = ["costs:write"])),
    responses(
        (status = 201, description = "A new cost", body = Cost),
        (status = 200, description = "One of this key was there, and says now what was sent", body = Cost),
        (status = 400, description = "The body is no JSON", body = Problem, content_type = "application/problem+json"),
        BodyProblems, CostProblems, KeyProblems, ServerProblems
    )
)]
pub async fn create(
    key: ApiKey<CostsWrite>,
    State(app): State<AppState>,
    Json(new): Json<NewCost>,
) -> Result<(StatusCode, axum::Json<Cost>), HttpError> {
    let (row, is_new) = written(&app, Accessor::Key(key.id), &new.into()).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, axum::Json(row.into())))
}

/// Says something else in the place of a cost.
#[utoipa::path(
    put, path = "/api/v1/costs/{id}", tag = "costs", operation_id = "replace_cost",
    params(("id" = Uuid, Path, description = "The cost")), security(("api_key" = ["costs:write"])),
    request_body = NewCost,
    responses(
        (status = 200, description = "The cost as it is now", body = Cost),
        BodyProblems, CostProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn replace(
    _: ApiKey<CostsWrite>,
    State(app): State<AppState>,
    Path(id): Path<CostId>,
    Json(new): Json<NewCost>,
) -> Result<axum::Json<Cost>, HttpError> {
    let line = Draft::from(new).read().map_err(Refused::Faults)?;
    let replaced = cost_replaced(&app.store, &app.clock, id, line).await;
    Ok(axum::Json(replaced.map_err(Refused::from)?.into()))
}

/// Deletes a cost: reports do not have it any more. It can be put back.
#[utoipa::path(
    delete, path = "/api/v1/costs/{id}", tag = "costs", operation_id = "delete_cost",
    params(("id" = Uuid, Path, description = "The cost")), security(("api_key" = ["costs:write"])),
    responses((status = 200, description = "The cost as it was", body = Cost), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn delete(
    _: ApiKey<CostsWrite>,
    State(app): State<AppState>,
    Path(id): Path<CostId>,
) -> Result<axum::Json<Cost>, HttpError> {
    let deleted = cost_deleted(&app.store, &app.clock, id).await;
    Ok(axum::Json(deleted.map_err(Refused::from)?.into()))
}

/// Puts a deleted cost back.
#[utoipa::path(
    post, path = "/api/v1/costs/{id}/restore", tag = "costs", operation_id = "restore_cost",
    params(("id" = Uuid, Path, description = "The cost")), security(("api_key" = ["costs:write"])),
    responses((status = 200, description = "The cost, which counts again", body = Cost), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn restore(
    _: ApiKey<CostsWrite>,
    State(app): State<AppState>,
    Path(id): Path<CostId>,
) -> Result<axum::Json<Cost>, HttpError> {
    let back = cost_put_back(&app.store, id).await;
    Ok(axum::Json(back.map_err(Refused::from)?.into()))
}

/// Writes the lines of a table, all of them or none: the columns `first_day`, `last_day`, `channel`, `source`,
/// `campaign`, `outlet`, `amount` (as people write it: `1250.50`), `currency`, `note` and `key` in any order, with a
/// comma, a semicolon or a tab between; `last_day` and all but `channel`, `amount` and `currency` may be left out.
#[utoipa::path(
    post, path = "/api/v1/costs/import", tag = "costs", operation_id = "import_costs",
    security(("api_key" = ["costs:write"])), request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, description = "All lines are written", body = BroughtCosts),
        CostTableProblems, CostProblems, KeyProblems, ServerProblems
    )
)]
pub async fn import(
    key: ApiKey<CostsWrite>,
    State(app): State<AppState>,
    headers: HeaderMap,
    table: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<axum::Json<BroughtCosts>, HttpError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !["text/csv", "text/plain"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(HttpError::UnsupportedMediaType("text/csv or text/plain"));
    }
    let table = table.map_err(|_| HttpError::TooLarge { limit: crate::http::TABLE_MAX })?;
    let written = brought(&app, Accessor::Key(key.id), &table).await?;
    let new = written.iter().filter(|(_, is_new)| *is_new).count();
    Ok(axum::Json(BroughtCosts { lines: written.len(), new, replaced: written.len() - new }))
}
