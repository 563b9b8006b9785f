//! Fetches a certificate over HTTPS: from the servers of a list and from no
//! other, since a peer chooses the address.
//!
//! A name of the list must lead to a public address, or a peer's DNS could
//! point it into our own network. Who has a server in there writes its address
//! into the list. Redirects are not followed: they would leave the list.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, Request, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::certificate::{BadPem, add_all};
use crate::public_names::PublicNames;

/// A chain has two or three kilobytes.
const BODY_MAX: usize = 64 * 1024;
/// After this the server counts as away, whoever still waits.
const WHOLE_PATIENCE: Duration = Duration::from_secs(5);
/// How long a certificate is kept: as the server says, within these.
const LIFE_MIN: Duration = Duration::from_secs(60);
const LIFE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
const LIFE_UNTOLD: Duration = Duration::from_secs(60 * 60);
/// RFC 8226 §7 and what servers say instead; a page for people is none of them.
const KINDS: &[&str] = &[
    "application/pem-certificate-chain",
    "application/x-pem-file",
    "application/pkix-cert",
    "application/x-x509-ca-cert",
    "application/octet-stream",
    "binary/octet-stream",
    "text/plain",
];

/// A server of the list: `certificates.example.org`, or with a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    host: url::Host,
    port: u16,
}

/// The text names no server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a host, or a host and a port")]
pub struct BadHost;

impl FromStr for Host {
    type Err = BadHost;

    fn from_str(text: &str) -> Result<Self, BadHost> {
        let url = Url::parse(&format!("https://{text}/")).map_err(|_| BadHost)?;
        let is_all = url.path() == "/" && url.username().is_empty() && url.query().is_none();
        let host =
            url.host().map(|host| host.to_owned()).filter(|_| is_all && !text.contains(['/', '@', '?', '#']));
        Ok(Self { host: host.ok_or(BadHost)?, port: url.port_or_known_default().ok_or(BadHost)? })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            443 => self.host.fmt(f),
            port => write!(f, "{}:{port}", self.host),
        }
    }
}

pub(super) struct Fetched {
    pub body: Bytes,
    pub life: Duration,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the server is not reached: {0}")]
    Connection(#[source] hyper_util::client::legacy::Error),
    #[error("the server answers {0}")]
    Status(StatusCode),
    #[error("what the server sends is no certificate by its type")]
    Kind,
    #[error("the answer breaks off or is too long")]
    Body,
    #[error("the server is too slow")]
    Slow,
}

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Fetcher {
    hosts: Arc<[Host]>,
    client: Client<HttpsConnector<HttpConnector<PublicNames>>, Empty<Bytes>>,
}

impl Fetcher {
    /// `anchors` vouch for servers besides the public authorities.
    pub fn new(hosts: Vec<Host>, anchors: &[Vec<u8>]) -> Result<Self, BadPem> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        add_all(&mut roots, anchors)?;
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider knows TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut http = HttpConnector::new_with_resolver(PublicNames);
        http.enforce_http(false);
        http.set_connect_timeout(Some(WHOLE_PATIENCE));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_only()
            .enable_http1()
            .wrap_connector(http);
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1).build(https);
        Ok(Self { hosts: hosts.into(), client })
    }

    /// Whether the list has this server.
    pub fn allows(&self, url: &Url) -> bool {
        let is_plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return false };
        is_plain && self.hosts.iter().any(|known| known.host == host.to_owned() && known.port == port)
    }

    pub async fn fetch(&self, url: &Url) -> Result<Fetched, FetchError> {
        timeout(WHOLE_PATIENCE, self.get(url)).await.unwrap_or(Err(FetchError::Slow))
    }

    async fn get(&self, url: &Url) -> Result<Fetched, FetchError> {
        let request = Request::get(url.as_str())
            .header(ACCEPT, "application/pem-certificate-chain, application/pkix-cert, */*;q=0.1")
            .body(Empty::new())
            .expect("an address that was read is one of a request");
        let response = self.client.request(request).await.map_err(FetchError::Connection)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let kind = text(response.headers(), CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
        if !KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Err(FetchError::Kind);
        }
        let life = life(text(response.headers(), CACHE_CONTROL));
        let body =
            Limited::new(response.into_body(), BODY_MAX).collect().await.map_err(|_| FetchError::Body)?;
        Ok(Fetched { body: body.to_bytes(), life })
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// RFC 9111 §5.2.2, as far as it is about us.
fn life(cache_control: &str) -> Duration {
    let mut words = cache_control.split(',').map(|word| word.trim().to_ascii_lowercase());
    if words.clone().any(|word| word == "no-store" || word == "no-cache") {
        return LIFE_MIN;
    }
    let told = words.find_map(|word| word.strip_prefix("max-age=")?.parse().ok());
    told.map_or(LIFE_UNTOLD, Duration::from_secs).clamp(LIFE_MIN, LIFE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_asked_when_the_list_has_it() {
        let hosts = ["certs.example.org", "Other.example:8443", "127.0.0.1:9"];
        let hosts = hosts.iter().map(|host| host.parse().unwrap()).collect();
        let fetcher = Fetcher::new(hosts, &[]).unwrap();

        for (url, allowed) in [
            ("https://certs.example.org/a.pem", true),
            ("https://certs.example.org:443/a.pem", true),
            ("https://CERTS.example.org/a.pem", true),
            ("https://other.example:8443/a.pem", true),
            ("https://127.0.0.1:9/a.pem", true),
            ("https://certs.example.org:8443/a.pem", false),
            ("https://other.example/a.pem", false),
            ("http://certs.example.org/a.pem", false),
            ("https://user@certs.example.org/a.pem", false),
            ("https://x.certs.example.org/a.pem", false),
            ("https://certs.example.org.evil.example/a.pem", false),
            ("https://localhost/a.pem", false),
        ] {
            assert_eq!(fetcher.allows(&Url::parse(url).unwrap()), allowed, "{url}");
        }
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for text in ["certs.example.org", "certs.example.org:8443", "127.0.0.1:9", "[2001:db8::1]:8443"] {
            assert_eq!(text.parse::<Host>().unwrap().to_string(), text);
        }
        for text in
            ["", "https://a.example", "a.example/path", "u@a.example", "a b", "a.example:x", "a.example?q"]
        {
            assert_eq!(text.parse::<Host>(), Err(BadHost), "{text}");
        }
    }

    #[test]
    fn a_certificate_lives_as_long_as_its_server_says_within_bounds() {
        for (said, seconds) in [
            ("max-age=600", 600),
            ("public, Max-Age=7200", 7_200),
            ("max-age=1", 60),
            ("max-age=31536000", 86_400),
            ("no-store, max-age=600", 60),
            ("max-age=x", 3_600),
            ("", 3_600),
        ] {
            assert_eq!(life(said), Duration::from_secs(seconds), "{said}");
        }
    }
}
