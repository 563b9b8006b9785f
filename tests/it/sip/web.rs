//! WebSocket (RFC 7118): a browser's connection, played by an independent client.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use whence::sip::Started;
use whence::sip::transport::Transport;

use super::authority::Authority;
use super::{PATIENCE, address, config, options, start};

/// Connects with these sub-protocols.
async fn connect(started: &Started, offered: Option<&str>) -> Result<WebSocketStream<TcpStream>, Error> {
    let mut request = format!("ws://{}/sip", address(started)).into_client_request().unwrap();
    if let Some(offered) = offered {
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_str(offered).unwrap());
    }
    let stream = TcpStream::connect(address(started)).await.unwrap();
    client_async(request, stream).await.map(|(stream, _)| stream)
}

#[tokio::test]
async fn where_websites_are_listed_only_their_pages_get_a_connection() {
    let listed = whence::sip::Config {
        web_origins: vec!["https://shop.example".into()],
        ..config(Transport::Ws, true)
    };
    let started = start(listed).await;

    for (origin, status) in
        [(Some("https://shop.example"), None), (Some("https://evil.example"), Some(403)), (None, Some(403))]
    {
        let mut request = format!("ws://{}/sip", address(&started)).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("sip"));
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", HeaderValue::from_static(origin));
        }
        let stream = TcpStream::connect(address(&started)).await.unwrap();
        let refused = match client_async(request, stream).await {
            Ok(_) => None,
            Err(Error::Http(answer)) => Some(answer.status().as_u16()),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(refused, status, "{origin:?}");
    }
}

/// `None` when it is closed, with a good-bye or without.
async fn hear(stream: &mut WebSocketStream<TcpStream>) -> Option<Message> {
    let heard = timeout(PATIENCE, stream.next()).await.expect("it is closed or answered in time")?.ok();
    heard.filter(|heard| !heard.is_close())
}

#[tokio::test]
async fn a_request_in_a_frame_is_answered_in_a_frame_of_the_same_connection() {
    let started = start(config(Transport::Ws, true)).await;
    let mut stream = connect(&started, Some("chat, sip")).await.unwrap();

    stream.send(Message::text(options("WS", "0"))).await.unwrap();

    let heard = hear(&mut stream).await.unwrap().into_text().unwrap();
    assert!(heard.starts_with("SIP/2.0 200 OK\r\n"), "{heard}");
    assert!(heard.contains(";transport=ws>"), "{heard}");
}

#[tokio::test]
async fn a_frame_needs_no_content_length_and_may_be_of_bytes() {
    let started = start(config(Transport::Ws, true)).await;
    let mut stream = connect(&started, Some("sip")).await.unwrap();
    let text = options("WS", "0").replace("Content-Length: 0\r\n", "");

    stream.send(Message::binary(text.into_bytes())).await.unwrap();

    assert!(hear(&mut stream).await.unwrap().into_text().unwrap().starts_with("SIP/2.0 200 OK\r\n"));
}

#[tokio::test]
async fn pings_of_both_kinds_are_answered() {
    let started = start(config(Transport::Ws, true)).await;
    let mut stream = connect(&started, Some("sip")).await.unwrap();

    stream.send(Message::Ping("here?".into())).await.unwrap();
    assert_eq!(hear(&mut stream).await, Some(Message::Pong("here?".into())));
    stream.send(Message::text("\r\n\r\n")).await.unwrap();
    assert_eq!(hear(&mut stream).await, Some(Message::text("\r\n")));
}

#[tokio::test]
async fn who_does_not_speak_sip_gets_no_connection() {
    let started = start(config(Transport::Ws, true)).await;

    for offered in [None, Some("mqtt")] {
        let refused = connect(&started, offered).await;
        assert!(matches!(refused, Err(Error::Http(answer)) if answer.status() == 400), "{offered:?}");
    }
}

#[tokio::test]
async fn a_stranger_on_a_web_socket_hears_nothing_and_is_shown_out() {
    let started = start(config(Transport::Ws, false)).await;
    let mut stream = connect(&started, Some("sip")).await.unwrap();

    stream.send(Message::text(options("WS", "0"))).await.unwrap();

    assert!(timeout(PATIENCE, stream.next()).await.unwrap().is_none_or(|heard| heard.is_err()));
}

#[tokio::test]
async fn a_frame_beyond_the_limit_ends_the_connection() {
    let started = start(config(Transport::Ws, true)).await;
    let mut stream = connect(&started, Some("sip")).await.unwrap();

    let _ = stream.send(Message::text("x".repeat(1 << 20))).await;

    assert_eq!(hear(&mut stream).await, None);
}

#[tokio::test]
async fn over_tls_it_is_the_same() {
    let authority = Authority::new();
    let mut config = config(Transport::Wss, true);
    config.tls.certificates = vec![authority.issue("gateway", &["gateway.example"])];
    let started = start(config).await;
    let tcp = TcpStream::connect(address(&started)).await.unwrap();
    let tls = authority.connector(None).connect("gateway.example".try_into().unwrap(), tcp).await.unwrap();
    let mut request = "wss://gateway.example/".into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("sip"));
    let (mut stream, _) = client_async(request, tls).await.unwrap();

    stream.send(Message::text(options("WSS", "0"))).await.unwrap();

    let heard = timeout(PATIENCE, stream.next()).await.unwrap().unwrap().unwrap().into_text().unwrap();
    assert!(heard.starts_with("SIP/2.0 200 OK\r\n"), "{heard}");
}
