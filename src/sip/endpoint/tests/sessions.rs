//! Session timers (RFC 4028): each leg has its own, and a peer that is gone is found out.

use super::gateway::{Gateway, statuses};
use crate::call::input::{Input, MidCall, Payload};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::sip::message::{Message, Method, Name};

const KNOWS: &str = "Supported: timer\r\nAllow: INVITE, UPDATE\r\n";

/// A caller whose INVITE has these lines is talking: the answer it got, and our tag.
fn talking(gateway: &mut Gateway, more: &str) -> (Message, String) {
    gateway.request_with("INVITE", "a", None, 1, more, 0);
    let call = gateway.arrived()[0];
    gateway.1 = Some(call);
    let headers = "Content-Type: application/sdp\r\n".into();
    gateway.order(
        call,
        Output::Answer { leg: LegId::LINE, payload: Payload { headers, body: "v=0 ours".into() } },
        0,
    );
    let ok = gateway.sent().pop().unwrap();
    let tag = String::from_utf8(ok.to().tag().unwrap().to_vec()).unwrap();
    gateway.request("ACK", "b", Some(&tag), 1, 10);
    gateway.heard();
    (ok, tag)
}

fn expires(message: &Message) -> Option<String> {
    message.header(Name::SessionExpires).map(|value| String::from_utf8_lossy(&value).into_owned())
}

#[test]
fn a_caller_that_knows_timers_is_refreshed_by_update_at_half_the_time() {
    let mut gateway = Gateway::new();
    let (ok, _) = talking(&mut gateway, &format!("{KNOWS}Session-Expires: 600\r\n"));
    assert_eq!(expires(&ok).as_deref(), Some("600;refresher=uas"));

    gateway.wait_until(299_000);
    assert!(gateway.sent().is_empty());
    gateway.wait_until(300_000);

    let update = gateway.sent().remove(0);
    assert_eq!(*update.method(), Method::Update);
    assert_eq!(expires(&update).as_deref(), Some("600;refresher=uac"));
    assert!(update.body().is_empty());
    gateway.answer_with(&update, 200, "", &[(Name::SessionExpires, "600;refresher=uac")], "", 300_100);
    gateway.wait_until(600_099);
    assert!(gateway.sent().is_empty(), "refreshed, the time begins anew");
    gateway.wait_until(600_100);
    assert_eq!(*gateway.sent().remove(0).method(), Method::Update);
    assert!(gateway.heard().is_empty(), "the call has no part in it");
}

#[test]
fn without_update_the_last_session_is_sent_again_unchanged() {
    let mut gateway = Gateway::new();
    talking(&mut gateway, "Supported: timer\r\nSession-Expires: 600\r\n");

    gateway.wait_until(300_000);

    let reinvite = gateway.sent().remove(0);
    assert_eq!((reinvite.method(), &reinvite.body()[..]), (&Method::Invite, &b"v=0 ours"[..]));
    gateway.answer_with(&reinvite, 200, "", &[(Name::SessionExpires, "600;refresher=uac")], "v=0", 300_100);
    let sent = gateway.sent();
    assert_eq!(*sent[0].method(), Method::Ack);
    assert!(gateway.heard().is_empty());
}

#[test]
fn who_refreshes_itself_and_does_not_is_hung_up() {
    let mut gateway = Gateway::new();
    let (ok, _) = talking(&mut gateway, &format!("{KNOWS}Session-Expires: 600;refresher=uac\r\n"));
    assert_eq!(expires(&ok).as_deref(), Some("600;refresher=uac"));
    assert_eq!(ok.header(Name::Require).unwrap().as_ref(), b"timer");

    gateway.wait_until(568_000);

    assert_eq!(*gateway.sent().remove(0).method(), Method::Bye);
    assert_eq!(gateway.heard(), [Input::HungUp { leg: LegId::CALLER }]);
}

#[test]
fn an_update_of_theirs_refreshes_their_leg_and_is_not_passed_on() {
    let mut gateway = Gateway::new();
    let refresh = format!("{KNOWS}Session-Expires: 600;refresher=uac\r\n");
    let (_, tag) = talking(&mut gateway, &refresh);

    gateway.request_with("UPDATE", "u", Some(&tag), 2, &refresh, 500_000);
    let ok = gateway.sent().remove(0);
    assert_eq!((ok.status(), expires(&ok).as_deref()), (200, Some("600;refresher=uac")));
    gateway.wait_until(1_067_000);

    assert!(gateway.sent().is_empty() && gateway.heard().is_empty());
}

#[test]
fn an_interval_that_is_too_small_gets_422() {
    let mut gateway = Gateway::new();
    gateway.request_with("INVITE", "a", None, 1, &format!("{KNOWS}Session-Expires: 60\r\n"), 0);

    let refusal = gateway.sent().remove(0);

    assert_eq!((refusal.status(), refusal.header(Name::MinSe).unwrap().as_ref()), (422, &b"90"[..]));
    assert!(gateway.arrived().is_empty());
}

#[test]
fn a_side_that_does_not_know_timers_has_none() {
    let mut gateway = Gateway::new();
    let (ok, _) = talking(&mut gateway, "");

    assert_eq!(expires(&ok), None);
    assert_eq!(gateway.0.wake_at().map(|at| at.as_ms() < 1_040_000), Some(true), "only absorbing copies");
}

#[test]
fn a_line_that_wants_a_longer_session_gets_it() {
    let mut gateway = Gateway::new();
    let (_, invite) = gateway.dialling("");
    assert_eq!(expires(&invite).as_deref(), Some("1800"));

    gateway.answer_with(&invite, 422, "t", &[(Name::MinSe, "3600")], "", 10);

    let sent = gateway.sent();
    let again = sent.iter().find(|m| *m.method() == Method::Invite).unwrap();
    assert_eq!((expires(again).as_deref(), again.cseq().number), (Some("3600"), 2));
    assert_eq!(again.header(Name::MinSe).unwrap().as_ref(), b"3600");
    assert_eq!((again.call_id(), again.from().tag()), (invite.call_id(), invite.from().tag()));
    assert!(gateway.heard().is_empty(), "the call hears nothing of it");
    gateway.answer_with(again, 200, "t", &[], "", 20);
    assert!(matches!(gateway.heard()[..], [Input::Answered { .. }]));
}

#[test]
fn a_refresh_that_crosses_is_tried_again_after_a_pause() {
    let mut gateway = Gateway::new();
    talking(&mut gateway, &format!("{KNOWS}Session-Expires: 600\r\n"));
    gateway.wait_until(300_000);
    let update = gateway.sent().remove(0);

    gateway.answer_with(&update, 491, "", &[], "", 300_100);
    gateway.wait_until(302_200);

    assert_eq!(
        *gateway.sent().remove(0).method(),
        Method::Update,
        "within two seconds: the Call-ID is theirs"
    );
}

#[test]
fn a_refresh_that_nobody_answers_ends_the_call() {
    let mut gateway = Gateway::new();
    talking(&mut gateway, &format!("{KNOWS}Session-Expires: 600\r\n"));

    gateway.wait_until(340_000);

    assert_eq!(gateway.heard(), [Input::HungUp { leg: LegId::CALLER }]);
    assert_eq!(*gateway.sent().pop().unwrap().method(), Method::Bye);
}

#[test]
fn a_hold_that_is_passed_on_keeps_the_timer_of_its_leg() {
    let mut gateway = Gateway::new();
    talking(&mut gateway, &format!("{KNOWS}Session-Expires: 600\r\n"));
    let call = gateway.1.unwrap();

    let ask = Output::Ask { leg: LegId::CALLER, what: MidCall::Reinvite, payload: Payload::default() };
    gateway.order(call, ask, 1_000);

    assert_eq!(expires(&gateway.sent()[0]).as_deref(), Some("600;refresher=uac"));
    assert_eq!(statuses(&gateway.sent()), [0; 0]);
}
