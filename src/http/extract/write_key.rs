//! The key by which a system sends messages, shown as Segment's libraries do:
//! as the user's name of HTTP Basic (RFC 7617) with no password, or as a bearer.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Scope;
use super::api_key::hash_token;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ApiKeyId, SystemId};
use crate::http::AppState;
use crate::http::audit::write_down;
use crate::http::error::HttpError;

/// A key that is known, not revoked, may send messages, and says whose.
pub struct WriteKey {
    pub id: ApiKeyId,
    pub source: SystemId,
}

impl FromRequestParts<AppState> for WriteKey {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, HttpError> {
        let token = shown(&parts.headers).ok_or(HttpError::NoKey)?;
        let key = app.store.find_api_key(&hash_token(&token)).await?.ok_or(HttpError::BadKey)?;
        if !key.scopes.iter().any(|scope| scope == Scope::TrackingWrite.as_str()) {
            return Err(HttpError::MissingScope(Scope::TrackingWrite));
        }
        let source = key.source.ok_or(HttpError::NoSource)?;
        write_down(parts, app, Accessor::Key(key.id)).await?;
        Ok(Self { id: key.id, source })
    }
}

fn shown(headers: &HeaderMap) -> Option<String> {
    let (scheme, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (user, _) = pair.split_once(':')?;
    Some(user.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_as_a_user_or_as_a_bearer() {
        let shown_by = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, text.parse().unwrap());
            shown(&headers)
        };

        // `secret:` and `secret:password`
        for text in ["Bearer secret", "bearer  secret", "Basic c2VjcmV0Og==", "basic c2VjcmV0OnBhc3N3b3Jk"] {
            assert_eq!(shown_by(text).as_deref(), Some("secret"), "{text}");
        }
        for text in ["secret", "Basic secret", "Basic c2VjcmV0", "Digest c2VjcmV0Og=="] {
            assert_eq!(shown_by(text), None, "{text}");
        }
    }
}
