//! What the snippet reports: a page was opened, a page is still open.
//!
//! Who may report is told in [`super::asker`]. Programs that forge an origin
//! gain what any visitor gets: a number.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::{IntoResponses, ToSchema};
use uuid::Uuid;

use super::answer::{VisitReply, count, reply};
use super::asker::{Visitor, VisitorHeaders, let_in, visit_for};
use super::gate;
use crate::domain::ids::{SiteId, VisitId, VisitorId};
use crate::domain::phone::{Country, Phone};
use crate::domain::reporting::region::region_at;
use crate::domain::tracking::device::Device;
use crate::domain::tracking::guard::Signs;
use crate::domain::tracking::site::Site;
use crate::flows::{Opened, Shown, number_tapped, visit_arrives, visit_stays};
use crate::http::api::{BodyProblems, ListProblems, OneProblems, ServerProblems};
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ClientAddress, Json, Path};
use crate::http::{AppState, Config};

/// Longer than any address that an ad platform builds.
const URL_MAX: usize = 4096;
/// As much of a title as a timeline can show.
const TITLE_MAX: usize = 300;

/// A page was opened.
#[derive(Deserialize, ToSchema)]
pub struct NewVisit {
    /// The site's name in the plan.
    #[schema(example = "example-shop")]
    pub(super) site: String,
    /// The page's whole address.
    #[schema(example = "https://example.org/?utm_source=google&utm_medium=cpc")]
    pub(super) page: String,
    /// The page's title.
    pub(super) title: Option<String>,
    /// Where the visitor came from, `document.referrer`.
    pub(super) referrer: Option<String>,
    /// Whether the visitor agreed to be known. Without it no identifier is made or kept.
    pub(super) consent: bool,
    /// The visitor's identifier from an earlier answer.
    pub(super) visitor: Option<Uuid>,
    /// The visit's identifier from an earlier answer, to continue it.
    pub(super) visit: Option<Uuid>,
    /// Whether the page can be seen, `document.visibilityState`; without it, it can.
    #[serde(default = "yes")]
    pub(super) visible: bool,
    /// Whether a program drives the browser, `navigator.webdriver`.
    #[serde(default)]
    pub(super) automated: bool,
    /// Whether somebody has touched the page.
    #[serde(default)]
    pub(super) interacted: bool,
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
    /// The API key is unknown or revoked
    #[response(status = 401, content_type = "application/problem+json")]
    BadKey(#[to_schema] Problem),
    /// The page's origin is not one of the site's, or the API key lacks the scope `visits:write`
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
    /// The API key is unknown or revoked
    #[response(status = 401, content_type = "application/problem+json")]
    BadKey(#[to_schema] Problem),
    /// The page's origin is not one of the site's, or the API key lacks the scope `visits:write`
    #[response(status = 403, content_type = "application/problem+json")]
    ForeignOrigin(#[to_schema] Problem),
}

impl NewVisit {
    /// Checks what no browser would send, and shortens what one might.
    pub(super) fn check(
        self,
        visitor: &Visitor<'_>,
        headers: &HeaderMap,
        config: &Config,
    ) -> Result<Opened, HttpError> {
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
        let told = |header: &Option<HeaderName>| headers.get(header.as_ref()?)?.to_str().ok();
        let country: Option<Country> = told(&config.country_header).and_then(|it| it.trim().parse().ok());
        let region =
            country.zip(told(&config.region_header)).and_then(|(country, it)| region_at(country, it));
        let title = self.title.map(|title| title.replace(char::is_control, " "));
        Ok(Opened {
            site,
            page: self.page,
            title: title.map(|title| title.trim().chars().take(TITLE_MAX).collect()),
            // A referrer is worth no refusal: apps send all sorts of things there.
            referrer: self.referrer.filter(|from| from.len() <= URL_MAX && !from.contains(char::is_control)),
            consent: self.consent,
            device: Device::of_user_agent(visitor.user_agent),
            country,
            region,
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

/// Opens a page of the site for a visitor, as far as the gate lets them have a number.
pub(super) async fn open(
    app: &AppState,
    site: &Site,
    signs: Signs<'_>,
    visitor: &Visitor<'_>,
    mut page: Opened,
) -> Result<Shown, HttpError> {
    let ticket = app.gate.admit(site, signs, visitor.block, app.clock.now());
    page.refused = ticket.refused;
    let shown = visit_arrives(&app.store, &app.clock, page).await;
    app.gate.settle(&ticket, shown.as_ref().ok());
    let shown = shown?;
    count(app, &shown);
    Ok(shown)
}

/// A visitor opened a page.
///
/// Answers 201 when this began a visit and 200 when it continued one, or was
/// only counted because the visitor did not consent. When a number on the page
/// stays as it is, the header `Whence-Reason` says why. A site that renders on
/// its server asks from there, with a key and the headers of the visitor.
#[utoipa::path(
    post, path = "/api/v1/visits", tag = "snippet", operation_id = "open_page",
    params(VisitorHeaders), security((), ("api_key" = ["visits:write"])),
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
    let site: SiteId = new.site.parse().map_err(|_| HttpError::NotFound("site"))?;
    let (offer, asker) = let_in(&app, &site, &headers).await?;
    let visitor = asker.visitor(&headers, socket, app.config.address_header.as_ref())?;
    let signs = Signs {
        is_visible: new.visible,
        is_automated: new.automated,
        has_interaction: new.interacted,
        user_agent: visitor.user_agent,
        ..gate::signs(&headers)
    };
    let page = new.check(&visitor, &headers, &app.config)?;
    let shown = open(&app, &offer.site, signs, &visitor, page).await?;

    let mut response = reply(&shown);
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
    params(("id" = Uuid, Path, description = "The visit"), VisitorHeaders),
    security((), ("api_key" = ["visits:write"])),
    responses(
        (status = 200, description = "The visit goes on", body = VisitReply),
        OriginProblem, ListProblems, OneProblems, ServerProblems,
    )
)]
pub async fn alive(
    State(app): State<AppState>,
    ClientAddress(socket): ClientAddress,
    headers: HeaderMap,
    Path(id): Path<VisitId>,
) -> Result<Response, HttpError> {
    let (visit, offer, asker) = visit_for(&app, id, &headers).await?;
    let visitor = asker.visitor(&headers, socket, app.config.address_header.as_ref())?;
    // Whether it was a robot was asked when the visit began.
    let signs = Signs { has_interaction: true, user_agent: visitor.user_agent, ..gate::signs(&headers) };
    let ticket = app.gate.admit(&offer.site, signs, visitor.block, app.clock.now());

    let shown = visit_stays(&app.store, &app.clock, visit, ticket.refused).await;
    app.gate.settle(&ticket, shown.as_ref().ok());

    let shown = shown?;
    count(&app, &shown);
    Ok(reply(&shown))
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
    params(("id" = Uuid, Path, description = "The visit")), security((), ("api_key" = ["visits:write"])),
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
    visit_for(&app, id, &headers).await?;

    let ago = Duration::from_millis(tap.ago_ms);
    number_tapped(&app.store, &app.clock, id, number.clone(), ago).await?;

    Ok(axum::Json(TapReply { number }))
}
