//! The name of a dialog: Call-ID and both tags (RFC 3261 §12).

use std::fmt;

use bytes::Bytes;

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
    pub fn of_request(call_id: &[u8], from_tag: Option<&[u8]>, to_tag: Option<&[u8]>) -> Option<Self> {
        to_tag.map(|ours| Self::new(call_id, ours, from_tag))
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

    #[test]
    fn a_missing_remote_tag_is_an_empty_one() {
        let dialog = DialogId::new(b"call", b"ours", None);

        assert_eq!(DialogId::of_request(b"call", None, Some(b"ours")), Some(dialog.clone()));
        assert_eq!(dialog, DialogId::new(b"call", b"ours", Some(b"")));
    }

    #[test]
    fn a_request_without_to_tag_is_in_no_dialog() {
        assert_eq!(DialogId::of_request(b"call", Some(b"theirs"), None), None);
    }

    #[test]
    fn the_two_sides_of_one_dialog_have_different_names() {
        let ours = DialogId::new(b"call", b"a", Some(b"b"));

        assert_ne!(ours, DialogId::new(b"call", b"b", Some(b"a")));
    }
}
