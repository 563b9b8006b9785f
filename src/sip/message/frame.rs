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
    /// The answer to a ping of ours, one CRLF.
    Pong,
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
    awaits_pong: bool,
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

    /// A ping has been sent: the next line break between messages answers it.
    pub fn expect_pong(&mut self) {
        self.awaits_pong = true;
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
                [b'\r', b'\n', ..] if self.awaits_pong => {
                    self.awaits_pong = false;
                    self.buffer.advance(2);
                    return Some(Some(Frame::Pong));
                }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// All frames that come when the bytes arrive in pieces of this size.
    fn frames(stream: &[u8], piece: usize) -> (Vec<Frame>, Option<FrameError>) {
        let mut framer = Framer::new();
        let mut frames = Vec::new();
        for bytes in stream.chunks(piece) {
            framer.push(bytes);
            loop {
                match framer.next() {
                    Ok(Some(frame)) => frames.push(frame),
                    Ok(None) => break,
                    Err(error) => return (frames, Some(error)),
                }
            }
        }
        (frames, None)
    }

    fn message(text: &'static str) -> Frame {
        Frame::Message(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn messages_come_out_whole_however_the_stream_is_split() {
        let one = "OPTIONS sip:a SIP/2.0\r\nContent-Length:\r\n 4\r\n\r\n\r\n\r\n";
        let two = "SIP/2.0 200 OK\r\nl: 0\r\n\r\n";
        let three = "BYE sip:a SIP/2.0\nVia: x\n\n";
        let stream = ["\r\n", one, two, "\r\n\r\n", three, "\r\n\r\n\r\n\r\n\r\n", two].concat();

        for piece in 1..=stream.len() {
            let (found, error) = frames(stream.as_bytes(), piece);
            let expected = [
                message(one),
                message(two),
                Frame::Ping,
                message(three),
                Frame::Ping,
                Frame::Ping,
                message(two),
            ];
            assert_eq!((&found[..], error), (&expected[..], None), "pieces of {piece}");
        }
    }

    #[test]
    fn a_line_break_after_a_ping_of_ours_is_its_pong_whatever_follows() {
        let stream = b"\r\nBYE sip:a SIP/2.0\r\n\r\n\r\n\r\n";
        for piece in 1..=stream.len() {
            let mut framer = Framer::new();
            framer.expect_pong();
            let mut found = Vec::new();
            for bytes in stream.chunks(piece) {
                framer.push(bytes);
                while let Some(frame) = framer.next().unwrap() {
                    found.push(frame);
                }
            }
            let bye = message("BYE sip:a SIP/2.0\r\n\r\n");
            assert_eq!(found, [Frame::Pong, bye, Frame::Ping], "pieces of {piece}");
        }
    }

    #[test]
    fn half_a_message_waits() {
        let (found, error) = frames(b"OPTIONS sip:a SIP/2.0\r\nl: 4\r\n\r\nabc", 7);

        assert_eq!((found, error), (vec![], None));
    }

    #[test]
    fn a_head_without_end_is_cut_off_at_its_limit() {
        let endless = [&b"OPTIONS sip:a SIP/2.0\r\nX: "[..], &vec![b'x'; HEAD_MAX]].concat();
        let late_end = [&endless[..], b"\r\n\r\n"].concat();

        for stream in [&endless, &late_end] {
            for piece in [1000, stream.len()] {
                assert_eq!(frames(stream, piece), (vec![], Some(FrameError::HeadTooLong)));
            }
        }
    }

    #[test]
    fn a_body_over_its_limit_or_of_unknown_length_ends_the_stream_with_its_head() {
        let head = |line: &str| format!("OPTIONS sip:a SIP/2.0\r\n{line}\r\n\r\n");
        for line in
            ["Content-Length: -1", "l: x", "l:", "l: 1\r\nl: 2", "no colon", "l: 99999999999999999999"]
        {
            let head = head(line);
            let (found, error) = frames(head.as_bytes(), head.len());
            assert_eq!(
                (found, error),
                (vec![], Some(FrameError::BadHead { head: head.clone().into() })),
                "{line}"
            );
        }
        let long = head("l: 65537");
        assert_eq!(frames(long.as_bytes(), 9).1, Some(FrameError::BodyTooLong { head: long.clone().into() }));
    }

    #[test]
    fn a_failed_stream_stays_failed_and_keeps_nothing() {
        let mut framer = Framer::new();
        framer.push(b"OPTIONS sip:a SIP/2.0\r\nl: -1\r\n\r\n");
        let first = framer.next();

        framer.push(b"OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n");

        assert!(first.is_err());
        assert_eq!(framer.next(), first);
        assert!(framer.buffer.is_empty());
    }
}
