//! The keys of a trunk that calls come from: who it is, and how it writes numbers.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::config::reader::Section;
use crate::config::value::{Checked, Value, optional, quotable, some, text, word};
use crate::sip::trunk::digest::{Algorithm, Login};
use crate::sip::trunk::numbers::{Dialled, Format};

const FORMATS: &[(&str, Format)] =
    &[("auto", Format::Auto), ("e164", Format::E164), ("national", Format::National)];
const DIGESTS: &[(&str, Algorithm)] =
    &[("SHA-512-256", Algorithm::Sha512_256), ("SHA-256", Algorithm::Sha256), ("MD5", Algorithm::Md5)];
const PLACES: &[(&str, Dialled)] = &[
    ("request-uri", Dialled::RequestUri),
    ("to", Dialled::To),
    ("p-called-party-id", Dialled::PCalledPartyId),
    ("diversion", Dialled::Diversion),
    ("history-info", Dialled::HistoryInfo),
];

/// How a trunk proves that a call is from it, and how it writes numbers. Each
/// proof that is set must hold; from a trunk without any no call comes.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Inbound {
    /// Where its packets come from; empty: from anywhere.
    pub from: Vec<IpNet>,
    /// What it proves to know.
    pub their_login: Option<Login>,
    /// With these hashes.
    pub their_digests: Vec<Algorithm>,
    /// The name in its TLS certificate.
    pub their_certificate: Option<String>,
    pub format: Format,
    pub dialled: Dialled,
}

/// What the trunks above have taken.
#[derive(Default)]
pub(super) struct Above {
    /// Those that are enough to be known.
    ranges: Vec<IpNet>,
    users: Vec<String>,
    /// Whether peers on TLS are asked for a certificate at all.
    asks_for_certificates: bool,
}

impl Above {
    pub(super) fn new(asks_for_certificates: bool) -> Self {
        Self { asks_for_certificates, ..Self::default() }
    }
}

impl Inbound {
    /// `leads_out`: calls go to it, so that it need not be one that calls come from.
    pub(super) fn read(section: &mut Section, above: &mut Above, leads_out: bool) -> Option<Self> {
        let user = section.get("their_user", None, optional(|value| new_user(value, &above.users)));
        let password = section.get("their_password", None, optional(text));
        let digests = Algorithm::STRONGEST_FIRST.to_vec();
        let their_digests = section.get("their_digests", digests, some(word(DIGESTS)));
        let their_certificate = section.get("their_certificate", None, optional(host_name));
        let is_told_otherwise = user.is_some() || their_certificate.is_some();
        let taken: &[IpNet] = if is_told_otherwise { &[] } else { &above.ranges };
        let from = section.get("from", vec![], some(|value| new_range(value, taken)));
        let format = section.get("numbers", Format::default(), word(FORMATS));
        let dialled = section.get("dialled", Dialled::default(), word(PLACES));

        if their_certificate.is_some() && !above.asks_for_certificates {
            section.complain("their_certificate", "nobody is asked for one without [sip] `tls_client_ca`");
        }
        match (&user, &password) {
            (Some(_), None) => section.complain("their_user", "needs `their_password` beside it"),
            (None, Some(_)) => section.complain("their_password", "needs `their_user` beside it"),
            (None, None) if their_certificate.is_none() && from.is_empty() && !leads_out => {
                section.lacks(
                    "from",
                    ": say where its calls come from, or else `their_user` or `their_certificate`",
                );
                return None;
            }
            _ => {}
        }
        above.users.extend(user.clone());
        if !is_told_otherwise {
            above.ranges.extend(&from);
        }
        let their_login = user.zip(password).map(|(user, password)| Login { user, password });
        Some(Self { from, their_login, their_digests, their_certificate, format, dialled })
    }
}

/// A user name that no trunk above has.
fn new_user(value: Value, taken: &[String]) -> Checked<String> {
    match quotable(value)? {
        user if taken.contains(&user) => value.bad(format!("{user:?} is the login of another trunk already")),
        user => Ok(user),
    }
}

/// RFC 5922 §7.2: compared whole, so without wildcards.
fn host_name(value: Value) -> Checked<String> {
    let text = value.text()?;
    let is_name = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    if is_name {
        return Ok(text.to_owned());
    }
    value.bad(format!("expected the name in a certificate, for instance \"sip.example.org\", found {text:?}"))
}

/// A range of addresses, or one address, that no trunk above is known by.
fn new_range(value: Value, taken: &[IpNet]) -> Checked<IpNet> {
    let text = value.text()?;
    let one = || text.parse::<IpAddr>().map(IpNet::from);
    match text.parse::<IpNet>().or_else(|_| one()).map(|range| range.trunc()) {
        Ok(range) if taken.contains(&range) => {
            value.bad(format!("{text:?} belongs to another trunk already"))
        }
        Ok(range) => Ok(range),
        Err(_) => value
            .bad(format!("expected a range of addresses, for instance \"203.0.113.0/24\", found {text:?}")),
    }
}
