//! PRACK both ways (RFC 3262): ours to a line, a caller's to us.
//!
//! Each leg settles its own: that a line is reliable says nothing of the
//! caller. Only a session description in a PRACK is for the other side. It
//! goes there in a PRACK where that side waits for one (its 18x brought an
//! offer), else in an UPDATE.

use super::leg::Role;
use super::requests::Outgoing;
use super::transactions::{Purpose, Sleeper};
use super::{Endpoint, LegKey};
use crate::call::input::{Input, MidCall, Payload, Unreachable};
use crate::domain::time::Timestamp;
use crate::sip::dialog::reliable::{self, Due, RAck};
use crate::sip::dialog::{DialogId, RepeatedOk};
use crate::sip::message::{Message, Method, Name};
use crate::sip::transaction::{ClientKey, ServerKey};
use crate::sip::translate::from_wire;
use crate::sip::transport::Flow;

impl Endpoint {
    /// What a PRACK to this response would say; `None` where it wants none.
    pub(super) fn wants_prack(response: &Message) -> Option<RAck> {
        if !from_wire::lists(response, Name::Require, "100rel") {
            return None;
        }
        let rseq = reliable::rseq(&response.header(Name::RSeq)?)?;
        Some(reliable::rack(rseq, response.cseq().number))
    }

    /// Acknowledges a reliable response of a line in the dialog that it made.
    pub(super) fn give_prack(
        &mut self,
        key: LegKey,
        dialog: &DialogId,
        rack: RAck,
        payload: &Payload,
        purpose: Purpose,
        now: Timestamp,
    ) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let flow = leg.flow;
        leg.describes(payload);
        let Role::Outbound(outbound) = &mut leg.role else { return };
        let Some(heading) = outbound.forks.find(dialog).map(|dialog| dialog.next_request()) else { return };
        let to = self.hop_within(&heading, flow);
        let branch = self.chance.branch();
        let lines = vec![(Name::RAck, rack.to_string())];
        let bytes = self.within(Method::Prack, &heading, &to, &branch, &lines, payload);
        if let (Purpose::Ask(what), Some(leg)) = (purpose, self.legs.get_mut(&key)) {
            leg.asking.push((what, ClientKey::new(Method::Prack.as_bytes(), &branch)));
        }
        self.start_client(&Method::Prack, Outgoing { branch, bytes, to, leg: Some(key), purpose }, now);
    }

    /// The caller's PRACK: what waited for it goes on.
    pub(super) fn receive_prack(
        &mut self,
        key: LegKey,
        prack: Message,
        server: ServerKey,
        flow: Flow,
        now: Timestamp,
    ) {
        let rack = prack.header(Name::RAck).and_then(|value| RAck::parse(&value));
        let Some(rack) = rack else { return self.reply_plain(&prack, &server, flow, 400, now) };
        let Some(Role::Inbound(inbound)) = self.legs.get_mut(&key).map(|leg| &mut leg.role) else {
            return self.reply_plain(&prack, &server, flow, 481, now);
        };
        let cseq = inbound.invite.cseq().number;
        let done =
            inbound.faces.of_request(&prack).map(|face| face.provisionals.acknowledge(rack, cseq, now));
        let Some(Ok(next)) = done else { return self.reply_plain(&prack, &server, flow, 481, now) };
        let invite = inbound.server.clone();
        if prack.body().is_empty() {
            self.reply_plain(&prack, &server, flow, 200, now);
        } else {
            self.receive_ask(key, MidCall::Prack, prack, server, flow, now);
        }
        if let Some(bytes) = next {
            self.respond(&invite, 183, bytes, now);
        }
        self.set_leg_alarm(key);
        self.release_held(key, now);
    }

    /// Gives the answer that was held, if nothing holds it any more.
    fn release_held(&mut self, key: LegKey, now: Timestamp) {
        let Some(Role::Inbound(inbound)) = self.legs.get_mut(&key).map(|leg| &mut leg.role) else { return };
        if let Some((of, status, payload)) = inbound.held.take() {
            self.answer_caller(key.0, of, &status, &payload, now);
        }
    }

    /// Repeats what is due to the caller, or finds that nobody is there.
    pub(super) fn wake_provisionals(&mut self, key: LegKey, now: Timestamp) {
        let Some(Role::Inbound(inbound)) = self.legs.get_mut(&key).map(|leg| &mut leg.role) else { return };
        let due: Vec<Due> = inbound.faces.iter_mut().filter_map(|face| face.provisionals.wake(now)).collect();
        let server = inbound.server.clone();
        for due in due {
            match due {
                Due::Send(bytes) => self.respond(&server, 183, bytes, now),
                Due::GiveUp => {
                    self.happened(key.0, Input::Unreachable { leg: key.1, why: Unreachable::Timeout });
                }
            }
        }
    }

    /// Sets the alarm of a leg for what it repeats.
    pub(super) fn set_leg_alarm(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let ok = leg.ok.as_ref().and_then(RepeatedOk::wake_at);
        let early = match &mut leg.role {
            Role::Inbound(inbound) => {
                inbound.faces.iter_mut().filter_map(|face| face.provisionals.wake_at()).min()
            }
            Role::Outbound(_) => None,
        };
        self.txs.alarms.set(ok.into_iter().chain(early).min(), Sleeper::Leg(key));
    }
}
