//! Who we are, proved to a trunk that asks, and to nobody else.

use bytes::Bytes;

use super::gateway::{Gateway, at, dial};
use super::world::OFFER;
use crate::call::input::{Input, MidCall, Payload};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::routing::Target;
use crate::domain::ids::CallId;
use crate::sip::message::{Message, Method, Name};
use crate::sip::trunk::digest::{Credentials, Login};
use crate::sip::trunk::out::{CallerId, Out, Outward, Spelling};

const MD5: &str = "Digest realm=\"carrier\", nonce=\"one\", qop=\"auth\"";
const SHA: &str = "Digest realm=\"carrier\", nonce=\"two\", qop=\"auth\", algorithm=SHA-256";

fn login() -> Login {
    Login { user: "trunk".into(), password: "secret".into() }
}

fn gateway() -> Gateway {
    let out = Out {
        id: "carrier".parse().unwrap(),
        to: vec!["sip:192.0.2.3".into()],
        proxy: None,
        login: Some(login()),
        register: None,
        caller_id: CallerId::Pass,
        asserts: false,
        ping: None,
        spelling: Spelling::E164,
        country: "FR".parse().unwrap(),
    };
    Gateway::with(Outward { trunks: vec![out], ..Outward::default() })
}

/// A call that dials its target: the call and the INVITE.
fn dialled(gateway: &mut Gateway, target: Target) -> (CallId, Message) {
    gateway.request("INVITE", "a", None, 1, 0);
    let call = gateway.arrived()[0];
    gateway.sent();
    let headers = Bytes::from_static(b"Content-Type: application/sdp\r\n");
    let payload = Payload { headers, body: Bytes::from_static(OFFER) };
    gateway.order(call, dial(LegId::LINE, target, payload), 0);
    (call, gateway.sent().remove(0))
}

fn number() -> Target {
    Target::Number { trunk: "carrier".parse().unwrap(), number: "+33612345678".parse().unwrap() }
}

/// What a request proves, by its nonce and how often that has been used.
fn proof(request: &Message, name: Name) -> Option<(String, u32)> {
    let line = request.header(name)?;
    let read = Credentials::read(&line).unwrap();
    let method = if *request.method() == Method::Ack { &Method::Invite } else { request.method() };
    assert!(read.proves(&login(), method), "the answer is right");
    Some((String::from_utf8_lossy(read.nonce).into_owned(), read.count().unwrap()))
}

fn asked(gateway: &mut Gateway, request: &Message, status: u16, questions: &[&str], ms: i64) {
    let name = if status == 401 { Name::WwwAuthenticate } else { Name::ProxyAuthenticate };
    let lines: Vec<(Name, &str)> = questions.iter().map(|question| (name, *question)).collect();
    gateway.answer_with(request, status, "asks", &lines, "", ms);
}

fn methods(sent: &[Message]) -> Vec<String> {
    sent.iter().map(|message| message.method().to_string()).collect()
}

/// A talk over the trunk, which has asked once.
fn talking(gateway: &mut Gateway) -> CallId {
    let (call, invite) = dialled(gateway, number());
    asked(gateway, &invite, 407, &[MD5], 1);
    let again = gateway.sent().remove(1);
    gateway.answer(&again, 200, 2);
    gateway.heard();
    call
}

#[test]
fn an_invite_that_is_asked_goes_again_with_the_strongest_answer() {
    let mut gateway = gateway();
    let (_, invite) = dialled(&mut gateway, number());

    asked(&mut gateway, &invite, 407, &[MD5, SHA], 1);

    let sent = gateway.sent();
    assert_eq!(methods(&sent), ["ACK", "INVITE"]);
    assert_eq!(sent[0].cseq().number, 1);
    let again = &sent[1];
    assert_eq!((again.call_id(), again.cseq().number), (invite.call_id(), 2));
    assert_eq!(again.from().tag(), invite.from().tag());
    assert_eq!(again.body(), invite.body());
    assert_eq!(proof(again, Name::ProxyAuthorization), Some(("two".into(), 1)));
    assert!(gateway.heard().is_empty(), "the call does not hear of it");

    gateway.answer(again, 200, 2);
    let ack = gateway.sent().remove(0);
    assert_eq!((ack.cseq().number, ack.method().to_string().as_str()), (2, "ACK"));
    assert_eq!(proof(&ack, Name::ProxyAuthorization), Some(("two".into(), 1)));
}

#[test]
fn a_password_that_is_not_believed_is_not_sent_again() {
    let mut gateway = gateway();
    let (_, invite) = dialled(&mut gateway, number());
    asked(&mut gateway, &invite, 401, &[MD5], 1);
    let again = gateway.sent().remove(1);

    asked(&mut gateway, &again, 401, &[MD5], 2);

    assert_eq!(methods(&gateway.sent()), ["ACK"]);
    assert!(matches!(&gateway.heard()[..], [Input::Refused { status, .. }] if status.code == 401));
}

#[test]
fn a_proxy_and_the_server_behind_it_may_both_ask() {
    let mut gateway = gateway();
    let (_, invite) = dialled(&mut gateway, number());

    asked(&mut gateway, &invite, 407, &[MD5], 1);
    let again = gateway.sent().remove(1);
    asked(&mut gateway, &again, 401, &[SHA], 2);

    let sent = gateway.sent();
    assert_eq!(proof(&sent[1], Name::Authorization), Some(("two".into(), 1)));
    assert!(sent[1].header(Name::ProxyAuthorization).is_some());
}

#[test]
fn a_line_gets_no_password_whatever_it_asks() {
    let mut gateway = gateway();
    let (_, invite) = dialled(&mut gateway, Target::Uri("sip:desk@192.0.2.3".into()));

    asked(&mut gateway, &invite, 401, &[MD5], 1);

    assert_eq!(methods(&gateway.sent()), ["ACK"]);
    assert!(matches!(&gateway.heard()[..], [Input::Refused { .. }]));
}

#[test]
fn what_follows_in_the_call_proves_itself_unasked() {
    let mut gateway = gateway();
    let call = talking(&mut gateway);
    gateway.sent();

    gateway.order(call, Output::HangUp { leg: LegId::LINE }, 100);

    let bye = gateway.sent().remove(0);
    assert_eq!(proof(&bye, Name::ProxyAuthorization), Some(("one".into(), 2)));
}

#[test]
fn a_request_within_the_call_is_answered_for_and_keeps_its_dialog() {
    for (what, method) in [
        (MidCall::Reinvite, "INVITE"),
        (MidCall::Update, "UPDATE"),
        (MidCall::Info, "INFO"),
        (MidCall::Message, "MESSAGE"),
    ] {
        let mut gateway = gateway();
        let call = talking(&mut gateway);
        gateway.sent();
        let payload = Payload { headers: Bytes::new(), body: Bytes::from_static(OFFER) };
        gateway.order(call, Output::Ask { leg: LegId::LINE, what, payload }, 100);
        let first = gateway.sent().remove(0);

        let stale = "Digest realm=\"carrier\", nonce=\"new\", qop=\"auth\", stale=true";
        asked(&mut gateway, &first, 407, &[stale], 101);

        let again = gateway.sent().pop().unwrap();
        assert_eq!(again.method().to_string(), method);
        assert_eq!(again.cseq().number, first.cseq().number + 1);
        assert_eq!(again.to().tag(), first.to().tag());
        assert_eq!(again.body(), first.body());
        assert_eq!(proof(&again, Name::ProxyAuthorization), Some(("new".into(), 1)));
        gateway.answer(&again, 200, 102);
        let heard = gateway.heard();
        assert!(matches!(&heard[..], [Input::Replied { status, .. }] if status.code == 200), "{heard:?}");
    }
}

#[test]
fn a_bye_that_is_asked_still_ends_the_call() {
    let mut gateway = gateway();
    let call = talking(&mut gateway);
    gateway.sent();
    gateway.order(call, Output::HangUp { leg: LegId::LINE }, 100);
    let bye = gateway.sent().remove(0);

    asked(&mut gateway, &bye, 401, &[SHA], 101);
    let again = gateway.sent().remove(0);
    gateway.answer(&again, 200, 102);

    assert_eq!(proof(&again, Name::Authorization), Some(("two".into(), 1)));
    gateway.0.give_up(call, at(103));
    gateway.holds_nothing_in_the_end();
}

#[test]
fn a_question_without_end_is_not_answered_without_end() {
    let mut gateway = gateway();
    let (_, invite) = dialled(&mut gateway, number());
    let (mut last, mut sent) = (invite, 1);

    for round in 0..20 {
        let question = format!("Digest realm=\"carrier\", nonce=\"n{round}\", qop=\"auth\", stale=true");
        asked(&mut gateway, &last, 407, &[&question], round);
        match gateway.sent().into_iter().find(|message| *message.method() == Method::Invite) {
            Some(again) => (last, sent) = (again, sent + 1),
            None => break,
        }
    }

    assert!(sent <= 4, "{sent}");
    assert!(matches!(&gateway.heard()[..], [Input::Refused { .. }]));
}
