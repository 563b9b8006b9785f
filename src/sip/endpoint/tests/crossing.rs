//! Messages that cross on the wire, hand-made: nothing may stay behind.

use bytes::Bytes;

use super::world::NUMBER;
use crate::call::input::{Payload, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::routing::Target;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::sip::endpoint::{Config, Endpoint, Event, Local};
use crate::sip::message::{Builder, Message};
use crate::sip::transport::{Flow, Transport};
use crate::sip::trunk::accept::{Trunk, Trunks};

struct Gateway(Endpoint);

impl Gateway {
    fn new() -> Self {
        let address = "192.0.2.2:5060".parse().unwrap();
        let trunk = Trunk {
            id: "carrier".parse().unwrap(),
            from: vec!["192.0.2.0/24".parse().unwrap()],
            country: "FR".parse().ok(),
        };
        let local = Local { transport: Transport::Udp, address, advertised: address.to_string() };
        let trunks = Trunks::new(vec![trunk]);
        Self(Endpoint::new(Config { listeners: vec![local], user_agent: "Whence".into(), trunks }, [7; 32]))
    }

    fn receive(&mut self, bytes: Bytes, ms: i64) {
        self.0.receive(bytes, caller(), at(ms));
    }

    fn request(&mut self, method: &str, branch: &str, to_tag: Option<&str>, cseq: u32, ms: i64) {
        let tag = to_tag.map(|tag| format!(";tag={tag}")).unwrap_or_default();
        let text = format!(
            "{method} sip:{NUMBER}@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{branch}\r\n\
             From: <sip:x@h>;tag=1\r\nTo: <sip:y@h>{tag}\r\nCall-ID: c\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:x@192.0.2.1>\r\nContent-Length: 0\r\n\r\n"
        );
        self.receive(text.into(), ms);
    }

    fn order(&mut self, call: CallId, output: Output, ms: i64) {
        self.0.order(call, output, at(ms));
    }

    fn arrived(&mut self) -> Vec<CallId> {
        let new = |event| if let Event::Arrived(new) = event { Some(new.call) } else { None };
        self.0.drain_events().filter_map(new).collect()
    }

    fn sent(&mut self) -> Vec<Message> {
        self.0.drain_transmits().filter_map(|transmit| Message::parse(transmit.bytes).ok()).collect()
    }

    /// A caller rings; the call and our tag.
    fn ringing(&mut self) -> (CallId, String) {
        self.request("INVITE", "a", None, 1, 0);
        let call = self.arrived()[0];
        self.sent();
        let status = Status::new(180, "Ringing");
        self.order(call, Output::Progress { status, payload: Payload::default() }, 1);
        let tag = self.sent()[0].to().tag().unwrap().to_vec();
        (call, String::from_utf8(tag).unwrap())
    }

    /// … and has been answered.
    fn talking(&mut self) -> (CallId, String) {
        let (call, tag) = self.ringing();
        self.order(call, Output::Answer { payload: Payload::default() }, 10);
        self.request("ACK", "b", Some(&tag), 1, 20);
        self.sent();
        (call, tag)
    }

    fn answer(&mut self, request: &Message, status: u16, ms: i64) {
        let reply = Builder::reply(request, "192.0.2.2:5060".parse().unwrap(), status, "", Some(b"theirs"));
        self.receive(reply.finish(), ms);
    }

    /// Lets all timers run out.
    fn holds_nothing_in_the_end(mut self) {
        for _ in 0..10_000 {
            let Some(wake) = self.0.wake_at() else { break };
            self.0.wake(wake);
            self.0.drain_transmits();
            self.0.drain_events();
        }
        assert_eq!(self.0.held(), (0, 0), "legs, transactions");
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(1_000_000 + ms)
}

fn caller() -> Flow {
    Flow { transport: Transport::Udp, listener: 0, remote: "192.0.2.1:5060".parse().unwrap() }
}

fn statuses(sent: &[Message]) -> Vec<u16> {
    sent.iter().map(Message::status).collect()
}

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
    let dial = Output::Dial {
        leg: LegId::LINE,
        to: Target::Uri("sip:x@192.0.2.3".into()),
        destination: "counter".parse().unwrap(),
        payload: Payload::default(),
    };
    gateway.order(call, dial, 1);
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

    let dial = Output::Dial {
        leg: LegId::LINE,
        to: Target::Uri("sip:x@192.0.2.3".into()),
        destination: "counter".parse().unwrap(),
        payload: new.payload,
    };
    gateway.order(new.call, dial, 1);

    assert_eq!(new.caller, None);
    let invite = gateway.sent().remove(0).bytes();
    assert!(!String::from_utf8_lossy(&invite).contains("639981234"));
}
