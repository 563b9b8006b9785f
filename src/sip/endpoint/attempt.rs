//! The attempt to reach a line at one hop: its INVITE, and the leg that it makes.

use bytes::Bytes;

use super::challenged::of_ack;
use super::faces::Reliable;
use super::leg::{Leg, Outbound, Role};
use super::requests::Outgoing;
use super::search::{Search, Spot};
use super::transactions::{Purpose, SentInvite};
use super::{Endpoint, Hop, LegKey};
use crate::call::input::Payload;
use crate::call::leg::LegId;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::sip::dialog::{Forks, InviteFacts};
use crate::sip::message::{Message, Method, Name};
use crate::sip::transaction::ClientKey;
use crate::sip::translate::to_wire::{self, Lines, Stamp};

/// An INVITE is not sent more often than this to please one hop.
const TRIES: u8 = 4;

impl Endpoint {
    /// Sends the leg's INVITE to this hop. At the next hop of the same leg it
    /// is the same call (RFC 3263 §4.3) with a CSeq of its own, so that a
    /// server behind both does not take it for a copy (RFC 3261 §8.2.2.2).
    pub(super) fn attempt(&mut self, key: LegKey, mut search: Search, spot: Spot, now: Timestamp) {
        let flow = spot.flow;
        let to = Hop::Flow(flow);
        let who = self.identity(key.0, flow, &search.errand, &spot.aim);
        let (tag, call_id, cseq) = match self.legs.get(&key).map(Box::as_ref) {
            Some(Leg { role: Role::Outbound(outbound), local_tag, .. }) => {
                (local_tag.clone(), outbound.call_id.clone(), outbound.invite_cseq + 1)
            }
            _ => (self.chance.tag(), self.chance.sip_call_id(), 1),
        };
        let branch = self.chance.branch();
        let via = self.via(flow, &branch);
        let uri = &spot.aim.uri;
        let sent = SentInvite {
            uri: Bytes::copy_from_slice(uri.as_bytes()),
            via: via.clone(),
            from: [&who.display, &b"<"[..], &who.uri, b">;tag=", &tag].concat().into(),
            to: format!("<{uri}>").into(),
            call_id: call_id.clone(),
            cseq,
            routes: spot.aim.routes(),
        };
        let proven = match &search.errand.out {
            Some(out) => self.proven_to(out, &Method::Invite, uri.as_bytes()),
            None => vec![],
        };
        let contact = self.contact_for(flow, &sent.uri);
        let stamp = Stamp { via: &via, contact: contact.as_bytes(), user_agent: &self.config.user_agent };
        let lines = [self.wishes(key.0, &who.payload), who.lines, proven.clone()].concat();
        let bytes = to_wire::invite(&sent, stamp, who.max_forwards, &lines, &who.payload);
        if let Some(wide) = self.wider(&search, &spot, bytes.len(), now) {
            search.put_off(spot);
            return self.attempt(key, search, wide, now);
        }
        let client = ClientKey::new(Method::Invite.as_bytes(), &branch);
        let outbound = Outbound {
            client: client.clone(),
            forks: Forks::start(&InviteFacts {
                call_id: &call_id,
                from_uri: &who.uri,
                from_tag: Some(&tag),
                to_uri: uri.as_bytes(),
                cseq,
                target: uri.as_bytes(),
                record_route: &[],
                secure: false,
            }),
            answered: None,
            voice: None,
            is_reliable: false,
            prack_owed: None,
            call_id,
            invite_cseq: cseq,
            tries: 1,
            proof: proven,
            invite: bytes.clone(),
            withdrawn: false,
            has_rung: false,
            out: search.errand.out.clone(),
            place: spot.place(),
        };
        let leg = match self.legs.get_mut(&key) {
            Some(leg) => {
                leg.role = Role::Outbound(Box::new(outbound));
                leg.flow = flow;
                leg
            }
            None => self.insert_leg(key, Role::Outbound(Box::new(outbound)), tag, flow),
        };
        leg.delayed_offer = who.payload.body.is_empty();
        leg.describes(&who.payload);
        self.keep_search(key, search, client, now);
        let request = Outgoing { branch, bytes, to, leg: Some(key), purpose: Purpose::Attempt };
        self.start_invite(request, sent, now);
    }

    /// What an INVITE of ours says of extensions. A line that was made no offer
    /// could make one in a reliable 18x, which its caller must be able to answer.
    fn wishes(&self, call: CallId, payload: &Payload) -> Lines {
        let caller = self.legs.get(&(call, LegId::CALLER)).map(|leg| &leg.role);
        let cannot = matches!(caller, Some(Role::Inbound(it)) if it.reliable == Reliable::No);
        let supported = if payload.body.is_empty() && cannot { "timer" } else { to_wire::SUPPORTED };
        let mut lines = vec![(Name::Supported, supported.to_owned())];
        lines.extend(self.session_wish());
        lines
    }

    /// Sends the INVITE of an attempt again, as the hop wants it: with these
    /// lines. `None` where that leads nowhere.
    pub(super) fn invite_again(&mut self, key: LegKey, lines: &Lines, now: Timestamp) -> Option<ClientKey> {
        let leg = self.legs.get(&key)?;
        let Role::Outbound(outbound) = &leg.role else { return None };
        if outbound.withdrawn || outbound.tries >= TRIES {
            return None;
        }
        let first = Message::parse(outbound.invite.clone()).ok()?;
        let (flow, cseq) = (leg.flow, outbound.invite_cseq + 1);
        let mut lines = lines.clone();
        if of_ack(&lines).is_empty() {
            // A nonce is counted: what the INVITE before this one proved with is spent.
            lines.extend(self.proven(key, &Method::Invite, first.request_uri()));
        }
        let branch = self.chance.branch();
        let via = self.via(flow, &branch);
        let bytes = to_wire::again(&first, &via, cseq, &lines);
        let value = |name| Bytes::from(first.header(name).unwrap_or_default().into_owned());
        let sent = SentInvite {
            uri: Bytes::copy_from_slice(first.request_uri()),
            via,
            from: value(Name::From),
            to: value(Name::To),
            call_id: value(Name::CallId),
            cseq,
            routes: first.values(Name::Route).map(|route| Bytes::copy_from_slice(&route)).collect(),
        };
        let client = ClientKey::new(Method::Invite.as_bytes(), &branch);
        let Role::Outbound(outbound) = &mut self.legs.get_mut(&key)?.role else { return None };
        outbound.client = client.clone();
        (outbound.voice, outbound.prack_owed) = (None, None);
        outbound.invite_cseq = cseq;
        outbound.tries += 1;
        outbound.proof = of_ack(&lines);
        outbound.invite = bytes.clone();
        outbound.forks = Forks::start(&InviteFacts {
            call_id: &sent.call_id,
            from_uri: first.from().uri,
            from_tag: first.from().tag(),
            to_uri: first.to().uri,
            cseq,
            target: first.request_uri(),
            record_route: &[],
            secure: false,
        });
        let request =
            Outgoing { branch, bytes, to: Hop::Flow(flow), leg: Some(key), purpose: Purpose::Attempt };
        self.start_invite(request, sent, now);
        Some(client)
    }
}
