//! Each way a call can go, on a fair day and in bad weather.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use super::world::*;
use crate::call::input::{Input, MidCall, Payload};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::outcome::{HungUpBy, Outcome};

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

    let invite = &world.messages(GATEWAY, LINE)[0];

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

    let replies = world.messages(GATEWAY, CALLER);
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
fn a_session_before_the_answer_is_acknowledged_on_both_legs() {
    let mut world = world(LineDoes::AnswerWithSession { after_ms: 2_000 });
    let call = world.dial(NUMBER, OFFER);
    world.order_in(10 * SECOND, CALLER, call, hang_up());

    world.run();

    for (from, to) in [(CALLER, GATEWAY), (GATEWAY, LINE)] {
        let pracks = world.messages(from, to).iter().filter(|m| m.method().as_bytes() == b"PRACK").count();
        assert_eq!(pracks, 1, "{from} to {to}");
    }
    let heard = |i: &Input| matches!(i, Input::Progressed { payload, .. } if payload.body == ANSWER);
    assert_eq!(saw(&world, CALLER, heard), 1);
    assert_eq!(world.ended[0].outcome, Outcome::Answered);
    assert!(world.is_idle());
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
        (60_u64..8_000).prop_map(|after_ms| LineDoes::AnswerWithSession { after_ms }),
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
}
