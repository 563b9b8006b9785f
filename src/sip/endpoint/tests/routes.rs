//! Proxies that want to see every request of a dialog (RFC 3261 §12.2.1.1, §16.12).

use super::gateway::Gateway;
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::sip::endpoint::Hop;
use crate::sip::message::{Message, Name};

/// The requests that go out now, and where to.
fn requests(gateway: &mut Gateway) -> Vec<(Message, String)> {
    let sent = gateway.0.drain_transmits().filter_map(|transmit| {
        let Hop::Flow(flow) = transmit.to else { panic!("only addresses here") };
        Some((Message::parse(transmit.bytes).ok()?, flow.remote.to_string()))
    });
    sent.filter(|(message, _)| message.is_request()).collect()
}

fn routes(message: &Message) -> Vec<String> {
    message.values(Name::Route).map(|value| String::from_utf8_lossy(&value).into_owned()).collect()
}

#[test]
fn requests_to_a_caller_go_along_the_proxies_that_recorded_themselves() {
    let cases: [(&str, &str, &[&str], &str); 3] = [
        ("", "sip:x@192.0.2.1", &[], "192.0.2.1:5060"),
        // Loose routers, several values in a line and over lines.
        (
            "Record-Route: <sip:192.0.2.50:5070;lr>, <sip:192.0.2.51;lr>\r\nRecord-Route: <sip:192.0.2.52;lr>\r\n",
            "sip:x@192.0.2.1",
            &["<sip:192.0.2.50:5070;lr>", "<sip:192.0.2.51;lr>", "<sip:192.0.2.52;lr>"],
            "192.0.2.50:5070",
        ),
        // A strict one wants itself in the Request-URI, and the caller at the end.
        (
            "Record-Route: <sip:192.0.2.50>, <sip:192.0.2.51;lr>\r\n",
            "sip:192.0.2.50",
            &["<sip:192.0.2.51;lr>", "<sip:x@192.0.2.1>"],
            "192.0.2.50:5060",
        ),
    ];
    for (recorded, uri, expected, to) in cases {
        let mut gateway = Gateway::new();
        gateway.request_with("INVITE", "a", None, 1, recorded, 0);
        let call = gateway.arrived()[0];
        gateway.order(call, Output::Answer { leg: LegId::LINE, payload: Default::default() }, 10);
        let ok = gateway.sent().pop().unwrap();
        let tag = String::from_utf8(ok.to().tag().unwrap().to_vec()).unwrap();
        gateway.request("ACK", "k", Some(&tag), 1, 20);

        gateway.order(call, Output::HangUp { leg: LegId::CALLER }, 30);

        let (bye, went_to) = requests(&mut gateway).remove(0);
        assert_eq!(ok.record_routes().count(), expected.len(), "they stand in the answer again");
        assert_eq!(
            (String::from_utf8_lossy(bye.request_uri()).as_ref(), routes(&bye)),
            (uri, expected.iter().map(|r| (*r).to_owned()).collect()),
            "{recorded}"
        );
        assert_eq!(went_to, to, "{recorded}");
    }
}

#[test]
fn requests_to_a_line_go_along_its_proxies_in_reverse_and_the_answer_decides_which() {
    let mut gateway = Gateway::new();
    let (call, invite) = gateway.dialling("Content-Type: application/sdp\r\n\r\nv=0");
    let early = [(Name::RecordRoute, "<sip:192.0.2.60;lr>"), (Name::Require, "100rel"), (Name::RSeq, "1")];
    gateway.answer_with(&invite, 183, "desk", &early, "v=0", 10);
    let (prack, to) = requests(&mut gateway).remove(0);
    assert_eq!((routes(&prack), &to[..]), (vec!["<sip:192.0.2.60;lr>".to_owned()], "192.0.2.60:5060"));

    let answer = [
        (Name::RecordRoute, "<sip:192.0.2.50;lr>, <sip:192.0.2.51;lr>"),
        (Name::Contact, "<sip:d@192.0.2.3:5090>"),
    ];
    gateway.answer_with(&invite, 200, "desk", &answer, "v=0", 20);
    let (ack, to) = requests(&mut gateway).remove(0);
    gateway.order(call, Output::HangUp { leg: LegId::LINE }, 30);
    let (bye, _) = requests(&mut gateway).remove(0);

    for message in [&ack, &bye] {
        assert_eq!(routes(message), ["<sip:192.0.2.51;lr>", "<sip:192.0.2.50;lr>"]);
        assert_eq!(message.request_uri(), b"sip:d@192.0.2.3:5090");
    }
    assert_eq!(to, "192.0.2.51:5060");
}

#[test]
fn a_call_to_a_sips_uri_is_dialled_as_its_number() {
    let mut gateway = Gateway::new();
    gateway.receive(
        "INVITE sips:+33199001234@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKs\r\n\
         From: <sips:+33639981234@h>;tag=1\r\nTo: <sips:+33199001234@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\
         Contact: <sips:x@192.0.2.1>\r\n\r\n"
            .into(),
        0,
    );

    assert_eq!(gateway.new_call().number.unwrap().reveal(), "+33199001234");
}
