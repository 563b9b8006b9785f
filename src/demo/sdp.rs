//! Session descriptions of somebody who neither speaks nor listens.
//!
//! The demo carries signalling: its ends take part in a call, without sound
//! (`inactive`, RFC 4566 §6; port 9 is "discard").

use bytes::Bytes;

use crate::call::input::Payload;

const SILENCE: &str = "v=0\r\no=whence 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                       m=audio 9 RTP/AVP 8 0\r\na=inactive\r\n";

/// An offer or an answer; both say the same.
pub fn silence() -> Payload {
    Payload {
        headers: Bytes::from_static(b"Content-Type: application/sdp\r\n"),
        body: Bytes::from_static(SILENCE.as_bytes()),
    }
}
