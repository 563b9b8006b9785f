//! Who a certificate stands for (RFC 5922): names out of it, and whether they fit.

use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::sip::message::{Host, Scheme, Uri};

/// More names than these are not looked at.
const NAMES_MAX: usize = 100;

/// The SIP domains that a certificate stands for (RFC 5922 §7.1), in lower
/// case: `sip:` URIs without a user and DNS names of subjectAltName; the
/// common name only where there is neither. None of a certificate that cannot
/// be read.
pub fn names(der: &[u8]) -> Vec<String> {
    let Ok(certificate) = Certificate::from_der(der) else { return vec![] };
    let certificate = certificate.tbs_certificate();
    let Ok(alternatives) = certificate.get_extension::<SubjectAltName>() else { return vec![] };
    let alternatives = alternatives.map(|(_, SubjectAltName(names))| names).unwrap_or_default();
    let names: Vec<String> = alternatives.iter().filter_map(domain).take(NAMES_MAX).collect();
    if !names.is_empty() {
        return names;
    }
    let common = certificate.subject().common_name().ok().flatten();
    common.map(|name| name.value().to_ascii_lowercase()).into_iter().collect()
}

fn domain(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_ascii_lowercase()),
        GeneralName::UniformResourceIdentifier(uri) => {
            let uri = Uri::parse(uri.as_str().as_bytes()).ok()?;
            let Some(Host::Name(host)) = uri.host else { return None };
            // One with a user stands for that user alone.
            let is_domain = uri.scheme == Scheme::Sip && uri.user.is_none();
            is_domain.then(|| String::from_utf8_lossy(host).to_ascii_lowercase())
        }
        _ => None,
    }
}

/// Whether one of the names is this domain. RFC 5922 §7.2: letter by letter,
/// a `*` stands for nothing.
pub fn stands_for(names: &[String], domain: &str) -> bool {
    let domain = domain.trim_end_matches('.');
    names.iter().any(|name| name.trim_end_matches('.').eq_ignore_ascii_case(domain))
}

/// Whether we show a certificate with these names to who asks for this server
/// (RFC 6066 §3). Here a `*` is one label, as browsers read it.
pub fn serves(names: &[String], server: &str) -> bool {
    let parent = server.split_once('.').map(|(_, parent)| parent);
    stands_for(names, server)
        || parent.is_some_and(|parent| {
            names
                .iter()
                .filter_map(|name| name.strip_prefix("*."))
                .any(|name| name.eq_ignore_ascii_case(parent))
        })
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    use super::*;

    fn certificate(common: &str, alternatives: Vec<SanType>) -> Vec<String> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, common);
        params.subject_alt_names = alternatives;
        names(params.self_signed(&KeyPair::generate().unwrap()).unwrap().der())
    }

    fn dns(name: &str) -> SanType {
        SanType::DnsName(name.try_into().unwrap())
    }

    fn uri(text: &str) -> SanType {
        SanType::URI(text.try_into().unwrap())
    }

    #[test]
    fn a_certificate_stands_for_its_domains_and_not_for_its_users() {
        let alternatives = vec![
            uri("sip:Carrier.example"),
            uri("sip:alice@other.example"),
            uri("https://web.example"),
            SanType::IpAddress("192.0.2.1".parse().unwrap()),
            dns("SBC.carrier.example"),
        ];

        assert_eq!(certificate("old.example", alternatives), ["carrier.example", "sbc.carrier.example"]);
    }

    #[test]
    fn the_common_name_counts_where_there_is_no_other() {
        assert_eq!(certificate("Old.example", vec![]), ["old.example"]);
        assert_eq!(certificate("old.example", vec![uri("sip:a@b.example")]), ["old.example"]);
    }

    #[test]
    fn what_is_no_certificate_stands_for_nobody() {
        assert_eq!(names(b"0\x82"), Vec::<String>::new());
    }

    proptest::proptest! {
        /// Any bytes, and a good certificate of which some bytes are others.
        #[test]
        fn what_is_read_of_a_certificate_is_a_name_it_stands_for(
            any in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
            spoilt in proptest::collection::vec((0_usize..2_000, proptest::prelude::any::<u8>()), 1..4),
        ) {
            static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| {
                let mut params = CertificateParams::default();
                params.subject_alt_names = vec![uri("sip:Carrier.example"), dns("SBC.carrier.example")];
                params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
            });
            let mut nearly = GOOD.clone();
            let length = nearly.len();
            spoilt.iter().for_each(|(at, byte)| nearly[at % length] = *byte);

            for der in [any, nearly] {
                for name in names(&der) {
                    let all = [name.clone()];
                    proptest::prop_assert!(stands_for(&all, &name) && serves(&all, &name), "{name}");
                    proptest::prop_assert_eq!(name.to_ascii_lowercase(), name);
                }
            }
        }
    }

    #[test]
    fn a_domain_is_its_own_letter_by_letter() {
        let names = ["*.carrier.example".to_owned(), "pbx.example".to_owned()];

        assert!(stands_for(&names, "PBX.example.") && serves(&names, "pbx.example"));
        assert!(!stands_for(&names, "sbc.carrier.example"));
        assert!(serves(&names, "sbc.carrier.example"));
        assert!(!serves(&names, "a.sbc.carrier.example") && !serves(&names, "carrier.example"));
    }
}
