//! `/api/v1/numbers.csv`, `/api/v1/numbers/import` and `/api/v1/numbers/change`: many numbers at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use futures_util::stream;
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::export::{Reader, csv_file, csv_rows};
use super::{BodyProblems, KeyProblems, ServerProblems};
use crate::domain::phone::Phone;
use crate::domain::plan::Draft;
use crate::domain::plan::edit::NumbersChange;
use crate::domain::plan::number_table::{NumberLine, read_numbers};
use crate::flows::plan_drafted;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, FromQuery, Json, NumbersRead, PlanWrite, Query, QueryReader};
use crate::http::plan_edits::{PlanEdited, edited};
use crate::http::{AppState, TABLE_MAX};

/// Every number in service as CSV, with the columns that `/api/v1/numbers/import` reads.
#[utoipa::path(
    get, path = "/api/v1/numbers.csv", tag = "numbers", operation_id = "export_numbers",
    security(("api_key" = ["numbers:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ServerProblems
    )
)]
pub async fn export(_: ApiKey<NumbersRead>, State(app): State<AppState>) -> Result<Response, HttpError> {
    exported(&app, Reader::Program).await
}

/// The same for the console.
pub async fn exported(app: &AppState, reader: Reader) -> Result<Response, HttpError> {
    let (draft, _) = plan_drafted(&app.store).await?;
    let table = csv_rows(draft.number_rows().into_iter(), reader);
    Ok(csv_file("numbers.csv", stream::iter([Ok(table)]), reader))
}

/// How an edit of the plan may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum PlanProblems {
    /// Numbers would be taken away that people may still call
    #[response(status = 409, content_type = "application/problem+json")]
    Orphans(#[to_schema] Problem),
}

/// How a table may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum NumberTableProblems {
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

/// How an edit is done.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what HowQuery reads")]
pub struct HowParams {
    /// `true`: tells what would change, and changes nothing.
    #[param(default = false)]
    dry_run: Option<bool>,
    /// `true`: takes numbers away, too, that people may still call.
    #[param(default = false)]
    allow_orphans: Option<bool>,
}

pub struct HowQuery {
    is_dry: bool,
    force: bool,
}

impl FromQuery for HowQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            is_dry: query.value("dry_run").unwrap_or_default(),
            force: query.value("allow_orphans").unwrap_or_default(),
        }
    }
}

/// Puts the numbers of a table into the plan, all of them or none: the columns `number`, `pool`, `label`, `outlet`,
/// `destination`, `channel`, `source`, `medium`, `campaign`, `kind`, `runs`, `landing_page`, `site`, `target` and
/// `calls_at_once` in any order; all but `number` may be left out. A number with a `pool` is lent by it. Of one that is
/// there already only what the table has a column for changes; no number goes.
#[utoipa::path(
    post, path = "/api/v1/numbers/import", tag = "numbers", operation_id = "import_numbers",
    params(HowParams), security(("api_key" = ["plan:write"])),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, description = "What has changed, or would", body = PlanEdited),
        NumberTableProblems, PlanProblems, KeyProblems, ServerProblems
    )
)]
pub async fn import(
    _: ApiKey<PlanWrite>,
    State(app): State<AppState>,
    Query(how): Query<HowQuery>,
    headers: HeaderMap,
    table: Result<Bytes, BytesRejection>,
) -> Result<axum::Json<PlanEdited>, HttpError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !["text/csv", "text/plain"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(HttpError::UnsupportedMediaType("text/csv or text/plain"));
    }
    let table = table.map_err(|_| HttpError::TooLarge { limit: TABLE_MAX })?;
    let (lines, mut faults) = read_numbers(&String::from_utf8_lossy(&table), app.config.home);
    faults.extend(plan_drafted(&app.store).await?.0.check_lines(&lines));
    if !faults.is_empty() {
        let told = faults.iter().map(|it| BadField::new(format!("line {}", it.line), it.what.to_string()));
        return Err(HttpError::Invalid(told.collect()));
    }
    let lines: Arc<[NumberLine]> = lines.into();
    let edit = Arc::new(move |draft: &mut Draft| draft.put_lines(&lines));
    Ok(axum::Json(edited(&app, edit, how.is_dry, how.force).await?))
}

/// What is done to several numbers; one of `destination`, `outlet`, `pool` and `out_of_service`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumbersToChange {
    #[schema(example = json!(["+33199002003", "+33199002004"]), min_items = 1, max_items = 500)]
    pub numbers: Vec<String>,
    /// Calls to them go there.
    pub destination: Option<String>,
    pub outlet: Option<String>,
    /// They are lent to visits by this pool, and stand for no medium.
    pub pool: Option<String>,
    #[serde(default)]
    pub out_of_service: bool,
}

/// Does the same to several numbers, to all of them or to none.
#[utoipa::path(
    post, path = "/api/v1/numbers/change", tag = "numbers", operation_id = "change_numbers",
    params(HowParams), security(("api_key" = ["plan:write"])), request_body = NumbersToChange,
    responses(
        (status = 200, description = "What has changed, or would", body = PlanEdited),
        (status = 400, description = "The body is no JSON", body = Problem, content_type = "application/problem+json"),
        BodyProblems, PlanProblems, KeyProblems, ServerProblems
    )
)]
pub async fn change(
    _: ApiKey<PlanWrite>,
    State(app): State<AppState>,
    Query(how): Query<HowQuery>,
    Json(asked): Json<NumbersToChange>,
) -> Result<axum::Json<PlanEdited>, HttpError> {
    let bad = |field, detail: &str| HttpError::Invalid(vec![BadField::new(field, detail)]);
    let numbers: Result<BTreeSet<Phone>, _> = asked.numbers.iter().map(|number| number.parse()).collect();
    let numbers = numbers.map_err(|_| bad("numbers", "must be telephone numbers in E.164"))?;
    if !(1..=500).contains(&numbers.len()) {
        return Err(bad("numbers", "takes 1 to 500 numbers"));
    }
    let out = asked.out_of_service.then_some(NumbersChange::OutOfService);
    let changes = [
        asked.destination.map(NumbersChange::Destination),
        asked.outlet.map(NumbersChange::Outlet),
        asked.pool.map(NumbersChange::Pool),
        out,
    ];
    let mut changes = changes.into_iter().flatten();
    let (Some(change), None) = (changes.next(), changes.next()) else {
        return Err(bad("numbers", "say one of destination, outlet, pool and out_of_service"));
    };
    let edit = Arc::new(move |draft: &mut Draft| draft.change_numbers(&numbers, &change));
    Ok(axum::Json(edited(&app, edit, how.is_dry, how.force).await?))
}
