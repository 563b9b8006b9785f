//! SIP over WebSocket (RFC 7118), for browsers: one frame, one message.
//!
//! Connections come in only; a browser cannot be called on one that it has not opened.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::header::ORIGIN;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message as Envelope, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};

use super::connection::{Heard, Pipe};
use crate::sip::message::{BODY_MAX, HEAD_MAX};

/// RFC 7118 §4: the sub-protocol that both sides must name.
const SUB_PROTOCOL: &str = "sip";
const PROTOCOL_HEADER: &str = "sec-websocket-protocol";
/// What a connection keeps for its reading.
const READ_BUFFER: usize = 8 * 1024;
/// What waits for a peer that reads slowly: the queue of messages has its own limit.
const WRITE_BUFFER_MAX: usize = 4 * (HEAD_MAX + BODY_MAX);

/// A browser's connection.
pub struct Web<S>(WebSocketStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Web<S> {
    /// Does the handshake of a connection that has come in, from a page of one
    /// of these websites where there are some.
    #[allow(clippy::result_large_err, reason = "the library wants it so")]
    pub async fn accept(stream: S, origins: &[String]) -> Option<Self> {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(WRITE_BUFFER_MAX)
            .max_message_size(Some(HEAD_MAX + BODY_MAX))
            .max_frame_size(Some(HEAD_MAX + BODY_MAX));
        let judge = |request: &Request, response| judge(request, response, origins);
        accept_hdr_async_with_config(stream, judge, Some(config)).await.ok().map(Self)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Pipe for Web<S> {
    const IS_WEB: bool = true;

    async fn hear(&mut self) -> Option<Heard> {
        loop {
            match self.0.next().await?.ok()? {
                Envelope::Text(text) => return Some(read(text.into())),
                Envelope::Binary(bytes) => return Some(read(bytes)),
                Envelope::Pong(_) => return Some(Heard::Pong),
                // The library has answered it.
                Envelope::Ping(_) => {
                    self.0.flush().await.ok()?;
                }
                Envelope::Close(_) | Envelope::Frame(_) => return None,
            }
        }
    }

    async fn say(&mut self, message: &Bytes) -> bool {
        self.0.send(wrap(message.clone())).await.is_ok()
    }

    async fn ping(&mut self) -> bool {
        self.0.send(Envelope::Ping(Bytes::new())).await.is_ok()
    }

    async fn pong(&mut self) -> bool {
        self.0.send(wrap(Bytes::from_static(b"\r\n"))).await.is_ok()
    }

    async fn close(&mut self) {
        let _ = self.0.close(None).await;
    }
}

/// What a frame says. RFC 7118 §6 allows RFC 5626's line breaks as keep-alives, too.
pub fn read(frame: Bytes) -> Heard {
    match &frame[..] {
        b"\r\n\r\n" => Heard::Ping,
        b"\r\n" | b"" => Heard::Pong,
        _ => Heard::Message(frame),
    }
}

/// Text where it is text (RFC 7118 §5.1 allows both): a name in Latin-1 is not.
fn wrap(message: Bytes) -> Envelope {
    match Utf8Bytes::try_from(message.clone()) {
        Ok(text) => Envelope::Text(text),
        Err(_) => Envelope::Binary(message),
    }
}

/// A page of another website would speak with whatever its visitor's network
/// lets it reach; a browser says whose page it is (RFC 6455 §10.2).
#[allow(clippy::result_large_err, reason = "the library wants it so")]
fn judge(request: &Request, mut response: Response, origins: &[String]) -> Result<Response, ErrorResponse> {
    let refused = |status, why: &str| {
        let mut refusal = ErrorResponse::new(Some(why.to_owned()));
        *refusal.status_mut() = status;
        Err(refusal)
    };
    let origin = request.headers().get(ORIGIN).and_then(|value| value.to_str().ok());
    let is_welcome = |origin: &str| origins.iter().any(|one| one.eq_ignore_ascii_case(origin));
    if !origins.is_empty() && !origin.is_some_and(is_welcome) {
        return refused(StatusCode::FORBIDDEN, "pages of this website may not");
    }
    let offered = request.headers().get_all(PROTOCOL_HEADER).iter().filter_map(|value| value.to_str().ok());
    if !offered.flat_map(|value| value.split(',')).any(|word| word.trim().eq_ignore_ascii_case(SUB_PROTOCOL))
    {
        return refused(StatusCode::BAD_REQUEST, "the sub-protocol sip is wanted");
    }
    response.headers_mut().insert(PROTOCOL_HEADER, HeaderValue::from_static(SUB_PROTOCOL));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::{AsyncWriteExt, duplex};

    use super::*;

    const HANDSHAKE: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Protocol: sip\r\n\r\n";

    /// What is heard of these bytes, the first of which shake hands, until nothing more can be.
    fn heard(first: &[u8], then: &[u8]) -> Vec<Heard> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut theirs, ours) = duplex(1 << 20);
            theirs.write_all(first).await.unwrap();
            if then.is_empty() {
                theirs.shutdown().await.unwrap();
            }
            let Some(mut web) = Web::accept(ours, &[]).await else { return vec![] };
            theirs.write_all(then).await.unwrap();
            theirs.shutdown().await.unwrap();
            let mut heard = vec![];
            while let Some(what) = web.hear().await {
                heard.push(what);
            }
            heard
        })
    }

    /// A frame of a browser, masked with zeros.
    fn frame(first: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        [&[first, 0x80 | length, 0, 0, 0, 0], content].concat()
    }

    proptest! {
        #[test]
        fn messages_come_whole_and_any_bytes_after_them_do_no_harm(
            messages in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 5..100), 0..4),
            noise: Vec<u8>,
        ) {
            let frames: Vec<u8> = messages.iter().flat_map(|message| frame(0x82, message)).collect();
            let all = heard(HANDSHAKE, &[frames, noise.clone()].concat());

            let whole: Vec<Heard> = messages.iter().map(|m| Heard::Message(Bytes::from(m.clone()))).collect();
            prop_assert_eq!(&all[..whole.len()], &whole[..]);
            prop_assert!(heard(&noise, &[]).is_empty());
        }
    }

    #[test]
    fn a_frame_is_a_message_or_a_keep_alive() {
        for (frame, heard) in [
            ("\r\n\r\n", Heard::Ping),
            ("\r\n", Heard::Pong),
            ("SIP/2.0 200 OK\r\n\r\n", Heard::Message("SIP/2.0 200 OK\r\n\r\n".into())),
        ] {
            assert_eq!(read(frame.into()), heard);
        }
    }

    #[test]
    fn what_is_no_text_goes_as_bytes() {
        assert!(wrap(Bytes::from_static(b"From: \"Zo\xc3\xab\" <sip:z@h>")).is_text());
        assert!(wrap(Bytes::from_static(b"From: \"Zo\xeb\" <sip:z@h>")).is_binary());
    }
}
