//! What other stacks are known to get wrong, a test for each.
//!
//! Two stand elsewhere: the strongest of several challenges with the trunks,
//! and the way back over a WebSocket with the transports.

use std::time::Duration;

use super::gateway::{Gateway, at, caller, statuses};
use super::world::NUMBER;
use crate::call::input::{Input, Payload, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::sip::endpoint::Hop;
use crate::sip::message::{Builder, Message};

/// What the line gets of an INVITE that the caller wrote with this top and rest.
fn carried(vias: &str, from: &[u8], more: &str) -> Message {
    let head = format!("INVITE sip:{NUMBER}@192.0.2.2 SIP/2.0\r\n{vias}From: ");
    let rest =
        format!("\r\nTo: <sip:y@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContact: <sip:x@192.0.2.1>\r\n{more}");
    let mut gateway = Gateway::new();
    gateway.receive([head.as_bytes(), from, rest.as_bytes()].concat().into(), 0);
    gateway.dial_line()
}

const VIA: &str = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKf\r\n";
const FROM: &[u8] = b"<sip:x@h>;tag=1";

#[test]
fn a_session_without_content_length_over_udp_is_carried_whole() {
    let more = "Content-Type: application/sdp\r\n\r\nv=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";

    assert_eq!(carried(VIA, FROM, more).body(), &b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"[..]);
}

#[test]
fn a_latin_1_display_name_reaches_the_line_and_costs_no_other_header() {
    let invite = carried(VIA, b"\"Ren\xe9\" <sip:x@h>;tag=1", "X-After: still here\r\n\r\n");

    assert_eq!(invite.from().display, b"\"Ren\xe9\"");
    assert_eq!(invite.header_called("X-After").unwrap().as_ref(), b"still here");
}

#[test]
fn a_display_name_with_quoted_commas_and_escapes_is_one_name() {
    let name: &[u8] = br#""Smith, \"Al\" \\ <b@c>, Jr.""#;

    let invite = carried(VIA, &[name, b" <sip:x@h>;tag=1"].concat(), "\r\n");

    assert_eq!(invite.from().display, name);
    assert!(invite.from().uri.starts_with(b"sip:x@"));
}

#[test]
fn a_plus_in_the_user_part_stays_a_plus() {
    let invite = carried(VIA, b"<sip:+33612345678@h>;tag=1", "\r\n");

    assert!(invite.from().uri.starts_with(b"sip:+33612345678@"));
}

/// RFC 2543: neither tag nor branch nor Contact.
#[test]
fn a_caller_of_rfc_2543_is_answered_and_can_hang_up() {
    let request = |method: &str, cseq: u32, to: &str| {
        format!(
            "{method} sip:{NUMBER}@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1\r\nFrom: <sip:x@192.0.2.1>\r\n\
             To: {to}\r\nCall-ID: c\r\nCSeq: {cseq} {method}\r\n\r\n"
        )
    };
    let mut gateway = Gateway::new();
    gateway.receive(request("INVITE", 1, "<sip:y@h>").into(), 0);
    let call = gateway.arrived()[0];
    gateway.order(call, Output::Answer { leg: LegId::LINE, payload: Payload::default() }, 10);
    let ok = gateway.sent().pop().unwrap();
    let to = format!("<sip:y@h>;tag={}", String::from_utf8_lossy(ok.to().tag().unwrap()));

    gateway.receive(request("ACK", 1, &to).into(), 20);
    gateway.receive(request("BYE", 2, &to).into(), 30);
    gateway.order(call, Output::Done, 40);

    assert!(matches!(gateway.heard()[..], [Input::Acked { .. }, Input::HungUp { leg: LegId::CALLER }]));
    assert_eq!(statuses(&gateway.sent()), [200]);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn a_branch_without_the_cookie_still_names_its_transaction() {
    let request = |method: &str| {
        format!(
            "{method} sip:{NUMBER}@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=17\r\n\
             From: <sip:x@h>;tag=1\r\nTo: <sip:y@h>\r\nCall-ID: c\r\nCSeq: 1 {method}\r\n\
             Contact: <sip:x@192.0.2.1>\r\n\r\n"
        )
    };
    let mut gateway = Gateway::new();

    gateway.receive(request("INVITE").into(), 0);
    gateway.receive(request("INVITE").into(), 5);
    gateway.receive(request("CANCEL").into(), 10);

    assert_eq!(gateway.arrived().len(), 1);
    assert_eq!(statuses(&gateway.sent()), [100, 100, 200, 487]);
}

#[test]
fn several_vias_in_one_line_come_back_in_order() {
    let mut gateway = Gateway::new();
    gateway.receive(
        "OPTIONS sip:192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK3, SIP/2.0/TCP \
         b;branch=z9hG4bK2\r\nv: SIP/2.0/TLS a;branch=z9hG4bK1\r\nFrom: <sip:x@h>;tag=1\r\nTo: <sip:y@h>\r\n\
         Call-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n"
            .into(),
        0,
    );

    let sent = gateway.sent();

    let branches: Vec<_> = sent[0].vias().map(|via| via.unwrap().branch().unwrap().to_vec()).collect();
    assert_eq!(branches, [b"z9hG4bK3", b"z9hG4bK2", b"z9hG4bK1"]);
}

#[test]
fn an_unknown_transport_in_a_via_is_no_reason_to_refuse() {
    let vias = "Via: SIP/2.0/SCTP-NEW 192.0.2.1;branch=z9hG4bKf, SIP/2.0/X a\r\n";

    assert!(carried(vias, FROM, "\r\n").is_request());
}

#[test]
fn a_reason_phrase_of_ones_own_reaches_the_caller() {
    let mut gateway = Gateway::new();
    let (call, invite) = gateway.dialling("");
    let busy = Builder::response(486, "Parti d\u{e9}jeuner").finish();
    let phrase = busy.split(|b| *b == b'\r').next().unwrap()[12..].to_vec();
    let reply = Builder::reply(&invite, caller().remote, 486, &phrase, Some(b"t")).finish();
    gateway.receive(reply, 10);
    let Some(Input::Refused { status, payload, .. }) = gateway.heard().pop() else { panic!("a refusal") };

    gateway.order(call, Output::Refuse { status, payload }, 11);

    assert_eq!(gateway.sent().pop().unwrap().reason(), phrase);
}

#[test]
fn a_487_has_the_tag_of_the_180_and_is_repeated_until_its_ack() {
    let mut gateway = Gateway::new();
    let (call, tag) = gateway.ringing();
    gateway.request("CANCEL", "a", None, 1, 100);
    gateway.wait_until(3_700);
    let sent = gateway.sent();
    gateway.request("ACK", "a", Some(&tag), 1, 3_800);
    gateway.wait_until(20_000);

    let of_invite: Vec<_> = sent.iter().filter(|m| m.method().as_bytes() == b"INVITE").collect();
    assert_eq!(of_invite.len(), 4, "at once, after 0.5, 1.5 and 3.5 seconds");
    assert!(of_invite.iter().all(|m| m.status() == 487 && m.to().tag() == Some(tag.as_bytes())));
    assert!(gateway.sent().is_empty(), "nothing after the ACK");
    gateway.order(call, Output::Done, 20_000);
    gateway.holds_nothing_in_the_end();
}

/// RFC 3261 §15: a caller may hang up a call that only rings.
#[test]
fn a_bye_in_the_early_dialog_ends_the_call() {
    let mut gateway = Gateway::new();
    let (_, tag) = gateway.ringing();

    gateway.request("BYE", "b", Some(&tag), 2, 100);

    assert_eq!(statuses(&gateway.sent()), [200, 487]);
    assert_eq!(gateway.heard(), [Input::Cancelled]);
}

/// RFC 3261 §13.3.1.4.
#[test]
fn an_answer_is_repeated_at_growing_distances_until_its_ack() {
    let mut gateway = Gateway::new();
    let (call, _) = gateway.ringing();
    gateway.order(call, Output::Answer { leg: LegId::LINE, payload: Payload::default() }, 0);
    let mut copies = vec![];
    for ms in (0..32_500).step_by(100) {
        gateway.wait_until(ms);
        copies.extend(gateway.sent().iter().filter(|m| m.status() == 200).map(|_| ms));
    }

    assert_eq!(copies, [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert_eq!(gateway.heard(), [Input::HungUp { leg: LegId::CALLER }], "nobody acknowledged it");
}

#[test]
fn without_rport_the_reply_goes_to_the_port_of_the_via() {
    for (via, port) in [("192.0.2.1:5070", 5070), ("192.0.2.1", 5060), ("192.0.2.1:5070;rport", 40_000)] {
        let mut gateway = Gateway::new();
        let ping = format!(
            "OPTIONS sip:192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bK1\r\nFrom: <sip:x@h>;tag=1\r\n\
             To: <sip:y@h>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n"
        );
        let mut flow = caller();
        flow.remote.set_port(40_000);
        gateway.0.receive(ping.into(), flow, at(0));

        let Some(Hop::Flow(to)) = gateway.0.drain_transmits().next().map(|transmit| transmit.to) else {
            panic!("no reply")
        };

        assert_eq!((to.remote.ip(), to.remote.port()), (caller().remote.ip(), port), "{via}");
    }
}

#[test]
fn a_cseq_lower_than_one_seen_gets_500_and_changes_nothing() {
    let mut gateway = Gateway::new();
    let (_, tag) = gateway.talking();
    gateway.request("INFO", "i", Some(&tag), 7, 100);
    gateway.heard();

    gateway.request("BYE", "old", Some(&tag), 6, 200);

    assert_eq!(statuses(&gateway.sent()), [500]);
    assert!(gateway.heard().is_empty());
}

/// RFC 3261 §16.3, as far as an agent with two sides can see it.
#[test]
fn an_invite_that_comes_back_for_the_same_number_is_a_loop() {
    let mut gateway = Gateway::new();
    let (_, invite) = gateway.dialling("");
    let branch = String::from_utf8_lossy(invite.top_via().raw).into_owned();
    let back = |user: &str, id: &str| {
        format!(
            "INVITE sip:{user}@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bK{id}\r\nVia: {branch}\r\n\
             From: <sip:x@h>;tag=9\r\nTo: <sip:y@h>\r\nCall-ID: {id}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:x@192.0.2.3>\r\n\r\n"
        )
    };

    gateway.receive(back(NUMBER, "1").into(), 10);
    gateway.receive(back("0199005678", "2").into(), 20);

    assert_eq!(statuses(&gateway.sent()), [482, 100], "another number is another call");
    assert_eq!(gateway.arrived().len(), 1);
}

#[test]
fn compact_and_folded_headers_are_understood() {
    let mut gateway = Gateway::new();
    gateway.receive(
        format!(
            "INVITE sip:{NUMBER}@192.0.2.2 SIP/2.0\r\nv: SIP/2.0/UDP\r\n 192.0.2.1;branch=z9hG4bKf\r\n\
             f: \"A\r\n B\" <sip:x@h>;tag=1\r\nt: <sip:y@h>\r\ni: c\r\nCSeq: 1\r\n\tINVITE\r\n\
             m: <sip:x@192.0.2.1>\r\nc: application/sdp\r\nl: 3\r\n\r\nv=0trailing"
        )
        .into(),
        0,
    );

    assert_eq!(gateway.dial_line().body(), &b"v=0"[..]);
}

#[test]
fn a_telephone_uri_is_dialled_as_its_number() {
    let mut gateway = Gateway::new();
    gateway.receive(
        "INVITE tel:+33-1-99-00-12-34;x=y SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKt\r\n\
         From: <tel:+33639981234>;tag=1\r\nTo: <tel:+33199001234>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:x@192.0.2.1>\r\n\r\n"
            .into(),
        0,
    );

    let new = gateway.new_call();

    assert_eq!(new.number.unwrap().reveal(), "+33199001234");
    assert_eq!(new.caller.number().unwrap().reveal(), "+33639981234");
}

#[test]
fn a_message_within_a_call_is_passed_on_and_one_without_is_refused() {
    let mut gateway = Gateway::new();
    let (_, tag) = gateway.talking();
    gateway.heard();

    gateway.request("MESSAGE", "m", Some(&tag), 2, 100);
    gateway.request("MESSAGE", "n", None, 1, 110);
    gateway.request("OPTIONS", "o", Some(&tag), 3, 120);
    gateway.request("OPTIONS", "p", Some("nobody's"), 3, 130);

    assert_eq!(statuses(&gateway.sent()), [405, 200, 481]);
    let [Input::Asked { leg: LegId::CALLER, what, .. }] = gateway.heard()[..] else { panic!("one request") };
    assert_eq!(what, crate::call::input::MidCall::Message);
}

/// RFC 3261 §14.1: each side hears 491 of the request that crossed its own.
#[test]
fn requests_that_cross_are_both_refused_with_491() {
    let mut gateway = Gateway::new();
    let (call, tag) = gateway.talking();
    let what = crate::call::input::MidCall::Reinvite;
    gateway.order(call, Output::Ask { leg: LegId::CALLER, what, payload: Payload::default() }, 100);
    gateway.sent();

    gateway.request("INVITE", "x", Some(&tag), 2, 110);
    assert_eq!(statuses(&gateway.sent()), [491]);

    let mut gateway = Gateway::new();
    let (call, tag) = gateway.talking();
    gateway.request("INVITE", "x", Some(&tag), 2, 100);
    gateway.heard();
    gateway.order(call, Output::Ask { leg: LegId::CALLER, what, payload: Payload::default() }, 110);
    let status = Status::new(491, "Request Pending");
    assert_eq!(
        gateway.heard(),
        [Input::Replied { leg: LegId::CALLER, what, status, payload: Payload::default() }]
    );
    gateway.0.wake(at(110) + Duration::from_secs(1));
}
