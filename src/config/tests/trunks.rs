//! What a trunk must say, and what no two of them may.

use super::*;

#[test]
fn a_trunk_is_whole_and_no_two_are_alike() {
    let text = r#"[[trunk]]
name = "a"
from = ["192.0.2.0/24"]
country = "FR"
[[trunk]]
name = "a"
from = ["192.0.2.7/24", "192.0.2.0/33"]
county = "XY"
"#;

    let found = problems(text, &[("WHENCE_TRUNK__NAME", "b")]);

    let expected = [
        "w.toml:5:1: [[trunk]] lacks `country`",
        "w.toml:6:8: name: there are two trunks named \"a\"",
        "w.toml:7:9: from: \"192.0.2.7/24\" belongs to another trunk already",
        "w.toml:7:25: from: expected a range of addresses",
        "w.toml:8:1: unknown key `county` in [trunk]; did you mean `country`?",
        "environment variable WHENCE_TRUNK__NAME: no such setting",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn a_trunk_is_known_by_something() {
    let text = r#"[[trunk]]
name = "nobody"
country = "FR"
[[trunk]]
name = "half"
country = "FR"
from = ["192.0.2.0/24"]
their_user = "half"
[[trunk]]
name = "other-half"
country = "FR"
from = []
their_password = "swordfish"
their_certificate = "*.example.org"
numbers = "e.164"
dialled = "from"
"#;

    let found = problems(text, &[]);

    let expected = [
        "w.toml:1:1: [[trunk]] lacks `from`: say where its calls come from, or else `their_user`",
        "w.toml:8:14: their_user: needs `their_password` beside it",
        "w.toml:12:8: from: needs at least one item",
        "w.toml:13:18: their_password: needs `their_user` beside it",
        "w.toml:14:21: their_certificate: expected the name in a certificate",
        "w.toml:15:11: numbers: \"e.164\" is not known here; did you mean \"e164\"?",
        "w.toml:16:11: dialled: \"from\" is not known here",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
        assert!(!found.contains("swordfish"), "{found}");
    }
}

#[test]
fn trunks_with_logins_may_share_their_addresses() {
    let text = r#"[[trunk]]
name = "range"
country = "FR"
from = ["192.0.2.0/24"]
[[trunk]]
name = "login"
country = "FR"
from = ["192.0.2.0/24"]
their_user = "pbx"
their_password = "swordfish"
their_digests = ["MD5"]
numbers = "national"
dialled = "to"
[[trunk]]
name = "certificate"
country = "FR"
their_certificate = "sip.example.org"
"#;

    let with_authority = format!("[sip]\ntls_client_ca = \"ca.pem\"\n{text}");
    let config = parse(&with_authority).unwrap();

    let inbound: Vec<_> = config.trunks.iter().map(|trunk| &trunk.inbound).collect();
    assert!(inbound[0].their_login.is_none() && inbound[1].their_login.is_some());
    assert_eq!(inbound[1].their_digests, [crate::sip::trunk::digest::Algorithm::Md5]);
    assert!(inbound[2].from.is_empty());
    assert!(!format!("{config:?}").contains("swordfish"));
    assert!(problems(text, &[])[0].ends_with("nobody is asked for one without [sip] `tls_client_ca`"));
    let twice = format!("{with_authority}their_user = \"pbx\"\ntheir_password = \"x\"\n");
    assert!(problems(&twice, &[])[0].contains("\"pbx\" is the login of another trunk already"));
}

#[test]
fn the_environment_addresses_a_trunk_by_its_name_and_hands_its_secrets_over() {
    let text = r#"[[trunk]]
name = "my-carrier"
country = "FR"
from = ["192.0.2.0/24"]
to = ["sip:carrier.example"]
user = "us"
their_user = "them"
"#;
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "swordfish\n").unwrap();
    let path = secret.path().to_str().unwrap();
    let set = [
        ("WHENCE_TRUNK__MY_CARRIER__PASSWORD", "sesame"),
        ("WHENCE_TRUNK__MY_CARRIER__THEIR_PASSWORD_FILE", path),
    ];

    let config = parse_with(text, &set).unwrap();

    let trunk = &config.trunks[0];
    assert_eq!(trunk.outbound.login.as_ref().unwrap().password, "sesame");
    assert_eq!(trunk.inbound.their_login.as_ref().unwrap().password, "swordfish");
    let found = problems(
        text,
        &[("WHENCE_TRUNK__MY_CARRIER__PASSWORT", "x"), ("WHENCE_TRUNK__OTHER__PASSWORD", "x")],
    );
    assert!(
        found.contains(
            &"environment variable WHENCE_TRUNK__MY_CARRIER__PASSWORT: no such setting; did you mean \
          WHENCE_TRUNK__MY_CARRIER__PASSWORD?"
                .to_owned()
        )
    );
    assert!(
        found.iter().any(|it| it.starts_with("environment variable WHENCE_TRUNK__OTHER__PASSWORD: no such"))
    );
}
