//! What the call wants, put on the wire.

use std::net::SocketAddr;

use bytes::Bytes;

use super::leg::{Asked, Leg, Outbound, Progress, Role};
use super::transactions::{ClientMachine, ClientTx, Purpose, SentInvite, Sleeper};
use super::{Endpoint, Hop, LegKey, Transmit, wire};
use crate::call::input::{Input, MidCall, Payload, Status, Unreachable};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::sip::dialog::{Dialog, Forks, Heading, InviteFacts, RepeatedOk, ok};
use crate::sip::message::{Builder, Host, Method, Name, Scheme, Uri};
use crate::sip::transaction::{Client, ClientKey, InviteClient, invite_client};
use crate::sip::translate::to_wire::{self, Stamp};
use crate::sip::transport::{Flow, Transport};

/// Who a call that we begin ourselves is from.
#[derive(Clone, Debug)]
pub struct Originator {
    /// The user part of From: a number in E.164.
    pub user: String,
}

/// What a new leg says of the caller.
struct From {
    /// As it stands before the `<`: empty, or a display name.
    display: Vec<u8>,
    uri: Vec<u8>,
    max_forwards: u8,
}

impl Endpoint {
    /// Carries out what a call wants done on the wire.
    pub fn order(&mut self, call: CallId, output: Output, now: Timestamp) {
        match output {
            Output::Dial { leg, line, payload } => self.dial((call, leg), &line, &payload, None, now),
            Output::Progress { status, payload } => self.answer_caller(call, &status, &payload, now),
            Output::Answer { payload } => {
                self.answer_caller(call, &Status::new(200, "OK"), &payload, now);
            }
            Output::Refuse { status, payload } => self.answer_caller(call, &status, &payload, now),
            Output::Ack { leg, payload } => self.give_ack((call, leg), &payload),
            Output::Cancel { leg } => self.withdraw((call, leg), now),
            Output::HangUp { leg } => self.hang_up((call, leg), now),
            Output::Ask { leg, what, payload } => self.ask((call, leg), what, &payload, now),
            Output::Reply { leg, what, status, payload } => {
                self.reply((call, leg), what, &status, &payload, now);
            }
            Output::Done => self.release(call),
            // Not the wire's business.
            Output::RecordAnswered(_) | Output::RecordEnded(_) => {}
        }
    }

    /// Begins a call of our own: no caller's leg, `from` says who calls.
    pub fn originate(
        &mut self,
        call: CallId,
        from: &Originator,
        line: &str,
        payload: &Payload,
        now: Timestamp,
    ) {
        self.dial((call, LegId::LINE), line, payload, Some(from), now);
    }

    /// Refuses a call that was not taken at all: 503 with Retry-After.
    pub fn refuse_overload(&mut self, call: CallId, now: Timestamp) {
        let payload = Payload { headers: Bytes::from_static(b"Retry-After: 10\r\n"), body: Bytes::new() };
        self.answer_caller(call, &Status::new(503, "Service Unavailable"), &payload, now);
        self.release(call);
    }

    fn dial(
        &mut self,
        key: LegKey,
        line: &str,
        payload: &Payload,
        from: Option<&Originator>,
        now: Timestamp,
    ) {
        let Some(to) = self.hop(line.as_bytes(), None) else {
            return self.happened(key.0, Input::Unreachable { leg: key.1, why: Unreachable::Transport });
        };
        let flow = to.flow();
        let from = self.from_of(key.0, flow, from);
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
        let bytes = to_wire::invite(&sent, stamp, from.max_forwards, payload);
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
            invite_cseq: sent.cseq,
        };
        let leg = self.insert_leg(key, Role::Outbound(Box::new(outbound)), tag, flow);
        leg.delayed_offer = payload.body.is_empty();
        self.start_invite(&branch, bytes, sent, to, key, Purpose::Attempt, now);
    }

    /// The caller as the business line sees it: name and number are theirs,
    /// the host is ours, since requests back would go there.
    fn from_of(&self, call: CallId, flow: Flow, originator: Option<&Originator>) -> From {
        let ours = &self.local(flow).advertised;
        let anonymous = || From {
            display: b"\"Anonymous\" ".to_vec(),
            uri: b"sip:anonymous@anonymous.invalid".to_vec(),
            max_forwards: to_wire::MAX_FORWARDS,
        };
        if let Some(originator) = originator {
            let uri = format!("sip:{}@{ours}", originator.user).into_bytes();
            return From { display: vec![], uri, max_forwards: to_wire::MAX_FORWARDS };
        }
        let Some(Leg { role: Role::Inbound(inbound), .. }) = self.legs.get(&(call, LegId::CALLER)) else {
            return anonymous();
        };
        let invite = &inbound.invite;
        let max_forwards = invite.max_forwards().unwrap_or(to_wire::MAX_FORWARDS).saturating_sub(1);
        let from = invite.from();
        let display = if from.display.is_empty() { vec![] } else { [from.display, b" "].concat() };
        let uri = match from.parse_uri() {
            Ok(uri) if uri.host.is_some_and(|host| host.to_string() == "anonymous.invalid") => {
                from.uri.to_vec()
            }
            Ok(uri) => match uri.user {
                Some(user) => [b"sip:", user, b"@", ours.as_bytes()].concat(),
                None => [b"sip:", ours.as_bytes()].concat(),
            },
            Err(_) => return From { max_forwards, ..anonymous() },
        };
        From { display, uri, max_forwards }
    }

    #[expect(clippy::too_many_arguments, reason = "one call site each for the first and for later INVITEs")]
    fn start_invite(
        &mut self,
        branch: &[u8],
        bytes: Bytes,
        sent: SentInvite,
        to: Hop,
        leg: LegKey,
        purpose: Purpose,
        now: Timestamp,
    ) {
        let key = ClientKey::new(Method::Invite.as_bytes(), branch);
        let machine = InviteClient::start(bytes, wire(to.flow().transport), now, &mut self.todo);
        let machine = ClientMachine::Invite(machine, sent);
        self.txs.clients.insert(key.clone(), ClientTx { machine, to, leg: Some(leg), purpose });
        self.do_client(&key, None, now);
    }

    pub(super) fn start_client(
        &mut self,
        method: &Method,
        branch: &[u8],
        bytes: Bytes,
        to: Hop,
        leg: Option<LegKey>,
        purpose: Purpose,
        now: Timestamp,
    ) -> ClientKey {
        let key = ClientKey::new(method.as_bytes(), branch);
        let machine = Client::start(bytes, wire(to.flow().transport), now, &mut self.todo);
        let machine = ClientMachine::Other(machine);
        self.txs.clients.insert(key.clone(), ClientTx { machine, to, leg, purpose });
        self.do_client(&key, None, now);
        key
    }

    /// A response to the caller's INVITE.
    fn answer_caller(&mut self, call: CallId, status: &Status, payload: &Payload, now: Timestamp) {
        let key = (call, LegId::CALLER);
        let Some(flow) = self.legs.get(&key).map(|leg| leg.flow) else { return };
        let contact = self.contact(flow);
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let Role::Inbound(inbound) = &mut leg.role else { return };
        if inbound.progress != Progress::Waiting {
            return;
        }
        let mut response =
            Builder::reply(&inbound.invite, flow.remote, status.code, &status.reason, Some(&leg.local_tag));
        if status.code < 300 {
            response = response
                .record_routes_of(&inbound.invite)
                .line(Name::Contact, contact)
                .line(Name::Allow, to_wire::ALLOW);
        }
        let bytes =
            response.line(Name::Server, &self.config.user_agent).raw(&payload.headers).body(&payload.body);
        let (server, cseq) = (inbound.server.clone(), inbound.invite.cseq().number);
        match status.code {
            0..200 => {}
            200..300 => {
                inbound.progress = Progress::Answered;
                inbound.dialog.confirm();
                leg.ok = Some(RepeatedOk::start(bytes.clone(), cseq, now));
            }
            300.. => inbound.progress = Progress::Refused,
        }
        self.respond(&server, status.code, bytes, now);
        self.watch_ok(key, &server);
    }

    /// Repeats of a 2xx go where its transaction sent it.
    fn watch_ok(&mut self, key: LegKey, server: &crate::sip::transaction::ServerKey) {
        let to = self.txs.servers.get(server).map(|tx| tx.to);
        let Some(leg) = self.legs.get_mut(&key) else { return };
        leg.ok_to = to.unwrap_or(leg.flow);
        let at = leg.ok.as_ref().and_then(RepeatedOk::wake_at);
        self.txs.alarms.set(at, Sleeper::Leg(key));
    }

    fn withdraw(&mut self, key: LegKey, now: Timestamp) {
        let Some(Leg { role: Role::Outbound(outbound), .. }) = self.legs.get(&key) else { return };
        let client = outbound.client.clone();
        let Some(tx) = self.txs.clients.get_mut(&client) else { return };
        if let ClientMachine::Invite(machine, _) = &mut tx.machine {
            machine.handle(invite_client::Input::Cancel, now, &mut self.todo);
        }
        self.do_client(&client, None, now);
    }

    fn hang_up(&mut self, key: LegKey, now: Timestamp) {
        self.end_asked(key, now);
        let Some(leg) = self.legs.get_mut(&key) else { return };
        if leg.ack_owed.is_some() {
            // The answer that the ACK should bring will not come; without the ACK there is no BYE.
            self.give_ack(key, &Payload::default());
            return self.send_bye(key, now);
        }
        match leg.ok.as_mut() {
            Some(ok) => {
                let output = ok.handle(ok::Input::HangUp, now);
                self.do_repeated_ok(key, output, now);
            }
            None => self.send_bye(key, now),
        }
    }

    pub(super) fn send_bye(&mut self, key: LegKey, now: Timestamp) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let flow = leg.flow;
        if leg.bye.is_some() {
            return;
        }
        let Some(heading) = leg.dialog().map(Dialog::next_request) else { return };
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
        let bytes = self.within(Method::Bye, heading, &to, &branch, &Payload::default());
        self.start_client(&Method::Bye, &branch, bytes, to, leg, Purpose::Bye, now)
    }

    /// The ACK to the 2xx of the other side, once.
    pub(super) fn give_ack(&mut self, key: LegKey, payload: &Payload) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let Some(cseq) = leg.ack_owed.take() else { return };
        let flow = leg.flow;
        let Some(heading) = leg.dialog().map(|dialog| dialog.ack(cseq)) else { return };
        let (bytes, to) = self.send_ack(&heading, flow, payload);
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.ack_to = Some(to);
            if let Some(dialog) = leg.dialog() {
                dialog.keep_ack(cseq, bytes);
            }
        }
    }

    pub(super) fn send_ack(&mut self, heading: &Heading, near: Flow, payload: &Payload) -> (Bytes, Hop) {
        let to = self.hop_within(heading, near);
        let branch = self.chance.branch();
        let bytes = self.within(Method::Ack, heading, &to, &branch, payload);
        self.transmits.push(Transmit { bytes: bytes.clone(), to: to.clone(), tx: None });
        (bytes, to)
    }

    fn ask(&mut self, key: LegKey, what: MidCall, payload: &Payload, now: Timestamp) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let flow = leg.flow;
        // Glare: they asked us while the other leg asked them (RFC 3261 §14.1).
        let crosses =
            leg.asked.as_ref().is_some_and(|asked| asked.what != MidCall::Info && what != MidCall::Info);
        if crosses || leg.asking.is_some() {
            let status = Status::new(491, "Request Pending");
            return self
                .happened(key.0, Input::Replied { leg: key.1, what, status, payload: Payload::default() });
        }
        let Some(heading) = leg.dialog().map(Dialog::next_request) else { return };
        leg.asking = Some(what);
        leg.delayed_offer = what == MidCall::Reinvite && payload.body.is_empty();
        let to = self.hop_within(&heading, flow);
        let branch = self.chance.branch();
        let method = method_of(what);
        let bytes = self.within(method.clone(), &heading, &to, &branch, payload);
        if what == MidCall::Reinvite {
            let sent = SentInvite::in_dialog(&heading, &self.via(to.flow(), &branch));
            self.start_invite(&branch, bytes, sent, to, key, Purpose::Ask(what), now);
        } else {
            self.start_client(&method, &branch, bytes, to, Some(key), Purpose::Ask(what), now);
        }
    }

    fn reply(&mut self, key: LegKey, what: MidCall, status: &Status, payload: &Payload, now: Timestamp) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let Some(asked) = leg.asked.take_if(|asked| asked.what == what) else { return };
        let Asked { request, server, .. } = asked;
        let flow = leg.flow;
        let contact = self.contact(flow);
        let mut response = Builder::reply(&request, flow.remote, status.code, &status.reason, None);
        if status.code < 300 && what != MidCall::Info {
            response = response.line(Name::Contact, contact).line(Name::Allow, to_wire::ALLOW);
        }
        let bytes = response.raw(&payload.headers).body(&payload.body);
        if what == MidCall::Reinvite && (200..300).contains(&status.code) {
            let ok = RepeatedOk::start(bytes.clone(), request.cseq().number, now);
            if let Some(leg) = self.legs.get_mut(&key) {
                leg.ok = Some(ok);
            }
        }
        self.respond(&server, status.code, bytes, now);
        if what == MidCall::Reinvite {
            self.watch_ok(key, &server);
        }
    }

    /// The call is over: its legs go as soon as the wire is done with them.
    fn release(&mut self, call: CallId) {
        let legs: Vec<LegKey> =
            self.legs.range((call, LegId(0))..=(call, LegId(u8::MAX))).map(|(key, _)| *key).collect();
        for key in legs {
            if let Some(leg) = self.legs.get_mut(&key) {
                leg.released = true;
            }
            self.sweep(key);
        }
    }

    /// Forgets a leg that nobody needs any more.
    pub(super) fn sweep(&mut self, key: LegKey) {
        if self.legs.get(&key).is_some_and(Leg::is_spent)
            && let Some(leg) = self.legs.remove(&key)
        {
            self.by_tag.remove(&leg.local_tag);
        }
    }

    fn within(&self, method: Method, heading: &Heading, to: &Hop, branch: &[u8], payload: &Payload) -> Bytes {
        let flow = to.flow();
        let (via, contact) = (self.via(flow, branch), self.contact(flow));
        let stamp = Stamp { via: &via, contact: contact.as_bytes(), user_agent: &self.config.user_agent };
        to_wire::in_dialog(method, heading, stamp, payload)
    }

    /// Where a request within a dialog goes. A target that cannot be read was
    /// written by the peer we talk to, who is reached where it was met.
    fn hop_within(&self, heading: &Heading, near: Flow) -> Hop {
        self.hop(&heading.next_hop, Some(near)).unwrap_or(Hop::Flow(near))
    }

    /// Where a request to this URI goes; `near` is the wire its peer was met
    /// on, whose connection is used again where it leads to the same host.
    fn hop(&self, uri: &[u8], near: Option<Flow>) -> Option<Hop> {
        let uri = Uri::parse(uri).ok().filter(|uri| uri.scheme == Scheme::Sip)?;
        let transport = match uri.params.get("transport") {
            None => near.map_or(Transport::Udp, |flow| flow.transport),
            Some(word) if word.eq_ignore_ascii_case(b"udp") => Transport::Udp,
            Some(word) if word.eq_ignore_ascii_case(b"tcp") => Transport::Tcp,
            Some(_) => return None,
        };
        let port = uri.port.unwrap_or(5060);
        let near = near.filter(|flow| flow.transport == transport);
        match uri.host? {
            Host::Ip(ip) => {
                if let Some(flow) = near.filter(|f| transport.is_reliable() && f.remote.ip() == ip) {
                    return Some(Hop::Flow(flow));
                }
                let listener = near
                    .filter(|flow| flow.remote.is_ipv4() == ip.is_ipv4())
                    .map(|flow| flow.listener)
                    .or_else(|| self.listener_for(transport, Some(ip.is_ipv4())))?;
                Some(Hop::Flow(Flow { transport, listener, remote: SocketAddr::new(ip, port) }))
            }
            Host::Name(name) => {
                let host = std::str::from_utf8(name).ok()?.into();
                let listener =
                    near.map(|flow| flow.listener).or_else(|| self.listener_for(transport, None))?;
                Some(Hop::Name { host, port, transport, listener })
            }
        }
    }
}

fn method_of(what: MidCall) -> Method {
    match what {
        MidCall::Reinvite => Method::Invite,
        MidCall::Info => Method::Info,
        MidCall::Update => Method::Update,
    }
}
