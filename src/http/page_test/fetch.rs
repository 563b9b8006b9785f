//! Fetches one page of a site: of its own origins alone, as much and as long as a page may take, and nowhere else.

use std::time::Duration;

use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, USER_AGENT};
use axum::http::{HeaderMap, Request};
use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring::default_provider;
use url::Url;

const PATIENCE: Duration = Duration::from_secs(10);
const BYTES_MAX: usize = 2 << 20;
const REDIRECTS_MAX: usize = 5;

/// A page as it came.
pub struct Fetched {
    pub address: Url,
    pub html: String,
    /// What its headers say of the scripts that it may load.
    pub policies: Vec<String>,
}

/// Why there is no page.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FetchError {
    #[error("the address is no page of the site's origins")]
    NotItsPage,
    #[error("the page leads to {0}, which is none of the site's origins")]
    LeadsAway(String),
    #[error("the page leads on and on")]
    LeadsOn,
    #[error("the page is answered with {0}")]
    Status(u16),
    #[error("the page is no HTML")]
    NotHtml,
    #[error("the page is larger than 2 MiB")]
    TooLarge,
    #[error("the page is not reached")]
    Unreached,
    #[error("the page takes longer than 10 seconds")]
    Slow,
}

/// A whole address, or a path of the first of these origins.
pub async fn fetch(origins: &[String], address: &str) -> Result<Fetched, FetchError> {
    let first = origins.first().and_then(|origin| Url::parse(origin).ok()).ok_or(FetchError::NotItsPage)?;
    let address = first.join(address.trim()).map_err(|_| FetchError::NotItsPage)?;
    if !is_of(origins, &address) {
        return Err(FetchError::NotItsPage);
    }
    timeout(PATIENCE, follow(origins, address)).await.map_err(|_| FetchError::Slow)?
}

fn is_of(origins: &[String], address: &Url) -> bool {
    let is_web = matches!(address.scheme(), "http" | "https") && address.username().is_empty();
    is_web && origins.contains(&address.origin().ascii_serialization())
}

async fn follow(origins: &[String], mut address: Url) -> Result<Fetched, FetchError> {
    let https = HttpsConnectorBuilder::new().with_provider_and_webpki_roots(default_provider());
    let https = https.map_err(|_| FetchError::Unreached)?.https_or_http().enable_http1().build();
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(https);
    for _ in 0..=REDIRECTS_MAX {
        let request = Request::get(address.as_str())
            .header(USER_AGENT, concat!("whence/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, "text/html")
            .body(Empty::new())
            .map_err(|_| FetchError::NotItsPage)?;
        let response = client.request(request).await.map_err(|_| FetchError::Unreached)?;
        let (parts, body) = response.into_parts();
        if parts.status.is_redirection() {
            let next = text(&parts.headers, LOCATION.as_str()).and_then(|to| address.join(to).ok());
            let next = next.ok_or(FetchError::Status(parts.status.as_u16()))?;
            if !is_of(origins, &next) {
                return Err(FetchError::LeadsAway(next.origin().ascii_serialization()));
            }
            address = next;
            continue;
        }
        if !parts.status.is_success() {
            return Err(FetchError::Status(parts.status.as_u16()));
        }
        let kind = text(&parts.headers, CONTENT_TYPE.as_str()).unwrap_or_default().to_ascii_lowercase();
        if !kind.starts_with("text/html") && !kind.starts_with("application/xhtml+xml") {
            return Err(FetchError::NotHtml);
        }
        let body = Limited::new(body, BYTES_MAX).collect().await;
        let bytes = body
            .map_err(|failure| match failure.downcast_ref::<http_body_util::LengthLimitError>() {
                Some(_) => FetchError::TooLarge,
                None => FetchError::Unreached,
            })?
            .to_bytes();
        let label = kind.split("charset=").nth(1).map(|label| label.trim_matches(['"', ' ', ';']));
        let encoding = label.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(UTF_8);
        let policies = parts.headers.get_all(CONTENT_SECURITY_POLICY).iter();
        let policies = policies.filter_map(|policy| policy.to_str().ok().map(str::to_owned)).collect();
        return Ok(Fetched { address, html: encoding.decode(&bytes).0.into_owned(), policies });
    }
    Err(FetchError::LeadsOn)
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
