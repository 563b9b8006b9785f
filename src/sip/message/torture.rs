//! The messages of RFC 4475, each with what we do about it and, where that is
//! not what the RFC prefers, why. The files are written after the RFC's text;
//! repeats and binary parts follow its description.

use bytes::Bytes;

use super::{BadUri, Host, Message, Method, Name, ParseError, Scheme, Transport, Uri};

/// What becomes of a message here; whether its content is acceptable is for
/// the layers above.
#[derive(PartialEq, Eq, Debug)]
enum Fate {
    Read,
    Refused(u16, &'static str),
    Dropped(&'static str),
}
use Fate::{Dropped, Read, Refused};

macro_rules! table {
    ($($name:literal => $fate:expr,)*) => {
        const TABLE: &[(&str, &[u8], Fate)] =
            &[$(($name, include_bytes!(concat!("torture/", $name, ".sip")), $fate),)*];
    };
}

table! {
    // §3.1.1: valid, however it looks.
    "wsinv" => Read,
    "intmeth" => Read,
    "esc01" => Read,
    "escnull" => Read,
    "esc02" => Read,
    "lwsdisp" => Read,
    "longreq" => Read,
    "dblreq" => Read,
    "semiuri" => Read,
    "transports" => Read,
    "mpart01" => Read,
    "unreason" => Read,
    "noreason" => Read,
    // §3.1.2: invalid.
    "badinv01" => Refused(400, "Malformed Via"),
    "clerr" => Refused(400, "Body Shorter Than Content-Length"),
    "ncl" => Refused(400, "Malformed Content-Length"),
    "scalar02" => Refused(400, "Malformed CSeq"),
    "scalarlg" => Dropped("Malformed CSeq"),
    "quotbal" => Refused(400, "Malformed To"),
    "ltgtruri" => Refused(400, "Malformed Request-URI"),
    "lwsruri" => Refused(400, "Malformed Request-URI"),
    "lwsstart" => Refused(400, "Malformed Request-URI"),
    "trws" => Refused(400, "Malformed Request-Line"),
    // Lenient: the headers of a Request-URI are not looked at, as the RFC allows.
    "escruri" => Read,
    // Lenient: a Date is passed on and never computed with.
    "baddate" => Read,
    // The Contact is refused when it is read; see below.
    "regbadct" => Read,
    // Lenient: white space inside the brackets leaves no doubt about the URI.
    "badaspec" => Read,
    // Lenient: a comma in a display name without quotes, which phones do send.
    "baddn" => Read,
    "badvers" => Refused(505, "Version Not Supported"),
    "mismatch01" => Refused(400, "CSeq Names Another Method"),
    "mismatch02" => Refused(400, "CSeq Names Another Method"),
    "bigcode" => Dropped("malformed status line"),
    // §3.2: the branch is the bare cookie; the message is good.
    "badbranch" => Read,
    // §3.3: good messages whose meaning the layers above refuse or act on,
    // except those of which nobody can say what they mean.
    "insuf" => Refused(400, "Missing Call-ID"),
    "unkscm" => Read,
    "novelsc" => Read,
    "unksm2" => Read,
    "bext01" => Read,
    "invut" => Read,
    "regaut01" => Read,
    "multi01" => Refused(400, "Repeated Header"),
    "mcl01" => Refused(400, "Malformed Content-Length"),
    "bcast" => Read,
    "zeromf" => Read,
    "cparam01" => Read,
    "cparam02" => Read,
    "regescrt" => Read,
    "sdp01" => Read,
    // §3.4: an INVITE of RFC 2543, without tag, branch, Max-Forwards and Contact.
    "inv2543" => Read,
}

fn bytes(name: &str) -> Bytes {
    let (_, bytes, _) = TABLE.iter().find(|(n, ..)| *n == name).expect("a file of the table");
    Bytes::from_static(bytes)
}

fn read(name: &str) -> Message {
    Message::parse(bytes(name)).unwrap()
}

fn values(message: &Message, name: Name) -> Vec<String> {
    message.values(name).map(|v| String::from_utf8_lossy(&v).into_owned()).collect()
}

#[test]
fn every_message_of_rfc_4475_meets_its_fate() {
    for (name, bytes, expected) in TABLE {
        let fate = match Message::parse(Bytes::from_static(bytes)) {
            Ok(_) => Read,
            Err(ParseError::Answerable(refusal)) => Refused(refusal.status, refusal.reason),
            Err(ParseError::Ignore(why)) => Dropped(why),
        };
        assert_eq!(fate, *expected, "{name}");
    }
}

#[test]
fn what_is_refused_gets_an_answer_that_can_be_read() {
    let source = "192.0.2.200:4000".parse().unwrap();
    for (name, bytes, _) in TABLE {
        let Err(ParseError::Answerable(refusal)) = Message::parse(Bytes::from_static(bytes)) else {
            continue;
        };

        let answer = refusal.answer(source);

        assert!(answer.starts_with(b"SIP/2.0 "), "{name}");
        assert!(answer.ends_with(b"Content-Length: 0\r\n\r\n"), "{name}");
        // These lack, or have spoilt, what a response must echo.
        if !["badinv01", "badvers", "scalar02", "quotbal", "insuf"].contains(name) {
            let answer = Message::parse(answer).unwrap();
            assert_eq!(answer.status(), refusal.status, "{name}");
            assert!(answer.to().tag().is_some(), "{name}");
        }
    }
}

#[test]
fn what_is_read_is_typed_in_full_and_passes_on_byte_for_byte() {
    for (name, bytes, fate) in TABLE {
        if *fate != Read {
            continue;
        }
        let message = read(name);
        let owned = [Name::ContentLength];

        assert!(message.vias().all(|via| via.is_ok()), "{name}");
        assert!(name == &"regbadct" || message.contacts().all(|contact| contact.is_ok()), "{name}");
        assert!(message.routes().chain(message.record_routes()).all(|route| route.is_ok()), "{name}");
        let passed = message.passed_headers(&owned);
        let lines: Vec<_> = message.raw_lines().filter(|line| !owned.contains(&line.name)).collect();
        let mut at = 0;
        for line in &lines {
            assert_eq!(&passed[at..at + line.line.len()], line.line, "{name}");
            at += line.line.len() + 2;
        }
        assert_eq!(at, passed.len(), "{name}");
        assert!(bytes.starts_with(&message.bytes()), "{name}");
    }
}

#[test]
fn a_short_tortuous_invite() {
    let invite = read("wsinv");

    assert_eq!(*invite.method(), Method::Invite);
    assert_eq!(invite.request_uri(), b"sip:vivekg@chair-dnrc.example.com;unknownparam");
    assert_eq!(invite.to().tag(), Some(&b"1918181833n"[..]));
    assert_eq!(invite.to().uri, b"sip:vivekg@chair-dnrc.example.com");
    assert_eq!(invite.from().display_name(), &br#"J Rosenberg \""#[..]);
    assert_eq!(invite.from().tag(), Some(&b"98asjd8"[..]));
    assert_eq!(invite.max_forwards(), Some(68));
    assert_eq!(invite.cseq().number, 9);
    assert_eq!(invite.call_id(), b"wsinv.ndaksdj@192.0.2.1");
    assert_eq!(invite.header(Name::Subject).unwrap(), &b""[..]);
    assert_eq!(
        invite.header_called("newfangledheader").unwrap(),
        &b"newfangled value continued newfangled value"[..]
    );
    assert_eq!(invite.body().len(), 150);

    let vias: Vec<_> = invite.vias().map(Result::unwrap).collect();
    assert_eq!(vias.len(), 3);
    assert_eq!((vias[0].transport, vias[0].branch()), (Transport::Udp, Some(&b"390skdjuw"[..])));
    assert!(!vias[0].has_magic_branch());
    assert_eq!(vias[1].transport, Transport::Tcp);
    assert_eq!(vias[1].host, Host::Name(b"spindle.example.com"));
    assert!(vias[1].has_magic_branch());
    assert_eq!(vias[2].host, Host::Ip("192.168.255.111".parse().unwrap()));
    assert_eq!(vias[2].branch(), Some(&b"z9hG4bK30239"[..]));

    let route = invite.routes().next().unwrap().unwrap();
    assert!(route.parse_uri().unwrap().is_loose_router());
    let contact = invite.contact().unwrap().unwrap();
    assert_eq!(contact.display_name(), &br#"Quoted string """#[..]);
    assert_eq!(contact.params.get("newparam"), Some(&b"newvalue"[..]));
    assert_eq!(contact.params.get("q"), Some(&b"0.33"[..]));
}

#[test]
fn a_wide_range_of_valid_characters() {
    let message = read("intmeth");

    assert_eq!(message.method().as_bytes(), b"!interesting-Method0123456789_*+`.%indeed'~");
    let uri = Uri::parse(message.request_uri()).unwrap();
    assert_eq!(uri.host, Some(Host::Name(b"example.com")));
    assert!(uri.user.unwrap().starts_with(b"1_unusual.URI~"));
    assert_eq!(message.to().display_name(), &b"BEL:\x07 NUL:\0 DEL:\x7f"[..]);
    assert_eq!(message.from().display, b"token1~` token2'+_ token3*%!.-");
    assert_eq!(message.from().tag(), Some(&b"_token~1'+`*%!-."[..]));
    assert_eq!(message.from().params.text("fromParam''~+*_!.-%").unwrap(), "работающий".as_bytes());
    assert_eq!(message.max_forwards(), Some(255));
}

#[test]
fn escapes_are_kept_and_resolved_only_when_asked() {
    let invite = read("esc01");
    let uri = Uri::parse(invite.request_uri()).unwrap();
    assert_eq!((uri.scheme, uri.user), (Scheme::Sip, Some(&b"sips%3Auser%40example.com"[..])));
    assert_eq!(uri.user_unescaped().unwrap(), &b"sips:user@example.com"[..]);
    let contact = invite.contact().unwrap().unwrap().parse_uri().unwrap();
    assert_eq!(contact.user_unescaped().unwrap(), &b"caller"[..]);
    assert_eq!(contact.params.unescaped("n%61me").unwrap(), &b"value%41"[..]);

    let nulls: Vec<_> = read("escnull")
        .contacts()
        .map(|contact| contact.unwrap().parse_uri().unwrap().user_unescaped().unwrap().into_owned())
        .collect();
    assert_eq!(nulls, [&b"\0"[..], b"\0\0"]);

    // An escape in a method or a header's name is no escape.
    let not_register = read("esc02");
    assert_ne!(*not_register.method(), Method::Register);
    assert_eq!(not_register.contacts().count(), 2);
    assert_eq!(not_register.to().display_name(), &b"%Z%45"[..]);
}

#[test]
fn lists_lines_and_lengths() {
    assert_eq!(read("lwsdisp").from().display, b"caller");
    assert_eq!(read("longreq").vias().count(), 34);
    assert_eq!(read("semiuri").values(Name::Accept).count(), 6);
    let semi = read("semiuri");
    assert_eq!(Uri::parse(semi.request_uri()).unwrap().user, Some(&b"user;par=u%40example.net"[..]));

    let transports: Vec<_> =
        read("transports").vias().map(|via| format!("{:?}", via.unwrap().transport)).collect();
    assert_eq!(transports.len(), 5);
    assert_eq!((&*transports[0], &*transports[2], &*transports[4]), ("Udp", "Tls", "Tcp"));

    // What follows the body in a datagram is no second message.
    let register = read("dblreq");
    assert_eq!(*register.method(), Method::Register);
    assert!(register.body().is_empty());
    assert!(register.bytes().ends_with(b"Content-Length: 0\r\n\r\n"));

    let binary = read("mpart01").body();
    assert!(binary.windows(8).any(|part| part == b"\0SIP/2.0"));
    assert!(binary.ends_with(b"--7a9cbec02ceef655--\r\n"));

    assert_eq!(read("bext01").values(Name::Require).count(), 2);
    assert_eq!(values(&read("bext01"), Name::ProxyRequire)[1], "norDoAnyProxiesSupportThis");
}

#[test]
fn reason_phrases_pass_as_they_are() {
    assert!(read("unreason").reason().starts_with("= 2**3 * 5**2 но сто".as_bytes()));
    assert_eq!((read("noreason").status(), read("noreason").reason()), (100, Bytes::new()));
}

#[test]
fn what_the_layers_above_refuse_is_there_for_them_to_see() {
    assert!(read("regbadct").contact().is_err());
    assert_eq!(Uri::parse(read("unkscm").request_uri()).unwrap().scheme, Scheme::Other);
    assert_eq!(Uri::parse(read("novelsc").request_uri()).unwrap().scheme, Scheme::Other);
    assert_eq!(read("unksm2").to().parse_uri().unwrap().scheme, Scheme::Other);
    assert!(!read("badbranch").top_via().has_magic_branch());
    assert_eq!(read("zeromf").max_forwards(), Some(0));
    assert_eq!(read("bcast").vias().count(), 2);
    assert_eq!(read("invut").content_type().unwrap(), &b"application/unknownformat"[..]);
    assert_eq!(read("badaspec").to().uri, b"sip:t.watson@example.org");
    assert_eq!(read("baddn").from().display, b"Bell, Alexander");
}

#[test]
fn a_parameter_belongs_to_the_header_without_brackets_and_to_the_uri_with_them() {
    let (bare, bracketed) = (read("cparam01"), read("cparam02"));
    let (bare, bracketed) = (bare.contact().unwrap().unwrap(), bracketed.contact().unwrap().unwrap());

    assert!(bare.params.has("unknownparam") && !bare.parse_uri().unwrap().params.has("unknownparam"));
    assert!(
        !bracketed.params.has("unknownparam") && bracketed.parse_uri().unwrap().params.has("unknownparam")
    );
    assert_eq!(bracketed.parse_uri().unwrap().user, Some(&b"+19725552222"[..]));
    assert_eq!(
        read("regescrt").contact().unwrap().unwrap().parse_uri().unwrap().headers,
        b"Route=%3Csip:sip.example.com%3E"
    );
}

#[test]
fn an_invite_of_rfc_2543_is_read() {
    let invite = read("inv2543");

    assert_eq!((invite.from().tag(), invite.top_via().branch(), invite.max_forwards()), (None, None, None));
    assert_eq!(invite.contact(), Ok(None));
    assert_eq!(invite.record_routes().count(), 1);
    // Without brackets `user=phone` is the header's; the body has no length and is the rest.
    assert_eq!(invite.to().params.get("user"), Some(&b"phone"[..]));
    assert!(invite.body().starts_with(b"v=0") && invite.body().ends_with(b"31 LPC\r\n"));
    assert_eq!(Uri::parse(b"UserB"), Err(BadUri));
}
