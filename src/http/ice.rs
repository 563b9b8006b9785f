//! The servers by which browsers find their way to us, as they are told them.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::time::Timestamp;

/// How long a login at a TURN server holds: as long as it takes to get through, and to come back.
const LOGIN: Duration = Duration::from_secs(60 * 60);

/// What helps browsers to reach us.
#[derive(Clone, Default)]
pub struct IceServers {
    pub urls: Vec<String>,
    /// What we share with the TURN servers among them.
    pub turn_secret: String,
}

/// Without the secret.
impl fmt::Debug for IceServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceServers").field("urls", &self.urls).finish_non_exhaustive()
    }
}

/// A STUN or TURN server, as browsers take it.
#[derive(Serialize, ToSchema)]
pub struct IceServer {
    urls: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
}

impl IceServers {
    /// The servers, with a login that holds for an hour (draft-uberti-behave-turn-rest-00).
    pub fn at(&self, now: Timestamp) -> Vec<IceServer> {
        let until = (now + LOGIN).as_ms() / 1_000;
        let username = format!("{until}:whence");
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.turn_secret.as_bytes());
        let credential = STANDARD.encode(hmac::sign(&key, username.as_bytes()));
        let server = |url: &String| {
            let needs_login = url.starts_with("turn");
            IceServer {
                urls: url.clone(),
                username: needs_login.then(|| username.clone()),
                credential: needs_login.then(|| credential.clone()),
            }
        };
        self.urls.iter().map(server).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_login_is_the_secrets_and_holds_for_an_hour() {
        let urls = vec!["stun:stun.example".to_owned(), "turn:turn.example:3478".to_owned()];
        let servers = IceServers { urls, turn_secret: "north".into() }.at(Timestamp::from_ms(1_000));

        let stun = serde_json::to_value(&servers[0]).unwrap();
        assert_eq!(stun, serde_json::json!({"urls": "stun:stun.example"}));
        // printf %s 3601:whence | openssl dgst -sha1 -hmac north -binary | base64
        let turn = (servers[1].username.as_deref(), servers[1].credential.as_deref());
        assert_eq!(turn, (Some("3601:whence"), Some("DF9cllRJMgNsxlGcinPULQHwCu8=")));
    }
}
