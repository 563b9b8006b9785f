//! What a webhook's messages are signed with, as Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in
//! base64.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// The text is no such secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret is whsec_ and 24 to 64 random bytes in base64, as `openssl rand -base64 32` makes them")]
pub struct BadSecret;

impl Secret {
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = BadSecret;

    fn from_str(text: &str) -> Result<Self, BadSecret> {
        let coded = text.strip_prefix("whsec_").ok_or(BadSecret)?;
        let bytes = BASE64_STANDARD.decode(coded).map_err(|_| BadSecret)?;
        if (24..=64).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(BadSecret) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_its_prefix_and_length_and_shows_itself_nowhere() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        assert_eq!((secret.reveal().len(), format!("{secret:?}").as_str()), (24, "Secret(…)"));

        for wrong in
            ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_c2hvcnQ=", "whsec_MfKQ9r8GKYqr!"]
        {
            assert_eq!(wrong.parse::<Secret>(), Err(BadSecret), "{wrong}");
        }
    }
}
