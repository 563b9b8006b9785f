//! Where a request goes: from a URI, and the wire that its peer was met on.

use super::gateway::config;
use crate::sip::endpoint::{Endpoint, Hop, Local};
use crate::sip::transport::Transport::{self, Tcp, Tls, Udp, Ws, Wss};
use crate::sip::transport::{Flow, Listen};
use crate::sip::trunk::accept::Trunks;

const LISTENERS: [&str; 6] = [
    "udp:192.0.2.2:5060",
    "udp:[2001:db8::2]:5060",
    "tcp:192.0.2.2:5060",
    "tls:192.0.2.2:5061",
    "ws:192.0.2.2:80",
    "wss:192.0.2.2:443",
];

fn endpoint() -> Endpoint {
    let listeners = LISTENERS.iter().map(|text| {
        let Listen { transport, address } = text.parse().unwrap();
        Local { transport, address, advertised: address.to_string() }
    });
    Endpoint::new(config(listeners.collect(), Trunks::new(vec![])), [7; 32])
}

fn flow(transport: Transport, remote: &str) -> Flow {
    let remote: std::net::SocketAddr = remote.parse().unwrap();
    let listener = LISTENERS.iter().position(|text| {
        let Listen { transport: listened, address } = text.parse().unwrap();
        listened == transport && address.is_ipv4() == remote.is_ipv4()
    });
    Flow { transport, listener: listener.unwrap(), remote }
}

fn goes(uri: &str, near: Option<Flow>) -> Option<Hop> {
    endpoint().hop(uri.as_bytes(), near)
}

fn name(host: &str, port: Option<u16>, transport: Transport, listener: usize) -> Option<Hop> {
    Some(Hop::Name { host: host.into(), port, transport, listener })
}

#[test]
fn a_numeric_host_is_reached_at_once_by_the_listener_of_its_family_and_transport() {
    for (uri, transport, remote) in [
        ("sip:a@192.0.2.9", Udp, "192.0.2.9:5060"),
        ("sip:a@[2001:db8::9]:5070", Udp, "[2001:db8::9]:5070"),
        ("sip:a@192.0.2.9;transport=TCP", Tcp, "192.0.2.9:5060"),
        ("sip:a@192.0.2.9;transport=tls", Tls, "192.0.2.9:5061"),
        ("sips:a@192.0.2.9", Tls, "192.0.2.9:5061"),
        ("sips:a@192.0.2.9:5099;transport=tcp", Tls, "192.0.2.9:5099"),
    ] {
        assert_eq!(goes(uri, None), Some(Hop::Flow(flow(transport, remote))), "{uri}");
    }
}

#[test]
fn there_is_no_way_to_what_we_cannot_reach() {
    for uri in [
        "sip:a@[2001:db8::9];transport=tcp",
        "sips:a@192.0.2.9;transport=udp",
        "sip:a@192.0.2.9;transport=sctp",
        "sip:a@192.0.2.9;transport=ws",
        "sip:a@browser.invalid;transport=ws",
        "tel:+33199001234",
    ] {
        assert_eq!(goes(uri, None), None, "{uri}");
    }
}

#[test]
fn a_name_is_asked_for_with_what_its_uri_says() {
    assert_eq!(goes("sip:a@pbx.example", None), name("pbx.example", None, Udp, 0));
    assert_eq!(goes("sip:a@pbx.example:5070;transport=tcp", None), name("pbx.example", Some(5070), Tcp, 2));
    assert_eq!(goes("sips:a@pbx.example", None), name("pbx.example", None, Tls, 3));
    let near = flow(Tcp, "192.0.2.9:40000");
    assert_eq!(goes("sip:a@pbx.example", Some(near)), name("pbx.example", None, Tcp, 2));
}

#[test]
fn an_open_stream_to_the_same_address_is_used_again() {
    let near = flow(Tcp, "192.0.2.9:40000");
    let mut endpoint = endpoint();
    let hop = |endpoint: &Endpoint| endpoint.hop(b"sip:a@192.0.2.9:5060;transport=tcp", Some(near));

    assert_eq!(hop(&endpoint), Some(Hop::Flow(flow(Tcp, "192.0.2.9:5060"))));
    endpoint.flow_opened(near, vec![]);
    assert_eq!(hop(&endpoint), Some(Hop::Flow(near)));
}

#[test]
fn an_open_stream_whose_peer_has_proven_the_name_is_used_again() {
    let near = flow(Tls, "192.0.2.9:40000");
    let mut endpoint = endpoint();
    endpoint.flow_opened(near, vec!["pbx.example".into()]);
    let hop = |uri: &str| endpoint.hop(uri.as_bytes(), Some(near));

    assert_eq!(hop("sips:a@PBX.example"), Some(Hop::Flow(near)));
    assert_eq!(hop("sip:a@pbx.example;transport=tls"), Some(Hop::Flow(near)));
    assert_eq!(hop("sips:a@other.example"), name("other.example", None, Tls, 3));
}

#[test]
fn a_browser_is_on_its_connection_whatever_it_writes() {
    for transport in [Ws, Wss] {
        let near = flow(transport, "192.0.2.9:40000");
        for uri in [
            "sip:a@browser.invalid;transport=ws",
            "sip:a@browser.invalid",
            "sip:a@192.0.2.77;transport=ws",
            "sips:a@browser.invalid;transport=ws",
        ] {
            assert_eq!(goes(uri, Some(near)), Some(Hop::Flow(near)), "{uri}");
        }
        let elsewhere = flow(Udp, "192.0.2.8:5060");
        assert_eq!(goes("sip:a@192.0.2.8;transport=udp", Some(near)), Some(Hop::Flow(elsewhere)));
    }
}

#[test]
fn who_is_called_by_a_sips_address_is_shown_one() {
    let endpoint = endpoint();
    let near = flow(Tls, "192.0.2.9:5061");

    assert_eq!(endpoint.contact_for(near, b"sip:a@b"), "<sip:192.0.2.2:5061;transport=tls>");
    assert_eq!(endpoint.contact_for(near, b"SIPS:a@b"), "<sips:192.0.2.2:5061;transport=tls>");
}
