//! Whether an ID token is what it says, and whose: OpenID Connect Core 1.0 §3.1.3.7.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use crate::domain::time::Timestamp;

/// Clocks differ by so much.
const LEEWAY_S: i64 = 60;
/// With keys of which a half is public; a secret would be one that whoever knows our client's secret knows, too.
const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::ES256,
    Algorithm::ES384,
];

/// What a token must say.
pub(super) struct Expected<'e> {
    pub issuer: &'e str,
    pub client_id: &'e str,
    pub nonce: &'e str,
    /// The address is good even where nothing says that it is verified.
    pub trusts_email: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadToken {
    #[error("the identity provider's token is signed by a key that the provider does not tell")]
    Key,
    #[error("the identity provider's token is not one that it has signed for us")]
    Forged,
    #[error("the identity provider's token has run out")]
    Old,
    #[error("the identity provider's token answers another sign-in")]
    Nonce,
    #[error("the identity provider tells no e-mail address")]
    NoAddress,
    #[error(
        "the identity provider does not say that it has verified the address; if all its addresses are good, \
             say [oidc] trusts_email = true"
    )]
    Unverified,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    exp: i64,
    nonce: Option<String>,
    azp: Option<String>,
    email: Option<String>,
    email_verified: Option<serde_json::Value>,
}

/// The address in it, in small letters.
pub(super) fn address_in(
    token: &str,
    keys: &[Jwk],
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<String, BadToken> {
    let header = decode_header(token).map_err(|_| BadToken::Forged)?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(BadToken::Forged);
    }
    let named = |key: &&Jwk| header.kid.is_none() || key.common.key_id == header.kid;
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[expected.client_id]);
    // The time is told, not looked up.
    validation.validate_exp = false;
    let mut candidates =
        keys.iter().filter(named).filter_map(|key| DecodingKey::from_jwk(key).ok()).peekable();
    if candidates.peek().is_none() {
        return Err(BadToken::Key);
    }
    let read = candidates.find_map(|key| decode::<Claims>(token, &key, &validation).ok());
    let claims = read.ok_or(BadToken::Forged)?.claims;
    let is_for_us = claims.azp.is_none_or(|party| party == expected.client_id);
    if claims.iss.trim_end_matches('/') != expected.issuer || !is_for_us {
        return Err(BadToken::Forged);
    }
    if claims.exp + LEEWAY_S < now.as_ms() / 1_000 {
        return Err(BadToken::Old);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(BadToken::Nonce);
    }
    let email = claims.email.filter(|it| it.contains('@')).ok_or(BadToken::NoAddress)?;
    // Some providers write it as a text.
    let is_verified = claims.email_verified.is_some_and(|it| it == true || it == "true");
    if !is_verified && !expected.trusts_email {
        return Err(BadToken::Unverified);
    }
    Ok(email.trim().to_lowercase())
}
