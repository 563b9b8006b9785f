//! What the caller is told of its INVITE, and in which of our faces.
//!
//! What a line says is made fit for this caller: where the line was reliable
//! and the caller cannot be (RFC 3262), the session that only a 18x held
//! stands in the 200 again; where the caller was told reliably what the line
//! said in passing, and the line answers otherwise, the answer has a face of
//! its own, since the one that was acknowledged has its answer already.

use bytes::Bytes;

use super::faces::{Face, Source};
use super::leg::{Inbound, Progress, Role, SDP};
use super::{Endpoint, LegKey};
use crate::call::input::{Payload, Status};
use crate::call::leg::LegId;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::sip::dialog::RepeatedOk;
use crate::sip::message::{Builder, Message, Name};
use crate::sip::translate::to_wire::{self, Lines};
use crate::sip::transport::Flow;

impl Endpoint {
    /// 18x, as this attempt said it.
    pub(super) fn progress_caller(
        &mut self,
        call: CallId,
        of: LegId,
        status: &Status,
        payload: &Payload,
        now: Timestamp,
    ) {
        let key = (call, LegId::CALLER);
        // Overtaken by the attempt's own answer.
        let Some((source, by_line)) = self.source_of(call, of, false) else { return };
        let has_session = !payload.body.is_empty();
        let Some(flow) = self.show(key, &source, has_session) else { return };
        let Some(Role::Inbound(inbound)) = self.legs.get(&key).map(|leg| &leg.role) else { return };
        let contact = self.contact_for(flow, inbound.invite.request_uri());
        let Some(leg) = self.legs.get_mut(&key) else { return };
        leg.describes(payload);
        let Role::Inbound(inbound) = &mut leg.role else { return };
        let reliable = inbound.is_reliable(has_session, by_line);
        let face = inbound.faces.shown();
        let tag = face.tag().clone();
        let write = |lines: &Lines| {
            Builder::reply(&inbound.invite, flow.remote, status.code, &status.reason, Some(&tag))
                .record_routes_of(&inbound.invite)
                .line(Name::Contact, &contact)
                .line(Name::Allow, to_wire::ALLOW)
                .line(Name::Supported, to_wire::SUPPORTED)
                .lines(lines)
                .line(Name::Server, &self.config.user_agent)
                .raw(&payload.headers)
                .body(&payload.body)
        };
        let bytes = if reliable {
            face.provisionals.give(has_session, now, |rseq| {
                write(&vec![(Name::Require, "100rel".to_owned()), (Name::RSeq, rseq.to_string())])
            })
        } else {
            Some(write(&vec![]))
        };
        let server = inbound.server.clone();
        if let Some(bytes) = bytes {
            self.respond(&server, status.code, bytes, now);
        }
        self.set_leg_alarm(key);
    }

    /// 2xx, as this attempt said it; it may have to wait for a PRACK.
    pub(super) fn answer_caller(
        &mut self,
        call: CallId,
        of: LegId,
        status: &Status,
        payload: &Payload,
        now: Timestamp,
    ) {
        let key = (call, LegId::CALLER);
        let Some((source, by_line)) = self.source_of(call, of, true) else { return };
        let Some(flow) = self.show(key, &source, !payload.body.is_empty()) else { return };
        let Some(Role::Inbound(inbound)) = self.legs.get_mut(&key).map(|leg| &mut leg.role) else { return };
        let face = inbound.faces.shown();
        if face.provisionals.holds_answer() {
            inbound.held = Some((of, status.clone(), payload.clone()));
            return;
        }
        let was_told = face.provisionals.has_agreed();
        let differs = !payload.body.is_empty() && payload.body != face.session;
        let payload = if payload.body.is_empty() && !was_told {
            early_session(inbound, payload)
        } else {
            payload.clone()
        };
        if was_told && differs && !by_line {
            self.show_new(key);
        }
        self.give_ok(key, flow, status, &payload, now);
    }

    fn give_ok(&mut self, key: LegKey, flow: Flow, status: &Status, payload: &Payload, now: Timestamp) {
        let Some(Role::Inbound(inbound)) = self.legs.get_mut(&key).map(|leg| &mut leg.role) else { return };
        inbound.faces.stop_provisionals();
        let tag = inbound.faces.shown().tag().clone();
        let gone = inbound.faces.settle();
        let invite = inbound.invite.clone();
        for tag in gone {
            self.by_tag.remove(&tag);
        }
        let lines = self.grant_session(key, &invite, now);
        let contact = self.contact_for(flow, invite.request_uri());
        let Some(leg) = self.legs.get_mut(&key) else { return };
        leg.local_tag = tag;
        leg.describes(payload);
        let bytes = Builder::reply(&invite, flow.remote, status.code, &status.reason, Some(&leg.local_tag))
            .record_routes_of(&invite)
            .line(Name::Contact, contact)
            .line(Name::Allow, to_wire::ALLOW)
            .line(Name::Supported, to_wire::SUPPORTED)
            .lines(&lines)
            .line(Name::Server, &self.config.user_agent)
            .raw(&payload.headers)
            .body(&payload.body);
        leg.ok = Some(RepeatedOk::start(bytes.clone(), invite.cseq().number, now));
        let Role::Inbound(inbound) = &mut leg.role else { return };
        inbound.progress = Progress::Answered;
        inbound.faces.shown().dialog.confirm();
        let server = inbound.server.clone();
        self.respond(&server, status.code, bytes, now);
        self.watch_ok(key, &server);
    }

    /// 3xx–6xx. Its tag is that of the first face, which a caller has seen
    /// wherever it rang at all.
    pub(super) fn refuse_caller(&mut self, call: CallId, status: &Status, payload: &Payload, now: Timestamp) {
        let key = (call, LegId::CALLER);
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let (flow, tag) = (leg.flow, leg.local_tag.clone());
        let Role::Inbound(inbound) = &mut leg.role else { return };
        if inbound.progress != Progress::Waiting {
            return;
        }
        inbound.progress = Progress::Refused;
        inbound.held = None;
        inbound.faces.stop_provisionals();
        let server = inbound.server.clone();
        let bytes = Builder::reply(&inbound.invite, flow.remote, status.code, &status.reason, Some(&tag))
            .line(Name::Server, &self.config.user_agent)
            .raw(&payload.headers)
            .body(&payload.body);
        self.respond(&server, status.code, bytes, now);
    }

    /// Ends a call that was answered, had not the answer been held: the caller
    /// has never acknowledged what it was told before. `false` where none is.
    pub(super) fn end_held(&mut self, key: LegKey, now: Timestamp) -> bool {
        let Some(Role::Inbound(inbound)) = self.legs.get_mut(&key).map(|leg| &mut leg.role) else {
            return false;
        };
        let is_held = inbound.held.take().is_some();
        if is_held {
            let status = Status::new(504, "Server Time-out");
            self.refuse_caller(key.0, &status, &Payload::default(), now);
        }
        is_held
    }

    /// Who speaks on this leg, and whether it was reliable. For a mere
    /// progress nobody does any more once the attempt is answered.
    fn source_of(&self, call: CallId, of: LegId, is_answer: bool) -> Option<(Source, bool)> {
        let Some(Role::Outbound(outbound)) = self.legs.get(&(call, of)).map(|leg| &leg.role) else {
            return Some(((of, Bytes::new()), false));
        };
        if outbound.answered.is_some() && !is_answer {
            return None;
        }
        let id = outbound.answered.as_ref().or(outbound.voice.as_ref());
        let tag = id.map(|id| id.remote_tag().clone()).unwrap_or_default();
        Some(((of, tag), outbound.is_reliable))
    }

    /// Turns the face of this source to a caller who still waits.
    fn show(&mut self, key: LegKey, source: &Source, has_session: bool) -> Option<Flow> {
        let leg = self.legs.get_mut(&key)?;
        let flow = leg.flow;
        let Role::Inbound(inbound) = &mut leg.role else { return None };
        if inbound.progress != Progress::Waiting {
            return None;
        }
        if !inbound.faces.show(source, has_session) {
            self.show_new(key);
            if let Some(Role::Inbound(inbound)) = self.legs.get_mut(&key).map(|leg| &mut leg.role) {
                inbound.faces.show(source, has_session);
            }
        }
        Some(flow)
    }

    fn show_new(&mut self, key: LegKey) {
        let (tag, seed) = (self.chance.tag(), self.rseq_seed());
        let Some(Role::Inbound(inbound)) = self.legs.get_mut(&key).map(|leg| &mut leg.role) else { return };
        if inbound.faces.is_full() {
            return;
        }
        if let Some(face) = Face::new(&inbound.invite, &tag, seed) {
            inbound.faces.show_new(face);
            self.by_tag.insert(tag, key);
        }
    }

    /// RFC 3262 §3: the first RSeq is a matter of chance, below 2^31.
    pub(super) fn rseq_seed(&mut self) -> u32 {
        u32::try_from(self.chance.below(0x7fff_0000)).unwrap_or_default()
    }

    /// The first face of a new caller.
    pub(super) fn first_face(&mut self, invite: &Message, tag: &[u8]) -> Option<Face> {
        let seed = self.rseq_seed();
        Face::new(invite, tag, seed)
    }
}

/// The line gave its session in a 18x and may leave it out of the answer; this
/// caller was told of it in passing only, and wants it in the answer.
fn early_session(inbound: &mut Inbound, answer: &Payload) -> Payload {
    let session = inbound.faces.shown().session.clone();
    if session.is_empty() || inbound.invite.body().is_empty() {
        return answer.clone();
    }
    let kind = format!("Content-Type: {SDP}\r\n");
    Payload { headers: [&answer.headers[..], kind.as_bytes()].concat().into(), body: session }
}
