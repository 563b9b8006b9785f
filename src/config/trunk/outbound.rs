//! The keys of a trunk that calls go to: by which hops, as whom, how many.

use std::time::Duration;

use crate::config::reader::Section;
use crate::config::value::{Checked, Value, flag, list, optional, seconds, whole, word};
use crate::domain::phone::Phone;
use crate::sip::message::{Scheme, Uri};
use crate::sip::trunk::digest::Login;
use crate::sip::trunk::out::{CallerId, Spelling};

const FORMATS: &[(&str, Spelling)] = &[
    ("e164", Spelling::E164),
    ("zeros", Spelling::Zeros),
    ("plain", Spelling::Plain),
    ("national", Spelling::National),
];

/// How calls leave over a trunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outbound {
    /// Its hops, in the order in which they are tried; none: no call leaves over it.
    pub to: Vec<String>,
    pub proxy: Option<String>,
    pub login: Option<Login>,
    /// For how long we register; `None`: we do not.
    pub register: Option<Duration>,
    pub caller_id: CallerId,
    pub asserts: bool,
    /// What a number must begin with; none: any number that the plan has.
    pub prefixes: Vec<String>,
    /// Media to it are encrypted, with keys in the session description (RFC 4568) …
    pub sdes: bool,
    /// … or with keys by a handshake (RFC 5763).
    pub dtls: bool,
    /// More calls than this do not leave over it on a day (UTC).
    pub calls_per_day: Option<u32>,
    pub ping: Option<Duration>,
    /// How it is told numbers.
    pub dial_format: Spelling,
}

impl Default for Outbound {
    fn default() -> Self {
        Self {
            to: vec![],
            proxy: None,
            login: None,
            register: None,
            caller_id: CallerId::Pass,
            asserts: false,
            prefixes: vec![],
            sdes: false,
            dtls: false,
            calls_per_day: None,
            ping: Some(Duration::from_secs(60)),
            dial_format: Spelling::default(),
        }
    }
}

impl Outbound {
    pub(super) fn read(section: &mut Section) -> Self {
        let default = Self::default();
        let to = section.get("to", default.to, list(host_uri));
        let proxy = section.get("proxy", None, optional(host_uri));
        let user = section.get("user", String::new(), |value| value.text().map(str::to_owned));
        let password = section.get("password", String::new(), |value| value.text().map(str::to_owned));
        let register = section.get("register_s", Duration::ZERO, register);
        let calls_per_day = section.get("calls_per_day", 0, whole(0..=10_000_000));
        let ping = section.get("ping_s", default.ping.unwrap_or_default(), ping);
        if user.is_empty() != password.is_empty() {
            let (key, what) = match user.is_empty() {
                true => ("password", "a password without a `user` proves nothing"),
                false => ("user", "lacks its `password`"),
            };
            section.complain(key, what);
        }
        if !register.is_zero() && (to.is_empty() || user.is_empty()) {
            section
                .complain("register_s", "needs `to`, where the registrar is, and `user` with its `password`");
        }
        let sdes = section.get("sdes", default.sdes, flag);
        let dtls = section.get("dtls", default.dtls, flag);
        if sdes && dtls {
            section.complain("dtls", "a trunk has its keys by `sdes` or by `dtls`, not by both");
        }
        Self {
            to,
            proxy,
            login: (!user.is_empty()).then_some(Login { user, password }),
            register: Some(register).filter(|span| !span.is_zero()),
            caller_id: section.get("caller_id", default.caller_id, caller_id),
            asserts: section.get("asserts", default.asserts, flag),
            prefixes: section.get("prefixes", default.prefixes, list(prefix)),
            sdes,
            dtls,
            calls_per_day: u32::try_from(calls_per_day).ok().filter(|most| *most > 0),
            ping: Some(ping).filter(|span| !span.is_zero()),
            dial_format: section.get("dial_format", default.dial_format, word(FORMATS)),
        }
    }
}

/// A SIP URI of a host: who is called stands in the plan.
fn host_uri(value: Value) -> Checked<String> {
    let text = value.text()?;
    let is_host = |uri: Uri| {
        let is_sip = matches!(uri.scheme, Scheme::Sip | Scheme::Sips);
        is_sip && uri.user.is_none() && uri.host.is_some() && uri.headers.is_empty()
    };
    match Uri::parse(text.as_bytes()) {
        Ok(uri) if is_host(uri) => Ok(text.to_owned()),
        _ => value.bad(format!(
            "expected a SIP URI without a user, for instance \"sip:sip.carrier.example;transport=tcp\", found {text:?}"
        )),
    }
}

fn caller_id(value: Value) -> Checked<CallerId> {
    match value.text()? {
        "pass" => Ok(CallerId::Pass),
        "signed" => Ok(CallerId::Signed),
        "withheld" => Ok(CallerId::Withheld),
        text => match text.parse::<Phone>() {
            Ok(number) if text.starts_with('+') => Ok(CallerId::Number(number)),
            _ => value.bad("expected pass, signed, withheld, or a number with + and its country code"),
        },
    }
}

fn prefix(value: Value) -> Checked<String> {
    let text = value.text()?;
    match text.strip_prefix('+') {
        Some(digits) if (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(text.to_owned())
        }
        _ => value.bad(format!("expected the beginning of a number, for instance \"+33\", found {text:?}")),
    }
}

/// RFC 3261 §10.3 lets a registrar refuse anything below an hour; carriers bear a minute.
fn register(value: Value) -> Checked<Duration> {
    match seconds(0..=86_400)(value)? {
        span if (1..30).contains(&span.as_secs()) => value.bad("expected 0, or 30 to 86400 seconds"),
        span => Ok(span),
    }
}

fn ping(value: Value) -> Checked<Duration> {
    match seconds(0..=3_600)(value)? {
        span if (1..5).contains(&span.as_secs()) => value.bad("expected 0, or 5 to 3600 seconds"),
        span => Ok(span),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn read(keys: &str) -> Result<Outbound, String> {
        let text =
            format!("[[trunk]]\nname = \"carrier\"\nfrom = [\"192.0.2.1\"]\ncountry = \"FR\"\n{keys}\n");
        match Config::parse(Path::new("w.toml"), &text, []) {
            Ok(config) => Ok(config.trunks[0].outbound.clone()),
            Err(error) => {
                Err(error.to_string().lines().skip(1).map(str::trim).collect::<Vec<_>>().join("\n"))
            }
        }
    }

    #[test]
    fn a_trunk_says_where_its_calls_go_and_as_whom() {
        let outbound = read(
            "to = [\"sip:a.example\", \"sips:b.example:5071\"]\nproxy = \"sip:192.0.2.9;transport=tcp\"\n\
             user = \"u\"\npassword = \"p\"\nregister_s = 600\ncaller_id = \"+33123456789\"\nasserts = true\n\
             prefixes = [\"+33\"]\ncalls_per_day = 100\nping_s = 0\nsdes = true",
        )
        .unwrap();

        assert_eq!(outbound.to, ["sip:a.example", "sips:b.example:5071"]);
        assert_eq!(outbound.caller_id, CallerId::Number("+33123456789".parse().unwrap()));
        assert_eq!((outbound.register, outbound.ping), (Some(Duration::from_secs(600)), None));
        assert_eq!((outbound.calls_per_day, outbound.asserts), (Some(100), true));
        assert!(outbound.sdes && !outbound.dtls);
        assert!(read("dtls = true").unwrap().dtls);
    }

    #[test]
    fn what_cannot_be_meant_is_told_with_its_key() {
        for (keys, told) in [
            ("to = [\"sip:someone@a.example\"]", "to: expected a SIP URI without a user"),
            ("to = [\"a.example\"]", "to: expected a SIP URI without a user"),
            ("user = \"u\"", "user: lacks its `password`"),
            ("password = \"p\"", "password: a password without a `user` proves nothing"),
            ("to = [\"sip:a.example\"]\nregister_s = 600", "register_s: needs `to`"),
            ("register_s = 10", "register_s: expected 0, or 30 to 86400 seconds"),
            ("caller_id = \"0123456789\"", "caller_id: expected pass, signed, withheld"),
            ("prefixes = [\"33\"]", "prefixes: expected the beginning of a number"),
            (
                "dial_format = \"nationl\"",
                "dial_format: \"nationl\" is not known here; did you mean \"national\"?",
            ),
            ("asserts = \"yes\"", "asserts: expected true or false"),
            ("sdes = true\ndtls = true", "dtls: a trunk has its keys by `sdes` or by `dtls`"),
            ("ping_s = 1", "ping_s: expected 0, or 5 to 3600 seconds"),
        ] {
            let error = read(keys).unwrap_err();
            assert!(error.contains(told), "{keys}: {error}");
        }
    }
}
