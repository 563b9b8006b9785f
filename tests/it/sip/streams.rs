//! What strangers and broken peers get on a stream, and who may be cut where.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use whence::sip::Started;
use whence::sip::transport::Transport;

use super::{address, config, options, say, start};

async fn plane(knows_us: bool) -> Started {
    start(config(Transport::Tcp, knows_us)).await
}

async fn connect(started: &Started) -> TcpStream {
    TcpStream::connect(address(started)).await.unwrap()
}

#[tokio::test]
async fn a_stranger_on_a_stream_hears_nothing_and_is_shown_out() {
    let started = plane(false).await;

    for said in ["\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &options("TCP", "0"), &options("TCP", "-1")]
    {
        assert_eq!(say(&mut connect(&started).await, said, "").await, "", "{said}");
    }
}

#[tokio::test]
async fn a_trunk_gets_its_pong_and_its_answers() {
    let started = plane(true).await;
    let mut stream = connect(&started).await;

    assert_eq!(say(&mut stream, "\r\n\r\n", "\r\n").await, "\r\n");
    assert!(say(&mut stream, &options("TCP", "0"), "\r\n\r\n").await.starts_with("SIP/2.0 200 OK\r\n"));
}

#[tokio::test]
async fn a_message_that_comes_byte_by_byte_is_one_message() {
    let started = plane(true).await;
    let mut stream = connect(&started).await;
    stream.set_nodelay(true).unwrap();
    let text = options("TCP", "4") + "body";

    for byte in text.as_bytes() {
        stream.write_all(&[*byte]).await.unwrap();
    }

    assert!(say(&mut stream, "", "\r\n\r\n").await.starts_with("SIP/2.0 200 OK\r\n"));
}

#[tokio::test]
async fn a_stream_that_cannot_be_cut_any_more_is_answered_then_closed() {
    let started = plane(true).await;

    let heard = say(&mut connect(&started).await, &options("TCP", "-1"), "").await;

    assert!(heard.starts_with("SIP/2.0 400 "), "{heard}");
}
