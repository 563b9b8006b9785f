//! Requests of ours: the attempt to reach a line, and what goes on within a
//! dialog. Where each is sent, and which transaction looks after it.

use std::net::SocketAddr;

use bytes::Bytes;

use super::leg::{Leg, Outbound, Role};
use super::transactions::{ClientMachine, ClientTx, Purpose, SentInvite};
use super::{Endpoint, Event, Hop, LegKey, Question, Transmit, wire};
use crate::call::input::{Input, MidCall, Payload, Status, Unreachable};
use crate::call::leg::LegId;
use crate::domain::calling::routing::Target;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::sip::dialog::{Dialog, Forks, Heading, InviteFacts, Stage};
use crate::sip::message::{Host, Method, Scheme, Uri};
use crate::sip::transaction::{Client, ClientKey, InviteClient};
use crate::sip::translate::from_wire;
use crate::sip::translate::to_wire::{self, Lines, Stamp};
use crate::sip::transport::{Flow, Peer, Transport};

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
        let bytes = to_wire::invite(&sent, stamp, from.max_forwards, &self.session_wish(), payload);
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
            invite: bytes.clone(),
            withdrawn: false,
        };
        let leg = self.insert_leg(key, Role::Outbound(Box::new(outbound)), tag, flow);
        leg.delayed_offer = payload.body.is_empty();
        leg.describes(payload);
        let request = Outgoing { branch, bytes, to, leg: Some(key), purpose: Purpose::Attempt };
        self.start_invite(request, sent, now);
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

    pub(super) fn start_invite(&mut self, request: Outgoing, sent: SentInvite, now: Timestamp) {
        let Outgoing { branch, bytes, to, leg, purpose } = request;
        let key = ClientKey::new(Method::Invite.as_bytes(), &branch);
        let machine = InviteClient::start(bytes, wire(to.flow().transport), now, &mut self.todo);
        let machine = ClientMachine::Invite(machine, sent);
        self.txs.clients.insert(key.clone(), ClientTx { machine, to, leg, purpose });
        self.do_client(&key, None, now);
    }

    pub(super) fn start_client(&mut self, method: &Method, request: Outgoing, now: Timestamp) -> ClientKey {
        let Outgoing { branch, bytes, to, leg, purpose } = request;
        let key = ClientKey::new(method.as_bytes(), &branch);
        let machine = Client::start(bytes, wire(to.flow().transport), now, &mut self.todo);
        let machine = ClientMachine::Other(machine);
        self.txs.clients.insert(key.clone(), ClientTx { machine, to, leg, purpose });
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
        let asking = leg.asking.take();
        if let Some((MidCall::Reinvite, client)) = asking {
            self.cancel_invite(&client, now);
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
        let bytes = self.within(Method::Bye, heading, &to, &branch, &vec![], &Payload::default());
        let request = Outgoing { branch, bytes, to, leg, purpose: Purpose::Bye };
        self.start_client(&Method::Bye, request, now)
    }

    /// The ACK to the 2xx of the other side, once.
    pub(super) fn give_ack(&mut self, key: LegKey, payload: &Payload) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let Some(cseq) = leg.ack_owed.take() else { return };
        let flow = leg.flow;
        leg.describes(payload);
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
        let bytes = self.within(Method::Ack, heading, &to, &branch, &vec![], payload);
        self.transmits.push(Transmit { bytes: bytes.clone(), to: to.clone(), tx: None });
        (bytes, to)
    }

    pub(super) fn ask(&mut self, key: LegKey, what: MidCall, payload: &Payload, now: Timestamp) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        // Glare: they asked us while the other leg asked them (RFC 3261 §14.1).
        let crosses =
            leg.asked.as_ref().is_some_and(|asked| asked.what.changes_session()) && what.changes_session();
        if crosses || leg.asking.is_some() {
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
        let lines = if what.changes_session() { self.session_lines(key) } else { vec![] };
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let flow = leg.flow;
        leg.describes(payload);
        let Some(heading) = leg.dialog().map(Dialog::next_request) else { return };
        leg.delayed_offer = what == MidCall::Reinvite && payload.body.is_empty();
        let to = self.hop_within(&heading, flow);
        let branch = self.chance.branch();
        let method = method_of(what);
        let bytes = self.within(method.clone(), &heading, &to, &branch, &lines, payload);
        let via = self.via(to.flow(), &branch);
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.asking = Some((what, ClientKey::new(method.as_bytes(), &branch)));
        }
        let request = Outgoing { branch, bytes, to, leg: Some(key), purpose };
        if what == MidCall::Reinvite {
            self.start_invite(request, SentInvite::in_dialog(&heading, &via), now);
        } else {
            self.start_client(&method, request, now);
        }
    }

    fn within(
        &self,
        method: Method,
        heading: &Heading,
        to: &Hop,
        branch: &[u8],
        lines: &Lines,
        payload: &Payload,
    ) -> Bytes {
        let flow = to.flow();
        let (via, contact) = (self.via(flow, branch), self.contact(flow));
        let stamp = Stamp { via: &via, contact: contact.as_bytes(), user_agent: &self.config.user_agent };
        to_wire::in_dialog(method, heading, stamp, lines, payload)
    }

    /// Where a request within a dialog goes. A target that cannot be read was
    /// written by the peer we talk to, who is reached where it was met.
    fn hop_within(&self, heading: &Heading, near: Flow) -> Hop {
        self.hop(&heading.next_hop, Some(near)).unwrap_or(Hop::Flow(near))
    }

    /// Where a request to this URI goes; `near` is the wire its peer was met
    /// on, whose connection is used again where it leads to the same host.
    fn hop(&self, uri: &[u8], near: Option<Flow>) -> Option<Hop> {
        let uri = Uri::parse(uri).ok().filter(|uri| matches!(uri.scheme, Scheme::Sip | Scheme::Sips))?;
        let transport = match (transport_of(&uri)?, near) {
            (Some(transport), Some(near)) if over_web(transport) && over_web(near.transport) => {
                near.transport
            }
            (Some(transport), _) => transport,
            (None, Some(near)) => near.transport,
            (None, None) => Transport::Udp,
        };
        if uri.scheme == Scheme::Sips && !transport.is_secure() {
            return None;
        }
        let port = uri.port.unwrap_or(transport.default_port());
        let near = near.filter(|flow| flow.transport == transport);
        match uri.host? {
            Host::Ip(ip) => {
                if let Some(flow) = near.filter(|f| self.streams.contains_key(f) && f.remote.ip() == ip) {
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

fn question(leg: LegKey, line: &str) -> Option<Question> {
    let uri = Uri::parse(line.as_bytes()).ok()?;
    let Some(Host::Name(host)) = uri.host else { return None };
    Some(Question {
        leg,
        host: std::str::from_utf8(host).ok()?.to_owned(),
        port: uri.port,
        transport: transport_of(&uri)?,
        secure: uri.scheme == Scheme::Sips,
    })
}

/// The transport that a URI asks for; `None` for one that we do not speak.
fn transport_of(uri: &Uri) -> Option<Option<Transport>> {
    let secure = uri.scheme == Scheme::Sips;
    Some(match uri.params.get("transport") {
        None => secure.then_some(Transport::Tls),
        Some(word) if word.eq_ignore_ascii_case(b"udp") => Some(Transport::Udp),
        // RFC 3261 §26.2.2: `sips:…;transport=tcp` is TLS over TCP.
        Some(word) if word.eq_ignore_ascii_case(b"tcp") && secure => Some(Transport::Tls),
        Some(word) if word.eq_ignore_ascii_case(b"tcp") => Some(Transport::Tcp),
        Some(word) if word.eq_ignore_ascii_case(b"tls") => Some(Transport::Tls),
        Some(word) if word.eq_ignore_ascii_case(b"ws") && secure => Some(Transport::Wss),
        Some(word) if word.eq_ignore_ascii_case(b"ws") => Some(Transport::Ws),
        Some(word) if word.eq_ignore_ascii_case(b"wss") => Some(Transport::Wss),
        Some(_) => return None,
    })
}

const fn over_web(transport: Transport) -> bool {
    matches!(transport, Transport::Ws | Transport::Wss)
}

fn method_of(what: MidCall) -> Method {
    match what {
        MidCall::Reinvite => Method::Invite,
        MidCall::Info => Method::Info,
        MidCall::Update => Method::Update,
        MidCall::Message => Method::Message,
    }
}
