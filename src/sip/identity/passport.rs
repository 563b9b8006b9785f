//! A PASSporT (RFC 8225) as it stands in an Identity header (RFC 8224): read,
//! not yet believed.
//!
//! The full form carries its claims. The compact form carries the signature
//! alone, and the claims are what the INVITE says; a PASSporT with an extension
//! has claims that no INVITE says, so it has to be in full.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use url::Url;

use super::{IDENTITY_LEN_MAX, Signed};
use crate::domain::calling::identity::{Attestation, Why};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// An address of a certificate is not longer than this.
const X5U_MAX: usize = 512;
/// RFC 8588 says a UUID; what an operator writes instead is cut here.
const ORIGINATION_MAX: usize = 64;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passport {
    pub kind: Kind,
    pub x5u: Url,
    /// Telephone numbers in digits, as they were signed.
    pub orig: Option<String>,
    pub dest: Vec<String>,
    pub issued_at: Timestamp,
    pub attestation: Option<Attestation>,
    pub origination: Option<String>,
    /// What was signed, and how.
    pub input: Vec<u8>,
    pub signature: Vec<u8>,
}

/// By its extension (`ppt`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// None: the number and the time, nothing more.
    Plain,
    /// RFC 8588: with an attestation.
    Shaken,
    /// RFC 8946: somebody forwarded the call. It is counted, and vouches for no caller.
    Diverted,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    ppt: Option<String>,
    x5u: String,
}

#[derive(Deserialize)]
struct Claims {
    orig: Party,
    dest: Parties,
    iat: i64,
    attest: Option<String>,
    origid: Option<String>,
}

/// Either a number or a URI; ours are numbers.
#[derive(Deserialize)]
struct Party {
    tn: Option<String>,
}

#[derive(Deserialize)]
struct Parties {
    #[serde(default)]
    tn: Vec<String>,
}

impl Passport {
    /// Reads the value of an Identity header; of the compact form the claims
    /// are taken from what the INVITE says.
    pub fn read(value: &[u8], signed: &Signed) -> Result<Self, Why> {
        let text = std::str::from_utf8(value).map_err(|_| Why::Malformed)?;
        if text.len() > IDENTITY_LEN_MAX {
            return Err(Why::Malformed);
        }
        let (token, parameters) = text.split_once(';').ok_or(Why::Malformed)?;
        let parameters = Parameters::read(parameters);
        if parameters.alg.is_some_and(|alg| alg != "ES256") {
            return Err(Why::Unsupported);
        }
        let mut parts = token.trim().split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Why::Malformed);
        };
        let signature = decode(signature)?;
        if header.is_empty() && claims.is_empty() {
            return compact(&parameters, signature, signed);
        }
        let input = format!("{header}.{claims}").into_bytes();
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| Why::Malformed)?;
        if header.alg != "ES256" || header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("passport")) {
            return Err(Why::Unsupported);
        }
        let kind = kind(header.ppt.as_deref())?;
        // RFC 8224 §4.1: both name the same certificate.
        if parameters.info.is_some_and(|info| info != header.x5u) {
            return Err(Why::Malformed);
        }
        let claims: Claims = serde_json::from_slice(&decode(claims)?).map_err(|_| Why::Malformed)?;
        let attestation = match claims.attest.as_deref().map(str::parse) {
            Some(Ok(level)) => Some(level),
            Some(Err(_)) => return Err(Why::Malformed),
            // RFC 8588 §3: it must be there.
            None if kind == Kind::Shaken => return Err(Why::Malformed),
            None => None,
        };
        Ok(Self {
            kind,
            x5u: address(&header.x5u)?,
            orig: claims.orig.tn.as_deref().map(digits),
            dest: claims.dest.tn.iter().map(|tn| digits(tn)).collect(),
            issued_at: seconds(claims.iat)?,
            attestation,
            origination: claims.origid.map(|id| cut(&id)),
            input,
            signature,
        })
    }
}

/// RFC 8224 §4: header and claims as the signer must have written them.
fn compact(parameters: &Parameters<'_>, signature: Vec<u8>, signed: &Signed) -> Result<Passport, Why> {
    if parameters.ppt.is_some_and(|ppt| !ppt.is_empty()) {
        return Err(Why::Unsupported);
    }
    let info = parameters.info.ok_or(Why::Malformed)?;
    let date = signed.date.ok_or(Why::Malformed)?;
    let (Some(caller), Some(called)) = (signed.callers.first(), signed.called.first()) else {
        return Err(Why::NoCaller);
    };
    let (orig, dest) = (digits(caller.reveal()), digits(called.reveal()));
    // RFC 8225 §9: keys in order, no space.
    let url = serde_json::to_string(info).map_err(|_| Why::Malformed)?;
    let header = format!(r#"{{"alg":"ES256","typ":"passport","x5u":{url}}}"#);
    let iat = date.as_ms().div_euclid(1_000);
    let claims = format!(r#"{{"dest":{{"tn":["{dest}"]}},"iat":{iat},"orig":{{"tn":"{orig}"}}}}"#);
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    Ok(Passport {
        kind: Kind::Plain,
        x5u: address(info)?,
        orig: Some(orig),
        dest: vec![dest],
        issued_at: seconds(iat)?,
        attestation: None,
        origination: None,
        input: input.into_bytes(),
        signature,
    })
}

fn kind(ppt: Option<&str>) -> Result<Kind, Why> {
    match ppt {
        None => Ok(Kind::Plain),
        Some("shaken") => Ok(Kind::Shaken),
        Some("div" | "div-o") => Ok(Kind::Diverted),
        Some(_) => Err(Why::Unsupported),
    }
}

fn address(text: &str) -> Result<Url, Why> {
    if text.len() > X5U_MAX {
        return Err(Why::Malformed);
    }
    Url::parse(text).map_err(|_| Why::Malformed)
}

fn decode(text: &str) -> Result<Vec<u8>, Why> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| Why::Malformed)
}

/// RFC 8224 §8.3: a telephone number in its canonical form has digits alone.
fn digits(tn: &str) -> String {
    tn.chars().filter(char::is_ascii_digit).collect()
}

/// Whether this is the number that was signed.
pub fn is_number(signed: &str, number: &Phone) -> bool {
    !signed.is_empty() && digits(number.reveal()) == signed
}

/// Nor has a UUID what a database refuses: PostgreSQL keeps no NUL.
fn cut(origid: &str) -> String {
    origid.chars().filter(|c| !c.is_control()).take(ORIGINATION_MAX).collect()
}

fn seconds(iat: i64) -> Result<Timestamp, Why> {
    iat.checked_mul(1_000).map(Timestamp::from_ms).ok_or(Why::Malformed)
}

/// What stands behind the token: `;info=<https://…>;alg=ES256;ppt=shaken`.
#[derive(Default)]
struct Parameters<'a> {
    info: Option<&'a str>,
    alg: Option<&'a str>,
    ppt: Option<&'a str>,
}

impl<'a> Parameters<'a> {
    fn read(text: &'a str) -> Self {
        let mut read = Self::default();
        let mut within = false;
        // A semicolon inside <…> belongs to the address.
        let parts = text.split(|c: char| {
            within = (within || c == '<') && c != '>';
            c == ';' && !within
        });
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "info" => read.info = Some(value.trim_start_matches('<').trim_end_matches('>')),
                "alg" => read.alg = Some(value),
                "ppt" => read.ppt = Some(value),
                _ => {}
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{CALLED, CALLER, NOW, Token, signed};
    use super::*;

    /// RFC 8225, Appendix A. Neither key that stands there verifies it, so it is read alone.
    const OF_THE_RFC: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9j\
        ZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9.eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI\
        6MTQ3MTM3NTQxOCwib3JpZyI6eyJ0biI6IjEyMTU1NTUxMjEyIn19.VLBCIVDCaeK6M4hLJb6SHQvacAQVvoiiEOWQ_iUkqk79UD81fHQ0\
        E1b3_GluIkba7UWYRM47ZbNFdOJquE35cw";

    #[test]
    fn the_token_of_rfc_8225_reads_as_the_rfc_says() {
        let value = format!("{OF_THE_RFC};info=<https://cert.example.org/passport.cer>;alg=ES256");

        let passport = Passport::read(value.as_bytes(), &Signed::default()).unwrap();

        assert_eq!((passport.kind, passport.attestation), (Kind::Plain, None));
        assert_eq!(passport.x5u.as_str(), "https://cert.example.org/passport.cer");
        assert_eq!((passport.orig.as_deref(), passport.dest.len()), (Some("12155551212"), 0));
        assert_eq!(passport.issued_at.as_ms(), 1_471_375_418_000);
        assert_eq!(passport.signature.len(), 64);
    }

    #[test]
    fn a_shaken_passport_is_read_whole() {
        let value = Token::shaken("B").with(&[7; 64]);

        let passport = Passport::read(value.as_bytes(), &signed(&[&value])).unwrap();

        assert_eq!((passport.kind, passport.attestation), (Kind::Shaken, Some(Attestation::B)));
        assert_eq!(passport.orig.as_deref(), Some(&CALLER[1..]));
        assert_eq!(passport.dest, [&CALLED[1..]]);
        assert_eq!(passport.origination.as_deref(), Some("123e4567-e89b-12d3-a456-426655440000"));
        assert_eq!(passport.issued_at, NOW);
    }

    #[test]
    fn the_compact_form_is_rebuilt_from_what_the_invite_says() {
        let full = Token { attest: None, ..Token::shaken("A") };
        let value = format!("..{};info=<{}>;alg=ES256", URL_SAFE_NO_PAD.encode([7; 64]), full.x5u);

        let rebuilt = Passport::read(value.as_bytes(), &signed(&[&value])).unwrap();
        let whole = Passport::read(full.with(&[7; 64]).as_bytes(), &Signed::default()).unwrap();

        assert_eq!(rebuilt, whole);
        let undated = Signed { date: None, ..signed(&[]) };
        assert_eq!(Passport::read(value.as_bytes(), &undated), Err(Why::Malformed));
        let extended = format!("{value};ppt=shaken");
        assert_eq!(Passport::read(extended.as_bytes(), &signed(&[])), Err(Why::Unsupported));
    }

    #[test]
    fn what_cannot_be_read_is_told_apart_from_what_is_not_known() {
        let good = Token::shaken("A").with(&[7; 64]);
        let with = |header: &str, claims: &str| {
            let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
            format!("{}.{}.c2ln;alg=ES256", part(header), part(claims))
        };
        let header = r#"{"alg":"ES256","typ":"passport","ppt":"shaken","x5u":"https://c.example/c"}"#;
        let claims = r#"{"attest":"A","dest":{"tn":["1"]},"iat":1,"orig":{"tn":"2"},"origid":"x"}"#;
        for (value, why) in [
            ("", Why::Malformed),
            ("a.b", Why::Malformed),
            ("a.b.c.d;alg=ES256", Why::Malformed),
            ("!.b.c;alg=ES256", Why::Malformed),
            (&good.replace("alg=ES256", "alg=RS256"), Why::Unsupported),
            (&good.replace("info=<https", "info=<http"), Why::Malformed),
            (&with(&header.replace("ES256", "none"), claims), Why::Unsupported),
            (&with(&header.replace("shaken", "rph"), claims), Why::Unsupported),
            (&with(&header.replace("https://c.example/c", "c"), claims), Why::Malformed),
            (&with("{}", claims), Why::Malformed),
            (&with(header, "[]"), Why::Malformed),
            (&with(header, &claims.replace(r#""attest":"A","#, "")), Why::Malformed),
            (&with(header, &claims.replace(r#""A""#, r#""D""#)), Why::Malformed),
            (&with(header, &claims.replace("\"iat\":1", "\"iat\":9223372036854775807")), Why::Malformed),
            (&"x".repeat(IDENTITY_LEN_MAX + 1), Why::Malformed),
        ] {
            assert_eq!(Passport::read(value.as_bytes(), &signed(&[])), Err(why), "{value}");
        }
        assert!(Passport::read(with(header, claims).as_bytes(), &signed(&[])).is_ok());
        let odd = claims.replace(r#""origid":"x""#, &format!(r#""origid":"a\u0000{}""#, "b".repeat(99)));
        let cut = Passport::read(with(header, &odd).as_bytes(), &signed(&[])).unwrap().origination.unwrap();
        assert_eq!(cut, format!("a{}", "b".repeat(ORIGINATION_MAX - 1)));
    }

    #[test]
    fn quotes_and_other_parameters_do_no_harm() {
        let value = Token::shaken("A").with(&[7; 64]);
        let quoted = value.replace("ppt=shaken", "ppt=\"shaken\"; x=<a;b>; y").replace(";alg", " ; ALG");

        assert_eq!(
            Passport::read(quoted.as_bytes(), &signed(&[])),
            Passport::read(value.as_bytes(), &signed(&[]))
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(value in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = Passport::read(&value, &signed(&[]));
        }
    }
}
