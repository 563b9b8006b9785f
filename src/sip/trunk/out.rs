//! What leaves over a trunk: by which hops, as whom, and with which word.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::ids::TrunkId;
use crate::domain::phone::{Country, Phone};
use crate::sip::trunk::digest::Login;

/// All that leaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outward {
    /// The trunks that calls to numbers leave over.
    pub trunks: Vec<Out>,
    /// A hop that has said nothing for so long gives way to the next one.
    pub hop_timeout: Duration,
}

impl Default for Outward {
    fn default() -> Self {
        // Time for four copies of an INVITE over UDP, three of which may be lost (RFC 3261 §17.1.1.2).
        Self { trunks: vec![], hop_timeout: Duration::from_secs(4) }
    }
}

/// A trunk as calls to numbers see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Out {
    pub id: TrunkId,
    /// Its hops in the order in which they are tried: SIP URIs without a user part.
    pub to: Vec<Arc<str>>,
    /// The outbound proxy that everything goes through.
    pub proxy: Option<Arc<str>>,
    /// What we prove when we are asked who we are.
    pub login: Option<Login>,
    /// We tell the carrier where we are, for so long at a time.
    pub register: Option<Duration>,
    pub caller_id: CallerId,
    /// The other side trusts our word about who calls (RFC 3325).
    pub asserts: bool,
    /// How often each hop is asked whether it lives.
    pub ping: Option<Duration>,
    pub spelling: Spelling,
    pub country: Country,
}

/// Whom the called party sees.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CallerId {
    /// Who calls, as they came.
    Pass,
    /// Who calls, if their number came with a signature (RFC 8224) that goes on with it.
    Signed,
    /// Nobody.
    Withheld,
    /// A number of our own.
    Number(Phone),
}

/// How telephone numbers are written to a trunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Spelling {
    /// `+33123456789`
    #[default]
    E164,
    /// `0033123456789`
    Zeros,
    /// `33123456789`
    Plain,
    /// `0123456789` at home, `0033…` for other countries.
    National,
}

impl Out {
    /// The user part by which this trunk is told a number.
    pub fn spell(&self, number: &Phone) -> String {
        let digits = number.reveal().trim_start_matches('+');
        match self.spelling {
            Spelling::E164 => format!("+{digits}"),
            Spelling::Plain => digits.to_owned(),
            Spelling::Zeros => format!("00{digits}"),
            Spelling::National => {
                let at_home: String = number.national().chars().filter(char::is_ascii_digit).collect();
                let is_at_home = Phone::parse(&at_home, Some(self.country)).as_ref() == Ok(number);
                if is_at_home { at_home } else { format!("00{digits}") }
            }
        }
    }

    /// A hop that fails is not tried before a ping or two could have brought it back.
    pub fn least_back_off(&self) -> Duration {
        self.ping.map_or(Duration::ZERO, |every| 2 * every)
    }

    /// The Request-URI of a number at one of the hops.
    pub fn uri_of(&self, number: &Phone, hop: &str) -> String {
        with_user(hop, &self.spell(number)) + ";user=phone"
    }
}

/// A URI of a host, with this user part before the host.
pub fn with_user(host_uri: &str, user: &str) -> String {
    match host_uri.split_once(':') {
        Some((scheme, host)) => format!("{scheme}:{user}@{host}"),
        None => host_uri.to_owned(),
    }
}

/// The URI of a host without port and parameters: a domain, as registrars know it.
pub fn host_of(host_uri: &str) -> String {
    let Some((scheme, rest)) = host_uri.split_once(':') else { return host_uri.to_owned() };
    let end = rest.find([';', '?']).unwrap_or(rest.len());
    let host = &rest[..end];
    let port = if host.starts_with('[') { host.find("]:").map(|at| at + 1) } else { host.find(':') };
    format!("{scheme}:{}", &host[..port.unwrap_or(host.len())])
}

/// A user part: what may not stand there is escaped (RFC 3261 §25.1).
pub fn escape_user(user: &str) -> String {
    use std::fmt::Write;

    let mut escaped = String::with_capacity(user.len());
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(spelling: Spelling) -> Out {
        Out {
            id: "carrier".parse().unwrap(),
            to: vec!["sip:carrier.example;transport=tcp".into()],
            proxy: None,
            login: None,
            register: None,
            caller_id: CallerId::Pass,
            asserts: true,
            ping: None,
            spelling,
            country: "FR".parse().unwrap(),
        }
    }

    #[test]
    fn a_number_is_written_as_the_trunk_wants_it() {
        let (home, abroad) = ("+33123456789".parse().unwrap(), "+3225123456".parse().unwrap());
        for (spelling, at_home, elsewhere) in [
            (Spelling::E164, "+33123456789", "+3225123456"),
            (Spelling::Zeros, "0033123456789", "003225123456"),
            (Spelling::Plain, "33123456789", "3225123456"),
            (Spelling::National, "0123456789", "003225123456"),
        ] {
            let out = out(spelling);
            assert_eq!((&*out.spell(&home), &*out.spell(&abroad)), (at_home, elsewhere), "{spelling:?}");
        }
        assert_eq!(
            out(Spelling::E164).uri_of(&home, "sip:carrier.example;transport=tcp"),
            "sip:+33123456789@carrier.example;transport=tcp;user=phone"
        );
    }

    #[test]
    fn a_registrar_knows_us_by_our_name_at_its_domain() {
        for (hop, domain) in [
            ("sip:carrier.example:5080;transport=tcp", "sip:carrier.example"),
            ("sips:[2001:db8::1]:5061", "sips:[2001:db8::1]"),
            ("sip:192.0.2.1", "sip:192.0.2.1"),
        ] {
            assert_eq!(host_of(hop), domain);
        }
        assert_eq!(with_user("sip:h", &escape_user("+33 1@trunk")), "sip:+33%201%40trunk@h");
    }
}
