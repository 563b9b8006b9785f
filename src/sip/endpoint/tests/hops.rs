//! A leg and its hops: which is tried when, and what the call hears of it.

use bytes::Bytes;
use proptest::prelude::*;

use super::gateway::{FIRST, Gateway, SECOND, at, dial, out};
use super::world::OFFER;
use crate::call::input::{Input, Payload, Unreachable};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::routing::Target;
use crate::domain::ids::CallId;
use crate::sip::endpoint::Event;
use crate::sip::message::{Message, Name};
use crate::sip::transport::{Peer, Transport};
use crate::sip::trunk::out::{Out, Outward};

fn gateway(out: Out) -> Gateway {
    Gateway::with(Outward { trunks: vec![out], ..Outward::default() })
}

fn number() -> Target {
    Target::Number { trunk: "carrier".parse().unwrap(), number: "+33612345678".parse().unwrap() }
}

/// A call that comes in, its target dialled: the call, and where what went.
fn call(gateway: &mut Gateway, target: Target, branch: &str, ms: i64) -> (CallId, Vec<(String, Message)>) {
    // Each a call of its own: the CSeq tells them apart.
    let cseq = 1 + u32::try_from(ms).unwrap();
    gateway.request_with("INVITE", branch, None, cseq, "", ms);
    let call = gateway.arrived()[0];
    gateway.sent();
    let headers = Bytes::from_static(b"Content-Type: application/sdp\r\n");
    let payload = Payload { headers, body: Bytes::from_static(OFFER) };
    gateway.order(call, dial(LegId::LINE, target, payload), ms);
    (call, gateway.sent_to())
}

fn addresses(sent: &[(String, Message)]) -> Vec<&str> {
    sent.iter().map(|(to, _)| &**to).collect()
}

fn invites(sent: Vec<(String, Message)>) -> Vec<(String, Message)> {
    sent.into_iter().filter(|(_, message)| message.method().as_bytes() == b"INVITE").collect()
}

/// What is sent up to then, but for copies of what was sent before.
fn until(gateway: &mut Gateway, ms: i64, known: &Message) -> Vec<(String, Message)> {
    gateway.wait_until(ms);
    let copies = known.bytes();
    gateway.sent_to().into_iter().filter(|(_, message)| message.bytes() != copies).collect()
}

#[test]
fn a_number_goes_to_the_first_hop_of_its_trunk() {
    let mut gateway = gateway(out());

    let (_, sent) = call(&mut gateway, number(), "a", 0);

    assert_eq!(addresses(&sent), [FIRST]);
    assert_eq!(sent[0].1.request_uri(), b"sip:+33612345678@192.0.2.11;user=phone");
    assert_eq!(sent[0].1.to().uri, sent[0].1.request_uri());
}

#[test]
fn an_outbound_proxy_is_passed_on_the_way() {
    let mut gateway = gateway(Out { proxy: Some("sip:192.0.2.99:5080".into()), ..out() });

    let (_, sent) = call(&mut gateway, number(), "a", 0);

    assert_eq!(addresses(&sent), ["192.0.2.99:5080"]);
    assert_eq!(sent[0].1.request_uri(), b"sip:+33612345678@192.0.2.11;user=phone");
    assert_eq!(sent[0].1.header(Name::Route).unwrap(), &b"<sip:192.0.2.99:5080;lr>"[..]);
}

#[test]
fn a_number_over_a_trunk_that_leads_nowhere_reaches_nobody() {
    let mut gateway = gateway(Out { id: "other".parse().unwrap(), ..out() });

    call(&mut gateway, number(), "a", 0);

    let why = Unreachable::Transport;
    assert_eq!(gateway.heard(), [Input::Unreachable { leg: LegId::LINE, why }]);
}

#[test]
fn a_silent_hop_gives_way_to_the_next_and_the_call_hears_nothing_of_it() {
    let mut gateway = gateway(out());
    let (_, sent) = call(&mut gateway, number(), "a", 0);
    let first = sent[0].1.clone();

    let early = until(&mut gateway, 3_900, &first);
    let sent = until(&mut gateway, 4_100, &first);

    assert!(early.is_empty());
    assert_eq!(addresses(&sent), [SECOND]);
    let second = sent[0].1.clone();
    assert_eq!(second.call_id(), first.call_id());
    assert_eq!(second.from().tag(), first.from().tag());
    assert_eq!((first.cseq().number, second.cseq().number), (1, 2));
    assert!(gateway.heard().is_empty());

    gateway.answer(&second, 200, 5_000);
    assert!(matches!(gateway.heard()[..], [Input::Answered { leg: LegId::LINE, .. }]));
    assert_eq!(gateway.sent()[0].cseq().number, 2, "its ACK");
}

#[test]
fn a_hop_that_answers_when_another_has_been_tried_is_hung_up() {
    let mut gateway = gateway(out());
    let (call, sent) = call(&mut gateway, number(), "a", 0);
    let first = sent[0].1.clone();
    let second = until(&mut gateway, 4_100, &first)[0].1.clone();
    gateway.answer(&second, 200, 4_200);
    gateway.heard();
    gateway.sent();

    gateway.answer_with(&first, 180, "late", &[], "", 4_300);
    gateway.answer_with(&first, 200, "late", &[], "", 4_400);
    let ends = gateway.sent();
    gateway.answer_with(&first, 200, "late", &[], "", 4_900);
    let again = gateway.sent();

    let methods = |sent: &[Message]| sent.iter().map(|m| m.method().to_string()).collect::<Vec<_>>();
    assert_eq!(methods(&ends), ["CANCEL", "ACK", "BYE"]);
    assert_eq!(methods(&again), ["ACK"]);
    assert!(ends[1..].iter().all(|message| message.to().tag() == Some(b"late")));
    assert!(gateway.heard().is_empty());
    gateway.0.give_up(call, at(5_000));
    gateway.holds_nothing_in_the_end();
}

#[test]
fn a_hop_that_cannot_take_the_call_gives_way_at_once_but_a_busy_line_is_busy() {
    for (status, goes_on) in [(503, true), (500, true), (408, true), (486, false), (404, false), (501, false)]
    {
        let mut gateway = gateway(out());
        let (_, sent) = call(&mut gateway, number(), "a", 0);

        gateway.answer(&sent[0].1, 100, 1);
        gateway.answer(&sent[0].1, status, 2);

        let sent = invites(gateway.sent_to());
        let heard = gateway.heard();
        match goes_on {
            true => assert_eq!((addresses(&sent), heard), (vec![SECOND], vec![]), "{status}"),
            false => assert!(sent.is_empty() && matches!(heard[..], [Input::Refused { .. }]), "{status}"),
        }
    }
}

#[test]
fn a_line_that_rang_and_was_not_answered_is_not_rung_again_elsewhere() {
    let mut gateway = gateway(out());
    let (_, sent) = call(&mut gateway, number(), "a", 0);

    gateway.answer(&sent[0].1, 180, 1);
    gateway.answer(&sent[0].1, 408, 30_000);

    assert!(invites(gateway.sent_to()).is_empty());
    assert!(matches!(gateway.heard()[..], [Input::Progressed { .. }, Input::Refused { .. }]));
}

#[test]
fn what_somebody_said_tells_more_than_that_the_others_were_silent() {
    let mut gateway = gateway(out());
    let (_, sent) = call(&mut gateway, number(), "a", 0);

    gateway.answer(&sent[0].1, 503, 2);
    gateway.wait_until(40_000);

    let heard = gateway.heard();
    assert!(matches!(&heard[..], [Input::Refused { status, .. }] if status.code == 503), "{heard:?}");
}

#[test]
fn a_dead_hop_is_skipped_by_the_next_call_and_tried_again_later() {
    let mut gateway = gateway(out());
    let (_, sent) = call(&mut gateway, number(), "a", 0);
    let first = sent[0].1.clone();
    until(&mut gateway, 4_100, &first);

    let (_, soon) = call(&mut gateway, number(), "b", 5_000);
    gateway.wait_until(40_000);
    gateway.sent();
    let (_, later) = call(&mut gateway, number(), "c", 40_000);

    assert_eq!((addresses(&soon), addresses(&later)), (vec![SECOND], vec![FIRST]));
}

#[test]
fn a_hop_is_left_alone_as_long_as_its_503_asks_for() {
    let mut gateway = gateway(out());
    let (_, sent) = call(&mut gateway, number(), "a", 0);
    gateway.answer_with(&sent[0].1, 503, "theirs", &[(Name::RetryAfter, "120 (busy);duration=5")], "", 10);
    gateway.sent();

    let (_, soon) = call(&mut gateway, number(), "b", 119_000);
    let (_, later) = call(&mut gateway, number(), "c", 121_000);

    assert_eq!((addresses(&soon), addresses(&later)), (vec![SECOND], vec![FIRST]));
}

#[test]
fn when_all_hops_are_dead_the_one_that_comes_back_first_is_tried() {
    let mut gateway = gateway(out());
    let (_, sent) = call(&mut gateway, number(), "a", 0);
    let after = |seconds| [(Name::RetryAfter, seconds)];
    gateway.answer_with(&sent[0].1, 503, "theirs", &after("600"), "", 10);
    let second = invites(gateway.sent_to());
    gateway.answer_with(&second[0].1, 503, "theirs", &after("60"), "", 20);
    gateway.sent();

    let (_, sent) = call(&mut gateway, number(), "b", 1_000);

    assert_eq!(addresses(&sent), [SECOND]);
}

#[test]
fn a_line_by_name_has_as_many_hops_as_its_name_has_addresses() {
    let mut gateway = gateway(out());
    let line = Target::Uri("sip:counter@pbx.example".into());
    let (_, sent) = call(&mut gateway, line, "a", 0);
    assert!(sent.is_empty());
    let asked = gateway.0.drain_events().find_map(|event| match event {
        Event::Resolve(question) => Some(question),
        _ => None,
    });
    let leg = asked.expect("where the name is").leg;

    let peer = |address: &str| Peer { transport: Transport::Udp, address: address.parse().unwrap() };
    gateway.0.resolved(leg, &[peer(FIRST), peer(SECOND)], at(10));
    let sent = gateway.sent_to();
    gateway.0.undeliverable(&tx_of(&sent[0].1), at(11));
    let next = gateway.sent_to();

    assert_eq!((addresses(&sent), addresses(&next)), (vec![FIRST], vec![SECOND]));
    assert!(next[0].1.request_uri() == b"sip:counter@pbx.example");
    assert!(gateway.heard().is_empty());
}

fn tx_of(request: &Message) -> crate::sip::endpoint::TxId {
    let branch = request.top_via().branch().unwrap();
    let key = crate::sip::transaction::ClientKey::new(request.method().as_bytes(), branch);
    crate::sip::endpoint::TxId::Client(key)
}

#[test]
fn a_caller_who_gives_up_ends_the_search() {
    let mut gateway = gateway(out());
    let (call, sent) = call(&mut gateway, number(), "a", 0);
    let first = sent[0].1.clone();

    gateway.order(call, Output::Cancel { leg: LegId::LINE }, 3_000);
    let sent = until(&mut gateway, 10_000, &first);

    assert!(sent.is_empty());
    gateway.0.give_up(call, at(10_000));
    gateway.holds_nothing_in_the_end();
}

proptest! {
    /// Whatever each hop says and when: the leg comes to one end that the call
    /// hears of, and nothing stays behind.
    #[test]
    fn a_leg_has_one_end_whatever_its_hops_say(
        script in proptest::collection::vec((0_i64..6_000, 0_usize..4, 0_usize..8), 0..20),
    ) {
        const SAYS: [u16; 8] = [100, 180, 183, 200, 200, 408, 486, 503];
        let mut gateway = gateway(out());
        let (call, sent) = call(&mut gateway, number(), "a", 0);
        let (mut seen, mut ends, mut ms) = (invites(sent), 0, 0);
        let mut has_answered = false;
        for (wait, which, says) in script {
            ms += wait;
            gateway.wait_until(ms);
            seen.extend(invites(gateway.sent_to()));
            let (_, invite) = &seen[which % seen.len()];
            let tag = format!("hop{}", invite.cseq().number);
            gateway.answer_with(&invite.clone(), SAYS[says], &tag, &[], "", ms);
            seen.extend(invites(gateway.sent_to()));
            for input in gateway.heard() {
                match input {
                    Input::Answered { .. } => (ends, has_answered) = (ends + 1, true),
                    Input::Refused { .. } | Input::Unreachable { .. } => ends += 1,
                    _ => {}
                }
            }
        }
        prop_assert!(ends <= 1);
        let over = if has_answered {
            Output::HangUp { leg: LegId::LINE }
        } else {
            Output::Cancel { leg: LegId::LINE }
        };
        gateway.order(call, over, ms);
        gateway.wait_until(ms + 40_000);
        ends += gateway.heard().iter().filter(|input| !matches!(input, Input::Progressed { .. })).count();
        prop_assert_eq!(ends, 1);
        gateway.0.give_up(call, at(ms + 40_000));
        gateway.holds_nothing_in_the_end();
    }
}
