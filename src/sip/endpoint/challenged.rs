//! Requests of ours that are asked who we are (401, 407): they go again with
//! the answer, in the same dialog and with the next CSeq.
//!
//! Only a trunk with a login answers, only with that login, and only on its own
//! legs. What it does not answer stands as a refusal, and the call never shows
//! it to the caller.

use std::sync::Arc;

use bytes::Bytes;

use super::leg::{Leg, Role};
use super::requests::Outgoing;
use super::transactions::{Purpose, SentInvite};
use super::{Endpoint, Hop, LegKey};
use crate::domain::time::Timestamp;
use crate::sip::dialog::Dialog;
use crate::sip::message::{Message, Method, Name};
use crate::sip::transaction::ClientKey;
use crate::sip::translate::to_wire::{self, Lines};
use crate::sip::trunk::out::Out;

/// What it takes to answer for a request.
pub(super) struct Proof {
    pub out: Arc<Out>,
    /// The request as it was sent.
    pub request: Bytes,
    /// How often it has been sent again.
    pub tries: u8,
}

/// A request that was refused with a question.
pub(super) struct Challenged {
    pub client: ClientKey,
    pub to: Hop,
    pub leg: Option<LegKey>,
    pub purpose: Purpose,
    pub proof: Proof,
}

impl Leg {
    /// The trunk that the leg is on, whichever side has called.
    pub fn out(&self) -> Option<&Arc<Out>> {
        match &self.role {
            Role::Inbound(inbound) => inbound.out.as_ref(),
            Role::Outbound(outbound) => outbound.out.as_ref(),
        }
    }
}

impl Endpoint {
    /// What a request of this leg may have to prove.
    pub(super) fn proof(&self, leg: Option<LegKey>, request: &Bytes) -> Option<Box<Proof>> {
        let out = self.legs.get(&leg?)?.out().filter(|out| out.login.is_some())?;
        Some(Box::new(Proof { out: Arc::clone(out), request: request.clone(), tries: 0 }))
    }

    /// The lines by which a request of this leg answers what its trunk has asked before.
    pub(super) fn proven(&mut self, leg: LegKey, method: &Method, uri: &[u8]) -> Lines {
        let Some(out) = self.legs.get(&leg).and_then(|leg| leg.out()).cloned() else { return vec![] };
        self.proven_to(&out, method, uri)
    }

    pub(super) fn proven_to(&mut self, out: &Out, method: &Method, uri: &[u8]) -> Lines {
        let Some((login, wallet)) = out.login.as_ref().zip(self.carriers.wallets.get_mut(&out.id)) else {
            return vec![];
        };
        let cnonce = self.chance.tag();
        wallet.prove(login, method, uri, &cnonce)
    }

    /// Sends a request again with what its refusal asks for; `false`: the refusal stands.
    pub(super) fn goes_again(&mut self, asked: Challenged, refusal: &Message, now: Timestamp) -> bool {
        let Challenged { client, to, leg, purpose, proof: Proof { out, request, tries } } = asked;
        let Some(login) = &out.login else { return false };
        let Ok(request) = Message::parse(request) else { return false };
        let cnonce = self.chance.tag();
        let wallet = self.carriers.wallets.entry(out.id.clone()).or_default();
        let Some(lines) = wallet.answer(login, &request, refusal, tries, &cnonce) else { return false };
        let again = match (purpose, leg) {
            (Purpose::Attempt, Some(leg)) => self.invite_again(leg, &lines, now),
            (Purpose::Errand, _) => self.errand_again(&client, &request, &lines, &to, now),
            (Purpose::Cancel | Purpose::Stray { .. }, _) | (_, None) => None,
            (_, Some(leg)) => self.again_within(leg, &client, &request, &lines, (to, purpose), now),
        };
        let Some(again) = again else { return false };
        if let Some(proof) = self.txs.clients.get_mut(&again).and_then(|tx| tx.proof.as_mut()) {
            proof.tries = tries + 1;
        }
        true
    }

    fn again_within(
        &mut self,
        key: LegKey,
        client: &ClientKey,
        request: &Message,
        lines: &Lines,
        (to, purpose): (Hop, Purpose),
        now: Timestamp,
    ) -> Option<ClientKey> {
        let branch = self.chance.branch();
        let via = self.via(to.flow(), &branch);
        let method = request.method().clone();
        let again = ClientKey::new(method.as_bytes(), &branch);
        let leg = self.legs.get_mut(&key)?;
        let heading = leg.dialog().map(Dialog::next_request)?;
        for (_, asking) in leg.asking.iter_mut().filter(|(_, asking)| asking == client) {
            *asking = again.clone();
        }
        if leg.bye.as_ref() == Some(client) {
            leg.bye = Some(again.clone());
        }
        let bytes = to_wire::again(request, &via, heading.cseq, lines);
        let outgoing = Outgoing { branch, bytes, to, leg: Some(key), purpose };
        if method == Method::Invite {
            self.start_invite(outgoing, SentInvite::in_dialog(&heading, &via), now);
        } else {
            self.start_client(&method, outgoing, now);
        }
        Some(again)
    }
}

/// The lines of an INVITE that its ACK repeats (RFC 3261 §13.2.2.4).
pub(super) fn of_ack(lines: &Lines) -> Lines {
    let is_proof = |name: &Name| matches!(name, Name::Authorization | Name::ProxyAuthorization);
    lines.iter().filter(|(name, _)| is_proof(name)).cloned().collect()
}
