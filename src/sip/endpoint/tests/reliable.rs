//! Reliable provisional responses (RFC 3262) on either side, and on one side only.

use super::gateway::{Gateway, statuses};
use crate::call::input::{Input, MidCall, Payload, Status, Unreachable};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::ids::CallId;
use crate::sip::message::{Message, Method, Name};

const KNOWS: &str = "Supported: 100rel\r\n";
const OFFER: &str = "Content-Type: application/sdp\r\n\r\nv=0 offer";

fn session(body: &'static str) -> Payload {
    Payload { headers: "Content-Type: application/sdp\r\n".into(), body: body.into() }
}

fn progress(gateway: &mut Gateway, call: CallId, code: u16, payload: Payload, ms: i64) -> Vec<Message> {
    let status = Status::new(code, "");
    gateway.order(call, Output::Progress { leg: LegId::LINE, status, payload }, ms);
    gateway.sent()
}

fn answer(gateway: &mut Gateway, call: CallId, payload: Payload, ms: i64) -> Vec<Message> {
    gateway.order(call, Output::Answer { leg: LegId::LINE, payload }, ms);
    gateway.sent()
}

/// A caller whose INVITE has these lines and an offer: its call.
fn caller_with(gateway: &mut Gateway, lines: &str) -> CallId {
    gateway.request_with("INVITE", "a", None, 1, &format!("{lines}{OFFER}"), 0);
    let call = gateway.arrived()[0];
    gateway.sent();
    call
}

fn tag(message: &Message) -> String {
    String::from_utf8(message.to().tag().unwrap().to_vec()).unwrap()
}

fn rseq(message: &Message) -> Option<String> {
    message.header(Name::RSeq).map(|value| String::from_utf8_lossy(&value).into_owned())
}

fn prack(gateway: &mut Gateway, response: &Message, cseq: u32, more: &str, ms: i64) -> Vec<Message> {
    let line = format!("RAck: {} 1 INVITE\r\n{more}", rseq(response).unwrap());
    gateway.request_with("PRACK", &format!("p{cseq}"), Some(&tag(response)), cseq, &line, ms);
    gateway.sent()
}

#[test]
fn a_session_is_sent_reliably_to_a_caller_who_knows_how_and_a_mere_ringing_is_not() {
    let mut gateway = Gateway::new();
    let call = caller_with(&mut gateway, KNOWS);

    let ringing = progress(&mut gateway, call, 180, Payload::default(), 1).remove(0);
    let early = progress(&mut gateway, call, 183, session("v=0 early"), 2).remove(0);

    assert_eq!(rseq(&ringing), None);
    assert!(rseq(&early).is_some());
    assert_eq!(early.header(Name::Require).unwrap().as_ref(), b"100rel");
    gateway.wait_until(1_600);
    assert_eq!(statuses(&gateway.sent()), [183, 183], "again after 0.5 and 1.5 seconds");
    assert_eq!(statuses(&prack(&mut gateway, &early, 2, "", 1_700)), [200]);
    gateway.wait_until(30_000);
    assert!(gateway.sent().is_empty());
    assert!(gateway.heard().is_empty(), "the call has no part in it");
}

#[test]
fn who_requires_it_gets_nothing_else_and_one_after_the_other() {
    let mut gateway = Gateway::new();
    let call = caller_with(&mut gateway, "Require: 100rel\r\n");

    let first = progress(&mut gateway, call, 180, Payload::default(), 1).remove(0);
    assert!(progress(&mut gateway, call, 183, session("v=0"), 2).is_empty(), "it waits for the first");
    let after = prack(&mut gateway, &first, 2, "", 10);

    assert_eq!(statuses(&after), [200, 183]);
    let number = |message: &Message| rseq(message).unwrap().parse::<u32>().unwrap();
    assert_eq!(number(&after[1]), number(&first) + 1);
}

#[test]
fn an_answer_waits_until_the_early_session_is_acknowledged() {
    let mut gateway = Gateway::new();
    let call = caller_with(&mut gateway, KNOWS);
    let early = progress(&mut gateway, call, 183, session("v=0 early"), 1).remove(0);

    assert!(answer(&mut gateway, call, session("v=0 early"), 5).is_empty());
    let after = prack(&mut gateway, &early, 2, "", 10);

    assert_eq!(statuses(&after), [200, 200]);
    assert_eq!((after[0].method(), after[1].method()), (&Method::Prack, &Method::Invite));
    assert_eq!(tag(&after[1]), tag(&early));
}

#[test]
fn a_caller_who_never_acknowledges_is_refused_after_32_seconds() {
    let mut gateway = Gateway::new();
    let call = caller_with(&mut gateway, KNOWS);
    progress(&mut gateway, call, 183, session("v=0"), 0);
    gateway.wait_until(32_100);
    gateway.sent();

    let gone = Input::Unreachable { leg: LegId::CALLER, why: Unreachable::Timeout };
    assert_eq!(gateway.heard(), [gone]);
    let status = Status::new(504, "Server Time-out");
    gateway.order(call, Output::Refuse { status, payload: Payload::default() }, 32_200);
    gateway.order(call, Output::Done, 32_200);

    assert_eq!(statuses(&gateway.sent()), [504]);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn a_held_answer_that_nobody_fetches_ends_with_504() {
    let mut gateway = Gateway::new();
    let call = caller_with(&mut gateway, KNOWS);
    progress(&mut gateway, call, 183, session("v=0"), 0);
    answer(&mut gateway, call, session("v=0"), 5);
    gateway.wait_until(32_100);
    gateway.sent();

    gateway.order(call, Output::HangUp { leg: LegId::CALLER }, 32_200);
    gateway.order(call, Output::Done, 32_200);

    assert_eq!(statuses(&gateway.sent()), [504]);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn a_cancel_ends_what_is_repeated_and_held() {
    let mut gateway = Gateway::new();
    let call = caller_with(&mut gateway, KNOWS);
    progress(&mut gateway, call, 183, session("v=0"), 0);
    answer(&mut gateway, call, session("v=0"), 5);

    gateway.request("CANCEL", "a", None, 1, 100);

    assert_eq!(statuses(&gateway.sent()), [200, 487]);
    assert_eq!(gateway.heard(), [Input::Cancelled]);
    gateway.order(call, Output::Done, 110);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn a_prack_of_something_else_gets_481_and_one_that_says_nothing_400() {
    let mut gateway = Gateway::new();
    let call = caller_with(&mut gateway, KNOWS);
    let early = progress(&mut gateway, call, 183, session("v=0"), 0).remove(0);
    let ours = tag(&early);

    gateway.request_with("PRACK", "x", Some(&ours), 2, "RAck: 1 1 INVITE\r\n", 10);
    gateway.request_with("PRACK", "y", Some(&ours), 3, "", 20);
    assert_eq!(statuses(&prack(&mut gateway, &early, 4, "", 30)), [481, 400, 200]);
    assert_eq!(statuses(&prack(&mut gateway, &early, 5, "", 40)), [481], "acknowledged already");
}

/// The caller's own line, with this said in its INVITE.
fn dialled(gateway: &mut Gateway, lines: &str) -> Message {
    let (_, invite) = gateway.dialling(&format!("{lines}{OFFER}"));
    invite
}

const RELIABLE: (Name, &str) = (Name::Require, "100rel");

#[test]
fn a_reliable_line_is_acknowledged_in_order_and_once_whatever_the_caller_knows() {
    let mut gateway = Gateway::new();
    let invite = dialled(&mut gateway, "");
    assert!(invite.values(Name::Supported).any(|word| &word[..] == b"100rel"));

    for (rseq, ms) in [("7", 10), ("7", 20), ("9", 30), ("8", 40)] {
        gateway.answer_with(&invite, 183, "desk", &[RELIABLE, (Name::RSeq, rseq)], "v=0", ms);
    }

    let sent = gateway.sent();
    let racks: Vec<_> = sent.iter().map(|m| m.header(Name::RAck).unwrap().into_owned()).collect();
    assert_eq!(racks, [&b"7 1 INVITE"[..], b"8 1 INVITE"]);
    assert!(sent.iter().all(|m| m.to().tag() == Some(b"desk")));
    assert_eq!((sent[0].cseq().number, sent[1].cseq().number), (2, 3));
    let rings = gateway.heard().iter().filter(|i| matches!(i, Input::Progressed { .. })).count();
    assert_eq!(rings, 2, "copies and what overtakes are not heard");
}

#[test]
fn each_phone_of_a_forked_line_is_acknowledged_by_its_own_numbers() {
    let mut gateway = Gateway::new();
    let invite = dialled(&mut gateway, "");

    gateway.answer_with(&invite, 180, "desk", &[RELIABLE, (Name::RSeq, "100")], "", 10);
    gateway.answer_with(&invite, 180, "mobile", &[RELIABLE, (Name::RSeq, "5")], "", 20);

    let sent = gateway.sent();
    let said: Vec<_> = sent
        .iter()
        .map(|m| (m.to().tag().unwrap().to_vec(), m.header(Name::RAck).unwrap().into_owned()))
        .collect();
    assert_eq!(
        said,
        [(b"desk".to_vec(), b"100 1 INVITE".to_vec()), (b"mobile".to_vec(), b"5 1 INVITE".to_vec())]
    );
}

/// The line's answer was in its 18x; a caller who could not acknowledge that has it in the 200.
#[test]
fn the_session_of_a_reliable_line_stands_in_the_answer_to_a_caller_without_100rel() {
    let mut gateway = Gateway::new();
    let invite = dialled(&mut gateway, "");
    let call = gateway.1.unwrap();
    gateway.answer_with(&invite, 183, "desk", &[RELIABLE, (Name::RSeq, "1")], "v=0 only here", 10);
    progress(&mut gateway, call, 183, session("v=0 only here"), 11);

    gateway.answer_with(&invite, 200, "desk", &[], "", 20);
    let ok = answer(&mut gateway, call, Payload::default(), 21).pop().unwrap();

    assert_eq!((ok.status(), &ok.body()[..]), (200, &b"v=0 only here"[..]));
    assert_eq!(ok.content_type().unwrap().as_ref(), b"application/sdp");
}

/// No offer in the INVITE: it comes in the line's 18x, and its answer in the caller's PRACK.
#[test]
fn an_offer_in_a_18x_is_answered_by_the_callers_prack() {
    let mut gateway = Gateway::new();
    let (call, invite) = gateway.dialling(KNOWS);
    gateway.answer_with(&invite, 183, "desk", &[RELIABLE, (Name::RSeq, "1")], "v=0 offer", 10);
    assert!(gateway.sent().is_empty(), "the PRACK must bring the answer");
    gateway.heard();
    let early = progress(&mut gateway, call, 183, session("v=0 offer"), 11).remove(0);

    let more = "Content-Type: application/sdp\r\n\r\nv=0 answer";
    assert!(prack(&mut gateway, &early, 2, more, 20).is_empty(), "the line has the word");
    let [Input::Asked { leg: LegId::CALLER, what: MidCall::Prack, payload }] = &gateway.heard()[..] else {
        panic!("the answer is for the line")
    };
    gateway.order(call, Output::Ask { leg: LegId::LINE, what: MidCall::Prack, payload: payload.clone() }, 21);
    let ours = gateway.sent().remove(0);
    assert_eq!((ours.method(), &ours.body()[..]), (&Method::Prack, &b"v=0 answer"[..]));
    gateway.answer_with(&ours, 200, "", &[], "", 30);

    let [Input::Replied { leg: LegId::LINE, what: MidCall::Prack, status, .. }] = &gateway.heard()[..] else {
        panic!("a reply")
    };
    assert_eq!(status.code, 200);
}

#[test]
fn without_an_offer_a_line_is_not_told_of_100rel_by_a_caller_who_lacks_it() {
    let mut gateway = Gateway::new();

    let (_, invite) = gateway.dialling("");

    assert!(!invite.values(Name::Supported).any(|word| &word[..] == b"100rel"));
}

/// RFC 3311: the two ends of an early session may change it before the answer.
#[test]
fn an_update_in_the_early_dialog_passes_both_ways_once_its_session_is_acknowledged() {
    let mut gateway = Gateway::new();
    let invite = dialled(&mut gateway, KNOWS);
    let call = gateway.1.unwrap();
    gateway.request_with("UPDATE", "u0", None, 2, "", 5);
    gateway.answer_with(&invite, 183, "desk", &[RELIABLE, (Name::RSeq, "1")], "v=0 early", 10);
    let early = progress(&mut gateway, call, 183, session("v=0 early"), 11).pop().unwrap();
    gateway.sent();
    gateway.heard();

    // Of the line: not before the caller has its session.
    let ask = Output::Ask { leg: LegId::CALLER, what: MidCall::Update, payload: session("v=0 new") };
    gateway.order(call, ask.clone(), 15);
    assert!(
        matches!(&gateway.heard()[..], [Input::Replied { status, .. }] if status.code == 491),
        "the caller has nothing to update yet"
    );
    prack(&mut gateway, &early, 2, "", 20);
    gateway.order(call, ask, 25);
    let update = gateway.sent().remove(0);
    assert_eq!((update.method(), &update.body()[..]), (&Method::Update, &b"v=0 new"[..]));
    assert_eq!(update.from().tag().unwrap(), tag(&early).as_bytes());
    gateway.answer_with(&update, 200, "", &[], "v=0 yes", 30);
    assert!(matches!(&gateway.heard()[..], [Input::Replied { status, .. }] if status.code == 200));

    // Of the caller.
    let more = "Content-Type: application/sdp\r\n\r\nv=0 theirs";
    gateway.request_with("UPDATE", "u1", Some(&tag(&early)), 3, more, 40);
    let [Input::Asked { leg: LegId::CALLER, what: MidCall::Update, payload }] = &gateway.heard()[..] else {
        panic!("it is for the line")
    };
    gateway.order(
        call,
        Output::Ask { leg: LegId::LINE, what: MidCall::Update, payload: payload.clone() },
        41,
    );
    let update = gateway.sent().remove(0);
    assert_eq!((update.to().tag().unwrap(), &update.body()[..]), (&b"desk"[..], &b"v=0 theirs"[..]));
}

#[test]
fn an_update_before_anything_was_answered_is_asked_to_come_later() {
    let mut gateway = Gateway::new();
    let call = caller_with(&mut gateway, "");
    let ringing = progress(&mut gateway, call, 180, Payload::default(), 1).remove(0);

    let more = "Content-Type: application/sdp\r\n\r\nv=0";
    gateway.request_with("UPDATE", "u", Some(&tag(&ringing)), 2, more, 10);

    let refusal = gateway.sent().remove(0);
    assert_eq!(refusal.status(), 500);
    let pause: u32 = String::from_utf8_lossy(&refusal.header(Name::RetryAfter).unwrap()).parse().unwrap();
    assert!(pause <= 10);
}
