//! `/api/v1/requests`: what people ask for of their rights, and until when they must have an answer.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::contact_writes::{ContactProblems, MalformedProblem};
use super::{BodyProblems, KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, RequestId};
use crate::domain::people::request::{self, CameBy, Decision, Kind};
use crate::domain::time::Timestamp;
use crate::flows::{Asked, RequestError, request_decided, request_received};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, FromQuery, Json, Path, Query, QueryReader, RequestsRead, RequestsWrite};
use crate::store::Window;
use crate::store::requests::RequestFilter;

/// How long a reason may be.
pub(in crate::http) const WHY_MAX: usize = 1_000;

/// What somebody has asked for.
#[derive(Serialize, ToSchema)]
pub struct Request {
    #[schema(value_type = Uuid)]
    pub id: RequestId,
    /// `null`: the person was erased since.
    #[schema(value_type = Option<Uuid>)]
    pub contact: Option<ContactId>,
    /// `access`, `portability`, `rectification`, `restriction`, `objection` or `erasure`.
    #[schema(example = "access")]
    pub kind: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// `email`, `letter`, `phone`, `in_person`, `page` or `other`.
    #[schema(example = "letter")]
    pub came_by: &'static str,
    /// A month after it came, or three where it is extended (RGPD art. 12(3)).
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// It is open and its time is over.
    pub overdue: bool,
    /// Why two months more are needed; `null`: they are not.
    pub extended_why: Option<String>,
    /// `open`, `done` or `refused`.
    #[schema(example = "open")]
    pub state: &'static str,
    /// Why it was refused.
    pub why: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Timestamp>,
    /// `user:` and who settled it at the console; `key:` and the API key.
    pub settled_by: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    pub recorded_by: String,
}

impl Request {
    fn of(request: request::Request, now: Timestamp) -> Self {
        let (settled_at, settled_by) = request.settled.clone().unzip();
        Self {
            overdue: request.is_overdue(now),
            id: request.id,
            contact: request.contact,
            kind: request.kind.as_str(),
            received_at: request.received_at,
            came_by: request.came_by.as_str(),
            due_at: request.due_at,
            extended_why: request.extended_why,
            state: request.state.as_str(),
            why: request.why,
            settled_at,
            settled_by,
            recorded_at: request.recorded_at,
            recorded_by: request.recorded_by,
        }
    }
}

/// What somebody asks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequest {
    #[schema(value_type = Uuid)]
    contact: ContactId,
    /// `access`, `portability`, `rectification`, `restriction`, `objection` or `erasure`.
    #[schema(example = "access")]
    kind: String,
    /// `email`, `letter`, `phone`, `in_person`, `page` or `other`.
    #[schema(example = "letter")]
    came_by: String,
    /// When it came; without it, now.
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Timestamp>,
}

/// What becomes of a request: one of `state` and `extended_why`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestPatch {
    /// `done`, or `refused` with `why`.
    #[schema(example = "refused")]
    state: Option<String>,
    /// Why it is refused; the person is told, and that they may complain (RGPD art. 12(4)).
    why: Option<String>,
    /// Why two months more are needed; the person is told within the first (RGPD art. 12(3)).
    extended_why: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ListQuery reads")]
pub struct Filters {
    /// Only those of this contact.
    #[param(value_type = Option<Uuid>)]
    contact: Option<String>,
    /// Only for this right.
    kind: Option<String>,
    /// `open`, `done` or `refused`.
    state: Option<String>,
    /// `true`: only open ones whose time is over.
    overdue: Option<bool>,
}

pub struct ListQuery {
    filter: RequestFilter,
    is_overdue: bool,
    window: Window,
}

impl FromQuery for ListQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let filter = RequestFilter {
            contact: query.id("contact"),
            kind: query.value("kind"),
            state: query.value("state"),
            is_settled: false,
            due_before: None,
        };
        Self { filter, is_overdue: query.value("overdue").unwrap_or(false), window: query.window() }
    }
}

/// How deciding may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum DecisionProblems {
    /// It is settled, is extended already, or its month is over; `detail` tells which
    #[response(status = 409, content_type = "application/problem+json")]
    Undecidable(#[to_schema] Problem),
}

/// The register of requests, the latest first.
#[utoipa::path(
    get, path = "/api/v1/requests", tag = "people", operation_id = "list_requests",
    params(Filters, WindowParams), security(("api_key" = ["requests:read"])),
    responses((status = 200, description = "A part of the list", body = List<Request>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<RequestsRead>,
    State(app): State<AppState>,
    Query(asked): Query<ListQuery>,
) -> Result<axum::Json<List<Request>>, HttpError> {
    let now = app.clock.now();
    let filter = RequestFilter { due_before: asked.is_overdue.then_some(now), ..asked.filter };
    let page = app.store.list_requests(&filter, &asked.window).await?;
    let items = page.items.into_iter().map(|it| Request::of(it, now)).collect();
    Ok(axum::Json(List { items, next_cursor: page.next }))
}

/// One request.
#[utoipa::path(
    get, path = "/api/v1/requests/{id}", tag = "people", operation_id = "find_request",
    params(("id" = Uuid, Path, description = "The request")), security(("api_key" = ["requests:read"])),
    responses((status = 200, description = "The request", body = Request), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<RequestsRead>,
    State(app): State<AppState>,
    Path(id): Path<RequestId>,
) -> Result<axum::Json<Request>, HttpError> {
    let request = app.store.find_request(id).await?.ok_or(HttpError::NotFound("request"))?;
    Ok(axum::Json(Request::of(request, app.clock.now())))
}

/// Writes down what somebody asks for. It is due a month after it came. An archive settles `access` and `portability`, a
/// restriction and an objection what is called so, an erasure all that the person has asked for.
#[utoipa::path(
    post, path = "/api/v1/requests", tag = "people", operation_id = "create_request",
    security(("api_key" = ["requests:write"])),
    request_body(content = NewRequest, content_type = "application/json"),
    responses(
        (status = 201, description = "It stands in the register", body = Request),
        (status = 404, description = "There is no such contact", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The person is erased", body = Problem, content_type = "application/problem+json"),
        BodyProblems, MalformedProblem, ContactProblems, KeyProblems, ServerProblems
    )
)]
pub async fn create(
    key: ApiKey<RequestsWrite>,
    State(app): State<AppState>,
    Json(new): Json<NewRequest>,
) -> Result<(StatusCode, axum::Json<Request>), HttpError> {
    let (kind, came_by) = (new.kind.parse::<Kind>(), new.came_by.parse::<CameBy>());
    let now = app.clock.now();
    let mut problems = Vec::new();
    if kind.is_err() {
        problems.push(BadField::new("kind", one_of(Kind::ALL.iter().map(|it| it.as_str()))));
    }
    if came_by.is_err() {
        problems.push(BadField::new("came_by", one_of(CameBy::ALL.iter().map(|it| it.as_str()))));
    }
    if new.received_at.is_some_and(|at| at > now) {
        problems.push(BadField::new("received_at", "must not lie ahead"));
    }
    let (Ok(kind), Ok(came_by), true) = (kind, came_by, problems.is_empty()) else {
        return Err(HttpError::Invalid(problems));
    };
    let asked = Asked { contact: new.contact, kind, came_by, received_at: new.received_at };
    let request = request_received(&app.store, &app.clock, asked, Accessor::Key(key.id)).await?;
    Ok((StatusCode::CREATED, axum::Json(Request::of(request, now))))
}

/// Settles a request, or gives it two months more. A restriction or an objection that is done is carried out by that; an
/// objection to every channel.
#[utoipa::path(
    patch, path = "/api/v1/requests/{id}", tag = "people", operation_id = "decide_request",
    params(("id" = Uuid, Path, description = "The request")), security(("api_key" = ["requests:write"])),
    request_body(content = RequestPatch, content_type = "application/json"),
    responses(
        (status = 200, description = "The request as it is now", body = Request),
        BodyProblems, DecisionProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn decide(
    key: ApiKey<RequestsWrite>,
    State(app): State<AppState>,
    Path(id): Path<RequestId>,
    Json(patch): Json<RequestPatch>,
) -> Result<axum::Json<Request>, HttpError> {
    let decision = decision(patch.state.as_deref(), patch.why, patch.extended_why)?;
    let by = Accessor::Key(key.id);
    let request = request_decided(&app.store, &app.clock, id, decision, by).await?;
    Ok(axum::Json(Request::of(request, app.clock.now())))
}

/// What is meant by a state, its reason, and a reason for more time.
pub(in crate::http) fn decision(
    state: Option<&str>,
    why: Option<String>,
    extended_why: Option<String>,
) -> Result<Decision, HttpError> {
    let reason = |field: &'static str, text: Option<String>| {
        let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        match text {
            Some(text) if text.chars().count() <= WHY_MAX => Ok(text),
            _ => Err(BadField::new(field, "say why, in at most 1,000 characters")),
        }
    };
    let decision = match (state, why, extended_why) {
        (Some("done"), None, None) => Ok(Decision::Done),
        (Some("refused"), why, None) => reason("why", why).map(Decision::Refuse),
        (None, None, why) => reason("extended_why", why).map(Decision::Extend),
        _ => Err(BadField::new("state", "must be done, refused with why, or absent with extended_why")),
    };
    decision.map_err(|problem| HttpError::Invalid(vec![problem]))
}

pub(super) fn one_of(words: impl Iterator<Item = &'static str>) -> String {
    format!("must be one of {}", words.collect::<Vec<_>>().join(", "))
}

impl From<RequestError> for HttpError {
    fn from(failure: RequestError) -> Self {
        match failure {
            RequestError::NotFound => Self::NotFound("request"),
            RequestError::Undecidable(why) => Self::Conflict(why.to_string()),
            RequestError::Store(failure) => failure.into(),
        }
    }
}
