//! The signalling plane over real sockets: streams, TLS, WebSocket, told by
//! peers of their own.

mod authority;
mod names;
mod streams;
mod tls;
mod web;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use whence::clock::Clock;
use whence::sip::transport::{Listen, Transport, tls as shown};
use whence::sip::trunk::accept::Trunk;
use whence::sip::trunk::out::Outward;
use whence::sip::trunk::strangers::Patience;
use whence::sip::{self, Started};
use whence::telemetry::Metrics;

/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// A plane that takes 127.0.0.1 for a trunk or, if not, for a stranger.
fn config(transport: Transport, knows_us: bool) -> sip::Config {
    let from = if knows_us { "127.0.0.0/8" } else { "192.0.2.0/24" };
    sip::Config {
        listen: vec![Listen { transport, address: "127.0.0.1:0".parse().unwrap() }],
        advertised: vec![],
        tls: shown::Config::default(),
        web_origins: vec![],
        dns: vec![],
        user_agent: "Whence".into(),
        realm: "whence".into(),
        strangers: Patience::default(),
        trunks: vec![Trunk::known_by_address("t".parse().unwrap(), vec![from.parse().unwrap()], None)],
        session: Duration::ZERO,
        ladders: None,
        outward: Outward::default(),
    }
}

async fn start(config: sip::Config) -> Started {
    sip::start(config, Clock::system(), Metrics::new()).await.unwrap()
}

fn address(started: &Started) -> SocketAddr {
    started.listening[0].address
}

fn options(transport: &str, content_length: &str) -> String {
    format!(
        "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/{transport} 127.0.0.1:9;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n\
         To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: {content_length}\r\n\r\n"
    )
}

/// Says something on a connection and gives what comes until it is closed, or
/// what came when `until` has been read.
async fn say(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), text: &str, until: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut heard = Vec::new();
    let read = async {
        while stream.read_buf(&mut heard).await.is_ok_and(|read| read > 0) {
            if !until.is_empty() && String::from_utf8_lossy(&heard).contains(until) {
                break;
            }
        }
    };
    timeout(PATIENCE, read).await.expect("it is closed or answered in time");
    String::from_utf8(heard).unwrap()
}
