//! Several lines, and several phones behind one: what the caller hears, and in
//! which of our faces.

use super::gateway::{Gateway, dial, statuses};
use crate::call::input::{Input, Payload, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::routing::Target;
use crate::domain::ids::CallId;
use crate::sip::message::Message;

fn session(body: &'static str) -> Payload {
    Payload { headers: "Content-Type: application/sdp\r\n".into(), body: body.into() }
}

const OFFER: &str = "Content-Type: application/sdp\r\n\r\nv=0 offer";

/// A call that has dialled two lines, and their INVITEs.
fn two_lines() -> (Gateway, CallId, Message, Message) {
    let mut gateway = Gateway::new();
    let (call, first) = gateway.dialling(OFFER);
    let to = Target::Uri("sip:y@192.0.2.3".into());
    gateway.order(call, dial(LegId(2), to, session("v=0 offer")), 2);
    let second = gateway.sent().remove(0);
    (gateway, call, first, second)
}

/// Lets the call pass on what a line has said, as it does when it hears that line.
fn pass_on(gateway: &mut Gateway, call: CallId, ms: i64) -> Vec<Message> {
    for input in gateway.heard() {
        let output = match input {
            Input::Progressed { leg, status, payload } => Output::Progress { leg, status, payload },
            Input::Answered { leg, payload } => Output::Answer { leg, payload },
            _ => continue,
        };
        gateway.order(call, output, ms);
    }
    gateway.sent().into_iter().filter(|m| !m.is_request()).collect()
}

fn tag(message: &Message) -> Vec<u8> {
    message.to().tag().unwrap().to_vec()
}

#[test]
fn one_line_has_one_tag_from_ringing_to_the_end() {
    let mut gateway = Gateway::new();
    let (call, invite) = gateway.dialling(OFFER);
    gateway.answer_with(&invite, 180, "desk", &[], "", 10);
    gateway.answer_with(&invite, 183, "desk", &[], "v=0 early", 20);
    gateway.answer_with(&invite, 200, "desk", &[], "v=0 answer", 30);

    let sent = pass_on(&mut gateway, call, 30);

    // The 18x were overtaken by the answer.
    assert_eq!(statuses(&sent), [200]);
    let mut gateway = Gateway::new();
    let (call, invite) = gateway.dialling(OFFER);
    let mut tags = vec![];
    for (status, body) in [(180, ""), (183, "v=0 early"), (200, "v=0 answer")] {
        gateway.answer_with(&invite, status, "desk", &[], body, 10);
        let sent = pass_on(&mut gateway, call, 10).remove(0);
        assert_eq!((sent.status(), &sent.body()[..]), (status, body.as_bytes()));
        tags.push(tag(&sent));
    }
    tags.dedup();
    assert_eq!(tags.len(), 1);
}

#[test]
fn who_answers_after_another_was_heard_has_a_tag_of_its_own() {
    let (mut gateway, call, first, second) = two_lines();
    gateway.answer_with(&first, 183, "a", &[], "v=0 announcement", 10);
    let early = pass_on(&mut gateway, call, 10).remove(0);
    gateway.answer_with(&first, 486, "a", &[], "", 20);
    gateway.sent();
    gateway.heard();

    gateway.answer_with(&second, 180, "b", &[], "", 30);
    let ringing = pass_on(&mut gateway, call, 30).remove(0);
    gateway.answer_with(&second, 200, "b", &[], "v=0 answer", 40);
    let ok = pass_on(&mut gateway, call, 40).remove(0);

    assert_ne!(tag(&ringing), tag(&early), "else the caller hears the dead announcement, not the ringing");
    assert_eq!(tag(&ok), tag(&ringing));
    let ours = String::from_utf8(tag(&ok)).unwrap();
    gateway.request("ACK", "k", Some(&ours), 1, 50);
    gateway.request("BYE", "z", Some(&ours), 2, 60);
    let [Input::Acked { .. }, Input::HungUp { leg: LegId::CALLER }] = &gateway.heard()[..] else {
        panic!("the dialog of the answer is the call")
    };
    let dead = String::from_utf8(tag(&early)).unwrap();
    gateway.request("BYE", "old", Some(&dead), 3, 70);
    assert_eq!(statuses(&gateway.sent()), [481]);
    gateway.answer_with(&second, 200, "b", &[], "v=0 answer", 80);
    gateway.order(call, Output::HangUp { leg: LegId(2) }, 90);
    gateway.order(call, Output::Done, 90);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn of_several_phones_one_is_heard_and_whichever_answers_has_the_call() {
    let mut gateway = Gateway::new();
    let (call, invite) = gateway.dialling(OFFER);
    gateway.answer_with(&invite, 183, "desk", &[], "v=0 desk", 10);
    let desk = pass_on(&mut gateway, call, 10).remove(0);
    gateway.answer_with(&invite, 183, "mobile", &[], "v=0 mobile", 20);
    let other = pass_on(&mut gateway, call, 20).remove(0);
    assert_eq!((&other.body()[..], tag(&other)), (&b""[..], tag(&desk)), "one is heard at a time");

    gateway.answer_with(&invite, 200, "mobile", &[], "v=0 mobile", 30);
    let ok = pass_on(&mut gateway, call, 30).remove(0);

    assert_eq!(&ok.body()[..], b"v=0 mobile");
    assert_ne!(tag(&ok), tag(&desk));
}

/// RFC 6228.
#[test]
fn a_phone_that_has_stopped_leaves_its_place_to_the_next() {
    let mut gateway = Gateway::new();
    let (call, invite) = gateway.dialling(OFFER);
    gateway.answer_with(&invite, 183, "desk", &[], "v=0 desk", 10);
    pass_on(&mut gateway, call, 10);

    gateway.answer_with(&invite, 199, "desk", &[], "", 20);
    assert!(pass_on(&mut gateway, call, 20).is_empty());
    gateway.answer_with(&invite, 183, "mobile", &[], "v=0 mobile", 30);

    assert_eq!(&pass_on(&mut gateway, call, 30).remove(0).body()[..], b"v=0 mobile");
}

#[test]
fn a_refusal_has_the_tag_of_the_first_ringing_and_every_face_is_forgotten() {
    let (mut gateway, call, first, second) = two_lines();
    gateway.answer_with(&first, 183, "a", &[], "v=0 a", 10);
    let early = pass_on(&mut gateway, call, 10).remove(0);
    gateway.answer_with(&second, 183, "b", &[], "v=0 b", 20);
    let other = pass_on(&mut gateway, call, 20).remove(0);
    assert_ne!(tag(&early), tag(&other));

    gateway.request("CANCEL", "a", None, 1, 30);

    let sent = gateway.sent();
    assert_eq!(statuses(&sent), [200, 487]);
    assert_eq!(tag(&sent[1]), tag(&early));
    for leg in [LegId(1), LegId(2)] {
        gateway.order(call, Output::Cancel { leg }, 40);
    }
    gateway.answer_with(&first, 487, "a", &[], "", 50);
    gateway.answer_with(&second, 487, "b", &[], "", 50);
    gateway.order(call, Output::Done, 60);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn no_caller_is_shown_more_faces_than_there_is_room_for() {
    let mut gateway = Gateway::new();
    let (call, _) = gateway.dialling(OFFER);
    let mut tags = std::collections::BTreeSet::new();

    for leg in 1..40 {
        let status = Status::new(183, "");
        gateway.order(call, Output::Progress { leg: LegId(leg + 1), status, payload: session("v=0") }, 10);
        tags.insert(tag(&gateway.sent().remove(0)));
    }

    assert_eq!(tags.len(), super::super::faces::FACES_MAX);
}

#[test]
fn a_line_hears_481_to_a_bye_before_its_answer() {
    let mut gateway = Gateway::new();
    let (_, invite) = gateway.dialling(OFFER);
    gateway.answer_with(&invite, 183, "desk", &[], "v=0", 10);
    let bye = format!(
        "BYE sip:x@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKbye\r\nFrom: <sip:y@h>;tag=desk\r\n\
         To: <sip:x@h>;tag={}\r\nCall-ID: {}\r\nCSeq: 1 BYE\r\n\r\n",
        String::from_utf8_lossy(invite.from().tag().unwrap()),
        String::from_utf8_lossy(invite.call_id()),
    );
    gateway.heard();

    gateway.receive(bye.into(), 20);

    assert_eq!(statuses(&gateway.sent()), [481]);
    assert!(gateway.heard().is_empty());
}
