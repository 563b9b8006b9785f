//! The examples of the RFCs, and what their readers get wrong.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

const NONCE: &str = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

fn login(user: &str, password: &str) -> Login {
    Login { user: user.to_owned(), password: password.to_owned() }
}

fn get() -> Method {
    Method::Other(Bytes::from_static(b"GET"))
}

fn response(lines: &str) -> Message {
    let text = format!(
        "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n\
         To: <sip:b@h>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n{lines}\r\n"
    );
    Message::parse(text.into()).unwrap()
}

/// RFC 7616 §3.9.1, RFC 2617 §3.5; §3.9.2 as its erratum 4897 mends it: the
/// RFC printed the first half of a SHA-512.
#[test]
fn the_examples_of_the_rfcs_are_answered_as_they_say() {
    for (login, realm, algorithm, nonce, cnonce, uri, qop, expected) in [
        (
            login("Mufasa", "Circle of Life"),
            "http-auth@example.org",
            Algorithm::Md5,
            NONCE,
            CNONCE,
            "/dir/index.html",
            true,
            "8ca523f5e9506fed4657c9700eebdbec",
        ),
        (
            login("Mufasa", "Circle of Life"),
            "http-auth@example.org",
            Algorithm::Sha256,
            NONCE,
            CNONCE,
            "/dir/index.html",
            true,
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
        (
            login("J\u{e4}s\u{f8}n Doe", "Secret, or not?"),
            "api@example.org",
            Algorithm::Sha512_256,
            "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
            "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
            "/doe.json",
            true,
            "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
        ),
        (
            login("Mufasa", "Circle Of Life"),
            "testrealm@host.com",
            Algorithm::Md5,
            "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            "0a4f113b",
            "/dir/index.html",
            true,
            "6629fae49393a05397450978507c4ef1",
        ),
        (
            login("Mufasa", "Circle Of Life"),
            "testrealm@host.com",
            Algorithm::Md5,
            "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            "",
            "/dir/index.html",
            false,
            "670fd8c2df070c60b045671b8b24ff02",
        ),
    ] {
        let (realm, nonce) = (realm.as_bytes().into(), nonce.as_bytes().into());
        let challenge = Challenge { realm, nonce, opaque: None, algorithm, qop, stale: false };

        let answer = challenge.answer(&login, &get(), uri.as_bytes(), cnonce.as_bytes(), 1);

        let read = Credentials::read(&answer).unwrap();
        assert_eq!(read.response, expected.as_bytes(), "{algorithm:?}");
        assert_eq!(read.count(), qop.then_some(1));
        assert!(read.proves(&login, &get()));
    }
}

#[test]
fn the_strongest_challenge_that_is_known_is_chosen() {
    let md5 = "WWW-Authenticate: Digest realm=\"a\", nonce=\"1\"\r\n";
    let sha256 =
        "WWW-Authenticate: Digest realm=\"a\",\r\n nonce=\"2\", algorithm=sha-256, qop=\"auth,auth-int\"\r\n";
    let unknown = "WWW-Authenticate: Digest realm=\"a\", nonce=\"3\", algorithm=SHA3-512, qop=\"auth\"\r\n";
    let session = "WWW-Authenticate: Digest realm=\"a\", nonce=\"4\", algorithm=MD5-sess, qop=\"auth\"\r\n";
    let whole = "WWW-Authenticate: Digest realm=\"a\", nonce=\"5\", algorithm=SHA-256, qop=\"auth-int\"\r\n";
    let two = "WWW-Authenticate: Digest realm=\"a\", nonce=\"6\", Digest realm=\"a\", nonce=\"7\", \
               algorithm=SHA-512-256, stale=true\r\n";
    for (lines, nonce) in [
        (vec![md5], Some("1")),
        (vec![md5, sha256], Some("2")),
        (vec![sha256, md5, unknown, session, whole], Some("2")),
        (vec![sha256, two, md5], Some("7")),
        (vec![unknown, session, whole], None),
        (vec!["WWW-Authenticate: Basic realm=\"a\"\r\n"], None),
        (vec!["Proxy-Authenticate: Digest realm=\"a\", nonce=\"1\"\r\n"], None),
        (vec!["WWW-Authenticate: Digest realm=\"a\"\r\n"], None),
    ] {
        let found = Challenge::strongest(&response(&lines.concat()), Name::WwwAuthenticate);

        let nonce_found =
            found.as_ref().map(|challenge| String::from_utf8_lossy(&challenge.nonce).into_owned());
        assert_eq!(nonce_found.as_deref(), nonce, "{lines:?}");
        assert_eq!(found.is_some_and(|challenge| challenge.stale), nonce == Some("7"));
    }
}

#[test]
fn a_challenge_is_read_as_it_was_written() {
    for algorithm in Algorithm::STRONGEST_FIRST {
        let challenge = Challenge {
            realm: b"a \\\"b\\\", c"[..].into(),
            nonce: b"n=="[..].into(),
            opaque: (algorithm == Algorithm::Md5).then(|| b"o"[..].into()),
            algorithm,
            qop: algorithm != Algorithm::Md5,
            stale: algorithm == Algorithm::Sha256,
        };
        let line = [&b"WWW-Authenticate: "[..], &challenge.write(), b"\r\n"].concat();

        let read = Challenge::strongest(&response(&String::from_utf8(line).unwrap()), Name::WwwAuthenticate);

        assert_eq!(read, Some(challenge));
    }
}

/// RFC 7616 §3.4: nc, qop and algorithm stand without quotes, all else within.
#[test]
fn an_answer_is_written_as_strict_readers_want_it() {
    let challenge = Challenge {
        realm: b"r"[..].into(),
        nonce: b"n"[..].into(),
        opaque: Some(b"o"[..].into()),
        algorithm: Algorithm::Sha256,
        qop: true,
        stale: false,
    };

    let answer = challenge.answer(&login("u", "p"), &Method::Invite, b"sip:+33199001234@h", b"c", 26);

    let answer = String::from_utf8(answer).unwrap();
    let response = answer.split("response=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(
        answer,
        format!(
            "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:+33199001234@h\", \
             response=\"{response}\", algorithm=SHA-256, cnonce=\"c\", qop=auth, nc=0000001a, opaque=\"o\""
        )
    );
}

#[test]
fn a_wrong_word_anywhere_proves_nothing() {
    let challenge = Challenge {
        realm: b"r"[..].into(),
        nonce: b"n"[..].into(),
        opaque: None,
        algorithm: Algorithm::Sha256,
        qop: true,
        stale: false,
    };
    let good = login("u", "p");
    let answer = String::from_utf8(challenge.answer(&good, &Method::Invite, b"sip:h", b"c", 1)).unwrap();
    let proves = |line: &str, login: &Login, method: &Method| {
        Credentials::read(line.as_bytes()).is_some_and(|read| read.proves(login, method))
    };

    assert!(proves(&answer, &good, &Method::Invite));
    assert!(!proves(&answer, &login("u", "q"), &Method::Invite));
    assert!(!proves(&answer, &login("v", "p"), &Method::Invite));
    assert!(!proves(&answer, &good, &Method::Bye));
    for (word, other) in [
        ("realm=\"r\"", "realm=\"s\""),
        ("nonce=\"n\"", "nonce=\"m\""),
        ("uri=\"sip:h\"", "uri=\"sip:i\""),
        ("nc=00000001", "nc=00000002"),
        ("cnonce=\"c\"", "cnonce=\"d\""),
        ("algorithm=SHA-256", "algorithm=MD5"),
        ("algorithm=SHA-256", "algorithm=X"),
        ("qop=auth, ", ""),
        ("qop=auth", "qop=auth-int"),
        ("response=\"", "response=\"0"),
        ("Digest ", "Basic "),
    ] {
        let tampered = answer.replacen(word, other, 1);
        assert_ne!(tampered, answer, "{word}");
        assert!(!proves(&tampered, &good, &Method::Invite), "{tampered}");
    }
}

#[test]
fn nothing_secret_prints() {
    assert_eq!(format!("{:?}", login("u", "swordfish")), "Login(…)");
}

proptest! {
    /// Whatever a peer writes in its challenge, our answer is one header value
    /// that reads back, and proves the login.
    #[test]
    fn any_challenge_is_answered_so_that_it_reads_back(
        realm in "[ -~]{0,20}", nonce in "[ -~]{0,20}", count in 1u32.., qop in any::<bool>(),
    ) {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let challenge = Challenge {
            realm: quoted(&realm).into_bytes().into(),
            nonce: quoted(&nonce).into_bytes().into(),
            opaque: None,
            algorithm: Algorithm::Sha256,
            qop,
            stale: false,
        };
        let login = login("trunk-1", "p");

        let answer = challenge.answer(&login, &Method::Invite, b"sip:h", b"c", count);

        let read = Credentials::read(&answer).unwrap();
        prop_assert_eq!(read.realm, &*challenge.realm);
        prop_assert_eq!(read.nonce, &*challenge.nonce);
        prop_assert_eq!(read.count(), qop.then_some(count));
        prop_assert!(read.proves(&login, &Method::Invite));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Some(read) = Credentials::read(&bytes) {
            read.proves(&login("u", "p"), &Method::Invite);
        }
        let line = [b"Digest ", &bytes[..]].concat();
        let _ = Credentials::read(&line);
    }
}
