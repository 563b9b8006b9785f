//! What the snippet reports: a page was opened, a page is still open.
//!
//! No key protects these two addresses, since it would stand in the page for
//! everyone to read. What protects them is the `Origin` that browsers send and
//! pages cannot forge: it must be one the site lists. Other programs can forge
//! it, and gain what any visitor gets: a number.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::{LOCATION, ORIGIN, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::{IntoResponses, ToSchema};
use uuid::Uuid;

use super::answer::{VisitReply, reply};
use super::gate;
use crate::domain::ids::{SiteId, VisitId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::tracking::device::Device;
use crate::domain::tracking::guard::Signs;
use crate::domain::tracking::site::Site;
use crate::domain::tracking::visit::Visit;
use crate::flows::{Opened, number_tapped, visit_arrives, visit_stays};
use crate::http::AppState;
use crate::http::api::{BodyProblems, OneProblems, ServerProblems};
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ClientAddress, Json, Path};

/// Longer than any address that an ad platform builds.
const URL_MAX: usize = 4096;
/// As much of a title as a timeline can show.
const TITLE_MAX: usize = 300;

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
    /// Whether the page can be seen, `document.visibilityState`; without it, it can.
    #[serde(default = "yes")]
    visible: bool,
    /// Whether a program drives the browser, `navigator.webdriver`.
    #[serde(default)]
    automated: bool,
    /// Whether somebody has touched the page.
    #[serde(default)]
    interacted: bool,
}

const fn yes() -> bool {
    true
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
            refused: None,
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
    ClientAddress(socket): ClientAddress,
    headers: HeaderMap,
    Json(new): Json<NewVisit>,
) -> Result<Response, HttpError> {
    let signs = Signs {
        is_visible: new.visible,
        is_automated: new.automated,
        has_interaction: new.interacted,
        ..gate::signs(&headers)
    };
    let mut opened = new.check(&headers, app.config.country_header.as_ref())?;
    let site = check_origin(&app, &opened.site, &headers).await?;
    let from = gate::block(&headers, socket, app.config.address_header.as_ref());
    let ticket = app.gate.admit(&site, signs, from, app.clock.now());
    opened.refused = ticket.refused;

    let shown = visit_arrives(&app.store, &app.clock, opened).await;
    app.gate.settle(&ticket, shown.as_ref().ok());
    let shown = shown?;

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
    ClientAddress(socket): ClientAddress,
    headers: HeaderMap,
    Path(id): Path<VisitId>,
) -> Result<Response, HttpError> {
    let visit = app.store.find_visit(id).await?.ok_or(HttpError::NotFound("visit"))?;
    let site = check_origin(&app, &visit.site, &headers).await?;
    let from = gate::block(&headers, socket, app.config.address_header.as_ref());
    // Whether it was a robot was asked when the visit began.
    let signs = Signs { has_interaction: true, ..gate::signs(&headers) };
    let ticket = app.gate.admit(&site, signs, from, app.clock.now());

    let shown = visit_stays(&app.store, &app.clock, id, ticket.refused).await;
    app.gate.settle(&ticket, shown.as_ref().ok());

    Ok(reply(&app, &shown?))
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
    visit_of(&app, id, &headers).await?;

    let ago = Duration::from_millis(tap.ago_ms);
    number_tapped(&app.store, &app.clock, id, number.clone(), ago).await?;

    Ok(axum::Json(TapReply { number }))
}

/// The visit, for a page of its site.
pub(super) async fn visit_of(app: &AppState, id: VisitId, headers: &HeaderMap) -> Result<Visit, HttpError> {
    let visit = app.store.find_visit(id).await?.ok_or(HttpError::NotFound("visit"))?;
    check_origin(app, &visit.site, headers).await?;
    Ok(visit)
}

async fn check_origin(app: &AppState, site: &SiteId, headers: &HeaderMap) -> Result<Site, HttpError> {
    let site = app.store.find_site(site).await?.ok_or(HttpError::NotFound("site"))?;
    let origin = headers.get(ORIGIN).and_then(|value| value.to_str().ok());
    let own = origin.is_some_and(|origin| site.origins.iter().any(|known| known == origin));
    if own { Ok(site) } else { Err(HttpError::ForeignOrigin) }
}
