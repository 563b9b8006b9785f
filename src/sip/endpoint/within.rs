//! Requests of the other side within a dialog.

use super::leg::{Asked, Leg, Progress, Role};
use super::{Endpoint, LegKey};
use crate::call::input::{Input, MidCall};
use crate::domain::time::Timestamp;
use crate::sip::dialog::Stage;
use crate::sip::dialog::session_timer::{MIN_SE, Verdict, judge};
use crate::sip::message::{Builder, Message, Method, Name};
use crate::sip::transaction::ServerKey;
use crate::sip::translate::{from_wire, to_wire};
use crate::sip::transport::Flow;

impl Endpoint {
    pub(super) fn receive_within(
        &mut self,
        key: LegKey,
        request: Message,
        server: ServerKey,
        flow: Flow,
        now: Timestamp,
    ) {
        self.open_server(&request, &server, flow, Some(key));
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let cseq = request.cseq().number;
        let in_order = leg.dialog_of(&request).is_some_and(|dialog| dialog.admit(cseq).is_ok());
        if !in_order {
            return self.reply_plain(&request, &server, flow, 500, now);
        }
        let (is_bye, waits) = (*request.method() == Method::Bye, leg.is_early());
        let is_inbound = matches!(leg.role, Role::Inbound(_));
        let is_current = leg.is_about(&request) || is_inbound && waits;
        if !is_current {
            // A phone that came too late is being hung up already, and may do so itself.
            let status = if is_bye { 200 } else { 481 };
            return self.reply_plain(&request, &server, flow, status, now);
        }
        if is_bye && waits && !is_inbound {
            // RFC 3261 §15: who was called refuses its INVITE instead.
            return self.reply_plain(&request, &server, flow, 481, now);
        }
        match request.method() {
            Method::Refer => self.receive_refer(key, request, server, flow, now),
            Method::Subscribe => self.receive_subscribe(key, &request, &server, flow, now),
            // We have subscribed to nothing (RFC 6665 §4.1.3).
            Method::Notify => self.reply_plain(&request, &server, flow, 481, now),
            Method::Prack => self.receive_prack(key, request, server, flow, now),
            Method::Bye => self.receive_bye(key, request, server, flow, now),
            Method::Options => self.answer_options(&request, &server, flow, now),
            Method::Invite => self.receive_ask(key, MidCall::Reinvite, request, server, flow, now),
            Method::Info => self.receive_ask(key, MidCall::Info, request, server, flow, now),
            Method::Message => self.receive_ask(key, MidCall::Message, request, server, flow, now),
            Method::Update if request.body().is_empty() => {
                self.receive_refresh(key, &request, &server, flow, now)
            }
            Method::Update => self.receive_ask(key, MidCall::Update, request, server, flow, now),
            _ => self.answer_not_allowed(&request, &server, flow, now),
        }
    }

    /// A response within the dialog that says no more than its status.
    pub(super) fn reply_plain(
        &mut self,
        request: &Message,
        server: &ServerKey,
        flow: Flow,
        status: u16,
        now: Timestamp,
    ) {
        let response = Builder::reply(request, flow.remote, status, "", None).finish();
        self.respond(server, status, response, now);
    }

    /// 500 to a request that comes before its time, with the pause after which it may
    /// come again: of chance, so that two sides do not meet again.
    pub(super) fn reply_later(&mut self, request: &Message, server: &ServerKey, flow: Flow, now: Timestamp) {
        let pause_s = self.chance.below(11);
        let response = Builder::reply(request, flow.remote, 500, "", None)
            .line(Name::RetryAfter, pause_s.to_string())
            .finish();
        self.respond(server, 500, response, now);
    }

    /// BYE: also that of a caller who rings and will not wait for the answer
    /// (the early dialog, RFC 3261 §15), whose INVITE then ends with 487.
    ///
    /// The 200 to a call that was answered says that its end is written down,
    /// so it waits for the call to let go of its legs.
    fn receive_bye(&mut self, key: LegKey, bye: Message, server: ServerKey, flow: Flow, now: Timestamp) {
        self.end_asked(key, now);
        // A second BYE, by whatever mistake: the first has its answer all the same.
        self.answer_bye(key, now);
        let Some(leg) = self.legs.get_mut(&key) else { return };
        leg.bye_asked = Some(Box::new((bye, server, flow)));
        let waits = matches!(&leg.role, Role::Inbound(inbound) if inbound.progress == Progress::Waiting);
        if waits || leg.released {
            self.answer_bye(key, now);
        }
        if waits {
            self.end_waiting_caller(key, now);
        } else if let Some(leg) = self.legs.get_mut(&key) {
            // The other side is gone: nobody will acknowledge a 2xx any more.
            leg.ok = None;
            self.happened(key.0, Input::HungUp { leg: key.1 });
        }
        self.sweep(key);
    }

    /// 200 to a BYE that has been seen to.
    pub(super) fn answer_bye(&mut self, key: LegKey, now: Timestamp) {
        if let Some(asked) = self.legs.get_mut(&key).and_then(|leg| leg.bye_asked.take()) {
            let (bye, server, flow) = *asked;
            self.reply_plain(&bye, &server, flow, 200, now);
        }
    }

    /// RFC 3261 §15.1.2: what waits in a dialog that ends is answered with 487.
    pub(super) fn end_asked(&mut self, key: LegKey, now: Timestamp) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        for asked in std::mem::take(&mut leg.asked) {
            if let Some(flow) = self.flow_of(&asked.server, key) {
                self.reply_plain(&asked.request, &asked.server, flow, 487, now);
            }
        }
    }

    fn flow_of(&self, server: &ServerKey, key: LegKey) -> Option<Flow> {
        self.txs.servers.get(server).map(|tx| tx.to).or_else(|| self.legs.get(&key).map(|leg| leg.flow))
    }

    /// An UPDATE without a session description changes nothing of the talk: it
    /// refreshes this leg's session (RFC 4028 §7.4) and moves its target, so
    /// the other leg need not hear of it.
    fn receive_refresh(
        &mut self,
        key: LegKey,
        update: &Message,
        server: &ServerKey,
        flow: Flow,
        now: Timestamp,
    ) {
        if self.wants_too_much(update) {
            return self.reply_interval(update, server, flow, now);
        }
        let Some(leg) = self.legs.get_mut(&key) else { return };
        if leg.released || leg.bye.is_some() {
            return self.reply_plain(update, server, flow, 481, now);
        }
        let is_confirmed = leg.dialog_of(update).is_some_and(|dialog| {
            dialog.refresh_target(from_wire::contact(update));
            dialog.stage() == Stage::Confirmed
        });
        let lines = if is_confirmed { self.grant_session(key, update, now) } else { vec![] };
        let response = Builder::reply(update, flow.remote, 200, "", None)
            .line(Name::Contact, self.contact_for(flow, update.request_uri()))
            .line(Name::Allow, to_wire::ALLOW)
            .line(Name::Supported, to_wire::SUPPORTED)
            .lines(&lines)
            .finish();
        self.respond(server, 200, response, now);
    }

    fn wants_too_much(&self, request: &Message) -> bool {
        judge(from_wire::session_wish(request), self.session_secs()) == Verdict::TooSmall
    }

    /// 422: its session would have to be refreshed too often.
    fn reply_interval(&mut self, request: &Message, server: &ServerKey, flow: Flow, now: Timestamp) {
        let response = Builder::reply(request, flow.remote, 422, "", None)
            .line(Name::MinSe, MIN_SE.to_string())
            .finish();
        self.respond(server, 422, response, now);
    }

    /// A request that the other leg has to answer.
    pub(super) fn receive_ask(
        &mut self,
        key: LegKey,
        what: MidCall,
        request: Message,
        server: ServerKey,
        flow: Flow,
        now: Timestamp,
    ) {
        if what.changes_session() && self.wants_too_much(&request) {
            return self.reply_interval(&request, &server, flow, now);
        }
        let Some(leg) = self.legs.get_mut(&key) else { return };
        match clash(leg, what) {
            Some(500) => return self.reply_later(&request, &server, flow, now),
            Some(status) => return self.reply_plain(&request, &server, flow, status, now),
            None => {}
        }
        if what.changes_session()
            && let Some(contact) = from_wire::contact(&request)
            && let Some(dialog) = leg.dialog_of(&request)
        {
            dialog.refresh_target(Some(contact));
        }
        let payload = from_wire::payload(&request);
        leg.asked.push(Asked { what, request, server });
        self.happened(key.0, Input::Asked { leg: key.1, what, payload });
    }
}

/// One request of a kind at a time, and one that may change the session: a
/// second one before the first is answered gets 500, one that crosses ours 491
/// (RFC 3261 §14.2, RFC 3311 §5.2). Before the INVITE is answered there is no
/// re-INVITE, and an UPDATE only once its own offer has an answer.
fn clash(leg: &Leg, what: MidCall) -> Option<u16> {
    if leg.released || leg.bye.is_some() {
        return Some(481);
    }
    if leg.is_asked(what) {
        return Some(500);
    }
    let unsettled = match &leg.role {
        Role::Inbound(inbound) if leg.is_early() => match what {
            MidCall::Reinvite => return Some(500),
            MidCall::Update if leg.description.is_empty() => return Some(500),
            _ => inbound.progress == Progress::Refused,
        },
        Role::Outbound(_) if leg.is_early() => what == MidCall::Reinvite,
        _ => false,
    };
    let crosses = what.changes_session() && leg.is_asking(what);
    (unsettled || crosses).then_some(491)
}
