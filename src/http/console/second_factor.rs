//! Codes of an authenticator app (TOTP, RFC 6238): six digits that change every half minute.
//!
//! A code is good once, and one step early or late, for clocks differ.

use totp_rs::{Builder, Secret, Totp};
use url::form_urlencoded::byte_serialize;

use crate::domain::time::Timestamp;

/// RFC 4226 §4 wants 128 bits at least and recommends 160.
const SECRET_BYTES: usize = 20;
const ISSUER: &str = "Whence";

/// A new secret, base32.
pub fn new_secret() -> String {
    let mut chance = [0; SECRET_BYTES];
    getrandom::fill(&mut chance).expect("the operating system gives random bytes");
    Secret::new_stack(chance).to_base32()
}

/// The step of the code that was given; `None`: it is none of this secret around that time.
pub fn step_of(secret: &str, code: &str, now: Timestamp) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let totp = of(secret)?;
    totp.check(&code, (now.as_ms() / 1_000).unsigned_abs()).and_then(|step| i64::try_from(step).ok())
}

fn of(secret: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).build().ok()
}

/// What an app reads from a QR code.
pub fn address(secret: &str, account: &str) -> String {
    let account: String = byte_serialize(account.as_bytes()).collect();
    format!("otpauth://totp/{ISSUER}:{account}?secret={secret}&issuer={ISSUER}")
}

/// The secret as people type it.
pub fn spelled(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret is "12345678901234567890"; of its eight digits apps show the last six.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let at = |seconds: i64| Timestamp::from_ms(seconds * 1_000);

        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            let step = step_of(secret, code, at(seconds));
            assert_eq!(step.map(|step| step * 30 <= seconds), Some(true), "{code}");
            assert_eq!(step_of(secret, code, at(seconds + 30)), step, "a step late");
            assert_eq!(step_of(secret, code, at(seconds + 90)), None, "{code}");
        }
        assert_eq!(step_of(secret, " 287 082", at(59)), step_of(secret, "287082", at(59)));
        assert_eq!(step_of(secret, "000000", at(59)), None);
        assert_eq!(step_of("no base 32!", "287082", at(59)), None);
    }

    #[test]
    fn a_secret_has_160_bits_and_is_another_each_time() {
        let (one, other) = (new_secret(), new_secret());

        assert_eq!((one.len(), one == other), (32, false));
        assert_eq!(spelled("ABCDEFGHIJ"), "ABCD EFGH IJ");
        assert!(address("ABC", "ada@example.org").contains("Whence:ada%40example.org?secret=ABC"));
    }
}
