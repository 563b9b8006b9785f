//! Transfers on the wire (RFC 3515, 3891, 3892).

use super::gateway::{Gateway, at, statuses};
use crate::call::input::{Input, MidCall, Payload, Referral, Replaces, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::routing::Target;
use crate::domain::ids::CallId;
use crate::sip::message::{Message, Method, Name};
use crate::sip::transport::Flow;

const OFFER: &str = "Content-Type: application/sdp\r\n\r\nv=0\r\ns=-\r\na=sendrecv\r\n";
const HOLD: &str = "v=0\r\ns=-\r\na=sendonly\r\n";

/// A caller and a line that talk: the call, and the INVITE that the line got.
fn talk(gateway: &mut Gateway) -> (CallId, Message) {
    let (call, invite) = gateway.dialling(OFFER);
    gateway.answer_with(&invite, 200, "desk", &[], "v=0\r\ns=line\r\n", 10);
    gateway.order(call, Output::Answer { leg: LegId::LINE, payload: Payload::default() }, 10);
    let tag = String::from_utf8(gateway.sent().last().unwrap().to().tag().unwrap().to_vec()).unwrap();
    gateway.request("ACK", "k", Some(&tag), 1, 20);
    gateway.sent();
    gateway.heard();
    (call, invite)
}

/// A request of the line in the dialog of this INVITE.
fn of_line(gateway: &mut Gateway, invite: &Message, method: &str, cseq: u32, more: &str, ms: i64) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let request = format!(
        "{method} sip:x@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKline{method}{cseq}\r\n\
         From: <sip:y@h>;tag=desk\r\nTo: <sip:x@h>;tag={}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\n\
         Contact: <sip:y@192.0.2.3>\r\n{more}\r\n",
        text(invite.from().tag().unwrap()),
        text(invite.call_id()),
    );
    let flow = Flow { remote: "192.0.2.3:5060".parse().unwrap(), ..super::gateway::caller() };
    gateway.0.receive(request.into(), flow, at(ms));
}

fn referred(gateway: &mut Gateway) -> Referral {
    let found = gateway.heard().into_iter().find_map(|input| match input {
        Input::Referred { leg: LegId::LINE, to } => Some(to),
        _ => None,
    });
    found.expect("a REFER is heard")
}

fn accept(gateway: &mut Gateway, call: CallId, ms: i64) -> Message {
    let status = Status::new(202, "Accepted");
    let reply = Output::Reply { leg: LegId::LINE, what: MidCall::Refer, status, payload: Payload::default() };
    gateway.order(call, reply, ms);
    gateway.sent().remove(0)
}

#[test]
fn a_refer_is_accepted_and_its_course_is_told_in_notifies() {
    let mut gateway = Gateway::new();
    let (call, invite) = talk(&mut gateway);

    let lines = "Refer-To: <sip:204@192.0.2.3;method=INVITE;x=y?Subject=evil>\r\nReferred-By: <sip:y@h>\r\n";
    of_line(&mut gateway, &invite, "REFER", 7, lines, 100);

    let to = referred(&mut gateway);
    assert_eq!((&to.uri[..], to.replaces), ("sip:204@192.0.2.3;x=y", None));
    assert_eq!(to.headers, "Referred-By: <sip:y@h>\r\n");
    let accepted = accept(&mut gateway, call, 110);
    assert_eq!(accepted.status(), 202);
    assert!(accepted.contact().unwrap().is_some());

    for (code, is_last, state) in
        [(100, false, "active;expires=180"), (486, true, "terminated;reason=noresource")]
    {
        gateway.order(
            call,
            Output::Notify { leg: LegId::LINE, status: Status::new(code, "x"), is_last },
            120,
        );
        let notify = gateway.sent().remove(0);
        assert_eq!(*notify.method(), Method::Notify);
        assert_eq!(notify.header(Name::Event).unwrap().as_ref(), b"refer;id=7");
        assert_eq!(notify.header(Name::SubscriptionState).unwrap().as_ref(), state.as_bytes());
        assert_eq!(notify.content_type().unwrap().as_ref(), b"message/sipfrag;version=2.0");
        assert!(notify.body().starts_with(format!("SIP/2.0 {code} ").as_bytes()));
        gateway.answer_with(&notify, 200, "", &[], "", 130);
    }
    gateway.order(
        call,
        Output::Notify { leg: LegId::LINE, status: Status::new(200, "x"), is_last: true },
        140,
    );
    assert!(gateway.sent().is_empty(), "the last word was said");
}

#[test]
fn a_refer_that_says_nothing_or_too_much_is_refused() {
    for (lines, status) in [
        ("", 400),
        ("Refer-To: <sip:a@h>\r\nRefer-To: <sip:b@h>\r\n", 400),
        ("Refer-To: nonsense\r\n", 400),
        ("Refer-To: <http://h/>\r\n", 416),
        ("Refer-To: <sip:a@h;method=BYE>\r\n", 603),
    ] {
        let mut gateway = Gateway::new();
        let (_, invite) = talk(&mut gateway);

        of_line(&mut gateway, &invite, "REFER", 2, lines, 100);

        assert_eq!(statuses(&gateway.sent()), [status], "{lines}");
        assert!(gateway.heard().is_empty(), "{lines}");
    }
}

#[test]
fn nobody_is_sent_anywhere_without_a_call() {
    let mut gateway = Gateway::new();

    gateway.request_with("REFER", "r", None, 1, "Refer-To: <sip:a@h>\r\n", 0);

    assert_eq!(statuses(&gateway.sent()), [603]);
}

/// Who transfers has mostly put the caller on hold before.
#[test]
fn the_new_line_is_offered_the_callers_session_as_if_nobody_were_on_hold() {
    let mut gateway = Gateway::new();
    let (call, invite) = talk(&mut gateway);
    let more = format!("Content-Type: application/sdp\r\n\r\n{HOLD}");
    of_line(&mut gateway, &invite, "INVITE", 2, &more, 50);
    gateway.heard();
    let headers = "Content-Type: application/sdp\r\n".into();
    let held = Payload { headers, body: "v=0\r\ns=caller\r\na=recvonly\r\n".into() };
    let reply = |payload| Output::Reply {
        leg: LegId::LINE,
        what: MidCall::Reinvite,
        status: Status::new(200, "OK"),
        payload,
    };
    gateway.order(call, reply(held), 60);
    gateway.sent();

    let dial = Output::Redial {
        leg: LegId(2),
        to: Target::Uri("sip:204@192.0.2.3".into()),
        destination: "counter".parse().unwrap(),
        instead_of: LegId::LINE,
        session: None,
        headers: "Replaces: c;to-tag=1;from-tag=2\r\n".into(),
    };
    gateway.order(call, dial, 100);

    let new = gateway.sent().remove(0);
    assert_eq!(
        (new.request_uri(), &new.body()[..]),
        (&b"sip:204@192.0.2.3"[..], &b"v=0\r\ns=caller\r\n"[..])
    );
    assert_eq!(new.header(Name::Replaces).unwrap().as_ref(), b"c;to-tag=1;from-tag=2");
    assert_eq!(new.from().uri, invite.from().uri, "it is the same caller");
}

#[test]
fn an_old_line_that_hangs_up_is_answered_while_the_call_goes_on() {
    let mut gateway = Gateway::new();
    let (call, invite) = talk(&mut gateway);
    of_line(&mut gateway, &invite, "BYE", 2, "", 100);
    assert!(gateway.sent().is_empty());

    gateway.order(call, Output::HangUp { leg: LegId::LINE }, 110);

    assert_eq!(statuses(&gateway.sent()), [200]);
    assert_eq!(gateway.0.held().0, 1, "the caller's leg alone is left");
}

#[test]
fn a_replaces_of_a_talk_of_ours_is_known_and_any_other_is_passed_on() {
    let mut gateway = Gateway::new();
    let (_, first) = talk(&mut gateway);
    let (other, second) = talk_of_another(&mut gateway);
    let escaped = |tag: &str| {
        format!(
            "Refer-To: <sip:192.0.2.2?Replaces={}%3Bto-tag%3D{}%3Bfrom-tag%3D{tag}>\r\n",
            String::from_utf8_lossy(second.call_id()).replace('@', "%40"),
            String::from_utf8_lossy(second.from().tag().unwrap()),
        )
    };

    of_line(&mut gateway, &first, "REFER", 2, &escaped("mobile"), 100);
    let here = referred(&mut gateway);
    assert_eq!(here.replaces, Some(Replaces::Here { call: other, leg: LegId::LINE }));

    let mut gateway = Gateway::new();
    let (_, first) = talk(&mut gateway);
    of_line(&mut gateway, &first, "REFER", 2, &escaped("mobile"), 100);
    let there = referred(&mut gateway);
    assert_eq!(there.replaces, Some(Replaces::There));
    assert!(there.headers.starts_with(b"Replaces: "));
}

/// A second call to the same line, which answers with the tag `mobile`.
fn talk_of_another(gateway: &mut Gateway) -> (CallId, Message) {
    let invite = "INVITE sip:0199001234@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKother\r\n\
                  From: <sip:z@h>;tag=other\r\nTo: <sip:y@h>\r\nCall-ID: other\r\nCSeq: 1 INVITE\r\n\
                  Contact: <sip:z@192.0.2.1>\r\nContent-Type: application/sdp\r\n\r\nv=0\r\ns=other\r\na=recvonly\r\n";
    gateway.receive(invite.into(), 30);
    let dialled = gateway.dial_line();
    let call = gateway.1.unwrap();
    gateway.answer_with(&dialled, 200, "mobile", &[], "v=0\r\n", 40);
    gateway.order(call, Output::Answer { leg: LegId::LINE, payload: Payload::default() }, 40);
    let ok = gateway.sent().pop().unwrap();
    let ack = format!(
        "ACK sip:y@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKotherack\r\nFrom: <sip:z@h>;tag=other\r\n\
         To: <sip:y@h>;tag={}\r\nCall-ID: other\r\nCSeq: 1 ACK\r\n\r\n",
        String::from_utf8_lossy(ok.to().tag().unwrap())
    );
    gateway.receive(ack.into(), 50);
    gateway.sent();
    gateway.heard();
    (call, dialled)
}

#[test]
fn a_caller_of_another_call_becomes_a_leg_of_this_one() {
    let mut gateway = Gateway::new();
    let (call, first) = talk(&mut gateway);
    let (other, second) = talk_of_another(&mut gateway);

    gateway.order(call, Output::Join { leg: LegId(2), call: other, other: LegId::LINE }, 100);

    let heard = gateway.heard();
    let [Input::Taken { by }, Input::Answered { leg: LegId(2), payload }] = &heard[..] else {
        panic!("both calls hear of it: {heard:?}")
    };
    assert_eq!((*by, &payload.body[..]), (call, &b"v=0\r\ns=other\r\n"[..]));
    // The other call ends, and its caller does not notice.
    gateway.order(other, Output::HangUp { leg: LegId::LINE }, 110);
    gateway.order(other, Output::Done, 110);
    let bye = gateway.sent().remove(0);
    assert_eq!((bye.method(), bye.call_id()), (&Method::Bye, second.call_id()));
    gateway.answer_with(&bye, 200, "", &[], "", 120);
    // What is asked of the new leg goes to that caller, and what it says comes to this call.
    let session = Payload { headers: "Content-Type: application/sdp\r\n".into(), body: "v=0".into() };
    gateway.order(call, Output::Ask { leg: LegId(2), what: MidCall::Reinvite, payload: session }, 130);
    let reinvite = gateway.sent().remove(0);
    assert_eq!((reinvite.method(), reinvite.call_id()), (&Method::Invite, &b"other"[..]));
    gateway.answer_with(&reinvite, 200, "", &[], "v=0", 140);
    assert!(matches!(gateway.heard()[..], [Input::Replied { leg: LegId(2), .. }]));
    for leg in [LegId::CALLER, LegId::LINE, LegId(2)] {
        gateway.order(call, Output::HangUp { leg }, 150);
    }
    gateway.order(call, Output::Done, 150);
    let byes: Vec<_> = gateway.sent().into_iter().filter(|m| *m.method() == Method::Bye).collect();
    assert_eq!(byes.len(), 3);
    assert!(byes.iter().any(|bye| bye.call_id() == first.call_id()));
    for bye in byes {
        gateway.answer_with(&bye, 200, "", &[], "", 160);
    }
    gateway.holds_nothing_in_the_end();
}

#[test]
fn a_call_that_is_not_quite_there_is_not_taken_over() {
    let mut gateway = Gateway::new();
    let (call, _) = talk(&mut gateway);
    let (other, _) = talk_of_another(&mut gateway);
    let what = MidCall::Reinvite;
    gateway.order(other, Output::Ask { leg: LegId::CALLER, what, payload: Payload::default() }, 90);

    for (from, leg) in [(other, LegId::LINE), (other, LegId(9)), (CallId(uuid::Uuid::nil()), LegId::LINE)] {
        gateway.order(call, Output::Join { leg: LegId(2), call: from, other: leg }, 100);

        let heard = gateway.heard();
        assert!(matches!(&heard[..], [Input::Refused { leg: LegId(2), status, .. }] if status.code == 481));
    }
}

#[test]
fn in_a_dialog_only_what_a_refer_has_opened_may_be_subscribed_to() {
    let mut gateway = Gateway::new();
    let (call, invite) = talk(&mut gateway);

    of_line(&mut gateway, &invite, "SUBSCRIBE", 2, "Event: presence\r\n", 50);
    of_line(&mut gateway, &invite, "SUBSCRIBE", 3, "Event: refer\r\n", 60);
    of_line(&mut gateway, &invite, "NOTIFY", 4, "Event: refer\r\nSubscription-State: active\r\n", 70);
    let sent = gateway.sent();
    assert_eq!(statuses(&sent), [489, 481, 481]);
    assert_eq!(sent[0].header(Name::AllowEvents).unwrap().as_ref(), b"refer");

    of_line(&mut gateway, &invite, "REFER", 5, "Refer-To: <sip:204@192.0.2.3>\r\n", 80);
    accept(&mut gateway, call, 90);
    of_line(&mut gateway, &invite, "SUBSCRIBE", 6, "Event: refer;id=5\r\nExpires: 0\r\n", 100);
    let sent = gateway.sent();
    assert_eq!(statuses(&sent[..1]), [200]);
    assert_eq!(sent[1].header(Name::SubscriptionState).unwrap().as_ref(), b"terminated;reason=noresource");
}

#[test]
fn a_method_that_nobody_knows_is_not_implemented_in_a_dialog_either() {
    let mut gateway = Gateway::new();
    let (_, invite) = talk(&mut gateway);

    of_line(&mut gateway, &invite, "DANCE", 2, "", 50);
    of_line(&mut gateway, &invite, "REGISTER", 3, "", 60);

    let sent = gateway.sent();
    assert_eq!(statuses(&sent), [501, 405]);
    assert!(sent.iter().all(|m| m.header(Name::Allow).is_some()));
}
