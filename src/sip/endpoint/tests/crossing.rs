//! Messages that cross on the wire, hand-made: nothing may stay behind.

use super::gateway::{Gateway, dial, statuses};
use super::world::NUMBER;
use crate::call::input::{Payload, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::routing::Target;
use crate::domain::calling::screening::Caller;
use crate::sip::endpoint::Event;

#[test]
fn an_invite_that_comes_by_two_ways_is_one_call() {
    let mut gateway = Gateway::new();

    gateway.request("INVITE", "a", None, 1, 0);
    gateway.request("INVITE", "other", None, 1, 5);

    assert_eq!(gateway.arrived().len(), 1);
    assert_eq!(statuses(&gateway.sent()), [100, 482]);
}

#[test]
fn a_request_that_crosses_our_bye_gets_481_and_leaves_nothing() {
    for method in ["INVITE", "INFO", "UPDATE"] {
        let mut gateway = Gateway::new();
        let (call, tag) = gateway.talking();
        gateway.order(call, Output::HangUp { leg: LegId::CALLER }, 100);
        gateway.order(call, Output::Done, 100);
        let bye = gateway.sent().remove(0);

        gateway.request(method, "late", Some(&tag), 2, 110);

        assert_eq!(statuses(&gateway.sent()), [481], "{method}");
        gateway.answer(&bye, 200, 120);
        gateway.holds_nothing_in_the_end();
    }
}

#[test]
fn two_byes_are_two_answers() {
    let mut gateway = Gateway::new();
    let (call, tag) = gateway.talking();

    gateway.request("BYE", "x", Some(&tag), 2, 110);
    gateway.request("BYE", "y", Some(&tag), 3, 120);
    gateway.order(call, Output::Done, 130);

    assert_eq!(statuses(&gateway.sent()), [200, 200]);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn a_bye_to_a_call_that_rings_is_answered_at_once_and_ends_the_invite() {
    let mut gateway = Gateway::new();
    let (call, tag) = gateway.ringing();

    gateway.request("BYE", "x", Some(&tag), 2, 110);

    assert_eq!(statuses(&gateway.sent()), [200, 487]);
    gateway.order(call, Output::Done, 130);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn a_call_nobody_minds_any_more_is_refused_and_its_attempt_withdrawn() {
    let mut gateway = Gateway::new();
    let (call, _) = gateway.ringing();
    let line = Target::Uri("sip:x@192.0.2.3".into());
    gateway.order(call, dial(LegId::LINE, line, Payload::default()), 1);
    let invite = gateway.sent().remove(0);
    gateway.answer(&invite, 180, 2);

    gateway.order(call, Output::HangUp { leg: LegId::CALLER }, 3);
    assert!(gateway.sent().is_empty(), "nobody has answered, so there is nothing to hang up");
    let status = Status::new(500, "Server Internal Error");
    gateway.order(call, Output::Refuse { status, payload: Payload::default() }, 4);
    gateway.order(call, Output::Cancel { leg: LegId::LINE }, 4);
    gateway.order(call, Output::Done, 4);

    let sent: Vec<String> = gateway.sent().iter().map(|m| format!("{} {}", m.status(), m.method())).collect();
    assert_eq!(sent, ["500 INVITE", "0 CANCEL"]);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn a_reinvite_that_was_cancelled_gets_its_487() {
    let mut gateway = Gateway::new();
    let (call, tag) = gateway.talking();
    gateway.request("INVITE", "re", Some(&tag), 2, 100);

    gateway.request("CANCEL", "re", Some(&tag), 2, 110);

    assert_eq!(statuses(&gateway.sent()), [200, 487]);
    gateway.order(call, Output::HangUp { leg: LegId::CALLER }, 120);
    gateway.order(call, Output::Done, 120);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn who_wishes_to_stay_unknown_stays_so_to_the_line() {
    let mut gateway = Gateway::new();
    let text = format!(
        "INVITE sip:{NUMBER}@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKp\r\n\
         From: \"Ada\" <sip:+33639981234@h>;tag=1\r\nTo: <sip:y@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\
         P-Asserted-Identity: <tel:+33639981234>\r\nPrivacy: id\r\n\
         Contact: <sip:x@192.0.2.1>\r\nContent-Length: 0\r\n\r\n"
    );
    gateway.receive(text.into(), 0);
    let Some(Event::Arrived(new)) = gateway.0.drain_events().next() else { panic!("a call") };
    gateway.sent();

    let line = Target::Uri("sip:x@192.0.2.3".into());
    gateway.order(new.call, dial(LegId::LINE, line, new.payload), 1);

    assert_eq!(new.caller, Caller::Withheld);
    let invite = gateway.sent().remove(0).bytes();
    assert!(!String::from_utf8_lossy(&invite).contains("639981234"));
}
