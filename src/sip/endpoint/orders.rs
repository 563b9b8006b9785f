//! What the call wants, put on the wire: one method for each wish.

use bytes::Bytes;

use super::arrivals::RETRY_AFTER_S;
use super::leg::{Asked, Progress, Role};
use super::transactions::ClientMachine;
use super::{Dropped, Endpoint, LegKey, Originator};
use crate::call::input::{Input, MidCall, Payload, Status, Unreachable};
use crate::call::leg::LegId;
use crate::call::output::{Because, Output};
use crate::domain::calling::routing::Target;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::sip::dialog::{RepeatedOk, ok};
use crate::sip::message::{Builder, Name};
use crate::sip::transaction::{ClientKey, ServerKey, invite_client};
use crate::sip::translate::{from_wire, to_wire};

impl Endpoint {
    /// Carries out what a call wants done on the wire.
    pub fn order(&mut self, call: CallId, output: Output, now: Timestamp) {
        match output {
            Output::Dial { leg, to, because, payload, .. } => {
                self.dial((call, leg), &to, &payload, because, None, now);
            }
            Output::Redial { leg, to, instead_of, session, headers, .. } => {
                self.redial((call, leg), &to, instead_of, session, &headers, now);
            }
            Output::Join { leg, call: from, other } => self.join((call, leg), (from, other)),
            Output::Notify { leg, status, is_last } => self.notify((call, leg), &status, is_last, now),
            Output::Progress { leg, status, payload } => {
                self.progress_caller(call, leg, &status, &payload, now);
            }
            Output::Answer { leg, payload } => {
                self.answer_caller(call, leg, &Status::new(200, "OK"), &payload, now);
            }
            Output::Refuse { status, payload } => self.refuse_caller(call, &status, &payload, now),
            Output::NoSuchNumber => self.refuse_number(call, now),
            Output::Ack { leg, payload } => self.give_ack((call, leg), &payload),
            Output::Cancel { leg } => self.withdraw((call, leg), now),
            Output::HangUp { leg } => self.hang_up((call, leg), now),
            Output::Ask { leg, what, payload } => self.ask((call, leg), what, &payload, now),
            Output::Align { leg, payload } => self.align((call, leg), &payload, now),
            Output::Reply { leg, what, status, payload } => {
                self.reply((call, leg), what, &status, &payload, now);
            }
            Output::Done => self.release(call, now),
            // Not the wire's business.
            Output::Attend
            | Output::Say { .. }
            | Output::Whisper { .. }
            | Output::HeedKeys { .. }
            | Output::Choose { .. }
            | Output::Record
            | Output::TakeMessage(_)
            | Output::Ring { .. }
            | Output::RecordAnswered(_)
            | Output::RecordQualified(_)
            | Output::RecordRefused(_)
            | Output::RecordTransferred(_)
            | Output::RecordEnded(_) => {}
        }
    }

    /// A call whose caller has no leg here: what it dials says that it is from them.
    pub fn begin_call(&mut self, call: CallId, from: Originator) {
        self.originators.insert(call, from);
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
        let (target, because) = (Target::Uri(line.to_owned()), Because::First);
        self.dial((call, LegId::LINE), &target, payload, because, Some(from), now);
    }

    /// Refuses a call that was not taken at all: 503 with Retry-After.
    pub fn refuse_overload(&mut self, call: CallId, now: Timestamp) {
        let later = Bytes::from(format!("Retry-After: {RETRY_AFTER_S}\r\n"));
        let payload = Payload { headers: later, body: Bytes::new() };
        self.refuse_caller(call, &Status::new(503, "Service Unavailable"), &payload, now);
        self.ladders.forget(call);
        self.release(call, now);
    }

    /// Ends whatever is left of a call that nobody minds any more.
    pub fn give_up(&mut self, call: CallId, now: Timestamp) {
        let status = Status::new(500, "Server Internal Error");
        self.order(call, Output::Refuse { status, payload: Payload::default() }, now);
        for (_, leg) in self.legs_of(call) {
            self.order(call, Output::Cancel { leg }, now);
            self.order(call, Output::HangUp { leg }, now);
        }
        self.order(call, Output::Done, now);
    }

    fn legs_of(&self, call: CallId) -> Vec<LegKey> {
        self.legs.range((call, LegId(0))..=(call, LegId(u8::MAX))).map(|(key, _)| *key).collect()
    }

    /// 404, unless it is one number too many of somebody who is watched.
    fn refuse_number(&mut self, call: CallId, now: Timestamp) {
        let key = (call, LegId::CALLER);
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let Role::Inbound(inbound) = &mut leg.role else { return };
        if inbound.progress == Progress::Waiting && inbound.is_watched {
            self.strangers.missed(leg.flow.remote.ip(), &from_wire::user(&inbound.invite), now);
        }
        if inbound.progress != Progress::Waiting || !inbound.is_quiet {
            return self.refuse_caller(call, &Status::new(404, "Not Found"), &Payload::default(), now);
        }
        inbound.progress = Progress::Refused;
        let (server, flow) = (inbound.server.clone(), leg.flow);
        self.ignore(&server, now);
        self.drop_stranger(flow, Dropped::Silenced, now);
    }

    /// Repeats of a 2xx go where its transaction sent it.
    pub(super) fn watch_ok(&mut self, key: LegKey, server: &ServerKey) {
        let to = self.txs.servers.get(server).map(|tx| tx.to);
        let Some(leg) = self.legs.get_mut(&key) else { return };
        leg.ok_to = to.unwrap_or(leg.flow);
        self.set_leg_alarm(key);
    }

    fn withdraw(&mut self, key: LegKey, now: Timestamp) {
        if self.end_search(key) {
            return self.happened(key.0, Input::Unreachable { leg: key.1, why: Unreachable::Transport });
        }
        let Some(Role::Outbound(outbound)) = self.legs.get_mut(&key).map(|leg| &mut leg.role) else { return };
        outbound.withdrawn = true;
        let client = outbound.client.clone();
        self.cancel_invite(&client, now);
    }

    /// Gives an INVITE of ours up: CANCEL goes out as soon as it may.
    pub(super) fn cancel_invite(&mut self, client: &ClientKey, now: Timestamp) {
        let Some(tx) = self.txs.clients.get_mut(client) else { return };
        if let ClientMachine::Invite(machine, _) = &mut tx.machine {
            machine.handle(invite_client::Input::Cancel, now, &mut self.todo);
        }
        self.do_client(client, None, now);
    }

    fn hang_up(&mut self, key: LegKey, now: Timestamp) {
        self.end_asked(key, now);
        if self.end_held(key, now) {
            return;
        }
        let Some(leg) = self.legs.get_mut(&key) else { return };
        // A line that is hung up in the middle of a call is not needed until its end.
        leg.released |= key.1 != LegId::CALLER;
        if leg.bye_asked.is_some() {
            self.answer_bye(key, now);
            return self.sweep(key);
        }
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

    fn reply(&mut self, key: LegKey, what: MidCall, status: &Status, payload: &Payload, now: Timestamp) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let Some(at) = leg.asked.iter().position(|asked| asked.what == what) else { return };
        let Asked { request, server, .. } = leg.asked.swap_remove(at);
        let flow = leg.flow;
        leg.describes(payload);
        let is_confirmed = !leg.is_early();
        let contact = self.contact_for(flow, request.request_uri());
        let mut response = Builder::reply(&request, flow.remote, status.code, &status.reason, None);
        if status.code < 300 && (what.changes_session() || what == MidCall::Refer) {
            response = response
                .line(Name::Contact, contact)
                .line(Name::Allow, to_wire::ALLOW)
                .line(Name::Supported, to_wire::SUPPORTED);
        }
        if (200..300).contains(&status.code) && what.changes_session() && is_confirmed {
            response = response.lines(&self.grant_session(key, &request, now));
        }
        let bytes = response.raw(&payload.headers).body(&payload.body);
        if what == MidCall::Reinvite && (200..300).contains(&status.code) {
            let ok = RepeatedOk::start(bytes.clone(), request.cseq().number, now);
            if let Some(leg) = self.legs.get_mut(&key) {
                leg.ok = Some(ok);
            }
        }
        self.respond(&server, status.code, bytes, now);
        if what == MidCall::Refer && status.code < 300 {
            self.subscribe(key, request.cseq().number);
        }
        if what == MidCall::Reinvite {
            self.watch_ok(key, &server);
        }
    }

    /// The call is over: its legs go as soon as the wire is done with them.
    fn release(&mut self, call: CallId, now: Timestamp) {
        self.ladders.closes(call, now);
        self.originators.remove(&call);
        self.searches.retain(|key, _| key.0 != call);
        for key in self.legs_of(call) {
            if let Some(leg) = self.legs.get_mut(&key) {
                leg.released = true;
            }
            self.end_asked(key, now);
            self.answer_bye(key, now);
            self.sweep(key);
        }
    }

    /// Forgets a leg that nobody needs any more.
    pub(super) fn sweep(&mut self, key: LegKey) {
        if self.legs.get(&key).is_some_and(|leg| leg.is_spent())
            && let Some(leg) = self.legs.remove(&key)
        {
            self.by_tag.remove(&leg.local_tag);
            if let Role::Inbound(inbound) = &leg.role {
                for tag in inbound.faces.tags() {
                    self.by_tag.remove(tag);
                }
            }
            if let Some(at) = leg.session_at {
                self.sessions.remove(&(at, key));
            }
            if let Role::Inbound(inbound) = &leg.role {
                self.marks.remove(&inbound.mark);
            }
        }
    }
}
