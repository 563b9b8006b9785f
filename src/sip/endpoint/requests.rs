//! Requests of ours: which transaction looks after each, and what goes on within a dialog.

use bytes::Bytes;

use super::leg::{Leg, Role};
use super::transactions::{ClientMachine, ClientTx, Purpose, SentInvite};
use super::{Endpoint, Hop, LegKey, Transmit, wire};
use crate::call::input::{Input, MidCall, Payload, Status};
use crate::domain::time::Timestamp;
use crate::sip::dialog::{Dialog, Heading, Stage};
use crate::sip::message::Method;
use crate::sip::transaction::{Client, ClientKey, InviteClient};
use crate::sip::translate::to_wire::{self, Lines, Stamp};
use crate::sip::transport::Flow;

/// A request that is written and wants its transaction.
pub(super) struct Outgoing {
    pub branch: Bytes,
    pub bytes: Bytes,
    pub to: Hop,
    /// Who waits for its responses.
    pub leg: Option<LegKey>,
    pub purpose: Purpose,
}

impl Endpoint {
    pub(super) fn start_invite(&mut self, request: Outgoing, sent: SentInvite, now: Timestamp) {
        let Outgoing { branch, bytes, to, leg, purpose } = request;
        let key = ClientKey::new(Method::Invite.as_bytes(), &branch);
        let proof = self.proof(leg, &bytes);
        let machine = InviteClient::start(bytes, wire(to.flow().transport), now, &mut self.todo);
        let machine = ClientMachine::Invite(machine, sent);
        self.txs.clients.insert(key.clone(), ClientTx { machine, to, leg, purpose, proof });
        self.do_client(&key, None, now);
    }

    pub(super) fn start_client(&mut self, method: &Method, request: Outgoing, now: Timestamp) -> ClientKey {
        let Outgoing { branch, bytes, to, leg, purpose } = request;
        let key = ClientKey::new(method.as_bytes(), &branch);
        let proof = self.proof(leg, &bytes);
        let machine = Client::start(bytes, wire(to.flow().transport), now, &mut self.todo);
        let machine = ClientMachine::Other(machine);
        self.txs.clients.insert(key.clone(), ClientTx { machine, to, leg, purpose, proof });
        self.do_client(&key, None, now);
        key
    }

    pub(super) fn send_bye(&mut self, key: LegKey, now: Timestamp) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let flow = leg.flow;
        if leg.bye.is_some() {
            return;
        }
        // Without an answer there is nothing to hang up (RFC 3261 §15).
        let dialog = leg.dialog().filter(|dialog| dialog.stage() == Stage::Confirmed);
        let Some(heading) = dialog.map(Dialog::next_request) else { return };
        let asking = std::mem::take(&mut leg.asking);
        for (_, client) in asking.iter().filter(|(what, _)| *what == MidCall::Reinvite) {
            self.cancel_invite(client, now);
        }
        let client = self.send_bye_in(&heading, flow, Some(key), now);
        // A peer on a broken wire ends the transaction before we get here.
        let is_under_way = self.txs.clients.contains_key(&client);
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.bye = is_under_way.then_some(client);
        }
    }

    pub(super) fn send_bye_in(
        &mut self,
        heading: &Heading,
        near: Flow,
        leg: Option<LegKey>,
        now: Timestamp,
    ) -> ClientKey {
        let to = self.hop_within(heading, near);
        let branch = self.chance.branch();
        let lines = leg.map(|leg| self.proven(leg, &Method::Bye, &heading.request_uri)).unwrap_or_default();
        let bytes = self.within(Method::Bye, heading, &to, &branch, &lines, &Payload::default());
        let request = Outgoing { branch, bytes, to, leg, purpose: Purpose::Bye };
        self.start_client(&Method::Bye, request, now)
    }

    /// The ACK to the 2xx of the other side, once.
    pub(super) fn give_ack(&mut self, key: LegKey, payload: &Payload) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let Some(cseq) = leg.ack_owed.take() else { return };
        let flow = leg.flow;
        leg.describes(payload);
        let lines = match &leg.role {
            Role::Outbound(outbound) if outbound.invite_cseq == cseq => outbound.proof.clone(),
            _ => vec![],
        };
        let Some(heading) = leg.dialog().map(|dialog| dialog.ack(cseq)) else { return };
        let (bytes, to) = self.send_ack(&heading, flow, &lines, payload);
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.ack_to = Some(to);
            if let Some(dialog) = leg.dialog() {
                dialog.keep_ack(cseq, bytes);
            }
        }
    }

    pub(super) fn send_ack(
        &mut self,
        heading: &Heading,
        near: Flow,
        lines: &Lines,
        payload: &Payload,
    ) -> (Bytes, Hop) {
        let to = self.hop_within(heading, near);
        let branch = self.chance.branch();
        let bytes = self.within(Method::Ack, heading, &to, &branch, lines, payload);
        self.transmits.push(Transmit { bytes: bytes.clone(), to: to.clone(), tx: None });
        (bytes, to)
    }

    pub(super) fn ask(&mut self, key: LegKey, what: MidCall, payload: &Payload, now: Timestamp) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let owed = match &mut leg.role {
            Role::Outbound(outbound) if what == MidCall::Prack => outbound.prack_owed.take(),
            _ => None,
        };
        if let Some((dialog, rack)) = owed {
            return self.give_prack(key, &dialog, rack, payload, Purpose::Ask(what), now);
        }
        // Glare: they asked us while the other leg asked them (RFC 3261 §14.1).
        let crosses = leg.is_asked(what) && what.changes_session();
        if crosses || leg.is_asking(what) || !may_be_asked(leg, what) {
            let status = Status::new(491, "Request Pending");
            return self
                .happened(key.0, Input::Replied { leg: key.1, what, status, payload: Payload::default() });
        }
        self.ask_within(key, what, payload, Purpose::Ask(what), now);
    }

    /// Sends a request within the leg's dialog that nothing stands against.
    pub(super) fn ask_within(
        &mut self,
        key: LegKey,
        what: MidCall,
        payload: &Payload,
        purpose: Purpose,
        now: Timestamp,
    ) {
        let mut lines = if what.changes_session() { self.session_lines(key) } else { vec![] };
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let flow = leg.flow;
        if what.changes_session() {
            leg.described = leg.description.clone();
        }
        leg.describes(payload);
        let Some(heading) = leg.dialog().map(Dialog::next_request) else { return };
        leg.delayed_offer = what == MidCall::Reinvite && payload.body.is_empty();
        let to = self.hop_within(&heading, flow);
        let branch = self.chance.branch();
        let method = method_of(what);
        lines.extend(self.proven(key, &method, &heading.request_uri));
        let bytes = self.within(method.clone(), &heading, &to, &branch, &lines, payload);
        let via = self.via(to.flow(), &branch);
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.asking.push((what, ClientKey::new(method.as_bytes(), &branch)));
        }
        let request = Outgoing { branch, bytes, to, leg: Some(key), purpose };
        if what == MidCall::Reinvite {
            self.start_invite(request, SentInvite::in_dialog(&heading, &via), now);
        } else {
            self.start_client(&method, request, now);
        }
    }

    pub(super) fn within(
        &self,
        method: Method,
        heading: &Heading,
        to: &Hop,
        branch: &[u8],
        lines: &Lines,
        payload: &Payload,
    ) -> Bytes {
        let flow = to.flow();
        let (via, contact) = (self.via(flow, branch), self.contact_for(flow, &heading.request_uri));
        let stamp = Stamp { via: &via, contact: contact.as_bytes(), user_agent: &self.config.user_agent };
        to_wire::in_dialog(method, heading, stamp, lines, payload)
    }
}

fn method_of(what: MidCall) -> Method {
    match what {
        MidCall::Reinvite => Method::Invite,
        MidCall::Info => Method::Info,
        // A side that waits for no PRACK is asked the same by UPDATE.
        MidCall::Update | MidCall::Prack => Method::Update,
        MidCall::Message => Method::Message,
        MidCall::Refer => Method::Refer,
    }
}

/// Before the answer a caller may be offered a session only once it has
/// acknowledged one (RFC 3311 §5.1), and a line only in a dialog that it has begun.
fn may_be_asked(leg: &mut Leg, what: MidCall) -> bool {
    if !leg.is_early() {
        return true;
    }
    match &mut leg.role {
        Role::Inbound(inbound) => !what.changes_session() || inbound.faces.shown().provisionals.has_agreed(),
        Role::Outbound(_) => leg.dialog().is_some(),
    }
}
