//! What the responses to our requests mean, and what their absence means.

use bytes::Bytes;

use super::leg::Role;
use super::requests::Outgoing;
use super::transactions::{ClientMachine, Purpose};
use super::{Endpoint, Hop, LegKey, Transmit, TxId};
use crate::call::input::{Input, MidCall, Payload, Status, Unreachable};
use crate::domain::time::Timestamp;
use crate::sip::dialog::{DialogId, Heading, Heard, OkHeard};
use crate::sip::message::{Message, Method};
use crate::sip::transaction::{ClientKey, Output, client, invite_client};
use crate::sip::translate::{from_wire, to_wire};

/// What a response to an attempt means, taken out of the leg's hands.
enum Attempted {
    Nothing,
    Progressed,
    Answered(DialogId),
    /// Another phone answered as well: how to acknowledge it, and how to end it.
    AnsweredToo(Box<(Heading, Heading)>),
    Again(Option<Bytes>),
    Refused,
}

impl Endpoint {
    /// Does what a client machine wrote into `todo`.
    pub(super) fn do_client(&mut self, key: &ClientKey, response: Option<&Message>, now: Timestamp) {
        let Some(tx) = self.txs.clients.get(key) else { return };
        let (to, leg, purpose) = (tx.to.clone(), tx.leg, tx.purpose);
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
        let Some(leg) = leg else { return };
        match (response.filter(|_| delivered), failure) {
            (Some(response), _) => self.heard(leg, purpose, response, now),
            (None, Some(why)) => self.heard_nothing(leg, purpose, why),
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
            Purpose::Ask(what) => self.heard_of_ask(leg, what, response),
            Purpose::Bye if response.status() >= 200 => self.bye_is_over(leg),
            Purpose::Bye | Purpose::Cancel => {}
        }
    }

    fn heard_nothing(&mut self, leg: LegKey, purpose: Purpose, why: Unreachable) {
        match purpose {
            Purpose::Attempt => self.happened(leg.0, Input::Unreachable { leg: leg.1, why }),
            // RFC 3261 §12.2.1.2: a dialog whose request stays without answer is over.
            Purpose::Ask(what) => {
                self.replied(leg, what, Status::new(408, "Request Timeout"), Payload::default());
                self.happened(leg.0, Input::HungUp { leg: leg.1 });
            }
            Purpose::Bye => self.bye_is_over(leg),
            Purpose::Cancel => {}
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
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let (flow, ack_to) = (leg.flow, leg.ack_to.clone());
        let Role::Outbound(outbound) = &mut leg.role else { return };
        let cseq = outbound.invite_cseq;
        match meaning(outbound, response) {
            Attempted::Nothing => {}
            Attempted::Progressed => {
                let (status, payload) = (from_wire::status(response), from_wire::payload(response));
                self.happened(id, Input::Progressed { leg: leg_id, status, payload });
            }
            Attempted::Answered(dialog) => {
                outbound.answered = Some(dialog);
                leg.ack_owed = Some(cseq);
                if !leg.delayed_offer {
                    self.give_ack(key, &Payload::default());
                }
                self.happened(id, Input::Answered { leg: leg_id, payload: from_wire::payload(response) });
            }
            Attempted::AnsweredToo(headings) => {
                let (ack, bye) = *headings;
                self.send_ack(&ack, flow, &Payload::default());
                self.send_bye_in(&bye, flow, None, now);
            }
            Attempted::Again(ack) => self.ack_again(ack, ack_to),
            Attempted::Refused => {
                let (status, payload) = (from_wire::status(response), from_wire::payload(response));
                self.happened(id, Input::Refused { leg: leg_id, status, payload });
            }
        }
    }

    fn ack_again(&mut self, ack: Option<Bytes>, to: Option<Hop>) {
        if let (Some(bytes), Some(to)) = (ack, to) {
            self.transmits.push(Transmit { bytes, to, tx: None });
        }
    }

    fn heard_of_ask(&mut self, key: LegKey, what: MidCall, response: &Message) {
        let code = response.status();
        if code < 200 {
            return;
        }
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let ack_to = leg.ack_to.clone();
        let is_ok = code < 300;
        if let Some(dialog) = leg.dialog().filter(|_| is_ok && what == MidCall::Reinvite) {
            let cseq = response.cseq().number;
            match dialog.hear_ok(cseq) {
                OkHeard::Repeated(ack) => return self.ack_again(ack, ack_to),
                OkHeard::New => {
                    dialog.refresh_target(from_wire::contact(response));
                    leg.ack_owed = Some(cseq);
                    if !leg.delayed_offer {
                        self.give_ack(key, &Payload::default());
                    }
                }
            }
        } else if let Some(dialog) = leg.dialog().filter(|_| is_ok && what == MidCall::Update) {
            dialog.refresh_target(from_wire::contact(response));
        }
        self.replied(key, what, from_wire::status(response), from_wire::payload(response));
        if matches!(code, 408 | 481) {
            self.happened(key.0, Input::HungUp { leg: key.1 });
        }
    }

    fn replied(&mut self, key: LegKey, what: MidCall, status: Status, payload: Payload) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.asking = None;
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
        Heard::Early(_) => Attempted::Progressed,
        // A provisional without tag makes no dialog, but the line rings all the same.
        Heard::Nothing => match response.status() {
            100 => Attempted::Nothing,
            101..200 => Attempted::Progressed,
            _ => Attempted::Refused,
        },
    }
}

/// The branch that we wrote at the end of our Via.
fn branch_of(via: &[u8]) -> Option<Bytes> {
    let at = via.windows(8).rposition(|window| window == b";branch=")?;
    Some(Bytes::copy_from_slice(&via[at + 8..]))
}
