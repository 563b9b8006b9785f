//! The file we ship tells the truth, and every mistake is named with its place.

use std::fs;
use std::time::Duration;

use super::*;

mod media;
mod trunks;

/// The lines of the shipped file, each setting taken out of its comment.
fn shipped_with_every_key_set() -> String {
    let text = include_str!("../../config/whence.toml");
    let is_setting = |line: &str| {
        line.strip_prefix('#')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '['))
    };
    text.lines().map(|line| if is_setting(line) { &line[1..] } else { line }.to_owned() + "\n").collect()
}

fn parse(text: &str) -> Result<Config, String> {
    parse_with(text, &[])
}

fn parse_with(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Config::parse(Path::new("w.toml"), text, environment).map_err(|error| error.to_string())
}

/// The message without its headline, a string a problem.
fn problems(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let message = parse_with(text, environment).expect_err("has a mistake");
    message.lines().skip(1).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn the_shipped_file_changes_nothing() {
    let shipped = parse(include_str!("../../config/whence.toml")).unwrap();

    assert_eq!(shipped, Config::default());
    assert_eq!(parse("").unwrap(), Config::default());
}

#[test]
fn the_settings_of_the_container_image_are_well() {
    let config = parse(include_str!("../../config/container.toml")).unwrap();

    assert!(config.http.listen.ip().is_unspecified(), "reachable from outside the container");
    assert_eq!(config.database.url, "sqlite:/data/whence.db");
}

#[test]
fn every_key_stands_in_the_shipped_file_at_its_default() {
    let shipped = parse(&shipped_with_every_key_set()).unwrap();

    assert_eq!(shipped.trunks.len(), 1, "the example trunk");
    assert_eq!(shipped.webhooks.len(), 1, "the example webhook");
    assert_eq!(Config { trunks: vec![], webhooks: vec![], ..shipped }, Config::default());
}

#[test]
fn no_key_is_missing_in_the_shipped_file() {
    let text = shipped_with_every_key_set();
    let written: toml::Table = text.parse().unwrap();
    let known = Reader::run(Path::new(""), "", Environment::default(), |reader| {
        Config::read(reader);
        reader.known().collect::<Vec<_>>()
    })
    .unwrap();

    for (section, key) in known {
        let place = match section {
            "" => &written,
            "trunk" | "webhook" => written[section][0].as_table().unwrap(),
            _ => written[section].as_table().unwrap(),
        };
        assert!(place.contains_key(key), "[{section}] lacks {key}");
        assert!(!key.ends_with("_file"), "{key}: the environment means a file by this ending");
    }
}

#[test]
fn a_whole_file_is_read() {
    let config = parse(
        r#"
        node = "lyon-1"
        http = { listen = "[::1]:80", public_url = "https://calls.example.org" }
        [sip]
        listen = ["udp:0.0.0.0:5060"]
        advertised = "sip.example.org:5070"
        [[trunk]]
        name = "alpha"
        from = ["203.0.113.9/24", "2001:db8::1"]
        country = "FR"
        [calls]
        limit = 0x10
        max_duration_s = 7_200
        [log]
        format = "json"
        "#,
    )
    .unwrap();

    assert_eq!(config.node, "lyon-1");
    assert_eq!(config.http.public_url.as_str(), "https://calls.example.org/");
    assert_eq!(config.sip.listen.iter().map(ToString::to_string).collect::<Vec<_>>(), ["udp:0.0.0.0:5060"]);
    assert_eq!(config.sip.advertised[0].port, Some(5070));
    assert_eq!(
        config.trunks[0].inbound.from.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["203.0.113.0/24", "2001:db8::1/128"]
    );
    assert_eq!(config.calls.limit, 16);
    assert_eq!(config.calls.max_duration, Duration::from_secs(7_200));
    assert_eq!(config.log.format, crate::telemetry::Format::Json);
}

#[test]
fn a_gateway_on_every_address_says_which_one_reaches_it() {
    let text = "[sip]\nlisten = [\"udp:0.0.0.0:5060\"]\n";
    let environment = [("WHENCE_SIP__LISTEN", "udp:[::]:5060")];

    assert!(problems(text, &[])[0].starts_with("w.toml:2:10: listen: no peer can answer"));
    assert!(
        problems("", &environment)[0].starts_with("environment variable WHENCE_SIP__LISTEN: listen: no peer")
    );
    assert!(parse_with(text, &[("WHENCE_SIP__ADVERTISED", "192.0.2.1")]).is_ok());
}

#[test]
fn the_environment_has_the_last_word() {
    let config = parse_with(
        "[http]\nlisten = \"127.0.0.1:1\"\n",
        &[
            ("WHENCE_NODE", "n2"),
            ("WHENCE_HTTP__LISTEN", "127.0.0.1:2"),
            ("WHENCE_SIP__LISTEN", "udp:127.0.0.1:3, tcp:127.0.0.1:4"),
            ("WHENCE_CALLS__MAX_RING_S", "30"),
            ("WHENCE_TEST_POSTGRES", "belongs to the tests"),
            ("HOME", "/root"),
        ],
    )
    .unwrap();

    assert_eq!(config.node, "n2");
    assert_eq!(config.http.listen.port(), 2);
    assert_eq!(config.sip.listen.len(), 2);
    assert_eq!(config.calls.max_ring, Duration::from_secs(30));
}

#[test]
fn a_secret_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("url");
    fs::write(&secret, "postgres://whence:swordfish@db/whence\n").unwrap();
    let secret = secret.to_str().unwrap();

    let config = parse_with("", &[("WHENCE_DATABASE__URL_FILE", secret)]).unwrap();
    assert_eq!(config.database.url, "postgres://whence:swordfish@db/whence");
    assert!(!format!("{config:?}").contains("swordfish"), "a password is not printed");

    let both = [("WHENCE_DATABASE__URL_FILE", secret), ("WHENCE_DATABASE__URL", "sqlite:a")];
    assert_eq!(
        problems("", &both),
        [
            "environment variable WHENCE_DATABASE__URL: is set beside WHENCE_DATABASE__URL_FILE; keep one of them"
        ]
    );
    let gone = [("WHENCE_DATABASE__URL_FILE", "/no/such/file")];
    assert!(
        problems("", &gone)[0]
            .starts_with("environment variable WHENCE_DATABASE__URL_FILE: \"/no/such/file\"")
    );
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_its_neighbour() {
    let text = "nod = \"a\"\n[htp]\n[http]\n  lisen = 1\n[sip]\nzzzzzzzz = 1\nurl = \"\"\n";

    assert_eq!(
        problems(text, &[]),
        [
            "w.toml:1:1: unknown key `nod`; did you mean `node`?",
            "w.toml:2:2: unknown key `htp`; did you mean `http`?",
            "w.toml:4:3: unknown key `lisen` in [http]; did you mean `listen`?",
            "w.toml:6:1: unknown key `zzzzzzzz` in [sip]; known here: advertised, dns, hop_timeout_ms, listen, realm, session_s, tls_certificates, tls_client_ca, tls_keys, tls_trusts, user_agent, web_origins",
            "w.toml:7:1: unknown key `url` in [sip]; it belongs in [database]",
        ]
    );
}

#[test]
fn all_bad_values_are_told_at_once_each_at_its_place() {
    let text = r#"node = "Lyon 1"
[http]
listen = "localhost"
public_url = "https://example.org/whence"
[sip]
listen = ["udp:127.0.0.1:5060", "sctp:127.0.0.1:5060", "tcp:5060"]
user_agent = "a\r\nb"
[calls]
limit = 0
max_ring_s = "long"
[database]
url = "mysql://root:swordfish@db"
[log]
level = "debugg"
format = "xml"
"#;

    let found = problems(text, &[("WHENCE_CALLS__LIMIT", "-1")]);

    let expected = [
        "w.toml:1:8: node: \"Lyon 1\" cannot be a name: ",
        "w.toml:3:10: listen: expected an address with its port",
        "w.toml:4:14: public_url: expected http or https",
        "w.toml:6:33: listen: expected udp, tcp, tls, ws or wss",
        "w.toml:6:56: listen: expected udp, tcp, tls, ws or wss",
        "w.toml:7:14: user_agent: expected 1 to 64 printable ASCII characters",
        "w.toml:9:9: limit: 0 is not within 1 to 1000000",
        "w.toml:10:14: max_ring_s: expected a whole number, found a string",
        "w.toml:12:7: url: expected a URL that starts with sqlite: or postgres://",
        "w.toml:14:9: level: \"debugg\" is not known here; did you mean \"debug\"?",
        "w.toml:15:10: format: \"xml\" is not known here; one of text, json is expected",
        "environment variable WHENCE_CALLS__LIMIT: expected a whole number from 0 up",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn each_listener_for_every_address_needs_one_that_others_reach() {
    let text = |advertised: &str| {
        format!("[sip]\nlisten = [\"udp:0.0.0.0:5060\", \"udp:[::]:5060\"]\nadvertised = {advertised}\n")
    };

    assert_eq!(
        problems(&text("[\"192.0.2.1\", \"tls:sip.example.org\"]"), &[]),
        [
            "w.toml:2:10: listen: no peer can answer to \"every address\"; say in `advertised` which one reaches \"udp:[::]:5060\""
        ]
    );
    for advertised in ["\"sip.example.org\"", "[\"192.0.2.1\", \"[2001:db8::1]:5070\"]"] {
        assert!(parse(&text(advertised)).is_ok(), "{advertised}");
    }
    let environment = [("WHENCE_SIP__ADVERTISED", "192.0.2.1,[2001:db8::1]")];
    assert_eq!(parse_with(&text("[]"), &environment).unwrap().sip.advertised.len(), 2);
}

#[test]
fn a_listener_for_tls_needs_a_certificate_and_each_certificate_its_key() {
    let text = "[sip]\nlisten = [\"tls:127.0.0.1:5061\"]\ntls_certificates = [\"a.pem\"]\n";

    assert_eq!(
        problems(text, &[]),
        [
            "w.toml:2:10: listen: \"tls:127.0.0.1:5061\" needs a certificate; name one in `tls_certificates`",
            "w.toml:3:20: tls_certificates: there are 1 certificates and 0 keys; each has one",
        ]
    );
    let config =
        parse(&format!("{text}tls_keys = [\"a.key\"]\ntls_trusts = [\"public\", \"ca.pem\"]")).unwrap();
    assert_eq!((config.sip.tls.certificates.len(), config.sip.tls.trusts.len()), (1, 2));
}

#[test]
fn a_name_server_is_an_address_with_a_port_or_without() {
    let config = parse("[sip]\ndns = [\"192.0.2.53\", \"[2001:db8::53]:5353\"]").unwrap();
    let servers: Vec<String> = config.sip.dns.iter().map(ToString::to_string).collect();

    assert_eq!(servers, ["192.0.2.53:53", "[2001:db8::53]:5353"]);
    assert!(
        problems("[sip]\ndns = [\"ns.example\"]", &[])[0]
            .starts_with("w.toml:2:8: dns: expected the address")
    );
}

#[test]
fn an_unknown_variable_is_a_mistake_too() {
    assert_eq!(
        problems("", &[("WHENCE_DATABASE_URL", "sqlite:a"), ("WHENCE_X", "1")]),
        [
            "environment variable WHENCE_DATABASE_URL: no such setting; did you mean WHENCE_DATABASE__URL?",
            "environment variable WHENCE_X: no such setting; two underscores stand between section and key",
        ]
    );
}

#[test]
fn a_section_of_the_wrong_kind_is_explained() {
    assert_eq!(
        problems("http = 1\ntrunk = { name = \"a\" }\n", &[]),
        [
            "w.toml:1:8: \"http\" is a section: write [http]",
            "w.toml:2:9: there may be several: write [[trunk]]",
        ]
    );
}

#[test]
fn what_is_no_toml_is_told_beside_the_rest() {
    let found = problems("[http]\nlisten = \nlisten = \"\n[log]\nlevel = \"loud\"\n", &[]);

    assert!(found.len() >= 3, "{found:#?}");
    assert!(found[0].starts_with("w.toml:2:"), "{found:#?}");
    assert!(found.iter().any(|line| line.starts_with("w.toml:5:9: level")), "{found:#?}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = Config::load(Some(Path::new("/no/such.toml")), []).unwrap_err();

    assert!(error.to_string().contains("/no/such.toml: cannot be read: "), "{error}");
}

#[test]
fn a_website_is_named_as_browsers_name_it() {
    let read = |origin: &str| parse(&format!("[sip]\nweb_origins = [\"{origin}\"]\n"));

    for origin in ["https://www.example.org", "http://localhost:8080"] {
        assert_eq!(read(origin).unwrap().sip.web_origins, [origin]);
    }
    for (origin, told) in [
        ("https://www.example.org/", "browsers write that one \"https://www.example.org\""),
        ("https://www.example.org:443", "browsers write that one \"https://www.example.org\""),
        ("www.example.org", "expected the origin of a website"),
        ("*", "expected the origin of a website"),
    ] {
        let error = read(origin).unwrap_err();
        assert!(error.contains(told), "{origin}: {error}");
    }
}
