//! Asks a company's identity provider who somebody is: OpenID Connect Core 1.0, by authorization code with PKCE
//! (RFC 7636).
//!
//! ```text
//!   browser ──► way_in ──► provider: who are you? ──► browser, with a code ──► person ──► token ──► e-mail address
//! ```
//!
//! An admin names the provider, so it may stand in a private network. Redirects are not followed. What the provider
//! says of itself is asked once an hour, its keys also when a token has one that is not known.

mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Url, form_urlencoded};

pub use self::token::BadToken;
use self::token::{Expected, address_in};
use crate::domain::time::Timestamp;

const PATIENCE: Duration = Duration::from_secs(10);
const BODY_MAX: usize = 256 * 1024;
const KNOWN_FOR: Duration = Duration::from_secs(60 * 60);
/// A token with an unknown key does not make us ask more often than that.
const KEYS_AFTER: Duration = Duration::from_secs(60);

/// What an admin says of the provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    /// Without a slash at the end, as its tokens name it.
    pub issuer: String,
    pub client_id: String,
    /// Empty: we are a public client.
    pub client_secret: String,
    /// What people call it.
    pub name: String,
    /// Its addresses are good even where it does not say that it has verified them.
    pub trusts_email: bool,
}

impl fmt::Debug for Config {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// What ties an answer to the browser that asked: kept there until it comes back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    pub state: String,
    pub nonce: String,
    /// RFC 7636 §4.1: 43 to 128 letters and digits.
    pub verifier: String,
}

#[derive(Debug, thiserror::Error)]
pub enum Unknown {
    #[error("the identity provider is not reached")]
    Unreached(#[source] hyper_util::client::legacy::Error),
    #[error("the identity provider takes too long")]
    Slow,
    #[error("the identity provider answers {0} at {1}")]
    Status(StatusCode, &'static str),
    #[error("the identity provider's answer at {0} cannot be read")]
    Answer(&'static str),
    #[error("the identity provider calls itself something else than [oidc] issuer")]
    Issuer,
    #[error(transparent)]
    Token(#[from] BadToken),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Provider(Arc<Shared>);

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.config.fmt(f)
    }
}

struct Shared {
    config: Config,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    known: Mutex<Option<Known>>,
}

/// What the provider says of itself.
#[derive(Clone)]
struct Known {
    of: Metadata,
    keys: Vec<Jwk>,
    at: Timestamp,
}

/// OpenID Connect Discovery 1.0 §3.
#[derive(Clone, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Provider {
    pub fn new(config: Config) -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider knows TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1).build(https);
        Self(Arc::new(Shared { config, client, known: Mutex::default() }))
    }

    pub fn name(&self) -> &str {
        &self.0.config.name
    }

    /// Where the browser is sent, to come back at `redirect`.
    pub async fn way_in(&self, attempt: &Attempt, redirect: &Url, now: Timestamp) -> Result<Url, Unknown> {
        let known = self.known(now, KNOWN_FOR).await?;
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&attempt.verifier));
        let mut way = known.of.authorization_endpoint;
        way.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.0.config.client_id)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("scope", "openid email")
            .append_pair("state", &attempt.state)
            .append_pair("nonce", &attempt.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(way)
    }

    /// The e-mail address, in small letters, of whoever came back with this code.
    pub async fn person(
        &self,
        code: &str,
        attempt: &Attempt,
        redirect: &Url,
        now: Timestamp,
    ) -> Result<String, Unknown> {
        let known = self.known(now, KNOWN_FOR).await?;
        let Tokens { id_token } = self.exchange(&known.of, code, attempt, redirect).await?;
        let config = &self.0.config;
        let expected = Expected {
            issuer: &config.issuer,
            client_id: &config.client_id,
            nonce: &attempt.nonce,
            trusts_email: config.trusts_email,
        };
        match address_in(&id_token, &known.keys, &expected, now) {
            // It may have changed its keys since.
            Err(BadToken::Key) => {
                let known = self.known(now, KEYS_AFTER).await?;
                Ok(address_in(&id_token, &known.keys, &expected, now)?)
            }
            read => Ok(read?),
        }
    }

    async fn exchange(
        &self,
        of: &Metadata,
        code: &str,
        attempt: &Attempt,
        redirect: &Url,
    ) -> Result<Tokens, Unknown> {
        let request =
            self.exchanging(of, code, attempt, redirect).ok_or(Unknown::Answer("its token_endpoint"))?;
        self.ask(request, "its token_endpoint").await
    }

    /// A code is given for tokens: RFC 6749 §4.1.3. `None`: there is no such endpoint.
    fn exchanging(
        &self,
        of: &Metadata,
        code: &str,
        attempt: &Attempt,
        redirect: &Url,
    ) -> Option<Request<Full<Bytes>>> {
        let config = &self.0.config;
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let methods = &of.token_endpoint_auth_methods_supported;
        let says = |method: &str| methods.iter().any(|it| it == method);
        let in_form = says("client_secret_post") && !says("client_secret_basic");
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("code_verifier", &attempt.verifier)
            .append_pair("client_id", &config.client_id);
        let mut request = Request::post(of.token_endpoint.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if !config.client_secret.is_empty() && in_form {
            form.append_pair("client_secret", &config.client_secret);
        } else if !config.client_secret.is_empty() {
            // RFC 6749 §2.3.1: both are written as in a form first.
            let login = format!("{}:{}", encoded(&config.client_id), encoded(&config.client_secret));
            request = request.header(AUTHORIZATION, format!("Basic {}", BASE64_STANDARD.encode(login)));
        }
        request.body(Full::from(form.finish())).ok()
    }

    /// What the provider says of itself, not longer ago than this.
    async fn known(&self, now: Timestamp, at_most: Duration) -> Result<Known, Unknown> {
        let mut kept = self.0.known.lock().await;
        if let Some(known) = kept.as_ref().filter(|it| now < it.at + at_most) {
            return Ok(known.clone());
        }
        let issuer = &self.0.config.issuer;
        let of: Metadata = self
            .get(&format!("{issuer}/.well-known/openid-configuration"), "/.well-known/openid-configuration")
            .await?;
        if of.issuer.trim_end_matches('/') != *issuer {
            return Err(Unknown::Issuer);
        }
        let Keys { keys } = self.get(of.jwks_uri.as_str(), "its jwks_uri").await?;
        // Keys of a kind that we do not know sign nothing for us.
        let keys = keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        let known = Known { of, keys, at: now };
        *kept = Some(known.clone());
        Ok(known)
    }

    async fn get<T: DeserializeOwned>(&self, address: &str, place: &'static str) -> Result<T, Unknown> {
        let request = Request::get(address).header(ACCEPT, "application/json").body(Full::default());
        self.ask(request.map_err(|_| Unknown::Answer(place))?, place).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        request: Request<Full<Bytes>>,
        place: &'static str,
    ) -> Result<T, Unknown> {
        let asked = async {
            let answer = self.0.client.request(request).await.map_err(Unknown::Unreached)?;
            if answer.status() != StatusCode::OK {
                return Err(Unknown::Status(answer.status(), place));
            }
            let body = Limited::new(answer.into_body(), BODY_MAX).collect().await;
            let body = body.map_err(|_| Unknown::Answer(place))?.to_bytes();
            serde_json::from_slice(&body).map_err(|_| Unknown::Answer(place))
        };
        timeout(PATIENCE, asked).await.map_err(|_| Unknown::Slow)?
    }
}
