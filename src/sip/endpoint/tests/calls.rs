//! Each way a call can go, on a fair day and in bad weather.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use super::world::*;
use crate::call::input::{Input, MidCall, Payload};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::sip::message::{Message, Name};

const NUMBER: &str = "0199001234";
const SECOND: Duration = Duration::from_secs(1);

fn world(line_does: LineDoes) -> World {
    World::new(Weather::default(), line_does)
}

fn hang_up() -> Output {
    Output::HangUp { leg: THEIR_LEG }
}

fn saw(world: &World, node: usize, what: impl Fn(&Input) -> bool) -> usize {
    world.seen[node].iter().filter(|(_, input)| what(input)).count()
}

fn messages(world: &World, from: usize, to: usize) -> Vec<Message> {
    let between = world.packets.iter().filter(|p| (p.0, p.1) == (from, to));
    between.filter_map(|p| Message::parse(p.2.clone()).ok()).collect()
}

#[test]
fn an_answered_call_is_carried_both_ways_and_leaves_nothing_behind() {
    let mut world = world(LineDoes::Answer { after_ms: 2_000 });
    let call = world.dial(NUMBER, OFFER);
    world.order_in(10 * SECOND, CALLER, call, hang_up());

    world.run();

    let ended = &world.ended[0];
    assert_eq!((ended.outcome, ended.hung_up_by), (Outcome::Answered, HungUpBy::Caller));
    assert_eq!(
        saw(&world, CALLER, |i| matches!(i, Input::Progressed { status, .. } if status.code == 180)),
        1
    );
    assert_eq!(
        saw(&world, CALLER, |i| matches!(i, Input::Answered { payload, .. } if payload.body == ANSWER)),
        1
    );
    assert_eq!(saw(&world, LINE, |i| matches!(i, Input::HungUp { .. })), 1);
    assert!(world.is_idle());
}

#[test]
fn what_the_gateway_does_not_own_passes_byte_for_byte() {
    let mut world = world(LineDoes::Answer { after_ms: 100 });
    let call = world.dial(NUMBER, OFFER);
    world.order_in(SECOND, CALLER, call, hang_up());
    world.run();

    let invite = &messages(&world, GATEWAY, LINE)[0];

    assert_eq!(invite.body(), OFFER);
    assert_eq!(invite.header_called("X-Carrier").unwrap().as_ref(), b"keeps \xe9 this");
    assert_eq!(invite.max_forwards(), Some(69));
    assert!(invite.from().uri.starts_with(b"sip:+33612345678@"));
}

#[test]
fn the_line_may_hang_up_first() {
    let mut world = world(LineDoes::Answer { after_ms: 100 });
    world.dial(NUMBER, OFFER);
    world.run_for(SECOND);
    let at_the_line = world.arrived[LINE][0];
    world.order_in(SECOND, LINE, at_the_line, Output::HangUp { leg: LegId::CALLER });

    world.run();

    assert_eq!(world.ended[0].hung_up_by, HungUpBy::Line);
    assert_eq!(saw(&world, CALLER, |i| matches!(i, Input::HungUp { .. })), 1);
    assert!(world.is_idle());
}

#[test]
fn a_refusal_comes_back_with_its_own_words() {
    for (code, outcome) in
        [(486, Outcome::Busy), (603, Outcome::Busy), (404, Outcome::Failed), (500, Outcome::Failed)]
    {
        let mut world = world(LineDoes::Refuse(code));
        world.dial(NUMBER, OFFER);

        world.run();

        assert_eq!(world.ended[0].outcome, outcome, "{code}");
        let refused = |i: &Input| {
            matches!(i, Input::Refused { status, .. }
                if status.code == code && status.reason == Bytes::from_static(b"In My Own Words"))
        };
        assert_eq!(saw(&world, CALLER, refused), 1, "{code}");
        assert!(world.is_idle(), "{code}");
    }
}

#[test]
fn a_line_that_never_answers_is_missed_when_the_ring_time_is_over() {
    let mut world = world(LineDoes::RingForever);
    let start = world.now;
    world.dial(NUMBER, OFFER);

    world.run();

    let ended = &world.ended[0];
    assert_eq!((ended.outcome, ended.sip_status), (Outcome::Missed, 480));
    assert!(ended.at.since(start) < RING + SECOND);
    assert_eq!(saw(&world, LINE, |i| matches!(i, Input::Cancelled)), 1);
    assert!(world.is_idle());
}

#[test]
fn a_line_that_says_nothing_at_all_is_a_failed_call() {
    let mut world = world(LineDoes::Nothing);
    world.line_is_gone = true;
    world.dial(NUMBER, OFFER);

    world.run();

    let ended = &world.ended[0];
    assert_eq!(
        (ended.outcome, ended.sip_status, ended.hung_up_by),
        (Outcome::Failed, 480, HungUpBy::Gateway)
    );
    assert!(world.is_idle());
}

#[test]
fn a_caller_who_gives_up_is_abandoned_and_the_line_stops_ringing() {
    let mut world = world(LineDoes::RingForever);
    let call = world.dial(NUMBER, OFFER);
    world.order_in(5 * SECOND, CALLER, call, Output::Cancel { leg: THEIR_LEG });

    world.run();

    let ended = &world.ended[0];
    assert_eq!(
        (ended.outcome, ended.hung_up_by, ended.sip_status),
        (Outcome::Abandoned, HungUpBy::Caller, 487)
    );
    assert_eq!(saw(&world, LINE, |i| matches!(i, Input::Cancelled)), 1);
    assert_eq!(saw(&world, CALLER, |i| matches!(i, Input::Refused { status, .. } if status.code == 487)), 1);
    assert!(world.is_idle());
}

#[test]
fn the_to_tag_of_the_487_is_that_of_the_180() {
    let mut world = world(LineDoes::RingForever);
    let call = world.dial(NUMBER, OFFER);
    world.order_in(5 * SECOND, CALLER, call, Output::Cancel { leg: THEIR_LEG });
    world.run();

    let replies = messages(&world, GATEWAY, CALLER);
    let tag = |code: u16| {
        let reply =
            replies.iter().find(|m| m.status() == code && m.method().as_bytes() == b"INVITE").unwrap();
        reply.to().tag().unwrap().to_vec()
    };

    assert_eq!(tag(487), tag(180));
}

#[test]
fn a_hold_and_its_answer_pass_through() {
    let mut world = world(LineDoes::Answer { after_ms: 100 });
    let call = world.dial(NUMBER, OFFER);
    let hold = Payload { headers: Bytes::new(), body: Bytes::from_static(b"a=sendonly") };
    let ask = Output::Ask { leg: THEIR_LEG, what: MidCall::Reinvite, payload: hold.clone() };
    world.order_in(5 * SECOND, CALLER, call, ask);
    world.order_in(20 * SECOND, CALLER, call, hang_up());

    world.run();

    let asked = |i: &Input| matches!(i, Input::Asked { payload, .. } if payload.body == hold.body);
    assert_eq!(saw(&world, LINE, asked), 1);
    let replied = |i: &Input| matches!(i, Input::Replied { status, payload, .. } if status.code == 200 && payload.body == hold.body);
    assert_eq!(saw(&world, CALLER, replied), 1);
    assert_eq!(world.ended[0].outcome, Outcome::Answered);
    assert!(world.is_idle());
}

#[test]
fn an_info_passes_through_and_does_not_end_the_call() {
    let mut world = world(LineDoes::Answer { after_ms: 100 });
    let call = world.dial(NUMBER, OFFER);
    let key = Payload { headers: Bytes::new(), body: Bytes::from_static(b"Signal=5") };
    world.order_in(
        5 * SECOND,
        CALLER,
        call,
        Output::Ask { leg: THEIR_LEG, what: MidCall::Info, payload: key },
    );
    world.order_in(20 * SECOND, CALLER, call, hang_up());

    world.run();

    assert_eq!(saw(&world, LINE, |i| matches!(i, Input::Asked { what: MidCall::Info, .. })), 1);
    assert_eq!(world.ended[0].hung_up_by, HungUpBy::Caller);
    assert!(world.is_idle());
}

#[test]
fn an_offer_that_comes_with_the_answer_is_answered_in_the_ack() {
    let mut world = world(LineDoes::Answer { after_ms: 100 });
    let call = world.dial(NUMBER, b"");
    world.run_for(SECOND);
    let answer = Payload { headers: Bytes::new(), body: Bytes::from_static(b"the answer") };
    world.order_in(SECOND, CALLER, call, Output::Ack { leg: THEIR_LEG, payload: answer.clone() });
    world.order_in(5 * SECOND, CALLER, call, hang_up());

    world.run();

    let acked = |i: &Input| matches!(i, Input::Acked { payload, .. } if payload.body == answer.body);
    assert_eq!(saw(&world, LINE, acked), 1);
    assert!(world.is_idle());
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
    messages(&world, GATEWAY, CALLER)
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
        ("an extension we lack", request("INVITE", number, &format!("{contact}Require: 100rel\r\n")), 420),
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
    let refused = from_the_trunk(&request("INVITE", number, &format!("{contact}Require: 100rel, x\r\n")));
    assert_eq!(refused[0].header(Name::Unsupported).unwrap().as_ref(), b"100rel, x");
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
        messages(&world, CALLER, GATEWAY).into_iter().find(|m| m.method().as_bytes() == b"INFO").unwrap();
    let stale = String::from_utf8(info.bytes().to_vec())
        .unwrap()
        .replace("CSeq: 2 INFO", "CSeq: 1 INFO")
        .replace("branch=z9hG4bK", "branch=z9hG4bKx");

    world.inject(GATEWAY, "192.0.2.1:5060".parse().unwrap(), stale.as_bytes());

    let last = messages(&world, GATEWAY, CALLER).pop().unwrap();
    assert_eq!(last.status(), 500);
}

#[test]
fn an_answer_nobody_acknowledges_ends_the_call_after_32_seconds() {
    let mut world = world(LineDoes::Answer { after_ms: 100 });
    world.dial(NUMBER, b"");

    // With a delayed offer the caller's ACK is its user's business, and this one never gives it.
    world.run();

    let ended = &world.ended[0];
    assert_eq!(ended.outcome, Outcome::Answered);
    let talked = ended.at.since(ended.answered_at.unwrap());
    assert!(talked >= Duration::from_secs(31) && talked <= Duration::from_secs(34), "{talked:?}");
}

#[test]
fn an_independent_reader_understands_every_message_we_send() {
    let mut world = world(LineDoes::Answer { after_ms: 500 });
    let call = world.dial(NUMBER, OFFER);
    let hold = Payload { headers: Bytes::new(), body: Bytes::from_static(b"a=sendonly") };
    world.order_in(
        2 * SECOND,
        CALLER,
        call,
        Output::Ask { leg: THEIR_LEG, what: MidCall::Reinvite, payload: hold },
    );
    world.order_in(5 * SECOND, CALLER, call, hang_up());
    world.run();

    for (_, _, bytes) in world.packets.iter().filter(|p| p.0 == GATEWAY) {
        // rsip takes UTF-8 only, and the INVITE carries a Latin-1 byte on purpose.
        let text = String::from_utf8_lossy(bytes).into_owned();
        let read = rsip::SipMessage::try_from(text.as_bytes());
        assert!(read.is_ok(), "{text}");
    }
}

fn weather() -> impl Strategy<Value = Weather> {
    (0_u64..12, 0_u64..10, 1_u64..u64::MAX).prop_map(|(lost, doubled, seed)| Weather { lost, doubled, seed })
}

fn any_line() -> impl Strategy<Value = LineDoes> {
    prop_oneof![
        (60_u64..8_000).prop_map(|after_ms| LineDoes::Answer { after_ms }),
        Just(LineDoes::Refuse(486)),
        Just(LineDoes::RingForever),
        Just(LineDoes::Nothing),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Whatever the network does to packets and whoever gives up when: the
    /// call is recorded once and the gateway holds nothing in the end.
    #[test]
    fn in_any_weather_a_call_ends_once_and_leaves_nothing(
        weather in weather(),
        line in any_line(),
        give_up_ms in proptest::option::of(0_u64..10_000),
        talk_ms in 8_000_u64..30_000,
    ) {
        let mut world = World::new(weather, line);
        let call = world.dial(NUMBER, OFFER);
        if let Some(ms) = give_up_ms {
            world.order_in(Duration::from_millis(ms), CALLER, call, Output::Cancel { leg: THEIR_LEG });
        }
        world.order_in(Duration::from_millis(talk_ms), CALLER, call, hang_up());

        world.run();

        let at_the_gateway = world.arrived[GATEWAY].len();
        prop_assert_eq!(world.ended.len(), at_the_gateway);
        prop_assert!(world.nodes[GATEWAY].is_idle(), "{:?}", world.nodes[GATEWAY].held());
    }

    #[test]
    fn whatever_bytes_come_from_a_trunk_the_endpoint_lives(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut world = world(LineDoes::RingForever);

        world.inject(GATEWAY, "192.0.2.1:5060".parse().unwrap(), &bytes);
    }
}
