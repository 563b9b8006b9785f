//! TLS: what we show and to whom, what we learn of a peer, and what the rest
//! of the plane notices of it, which is nothing.

use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use whence::call::input::{Input, Payload};
use whence::sip::transport::accept::{self, Door};
use whence::sip::transport::tls::{Certificate, Config, Tls, Trust};
use whence::sip::transport::{Received, Transport};
use whence::sip::trunk::accept::SharedTrunks;
use whence::sip::{self, Inputs, Originator, StartError, Started};

use super::authority::Authority;
use super::{PATIENCE, address, options, say, start};
use crate::support::name_server::NameServer;

fn config(certificates: Vec<Certificate>) -> sip::Config {
    let tls = Config { certificates, ..Config::default() };
    sip::Config { tls, ..super::config(Transport::Tls, true) }
}

async fn connect(
    connector: &TlsConnector,
    to: SocketAddr,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(to).await?;
    connector.connect(name.to_owned().try_into().unwrap(), stream).await
}

fn shown_by(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn a_request_over_tls_is_answered_on_its_connection() {
    let authority = Authority::new();
    let started = start(config(vec![authority.issue("gateway", &["gateway.example"])])).await;

    let mut stream = connect(&authority.connector(None), address(&started), "gateway.example").await.unwrap();

    let heard = say(&mut stream, &options("TLS", "0"), "\r\n\r\n").await;
    assert!(heard.starts_with("SIP/2.0 200 OK\r\n"), "{heard}");
    assert!(heard.contains(&format!("Contact: <sip:{};transport=tls>", address(&started))), "{heard}");
}

#[tokio::test]
async fn the_server_that_a_peer_asks_for_shows_its_own_certificate() {
    let authority = Authority::new();
    let certificates = [("one", "one.example"), ("two", "*.two.example")];
    let started = start(config(certificates.map(|(file, name)| authority.issue(file, &[name])).into())).await;
    let connector = authority.connector(None);

    for name in ["one.example", "sip.two.example"] {
        connect(&connector, address(&started), name).await.unwrap();
    }
    // Nobody's name: the first is shown, and that peer does not take it.
    assert!(connect(&connector, address(&started), "three.example").await.is_err());
}

#[tokio::test]
async fn who_shakes_no_hands_keeps_nobody_waiting() {
    let authority = Authority::new();
    let started = start(config(vec![authority.issue("gateway", &["gateway.example"])])).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(address(&started)).await.unwrap());
    }

    let mut stream = connect(&authority.connector(None), address(&started), "gateway.example").await.unwrap();

    assert!(say(&mut stream, &options("TLS", "0"), "\r\n\r\n").await.starts_with("SIP/2.0 200 OK\r\n"));
}

#[tokio::test]
async fn certificates_are_read_again_and_connections_stay() {
    let authority = Authority::new();
    let started = start(config(vec![authority.issue("gateway", &["gateway.example"])])).await;
    let connector = authority.connector(None);
    let mut before = connect(&connector, address(&started), "gateway.example").await.unwrap();

    authority.issue("gateway", &["gateway.example"]);
    started.tls.reload().unwrap();

    let after = connect(&connector, address(&started), "gateway.example").await.unwrap();
    assert_ne!(shown_by(&before), shown_by(&after));
    assert!(say(&mut before, &options("TLS", "0"), "\r\n\r\n").await.starts_with("SIP/2.0 200 OK\r\n"));

    std::fs::write(authority.file().with_file_name("gateway.pem"), "nothing").unwrap();
    assert!(started.tls.reload().is_err());
    connect(&connector, address(&started), "gateway.example").await.unwrap();
}

#[tokio::test]
async fn without_a_certificate_nobody_listens_for_tls() {
    assert!(matches!(
        sip::start(config(vec![]), whence::clock::Clock::system(), whence::telemetry::Metrics::new()).await,
        Err(StartError::NeedsCertificate { .. })
    ));
}

/// The names that reach the plane when a peer connects.
async fn names_of(authority: &Authority, shown: Option<&Certificate>) -> Option<Vec<String>> {
    let tls = Config {
        certificates: vec![authority.issue("gateway", &["gateway.example"])],
        client_ca: Some(authority.file()),
        ..Config::default()
    };
    let (inbox, mut received) = mpsc::channel(16);
    let listener = accept::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let to = listener.local_addr().unwrap();
    let trunks = SharedTrunks::default();
    let tls = Tls::new(tls).unwrap();
    let door = Door { transport: Transport::Tls, listener: 0, trunks, tls, origins: [].into(), inbox };
    let door = tokio::spawn(door.keep(listener));

    let mut stream = connect(&authority.connector(shown), to, "gateway.example").await.ok()?;
    let said = say(&mut stream, "", "");
    let opened = async {
        match received.recv().await {
            Some(Received::Opened { names, .. }) => Some(names),
            _ => None,
        }
    };
    let names = tokio::select! {
        names = timeout(PATIENCE, opened) => names.unwrap(),
        // TLS 1.3 tells a client only afterwards that it was turned away.
        _ = said => None,
    };
    door.abort();
    names
}

#[tokio::test]
async fn the_names_of_a_peers_certificate_reach_the_plane() {
    let authority = Authority::new();
    let theirs =
        authority.issue("carrier", &["SBC.carrier.example", "sip:carrier.example", "sip:a@b.example"]);

    let names = names_of(&authority, Some(&theirs)).await.unwrap();

    assert_eq!(names, ["sbc.carrier.example", "carrier.example"]);
}

#[tokio::test]
async fn a_peer_may_show_no_certificate_but_none_of_anybody_elses() {
    let authority = Authority::new();
    let another = Authority::new();
    let forged = another.issue("carrier", &["carrier.example"]);

    assert_eq!(names_of(&authority, None).await, Some(vec![]));
    assert_eq!(names_of(&authority, Some(&forged)).await, None);
}

#[tokio::test]
async fn a_trunk_that_is_known_by_its_certificate_gets_its_pong_wherever_it_is() {
    let authority = Authority::new();
    let mut config = config(vec![authority.issue("gateway", &["gateway.example"])]);
    config.tls.client_ca = Some(authority.file());
    config.trunks[0].from = vec![];
    config.trunks[0].their_certificate = Some("carrier.example".into());
    let started = start(config).await;

    for (name, pong) in [("sip:carrier.example", "\r\n"), ("other.example", "")] {
        let shown = authority.issue("peer", &[name]);
        let connector = authority.connector(Some(&shown));
        let mut stream = connect(&connector, address(&started), "gateway.example").await.unwrap();
        assert_eq!(say(&mut stream, "\r\n\r\n", "\r\n").await, pong, "{name}");
    }
}

/// A line on TLS that wants a certificate of ours. What it hears is sent on
/// with the name that it was asked for.
async fn line(authority: &Authority, name: &str) -> (SocketAddr, mpsc::Receiver<(Option<String>, String)>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = authority.acceptor(&authority.issue("line", &[name]));
    let (heard, hears) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let asked_for = stream.get_ref().1.server_name().map(str::to_owned);
            let text = say(&mut stream, "", "\r\n\r\n").await;
            heard.send((asked_for, text)).await.unwrap();
        }
    });
    (address, hears)
}

/// Calls a line by its name; gives the plane, and what happens to the call.
async fn call(authority: &Authority, to: SocketAddr, line: &str) -> (Started, Inputs) {
    let server =
        NameServer::start("pbx.example A 127.0.0.1\n_sips._tcp.pbx.example SRV 0 0 1 elsewhere.example")
            .await;
    let mut config = config(vec![authority.issue("gateway", &["gateway.example"])]);
    config.tls.trusts = vec![Trust::File(authority.file())];
    config.dns = vec![server.address];
    let started = start(config).await;
    let line = line.replace("PORT", &to.port().to_string());
    let call = whence::domain::ids::CallId(uuid::Uuid::nil());
    let inputs = started.handle.originate(call, Originator::default(), line, Payload::default()).await;
    (started, inputs)
}

#[tokio::test]
async fn a_line_over_tls_is_asked_for_by_its_name_and_shown_our_certificate() {
    let authority = Authority::new();
    let (to, mut hears) = line(&authority, "pbx.example").await;

    let _call = call(&authority, to, "sips:line@pbx.example:PORT").await;

    let (asked_for, heard) = timeout(PATIENCE, hears.recv()).await.unwrap().unwrap();
    assert_eq!(asked_for.as_deref(), Some("pbx.example"));
    assert!(heard.starts_with("INVITE sips:line@pbx.example:"), "{heard}");
    assert!(heard.contains("\r\nVia: SIP/2.0/TLS 127.0.0.1:"), "{heard}");
}

#[tokio::test]
async fn a_line_whose_certificate_is_for_somebody_else_is_not_called() {
    let authority = Authority::new();
    for (theirs, line_uri) in [
        ("other.example", "sips:line@pbx.example:PORT"),
        // RFC 5922 §7.2: a star stands for nothing.
        ("*.example", "sip:line@pbx.example:PORT;transport=tls"),
        ("pbx.example", "sips:line@127.0.0.1:PORT"),
    ] {
        let (to, mut hears) = line(&authority, theirs).await;

        let (_started, mut inputs) = call(&authority, to, line_uri).await;

        let happened = timeout(PATIENCE, inputs.recv()).await.unwrap().unwrap();
        assert!(matches!(happened, Input::Unreachable { .. }), "{theirs}: {happened:?}");
        assert!(hears.try_recv().is_err());
    }
}

#[tokio::test]
async fn an_address_may_stand_in_a_certificate_too() {
    let authority = Authority::new();
    let (to, mut hears) = line(&authority, "127.0.0.1").await;

    let _call = call(&authority, to, "sips:line@127.0.0.1:PORT").await;

    assert!(timeout(PATIENCE, hears.recv()).await.unwrap().unwrap().1.starts_with("INVITE "));
}
