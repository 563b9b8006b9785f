//! Any bytes on a WebSocket connection: nothing panics, no message is longer
//! than its limit or than what came, and what we say arrives as it was said.
//! The first byte tells whether the rest are frames, a handshake, or what we say.
#![no_main]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_util::StreamExt;
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use whence::sip::message::{BODY_MAX, HEAD_MAX};
use whence::sip::transport::ws::Web;
use whence::sip::transport::{Heard, Pipe};

const HANDSHAKE: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n\r\n";
const ROOM: usize = 1 << 20;

/// Everything is there from the beginning, so nobody ever waits.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("somebody waits"),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((how, data)) = data.split_first() else { return };
    at_once(async {
        match how % 3 {
            0 => hears(data).await,
            1 => shakes(data).await,
            _ => says(data).await,
        }
    });
});

async fn accept() -> (DuplexStream, Web<DuplexStream>) {
    let (mut theirs, ours) = duplex(ROOM);
    theirs.write_all(HANDSHAKE).await.unwrap();
    (theirs, Web::accept(ours, &[]).await.expect("a browser that does all right"))
}

async fn shakes(hand: &[u8]) {
    let (mut theirs, ours) = duplex(ROOM);
    theirs.write_all(hand).await.unwrap();
    theirs.shutdown().await.unwrap();
    drop(Web::accept(ours, &[]).await);
}

async fn hears(then: &[u8]) {
    let (mut theirs, mut web) = accept().await;
    theirs.write_all(then).await.unwrap();
    theirs.shutdown().await.unwrap();
    let mut heard = 0;
    while let Some(what) = web.hear().await {
        if let Heard::Message(message) = what {
            assert!(message.len() <= HEAD_MAX + BODY_MAX);
            heard += message.len();
        }
    }
    assert!(heard <= then.len(), "{heard} bytes out of {}", then.len());
    web.close().await;
}

async fn says(message: &[u8]) {
    let (theirs, mut web) = accept().await;
    assert!(web.say(&Bytes::copy_from_slice(message)).await);
    drop(web);
    let theirs = after_head(theirs).await;
    let mut browser = WebSocketStream::from_raw_socket(theirs, Role::Client, None).await;
    let told = browser.next().await.expect("one frame").expect("a good one");
    assert_eq!(told.into_data(), message);
}

/// The connection behind the answer to the handshake.
async fn after_head(mut stream: DuplexStream) -> DuplexStream {
    use tokio::io::AsyncReadExt;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    stream
}
