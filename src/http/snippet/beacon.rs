//! What the snippet reports: a page was opened, a page is still open.
//!
//! No key protects these two addresses, since it would stand in the page for
//! everyone to read. What protects them is the `Origin` that browsers send and
//! pages cannot forge: it must be one the site lists. Other programs can forge
//! it, and gain what any visitor gets: a number.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, LOCATION, ORIGIN, USER_AGENT, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::{IntoResponses, ToSchema};
use uuid::Uuid;

use crate::domain::ids::{SiteId, VisitId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::device::Device;
use crate::domain::tracking::swap::Rule;
use crate::flows::{Opened, Shown, number_tapped, visit_arrives, visit_stays};
use crate::http::AppState;
use crate::http::api::{BodyProblems, OneProblems, ServerProblems};
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{Json, Path};

/// Longer than any address that an ad platform builds.
const URL_MAX: usize = 4096;
/// As much of a title as a timeline can show.
const TITLE_MAX: usize = 300;

static REASON: HeaderName = HeaderName::from_static("whence-reason");

/// A page was opened.
#[derive(Deserialize, ToSchema)]
pub struct NewVisit {
    /// The site's name in the plan.
    #[schema(example = "example-shop")]
    site: String,
    /// The page's whole address.
    #[schema(example = "https://example.org/?utm_source=google&utm_medium=cpc")]
    page: String,
    /// The page's title.
    title: Option<String>,
    /// Where the visitor came from, `document.referrer`.
    referrer: Option<String>,
    /// Whether the visitor agreed to be known. Without it no identifier is made or kept.
    consent: bool,
    /// The visitor's identifier from an earlier answer.
    visitor: Option<Uuid>,
    /// The visit's identifier from an earlier answer, to continue it.
    visit: Option<Uuid>,
}

/// The numbers to show, and how to go on.
#[derive(Serialize, ToSchema)]
pub struct VisitReply {
    /// To be kept by the browser for the visit; `null` without consent.
    #[schema(value_type = Option<Uuid>)]
    visit: Option<VisitId>,
    /// To be kept by the browser for later visits; `null` without consent.
    #[schema(value_type = Option<Uuid>)]
    visitor: Option<VisitorId>,
    /// How often to report that the page is still open.
    keep_alive_ms: u64,
    /// One for each business number of the site.
    swaps: Vec<NumberSwap>,
    /// The channel the visit came by, as GA4 names it.
    #[schema(value_type = String, example = "Paid Search")]
    channel: Channel,
}

/// A business number on the page, and what stands there instead.
#[derive(Serialize, ToSchema)]
pub struct NumberSwap {
    /// The number that is written on the website.
    #[schema(value_type = String, example = "+33199000100")]
    target: Phone,
    /// The number to show in its place; `null` leaves the page as it is.
    #[schema(value_type = Option<String>, example = "+33199001234")]
    number: Option<Phone>,
    /// Why it is this one.
    #[schema(value_type = String, example = "lease")]
    rule: Rule,
}

/// How a page's report may end.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum BeaconProblems {
    /// The body is no JSON; `detail` tells line and column
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(#[to_schema] Problem),
    /// The page's origin is not one of the site's
    #[response(status = 403, content_type = "application/problem+json")]
    ForeignOrigin(#[to_schema] Problem),
    /// There is no such site
    #[response(status = 404, content_type = "application/problem+json")]
    NoSite(#[to_schema] Problem),
    /// The body is larger than 16 KiB
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// The body is sent neither as `application/json` nor as `text/plain`
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(#[to_schema] Problem),
    /// A field cannot be meant so; `errors` names each
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(#[to_schema] Problem),
}

/// How a sign of life may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum OriginProblem {
    /// The page's origin is not one of the site's
    #[response(status = 403, content_type = "application/problem+json")]
    ForeignOrigin(#[to_schema] Problem),
}

impl NewVisit {
    /// Checks what no browser would send, and shortens what one might.
    fn check(self, headers: &HeaderMap, country_header: Option<&HeaderName>) -> Result<Opened, HttpError> {
        let site: SiteId = self.site.parse().map_err(|_| HttpError::NotFound("site"))?;
        let mut problems = Vec::new();
        if self.page.len() > URL_MAX {
            problems.push(BadField::new("page", format!("longer than {URL_MAX} bytes")));
        } else if !is_web_address(&self.page) {
            problems.push(BadField::new("page", "not the address of a web page"));
        }
        if !problems.is_empty() {
            return Err(HttpError::Invalid(problems));
        }
        let title = self.title.map(|title| title.replace(char::is_control, " "));
        Ok(Opened {
            site,
            page: self.page,
            title: title.map(|title| title.trim().chars().take(TITLE_MAX).collect()),
            // A referrer is worth no refusal: apps send all sorts of things there.
            referrer: self.referrer.filter(|from| from.len() <= URL_MAX && !from.contains(char::is_control)),
            consent: self.consent,
            device: headers
                .get(USER_AGENT)
                .and_then(|value| value.to_str().ok())
                .map_or(Device::Unknown, Device::of_user_agent),
            country: country_header.and_then(|name| headers.get(name)?.to_str().ok()?.trim().parse().ok()),
            visitor: self.visitor.map(VisitorId),
            visit: self.visit.map(VisitId),
        })
    }
}

fn is_web_address(text: &str) -> bool {
    let web = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    web && !text.contains(char::is_control)
}

/// A visitor opened a page.
///
/// Answers 201 when this began a visit and 200 when it continued one, or was
/// only counted because the visitor did not consent. When a number on the page
/// stays as it is, the header `Whence-Reason` says why.
#[utoipa::path(
    post, path = "/api/v1/visits", tag = "snippet", operation_id = "open_page",
    request_body(content = NewVisit, content_type = "application/json"),
    responses(
        (status = 201, description = "A visit began", body = VisitReply),
        (status = 200, description = "The visit goes on, or was only counted", body = VisitReply),
        BeaconProblems, ServerProblems,
    )
)]
pub async fn create(
    State(app): State<AppState>,
    headers: HeaderMap,
    Json(new): Json<NewVisit>,
) -> Result<Response, HttpError> {
    let opened = new.check(&headers, app.config.country_header.as_ref())?;
    check_origin(&app, &opened.site, &headers).await?;

    let shown = visit_arrives(&app.store, &app.clock, opened).await?;

    let mut response = reply(&app, &shown);
    if let Some(visit) = shown.visit.filter(|_| !shown.continues) {
        *response.status_mut() = StatusCode::CREATED;
        if let Ok(address) = HeaderValue::from_str(&format!("/api/v1/visits/{visit}")) {
            response.headers_mut().insert(LOCATION, address);
        }
    }
    Ok(response)
}

/// A page of the visit is still open.
///
/// Keeps the visit and its number alive; the snippet sends it every minute
/// while the page is visible. After half an hour without it, the visit is over
/// and this answers 404.
#[utoipa::path(
    post, path = "/api/v1/visits/{id}/alive", tag = "snippet", operation_id = "keep_visit_alive",
    params(("id" = Uuid, Path, description = "The visit")),
    responses(
        (status = 200, description = "The visit goes on", body = VisitReply),
        OriginProblem, OneProblems, ServerProblems,
    )
)]
pub async fn alive(
    State(app): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<VisitId>,
) -> Result<Response, HttpError> {
    let visit = app.store.find_visit(id).await?.ok_or(HttpError::NotFound("visit"))?;
    check_origin(&app, &visit.site, &headers).await?;

    let shown = visit_stays(&app.store, &app.clock, id).await?;

    Ok(reply(&app, &shown))
}

/// A number on the page was tapped.
#[derive(Deserialize, ToSchema)]
pub struct Tap {
    /// The number as the link has it.
    #[schema(example = "+33199001234")]
    number: String,
    /// How long ago, for a report that had to wait; ten minutes count at most.
    #[serde(default)]
    ago_ms: u64,
}

/// What was understood.
#[derive(Serialize, ToSchema)]
pub struct TapReply {
    #[schema(value_type = String, example = "+33199001234")]
    number: Phone,
}

/// A visitor tapped the number they were shown.
///
/// The strongest evidence there is for the call that follows. A tap that is
/// told after its call adds a version to the call's attribution.
#[utoipa::path(
    post, path = "/api/v1/visits/{id}/taps", tag = "snippet", operation_id = "tap_number",
    params(("id" = Uuid, Path, description = "The visit")),
    request_body(content = Tap, content_type = "application/json"),
    responses(
        (status = 200, description = "It is written down", body = TapReply),
        OriginProblem, BodyProblems, OneProblems, ServerProblems,
    )
)]
pub async fn tapped(
    State(app): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<VisitId>,
    Json(tap): Json<Tap>,
) -> Result<axum::Json<TapReply>, HttpError> {
    let number = Phone::parse(&tap.number, Some(app.config.home))
        .map_err(|bad| HttpError::Invalid(vec![BadField::new("number", bad.to_string())]))?;
    let visit = app.store.find_visit(id).await?.ok_or(HttpError::NotFound("visit"))?;
    check_origin(&app, &visit.site, &headers).await?;

    let ago = Duration::from_millis(tap.ago_ms);
    number_tapped(&app.store, &app.clock, id, number.clone(), ago).await?;

    Ok(axum::Json(TapReply { number }))
}

async fn check_origin(app: &AppState, site: &SiteId, headers: &HeaderMap) -> Result<(), HttpError> {
    let site = app.store.find_site(site).await?.ok_or(HttpError::NotFound("site"))?;
    let origin = headers.get(ORIGIN).and_then(|value| value.to_str().ok());
    let own = origin.is_some_and(|origin| site.origins.iter().any(|known| known == origin));
    if own { Ok(()) } else { Err(HttpError::ForeignOrigin) }
}

fn reply(app: &AppState, shown: &Shown) -> Response {
    shown.swaps.iter().for_each(|swap| app.watch.number_shown(swap.rule));
    let swaps = shown.swaps.iter().map(|swap| NumberSwap {
        target: swap.target.clone(),
        number: swap.number.clone(),
        rule: swap.rule,
    });
    let body = VisitReply {
        visit: shown.visit,
        visitor: shown.visitor,
        keep_alive_ms: u64::try_from(shown.keep_alive.as_millis()).unwrap_or(u64::MAX),
        swaps: swaps.collect(),
        channel: shown.source.channel,
    };
    let mut response = axum::Json(body).into_response();
    if let Some(reason) = why_unchanged(shown) {
        response.headers_mut().insert(&REASON, HeaderValue::from_static(reason));
    }
    response
}

/// What a web developer reads who wonders why the number did not change.
fn why_unchanged(shown: &Shown) -> Option<&'static str> {
    if shown.swaps.is_empty() {
        Some("this site has no pool and no static number that stands in for one of its numbers")
    } else if shown.swaps.iter().all(|swap| swap.number.is_some()) {
        None
    } else if shown.visit.is_none() {
        Some("no consent, and no static number stands in for this channel")
    } else {
        Some("every number of the pool is lent or resting, and no static number stands in for this channel")
    }
}

/// Lets the pages of our sites read the answers, refusals included.
///
/// A layer rather than a library's: which origins may ask stands in the
/// database and can change while we run.
pub async fn cors(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(ORIGIN).cloned() else { return next.run(request).await };
    let preflight = request.method() == Method::OPTIONS;
    let mut response =
        if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    // A success tells that the handler has found the origin in its site's list.
    let own = (!preflight && response.status().is_success()) || is_any_sites(&app, &origin).await;
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if own {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("whence-reason"));
        if preflight {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
        }
    }
    response
}

async fn is_any_sites(app: &AppState, origin: &HeaderValue) -> bool {
    // Without a database nothing is allowed; the error itself is told by the handler.
    let sites = app.store.list_sites().await.unwrap_or_default();
    sites.iter().flat_map(|site| &site.origins).any(|known| known.as_bytes() == origin.as_bytes())
}
