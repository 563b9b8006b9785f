//! How a message to a webhook is signed: Standard Webhooks 1.0, `v1`, HMAC-SHA256.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;

use crate::domain::webhook::secret::Secret;

/// The value of `webhook-signature`: one signature for each secret, so that a receiver may change to the new one
/// when it suits them. `at_s` are seconds since 1970, as `webhook-timestamp` has them.
pub fn sign(secrets: &[Secret], id: &str, at_s: i64, body: &str) -> String {
    let content = format!("{id}.{at_s}.{body}");
    let sign = |secret: &Secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal());
        format!("v1,{}", BASE64_STANDARD.encode(hmac::sign(&key, content.as_bytes())))
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the libraries of the standard have it, for instance `libraries/go/webhook_test.go`.
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT_S: i64 = 1_614_265_330;
    const BODY: &str = "{\"test\": 2432232314}";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn the_published_message_has_the_published_signature() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();

        assert_eq!(sign(std::slice::from_ref(&secret), ID, AT_S, BODY), SIGNATURE);

        let old: Secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".parse().unwrap();
        let both = sign(&[old, secret], ID, AT_S, BODY);
        let signatures: Vec<&str> = both.split(' ').collect();
        assert_eq!((signatures.len(), signatures[1]), (2, SIGNATURE));
        assert_ne!(signatures[0], SIGNATURE);
    }
}
