//! One dialog: who talks to whom, by which way, and whose turn it is
//! (RFC 3261 §12).

use std::fmt;

use bytes::Bytes;

use super::id::DialogId;
use super::kept_ack::{KeptAck, OkHeard};
use super::reliable::InOrder;
use super::route_set::{RouteSet, Routed};
use crate::sip::transaction::Class;

/// What an INVITE that begins a dialog says, received or sent by us.
/// A URI stands without brackets and header parameters.
#[derive(Clone, Copy)]
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
    pub record_route: &'a [&'a [u8]],
    /// Whether it went over TLS to a `sips` Request-URI (§12.1.1).
    pub secure: bool,
}

/// What a response to our INVITE says.
#[derive(Clone, Copy)]
pub struct ResponseFacts<'a> {
    /// 100 differs from the other provisional ones.
    pub code: u16,
    pub cseq: u32,
    pub to_tag: Option<&'a [u8]>,
    /// The URI of its Contact.
    pub contact: Option<&'a [u8]>,
    /// The values of its Record-Route.
    pub record_route: &'a [&'a [u8]],
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
    provisionals: InOrder,
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
            routes: RouteSet::of_request(invite.record_route),
            local_seq: 0,
            remote_seq: Some(invite.cseq),
            secure: invite.secure,
            ack: KeptAck::Nothing,
            provisionals: InOrder::default(),
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
            routes: RouteSet::of_response(response.record_route),
            local_seq: invite.cseq,
            remote_seq: None,
            secure: invite.secure,
            ack: KeptAck::Nothing,
            provisionals: InOrder::default(),
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
                self.routes = RouteSet::of_response(response.record_route);
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

    /// Whether their reliable provisional response of this number is to be heard.
    pub fn admit_provisional(&mut self, rseq: u32) -> bool {
        self.provisionals.admit(rseq)
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

    /// The INVITE of RFC 3261 §24.2: Alice calls, Bob answers.
    const INVITE: InviteFacts<'static> = InviteFacts {
        call_id: b"a84b4c76e66710",
        from_uri: b"sip:alice@atlanta.com",
        from_tag: Some(b"1928301774"),
        to_uri: b"sip:bob@biloxi.com",
        cseq: 314_159,
        target: b"sip:bob@biloxi.com",
        record_route: &[],
        secure: false,
    };

    const RINGING: ResponseFacts<'static> = ResponseFacts {
        code: 180,
        cseq: 314_159,
        to_tag: Some(b"a6c85cf"),
        contact: None,
        record_route: &[],
    };

    const ANSWER: ResponseFacts<'static> =
        ResponseFacts { code: 200, contact: Some(b"sip:bob@192.0.2.4"), ..RINGING };

    fn callee() -> Dialog {
        let target = b"sip:alice@pc33.atlanta.com";
        let record_route: &[&[u8]] = &[b"<sip:p2;lr>", b"<sip:p1;lr>"];
        Dialog::of_received(&InviteFacts { target, record_route, ..INVITE }, b"a6c85cf")
    }

    fn caller(response: &ResponseFacts<'_>) -> Dialog {
        let mut dialog = Dialog::of_sent(&INVITE, response);
        dialog.settle(response);
        dialog
    }

    #[test]
    fn the_callee_answers_back_along_the_proxies_to_the_contact() {
        let bye = callee().next_request();

        assert_eq!(bye.request_uri, "sip:alice@pc33.atlanta.com");
        assert_eq!(bye.routes, ["<sip:p2;lr>", "<sip:p1;lr>"]);
        assert_eq!(bye.next_hop, "sip:p2;lr");
        assert_eq!(bye.from, "<sip:bob@biloxi.com>;tag=a6c85cf");
        assert_eq!(bye.to, "<sip:alice@atlanta.com>;tag=1928301774");
        assert_eq!(bye.call_id, "a84b4c76e66710");
        assert_eq!(bye.cseq, 1);
    }

    #[test]
    fn the_caller_goes_along_the_proxies_of_the_answer_in_reverse() {
        let mut dialog = caller(&ResponseFacts { record_route: &[b"<sip:p2;lr>", b"<sip:p1;lr>"], ..ANSWER });

        let ack = dialog.ack(314_159);
        let bye = dialog.next_request();

        assert_eq!(ack.request_uri, "sip:bob@192.0.2.4");
        assert_eq!(ack.routes, ["<sip:p1;lr>", "<sip:p2;lr>"]);
        assert_eq!(ack.from, "<sip:alice@atlanta.com>;tag=1928301774");
        assert_eq!(ack.to, "<sip:bob@biloxi.com>;tag=a6c85cf");
        assert_eq!((ack.cseq, bye.cseq), (314_159, 314_160));
    }

    #[test]
    fn each_side_names_the_dialog_from_where_it_stands() {
        let (call_id, alice, bob) = (b"a84b4c76e66710", b"1928301774", b"a6c85cf");

        assert_eq!(caller(&RINGING).id(), &DialogId::new(call_id, alice, Some(bob)));
        assert_eq!(callee().id(), &DialogId::new(call_id, bob, Some(alice)));
    }

    #[test]
    fn the_answer_decides_route_and_target_anew() {
        let mut dialog = caller(&ResponseFacts { record_route: &[b"<sip:early;lr>"], ..RINGING });
        assert_eq!(dialog.stage(), Stage::Early);
        let early = dialog.next_request();
        assert_eq!(early.request_uri, "sip:bob@biloxi.com");
        assert_eq!(early.routes, ["<sip:early;lr>"]);

        dialog.settle(&ANSWER);

        assert_eq!(dialog.stage(), Stage::Confirmed);
        let firm = dialog.next_request();
        assert_eq!(firm.request_uri, "sip:bob@192.0.2.4");
        assert!(firm.routes.is_empty());
    }

    #[test]
    fn a_copy_of_the_answer_does_not_undo_a_later_refresh() {
        let mut dialog = caller(&ANSWER);
        dialog.refresh_target(Some(b"sip:bob@192.0.2.5"));

        dialog.settle(&ANSWER);

        assert_eq!(dialog.next_request().request_uri, "sip:bob@192.0.2.5");
    }

    #[test]
    fn a_refresh_without_contact_leaves_the_target() {
        let mut dialog = caller(&ANSWER);

        dialog.refresh_target(None);

        assert_eq!(dialog.next_request().request_uri, "sip:bob@192.0.2.4");
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
        let mut dialog = caller(&ANSWER);

        assert_eq!(dialog.admit(0), Ok(()));
        assert_eq!(dialog.admit(2_147_483_647), Ok(()));
        assert_eq!(dialog.admit(1), Err(OutOfOrder));
    }

    #[test]
    fn a_peer_without_tag_is_addressed_without_one() {
        let mut dialog = Dialog::of_received(&InviteFacts { from_tag: None, ..INVITE }, b"ours");

        assert_eq!(dialog.next_request().to, "<sip:alice@atlanta.com>");
    }

    #[test]
    fn debug_shows_no_address() {
        assert_eq!(format!("{:?}", callee()), "dialog a6c85cf, Early");
    }
}
