//! What tells one transaction from another.
//!
//! A request is matched by RFC 3261 §17.2.3: by its branch, who sent it and
//! its method; one from an RFC 2543 client, whose branch does not begin with
//! the magic cookie, by half of its headers. A response is matched by
//! §17.1.3: by the branch that we made up, and the method.
//!
//! Branches and tags are compared byte by byte: whoever repeats them copies
//! them. Only the host of sent-by may be written differently.

use std::fmt;
use std::sync::Arc;

/// The beginning of every branch that is unique by RFC 3261 §8.1.1.7.
pub const MAGIC_COOKIE: &[u8] = b"z9hG4bK";

/// What a received request says of itself; of `via`, its topmost value.
#[derive(Clone, Copy)]
pub struct RequestFacts<'a> {
    pub method: &'a [u8],
    /// The top Via's branch, if it has one.
    pub branch: Option<&'a [u8]>,
    /// The top Via's host, with `:port` if one is written.
    pub sent_by: &'a [u8],
    /// The top Via as received, before `received` and `rport` are filled in.
    pub via: &'a [u8],
    pub request_uri: &'a [u8],
    pub from_tag: Option<&'a [u8]>,
    pub to_tag: Option<&'a [u8]>,
    pub call_id: &'a [u8],
    pub cseq: u32,
}

/// The key of a server transaction. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ServerKey(Arc<[u8]>);

impl ServerKey {
    /// The transaction that this request belongs to or begins. An ACK leads
    /// to its INVITE; other methods have their own, CANCEL too.
    pub fn of(request: &RequestFacts<'_>) -> Self {
        match request.method {
            b"ACK" => Self::with_method(request, b"INVITE"),
            method => Self::with_method(request, method),
        }
    }

    /// The INVITE that this CANCEL is about (§9.2).
    pub fn of_cancelled(cancel: &RequestFacts<'_>) -> Self {
        Self::with_method(cancel, b"INVITE")
    }

    fn with_method(request: &RequestFacts<'_>, method: &[u8]) -> Self {
        let mut key = KeyBytes::with_capacity(96);
        match request.branch {
            Some(branch) if has_magic_cookie(branch) => {
                key.push(method);
                key.push(branch);
                key.push_lower_case(request.sent_by);
            }
            Some(_) | None => {
                key.push(method);
                key.push(request.request_uri);
                key.push(request.from_tag.unwrap_or_default());
                key.push(request.call_id);
                key.push(&request.cseq.to_be_bytes());
                key.push(request.via);
                // The first INVITE has no To tag while its ACK has ours, so for
                // these the other fields have to do.
                if method != b"INVITE" {
                    key.push(request.to_tag.unwrap_or_default());
                }
            }
        }
        Self(key.0.into())
    }
}

/// The key of a client transaction. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientKey(Arc<[u8]>);

impl ClientKey {
    /// From the request's own branch and method, or from a response's top Via
    /// and the method of its CSeq.
    pub fn new(method: &[u8], branch: &[u8]) -> Self {
        let mut key = KeyBytes::with_capacity(48);
        key.push(method);
        key.push(branch);
        Self(key.0.into())
    }
}

fn has_magic_cookie(branch: &[u8]) -> bool {
    branch.len() > MAGIC_COOKIE.len() && branch[..MAGIC_COOKIE.len()].eq_ignore_ascii_case(MAGIC_COOKIE)
}

/// Fields one after the other, each behind its length, so that no two lists
/// of fields give the same bytes.
struct KeyBytes(Vec<u8>);

impl KeyBytes {
    fn with_capacity(len: usize) -> Self {
        Self(Vec::with_capacity(len))
    }

    fn push(&mut self, field: &[u8]) {
        self.0.extend_from_slice(&(field.len() as u32).to_be_bytes());
        self.0.extend_from_slice(field);
    }

    fn push_lower_case(&mut self, field: &[u8]) {
        self.push(field);
        let start = self.0.len() - field.len();
        self.0[start..].make_ascii_lowercase();
    }
}

/// Without the fields: an RFC 2543 key holds the numbers of the call.
impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerKey({} bytes)", self.0.len())
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientKey({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: RequestFacts<'static> = RequestFacts {
        method: b"INVITE",
        branch: Some(b"z9hG4bK776asdhds"),
        sent_by: b"pc33.atlanta.com:5060",
        via: b"SIP/2.0/UDP pc33.atlanta.com:5060;branch=z9hG4bK776asdhds",
        request_uri: b"sip:bob@biloxi.com",
        from_tag: Some(b"1928301774"),
        to_tag: None,
        call_id: b"a84b4c76e66710",
        cseq: 314,
    };

    const OLD_INVITE: RequestFacts<'static> =
        RequestFacts { branch: None, via: b"SIP/2.0/UDP pc33.atlanta.com:5060", ..INVITE };

    #[test]
    fn an_ack_leads_to_its_invite_and_a_cancel_to_its_own_transaction() {
        for invite in [INVITE, OLD_INVITE] {
            let key = ServerKey::of(&invite);
            let ack = RequestFacts { method: b"ACK", to_tag: Some(b"a6c85cf"), ..invite };
            let cancel = RequestFacts { method: b"CANCEL", ..invite };

            assert_eq!(ServerKey::of(&ack), key);
            assert_ne!(ServerKey::of(&cancel), key);
            assert_eq!(ServerKey::of_cancelled(&cancel), key);
        }
    }

    #[test]
    fn with_the_magic_cookie_branch_sender_and_method_decide() {
        let key = ServerKey::of(&INVITE);
        let same = [
            RequestFacts { sent_by: b"PC33.Atlanta.com:5060", ..INVITE },
            RequestFacts { request_uri: b"sip:alice@biloxi.com", cseq: 1, call_id: b"x", ..INVITE },
        ];
        let other = [
            RequestFacts { branch: Some(b"z9hG4bK776asdhdS"), ..INVITE },
            RequestFacts { sent_by: b"pc33.atlanta.com:5070", ..INVITE },
            RequestFacts { method: b"BYE", ..INVITE },
        ];

        for request in same {
            assert_eq!(ServerKey::of(&request), key);
        }
        for request in other {
            assert_ne!(ServerKey::of(&request), key);
        }
    }

    #[test]
    fn without_the_magic_cookie_the_headers_decide() {
        let key = ServerKey::of(&OLD_INVITE);
        let other = [
            RequestFacts { request_uri: b"sip:alice@biloxi.com", ..OLD_INVITE },
            RequestFacts { from_tag: None, ..OLD_INVITE },
            RequestFacts { call_id: b"x", ..OLD_INVITE },
            RequestFacts { cseq: 315, ..OLD_INVITE },
            RequestFacts { via: b"SIP/2.0/UDP pc34.atlanta.com", ..OLD_INVITE },
        ];

        for branch in [None, Some(&b"1"[..]), Some(b"z9hG4bK")] {
            assert_eq!(ServerKey::of(&RequestFacts { branch, ..OLD_INVITE }), key);
        }
        for request in other {
            assert_ne!(ServerKey::of(&request), key);
        }
    }

    #[test]
    fn without_the_magic_cookie_requests_inside_and_outside_a_dialog_differ() {
        let outside = RequestFacts { method: b"OPTIONS", ..OLD_INVITE };
        let inside = RequestFacts { to_tag: Some(b"a6c85cf"), ..outside };

        assert_ne!(ServerKey::of(&outside), ServerKey::of(&inside));
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        assert_ne!(ClientKey::new(b"BYE", b"Xz9hG4bK"), ClientKey::new(b"BYEX", b"z9hG4bK"));
    }

    #[test]
    fn a_response_finds_its_request_by_branch_and_method() {
        let sent = ClientKey::new(b"INVITE", b"z9hG4bK1");

        assert_eq!(ClientKey::new(b"INVITE", b"z9hG4bK1"), sent);
        assert_ne!(ClientKey::new(b"CANCEL", b"z9hG4bK1"), sent);
    }
}
