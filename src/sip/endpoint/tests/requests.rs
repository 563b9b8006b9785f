//! Requests as they come: from strangers, from trunks, malformed, late.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use super::world::*;
use crate::call::input::{MidCall, Payload};
use crate::call::output::Output;
use crate::sip::message::{Message, Name};

const SECOND: Duration = Duration::from_secs(1);

fn world(line_does: LineDoes) -> World {
    World::new(Weather::default(), line_does)
}

#[test]
fn a_stranger_hears_nothing_whatever_it_sends() {
    let mut world = world(LineDoes::RingForever);
    let stranger = "198.51.100.9:5060".parse().unwrap();
    let request = |method: &str| {
        format!(
            "{method} sip:{NUMBER}@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.9;branch=z9hG4bK-x{method}\r\n\
             From: <sip:x@h>;tag=1\r\nTo: <sip:y@h>\r\nCall-ID: c\r\nCSeq: 1 {method}\r\n\
             Contact: <sip:x@198.51.100.9>\r\nContent-Length: 0\r\n\r\n"
        )
    };

    for method in ["INVITE", "OPTIONS", "REGISTER", "CANCEL", "BYE", "NONSENSE"] {
        world.inject(GATEWAY, stranger, request(method).as_bytes());
    }
    world.inject(GATEWAY, stranger, b"INVITE broken SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n");

    assert!(world.packets.is_empty());
    assert!(world.is_idle());
}

fn from_the_trunk(head: &str) -> Vec<Message> {
    let mut world = world(LineDoes::RingForever);
    world.inject(GATEWAY, "192.0.2.1:5060".parse().unwrap(), head.as_bytes());
    world.messages(GATEWAY, CALLER)
}

#[test]
fn requests_outside_a_call_are_answered_as_the_rfc_says() {
    let request = |method: &str, uri: &str, more: &str| {
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1\r\nFrom: <sip:x@h>;tag=1\r\n\
             To: <sip:y@h>\r\nCall-ID: c\r\nCSeq: 1 {method}\r\n{more}Content-Length: 0\r\n\r\n"
        )
    };
    let contact = "Contact: <sip:x@192.0.2.1>\r\n";
    let number = "sip:0199001234@192.0.2.2";
    let cases = [
        ("a ping", request("OPTIONS", number, ""), 200),
        ("a method we do not serve", request("REGISTER", number, ""), 405),
        ("a CANCEL of nothing", request("CANCEL", number, ""), 481),
        ("no Contact", request("INVITE", number, ""), 400),
        ("no hop left", request("INVITE", number, &format!("{contact}Max-Forwards: 0\r\n")), 483),
        (
            "an extension we lack",
            request("INVITE", number, &format!("{contact}Require: precondition\r\n")),
            420,
        ),
        (
            "another Call's dialog",
            request("BYE", number, "").replace("To: <sip:y@h>", "To: <sip:y@h>;tag=z"),
            481,
        ),
    ];

    for (name, text, status) in cases {
        let replies = from_the_trunk(&text);

        assert_eq!(replies.last().map(Message::status), Some(status), "{name}");
    }
    let refused =
        from_the_trunk(&request("INVITE", number, &format!("{contact}Require: 100rel, x, precondition\r\n")));
    assert_eq!(refused[0].header(Name::Unsupported).unwrap().as_ref(), b"x, precondition");
}

#[test]
fn a_malformed_request_of_a_trunk_gets_400() {
    let text = "INVITE sip:0199001234@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1\r\n\
                From: <sip:x@h>;tag=1\r\nTo: <sip:y@h>\r\nCall-ID: c\r\nCSeq: one INVITE\r\n\r\n";

    let mut world = world(LineDoes::RingForever);
    world.inject(GATEWAY, "192.0.2.1:5060".parse().unwrap(), text.as_bytes());

    // Its CSeq is echoed as it came, so that our own reader refuses the reply.
    assert!(world.packets[0].2.starts_with(b"SIP/2.0 400 Malformed CSeq\r\n"));
}

#[test]
fn a_reply_goes_to_the_port_of_the_via_unless_rport_asks_for_the_source() {
    let mut world = world(LineDoes::RingForever);
    let ping = |via: &str| {
        format!(
            "OPTIONS sip:192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-{via}\r\n\
             From: <sip:x@h>;tag=1\r\nTo: <sip:y@h>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n"
        )
    };

    world.inject(GATEWAY, "192.0.2.1:40000".parse().unwrap(), ping("1").as_bytes());
    assert_eq!(world.packets.len(), 1, "it went to port 5060, where the caller is");

    world.inject(GATEWAY, "192.0.2.1:40000".parse().unwrap(), ping("2;rport").as_bytes());
    assert_eq!(world.packets.len(), 1, "it went to port 40000, where nobody is");
}

#[test]
fn a_request_of_the_dialog_that_is_older_than_the_last_gets_500() {
    let mut world = world(LineDoes::Answer { after_ms: 100 });
    let call = world.dial(NUMBER, OFFER);
    let info = Payload { headers: Bytes::new(), body: Bytes::from_static(b"x") };
    world.order_in(
        2 * SECOND,
        CALLER,
        call,
        Output::Ask { leg: THEIR_LEG, what: MidCall::Info, payload: info },
    );
    world.run_for(3 * SECOND);
    let info =
        world.messages(CALLER, GATEWAY).into_iter().find(|m| m.method().as_bytes() == b"INFO").unwrap();
    let stale = String::from_utf8(info.bytes().to_vec())
        .unwrap()
        .replace("CSeq: 2 INFO", "CSeq: 1 INFO")
        .replace("branch=z9hG4bK", "branch=z9hG4bKx");

    world.inject(GATEWAY, "192.0.2.1:5060".parse().unwrap(), stale.as_bytes());

    let last = world.messages(GATEWAY, CALLER).pop().unwrap();
    assert_eq!(last.status(), 500);
}

proptest! {
    #[test]
    fn whatever_bytes_come_from_a_trunk_the_endpoint_lives(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut world = world(LineDoes::RingForever);

        world.inject(GATEWAY, "192.0.2.1:5060".parse().unwrap(), &bytes);
    }
}
