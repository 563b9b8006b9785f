//! What holds for any bytes and for any message: nothing panics, what is
//! written is read the same, and an independent reader agrees.

use bytes::Bytes;
use proptest::prelude::*;
use rsip::prelude::{HeadersExt, ToTypedHeader, UntypedHeader};

use super::text::{trim, unfold};
use super::{Builder, Frame, Framer, Message, Method, Name, NameAddr, ParseError, Uri, Via};

/// Asks for everything a message can be asked for.
fn read_all(message: &Message) {
    message.top_via();
    message.from().display_name();
    message.to().tag();
    message.call_id();
    message.cseq();
    let _ = (message.request_uri(), message.reason(), message.status(), message.body(), message.bytes());
    let _ = (message.max_forwards(), message.expires(), message.content_type());
    for name in [Name::Via, Name::Contact, Name::Other, Name::Date] {
        message.values(name).for_each(drop);
        message.addresses(name).flatten().for_each(|address| _ = address.parse_uri());
    }
    message.vias().flatten().for_each(|via| _ = (via.branch(), via.rport(), via.received()));
    message.passed_headers(&[Name::Via]);
    let _ = format!("{message:?}");
}

/// Bytes that look like SIP more often than chance would have it.
fn sip_like() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&str] = &[
        "INVITE sip:a@h SIP/2.0\r\n",
        "SIP/2.0 200 OK\r\n",
        "ACK sip:a@h SIP/2.0\r\n",
        "Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\n",
        "v:SIP/2.0/TCP [::1]:5060;rport,\r\n SIP/2.0/X y\r\n",
        "From: \"a\\\"\" <sip:a@h>;tag=1\r\n",
        "t:sip:b@h\r\n",
        "Call-ID: c\r\n",
        "CSeq: 1 INVITE\r\n",
        "CSeq: 1 ACK\r\n",
        "Contact: <sip:a,b@h>;x=\"\",*\r\n",
        "l: 3\r\n",
        "Max-Forwards: 70\r\n",
        "\r\n",
        "\r",
        "\n",
        " ",
        "\"",
        "<",
        ">",
        ",",
        ";",
        ":",
        "=",
        "\\",
        "%",
        "[",
        "v=0",
        "\u{e9}",
        "\0",
    ];
    let piece = prop_oneof![
        8 => proptest::sample::select(PIECES).prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..8),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// A good request or response with pieces in between.
fn nearly_good() -> impl Strategy<Value = Vec<u8>> {
    (proptest::sample::select(&["INVITE sip:a@h SIP/2.0", "SIP/2.0 180 Ringing"][..]), sip_like(), sip_like()).prop_map(
        |(start, middle, body)| {
            let head = "Via: SIP/2.0/UDP h;branch=z9hG4bKx;rport\r\nFrom: A <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\n\
                        Call-ID: c\r\nCSeq: 1 INVITE\r\nX: ";
            [start.as_bytes(), b"\r\n", head.as_bytes(), &middle, b"\r\n\r\n", &body].concat()
        },
    )
}

fn frames(stream: &[u8], cuts: &[usize]) -> (Vec<Frame>, bool) {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect();
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    let (mut framer, mut found) = (Framer::new(), Vec::new());
    for pair in cuts.windows(2) {
        framer.push(&stream[pair[0]..pair[1]]);
        loop {
            match framer.next() {
                Ok(Some(frame)) => found.push(frame),
                Ok(None) => break,
                Err(_) => return (found, true),
            }
        }
    }
    (found, false)
}

/// Every header but the length, by name and unfolded value.
fn said(message: &Message) -> Vec<(Vec<u8>, Vec<u8>)> {
    let lines = message.raw_lines().filter(|line| line.name != Name::ContentLength);
    lines.map(|line| (line.label.to_vec(), unfold(line.value).into_owned())).collect()
}

/// A bare LF, or a folded line of nothing but white space.
fn has_odd_fold(line: &[u8]) -> bool {
    let mut folds = line.split(|&b| b == b'\n').rev();
    let last_is_blank = folds.next().is_some_and(|last| trim(last).is_empty());
    last_is_blank || folds.any(|fold| trim(fold).is_empty() || !fold.ends_with(b"\r"))
}

/// Printable text, with what a display name or a subject may hold.
fn value() -> impl Strategy<Value = String> {
    "[ -~\u{e0}-\u{ff}]{0,40}".prop_map(|text| text.trim().to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop_oneof![sip_like(), nearly_good(), any::<Vec<u8>>()]) {
        let source = "192.0.2.1:5060".parse().unwrap();
        match Message::parse(Bytes::copy_from_slice(&bytes)) {
            Ok(message) => {
                read_all(&message);
                let reply = Builder::reply(&message, source, 180, "", Some(b"t")).finish();
                let reply = Message::parse(reply).expect("a reply to what was read can be read");
                prop_assert_eq!(reply.vias().count(), message.vias().count());
                prop_assert!(reply.to().tag().is_some());
            }
            Err(ParseError::Answerable(refusal)) => {
                let answer = refusal.answer(source);
                // Whatever came, the answer is one message: nothing ends its head early.
                let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
                prop_assert_eq!(end, Some(answer.len() - 4));
            }
            Err(ParseError::Ignore(_)) => {}
        }
        let _ = (Uri::parse(&bytes), NameAddr::parse(&bytes).map(|a| a.parse_uri().is_ok()), Via::parse(&bytes));
    }

    #[test]
    fn a_stream_is_cut_by_its_bytes_and_never_by_its_pieces(
        stream in prop_oneof![sip_like(), nearly_good()],
        cuts in proptest::collection::vec(any::<usize>(), 0..12),
    ) {
        prop_assert_eq!(frames(&stream, &cuts), frames(&stream, &[]));
    }

    #[test]
    fn passed_headers_pass_through_a_second_message_unchanged(bytes in nearly_good()) {
        let Ok(message) = Message::parse(Bytes::from(bytes)) else { return Ok(()) };
        let passed = message.passed_headers(&[]);
        let again = Builder::response(200, "").raw(&passed).body(message.body());

        let again = Message::parse(again).expect("it has all headers of a message that was read");
        prop_assert_eq!(again.body(), message.body());
        prop_assert_eq!(said(&again), said(&message));
        // Only a fold that is not as the grammar has it is set right on the way.
        if !message.raw_lines().any(|line| has_odd_fold(line.line)) {
            prop_assert_eq!(again.passed_headers(&[]), passed);
        }
    }

    #[test]
    fn what_is_written_is_read_the_same_by_us_and_by_rsip(
        user in "[+]?[0-9a-z]{1,12}",
        name in "[a-zA-Z ]{0,16}",
        subject in value(),
        number in 0u32..(1 << 31),
        body in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let uri = format!("sip:{user}@gw.example:5060");
        let built = Builder::request(&Method::Invite, &uri)
            .line(Name::Via, "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc;rport")
            .line(Name::MaxForwards, "70")
            .line(Name::From, format!("\"{name}\" <sip:{user}@a.example>;tag=f1"))
            .line(Name::To, format!("<{uri}>"))
            .line(Name::CallId, "id@a.example")
            .line(Name::CSeq, format!("{number} INVITE"))
            .line(Name::Contact, "<sip:gw@192.0.2.1:5060>")
            .line(Name::Subject, &subject)
            .line(Name::ContentType, "application/sdp")
            .body(&body);

        let ours = Message::parse(built.clone()).unwrap();
        prop_assert_eq!(ours.request_uri(), uri.as_bytes());
        let display = ours.from().display_name().into_owned();
        prop_assert_eq!(&*display, name.as_bytes());
        prop_assert_eq!(ours.cseq().number, number);
        let heard = ours.header(Name::Subject).unwrap().into_owned();
        prop_assert_eq!(&*heard, subject.as_bytes());
        prop_assert_eq!(&ours.body()[..], &body[..]);

        let theirs = rsip::Request::try_from(built).expect("rsip reads what we build");
        prop_assert_eq!(theirs.method, rsip::Method::Invite);
        prop_assert_eq!(theirs.uri.to_string(), uri);
        prop_assert_eq!(theirs.call_id_header().unwrap().value(), "id@a.example");
        prop_assert_eq!(theirs.cseq_header().unwrap().seq().unwrap(), number);
        prop_assert_eq!(theirs.from_header().unwrap().tag().unwrap().unwrap().to_string(), "f1");
        prop_assert_eq!(theirs.to_header().unwrap().tag().unwrap(), None);
        prop_assert_eq!(theirs.via_header().unwrap().typed().unwrap().branch().unwrap().to_string(), "z9hG4bKabc");
        prop_assert_eq!(&theirs.body[..], &body[..]);
    }
}

#[test]
fn rsip_reads_each_reply_that_we_build() {
    let request = Builder::request(&Method::Invite, "sip:b@gw.example")
        .line(Name::Via, "SIP/2.0/UDP phone.example:5060;branch=z9hG4bKabc;rport")
        .line(Name::Via, "SIP/2.0/UDP far.example;branch=z9hG4bKdef")
        .line(Name::From, "Alice <sip:a@gw.example>;tag=f1")
        .line(Name::To, "<sip:b@gw.example>")
        .line(Name::CallId, "id")
        .line(Name::CSeq, "2 INVITE")
        .line(Name::RecordRoute, "<sip:p.example;lr>")
        .finish();
    let request = Message::parse(request).unwrap();
    let source = "192.0.2.7:4711".parse().unwrap();

    for (status, reason) in [(100, ""), (180, ""), (200, ""), (404, "No Such Line"), (487, ""), (603, "")] {
        let reply = Builder::reply(&request, source, status, reason, Some(b"t1"))
            .record_routes_of(&request)
            .line(Name::Contact, "<sip:gw@192.0.2.1:5060>")
            .finish();

        let theirs = rsip::Response::try_from(reply.clone()).expect("rsip reads what we build");
        assert_eq!(theirs.status_code.code(), status);
        assert_eq!(theirs.to_header().unwrap().tag().unwrap().unwrap().to_string(), "t1");
        assert_eq!(theirs.cseq_header().unwrap().seq().unwrap(), 2);
        let via = theirs.via_header().unwrap().value().to_owned();
        assert_eq!(
            via, "SIP/2.0/UDP phone.example:5060;branch=z9hG4bKabc;received=192.0.2.7;rport=4711",
            "status {status}"
        );
        let ours = Message::parse(reply).unwrap();
        assert_eq!((ours.vias().count(), ours.record_routes().count()), (2, 1));
    }
}

#[test]
fn rsip_reads_the_answer_to_what_could_not_be_read() {
    let request = "INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@h>;tag=1\r\n\
                   To: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: nine\r\n\r\n";
    let Err(ParseError::Answerable(refusal)) = Message::parse(request.into()) else { panic!("not refused") };
    let source = "192.0.2.7:4711".parse().unwrap();

    let answer = refusal.answer(source);

    let theirs = rsip::Response::try_from(answer.clone()).expect("rsip reads what we build");
    assert_eq!(theirs.status_code.code(), 400);
    assert!(theirs.to_header().unwrap().tag().unwrap().is_some());
    assert!(theirs.via_header().unwrap().value().ends_with(";received=192.0.2.7"));
    assert_eq!(refusal.answer(source), answer, "a retransmission gets the same To tag");
}
