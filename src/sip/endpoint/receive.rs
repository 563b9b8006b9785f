//! What comes in: parsed, matched with its transaction, or nobody's.

use std::net::SocketAddr;

use bytes::Bytes;

use super::transactions::{ClientMachine, ServerMachine, ServerTx, Sleeper, TxId};
use super::{Dropped, Endpoint, Event, Hop, LegKey, Transmit, wire};
use crate::domain::calling::ladder::Way;
use crate::domain::time::Timestamp;
use crate::sip::dialog::ok;
use crate::sip::message::{Builder, Host, Message, Method, ParseError, Rport};
use crate::sip::transaction::{
    Class, ClientKey, InviteServer, Output, Server, ServerKey, client, invite_client, invite_server, server,
};
use crate::sip::translate::{from_wire, to_wire};
use crate::sip::transport::{Flow, Transport};

impl Endpoint {
    /// One message that came in on `flow`.
    pub fn receive(&mut self, bytes: Bytes, flow: Flow, now: Timestamp) {
        if flow.transport.is_reliable() {
            self.streams.entry(flow).or_default();
        }
        let told = (!self.ladders.is_off()).then(|| bytes.clone());
        let before = self.events.len();
        self.receive_bytes(bytes, flow, now);
        let dropped = self.events[before..].iter().any(|event| matches!(event, Event::Dropped(_)));
        if let Some(bytes) = told.filter(|_| !dropped) {
            self.ladders.saw(Way::In, &bytes, flow, now);
        }
    }

    fn receive_bytes(&mut self, bytes: Bytes, flow: Flow, now: Timestamp) {
        match Message::parse(bytes) {
            Ok(message) if message.is_request() => self.receive_request(message, flow, now),
            Ok(message) => self.receive_response(&message, now),
            // A stranger learns nothing, not even that its message was bad.
            Err(_) if self.is_stranger(flow) => self.drop_stranger(flow, Dropped::Stranger, now),
            Err(ParseError::Ignore(_)) => self.events.push(Event::Dropped(Dropped::Malformed)),
            Err(ParseError::Answerable(refusal)) => {
                self.events.push(Event::Dropped(Dropped::Malformed));
                let bytes = refusal.answer(flow.remote);
                self.transmits.push(Transmit { bytes, to: Hop::Flow(flow), tx: None });
            }
        }
    }

    fn receive_response(&mut self, response: &Message, now: Timestamp) {
        let via = response.top_via();
        let Some(branch) = via.branch() else { return };
        let key = ClientKey::new(response.method().as_bytes(), branch);
        let Some(tx) = self.txs.clients.get_mut(&key) else { return };
        let class = Class::of(response.status());
        match &mut tx.machine {
            ClientMachine::Invite(machine, sent) => {
                let to = response.header(crate::sip::message::Name::To);
                let ack = || to_wire::ack_refusal(sent, to.as_deref().unwrap_or_default());
                let input = invite_client::Input::Response { class, ack: &ack };
                machine.handle(input, now, &mut self.todo);
            }
            ClientMachine::Other(machine) => {
                machine.handle(client::Input::Response(class), now, &mut self.todo)
            }
        }
        self.do_client(&key, Some(response), now);
    }

    fn receive_request(&mut self, request: Message, flow: Flow, now: Timestamp) {
        let sent_by = from_wire::sent_by(&request);
        let facts = from_wire::request_facts(&request, &sent_by);
        let key = ServerKey::of(&facts);
        if let Some(tx) = self.txs.servers.get_mut(&key) {
            self.repeats.1 += u64::from(*request.method() != Method::Ack);
            match &mut tx.machine {
                ServerMachine::Invite(machine) => {
                    let is_ack = *request.method() == Method::Ack;
                    let input = if is_ack { invite_server::Input::Ack } else { invite_server::Input::Invite };
                    machine.handle(input, now, &mut self.todo);
                }
                ServerMachine::Other(machine) => machine.handle(server::Input::Request, now, &mut self.todo),
            }
            return self.do_server(&key, Some(&request), now);
        }
        let cancelled = (*request.method() == Method::Cancel).then(|| ServerKey::of_cancelled(&facts));
        let leg = self.leg_of(&request);
        match (request.method(), leg, cancelled) {
            // An ACK to a 2xx is a transaction of its own and has no answer.
            (Method::Ack, Some(leg), _) => self.receive_ack(leg, &request, now),
            (Method::Ack, None, _) => {}
            (_, Some(leg), None) => self.receive_within(leg, request, key, flow, now),
            (_, _, Some(invite)) => self.receive_cancel(&request, key, &invite, flow, now),
            (_, None, None) => self.receive_new(request, key, flow, now),
        }
    }

    /// The leg that a request's To tag names, if the dialog is that leg's.
    fn leg_of(&mut self, request: &Message) -> Option<LegKey> {
        let tag = request.to().tag()?;
        let key = *self.by_tag.get(tag)?;
        let leg = self.legs.get_mut(&key)?;
        leg.dialog_of(request).is_some().then_some(key)
    }

    /// Opens the transaction of a request that is new.
    pub(super) fn open_server(
        &mut self,
        request: &Message,
        key: &ServerKey,
        flow: Flow,
        leg: Option<LegKey>,
    ) {
        let machine = match request.method() {
            Method::Invite => ServerMachine::Invite(InviteServer::start(wire(flow.transport))),
            _ => ServerMachine::Other(Server::start(wire(flow.transport))),
        };
        let to = reply_flow(request, flow);
        let elsewhere = via_flow(request, flow);
        self.txs.servers.insert(key.clone(), ServerTx { machine, to, elsewhere, leg });
    }

    /// Gives the user's response to a server transaction.
    pub(super) fn respond(&mut self, key: &ServerKey, status: u16, response: Bytes, now: Timestamp) {
        let Some(tx) = self.txs.servers.get_mut(key) else { return };
        let class = Class::of(status);
        match &mut tx.machine {
            ServerMachine::Invite(machine) => {
                machine.handle(invite_server::Input::Respond { class, response }, now, &mut self.todo);
            }
            ServerMachine::Other(machine) => {
                machine.handle(server::Input::Respond { class, response }, now, &mut self.todo);
            }
        }
        self.do_server(key, None, now);
    }

    /// Gives an INVITE no response at all; its copies get none either.
    pub(super) fn ignore(&mut self, key: &ServerKey, now: Timestamp) {
        let Some(tx) = self.txs.servers.get_mut(key) else { return };
        if let ServerMachine::Invite(machine) = &mut tx.machine {
            machine.handle(invite_server::Input::Ignore, now, &mut self.todo);
        }
        self.do_server(key, None, now);
    }

    /// Opens a transaction and ends it with a response that says no more than its status.
    pub(super) fn refuse_at_once(
        &mut self,
        request: &Message,
        key: &ServerKey,
        flow: Flow,
        status: u16,
        now: Timestamp,
    ) {
        self.open_server(request, key, flow, None);
        let tag = self.chance.tag();
        let response = Builder::reply(request, flow.remote, status, "", Some(&tag)).finish();
        self.respond(key, status, response, now);
    }

    /// Does what a server machine wrote into `todo`.
    pub(super) fn do_server(&mut self, key: &ServerKey, request: Option<&Message>, now: Timestamp) {
        let Some(tx) = self.txs.servers.get(key) else { return };
        let (to, leg) = (tx.to, tx.leg);
        let id = TxId::Server(key.clone());
        let mut ack = None;
        for output in self.todo.drain(..) {
            match output {
                Output::Send(bytes) => {
                    self.transmits.push(Transmit { bytes, to: Hop::Flow(to), tx: Some(id.clone()) });
                }
                Output::Deliver => ack = leg.zip(request),
                // A refusal without ACK, or one that could not be sent: the caller is gone anyway.
                Output::TimedOut | Output::TransportFailed => {}
                Output::SendCancel => {}
                Output::Terminated => {
                    self.txs.servers.remove(key);
                }
            }
        }
        self.txs.set_alarm(&id);
        if let Some((leg, request)) = ack {
            self.receive_ack(leg, request, now);
        }
    }

    /// The ACK to a 2xx of ours.
    fn receive_ack(&mut self, key: LegKey, ack: &Message, now: Timestamp) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let Some(repeated) = leg.ok.as_mut() else { return };
        let was_waiting = repeated.wake_at().is_some();
        let output = repeated.handle(ok::Input::Ack { cseq: ack.cseq().number }, now);
        if was_waiting && repeated.wake_at().is_none() {
            let payload = from_wire::payload(ack);
            self.happened(key.0, crate::call::input::Input::Acked { leg: key.1, payload });
        }
        self.do_repeated_ok(key, output, now);
    }

    pub(super) fn wake_leg(&mut self, key: LegKey, now: Timestamp) {
        self.wake_provisionals(key, now);
        self.set_leg_alarm(key);
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let Some(repeated) = leg.ok.as_mut() else { return };
        let output = repeated.handle(ok::Input::Woken, now);
        self.do_repeated_ok(key, output, now);
    }

    pub(super) fn do_repeated_ok(&mut self, key: LegKey, output: Option<ok::Output>, now: Timestamp) {
        let Some(leg) = self.legs.get(&key) else { return };
        let to = leg.ok_to;
        let at = leg.ok.as_ref().and_then(|ok| ok.wake_at());
        self.txs.alarms.set(at, Sleeper::Leg(key));
        match output {
            Some(ok::Output::Send(bytes)) => {
                self.transmits.push(Transmit { bytes, to: Hop::Flow(to), tx: None });
            }
            Some(ok::Output::Bye) => self.send_bye(key, now),
            Some(ok::Output::Unacknowledged) => {
                self.send_bye(key, now);
                self.happened(key.0, crate::call::input::Input::HungUp { leg: key.1 });
            }
            None => {}
        }
        self.sweep(key);
    }

    pub(super) fn wake_server(&mut self, key: &ServerKey, now: Timestamp) {
        let Some(tx) = self.txs.servers.get_mut(key) else { return };
        match &mut tx.machine {
            ServerMachine::Invite(machine) => {
                machine.handle(invite_server::Input::Woken, now, &mut self.todo)
            }
            ServerMachine::Other(machine) => machine.handle(server::Input::Woken, now, &mut self.todo),
        }
        self.do_server(key, None, now);
    }

    pub(super) fn server_failed(&mut self, key: &ServerKey, now: Timestamp) {
        let Some(tx) = self.txs.servers.get_mut(key) else { return };
        match &mut tx.machine {
            ServerMachine::Invite(machine) => {
                machine.handle(invite_server::Input::TransportFailed, now, &mut self.todo);
            }
            ServerMachine::Other(machine) => {
                machine.handle(server::Input::TransportFailed, now, &mut self.todo)
            }
        }
        self.do_server(key, None, now);
    }
}

/// Where the responses to a request go (RFC 3261 §18.2.2, RFC 3581 §4): on a
/// stream back the way it came; over UDP to the source address, and there to
/// the port it came from if the sender asked for that (`rport`), else to the
/// port its Via names.
pub(super) fn reply_flow(request: &Message, flow: Flow) -> Flow {
    let is_asked = request.top_via().rport() != Rport::Absent;
    if flow.transport != Transport::Udp || is_asked { flow } else { via_flow(request, flow) }
}

/// The source address, or `maddr`, and the port that the top Via names.
fn via_flow(request: &Message, flow: Flow) -> Flow {
    let via = request.top_via();
    let address = match via.maddr() {
        Some(Host::Ip(ip)) => ip,
        _ => flow.remote.ip(),
    };
    Flow { remote: SocketAddr::new(address, via.port.unwrap_or(flow.transport.default_port())), ..flow }
}
