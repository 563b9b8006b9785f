//! Transfers on the wire (RFC 3515, 3891, 3892): what a REFER asks for, how
//! the side that asked hears of it, and the new leg's session.

use std::borrow::Cow;

use bytes::Bytes;

use super::leg::{Asked, Progress, Role, SDP, Subscription};
use super::requests::Outgoing;
use super::transactions::Purpose;
use super::{Endpoint, LegKey};
use crate::call::input::{Input, MidCall, Payload, Referral, Replaces, Status};
use crate::call::leg::LegId;
use crate::call::output::Because;
use crate::domain::calling::routing::Target;
use crate::domain::time::Timestamp;
use crate::sip::dialog::{Dialog, Stage};
use crate::sip::message::{Builder, Message, Method, Name, NameAddr, Scheme, Uri, unescape};
use crate::sip::status;
use crate::sip::transaction::ServerKey;
use crate::sip::transport::Flow;
use crate::sip::trunk::numbers::Numbers;

/// For how long a subscription is promised to last; a transfer is settled sooner.
const EXPIRES_S: u32 = 180;

impl Endpoint {
    pub(super) fn receive_refer(
        &mut self,
        key: LegKey,
        request: Message,
        server: ServerKey,
        flow: Flow,
        now: Timestamp,
    ) {
        let Some(leg) = self.legs.get(&key) else { return };
        if leg.released || leg.bye.is_some() {
            return self.reply_plain(&request, &server, flow, 481, now);
        }
        if leg.is_asked(MidCall::Refer) {
            return self.reply_later(&request, &server, flow, now);
        }
        match self.referral(key, &request) {
            Ok(to) => {
                if let Some(leg) = self.legs.get_mut(&key) {
                    leg.asked.push(Asked { what: MidCall::Refer, request, server });
                }
                self.happened(key.0, Input::Referred { leg: key.1, to });
            }
            Err(status) => self.reply_plain(&request, &server, flow, status, now),
        }
    }

    /// What a REFER asks for, or the status that it gets (RFC 3515 §2.4.2).
    fn referral(&self, key: LegKey, refer: &Message) -> Result<Referral, u16> {
        let mut values = refer.values(Name::ReferTo);
        let (Some(value), None) = (values.next(), values.next()) else { return Err(400) };
        let to = NameAddr::parse(&value).ok_or(400_u16)?;
        let uri = to.parse_uri().map_err(|_| 400_u16)?;
        if uri.scheme == Scheme::Other {
            return Err(416);
        }
        // Anything but a call to somebody is nothing that a business line needs.
        if uri.params.get("method").is_some_and(|method| !method.eq_ignore_ascii_case(b"INVITE")) {
            return Err(603);
        }
        let text = fit_for_dialling(to.uri, &uri);
        let (replaced, replaces) = match replaces_of(&uri) {
            Some(value) => (Some(self.replaced(key, &value)), Some(value)),
            None => (None, None),
        };
        let mut headers = vec![];
        if let Some(by) = refer.header(Name::ReferredBy) {
            headers.push(one_line("Referred-By", &by));
        }
        if let (Some(Replaces::There), Some(value)) = (replaced, &replaces) {
            headers.push(one_line("Replaces", value));
        }
        Ok(Referral {
            uri: String::from_utf8(text).map_err(|_| 400_u16)?,
            number: self.numbers_of(key).of_uri(to.uri),
            replaces: replaced,
            headers: headers.concat().into(),
        })
    }

    /// Whose talk a Replaces names (RFC 3891 §3): its tags are those of whoever
    /// is to be dialled, so the first is ours where the talk is.
    fn replaced(&self, asked_in: LegKey, value: &[u8]) -> Replaces {
        let mut parts = value.split(|b| *b == b';').map(<[u8]>::trim_ascii);
        let call_id = parts.next().unwrap_or_default();
        let (mut to, mut from) = (&b""[..], &b""[..]);
        for part in parts {
            if let Some(tag) = part.strip_prefix(b"to-tag=") {
                to = tag;
            } else if let Some(tag) = part.strip_prefix(b"from-tag=") {
                from = tag;
            }
        }
        let found = self.by_tag.get(to).filter(|key| **key != asked_in).and_then(|key| {
            let Some(Role::Outbound(outbound)) = self.legs.get(key).map(|leg| &leg.role) else { return None };
            let id = outbound.answered.as_ref()?;
            (id.call_id() == call_id && id.remote_tag() == from).then_some(*key)
        });
        found.map_or(Replaces::There, |(call, leg)| Replaces::Here { call, leg })
    }

    /// The dialling habits of the trunk that the call came on.
    fn numbers_of(&self, key: LegKey) -> Numbers {
        match self.legs.get(&(key.0, LegId::CALLER)).map(|leg| &leg.role) {
            Some(Role::Inbound(inbound)) => inbound.numbers,
            Some(Role::Outbound(_)) | None => Numbers::default(),
        }
    }

    pub(super) fn subscribe(&mut self, key: LegKey, id: u32) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.subscription = Some(Subscription { id });
        }
    }

    pub(super) fn end_subscription(&mut self, key: LegKey) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.subscription = None;
        }
    }

    /// Tells the side that asked how its transfer goes, if it still wants to hear.
    pub(super) fn notify(&mut self, key: LegKey, status: &Status, is_last: bool, now: Timestamp) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let Some(Subscription { id }) = leg.subscription else { return };
        if leg.bye.is_some() || leg.bye_asked.is_some() {
            return;
        }
        let flow = leg.flow;
        if is_last {
            leg.subscription = None;
        }
        let Some(heading) = leg.dialog().map(Dialog::next_request) else { return };
        let to = self.hop_within(&heading, flow);
        let branch = self.chance.branch();
        let state = match is_last {
            true => "terminated;reason=noresource".to_owned(),
            false => format!("active;expires={EXPIRES_S}"),
        };
        let lines = vec![(Name::Event, format!("refer;id={id}")), (Name::SubscriptionState, state)];
        // The reason phrase of whoever was dialled may be anything, and is theirs.
        let body = format!("SIP/2.0 {} {}\r\n", status.code, status::reason(status.code));
        let headers = Bytes::from_static(b"Content-Type: message/sipfrag;version=2.0\r\n");
        let payload = Payload { headers, body: body.into() };
        let bytes = self.within(Method::Notify, &heading, &to, &branch, &lines, &payload);
        let request = Outgoing { branch, bytes, to, leg: Some(key), purpose: Purpose::Notify };
        self.start_client(&Method::Notify, request, now);
    }

    /// SUBSCRIBE has a meaning only for the subscription that a REFER has
    /// opened: it is prolonged, which it need not be, or ended.
    pub(super) fn receive_subscribe(
        &mut self,
        key: LegKey,
        request: &Message,
        server: &ServerKey,
        flow: Flow,
        now: Timestamp,
    ) {
        let event = request.header(Name::Event).unwrap_or_default();
        let package = event.split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
        if !package.eq_ignore_ascii_case(b"refer") {
            let response =
                Builder::reply(request, flow.remote, 489, "", None).line(Name::AllowEvents, "refer").finish();
            return self.respond(server, 489, response, now);
        }
        if self.legs.get(&key).is_none_or(|leg| leg.subscription.is_none()) {
            return self.reply_plain(request, server, flow, 481, now);
        }
        let expires = request.expires().unwrap_or(EXPIRES_S).min(EXPIRES_S);
        let response = Builder::reply(request, flow.remote, 200, "", None)
            .line(Name::Contact, self.contact(flow))
            .line(Name::Expires, expires.to_string())
            .finish();
        self.respond(server, 200, response, now);
        if expires == 0 {
            self.notify(key, &Status::new(100, "Trying"), true, now);
        }
    }

    /// Dials the new line with the session that the old one was given last, as
    /// it would be if nobody were on hold: who transfers has mostly held first.
    pub(super) fn redial(
        &mut self,
        key: LegKey,
        to: &Target,
        instead_of: LegId,
        other: Option<Bytes>,
        headers: &Bytes,
        now: Timestamp,
    ) {
        let old = || self.legs.get(&(key.0, instead_of)).map(|leg| leg.description.clone());
        let payload = session(other.or_else(old).unwrap_or_default(), headers);
        self.dial(key, to, &payload, Because::First, None, now);
    }

    /// Gives a leg a session that it may have already; then there is nothing to ask.
    pub(super) fn align(&mut self, key: LegKey, payload: &Payload, now: Timestamp) {
        let Some(leg) = self.legs.get(&key) else { return };
        if !payload.body.is_empty() && !is_same_session(&leg.description, &payload.body) {
            return self.ask(key, MidCall::Reinvite, payload, now);
        }
        let (what, status) = (MidCall::Reinvite, Status::new(200, "OK"));
        self.happened(key.0, Input::Replied { leg: key.1, what, status, payload: Payload::default() });
    }

    /// The caller of another call becomes a leg of this one. Both must be able
    /// to: a dialog that ends, or is in the middle of something, stays where it is.
    pub(super) fn join(&mut self, key: LegKey, other: LegKey) {
        let from = (other.0, LegId::CALLER);
        let session_of_theirs = self.legs.get(&other).map(|leg| leg.description.clone());
        let can = self.legs.get_mut(&from).is_some_and(|leg| {
            let is_answered = matches!(&leg.role, Role::Inbound(it) if it.progress == Progress::Answered);
            let is_quiet = leg.asked.is_empty() && leg.asking.is_empty() && leg.bye_asked.is_none();
            let is_acked = leg.ok.as_ref().is_none_or(|ok| ok.wake_at().is_none());
            let stands = leg.dialog().is_some_and(|dialog| dialog.stage() == Stage::Confirmed);
            is_answered && is_quiet && is_acked && stands && !leg.released && leg.bye.is_none()
        });
        let leg = if can && session_of_theirs.is_some() { self.legs.remove(&from) } else { None };
        let (Some(mut leg), Some(theirs)) = (leg, session_of_theirs) else {
            let status = Status::new(481, "Call/Transaction Does Not Exist");
            return self.happened(key.0, Input::Refused { leg: key.1, status, payload: Payload::default() });
        };
        self.by_tag.insert(leg.local_tag.clone(), key);
        if let Some(at) = leg.session_at {
            self.sessions.remove(&(at, from));
            self.sessions.insert((at, key));
        }
        for of in self.txs.clients.values_mut().map(|tx| &mut tx.leg) {
            *of = of.map(|of| if of == from { key } else { of });
        }
        for of in self.txs.servers.values_mut().map(|tx| &mut tx.leg) {
            *of = of.map(|of| if of == from { key } else { of });
        }
        leg.subscription = None;
        self.legs.insert(key, leg);
        self.set_leg_alarm(key);
        self.happened(other.0, Input::Taken { by: key.0 });
        let payload = session(theirs, &Bytes::new());
        self.happened(key.0, Input::Answered { leg: key.1, payload });
    }
}

/// A session to offer to somebody new.
fn session(description: Bytes, headers: &Bytes) -> Payload {
    if description.is_empty() {
        return Payload { headers: headers.clone(), body: description };
    }
    let headers = [format!("Content-Type: {SDP}\r\n").as_bytes(), headers].concat();
    Payload { headers: headers.into(), body: without_hold(&description) }
}

/// A session description without its directions: each medium is then sent and
/// received (RFC 3264 §5.1).
pub fn without_hold(description: &[u8]) -> Bytes {
    const DIRECTIONS: [&[u8]; 4] = [b"a=sendrecv", b"a=sendonly", b"a=recvonly", b"a=inactive"];
    let lines = description.split_inclusive(|b| *b == b'\n');
    lines.filter(|line| !DIRECTIONS.contains(&line.trim_ascii_end())).collect::<Vec<_>>().concat().into()
}

/// Whether two session descriptions mean the same: their versions aside, and
/// whether it is said that media go both ways (RFC 3264 §5.1).
fn is_same_session(one: &[u8], other: &[u8]) -> bool {
    let lines = |text: &[u8]| -> Vec<Vec<u8>> {
        let all = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end);
        let told = all.filter(|line| !line.is_empty() && *line != b"a=sendrecv");
        told.map(|line| if line.starts_with(b"o=") { without_version(line) } else { line.to_vec() }).collect()
    };
    lines(one) == lines(other)
}

/// `o=` says whose session it is, and which version of it (RFC 8866 §5.2).
fn without_version(origin: &[u8]) -> Vec<u8> {
    let words = origin.split(|b| *b == b' ').enumerate();
    words.filter(|(place, _)| *place != 2).map(|(_, word)| word).collect::<Vec<_>>().join(&b' ')
}

/// The value of the Replaces that a Refer-To carries in its URI, escapes resolved.
fn replaces_of<'a>(uri: &Uri<'a>) -> Option<Cow<'a, [u8]>> {
    uri.headers.split(|b| *b == b'&').find_map(|header| {
        let at = header.iter().position(|b| *b == b'=')?;
        header[..at].eq_ignore_ascii_case(b"Replaces").then(|| unescape(&header[at + 1..]))
    })
}

/// The URI without its headers and method: what stands there is not for us to send.
fn fit_for_dialling(text: &[u8], uri: &Uri<'_>) -> Vec<u8> {
    let end = if uri.headers.is_empty() { text.len() } else { text.len() - uri.headers.len() - 1 };
    let text = &text[..end];
    let lower = text.to_ascii_lowercase();
    match lower.windows(8).position(|window| window == b";method=") {
        Some(at) => {
            let rest = text[at + 1..].iter().position(|b| *b == b';').map_or(text.len(), |n| at + 1 + n);
            [&text[..at], &text[rest..]].concat()
        }
        None => text.to_vec(),
    }
}

/// A header line; what could end it becomes a space.
fn one_line(name: &str, value: &[u8]) -> Vec<u8> {
    let safe = value.iter().map(|&b| if matches!(b, b'\r' | b'\n' | 0) { b' ' } else { b });
    [name.as_bytes(), b": ", &safe.collect::<Vec<_>>(), b"\r\n"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_the_same_in_another_version_and_not_with_another_owner_port_or_direction() {
        let said = b"v=0\r\no=ada 1 1 IN IP4 192.0.2.1\r\ns=-\r\nm=audio 4000 RTP/AVP 8\r\na=sendrecv\r\n";
        for (old, new, same) in [
            ("o=ada 1 1 ", "o=ada 1 2 ", true),
            ("a=sendrecv\r\n", "", true),
            ("o=ada 1 1 ", "o=bob 1 1 ", false),
            ("audio 4000", "audio 4002", false),
            ("a=sendrecv", "a=sendonly", false),
        ] {
            let other = String::from_utf8(said.to_vec()).unwrap().replace(old, new);

            assert_eq!(is_same_session(said, other.as_bytes()), same, "{new}");
        }
    }
}
