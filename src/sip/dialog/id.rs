//! The name of a dialog: Call-ID and both tags (RFC 3261 §12).

use std::fmt;

use bytes::Bytes;

use crate::sip::message::Message;

/// Seen from our side, so one for each of the two sides that we are on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DialogId {
    call_id: Bytes,
    local_tag: Bytes,
    remote_tag: Bytes,
}

impl DialogId {
    /// An RFC 2543 peer gives no tag, which counts as an empty one (§12.1.1).
    pub fn new(call_id: &[u8], local_tag: &[u8], remote_tag: Option<&[u8]>) -> Self {
        Self {
            call_id: Bytes::copy_from_slice(call_id),
            local_tag: Bytes::copy_from_slice(local_tag),
            remote_tag: Bytes::copy_from_slice(remote_tag.unwrap_or_default()),
        }
    }

    /// The dialog that a received request is in; `None` when it has no To
    /// tag and therefore is in none yet.
    pub fn of_request(request: &Message) -> Option<Self> {
        let ours = request.to().tag()?;
        Some(Self::new(request.call_id(), ours, request.from().tag()))
    }

    /// The dialog that a received response is in or makes.
    pub fn of_response(response: &Message) -> Self {
        let ours = response.from().tag().unwrap_or_default();
        Self::new(response.call_id(), ours, response.to().tag())
    }

    pub fn call_id(&self) -> &Bytes {
        &self.call_id
    }

    pub fn local_tag(&self) -> &Bytes {
        &self.local_tag
    }

    /// Empty for a peer without tags.
    pub fn remote_tag(&self) -> &Bytes {
        &self.remote_tag
    }
}

/// The local tag alone, which is ours and random: a Call-ID may name its maker's address.
impl fmt::Debug for DialogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dialog {}", String::from_utf8_lossy(&self.local_tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(first_line: &str, from: &str, to: &str) -> Message {
        let text = format!(
            "{first_line}\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:x@a>{from}\r\n\
             To: <sip:y@b>{to}\r\nCall-ID: call\r\nCSeq: 2 BYE\r\n\r\n"
        );
        Message::parse(text.into()).unwrap()
    }

    #[test]
    fn what_we_receive_and_what_answers_us_name_the_same_dialog() {
        let request = message("BYE sip:y@b SIP/2.0", ";tag=theirs", ";tag=ours");
        let response = message("SIP/2.0 200 OK", ";tag=ours", ";tag=theirs");

        let dialog = DialogId::new(b"call", b"ours", Some(b"theirs"));

        assert_eq!(DialogId::of_request(&request), Some(dialog.clone()));
        assert_eq!(DialogId::of_response(&response), dialog);
    }

    #[test]
    fn a_missing_remote_tag_is_an_empty_one() {
        let request = message("BYE sip:y@b SIP/2.0", "", ";tag=ours");

        assert_eq!(DialogId::of_request(&request), Some(DialogId::new(b"call", b"ours", Some(b""))));
    }

    #[test]
    fn a_request_without_to_tag_is_in_no_dialog() {
        assert_eq!(DialogId::of_request(&message("BYE sip:y@b SIP/2.0", ";tag=theirs", "")), None);
    }

    #[test]
    fn the_two_sides_of_one_dialog_have_different_names() {
        let ours = DialogId::new(b"call", b"a", Some(b"b"));

        assert_ne!(ours, DialogId::new(b"call", b"b", Some(b"a")));
    }

    #[test]
    fn debug_shows_nothing_that_the_other_side_wrote() {
        assert_eq!(format!("{:?}", DialogId::new(b"call@host", b"ours", Some(b"theirs"))), "dialog ours");
    }
}
