//! Cuts a byte stream into messages (RFC 3261 §18.3, RFC 5626 §3.5.1).
//!
//! Bytes arrive in pieces of any size; what comes out depends on the bytes
//! alone. A stream that cannot be cut any more is lost for good, so its faults
//! tell the transport to close it, with the head where an answer is possible.

use bytes::{Buf, Bytes, BytesMut};

use super::head::{HEAD_MAX, Head};

/// The greatest body taken from a stream.
pub const BODY_MAX: usize = 64 * 1024;

/// What a stream held next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Frame {
    /// One whole message, for [`Message::parse`](super::Message::parse).
    Message(Bytes),
    /// A keep-alive, CRLFCRLF: answer it with one CRLF.
    Ping,
}

/// Why nothing more can be read from this stream: close it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("headers are longer than {HEAD_MAX} bytes")]
    HeadTooLong,
    /// The head can be parsed, so that its sender is told before the end.
    #[error("a body is longer than {BODY_MAX} bytes")]
    BodyTooLong { head: Bytes },
    /// Nobody can say for sure where the body ends; the head can be parsed and refused.
    #[error("the headers cannot be read")]
    BadHead { head: Bytes },
}

/// Collects a stream's bytes and gives out its messages.
#[derive(Default)]
pub struct Framer {
    buffer: BytesMut,
    /// How far the end of the head has been looked for.
    scanned: usize,
    /// Length of head and body, once the head is whole.
    whole: Option<usize>,
    failed: Option<FrameError>,
}

impl Framer {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the bytes that came; [`Framer::next`] gives what they complete.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Where a socket may read into directly.
    pub fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The next message or ping; `None` until more bytes come. After an error
    /// every further call gives the same error.
    #[allow(clippy::should_implement_trait, reason = "it ends with the stream, not with None")]
    pub fn next(&mut self) -> Result<Option<Frame>, FrameError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let found = self.find();
        if let Err(error) = &found {
            self.failed = Some(error.clone());
            self.buffer = BytesMut::new();
        }
        found
    }

    fn find(&mut self) -> Result<Option<Frame>, FrameError> {
        if self.whole.is_none() {
            if self.scanned == 0
                && let Some(answer) = self.skip_blank()
            {
                return Ok(answer);
            }
            match self.head_len() {
                Some(len) if len > HEAD_MAX => return Err(FrameError::HeadTooLong),
                Some(len) => self.whole = Some(len + self.body_len(len)?),
                None if self.buffer.len() > HEAD_MAX => return Err(FrameError::HeadTooLong),
                None => return Ok(None),
            }
        }
        match self.whole {
            Some(whole) if self.buffer.len() >= whole => {
                (self.whole, self.scanned) = (None, 0);
                Ok(Some(Frame::Message(self.buffer.split_to(whole).freeze())))
            }
            _ => Ok(None),
        }
    }

    /// Before a message: a ping, or single line breaks, which mean nothing.
    /// `Some` ends the search for now.
    fn skip_blank(&mut self) -> Option<Option<Frame>> {
        loop {
            let skip = match &self.buffer[..] {
                [b'\r', b'\n', b'\r', b'\n', ..] => {
                    self.buffer.advance(4);
                    return Some(Some(Frame::Ping));
                }
                // Half a ping, or the line break before a message: wait.
                [] | [b'\r'] | [b'\r', b'\n'] | [b'\r', b'\n', b'\r'] => return Some(None),
                [b'\r', b'\n', ..] => 2,
                [b'\n', ..] => 1,
                _ => return None,
            };
            self.buffer.advance(skip);
        }
    }

    /// The length of the head with its empty line, by the same rule as the
    /// index: an LF, then another with nothing or a CR between.
    fn head_len(&mut self) -> Option<usize> {
        let text = &self.buffer[..];
        while let Some(found) = memchr::memchr(b'\n', &text[self.scanned..]) {
            let after = self.scanned + found + 1;
            match &text[after..] {
                [b'\n', ..] => return Some(after + 1),
                [b'\r', b'\n', ..] => return Some(after + 2),
                // Not enough to tell: look again from this line break.
                [] | [b'\r'] => {
                    self.scanned = after - 1;
                    return None;
                }
                _ => self.scanned = after,
            }
        }
        self.scanned = text.len();
        None
    }

    /// A missing Content-Length is read as none to come: bytes that follow
    /// must then open a message, and a body does not.
    fn body_len(&self, head_len: usize) -> Result<usize, FrameError> {
        let head = Bytes::copy_from_slice(&self.buffer[..head_len]);
        let (index, fault) = Head::index(head.clone());
        match index.content_length() {
            // A line that was not understood may have been the length.
            _ if fault.is_some() => Err(FrameError::BadHead { head }),
            Err(_) => Err(FrameError::BadHead { head }),
            Ok(Some(length)) if length > BODY_MAX => Err(FrameError::BodyTooLong { head }),
            Ok(length) => Ok(length.unwrap_or(0)),
        }
    }
}
