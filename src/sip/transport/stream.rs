//! SIP over a stream of bytes, TCP or TLS: messages are told apart by their
//! Content-Length (RFC 3261 §18.3), keep-alives are line breaks (RFC 5626 §3.5.1).

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::connection::{Heard, Pipe};
use crate::sip::message::{Frame, FrameError, Framer};

pub(super) struct Stream<S> {
    stream: S,
    framer: Framer,
}

impl<S> Stream<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, framer: Framer::new() }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream<S> {
    async fn write(&mut self, bytes: &[u8]) -> bool {
        // TLS keeps what is not flushed.
        self.stream.write_all(bytes).await.is_ok() && self.stream.flush().await.is_ok()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Pipe for Stream<S> {
    const IS_WEB: bool = false;

    async fn hear(&mut self) -> Option<Heard> {
        loop {
            match self.framer.next() {
                Ok(Some(Frame::Message(bytes))) => return Some(Heard::Message(bytes)),
                Ok(Some(Frame::Ping)) => return Some(Heard::Ping),
                Ok(Some(Frame::Pong)) => return Some(Heard::Pong),
                Err(FrameError::BadHead { head } | FrameError::BodyTooLong { head }) => {
                    return Some(Heard::Broken(head));
                }
                Err(FrameError::HeadTooLong) => return None,
                Ok(None) => match self.stream.read_buf(self.framer.buffer()).await {
                    Ok(1..) => {}
                    Ok(0) | Err(_) => return None,
                },
            }
        }
    }

    async fn say(&mut self, message: &Bytes) -> bool {
        self.write(message).await
    }

    async fn ping(&mut self) -> bool {
        self.framer.expect_pong();
        self.write(b"\r\n\r\n").await
    }

    async fn pong(&mut self) -> bool {
        self.write(b"\r\n").await
    }

    async fn close(&mut self) {
        let _ = self.stream.shutdown().await;
    }
}
