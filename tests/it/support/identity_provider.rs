//! A company's identity provider, as OpenID Connect has it: it tells of itself, takes a code with its verifier, and
//! signs whatever a test has it say.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use url::form_urlencoded;

pub const CLIENT: &str = "whence";
pub const SECRET: &str = "s:cret";

#[derive(Clone)]
pub struct IdentityProvider {
    pub address: SocketAddr,
    said: Arc<Mutex<Said>>,
}

struct Said {
    /// What the next token says.
    claims: Value,
    /// What the browser was sent with.
    challenge: String,
    key: (String, EcdsaKeyPair),
    /// Signs, and is told to nobody.
    forger: Option<EcdsaKeyPair>,
}

fn key() -> EcdsaKeyPair {
    let chance = SystemRandom::new();
    let pkcs8 =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &chance).expect("a key is made");
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &chance).expect("it is a key")
}

impl IdentityProvider {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let said = Said {
            claims: json!({}),
            challenge: String::new(),
            key: ("first".to_owned(), key()),
            forger: None,
        };
        let provider = Self { address, said: Arc::new(Mutex::new(said)) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(tell))
            .route("/keys", get(tell_keys))
            .route("/token", post(give))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    /// The same at an address where nobody listens.
    pub fn moved_away(self) -> Self {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        Self { address: closed.local_addr().expect("it is bound"), ..self }
    }

    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Said) -> T) -> T {
        change(&mut self.said.lock().expect("no test panics in here"))
    }

    /// A browser was sent here with this; the next token says these claims.
    pub fn will_say(&self, challenge: &str, claims: Value) {
        self.with(|said| {
            said.challenge = challenge.to_owned();
            said.claims = claims;
        });
    }

    /// From now on it signs with another key.
    pub fn changes_its_key(&self) {
        self.with(|said| said.key = ("second".to_owned(), key()));
    }

    /// The next tokens are signed by somebody else, who says that it is this one.
    pub fn is_forged(&self) {
        self.with(|said| said.forger = Some(key()));
    }
}

async fn tell(State(provider): State<IdentityProvider>) -> Json<Value> {
    let issuer = provider.issuer();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    }))
}

async fn tell_keys(State(provider): State<IdentityProvider>) -> Json<Value> {
    provider.with(|said| {
        let (id, key) = &said.key;
        // An uncompressed point: 4, x, y.
        let point = key.public_key().as_ref();
        let (x, y) =
            (BASE64_URL_SAFE_NO_PAD.encode(&point[1..33]), BASE64_URL_SAFE_NO_PAD.encode(&point[33..]));
        let own =
            json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id, "x": x, "y": y});
        Json(json!({"keys": [{"kty": "of tomorrow", "kid": "x"}, own]}))
    })
}

async fn give(
    State(provider): State<IdentityProvider>,
    headers: HeaderMap,
    body: String,
) -> Result<Json<Value>, impl IntoResponse> {
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(body.as_bytes());
        fields.find(|(its, _)| its == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let login = format!("Basic {}", BASE64_STANDARD.encode("whence:s%3Acret"));
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
    provider.with(|said| {
        let is_right = headers.get(header::AUTHORIZATION).is_some_and(|it| it == login.as_str())
            && field("grant_type") == "authorization_code"
            && field("code") == "good"
            && field("redirect_uri") == "http://127.0.0.1:8080/console/sign-in/company/callback"
            && challenge == said.challenge;
        if !is_right {
            return Err((StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))));
        }
        let (id, own) = &said.key;
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": "ES256", "kid": id})), part(&said.claims));
        let key = said.forger.as_ref().unwrap_or(own);
        let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).expect("it signs");
        let token = format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
        Ok(Json(json!({"access_token": "x", "token_type": "Bearer", "id_token": token})))
    })
}
