//! Session descriptions of somebody who neither speaks nor listens.
//!
//! The demo carries signalling: its ends take part in a call, without sound
//! (`inactive`, RFC 4566 §6; port 9 is "discard").

use bytes::Bytes;

use crate::call::input::{MidCall, Payload};

const SILENCE: &str = "v=0\r\no=whence 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                       m=audio 9 RTP/AVP 8 0\r\na=inactive\r\n";

/// An offer or an answer; both say the same.
pub fn silence() -> Payload {
    Payload {
        headers: Bytes::from_static(b"Content-Type: application/sdp\r\n"),
        body: Bytes::from_static(SILENCE.as_bytes()),
    }
}

/// What a 200 to a request inside the dialog carries: a re-INVITE without an
/// offer asks for ours (RFC 3261 §14.2), an INFO says nothing about the session.
pub fn reply_to(what: MidCall, asked: &Payload) -> Payload {
    match what {
        MidCall::Reinvite => silence(),
        MidCall::Update | MidCall::Prack if !asked.body.is_empty() => silence(),
        MidCall::Update | MidCall::Prack | MidCall::Info | MidCall::Message | MidCall::Refer => {
            Payload::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reinvite_is_answered_with_a_session_even_when_it_brings_none() {
        let nothing = Payload::default();

        assert_eq!(reply_to(MidCall::Reinvite, &nothing), silence());
        assert_eq!(reply_to(MidCall::Reinvite, &silence()), silence());
        assert_eq!(reply_to(MidCall::Update, &silence()), silence());
        assert_eq!(reply_to(MidCall::Update, &nothing), nothing);
        assert_eq!(reply_to(MidCall::Info, &silence()), nothing);
    }
}
