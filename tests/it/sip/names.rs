//! From a name to peers (RFC 3263), asked of a name server that answers on loopback.

use whence::sip::transport::Transport::{self, Tcp, Tls, Udp};
use whence::sip::transport::resolve::{Resolver, Sought};
use whence::sip::transport::tls::{Config, Tls as TlsFiles};

use crate::support::name_server::NameServer;

const ZONE: &str = "
    carrier.example            NAPTR 10 10 s SIPS+D2T _sips._tcp.carrier.example
    carrier.example            NAPTR 10 20 s SIP+D2T  _sip._tcp.carrier.example
    carrier.example            NAPTR 20 10 s SIP+D2U  _sip._udp.carrier.example
    carrier.example            NAPTR 5  10 s SIP+D2S  _sip._sctp.carrier.example
    carrier.example            NAPTR 5  10 u E2U+sip  ignored.example
    _sips._tcp.carrier.example SRV   0 1 5061 one.carrier.example
    _sip._tcp.carrier.example  SRV   0 1 5070 one.carrier.example
    _sip._udp.carrier.example  SRV   20 1 5090 two.carrier.example
    _sip._udp.carrier.example  SRV   10 1 5080 one.carrier.example
    one.carrier.example        A     192.0.2.1
    one.carrier.example        A     192.0.2.2
    two.carrier.example        A     192.0.2.3
    two.carrier.example        AAAA  2001:db8::3
    _sip._tcp.servers.example  SRV   0 1 5070 one.carrier.example
    _sip._udp.gone.example     SRV   0 0 0 .
    gone.example               A     192.0.2.9
    plain.example              A     192.0.2.4
    plain.example              AAAA  2001:db8::4
";

const ALL: [(Transport, bool); 3] = [(Udp, true), (Tcp, true), (Tls, true)];

async fn resolver(reach: &[(Transport, bool)]) -> (Resolver, NameServer) {
    let server = NameServer::start(ZONE).await;
    let domains = TlsFiles::new(Config::default()).unwrap().domains().clone();
    (Resolver::new(&[server.address], reach.to_vec(), domains).unwrap(), server)
}

fn sought(host: &str) -> Sought<'_> {
    Sought { host, port: None, transport: None, secure: false }
}

async fn found(resolver: &Resolver, sought: Sought<'_>) -> Vec<String> {
    let found = resolver.find(sought).await;
    found.iter().map(|peer| format!("{} {}", peer.transport.as_str(), peer.address)).collect()
}

#[tokio::test]
async fn the_domain_says_which_transports_and_which_servers_it_prefers() {
    let (resolver, _server) = resolver(&ALL).await;

    assert_eq!(
        found(&resolver, sought("carrier.example")).await,
        [
            "TLS 192.0.2.1:5061",
            "TLS 192.0.2.2:5061",
            "TCP 192.0.2.1:5070",
            "TCP 192.0.2.2:5070",
            "UDP 192.0.2.1:5080",
            "UDP 192.0.2.2:5080",
            "UDP 192.0.2.3:5090",
        ]
    );
}

#[tokio::test]
async fn what_we_do_not_listen_for_is_no_way() {
    let (resolver, _server) = resolver(&[(Udp, false), (Udp, true)]).await;

    let found = found(&resolver, sought("carrier.example")).await;

    let expected = ["192.0.2.1:5080", "192.0.2.2:5080", "[2001:db8::3]:5090", "192.0.2.3:5090"];
    assert_eq!(found, expected.map(|address| format!("UDP {address}")));
}

#[tokio::test]
async fn a_sips_address_goes_over_tls_alone() {
    let (resolver, _server) = resolver(&ALL).await;
    let secure = |host| Sought { secure: true, ..sought(host) };

    assert_eq!(
        found(&resolver, secure("carrier.example")).await,
        ["TLS 192.0.2.1:5061", "TLS 192.0.2.2:5061"]
    );
    assert_eq!(found(&resolver, secure("plain.example")).await, ["TLS 192.0.2.4:5061"]);
}

#[tokio::test]
async fn a_transport_that_is_named_is_kept_and_its_servers_are_asked_for() {
    let (resolver, _server) = resolver(&ALL).await;
    let over = |transport| Sought { transport: Some(transport), ..sought("carrier.example") };

    assert_eq!(
        found(&resolver, over(Udp)).await,
        ["UDP 192.0.2.1:5080", "UDP 192.0.2.2:5080", "UDP 192.0.2.3:5090"]
    );
    assert_eq!(found(&resolver, over(Transport::Ws)).await, [""; 0]);
}

#[tokio::test]
async fn a_port_that_is_named_leaves_nothing_but_addresses() {
    let (resolver, server) = resolver(&ALL).await;
    let at = |port| Sought { port: Some(port), ..sought("plain.example") };

    assert_eq!(found(&resolver, at(5099)).await, ["UDP 192.0.2.4:5099"]);
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn without_naptr_the_servers_of_every_transport_are_asked_for() {
    let (resolver, _server) = resolver(&ALL).await;

    assert_eq!(
        found(&resolver, sought("servers.example")).await,
        ["TCP 192.0.2.1:5070", "TCP 192.0.2.2:5070"]
    );
}

#[tokio::test]
async fn without_any_server_the_name_itself_is_one() {
    let (resolver, _server) = resolver(&[(Udp, true), (Udp, false)]).await;

    assert_eq!(
        found(&resolver, sought("plain.example")).await,
        ["UDP 192.0.2.4:5060", "UDP [2001:db8::4]:5060"]
    );
}

#[tokio::test]
async fn a_service_that_is_decidedly_not_there_is_not_sought_elsewhere() {
    let (resolver, _server) = resolver(&[(Udp, true)]).await;

    assert_eq!(found(&resolver, sought("gone.example")).await, [""; 0]);
}

#[tokio::test]
async fn an_unknown_name_has_no_peers() {
    let (resolver, _server) = resolver(&ALL).await;

    for host in ["nobody.example", "", "..", &"a".repeat(300)] {
        assert_eq!(found(&resolver, sought(host)).await, [""; 0], "{host}");
    }
}

#[tokio::test]
async fn what_has_been_answered_is_not_asked_again() {
    let (resolver, server) = resolver(&ALL).await;
    let first = found(&resolver, sought("carrier.example")).await;
    let asked = server.asked();

    assert_eq!(found(&resolver, sought("carrier.example")).await, first);
    assert_eq!(server.asked(), asked);
}
