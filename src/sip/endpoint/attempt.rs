//! The attempt to reach a line: to whom, as whom, on which wire.

use bytes::Bytes;

use super::faces::Reliable;
use super::hops::question;
use super::leg::{Leg, Outbound, Role};
use super::requests::Outgoing;
use super::transactions::{Purpose, SentInvite};
use super::{Endpoint, Event, Hop, LegKey};
use crate::call::input::{Input, Payload, Unreachable};
use crate::call::leg::LegId;
use crate::domain::calling::routing::Target;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::sip::dialog::{Forks, InviteFacts};
use crate::sip::message::{Method, Name};
use crate::sip::transaction::ClientKey;
use crate::sip::translate::from_wire;
use crate::sip::translate::to_wire::{self, Lines, Stamp};
use crate::sip::transport::{Flow, Peer};

/// Who a call that we begin ourselves is from.
#[derive(Clone)]
pub struct Originator {
    /// The user part of From: a number in E.164; `None` withholds it (RFC 3323 §4.1).
    pub user: Option<String>,
}

/// A call that waits for the address of its name.
pub(super) struct Unresolved {
    line: String,
    payload: Payload,
    from: Option<Originator>,
}

/// What a new leg says of the caller: its From, and how many hops are left.
struct Identity {
    /// As it stands before the `<`: empty, or a display name.
    display: Vec<u8>,
    uri: Vec<u8>,
    max_forwards: u8,
}

impl Endpoint {
    pub(super) fn dial(
        &mut self,
        key: LegKey,
        target: &Target,
        payload: &Payload,
        from: Option<&Originator>,
        now: Timestamp,
    ) {
        // A number over a trunk has no way yet.
        let Target::Uri(line) = target else {
            return self.happened(key.0, Input::Unreachable { leg: key.1, why: Unreachable::Transport });
        };
        match self.hop(line.as_bytes(), None) {
            None => self.happened(key.0, Input::Unreachable { leg: key.1, why: Unreachable::Transport }),
            Some(Hop::Flow(flow)) => self.attempt(key, line, flow, payload, from, now),
            Some(Hop::Name { .. }) => {
                let Some(question) = question(key, line) else { return };
                let waiting =
                    Unresolved { line: line.clone(), payload: payload.clone(), from: from.cloned() };
                self.unresolved.insert(key, waiting);
                self.events.push(Event::Resolve(question));
            }
        }
    }

    /// The name that a call is to go to has these addresses, best first.
    pub fn resolved(&mut self, key: LegKey, found: &[Peer], now: Timestamp) {
        // Withdrawn meanwhile.
        let Some(Unresolved { line, payload, from }) = self.unresolved.remove(&key) else { return };
        let flow = found.iter().find_map(|peer| self.flow_to(*peer));
        match flow {
            Some(flow) => self.attempt(key, &line, flow, &payload, from.as_ref(), now),
            None => self.happened(key.0, Input::Unreachable { leg: key.1, why: Unreachable::Transport }),
        }
    }

    /// The wire to a peer, if one of our listeners can reach it.
    fn flow_to(&self, peer: Peer) -> Option<Flow> {
        let listener = self.listener_for(peer.transport, Some(peer.address.is_ipv4()))?;
        Some(Flow { transport: peer.transport, listener, remote: peer.address })
    }

    fn attempt(
        &mut self,
        key: LegKey,
        line: &str,
        flow: Flow,
        payload: &Payload,
        from: Option<&Originator>,
        now: Timestamp,
    ) {
        let to = Hop::Flow(flow);
        let from = self.identity(key.0, flow, from);
        let (branch, tag) = (self.chance.branch(), self.chance.tag());
        let via = self.via(flow, &branch);
        let sent = SentInvite {
            uri: Bytes::copy_from_slice(line.as_bytes()),
            via: via.clone(),
            from: [&from.display, &b"<"[..], &from.uri, b">;tag=", &tag].concat().into(),
            to: format!("<{line}>").into(),
            call_id: self.chance.sip_call_id(),
            cseq: 1,
            routes: vec![],
        };
        let contact = self.contact(flow);
        let stamp = Stamp { via: &via, contact: contact.as_bytes(), user_agent: &self.config.user_agent };
        let bytes = to_wire::invite(&sent, stamp, from.max_forwards, &self.wishes(key.0, payload), payload);
        let forks = Forks::start(&InviteFacts {
            call_id: &sent.call_id,
            from_uri: &from.uri,
            from_tag: Some(&tag),
            to_uri: line.as_bytes(),
            cseq: sent.cseq,
            target: line.as_bytes(),
            record_route: &[],
            secure: false,
        });
        let outbound = Outbound {
            client: ClientKey::new(Method::Invite.as_bytes(), &branch),
            forks,
            answered: None,
            voice: None,
            is_reliable: false,
            prack_owed: None,
            invite_cseq: sent.cseq,
            invite: bytes.clone(),
            withdrawn: false,
        };
        let leg = self.insert_leg(key, Role::Outbound(Box::new(outbound)), tag, flow);
        leg.delayed_offer = payload.body.is_empty();
        leg.describes(payload);
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

    /// The caller as the business line sees it: name and number are theirs,
    /// the host is ours, since requests back would go there.
    fn identity(&self, call: CallId, flow: Flow, originator: Option<&Originator>) -> Identity {
        let ours = &self.local(flow).advertised;
        let anonymous = || Identity {
            display: b"\"Anonymous\" ".to_vec(),
            uri: b"sip:anonymous@anonymous.invalid".to_vec(),
            max_forwards: to_wire::MAX_FORWARDS,
        };
        if let Some(originator) = originator {
            return match &originator.user {
                Some(user) => Identity {
                    display: vec![],
                    uri: format!("sip:{user}@{ours}").into_bytes(),
                    max_forwards: to_wire::MAX_FORWARDS,
                },
                None => anonymous(),
            };
        }
        let Some(Leg { role: Role::Inbound(inbound), .. }) = self.legs.get(&(call, LegId::CALLER)) else {
            return anonymous();
        };
        let invite = &inbound.invite;
        let max_forwards = invite.max_forwards().unwrap_or(to_wire::MAX_FORWARDS).saturating_sub(1);
        let from = invite.from();
        if from_wire::withholds(invite) {
            return Identity { max_forwards, ..anonymous() };
        }
        let display = if from.display.is_empty() { vec![] } else { [from.display, b" "].concat() };
        let uri = match from.parse_uri().map(|uri| uri.user) {
            Ok(Some(user)) => [b"sip:", user, b"@", ours.as_bytes()].concat(),
            Ok(None) => [b"sip:", ours.as_bytes()].concat(),
            Err(_) => return Identity { max_forwards, ..anonymous() },
        };
        Identity { display, uri, max_forwards }
    }
}
