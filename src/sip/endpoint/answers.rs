//! What the responses to our requests mean, and what their absence means.

use bytes::Bytes;

use super::challenged::Challenged;
use super::leg::Role;
use super::requests::Outgoing;
use super::transactions::{ClientMachine, Purpose};
use super::{Endpoint, Hop, LegKey, Transmit, TxId};
use crate::call::input::{Input, MidCall, Payload, Status, Unreachable};
use crate::domain::time::Timestamp;
use crate::sip::dialog::reliable::RAck;
use crate::sip::dialog::{DialogId, Heading, Heard, OkHeard};
use crate::sip::message::{Message, Method};
use crate::sip::transaction::{ClientKey, Output, client, invite_client};
use crate::sip::translate::{from_wire, to_wire};

/// RFC 6228: one of several phones has stopped, which is no news to the caller.
const EARLY_DIALOG_TERMINATED: u16 = 199;

/// What a response to an attempt means, taken out of the leg's hands.
enum Attempted {
    Nothing,
    /// In which dialog, and what its PRACK would say where it wants one.
    Progressed(Option<DialogId>, Option<RAck>),
    Answered(DialogId),
    /// Another phone answered as well: how to acknowledge it, and how to end it.
    AnsweredToo(Box<(Heading, Heading)>),
    Again(Option<Bytes>),
    Refused,
}

impl Endpoint {
    /// Does what a client machine wrote into `todo`.
    pub(super) fn do_client(&mut self, key: &ClientKey, response: Option<&Message>, now: Timestamp) {
        let Some(tx) = self.txs.clients.get_mut(key) else { return };
        let (to, leg, purpose) = (tx.to.clone(), tx.leg, tx.purpose);
        let question = response.filter(|response| matches!(response.status(), 401 | 407));
        let proof = question.and_then(|_| tx.proof.take());
        let id = TxId::Client(key.clone());
        let (mut delivered, mut failure, mut cancel, mut spent) = (false, None, false, false);
        for output in self.todo.drain(..) {
            match output {
                Output::Send(bytes) => {
                    self.transmits.push(Transmit { bytes, to: to.clone(), tx: Some(id.clone()) });
                }
                Output::Deliver => delivered = true,
                Output::SendCancel => cancel = true,
                Output::TimedOut => failure = Some(Unreachable::Timeout),
                Output::TransportFailed => failure = Some(Unreachable::Transport),
                Output::Terminated => spent = true,
            }
        }
        if cancel {
            self.send_cancel(key, now);
        }
        if spent {
            self.txs.clients.remove(key);
        } else {
            self.txs.set_alarm(&id);
        }
        if let (Purpose::Stray { .. }, Some(answer)) = (purpose, response.filter(|_| delivered)) {
            return if (200..300).contains(&answer.status()) {
                self.end_stray(key, answer, now)
            };
        }
        if purpose == Purpose::Errand && failure.is_some() {
            return self.errand_fails(key, now);
        }
        if let Some((refusal, proof)) = question.filter(|_| delivered).zip(proof) {
            let asked = Challenged { client: key.clone(), to, leg, purpose, proof: *proof };
            if self.goes_again(asked, refusal, now) {
                return;
            }
        }
        if let (Purpose::Errand, Some(response)) = (purpose, response.filter(|_| delivered)) {
            return self.heard_of_errand(key, response, now);
        }
        let Some(leg) = leg else { return };
        match (response.filter(|_| delivered), failure) {
            (Some(response), _) => self.heard(leg, purpose, response, now),
            (None, Some(why)) => self.heard_nothing(leg, purpose, why, now),
            (None, None) => {}
        }
    }

    fn send_cancel(&mut self, invite: &ClientKey, now: Timestamp) {
        let Some(tx) = self.txs.clients.get(invite) else { return };
        let ClientMachine::Invite(_, sent) = &tx.machine else { return };
        let bytes = to_wire::cancel(sent, &self.config.user_agent);
        let to = tx.to.clone();
        // Its branch is that of the INVITE, its method tells the two apart.
        let Some(branch) = branch_of(&sent.via) else { return };
        let request = Outgoing { branch, bytes, to, leg: None, purpose: Purpose::Cancel };
        self.start_client(&Method::Cancel, request, now);
    }

    fn heard(&mut self, leg: LegKey, purpose: Purpose, response: &Message, now: Timestamp) {
        match purpose {
            Purpose::Attempt => self.heard_of_attempt(leg, response, now),
            Purpose::Ask(what) => self.heard_of_ask(leg, what, response, now),
            Purpose::Refresh(what) => self.heard_of_refresh(leg, what, response, now),
            Purpose::Bye if response.status() >= 200 => self.bye_is_over(leg),
            Purpose::Notify if response.status() >= 300 => self.end_subscription(leg),
            Purpose::Bye
            | Purpose::Cancel
            | Purpose::Prack
            | Purpose::Notify
            | Purpose::Errand
            | Purpose::Stray { .. } => {}
        }
    }

    fn heard_nothing(&mut self, leg: LegKey, purpose: Purpose, why: Unreachable, now: Timestamp) {
        match purpose {
            Purpose::Attempt => self.hop_fails(leg, why, now),
            // RFC 3261 §12.2.1.2: a dialog whose request stays without answer is over.
            Purpose::Ask(what) => {
                self.replied(leg, what, Status::new(408, "Request Timeout"), Payload::default());
                self.dialog_is_over(leg);
            }
            Purpose::Refresh(_) => self.session_is_over(leg, now),
            Purpose::Bye => self.bye_is_over(leg),
            Purpose::Notify => self.end_subscription(leg),
            // The INVITE itself tells what becomes of the attempt.
            Purpose::Cancel | Purpose::Prack | Purpose::Errand | Purpose::Stray { .. } => {}
        }
    }

    /// A request within it had no answer, or 481. Before the INVITE is answered
    /// that alone decides.
    fn dialog_is_over(&mut self, key: LegKey) {
        if self.legs.get(&key).is_some_and(|leg| !leg.is_early()) {
            self.happened(key.0, Input::HungUp { leg: key.1 });
        }
    }

    fn bye_is_over(&mut self, key: LegKey) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.bye = None;
        }
        self.sweep(key);
    }

    fn heard_of_attempt(&mut self, key: LegKey, response: &Message, now: Timestamp) {
        let (id, leg_id) = key;
        self.hop_answers(key, response.status(), now);
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let (flow, ack_to) = (leg.flow, leg.ack_to.clone());
        let Role::Outbound(outbound) = &mut leg.role else { return };
        let cseq = outbound.invite_cseq;
        match meaning(outbound, response) {
            Attempted::Nothing => {}
            Attempted::Progressed(dialog, rack) => {
                outbound.has_rung = true;
                self.heard_early(key, dialog, rack, response, now);
            }
            Attempted::Answered(dialog) => {
                outbound.answered = Some(dialog);
                outbound.invite = Bytes::new();
                self.searches.remove(&key);
                leg.ack_owed = Some(cseq);
                if !leg.delayed_offer {
                    self.give_ack(key, &Payload::default());
                }
                self.session_granted(key, response, now);
                self.happened(id, Input::Answered { leg: leg_id, payload: from_wire::payload(response) });
            }
            Attempted::AnsweredToo(headings) => {
                let (ack, bye) = *headings;
                self.send_ack(&ack, flow, &vec![], &Payload::default());
                self.send_bye_in(&bye, flow, None, now);
            }
            Attempted::Again(ack) => self.ack_again(ack, ack_to),
            Attempted::Refused if response.status() == 422 && self.longer_session(key, response, now) => {}
            Attempted::Refused => self.hop_refuses(key, response, now),
        }
    }

    /// A line rings or plays something, or one of the phones behind it does:
    /// the first with a session is the one that the caller may hear.
    fn heard_early(
        &mut self,
        key: LegKey,
        dialog: Option<DialogId>,
        rack: Option<RAck>,
        response: &Message,
        now: Timestamp,
    ) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let delayed = leg.delayed_offer;
        let Role::Outbound(outbound) = &mut leg.role else { return };
        let (status, mut payload) = (from_wire::status(response), from_wire::payload(response));
        let has_session = !payload.body.is_empty();
        if has_session && outbound.voice.is_none() {
            outbound.voice.clone_from(&dialog);
        }
        let is_voice = outbound.voice.is_none() || outbound.voice == dialog;
        if let (Some(rack), Some(dialog)) = (rack, dialog) {
            if is_voice {
                outbound.is_reliable = true;
            }
            if delayed && has_session && is_voice {
                // An offer, which the caller has to answer.
                outbound.prack_owed = Some((dialog, rack));
            } else {
                self.give_prack(key, &dialog, rack, &Payload::default(), Purpose::Prack, now);
            }
        }
        if response.status() == EARLY_DIALOG_TERMINATED {
            if is_voice
                && let Some(Role::Outbound(outbound)) = self.legs.get_mut(&key).map(|leg| &mut leg.role)
            {
                outbound.voice = None;
            }
            return;
        }
        if !is_voice {
            payload = Payload::default();
        }
        self.happened(key.0, Input::Progressed { leg: key.1, status, payload });
    }

    fn ack_again(&mut self, ack: Option<Bytes>, to: Option<Hop>) {
        if let (Some(bytes), Some(to)) = (ack, to) {
            self.transmits.push(Transmit { bytes, to, tx: None });
        }
    }

    /// Does what the dialog owes for a final response to a request of ours
    /// within it; `false` for one that was heard before.
    pub(super) fn settles(&mut self, key: LegKey, what: MidCall, response: &Message, now: Timestamp) -> bool {
        let Some(leg) = self.legs.get_mut(&key) else { return false };
        if response.status() >= 300 || !what.changes_session() {
            return true;
        }
        let (ack_to, cseq, delayed) = (leg.ack_to.clone(), response.cseq().number, leg.delayed_offer);
        let Some(dialog) = leg.dialog() else { return false };
        if what == MidCall::Reinvite
            && let OkHeard::Repeated(ack) = dialog.hear_ok(cseq)
        {
            self.ack_again(ack, ack_to);
            return false;
        }
        dialog.refresh_target(from_wire::contact(response));
        if what == MidCall::Reinvite {
            leg.ack_owed = Some(cseq);
            if !delayed {
                self.give_ack(key, &Payload::default());
            }
        }
        if self.legs.get(&key).is_some_and(|leg| !leg.is_early()) {
            self.session_granted(key, response, now);
        }
        true
    }

    fn heard_of_ask(&mut self, key: LegKey, what: MidCall, response: &Message, now: Timestamp) {
        let code = response.status();
        if code < 200 || !self.settles(key, what, response, now) {
            return;
        }
        self.replied(key, what, from_wire::status(response), from_wire::payload(response));
        if matches!(code, 408 | 481) {
            self.dialog_is_over(key);
        }
    }

    fn replied(&mut self, key: LegKey, what: MidCall, status: Status, payload: Payload) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.asking.retain(|(asked, _)| *asked != what);
            if what.changes_session() && status.code >= 300 {
                // The session is what it was (RFC 3261 §14.1).
                leg.description = leg.described.clone();
            }
        }
        self.happened(key.0, Input::Replied { leg: key.1, what, status, payload });
    }

    pub(super) fn wake_client(&mut self, key: &ClientKey, now: Timestamp) {
        let Some(tx) = self.txs.clients.get_mut(key) else { return };
        match &mut tx.machine {
            ClientMachine::Invite(machine, _) => {
                machine.handle(invite_client::Input::Woken, now, &mut self.todo)
            }
            ClientMachine::Other(machine) => machine.handle(client::Input::Woken, now, &mut self.todo),
        }
        self.do_client(key, None, now);
    }

    pub(super) fn client_failed(&mut self, key: &ClientKey, now: Timestamp) {
        let Some(tx) = self.txs.clients.get_mut(key) else { return };
        match &mut tx.machine {
            ClientMachine::Invite(machine, _) => {
                machine.handle(invite_client::Input::TransportFailed, now, &mut self.todo);
            }
            ClientMachine::Other(machine) => {
                machine.handle(client::Input::TransportFailed, now, &mut self.todo);
            }
        }
        self.do_client(key, None, now);
    }
}

fn meaning(outbound: &mut super::leg::Outbound, response: &Message) -> Attempted {
    let routes = from_wire::record_routes(response);
    let routes: Vec<&[u8]> = routes.iter().map(AsRef::as_ref).collect();
    let cseq = outbound.invite_cseq;
    match outbound.forks.hear(&from_wire::response_facts(response, &routes)) {
        Heard::Answered(dialog) => Attempted::Answered(dialog.id().clone()),
        Heard::AnsweredToo(dialog) => {
            Attempted::AnsweredToo(Box::new((dialog.ack(cseq), dialog.next_request())))
        }
        Heard::Repeated(ack) => Attempted::Again(ack),
        Heard::Early(dialog) => match Endpoint::wants_prack(response) {
            Some(rack) if !dialog.admit_provisional(rack.rseq) => Attempted::Nothing,
            rack => Attempted::Progressed(Some(dialog.id().clone()), rack),
        },
        // A provisional without tag makes no dialog, but the line rings all the same.
        Heard::Nothing => match response.status() {
            100 => Attempted::Nothing,
            101..200 => Attempted::Progressed(None, None),
            _ => Attempted::Refused,
        },
    }
}

/// The branch that we wrote at the end of our Via.
fn branch_of(via: &[u8]) -> Option<Bytes> {
    let at = via.windows(8).rposition(|window| window == b";branch=")?;
    Some(Bytes::copy_from_slice(&via[at + 8..]))
}
