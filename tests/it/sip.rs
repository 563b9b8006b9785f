//! The signalling plane over real streams: what strangers and broken peers
//! get, told by sockets of their own.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use whence::clock::Clock;
use whence::sip::transport::{Listen, Transport};
use whence::sip::trunk::accept::Trunk;
use whence::sip::{self, Started};
use whence::telemetry::Metrics;

async fn plane(knows_us: bool) -> Started {
    let address: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let from = if knows_us { "127.0.0.0/8" } else { "192.0.2.0/24" };
    let config = sip::Config {
        listen: vec![Listen { transport: Transport::Tcp, address }],
        advertised: None,
        user_agent: "Whence".into(),
        trunks: vec![Trunk::known_by_address("t".parse().unwrap(), vec![from.parse().unwrap()], None)],
        session: Duration::ZERO,
        ladders: None,
    };
    sip::start(config, Clock::system(), Metrics::new()).await.unwrap()
}

/// Says something on a connection and gives what comes until it is closed, or
/// what came when `until` has been read.
async fn say(started: &Started, text: &str, until: &str) -> String {
    let mut stream = TcpStream::connect(started.listening[0].address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    let read = async {
        while stream.read_buf(&mut heard).await.unwrap() > 0 {
            if !until.is_empty() && String::from_utf8_lossy(&heard).contains(until) {
                break;
            }
        }
    };
    timeout(Duration::from_secs(5), read).await.expect("it is closed or answered in time");
    String::from_utf8(heard).unwrap()
}

fn options(content_length: &str) -> String {
    format!(
        "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n\
         To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: {content_length}\r\n\r\n"
    )
}

#[tokio::test]
async fn a_stranger_on_a_stream_hears_nothing_and_is_shown_out() {
    let started = plane(false).await;

    for said in ["\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &options("0"), &options("-1")] {
        assert_eq!(say(&started, said, "").await, "", "{said}");
    }
}

#[tokio::test]
async fn a_trunk_gets_its_pong_and_its_answers() {
    let started = plane(true).await;

    assert_eq!(say(&started, "\r\n\r\n", "\r\n").await, "\r\n");
    assert!(say(&started, &options("0"), "\r\n\r\n").await.starts_with("SIP/2.0 200 OK\r\n"));
}

#[tokio::test]
async fn a_stream_that_cannot_be_cut_any_more_is_answered_then_closed() {
    let started = plane(true).await;

    let heard = say(&started, &options("-1"), "").await;

    assert!(heard.starts_with("SIP/2.0 400 "), "{heard}");
}
