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
use tracing::warn;

use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ApiKeyId;
use crate::flows::key_used;
use crate::http::AppState;
use crate::http::audit::write_down;
use crate::http::error::HttpError;

/// A type that stands for a scope in a handler's signature.
pub trait Needs: Send {
    const SCOPE: Scope;
}

macro_rules! scopes {
    ($($name:ident = $word:literal,)*) => {
        /// What a key may do.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Scope { $($name,)* }

        impl Scope {
            pub const ALL: &'static [Scope] = &[$(Scope::$name,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Scope::$name => $word,)* }
            }
        }

        $(
            #[doc = concat!("The handler needs `", $word, "`.")]
            pub struct $name;

            impl Needs for $name {
                const SCOPE: Scope = Scope::$name;
            }
        )*
    };
}

scopes! {
    CallsRead = "calls:read",
    CallsWrite = "calls:write",
    VisitsRead = "visits:read",
    VisitsWrite = "visits:write",
    NumbersRead = "numbers:read",
    ContactsRead = "contacts:read",
    ContactsWrite = "contacts:write",
    ContactsErase = "contacts:erase",
    ContactsExport = "contacts:export",
    RequestsRead = "requests:read",
    RequestsWrite = "requests:write",
    PlanRead = "plan:read",
    PlanWrite = "plan:write",
    CallsControl = "calls:control",
    GatewayControl = "gateway:control",
    BlocksRead = "blocks:read",
    BlocksWrite = "blocks:write",
    RecordingsRead = "recordings:read",
    RecordingsWrite = "recordings:write",
    PromptsRead = "prompts:read",
    PromptsWrite = "prompts:write",
    ConsentsRead = "consents:read",
    ConsentsWrite = "consents:write",
    EngagementsRead = "engagements:read",
    EngagementsWrite = "engagements:write",
    TrackingWrite = "tracking:write",
    SegmentsRead = "segments:read",
    SegmentsWrite = "segments:write",
    ContactabilityCheck = "contactability:check",
    ContactabilityReserve = "contactability:reserve",
    AuditRead = "audit:read",
    TasksRead = "tasks:read",
    TasksWrite = "tasks:write",
    WebhooksRead = "webhooks:read",
    WebhooksWrite = "webhooks:write",
    UsersRead = "users:read",
    UsersWrite = "users:write",
    CostsRead = "costs:read",
    CostsWrite = "costs:write",
    SchedulesRead = "schedules:read",
    SchedulesWrite = "schedules:write",
    SharesRead = "shares:read",
    SharesWrite = "shares:write",
    AlertsRead = "alerts:read",
    AlertsWrite = "alerts:write",
    KeysRead = "keys:read",
    KeysWrite = "keys:write",
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a scope; the scopes are {}", Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", "))]
pub struct BadScope;

impl FromStr for Scope {
    type Err = BadScope;

    fn from_str(text: &str) -> Result<Self, BadScope> {
        Scope::ALL.iter().copied().find(|scope| scope.as_str() == text).ok_or(BadScope)
    }
}

/// A key that is known, not revoked, and has the scope `S`.
pub struct ApiKey<S: Needs> {
    pub id: ApiKeyId,
    scopes: Vec<String>,
    scope: PhantomData<S>,
}

impl<S: Needs> FromRequestParts<AppState> for ApiKey<S> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, HttpError> {
        let key = Self::of(&parts.headers, app).await?;
        write_down(parts, app, Accessor::Key(key.id)).await?;
        Ok(key)
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
        if let Err(failure) = key_used(&app.store, &app.clock, &key).await {
            // Whoever asks is let in all the same: nothing hangs on it.
            warn!(
                error = &failure as &dyn std::error::Error,
                "that a key was used could not be written down"
            );
        }
        Ok(Self { id: key.id, scopes: key.scopes, scope: PhantomData })
    }

    /// Whether it has another scope besides.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|known| known == scope.as_str())
    }
}

/// A key or session token: 256 bits of chance in hex.
pub fn new_token() -> String {
    let mut chance = [0; 32];
    getrandom::fill(&mut chance).expect("the operating system gives random bytes");
    base16ct::lower::encode_string(&chance)
}

/// SHA-256 in lower-case hex: how keys and session tokens stand in the database.
pub fn hash_token(token: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(token.as_bytes()))
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
