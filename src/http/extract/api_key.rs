//! The key of a program that asks the API, and what it may read or write.
//!
//! A key has 256 bits of chance, so a fast hash is enough, and looking the hash
//! up tells nothing about the key by its timing: every key that is presented
//! is hashed and looked up, whatever it looks like.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use sha2::{Digest, Sha256};

use crate::domain::ids::ApiKeyId;
use crate::http::AppState;
use crate::http::error::HttpError;

/// What a key may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    CallsRead,
    CallsWrite,
    VisitsRead,
    VisitsWrite,
    NumbersRead,
    ContactsRead,
    ContactsWrite,
    PlanRead,
    CallsControl,
    GatewayControl,
    BlocksRead,
    BlocksWrite,
    RecordingsRead,
    RecordingsWrite,
    PromptsRead,
    PromptsWrite,
    ConsentsRead,
    ConsentsWrite,
    SegmentsRead,
    SegmentsWrite,
}

impl Scope {
    pub const ALL: &'static [Scope] = &[
        Scope::CallsRead,
        Scope::CallsWrite,
        Scope::VisitsRead,
        Scope::VisitsWrite,
        Scope::NumbersRead,
        Scope::ContactsRead,
        Scope::ContactsWrite,
        Scope::PlanRead,
        Scope::CallsControl,
        Scope::GatewayControl,
        Scope::BlocksRead,
        Scope::BlocksWrite,
        Scope::RecordingsRead,
        Scope::RecordingsWrite,
        Scope::PromptsRead,
        Scope::PromptsWrite,
        Scope::ConsentsRead,
        Scope::ConsentsWrite,
        Scope::SegmentsRead,
        Scope::SegmentsWrite,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::CallsRead => "calls:read",
            Scope::CallsWrite => "calls:write",
            Scope::VisitsRead => "visits:read",
            Scope::VisitsWrite => "visits:write",
            Scope::NumbersRead => "numbers:read",
            Scope::ContactsRead => "contacts:read",
            Scope::ContactsWrite => "contacts:write",
            Scope::PlanRead => "plan:read",
            Scope::CallsControl => "calls:control",
            Scope::GatewayControl => "gateway:control",
            Scope::BlocksRead => "blocks:read",
            Scope::BlocksWrite => "blocks:write",
            Scope::RecordingsRead => "recordings:read",
            Scope::RecordingsWrite => "recordings:write",
            Scope::PromptsRead => "prompts:read",
            Scope::PromptsWrite => "prompts:write",
            Scope::ConsentsRead => "consents:read",
            Scope::ConsentsWrite => "consents:write",
            Scope::SegmentsRead => "segments:read",
            Scope::SegmentsWrite => "segments:write",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a scope; the scopes are calls:read, calls:write, visits:read, visits:write, numbers:read, contacts:read, contacts:write, plan:read, calls:control, gateway:control, blocks:read, blocks:write, recordings:read, recordings:write, prompts:read, prompts:write, consents:read, consents:write, segments:read, segments:write"
)]
pub struct BadScope;

impl FromStr for Scope {
    type Err = BadScope;

    fn from_str(text: &str) -> Result<Self, BadScope> {
        Scope::ALL.iter().copied().find(|scope| scope.as_str() == text).ok_or(BadScope)
    }
}

/// A type that stands for a scope in a handler's signature.
pub trait Needs {
    const SCOPE: Scope;
}

macro_rules! needs {
    ($($name:ident)*) => {$(
        #[doc = concat!("The handler needs [`Scope::", stringify!($name), "`].")]
        pub struct $name;

        impl Needs for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )*};
}

needs! {
    CallsRead CallsWrite VisitsRead VisitsWrite NumbersRead ContactsRead ContactsWrite PlanRead CallsControl
    GatewayControl BlocksRead BlocksWrite RecordingsRead RecordingsWrite PromptsRead PromptsWrite ConsentsRead
    ConsentsWrite SegmentsRead SegmentsWrite
}

/// A key that is known, not revoked, and has the scope `S`.
pub struct ApiKey<S: Needs> {
    pub id: ApiKeyId,
    scope: PhantomData<S>,
}

impl<S: Needs> FromRequestParts<AppState> for ApiKey<S> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, HttpError> {
        Self::of(&parts.headers, app).await
    }
}

impl<S: Needs> ApiKey<S> {
    /// The key that these headers show.
    pub async fn of(headers: &HeaderMap, app: &AppState) -> Result<Self, HttpError> {
        let header = headers.get(AUTHORIZATION).ok_or(HttpError::NoKey)?;
        let (scheme, token) = header.to_str().ok().and_then(|text| text.split_once(' ')).unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(HttpError::NoKey);
        }
        let key = app.store.find_api_key(&hash_token(token.trim())).await?.ok_or(HttpError::BadKey)?;
        if !key.scopes.iter().any(|scope| scope == S::SCOPE.as_str()) {
            return Err(HttpError::MissingScope(S::SCOPE));
        }
        Ok(Self { id: key.id, scope: PhantomData })
    }
}

/// A key or session token: 256 bits of chance in hex.
pub fn new_token() -> String {
    let mut chance = [0; 32];
    getrandom::fill(&mut chance).expect("the operating system gives random bytes");
    chance.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 in lower-case hex: how keys and session tokens stand in the database.
pub fn hash_token(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_back_from_its_name() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(*scope));
        }
        assert_eq!("calls:delete".parse::<Scope>(), Err(BadScope));
    }

    #[test]
    fn a_token_is_kept_as_its_sha_256() {
        assert_eq!(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
