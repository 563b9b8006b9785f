//! One dialog: who talks to whom, by which way, and whose turn it is
//! (RFC 3261 §12).

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use super::id::DialogId;
use super::kept_ack::{KeptAck, OkHeard};
use super::route_set::{RouteSet, Routed};
use crate::sip::message::{Message, Name};
use crate::sip::transaction::Class;

/// What an INVITE that begins a dialog says, received or sent by us.
/// A URI stands without brackets and header parameters.
#[derive(Clone)]
pub struct InviteFacts<'a> {
    pub call_id: &'a [u8],
    pub from_uri: &'a [u8],
    /// `None` from an RFC 2543 peer.
    pub from_tag: Option<&'a [u8]>,
    pub to_uri: &'a [u8],
    pub cseq: u32,
    /// Received: the URI of its Contact. Sent: its Request-URI, where
    /// requests go until a Contact is known.
    pub target: &'a [u8],
    /// Received: the values of its Record-Route. Sent: empty.
    pub record_route: Vec<Cow<'a, [u8]>>,
    /// Whether it went over TLS to a `sips` Request-URI (§12.1.1).
    pub secure: bool,
}

/// What a response to our INVITE says.
#[derive(Clone)]
pub struct ResponseFacts<'a> {
    /// 100 differs from the other provisional ones.
    pub code: u16,
    pub to_tag: Option<&'a [u8]>,
    /// The URI of its Contact.
    pub contact: Option<&'a [u8]>,
    /// The values of its Record-Route.
    pub record_route: Vec<Cow<'a, [u8]>>,
}

impl<'a> InviteFacts<'a> {
    /// Of an INVITE that we received.
    ///
    /// Without a readable Contact requests go back to From, as RFC 2543 had it.
    pub fn of_received(invite: &'a Message, secure: bool) -> Self {
        let from = invite.from();
        Self {
            call_id: invite.call_id(),
            from_uri: from.uri,
            from_tag: from.tag(),
            to_uri: invite.to().uri,
            cseq: invite.cseq().number,
            target: contact_uri(invite).unwrap_or(from.uri),
            record_route: invite.values(Name::RecordRoute).collect(),
            secure,
        }
    }
}

impl<'a> ResponseFacts<'a> {
    pub fn of(response: &'a Message) -> Self {
        Self {
            code: response.status(),
            to_tag: response.to().tag(),
            contact: contact_uri(response),
            record_route: response.values(Name::RecordRoute).collect(),
        }
    }
}

/// The URI of the first Contact, for [`Dialog::refresh_target`]; `None` when
/// there is none, or none that can be called.
pub fn contact_uri(message: &Message) -> Option<&[u8]> {
    message.contact().ok().flatten().map(|contact| contact.uri).filter(|uri| *uri != b"*")
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Made by a provisional response.
    Early,
    /// Made, or made firm, by a 2xx.
    Confirmed,
}

/// What the head of a request within the dialog says.
#[derive(Clone, PartialEq, Eq)]
pub struct Heading {
    pub request_uri: Bytes,
    /// The values of its Route header, top first.
    pub routes: Vec<Bytes>,
    /// The whole value of From, with tag.
    pub from: Bytes,
    /// The whole value of To, with the tag that there is.
    pub to: Bytes,
    pub call_id: Bytes,
    pub cseq: u32,
    /// The URI whose host the request is sent to (RFC 3263).
    pub next_hop: Bytes,
}

/// The request is older than one that was seen: it gets a 500 (§12.2.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a later request of this dialog came first")]
pub struct OutOfOrder;

#[derive(Clone)]
pub struct Dialog {
    id: DialogId,
    stage: Stage,
    /// From of our requests.
    local: Bytes,
    /// To of our requests.
    remote: Bytes,
    /// Where the other side wants its requests.
    target: Bytes,
    routes: RouteSet,
    local_seq: u32,
    /// `None` until the other side has made a request.
    remote_seq: Option<u32>,
    secure: bool,
    ack: KeptAck,
}

impl Dialog {
    /// The dialog of an INVITE that we received, with the tag we give to it.
    pub fn of_received(invite: &InviteFacts<'_>, our_tag: &[u8]) -> Self {
        let id = DialogId::new(invite.call_id, our_tag, invite.from_tag);
        Self {
            stage: Stage::Early,
            local: address(invite.to_uri, id.local_tag()),
            remote: address(invite.from_uri, id.remote_tag()),
            target: Bytes::copy_from_slice(invite.target),
            routes: RouteSet::of_request(&invite.record_route),
            local_seq: 0,
            remote_seq: Some(invite.cseq),
            secure: invite.secure,
            ack: KeptAck::Nothing,
            id,
        }
    }

    /// The dialog that a response makes of an INVITE that we sent.
    pub(super) fn of_sent(invite: &InviteFacts<'_>, response: &ResponseFacts<'_>) -> Self {
        let our_tag = invite.from_tag.unwrap_or_default();
        let id = DialogId::new(invite.call_id, our_tag, response.to_tag);
        Self {
            stage: Stage::Early,
            local: address(invite.from_uri, id.local_tag()),
            remote: address(invite.to_uri, id.remote_tag()),
            // Many a 180 carries no Contact, although it must.
            target: Bytes::copy_from_slice(response.contact.unwrap_or(invite.target)),
            routes: RouteSet::of_response(&response.record_route),
            local_seq: invite.cseq,
            remote_seq: None,
            secure: invite.secure,
            ack: KeptAck::Nothing,
            id,
        }
    }

    /// Takes in a response to the INVITE that made this dialog.
    ///
    /// The 2xx decides the route set anew (§13.2.2.4): the proxies of a
    /// provisional response may have been others.
    pub(super) fn settle(&mut self, response: &ResponseFacts<'_>) {
        match (self.stage, Class::of(response.code)) {
            (Stage::Early, Class::Success) => {
                self.stage = Stage::Confirmed;
                self.routes = RouteSet::of_response(&response.record_route);
                self.refresh_target(response.contact);
            }
            (Stage::Early, Class::Provisional) => self.refresh_target(response.contact),
            // A confirmed dialog is moved by requests of its own; a refusal ends an early one.
            (Stage::Confirmed, _) | (Stage::Early, Class::Failure) => {}
        }
    }

    /// We answered their INVITE with a 2xx.
    pub fn confirm(&mut self) {
        self.stage = Stage::Confirmed;
    }

    /// Judges a request of the other side other than ACK and CANCEL.
    ///
    /// Equal numbers pass: copies are absorbed by the transaction, and a peer
    /// that forgets to count is better heard than refused its BYE.
    pub fn admit(&mut self, cseq: u32) -> Result<(), OutOfOrder> {
        match self.remote_seq {
            Some(seen) if cseq < seen => Err(OutOfOrder),
            Some(_) | None => {
                self.remote_seq = Some(cseq);
                Ok(())
            }
        }
    }

    /// Moves the remote target to the Contact of a re-INVITE or UPDATE of the
    /// other side, or of the 2xx to one of ours (§12.2). `None` leaves it.
    pub fn refresh_target(&mut self, contact: Option<&[u8]>) {
        if let Some(contact) = contact {
            self.target = Bytes::copy_from_slice(contact);
        }
    }

    /// The head of our next request; counts CSeq up.
    pub fn next_request(&mut self) -> Heading {
        self.local_seq += 1;
        self.heading(self.local_seq)
    }

    /// The head of the ACK to a 2xx, with the number of the INVITE.
    pub fn ack(&self, invite_cseq: u32) -> Heading {
        self.heading(invite_cseq)
    }

    /// What a 2xx to one of our re-INVITEs means. That to the first INVITE
    /// goes through [`Forks`](super::Forks).
    pub fn hear_ok(&mut self, cseq: u32) -> OkHeard {
        self.ack.hear(cseq)
    }

    /// Keeps the ACK that was just sent for repeats of its 2xx.
    pub fn keep_ack(&mut self, invite_cseq: u32, ack: Bytes) {
        self.ack.give(invite_cseq, ack);
    }

    fn heading(&self, cseq: u32) -> Heading {
        let Routed { request_uri, routes, next_hop } = self.routes.route(&self.target);
        Heading {
            request_uri,
            routes,
            from: self.local.clone(),
            to: self.remote.clone(),
            call_id: self.id.call_id().clone(),
            cseq,
            next_hop,
        }
    }

    pub fn id(&self) -> &DialogId {
        &self.id
    }

    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether our Contact must be a `sips` URI.
    pub fn is_secure(&self) -> bool {
        self.secure
    }
}

/// The value of From or To; an empty tag is none.
fn address(uri: &[u8], tag: &[u8]) -> Bytes {
    let parts: &[&[u8]] = if tag.is_empty() { &[b"<", uri, b">"] } else { &[b"<", uri, b">;tag=", tag] };
    Bytes::from(parts.concat())
}

/// Without addresses, which hold telephone numbers.
impl fmt::Debug for Dialog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {:?}", self.id, self.stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dialogs of RFC 3261 §24.2: Alice calls, Bob answers.
    fn message(first_line: &str, more: &str) -> Message {
        let text = format!(
            "{first_line}\r\nVia: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8\r\n\
             From: \"Alice, A.\" <sip:alice@atlanta.com>;tag=1928301774\r\n\
             Call-ID: a84b4c76e66710\r\nCSeq: 314159 INVITE\r\n{more}\r\n"
        );
        Message::parse(text.into()).unwrap()
    }

    fn invite() -> Message {
        message(
            "INVITE sip:bob@biloxi.com SIP/2.0",
            "To: Bob <sip:bob@biloxi.com>\r\nContact: <sip:alice@pc33.atlanta.com>\r\n\
             Record-Route: <sip:p2;lr>, <sip:p1;lr>\r\n",
        )
    }

    fn response(status: &str, more: &str) -> Message {
        let to = "To: Bob <sip:bob@biloxi.com>;tag=a6c85cf\r\n";
        message(&format!("SIP/2.0 {status}"), &format!("{to}{more}"))
    }

    fn sent() -> InviteFacts<'static> {
        InviteFacts {
            call_id: b"a84b4c76e66710",
            from_uri: b"sip:alice@atlanta.com",
            from_tag: Some(b"1928301774"),
            to_uri: b"sip:bob@biloxi.com",
            cseq: 314_159,
            target: b"sip:bob@biloxi.com",
            record_route: Vec::new(),
            secure: false,
        }
    }

    fn callee() -> Dialog {
        Dialog::of_received(&InviteFacts::of_received(&invite(), false), b"a6c85cf")
    }

    fn caller(response: &Message) -> Dialog {
        let facts = ResponseFacts::of(response);
        let mut dialog = Dialog::of_sent(&sent(), &facts);
        dialog.settle(&facts);
        dialog
    }

    fn text(bytes: &Bytes) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_callee_answers_back_along_the_proxies_to_the_contact() {
        let bye = callee().next_request();

        assert_eq!(text(&bye.request_uri), "sip:alice@pc33.atlanta.com");
        assert_eq!(bye.routes, ["<sip:p2;lr>", "<sip:p1;lr>"]);
        assert_eq!(text(&bye.next_hop), "sip:p2;lr");
        assert_eq!(text(&bye.from), "<sip:bob@biloxi.com>;tag=a6c85cf");
        assert_eq!(text(&bye.to), "<sip:alice@atlanta.com>;tag=1928301774");
        assert_eq!(text(&bye.call_id), "a84b4c76e66710");
        assert_eq!(bye.cseq, 1);
    }

    #[test]
    fn the_caller_goes_along_the_proxies_of_the_answer_in_reverse() {
        let more =
            "Contact: <sip:bob@192.0.2.4>\r\nRecord-Route: <sip:p2;lr>\r\nRecord-Route: <sip:p1;lr>\r\n";
        let mut dialog = caller(&response("200 OK", more));

        let ack = dialog.ack(314_159);
        let bye = dialog.next_request();

        assert_eq!(text(&ack.request_uri), "sip:bob@192.0.2.4");
        assert_eq!(ack.routes, ["<sip:p1;lr>", "<sip:p2;lr>"]);
        assert_eq!(text(&ack.from), "<sip:alice@atlanta.com>;tag=1928301774");
        assert_eq!(text(&ack.to), "<sip:bob@biloxi.com>;tag=a6c85cf");
        assert_eq!((ack.cseq, bye.cseq), (314_159, 314_160));
    }

    #[test]
    fn both_sides_mean_the_same_dialog() {
        let dialog = caller(&response("180 Ringing", ""));

        assert_eq!(dialog.id(), &DialogId::of_response(&response("200 OK", "")));
        assert_eq!(callee().id(), &DialogId::new(b"a84b4c76e66710", b"a6c85cf", Some(b"1928301774")));
    }

    #[test]
    fn the_answer_decides_route_and_target_anew() {
        let mut dialog = caller(&response("180 Ringing", "Record-Route: <sip:early;lr>\r\n"));
        assert_eq!(dialog.stage(), Stage::Early);
        let early = dialog.next_request();
        assert_eq!(text(&early.request_uri), "sip:bob@biloxi.com");
        assert_eq!(early.routes, ["<sip:early;lr>"]);

        dialog.settle(&ResponseFacts::of(&response("200 OK", "Contact: sip:bob@192.0.2.4;expires=9\r\n")));

        assert_eq!(dialog.stage(), Stage::Confirmed);
        let firm = dialog.next_request();
        assert_eq!(text(&firm.request_uri), "sip:bob@192.0.2.4");
        assert!(firm.routes.is_empty());
    }

    #[test]
    fn a_copy_of_the_answer_does_not_undo_a_later_refresh() {
        let answer = response("200 OK", "Contact: <sip:bob@192.0.2.4>\r\n");
        let mut dialog = caller(&answer);
        dialog.refresh_target(Some(b"sip:bob@192.0.2.5"));

        dialog.settle(&ResponseFacts::of(&answer));

        assert_eq!(text(&dialog.next_request().request_uri), "sip:bob@192.0.2.5");
    }

    /// RFC 3261 §12.2.2.
    #[test]
    fn a_request_older_than_one_seen_is_out_of_order() {
        let mut dialog = callee();

        for (cseq, admitted) in [(314_158, false), (314_159, true), (314_170, true), (314_160, false)] {
            assert_eq!(dialog.admit(cseq).is_ok(), admitted, "{cseq}");
        }
    }

    #[test]
    fn the_first_request_of_a_callee_may_have_any_number() {
        let mut dialog = caller(&response("200 OK", ""));

        assert_eq!(dialog.admit(0), Ok(()));
        assert_eq!(dialog.admit(2_147_483_647), Ok(()));
        assert_eq!(dialog.admit(1), Err(OutOfOrder));
    }

    #[test]
    fn a_peer_without_tag_is_addressed_without_one() {
        let facts = InviteFacts { from_tag: None, ..sent() };

        let mut dialog = Dialog::of_received(&facts, b"ours");

        assert_eq!(text(&dialog.next_request().to), "<sip:alice@atlanta.com>");
    }

    #[test]
    fn an_invite_without_contact_is_answered_to_its_from() {
        let invite = message("INVITE sip:bob@biloxi.com SIP/2.0", "To: <sip:bob@biloxi.com>\r\n");

        assert_eq!(InviteFacts::of_received(&invite, false).target, b"sip:alice@atlanta.com");
    }

    #[test]
    fn debug_shows_no_address() {
        assert_eq!(format!("{:?}", callee()), "dialog a6c85cf, Early");
    }
}
