//! Session timers of the legs (RFC 4028): what is agreed on with each side,
//! and the refreshes that are ours.
//!
//! A refresh of one leg is no business of the other. It is an UPDATE without
//! a session description where the other side takes UPDATE, else a re-INVITE
//! with the description that the leg was given last, unchanged, so that it
//! changes nothing (RFC 3264 §8).

use std::time::Duration;

use bytes::Bytes;
use ipnet::IpNet;

use super::leg::{Role, SDP};
use super::transactions::Purpose;
use super::{Endpoint, LegKey};
use crate::call::input::{Input, MidCall, Payload};
use crate::domain::time::Timestamp;
use crate::sip::dialog::RepeatedOk;
use crate::sip::dialog::session_timer::{
    Due, MIN_SE, Refresher, SessionExpires, SessionTimer, Verdict, judge,
};
use crate::sip::message::{Message, Name};
use crate::sip::translate::from_wire;
use crate::sip::translate::to_wire::Lines;

impl Endpoint {
    /// The interval that we wish for; `None`: timers are switched off.
    pub(super) fn session_secs(&self) -> Option<u32> {
        let secs = u32::try_from(self.config.session.as_secs()).unwrap_or(u32::MAX);
        (secs > 0).then(|| secs.max(MIN_SE))
    }

    /// What an INVITE of ours says of timers.
    pub(super) fn session_wish(&self) -> Lines {
        self.session_secs().map(|secs| (Name::SessionExpires, secs.to_string())).into_iter().collect()
    }

    /// What a request within the dialog says of the session, if it has a timer:
    /// to say nothing would end it (§7.4).
    pub(super) fn session_lines(&self, key: LegKey) -> Lines {
        let session = self.legs.get(&key).and_then(|leg| leg.session);
        session.map(|session| (Name::SessionExpires, session.in_request().to_string())).into_iter().collect()
    }

    /// We accept a request that begins or refreshes the session of this leg:
    /// its timer starts, and these lines of the 2xx say so.
    pub(super) fn grant_session(&mut self, key: LegKey, request: &Message, now: Timestamp) -> Lines {
        let verdict = judge(from_wire::session_wish(request), self.session_secs());
        let (session, lines) = match verdict {
            Verdict::Timer(expires) => {
                let theirs = expires.refresher == Some(Refresher::Uac);
                let mut lines = vec![(Name::SessionExpires, expires.to_string())];
                if theirs {
                    lines.push((Name::Require, "timer".to_owned()));
                }
                (Some(SessionTimer::start(expires.secs, !theirs, now)), lines)
            }
            Verdict::NoTimer | Verdict::TooSmall => (None, vec![]),
        };
        self.set_session(key, session);
        lines
    }

    /// They accepted a request of ours that begins or refreshes the session.
    pub(super) fn session_granted(&mut self, key: LegKey, ok: &Message, now: Timestamp) {
        if let Some(leg) = self.legs.get_mut(&key)
            && ok.header(Name::Allow).is_some()
        {
            leg.takes_update = from_wire::lists(ok, Name::Allow, "UPDATE");
        }
        let granted = from_wire::session_expires(ok).filter(|_| self.session_secs().is_some());
        let session = granted.map(|SessionExpires { secs, refresher }| {
            SessionTimer::start(secs.max(MIN_SE), refresher != Some(Refresher::Uas), now)
        });
        self.set_session(key, session);
    }

    fn set_session(&mut self, key: LegKey, session: Option<SessionTimer>) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.session = session;
        }
        self.plan_session(key);
    }

    /// Sets the wake-up of a leg's session to what its timer says now. These
    /// wake-ups lie far ahead, so they are taken back when they change: calls
    /// that are over would else fill the alarms for a quarter of an hour.
    fn plan_session(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let at = leg.session.as_ref().map(SessionTimer::wake_at);
        if let Some(old) = leg.session_at.take() {
            self.sessions.remove(&(old, key));
        }
        if let Some(at) = at {
            leg.session_at = Some(at);
            self.sessions.insert((at, key));
        }
    }

    /// Wakes the sessions whose time has come.
    pub(super) fn wake_sessions(&mut self, now: Timestamp) {
        while let Some((_, key)) = self.sessions.first().copied().filter(|(at, _)| *at <= now) {
            self.sessions.pop_first();
            let Some(leg) = self.legs.get_mut(&key) else { continue };
            leg.session_at = None;
            if leg.released || leg.bye.is_some() {
                leg.session = None;
            }
            match leg.session.as_mut().and_then(|session| session.wake(now)) {
                Some(Due::Refresh) => self.refresh_session(key, now),
                Some(Due::Expired) => self.session_is_over(key, now),
                None => {}
            }
            self.plan_session(key);
        }
    }

    pub(super) fn session_is_over(&mut self, key: LegKey, now: Timestamp) {
        self.set_session(key, None);
        self.send_bye(key, now);
        self.happened(key.0, Input::HungUp { leg: key.1 });
    }

    fn refresh_session(&mut self, key: LegKey, now: Timestamp) {
        let pause = self.glare(key);
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let unacknowledged = leg.ok.as_ref().and_then(RepeatedOk::wake_at).is_some();
        let busy = !leg.asked.is_empty() || !leg.asking.is_empty();
        if busy || leg.ack_owed.is_some() || unacknowledged {
            if let Some(session) = &mut leg.session {
                session.retry_after(pause, now);
            }
            return;
        }
        let by_update = leg.takes_update || leg.description.is_empty();
        let (what, payload) = if by_update {
            (MidCall::Update, Payload::default())
        } else {
            let headers = Bytes::from(format!("Content-Type: {SDP}\r\n"));
            (MidCall::Reinvite, Payload { headers, body: leg.description.clone() })
        };
        self.ask_within(key, what, &payload, Purpose::Refresh(what), now);
    }

    /// Where the peer of a leg is, and the ranges of the trunk that it belongs to.
    pub fn peers_of(&self, key: LegKey) -> Vec<IpNet> {
        let Some(leg) = self.legs.get(&key) else { return vec![] };
        let peer = leg.flow.remote.ip().to_canonical();
        let trunk = self.config.trunks.find(peer);
        trunk.into_iter().flat_map(|trunk| trunk.from.iter().copied()).chain([IpNet::from(peer)]).collect()
    }

    /// How long to wait after a request crossed one of theirs (RFC 3261 §14.1):
    /// whoever chose the Call-ID waits longer, so that the two do not meet again.
    fn glare(&mut self, key: LegKey) -> Duration {
        let is_ours = matches!(self.legs.get(&key).map(|leg| &leg.role), Some(Role::Outbound(_)));
        let tens = if is_ours { 210 + self.chance.below(191) } else { self.chance.below(201) };
        Duration::from_millis(10 * tens)
    }

    pub(super) fn heard_of_refresh(
        &mut self,
        key: LegKey,
        what: MidCall,
        response: &Message,
        now: Timestamp,
    ) {
        let code = response.status();
        if code < 200 || !self.settles(key, what, response, now) {
            return;
        }
        let pause = self.glare(key);
        let Some(leg) = self.legs.get_mut(&key) else { return };
        leg.asking.retain(|(asked, _)| *asked != what);
        let Some(session) = &mut leg.session else { return };
        match code {
            // `settles` has started the timer anew.
            200..300 => {}
            408 | 481 => return self.session_is_over(key, now),
            422 => {
                let secs = from_wire::min_se(response).unwrap_or(MIN_SE).max(session.secs());
                *session = SessionTimer::start(secs, true, now);
                session.retry_after(Duration::ZERO, now);
            }
            491 => session.retry_after(pause, now),
            // Theirs came first, and they say when ours may come (RFC 3261 §14.2).
            500 | 503 if let Some(secs) = from_wire::retry_after(response) => {
                session.retry_after(Duration::from_secs(secs.min(session.secs()).into()), now);
            }
            // It said that it takes UPDATE, and does not.
            405 | 501 if what == MidCall::Update && leg.takes_update => {
                leg.takes_update = false;
                session.retry_after(Duration::ZERO, now);
            }
            _ => session.retry_later(now),
        }
        self.plan_session(key);
    }

    /// 422 to an attempt: again with the interval that the other side bears (§7.3).
    pub(super) fn longer_session(&mut self, key: LegKey, refusal: &Message, now: Timestamp) -> bool {
        let (Some(least), Some(ours)) = (from_wire::min_se(refusal), self.session_secs()) else {
            return false;
        };
        let lines =
            vec![(Name::SessionExpires, least.max(ours).to_string()), (Name::MinSe, least.to_string())];
        self.invite_again(key, &lines, now).is_some()
    }
}
