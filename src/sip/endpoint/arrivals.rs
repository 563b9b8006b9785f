//! Requests outside a dialog: a new call, a CANCEL, a ping.

use std::borrow::Cow;

use bytes::Bytes;

use super::faces::{Faces, Reliable};
use super::leg::{Inbound, Leg, Mark, Progress, Role};
use super::{Dropped, Endpoint, Event};
use crate::call::input::{Input, Payload, Status};
use crate::call::leg::LegId;
use crate::domain::calling::screening::Caller;
use crate::domain::ids::{CallId, TrunkId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::sip::dialog::session_timer::{MIN_SE, Verdict, judge};
use crate::sip::identity::Signed;
use crate::sip::message::{Builder, Message, Method, Name, Scheme, Uri};
use crate::sip::transaction::{ClientKey, ServerKey, Withdrawal, judge_cancel};
use crate::sip::translate::{from_wire, to_wire};
use crate::sip::transport::Flow;
use crate::sip::trunk::accept::Trunk;

use super::transactions::ServerMachine;

/// When to try again, said with 503.
pub(super) const RETRY_AFTER_S: u32 = 10;

/// A call that has just come in on a trunk.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCall {
    pub call: CallId,
    pub trunk: TrunkId,
    pub sip_call_id: String,
    /// The user part of the Request-URI as it stood, for those who ring by name.
    pub user: String,
    /// What was dialled, where it is a telephone number.
    pub number: Option<Phone>,
    pub caller: Caller,
    /// What its signature has to fit; `None`: it has none.
    pub signed: Option<Box<Signed>>,
    pub payload: Payload,
}

impl Endpoint {
    /// A request that belongs to nothing we know.
    pub(super) fn receive_new(&mut self, request: Message, key: ServerKey, flow: Flow, now: Timestamp) {
        let Some(trunk) = self.identify(&request, flow, now) else { return };
        if request.to().tag().is_some() {
            return self.refuse_at_once(&request, &key, flow, 481, now);
        }
        if Uri::parse(request.request_uri()).is_ok_and(|uri| uri.scheme == Scheme::Other) {
            return self.refuse_at_once(&request, &key, flow, 416, now);
        }
        match request.method() {
            Method::Invite | Method::Options if lacks_extension(&request) => {
                self.refuse_extension(&request, &key, flow, now);
            }
            Method::Invite | Method::Options if self.draining => {
                self.refuse_draining(&request, &key, flow, now)
            }
            Method::Invite => self.receive_invite(request, key, flow, &trunk, now),
            Method::Options => self.receive_options(&request, &key, flow, now),
            // Nobody is sent anywhere without a call.
            Method::Refer => self.refuse_at_once(&request, &key, flow, 603, now),
            _ => self.refuse_not_allowed(&request, &key, flow, now),
        }
    }

    fn receive_invite(&mut self, invite: Message, key: ServerKey, flow: Flow, trunk: &Trunk, now: Timestamp) {
        if let Some(status) = self.objection(&invite) {
            return match status {
                422 => self.refuse_interval(&invite, &key, flow, now),
                status => self.refuse_at_once(&invite, &key, flow, status, now),
            };
        }
        let tag = self.chance.tag();
        let Some(face) = self.first_face(&invite, &tag) else {
            return self.refuse_at_once(&invite, &key, flow, 400, now);
        };
        let mark = Mark::of(&invite);
        if !self.marks.insert(mark.clone()) {
            return self.refuse_at_once(&invite, &key, flow, 482, now);
        }
        let call = self.chance.call_id(now);
        let leg_key = (call, LegId::CALLER);

        self.open_server(&invite, &key, flow, Some(leg_key));
        let is_watched = trunk.their_login.is_some();
        let is_quiet = is_watched && self.strangers.hides_numbers(flow.remote.ip(), now);
        if !is_quiet {
            let trying = Builder::reply(&invite, flow.remote, 100, "", None).finish();
            self.respond(&key, 100, trying, now);
        }

        let numbers = self.numbers_on(trunk, &invite);
        let called = numbers.dialled(&invite);
        let caller = numbers.caller(&invite);
        self.events.push(Event::Arrived(NewCall {
            call,
            trunk: trunk.id.clone(),
            // PostgreSQL keeps no NUL in a text.
            sip_call_id: String::from_utf8_lossy(invite.call_id()).replace('\0', "\u{fffd}"),
            user: from_wire::user(&invite),
            number: called.clone(),
            caller: match caller.clone() {
                Some(number) => Caller::Shown(number),
                None if from_wire::withholds(&invite) => Caller::Withheld,
                None => Caller::NoNumber,
            },
            signed: from_wire::signed(&invite, &numbers),
            payload: from_wire::payload(&invite),
        }));
        let inbound = Inbound {
            mark,
            reliable: reliability(&invite),
            presented: numbers.presented(&invite),
            invite,
            called,
            caller,
            numbers,
            out: self.carriers.outs.get(&trunk.id).filter(|out| out.login.is_some()).cloned(),
            server: key,
            faces: Faces::start(face),
            held: None,
            progress: Progress::Waiting,
            is_watched,
            is_quiet,
        };
        let takes_update = from_wire::lists(&inbound.invite, Name::Allow, "UPDATE");
        self.insert_leg(leg_key, Role::Inbound(Box::new(inbound)), tag, flow).takes_update = takes_update;
    }

    pub(super) fn insert_leg(
        &mut self,
        key: super::LegKey,
        role: Role,
        local_tag: Bytes,
        flow: Flow,
    ) -> &mut Leg {
        self.by_tag.insert(local_tag.clone(), key);
        match &role {
            Role::Inbound(inbound) => self.ladders.opens(key, &inbound.invite.bytes()),
            Role::Outbound(outbound) => self.ladders.opens(key, &outbound.invite),
        }
        let leg = Leg {
            role,
            local_tag,
            flow,
            asked: vec![],
            asking: vec![],
            ok: None,
            ok_to: flow,
            ack_owed: None,
            delayed_offer: false,
            ack_to: None,
            bye_asked: None,
            bye: None,
            session: None,
            session_at: None,
            description: Bytes::new(),
            described: Bytes::new(),
            subscription: None,
            takes_update: false,
            released: false,
        };
        self.legs.entry(key).or_insert_with(|| Box::new(leg))
    }

    /// Why an INVITE cannot be carried, whatever number it is for.
    fn objection(&self, invite: &Message) -> Option<u16> {
        if invite.max_forwards() == Some(0) {
            return Some(483);
        }
        if self.has_come_round(invite) {
            return Some(482);
        }
        // Nobody but the line itself could take a leg of ours over, and it has REFER for that.
        if invite.header(Name::Replaces).is_some() {
            return Some(481);
        }
        let too_small = judge(from_wire::session_wish(invite), self.session_secs()) == Verdict::TooSmall;
        too_small.then_some(422)
    }

    /// RFC 3261 §16.3: an INVITE of ours that comes back for the number it was
    /// sent out for would go round for ever. For another number it may pass:
    /// a line that is forwarded to a second tracking number is no loop.
    fn has_come_round(&self, invite: &Message) -> bool {
        let branches = invite.vias().skip(1).filter_map(|via| via.ok()?.branch());
        let ours = branches
            .filter_map(|branch| self.txs.clients.get(&ClientKey::new(Method::Invite.as_bytes(), branch)));
        ours.filter_map(|tx| self.legs.get(&(tx.leg?.0, LegId::CALLER))).any(|leg| match &leg.role {
            Role::Inbound(first) => from_wire::user(&first.invite) == from_wire::user(invite),
            Role::Outbound(_) => false,
        })
    }

    /// RFC 3261 §21.5.4: another node may have room, and this one again later.
    fn refuse_draining(&mut self, request: &Message, key: &ServerKey, flow: Flow, now: Timestamp) {
        self.open_server(request, key, flow, None);
        let tag = self.chance.tag();
        let response = Builder::reply(request, flow.remote, 503, "", Some(&tag))
            .line(Name::RetryAfter, RETRY_AFTER_S.to_string())
            .finish();
        self.respond(key, 503, response, now);
    }

    /// RFC 4028 §9: names the least interval that we bear.
    pub(super) fn refuse_interval(&mut self, request: &Message, key: &ServerKey, flow: Flow, now: Timestamp) {
        self.open_server(request, key, flow, None);
        let tag = self.chance.tag();
        let response = Builder::reply(request, flow.remote, 422, "", Some(&tag))
            .line(Name::MinSe, MIN_SE.to_string())
            .finish();
        self.respond(key, 422, response, now);
    }

    /// RFC 3261 §8.2.2.3: names what we do not know.
    fn refuse_extension(&mut self, request: &Message, key: &ServerKey, flow: Flow, now: Timestamp) {
        let unknown: Vec<Cow<'_, [u8]>> =
            request.values(Name::Require).filter(|word| !to_wire::is_supported(word)).collect();
        self.open_server(request, key, flow, None);
        let tag = self.chance.tag();
        let response = Builder::reply(request, flow.remote, 420, "", Some(&tag))
            .line(Name::Unsupported, unknown.join(&b", "[..]))
            .finish();
        self.respond(key, 420, response, now);
    }

    /// A peer asks whether we live.
    fn receive_options(&mut self, request: &Message, key: &ServerKey, flow: Flow, now: Timestamp) {
        self.open_server(request, key, flow, None);
        self.answer_options(request, key, flow, now);
    }

    pub(super) fn answer_options(&mut self, request: &Message, key: &ServerKey, flow: Flow, now: Timestamp) {
        let tag = self.chance.tag();
        let response = Builder::reply(request, flow.remote, 200, "", Some(&tag))
            .line(Name::Contact, self.contact(flow))
            .line(Name::Allow, to_wire::ALLOW)
            .line(Name::Supported, to_wire::SUPPORTED)
            .line(Name::Accept, "application/sdp")
            .line(Name::Server, &self.config.user_agent)
            .finish();
        self.respond(key, 200, response, now);
    }

    fn refuse_not_allowed(&mut self, request: &Message, key: &ServerKey, flow: Flow, now: Timestamp) {
        self.open_server(request, key, flow, None);
        self.answer_not_allowed(request, key, flow, now);
    }

    /// 405 to a method that is not for us, 501 to one that nobody knows (RFC 3261 §8.2.1, §21.5.2).
    pub(super) fn answer_not_allowed(
        &mut self,
        request: &Message,
        key: &ServerKey,
        flow: Flow,
        now: Timestamp,
    ) {
        let status = if matches!(request.method(), Method::Other(_)) { 501 } else { 405 };
        let tag = self.chance.tag();
        let response = Builder::reply(request, flow.remote, status, "", Some(&tag))
            .line(Name::Allow, to_wire::ALLOW)
            .finish();
        self.respond(key, status, response, now);
    }

    /// The caller withdraws an INVITE. Only whoever sent it knows its branch.
    pub(super) fn receive_cancel(
        &mut self,
        cancel: &Message,
        key: ServerKey,
        invite: &ServerKey,
        flow: Flow,
        now: Timestamp,
    ) {
        let tx = self.txs.servers.get(invite);
        let leg_key = tx.and_then(|tx| tx.leg);
        let machine = tx.and_then(|tx| match &tx.machine {
            ServerMachine::Invite(machine) => Some(machine),
            ServerMachine::Other(_) => None,
        });
        let withdrawal = judge_cancel(machine);
        if withdrawal == Withdrawal::Unknown && self.is_stranger(flow) {
            return self.drop_stranger(flow, Dropped::Stranger, now);
        }
        self.open_server(cancel, &key, flow, None);
        let tag = leg_key
            .and_then(|key| self.legs.get(&key))
            .map_or_else(|| self.chance.tag(), |leg| leg.local_tag.clone());
        let response = Builder::reply(cancel, flow.remote, withdrawal.status(), "", Some(&tag)).finish();
        self.respond(&key, withdrawal.status(), response, now);
        if let (Withdrawal::Ends, Some(leg_key)) = (withdrawal, leg_key) {
            let leg = self.legs.get(&leg_key);
            if leg.is_some_and(|leg| leg.asked.iter().any(|asked| asked.server == *invite)) {
                self.end_asked(leg_key, now);
            } else {
                self.end_waiting_caller(leg_key, now);
            }
        }
    }

    /// 487 to a caller whose INVITE has no answer yet; the call hears of it.
    pub(super) fn end_waiting_caller(&mut self, key: super::LegKey, now: Timestamp) {
        let leg = self.legs.get(&key);
        if leg.is_some_and(|leg| matches!(&leg.role, Role::Inbound(it) if it.progress == Progress::Waiting)) {
            self.refuse_caller(key.0, &Status::new(487, ""), &Payload::default(), now);
            self.happened(key.0, Input::Cancelled);
        }
    }
}

/// What the caller says of reliable provisional responses.
fn reliability(invite: &Message) -> Reliable {
    if from_wire::lists(invite, Name::Require, "100rel") {
        Reliable::Required
    } else if from_wire::lists(invite, Name::Supported, "100rel") {
        Reliable::Known
    } else {
        Reliable::No
    }
}

/// RFC 3261 §8.2.2.3: whether it requires what we do not know.
fn lacks_extension(request: &Message) -> bool {
    request.values(Name::Require).any(|word| !to_wire::is_supported(&word))
}
