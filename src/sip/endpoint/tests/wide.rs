//! A request that is too long for a packet goes by TCP, where TCP is taken.

use bytes::Bytes;

use super::gateway::{FIRST, Gateway, SECOND, dial, out};
use crate::call::input::{Input, Payload};
use crate::call::leg::LegId;
use crate::domain::calling::routing::Target;
use crate::domain::ids::CallId;
use crate::sip::message::{Message, Name};
use crate::sip::transport::Transport::{self, Tcp, Udp};
use crate::sip::trunk::accept::Trunk;
use crate::sip::trunk::out::{Out, Outward};
use crate::sip::trunk::strangers::Patience;

fn gateway(out: Out, transports: &[Transport]) -> Gateway {
    let trunk = Trunk::known_by_address(out.id.clone(), vec!["192.0.2.0/24".parse().unwrap()], None);
    let outward = Outward { trunks: vec![out], ..Outward::default() };
    Gateway::on(transports, vec![trunk], Patience::default(), outward)
}

/// A call that is dialled with a session of this length.
fn call(gateway: &mut Gateway, length: usize, ms: i64) -> CallId {
    let cseq = 1 + u32::try_from(ms).unwrap();
    gateway.request_with("INVITE", &format!("b{ms}"), None, cseq, "", ms);
    let call = gateway.arrived()[0];
    gateway.sent();
    let headers = Bytes::from_static(b"Content-Type: application/sdp\r\n");
    let payload = Payload { headers, body: vec![b'a'; length].into() };
    let number =
        Target::Number { trunk: "carrier".parse().unwrap(), number: "+33612345678".parse().unwrap() };
    gateway.order(call, dial(LegId::LINE, number, payload), ms);
    call
}

/// The INVITEs that go out: by which transport, to whom.
fn went(gateway: &mut Gateway) -> Vec<(Transport, String, Message)> {
    let all = gateway.0.drain_transmits().filter_map(|transmit| {
        let flow = transmit.to.flow();
        let message = Message::parse(transmit.bytes).ok()?;
        Some((flow.transport, flow.remote.to_string(), message))
    });
    all.filter(|(_, _, message)| message.method().as_bytes() == b"INVITE").collect()
}

fn ways(went: &[(Transport, String, Message)]) -> Vec<(Transport, &str)> {
    went.iter().map(|(transport, to, _)| (*transport, &**to)).collect()
}

#[test]
fn what_is_too_long_for_a_packet_goes_by_tcp_and_what_is_not_does_not() {
    let mut gateway = gateway(out(), &[Udp, Tcp]);

    call(&mut gateway, 400, 0);
    assert_eq!(ways(&went(&mut gateway)), [(Udp, FIRST)]);
    call(&mut gateway, 1_300, 1);

    let sent = went(&mut gateway);
    assert_eq!(ways(&sent), [(Tcp, FIRST)]);
    assert!(sent[0].2.header(Name::Via).unwrap().starts_with(b"SIP/2.0/TCP"));
}

#[test]
fn where_udp_is_asked_for_or_nothing_of_ours_speaks_tcp_it_stays_with_udp() {
    let said = Out { to: vec!["sip:192.0.2.11;transport=UDP".into()], ..out() };
    for mut gateway in [gateway(said, &[Udp, Tcp]), gateway(out(), &[Udp])] {
        call(&mut gateway, 1_300, 0);

        assert_eq!(ways(&went(&mut gateway)), [(Udp, FIRST)]);
    }
}

#[test]
fn a_hop_that_refuses_tcp_gets_it_by_udp_and_the_next_one_at_once() {
    let mut gateway = gateway(out(), &[Udp, Tcp]);
    call(&mut gateway, 1_300, 0);
    let refused = gateway.0.drain_transmits().find_map(|transmit| transmit.tx).unwrap();

    gateway.0.undeliverable(&refused, super::gateway::at(10));

    let sent = went(&mut gateway);
    assert_eq!(ways(&sent), [(Udp, FIRST)]);
    assert!(gateway.heard().is_empty(), "the call hears nothing of it");
    call(&mut gateway, 1_300, 20);
    assert_eq!(ways(&went(&mut gateway)), [(Udp, FIRST)]);
    assert!(gateway.0.trunks(super::gateway::at(20))[0].hops[0].is_up, "it takes calls");
}

#[test]
fn a_hop_that_answers_by_tcp_is_not_asked_again_by_udp() {
    for (status, next) in [(500, vec![(Tcp, SECOND)]), (486, vec![])] {
        let mut gateway = gateway(out(), &[Udp, Tcp]);
        call(&mut gateway, 1_300, 0);
        let (_, _, invite) = went(&mut gateway).remove(0);

        gateway.answer(&invite, status, 10);

        assert_eq!(ways(&went(&mut gateway)), next, "{status}");
        let refused = gateway.heard().iter().any(|it| matches!(it, Input::Refused { .. }));
        assert_eq!(refused, next.is_empty(), "{status}");
    }
}
