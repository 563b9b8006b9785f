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

use crate::sip::message::{Host, Message, Method, Via};

/// The key of a server transaction. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ServerKey(Arc<[u8]>);

impl ServerKey {
    /// The transaction that this request belongs to or begins. An ACK leads
    /// to its INVITE; other methods have their own, CANCEL too.
    pub fn of(request: &Message) -> Self {
        match request.method() {
            Method::Ack => Self::with_method(request, &Method::Invite),
            method => Self::with_method(request, method),
        }
    }

    /// The INVITE that this CANCEL is about (§9.2).
    pub fn of_cancelled(cancel: &Message) -> Self {
        Self::with_method(cancel, &Method::Invite)
    }

    fn with_method(request: &Message, method: &Method) -> Self {
        let via = request.top_via();
        let mut key = KeyBytes::with_capacity(96);
        key.push(method.as_bytes());
        if via.has_magic_branch() {
            key.push(via.branch().unwrap_or_default());
            key.push_sent_by(&via);
            return Self(key.0.into());
        }
        key.push(request.request_uri());
        key.push(request.from().tag().unwrap_or_default());
        key.push(request.call_id());
        key.push(&request.cseq().number.to_be_bytes());
        key.push(via.raw);
        // The first INVITE has no To tag while its ACK has ours, so for these
        // two the other fields have to do.
        if *method != Method::Invite {
            key.push(request.to().tag().unwrap_or_default());
        }
        Self(key.0.into())
    }
}

/// The key of a client transaction. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientKey(Arc<[u8]>);

impl ClientKey {
    /// For a request of ours, with the branch that we made up for it.
    pub fn new(method: &Method, branch: &[u8]) -> Self {
        let mut key = KeyBytes::with_capacity(48);
        key.push(method.as_bytes());
        key.push(branch);
        Self(key.0.into())
    }

    /// The request that this response answers; none of ours when it has no branch.
    pub fn of_response(response: &Message) -> Option<Self> {
        response.top_via().branch().map(|branch| Self::new(response.method(), branch))
    }
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

    fn push_sent_by(&mut self, via: &Via<'_>) {
        match via.host {
            Host::Ip(ip) => self.push(ip.to_string().as_bytes()),
            Host::Name(name) => {
                self.push(name);
                let start = self.0.len() - name.len();
                self.0[start..].make_ascii_lowercase();
            }
        }
        self.push(&via.port.unwrap_or(0).to_be_bytes());
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
    use bytes::Bytes;

    use super::*;

    const BRANCH: &str = ";branch=z9hG4bK776asdhds";

    /// The INVITE of RFC 3261 §24.2, with one place written in another way.
    fn request(old: &str, new: &str) -> Message {
        let text = format!(
            "INVITE sip:bob@biloxi.com SIP/2.0\r\n\
             Via: SIP/2.0/UDP pc33.atlanta.com:5060{BRANCH}\r\n\
             Max-Forwards: 70\r\n\
             To: Bob <sip:bob@biloxi.com>\r\n\
             From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n\
             Call-ID: a84b4c76e66710\r\n\
             CSeq: 314159 INVITE\r\n\r\n"
        );
        assert!(text.contains(old), "{old}");
        parse(&text.replace(old, new))
    }

    fn parse(text: &str) -> Message {
        Message::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap()
    }

    fn key(old: &str, new: &str) -> ServerKey {
        ServerKey::of(&request(old, new))
    }

    /// As an RFC 2543 client writes it.
    fn old_key(old: &str, new: &str) -> ServerKey {
        let text = request(old, new).bytes();
        let text = std::str::from_utf8(&text).unwrap();
        ServerKey::of(&parse(&text.replace(BRANCH, "")))
    }

    #[test]
    fn an_ack_leads_to_its_invite_and_a_cancel_to_its_own_transaction() {
        for branch in [BRANCH, ""] {
            let invite = request(BRANCH, branch);
            let text = std::str::from_utf8(&invite.bytes()).unwrap().to_owned();
            let ack = parse(
                &text
                    .replace("INVITE", "ACK")
                    .replace("To: Bob <sip:bob@biloxi.com>", "To: Bob <sip:bob@biloxi.com>;tag=a6c85cf"),
            );
            let cancel = parse(&text.replace("INVITE", "CANCEL"));

            let key = ServerKey::of(&invite);

            assert_eq!(ServerKey::of(&ack), key);
            assert_ne!(ServerKey::of(&cancel), key);
            assert_eq!(ServerKey::of_cancelled(&cancel), key);
        }
    }

    #[test]
    fn with_the_magic_cookie_branch_sender_and_method_decide() {
        let known = key("", "");

        for (old, new) in [
            ("UDP pc33.atlanta.com", "UDP PC33.Atlanta.com"),
            ("sip:bob@biloxi.com SIP", "sip:alice@biloxi.com SIP"),
            ("314159", "1"),
            ("a84b4c76e66710", "x"),
            ("5060;", "5060;rport;"),
        ] {
            assert_eq!(key(old, new), known, "{new}");
        }
        for (old, new) in [
            ("776asdhds", "776asdhdS"),
            ("5060", "5070"),
            (":5060", ""),
            ("UDP pc33", "UDP pc34"),
            ("INVITE", "BYE"),
        ] {
            assert_ne!(key(old, new), known, "{new}");
        }
    }

    #[test]
    fn without_the_magic_cookie_the_headers_decide() {
        let known = old_key("", "");

        for (old, new) in [
            ("sip:bob@biloxi.com SIP", "sip:alice@biloxi.com SIP"),
            (";tag=1928301774", ""),
            ("a84b4c76e66710", "x"),
            ("314159", "314160"),
            ("UDP pc33", "UDP pc34"),
            ("INVITE", "OPTIONS"),
        ] {
            assert_ne!(old_key(old, new), known, "{new}");
        }
        assert_eq!(old_key("Max-Forwards: 70", "Max-Forwards: 69"), known);
    }

    #[test]
    fn without_the_magic_cookie_requests_inside_and_outside_a_dialog_differ() {
        let options = |to: &str| {
            let text = request(BRANCH, "").bytes();
            let text = std::str::from_utf8(&text).unwrap().replace("INVITE", "OPTIONS");
            ServerKey::of(&parse(&text.replace("To: Bob <sip:bob@biloxi.com>", to)))
        };

        assert_ne!(options("To: <sip:bob@biloxi.com>"), options("To: <sip:bob@biloxi.com>;tag=a6c85cf"));
    }

    #[test]
    fn a_response_finds_its_request_by_branch_and_method() {
        let text = std::str::from_utf8(&request("", "").bytes()).unwrap().to_owned();
        let response = parse(&text.replace("INVITE sip:bob@biloxi.com SIP/2.0", "SIP/2.0 486 Busy Here"));

        let found = ClientKey::of_response(&response);

        assert_eq!(found, Some(ClientKey::new(&Method::Invite, b"z9hG4bK776asdhds")));
        assert_ne!(found, Some(ClientKey::new(&Method::Cancel, b"z9hG4bK776asdhds")));
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let mut one = KeyBytes::with_capacity(0);
        one.push(b"a");
        one.push(b"bc");
        let mut other = KeyBytes::with_capacity(0);
        other.push(b"ab");
        other.push(b"c");

        assert_ne!(one.0, other.0);
    }
}
