//! Somebody who is signed in to the console.
//!
//! The cookie holds 256 bits of chance and the database only their hash. It is
//! out of reach of scripts (`HttpOnly`) and does not travel with what another
//! website posts (`SameSite=Lax`); the console's router besides refuses every
//! form that a browser says came from elsewhere.

use std::sync::{Arc, OnceLock};

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;

use crate::domain::calling::recording::Accessor;
use crate::domain::ids::UserId;
use crate::domain::staff::Post;
use crate::http::AppState;
use crate::http::audit::write_down;
use crate::http::console::permissions::allow;
use crate::http::error::HttpError;

use super::hash_token;

pub const SESSION_COOKIE: &str = "whence_session";

/// Who is signed in; without them the page's face is the way to the sign-in.
#[derive(Clone)]
pub struct Session {
    pub user: UserId,
    pub email: String,
    pub post: Post,
    /// Of the cookie's value.
    pub token_hash: String,
}

impl FromRequestParts<AppState> for Session {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, HttpError> {
        let token = cookie(&parts.headers, SESSION_COOKIE).ok_or(HttpError::SignedOut)?;
        let token_hash = hash_token(token);
        let user = app.store.find_session(&token_hash, app.clock.now()).await?;
        let user = user.ok_or(HttpError::SignedOut)?;
        let session = Self { user: user.id, email: user.email, post: user.post, token_hash };
        if let Some(Known(known)) = parts.extensions.get() {
            known.get_or_init(|| session.clone());
        }
        allow(parts, app, &session.post).await?;
        write_down(parts, app, Accessor::User(session.user)).await?;
        Ok(session)
    }
}

/// Where it is left who is signed in, for the page of an error: whoever is refused one page has the menu of all others.
#[derive(Clone, Default)]
pub struct Known(pub Arc<OnceLock<Session>>);

/// The value of a cookie, the first if a browser sends two.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "a=1; whence_session=xyz;b=2".parse().unwrap());

        assert_eq!(cookie(&headers, SESSION_COOKIE), Some("xyz"));
        assert_eq!(cookie(&headers, "session"), None);
    }
}
