//! What the gateway asks of its carriers by itself: pings and registrations.

use std::time::Duration;

use super::gateway::{FIRST, Gateway, SECOND, at, out};
use crate::sip::endpoint::Event;
use crate::sip::message::{Message, Method, Name};
use crate::sip::transport::{Flow, Peer, Transport};
use crate::sip::trunk::digest::{Credentials, Login};
use crate::sip::trunk::out::{Out, Outward};

fn registering() -> Out {
    let login = Some(Login { user: "trunk@1".into(), password: "secret".into() });
    Out { login, register: Some(Duration::from_secs(600)), ..out() }
}

fn begun(out: Out) -> Gateway {
    let mut gateway = Gateway::with(Outward { trunks: vec![out], ..Outward::default() });
    gateway.0.begin(at(0));
    gateway
}

/// What is sent up to then: each message once, and to whom.
fn until(gateway: &mut Gateway, ms: i64) -> Vec<(String, Message)> {
    gateway.wait_until(ms);
    let mut sent: Vec<(String, Message)> = vec![];
    for (to, message) in gateway.sent_to() {
        if !sent.iter().any(|(_, before)| before.bytes() == message.bytes()) {
            sent.push((to, message));
        }
    }
    sent
}

fn hops_up(gateway: &Gateway, ms: i64) -> Vec<bool> {
    gateway.0.trunks(at(ms))[0].hops.iter().map(|hop| hop.is_up).collect()
}

fn is_registered(gateway: &Gateway, ms: i64) -> bool {
    gateway.0.trunks(at(ms))[0].registration.unwrap().until.is_some()
}

/// The REGISTER that is due by then.
fn register(gateway: &mut Gateway, ms: i64) -> (String, Message) {
    let sent = until(gateway, ms);
    // The latest: before it there may be copies of one that nobody answers.
    let found = sent.into_iter().rfind(|(_, message)| *message.method() == Method::Register);
    found.unwrap_or_else(|| panic!("a REGISTER by {ms}"))
}

fn text(message: &Message, name: Name) -> String {
    String::from_utf8(message.header(name).unwrap_or_default().into_owned()).unwrap()
}

#[test]
fn each_hop_is_asked_whether_it_lives_and_its_silence_takes_it_out() {
    let mut gateway = begun(Out { ping: Some(Duration::from_secs(60)), ..out() });

    let sent = until(&mut gateway, 2_000);
    let mut asked: Vec<&str> = sent.iter().map(|(to, _)| &**to).collect();
    asked.sort_unstable();
    assert_eq!(asked, [FIRST, SECOND]);
    assert!(sent.iter().all(|(_, message)| *message.method() == Method::Options));
    let (_, second) = sent.iter().find(|(to, _)| to == SECOND).unwrap();
    // Even a refusal shows that somebody is there.
    gateway.answer(second, 403, 2_100);
    gateway.wait_until(8_000);

    assert!(gateway.0.trunks_changed());
    assert_eq!(hops_up(&gateway, 8_000), [false, true]);
    until(&mut gateway, 40_000);
    for ms in (40_000..64_000).step_by(500) {
        for (_, asked) in until(&mut gateway, ms) {
            gateway.answer(&asked, 200, ms);
        }
    }
    assert_eq!(hops_up(&gateway, 64_000), [true, true]);
}

#[test]
fn a_hop_by_name_is_asked_at_each_of_its_addresses() {
    let ping = Some(Duration::from_secs(60));
    let mut gateway = begun(Out { to: vec!["sip:carrier.example".into()], ping, ..out() });
    gateway.wait_until(2_000);
    let asked = gateway.0.drain_events().find_map(|event| match event {
        Event::Resolve(question) => Some(question),
        _ => None,
    });

    let peer = |address: &str| Peer { transport: Transport::Udp, address: address.parse().unwrap() };
    gateway.0.resolved(asked.expect("where it is").leg, &[peer(FIRST), peer(SECOND)], at(2_000));

    let sent = gateway.sent_to();
    assert_eq!(sent.iter().map(|(to, _)| &**to).collect::<Vec<_>>(), [FIRST, SECOND]);
    gateway.answer(&sent[1].1, 200, 2_100);
    gateway.wait_until(8_000);
    assert_eq!(hops_up(&gateway, 8_000), [true], "one of them is enough");
}

#[test]
fn a_carrier_is_told_where_we_are_and_told_again_in_time() {
    let mut gateway = begun(registering());

    let (to, asked) = register(&mut gateway, 0);
    assert_eq!((to.as_str(), asked.request_uri()), (FIRST, &b"sip:192.0.2.11"[..]));
    assert_eq!(text(&asked, Name::Contact), "<sip:trunk%401@192.0.2.2:5060>");
    assert_eq!(text(&asked, Name::Expires), "600");
    assert_eq!(asked.to().uri, b"sip:trunk%401@192.0.2.11");
    gateway.answer_with(
        &asked,
        401,
        "r",
        &[(Name::WwwAuthenticate, "Digest realm=\"r\", nonce=\"n\"")],
        "",
        10,
    );
    let again = gateway.sent().remove(0);
    let proof = again.header(Name::Authorization).unwrap();
    let login = registering().login.unwrap();
    assert!(Credentials::read(&proof).unwrap().proves(&login, &Method::Register));
    assert_eq!((again.call_id(), again.cseq().number), (asked.call_id(), asked.cseq().number + 1));
    assert!(!is_registered(&gateway, 15));
    let contact =
        [(Name::Contact, "<sip:other@192.0.2.9>;expires=9, <sip:trunk%401@192.0.2.2:5060>;expires=100")];
    gateway.answer_with(&again, 200, "r", &contact, "", 20);
    assert!(is_registered(&gateway, 90_000));

    assert!(until(&mut gateway, 75_000).is_empty());
    // The first: one that nobody answers is made anew.
    let (_, refresh) = until(&mut gateway, 91_000).remove(0);
    assert_eq!((refresh.call_id(), refresh.cseq().number), (asked.call_id(), again.cseq().number + 1));
    assert!(refresh.header(Name::Authorization).is_some(), "it is not asked twice");
}

#[test]
fn a_registrar_that_wants_longer_bindings_is_obeyed() {
    let mut gateway = begun(registering());
    let (_, asked) = register(&mut gateway, 0);

    gateway.answer_with(&asked, 423, "r", &[(Name::MinExpires, "1800")], "", 10);

    assert_eq!(text(&register(&mut gateway, 10).1, Name::Expires), "1800");
}

#[test]
fn a_registrar_that_is_silent_or_broken_gives_way_to_the_next_hop() {
    for is_silent in [true, false] {
        let mut gateway = begun(registering());
        let (_, asked) = register(&mut gateway, 0);

        if !is_silent {
            gateway.answer(&asked, 500, 10);
        }

        let (to, _) = register(&mut gateway, 4_100);
        assert_eq!(to, SECOND, "{is_silent}");
    }
}

#[test]
fn a_carrier_that_refuses_is_asked_later_and_not_thought_to_have_us() {
    let mut gateway = begun(registering());
    let (_, asked) = register(&mut gateway, 0);

    gateway.answer(&asked, 403, 10);

    assert!(until(&mut gateway, 29_000).is_empty());
    let registration = gateway.0.trunks(at(29_000))[0].registration.unwrap();
    assert_eq!((registration.until, registration.refused), (None, Some(403)));
    register(&mut gateway, 61_000);
}

#[test]
fn a_gateway_that_goes_takes_its_binding_back() {
    let mut gateway = begun(Out { ping: Some(Duration::from_secs(60)), ..registering() });
    let (_, asked) = register(&mut gateway, 0);
    gateway.answer(&asked, 200, 10);
    gateway.wait_until(1_000);
    gateway.sent();

    gateway.0.leave(at(1_000));

    let (to, last) = gateway.sent_to().remove(0);
    assert_eq!((to.as_str(), text(&last, Name::Expires).as_str()), (FIRST, "0"));
    assert!(!gateway.0.has_left());
    gateway.answer(&last, 200, 1_100);
    assert!(gateway.0.has_left() && !is_registered_at_all(&gateway));
    gateway.holds_nothing_in_the_end();
}

fn is_registered_at_all(gateway: &Gateway) -> bool {
    gateway.0.trunks(at(1_100))[0].registration.is_some()
}

#[test]
fn settings_that_are_read_again_leave_a_binding_alone_unless_it_has_changed() {
    let mut gateway = begun(registering());
    let (_, asked) = register(&mut gateway, 0);
    gateway.answer(&asked, 200, 10);

    let same = Outward { trunks: vec![registering()], ..Outward::default() };
    gateway.0.change_outward(same, at(1_000));
    assert!(until(&mut gateway, 2_000).is_empty() && is_registered(&gateway, 2_000));
    let other = Out { register: None, ..registering() };
    gateway.0.change_outward(Outward { trunks: vec![other], ..Outward::default() }, at(3_000));

    assert_eq!(text(&register(&mut gateway, 3_000).1, Name::Expires), "0");
}

#[test]
fn a_call_from_the_registrar_is_the_trunks_and_is_for_whom_to_names() {
    let mut gateway = begun(Out { to: vec!["sip:198.51.100.7".into()], ..registering() });
    let (_, asked) = register(&mut gateway, 0);
    let registrar = Flow { remote: "198.51.100.7:5060".parse().unwrap(), ..super::gateway::caller() };
    let invite = |branch: &str, cseq: u32| {
        format!(
            "INVITE sip:trunk%401@192.0.2.2:5060 SIP/2.0\r\n\
             Via: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK{branch}\r\nFrom: <sip:0612345678@h>;tag=1\r\n\
             To: <sip:0199001234@carrier.example>\r\nCall-ID: c\r\nCSeq: {cseq} INVITE\r\n\
             Contact: <sip:x@198.51.100.7>\r\n\r\n"
        )
    };

    gateway.0.receive(invite("a", 1).into(), registrar, at(5));
    assert!(gateway.arrived().is_empty(), "not before it has us");
    gateway.answer(&asked, 200, 10);
    gateway.0.receive(invite("b", 2).into(), registrar, at(20));

    let new = gateway.new_call();
    assert_eq!(new.trunk.as_str(), "carrier");
    assert_eq!(new.number, "+33199001234".parse().ok());
}
