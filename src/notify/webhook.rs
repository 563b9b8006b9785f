//! Hands what happened over to a webhook: CloudEvents 1.0 in JSON, signed as Standard Webhooks has it.
//!
//! An admin names the address, so it must lead to the internet and be spoken to encrypted, unless the plan says
//! that it is `private`. Redirects are not followed, and nothing is read of an answer but its status, and `Retry-After`
//! where that means something.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

use super::signature::sign;
use crate::domain::internet::is_public;
use crate::domain::time::Timestamp;
use crate::domain::webhook::Webhook;
use crate::domain::webhook::retry_after::RetryAfter;
use crate::domain::webhook::secret::Secret;
use crate::public_names::{NotPublic, PublicNames};

/// As Standard Webhooks advises: 15 to 30 seconds.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// Connections to one host that wait for the next message.
const IDLE_MAX: usize = 2;

/// One event, as CloudEvents 1.0 has it in its structured mode.
#[derive(Clone, Debug, Serialize)]
pub struct Message<'m> {
    pub specversion: &'static str,
    pub id: String,
    /// Who tells it: the address of this gateway.
    pub source: &'m str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub subject: &'m str,
    pub time: Timestamp,
    pub datacontenttype: &'static str,
    pub data: &'m Value,
}

/// Why a message was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// It answered that it is gone for good.
    #[error("it is gone")]
    Gone,
    #[error("it answers {0}")]
    Status(u16),
    /// It says with that when to come again.
    #[error("it answers {0}, and asks to be left alone for a while")]
    Busy(u16, RetryAfter),
    #[error("its address leads into a network that is not the internet")]
    Private,
    #[error("it is not reached")]
    Unreached,
    #[error("it takes too long")]
    Slow,
}

impl Refused {
    /// What it answered, if it did.
    pub fn status(self) -> Option<u16> {
        match self {
            Refused::Gone => Some(StatusCode::GONE.as_u16()),
            Refused::Status(status) | Refused::Busy(status, _) => Some(status),
            Refused::Private | Refused::Unreached | Refused::Slow => None,
        }
    }

    /// When it wants to be tried again, if it says so.
    pub fn retry_after(self) -> Option<RetryAfter> {
        if let Refused::Busy(_, retry_after) = self { Some(retry_after) } else { None }
    }

    /// In a word, as the API tells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Refused::Gone => "gone",
            Refused::Status(_) | Refused::Busy(..) => "status",
            Refused::Private => "private",
            Refused::Unreached => "unreached",
            Refused::Slow => "slow",
        }
    }
}

type Https<R> = Client<HttpsConnector<HttpConnector<R>>, Full<Bytes>>;

/// Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    public: Https<PublicNames>,
    private: Https<GaiResolver>,
    patience: Duration,
}

impl Sender {
    /// `patience`: for the whole of a try.
    pub fn new(patience: Duration) -> Self {
        let client = || Client::builder(TokioExecutor::new()).pool_max_idle_per_host(IDLE_MAX).clone();
        let public = HttpsConnectorBuilder::new().with_tls_config(tls()).https_only().enable_http1();
        let private = HttpsConnectorBuilder::new().with_tls_config(tls()).https_or_http().enable_http1();
        Self {
            public: client().build(public.wrap_connector(connector(PublicNames, patience))),
            private: client().build(private.wrap_connector(connector(GaiResolver::new(), patience))),
            patience,
        }
    }

    /// Hands a message over; once this is done the receiver answers for it. `secrets` are at least one.
    pub async fn send(
        &self,
        to: &Webhook,
        secrets: &[Secret],
        message: &Message<'_>,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if !to.private && !leads_out(&to.url) {
            return Err(Refused::Private);
        }
        let body = serde_json::to_string(message).expect("names and values of JSON are JSON");
        let at_s = now.as_ms() / 1_000;
        let request = Request::post(&to.url)
            .header(CONTENT_TYPE, "application/cloudevents+json; charset=utf-8")
            .header(USER_AGENT, concat!("whence/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", at_s)
            .header("webhook-signature", sign(secrets, &message.id, at_s, &body))
            .body(Full::from(body))
            .map_err(|_| Refused::Unreached)?;
        let answer = async {
            if to.private { self.private.request(request).await } else { self.public.request(request).await }
        };
        let response = match timeout(self.patience, answer).await {
            Ok(Ok(response)) => response,
            Ok(Err(failure)) => return Err(unreached(&failure)),
            Err(_) => return Err(Refused::Slow),
        };
        match response.status() {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(Refused::Gone),
            status => Err(refused(status, response.headers())),
        }
    }
}

/// Only of too many requests and of one that is not there for now `Retry-After` says when to come again.
fn refused(status: StatusCode, headers: &HeaderMap) -> Refused {
    let asks = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
    let said = headers.get(RETRY_AFTER).filter(|_| asks).and_then(|value| value.to_str().ok());
    match said.and_then(RetryAfter::read) {
        Some(retry_after) => Refused::Busy(status.as_u16(), retry_after),
        None => Refused::Status(status.as_u16()),
    }
}

/// A name is looked up when it is connected to; an address is none.
fn leads_out(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(_)) => true,
        Some(Host::Ipv4(v4)) => is_public(IpAddr::V4(v4)),
        Some(Host::Ipv6(v6)) => is_public(IpAddr::V6(v6)),
        None => false,
    }
}

fn connector<R>(names: R, patience: Duration) -> HttpConnector<R> {
    let mut http = HttpConnector::new_with_resolver(names);
    http.enforce_http(false);
    http.set_connect_timeout(Some(patience));
    http
}

fn tls() -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider knows TLS 1.2 and 1.3")
        .with_root_certificates(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
        .with_no_client_auth()
}

fn unreached(failure: &(dyn Error + 'static)) -> Refused {
    let mut cause = Some(failure);
    while let Some(failure) = cause {
        let inner = failure.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if inner.is_some_and(|inner| inner.is::<NotPublic>()) {
            return Refused::Private;
        }
        cause = failure.source();
    }
    Refused::Unreached
}
