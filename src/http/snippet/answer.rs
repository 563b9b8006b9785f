//! What a page is answered: the numbers to show, and why one stays as it is.

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::ids::{VisitId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::guard::Refusal;
use crate::domain::tracking::swap::{Rule, Swap};
use crate::flows::Shown;
use crate::http::AppState;
use crate::http::error::HttpError;

pub(super) static REASON: HeaderName = HeaderName::from_static("whence-reason");

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
    /// Why it is this one: `lease`, `renewed`, `shared`, `channel_static` or `original`.
    #[schema(value_type = String, example = "lease")]
    rule: Rule,
}

/// What a page shows in place of a number that neither a pool nor a static number stands in for.
pub(super) const UNTRACKED: &str =
    "no pool serves this number, and no static number stands in for this channel";

/// Tells whoever watches the gateway what a page was shown.
pub(super) fn count(app: &AppState, shown: &Shown) {
    shown.swaps.iter().for_each(|swap| app.watch.number_shown(swap.rule));
    // Whoever has a number already was refused none.
    let has_own = |swap: &Swap| matches!(swap.rule, Rule::Lease | Rule::Renewed | Rule::Shared);
    if let Some(refusal) = shown.refused.filter(|_| !shown.swaps.iter().any(has_own)) {
        app.watch.number_refused(refusal);
    }
}

pub(super) fn reply(shown: &Shown) -> Response {
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
pub(super) fn why_unchanged(shown: &Shown) -> Option<&'static str> {
    if shown.swaps.is_empty() {
        Some("this site has no pool and no static number that stands in for one of its numbers")
    } else if shown.swaps.iter().all(|swap| swap.number.is_some()) {
        None
    } else if let Some(refusal) = shown.refused {
        Some(match refusal {
            Refusal::Crawler => "the browser says that it is a robot",
            Refusal::Prefetch => "the page was fetched before anybody asked for it",
            Refusal::Headless => {
                "a browser without a window is lent no number before somebody touches the page"
            }
            Refusal::Hidden => "the page is not visible",
            Refusal::Spam => "the referrer is one that only robots claim",
            Refusal::BlockCap => "too many numbers went to this address block lately",
            Refusal::SiteCap => "too many numbers were lent on this site within a minute",
        })
    } else if shown.visit.is_none() {
        Some("no consent, and no static number stands in for this channel")
    } else if shown.swaps.iter().take(shown.pooled).all(|swap| swap.number.is_some()) {
        Some(UNTRACKED)
    } else {
        Some(
            "every number of the pool is lent or resting, no visit is like this one, and no static number \
             stands in for this channel",
        )
    }
}

/// What they read when the request was not done at all.
fn why_refused(error: &HttpError) -> &'static str {
    match error {
        HttpError::NotFound("site") => "no site of this name is in the plan",
        HttpError::NotFound("visit") => "the visit is unknown here, or over",
        HttpError::NotFound(_) | HttpError::NoRoute | HttpError::Gone(_) | HttpError::Merged(_) => {
            "what the request is about is unknown here"
        }
        HttpError::ForeignOrigin => "the site does not list the origin of this page",
        HttpError::NoKey | HttpError::BadKey => "the API key is missing, unknown or revoked",
        HttpError::MissingScope(_) => "the API key lacks the scope visits:write",
        HttpError::Unavailable | HttpError::NotReady(_) | HttpError::Vault => "the database does not answer",
        HttpError::Busy(_) | HttpError::TooManyTries { .. } => "there is too much to do just now",
        HttpError::Internal => "a fault of the gateway, which its log tells of",
        HttpError::MethodNotAllowed
        | HttpError::TooLarge { .. }
        | HttpError::UnsupportedMediaType(_)
        | HttpError::MalformedJson { .. }
        | HttpError::Invalid(_)
        | HttpError::BadPath(_)
        | HttpError::Conflict(_)
        | HttpError::BeyondEnd { .. }
        | HttpError::CrossSite
        | HttpError::SignedOut
        | HttpError::NotAllowed
        | HttpError::NoSource
        | HttpError::BadSettings(_) => "the request cannot be read or meant so; its answer says more",
    }
}

/// Says of each request that was not done why nothing was swapped.
pub async fn reason(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(why) = response.extensions().get::<HttpError>().map(why_refused) {
        response.headers_mut().insert(&REASON, HeaderValue::from_static(why));
    }
    response
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
        headers.append(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("whence-reason"));
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
