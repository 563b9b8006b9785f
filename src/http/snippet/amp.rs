//! `amp-call-tracking`: the number that a page in AMP shows, which runs no
//! script of ours.
//!
//! The component asks one address with what AMP puts into it, and shows what
//! comes back. It sends no sign of life and keeps nothing: with consent the
//! client id that AMP keeps stands for the visitor, without it nobody does.
//! <https://amp.dev/documentation/components/amp-call-tracking>

use axum::extract::State;
use axum::http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};
use url::{Url, quirks};
use utoipa::{IntoParams, ToSchema};

use super::answer::{REASON, UNTRACKED, why_unchanged};
use super::asker::Asker;
use super::beacon::{BeaconProblems, NewVisit, open};
use super::gate;
use crate::domain::ids::{SiteId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::tracking::guard::Signs;
use crate::domain::tracking::site::Site;
use crate::flows::Shown;
use crate::http::AppState;
use crate::http::api::ServerProblems;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{ClientAddress, FromQuery, Path, Query, QueryReader};
use crate::store::{VisitFilter, Window};

/// Where pages in AMP are served from besides their own sites
/// (<https://cdn.ampproject.org/caches.json>).
const CACHES: [&str; 2] = ["cdn.ampproject.org", "bing-amp.com"];
/// A label of a host name has no more.
const LABEL_MAX: usize = 63;
/// Longer than any client id that AMP makes.
const CLIENT_MAX: usize = 256;

static SAME_ORIGIN: HeaderName = HeaderName::from_static("amp-same-origin");
static ALLOW_SOURCE: HeaderName = HeaderName::from_static("amp-access-control-allow-source-origin");

/// What AMP puts into the address.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what AmpQuery reads")]
pub struct AmpParams {
    /// The page's address: `SOURCE_URL`.
    #[param(required, example = "https://example.org/amp/?utm_source=google&utm_medium=cpc")]
    page: Option<String>,
    /// `TITLE`
    title: Option<String>,
    /// `DOCUMENT_REFERRER`
    referrer: Option<String>,
    /// `CONSENT_STATE`; only `sufficient` is consent.
    #[param(example = "sufficient")]
    consent: Option<String>,
    /// `CLIENT_ID(whence)`; it counts with consent alone.
    client: Option<String>,
    /// The number written in the link, E.164; needed when the site has several.
    target: Option<String>,
    /// Added by older runtimes; one of the site's origins.
    #[param(rename = "__amp_source_origin")]
    source_origin: Option<String>,
}

pub struct AmpQuery {
    page: Option<String>,
    title: Option<String>,
    referrer: Option<String>,
    consent: Option<Consent>,
    client: Option<String>,
    target: Option<Phone>,
    source_origin: Option<String>,
}

impl FromQuery for AmpQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            page: query.text("page"),
            title: query.text("title"),
            referrer: query.text("referrer"),
            consent: query.value("consent"),
            client: query.text("client"),
            target: query.phone("target"),
            source_origin: query.text("__amp_source_origin"),
        }
    }
}

/// What `CONSENT_STATE` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Consent {
    Given,
    /// Refused, not asked yet, or not asked for at all.
    Not,
}

#[derive(Debug, thiserror::Error)]
#[error("must be sufficient, insufficient, not_required or unknown")]
struct BadConsent;

impl std::str::FromStr for Consent {
    type Err = BadConsent;

    fn from_str(text: &str) -> Result<Self, BadConsent> {
        match text {
            "sufficient" => Ok(Consent::Given),
            "insufficient" | "not_required" | "unknown" => Ok(Consent::Not),
            _ => Err(BadConsent),
        }
    }
}

/// What the component reads.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AmpReply {
    /// The number to call, E.164.
    #[schema(value_type = String, example = "+33199001234")]
    phone_number: Phone,
    /// The number to show, as its country writes it.
    #[schema(example = "01 99 00 12 34")]
    formatted_phone_number: String,
}

/// The number that a link in an AMP page shows.
///
/// Made for `config` of `amp-call-tracking`. Without consent it is the number
/// that stands for the visit's channel, else the one written on the page; then
/// the header `Whence-Reason` says why.
#[utoipa::path(
    get, path = "/api/v1/sites/{id}/amp-call-tracking", tag = "snippet", operation_id = "amp_call_tracking",
    params(("id" = String, Path, description = "The site's name in the plan"), AmpParams),
    responses(
        (status = 200, description = "The number", body = AmpReply),
        BeaconProblems, ServerProblems,
    )
)]
pub async fn number(
    State(app): State<AppState>,
    ClientAddress(socket): ClientAddress,
    headers: HeaderMap,
    Path(site): Path<SiteId>,
    Query(asked): Query<AmpQuery>,
) -> Result<Response, HttpError> {
    let offer = app.store.find_offer(&site, app.clock.now()).await?.ok_or(HttpError::NotFound("site"))?;
    let site = &offer.site;
    check_origin(site, &headers, asked.source_origin.as_deref())?;
    let visitor = Asker::Page.visitor(&headers, socket, app.config.address_header.as_ref())?;
    let signs = Signs { user_agent: visitor.user_agent, ..gate::signs(&headers) };
    let (target, source_origin) = (asked.target.clone(), asked.source_origin.clone());
    let page = asked.page(&app, site).await?.check(&visitor, &headers, &app.config)?;

    let shown = open(&app, site, signs, &visitor, page).await?;

    let (number, reason) = chosen(&shown, target)?;
    let reply = AmpReply { formatted_phone_number: number.national(), phone_number: number };
    let mut response = axum::Json(reply).into_response();
    if let Some(reason) = reason {
        response.headers_mut().insert(&REASON, HeaderValue::from_static(reason));
    }
    if let Some(origin) = source_origin.and_then(|origin| HeaderValue::from_str(&origin).ok()) {
        response.headers_mut().insert(&ALLOW_SOURCE, origin);
        let exposed = HeaderValue::from_static("amp-access-control-allow-source-origin");
        response.headers_mut().append(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    Ok(response)
}

impl AmpQuery {
    /// The page as the snippet would report it.
    async fn page(self, app: &AppState, site: &Site) -> Result<NewVisit, HttpError> {
        let consent = self.consent == Some(Consent::Given);
        if self.client.as_ref().is_some_and(|client| client.len() > CLIENT_MAX) {
            let detail = format!("longer than {CLIENT_MAX} bytes");
            return Err(HttpError::Invalid(vec![BadField::new("client", detail)]));
        }
        let visitor = self.client.filter(|_| consent).map(|client| visitor_of(&site.id, &client));
        let visit = match visitor {
            Some(visitor) => {
                let filter = VisitFilter {
                    site: Some(site.id.clone()),
                    visitor: Some(visitor),
                    ..VisitFilter::default()
                };
                app.store.list_visits(&filter, &Window::first(1)).await?.items.pop()
            }
            None => None,
        };
        Ok(NewVisit {
            site: site.id.to_string(),
            page: self.page.unwrap_or_default(),
            title: self.title,
            referrer: self.referrer,
            consent,
            visitor: visitor.map(|visitor| visitor.0),
            // Whether it still goes on is asked when the page is opened.
            visit: visit.map(|visit| visit.id.0),
            visible: true,
            automated: false,
            interacted: false,
        })
    }
}

/// AMP's client id as an id of ours: the same for the same browser, and of no
/// use to find the client id again.
fn visitor_of(site: &SiteId, client: &str) -> VisitorId {
    let hash: [u8; 32] = Sha256::digest(format!("amp:{site}:{client}")).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    VisitorId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// What the link shows, and why it is the number that stood there.
fn chosen(shown: &Shown, target: Option<Phone>) -> Result<(Phone, Option<&'static str>), HttpError> {
    let swap = match (&target, shown.swaps.as_slice()) {
        (None, [only]) => Some(only),
        (None, _) => {
            let detail = "say which number stands in the link, E.164";
            return Err(HttpError::Invalid(vec![BadField::new("target", detail)]));
        }
        (Some(target), swaps) => swaps.iter().find(|swap| swap.target == *target),
    };
    let number = swap.and_then(|swap| swap.number.clone());
    let reason = if number.is_some() { None } else { why_unchanged(shown).or(Some(UNTRACKED)) };
    let written = || swap.map(|swap| swap.target.clone()).or(target);
    number.or_else(written).map(|number| (number, reason)).ok_or(HttpError::Internal)
}

/// The page's own origin, that of a cache it may be served from, or a request
/// from the page's own host, which has no `Origin`.
fn check_origin(site: &Site, headers: &HeaderMap, source: Option<&str>) -> Result<(), HttpError> {
    let is_own = |origin: &str| site.origins.iter().any(|known| known == origin);
    let asks = match headers.get(ORIGIN) {
        Some(origin) => origin.to_str().is_ok_and(|origin| {
            is_own(origin) || site.origins.iter().any(|own| cached(own).iter().any(|it| it == origin))
        }),
        None => headers.get(&SAME_ORIGIN).is_some_and(|value| value == "true"),
    };
    if asks && source.is_none_or(is_own) { Ok(()) } else { Err(HttpError::ForeignOrigin) }
}

/// The origins that a site's pages have in the caches.
fn cached(origin: &str) -> Vec<String> {
    let host = Url::parse(origin).ok().and_then(|url| url.domain().map(str::to_owned));
    let label = host.map(|host| label_of(&host));
    label.iter().flat_map(|label| CACHES.map(|cache| format!("https://{label}.{cache}"))).collect()
}

/// `example.org` as one label, `example-org`; where that cannot be, its hash.
/// <https://amp.dev/documentation/guides-and-tutorials/learn/amp-caches-and-cors/amp-cache-urls/>
fn label_of(domain: &str) -> String {
    let label = quirks::domain_to_unicode(domain).replace('-', "--").replace('.', "-");
    // Else it would look like a name in punycode.
    let is_odd = label.chars().skip(2).take(2).eq("--".chars());
    let label = quirks::domain_to_ascii(&if is_odd { format!("0-{label}-0") } else { label });
    if label.is_empty() || label.len() > LABEL_MAX { base32(&Sha256::digest(domain)) } else { label }
}

/// RFC 4648 §6 in lower case and without padding.
fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let chunks = bytes.chunks(5).map(|chunk| {
        let mut block = [0; 8];
        block[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(block);
        let digits = (chunk.len() * 8).div_ceil(5);
        (0..digits).map(|n| char::from(DIGITS[(bits >> (35 - 5 * n)) as usize & 31])).collect::<String>()
    });
    chunks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_one_label_in_a_cache() {
        for (domain, label) in [
            ("example.org", "example-org"),
            ("shop-one.example.org", "shop--one-example-org"),
            ("en-us.example.com", "0-en--us-example-com-0"),
            ("xn--bcher-kva.example", "xn--bcher-example-wob"),
        ] {
            assert_eq!(label_of(domain), label, "{domain}");
        }
        let long = format!("{}.example.org", "a".repeat(60));
        assert_eq!((label_of(&long).len(), label_of(&long) == label_of("b.example.org")), (52, false));
    }

    /// RFC 4648 §10.
    #[test]
    fn base32_is_that_of_the_rfc() {
        for (text, digits) in
            [("", ""), ("f", "my"), ("fo", "mzxq"), ("fooba", "mzxw6ytb"), ("foobar", "mzxw6ytboi")]
        {
            assert_eq!(base32(text.as_bytes()), digits, "{text}");
        }
    }

    #[test]
    fn a_client_is_one_visitor_of_each_site() {
        let [bakery, butcher]: [SiteId; 2] = ["bakery", "butcher"].map(|site| site.parse().unwrap());

        assert_eq!(visitor_of(&bakery, "amp-1"), visitor_of(&bakery, "amp-1"));
        assert_ne!(visitor_of(&bakery, "amp-1"), visitor_of(&bakery, "amp-2"));
        assert_ne!(visitor_of(&bakery, "amp-1"), visitor_of(&butcher, "amp-1"));
    }
}
