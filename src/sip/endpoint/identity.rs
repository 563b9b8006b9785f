//! Who calls, as the called party and the carrier on the way see it.
//!
//! A SIP line belongs to the business: it sees the caller as the caller came,
//! with what the network asserts unless the caller wishes to stay unknown.
//!
//! Over a trunk a call is *carried on* to a number, so the carrier is told
//! three things: whose number is shown (the trunk's `caller_id`), who answers
//! for the call (P-Asserted-Identity, where the trunk trusts us), and that it
//! was forwarded (Diversion, RFC 5806, and History-Info, RFC 7044), since a
//! number that is not the business's own would else look like a forged one. A
//! caller who withholds stays withheld whatever the trunk is told to show.

use bytes::Bytes;

use super::Endpoint;
use super::leg::{Inbound, Role};
use super::search::{Aim, Errand};
use crate::call::input::Payload;
use crate::call::leg::LegId;
use crate::call::output::Because;
use crate::domain::ids::CallId;
use crate::domain::phone::Phone;
use crate::sip::message::{Message, Name};
use crate::sip::translate::from_wire;
use crate::sip::translate::to_wire::{self, Lines};
use crate::sip::transport::Flow;
use crate::sip::trunk::out::{CallerId, Out};

/// Who a call is from that did not come in by SIP: one that we begin
/// ourselves, or that somebody makes on a web page.
#[derive(Clone, Default)]
pub struct Originator {
    /// The user part of From: a number in E.164; `None` withholds it (RFC 3323 §4.1).
    pub user: Option<String>,
    /// What stands before it, for whoever looks at a telephone that rings.
    pub display: Option<String>,
    /// The number of the business that is called. Over a trunk it answers for
    /// the call, and is shown where a caller's number would be.
    pub called: Option<Phone>,
}

const ANONYMOUS: &[u8] = b"sip:anonymous@anonymous.invalid";

/// What a new leg says of the caller.
pub(super) struct Identity {
    /// As it stands before the `<`: empty, or a display name.
    pub display: Vec<u8>,
    pub uri: Vec<u8>,
    /// How many hops are left.
    pub max_forwards: u8,
    pub lines: Lines,
    /// What came with the caller's INVITE and may go on.
    pub payload: Payload,
}

/// Whose number a trunk is shown.
enum Shown {
    Nobody,
    Caller,
    Ours(Phone),
}

impl Endpoint {
    pub(super) fn identity(&self, call: CallId, flow: Flow, errand: &Errand, aim: &Aim) -> Identity {
        let ours = &self.local(flow).advertised;
        let payload = errand.payload.clone();
        if let Some(from) = &errand.from {
            return from.identity(errand.out.as_deref(), ours, payload);
        }
        let Some(Role::Inbound(inbound)) = self.legs.get(&(call, LegId::CALLER)).map(|leg| &leg.role) else {
            return anonymous(to_wire::MAX_FORWARDS, payload);
        };
        match &errand.out {
            None => of_caller(&inbound.invite, ours, payload),
            Some(out) => Forwarded { inbound, out, ours, aim, because: errand.because }.identity(payload),
        }
    }
}

impl Originator {
    fn identity(&self, out: Option<&Out>, ours: &str, payload: Payload) -> Identity {
        let mut who = anonymous(to_wire::MAX_FORWARDS, payload);
        if let Some(display) = &self.display {
            // A quoted string (RFC 3261 §25.1) without what would have to be escaped in it.
            who.display = format!("\"{}\" ", display.replace(['"', '\\'], "")).into_bytes();
        }
        if let Some(user) = &self.user {
            (who.display, who.uri) = (vec![], format!("sip:{user}@{ours}").into_bytes());
        }
        if let Some((out, called)) = out.zip(self.called.as_ref()) {
            let uri = |number: &Phone| format!("sip:{}@{ours};user=phone", out.spell(number));
            match &out.caller_id {
                CallerId::Number(number) => (who.display, who.uri) = (vec![], uri(number).into_bytes()),
                CallerId::Pass | CallerId::Signed => {
                    (who.display, who.uri) = (vec![], uri(called).into_bytes());
                }
                CallerId::Withheld => {
                    (who.display, who.uri) = (b"\"Anonymous\" ".to_vec(), ANONYMOUS.to_vec());
                    who.lines.push((Name::Privacy, "id".to_owned()));
                }
            }
            if out.asserts {
                who.lines.push((Name::PAssertedIdentity, format!("<{}>", uri(called))));
            }
        }
        who
    }
}

fn anonymous(max_forwards: u8, payload: Payload) -> Identity {
    let (display, uri) = (b"\"Anonymous\" ".to_vec(), ANONYMOUS.to_vec());
    Identity { display, uri, max_forwards, lines: vec![], payload }
}

/// Name and number are the caller's, the host is ours, since requests back
/// would go there.
fn of_caller(invite: &Message, ours: &str, payload: Payload) -> Identity {
    let max_forwards = hops_left(invite);
    let from = invite.from();
    if from_wire::withholds(invite) {
        return anonymous(max_forwards, payload);
    }
    let uri = match from.parse_uri().map(|uri| uri.user) {
        Ok(Some(user)) => [b"sip:", user, b"@", ours.as_bytes()].concat(),
        Ok(None) => [b"sip:", ours.as_bytes()].concat(),
        Err(_) => return anonymous(max_forwards, payload),
    };
    Identity { display: display(&from), uri, max_forwards, lines: vec![], payload }
}

fn display(from: &crate::sip::message::NameAddr<'_>) -> Vec<u8> {
    if from.display.is_empty() { vec![] } else { [from.display, b" "].concat() }
}

fn hops_left(invite: &Message) -> u8 {
    invite.max_forwards().unwrap_or(to_wire::MAX_FORWARDS).saturating_sub(1)
}

/// A call that a trunk carries on to a number.
struct Forwarded<'a> {
    inbound: &'a Inbound,
    out: &'a Out,
    ours: &'a str,
    aim: &'a Aim,
    because: Because,
}

impl Forwarded<'_> {
    fn identity(&self, payload: Payload) -> Identity {
        let invite = &self.inbound.invite;
        let shown = self.shown();
        let payload = self.passed(payload, &shown);
        let lines = self.lines(&shown);
        let identity = match &shown {
            Shown::Nobody => anonymous(hops_left(invite), payload),
            Shown::Ours(number) => Identity {
                uri: self.uri(number).into(),
                display: vec![],
                ..anonymous(hops_left(invite), payload)
            },
            Shown::Caller => match self.presented() {
                Some(number) => Identity {
                    uri: self.uri(&number).into(),
                    display: display(&invite.from()),
                    ..anonymous(hops_left(invite), payload)
                },
                // A name, not a number: as it came.
                None => of_caller(invite, self.ours, payload),
            },
        };
        Identity { lines, ..identity }
    }

    fn shown(&self) -> Shown {
        let invite = &self.inbound.invite;
        let withholds = from_wire::withholds(invite);
        match &self.out.caller_id {
            CallerId::Number(number) => Shown::Ours(number.clone()),
            CallerId::Withheld => Shown::Nobody,
            _ if withholds => Shown::Nobody,
            CallerId::Signed if invite.header(Name::Identity).is_none() => Shown::Nobody,
            CallerId::Pass | CallerId::Signed => Shown::Caller,
        }
    }

    /// The number of From, which is what the caller wants to be called back on.
    fn presented(&self) -> Option<Phone> {
        self.inbound.presented.clone().or_else(|| self.inbound.caller.clone())
    }

    fn lines(&self, shown: &Shown) -> Lines {
        let mut lines = vec![];
        // Who answers for the call: for a caller who is not shown that is the
        // business, by the number that was called.
        let asserted = match shown {
            Shown::Nobody => self.inbound.called.clone(),
            Shown::Ours(number) => Some(number.clone()),
            Shown::Caller => self.inbound.caller.clone().or_else(|| self.presented()),
        };
        if let (true, Some(number)) = (self.out.asserts, asserted) {
            lines.push((Name::PAssertedIdentity, format!("<{}>", self.uri(&number))));
        }
        if matches!(shown, Shown::Nobody) {
            lines.push((Name::Privacy, "id".to_owned()));
        }
        if let Some(called) = &self.inbound.called {
            let reason = reason(self.because);
            let diverting = self.uri(called);
            lines.push((Name::Diversion, format!("<{diverting}>;reason={reason};counter=1;privacy=off")));
        }
        lines
    }

    /// What of the caller's headers goes on: what names the caller only if it
    /// is the caller that is shown, what happened to the call before always.
    fn passed(&self, payload: Payload, shown: &Shown) -> Payload {
        const REWRITTEN: &[Name] =
            &[Name::PAssertedIdentity, Name::PPreferredIdentity, Name::RemotePartyId, Name::Privacy];
        // A signature over another number than the one that is shown proves nothing.
        const SIGNED: &[Name] = &[Name::Identity, Name::IdentityInfo];
        let dropped = match shown {
            Shown::Caller => REWRITTEN.to_vec(),
            Shown::Nobody | Shown::Ours(_) => [REWRITTEN, SIGNED].concat(),
        };
        let mut headers = to_wire::without(&payload.headers, &dropped);
        headers.extend_from_slice(self.history().as_bytes());
        Payload { headers: Bytes::from(headers), ..payload }
    }

    /// The entries of History-Info that this hop adds (RFC 7044 §9): who was
    /// called, unless that stands there already, and who is called instead.
    fn history(&self) -> String {
        let Some(called) = &self.inbound.called else { return String::new() };
        let invite = &self.inbound.invite;
        let last = invite.values(Name::HistoryInfo).last();
        let index = last.as_deref().and_then(index_of);
        let (before, index) = match index {
            Some(index) => (String::new(), index),
            None => (format!("History-Info: <{}>;index=1\r\n", self.uri(called)), "1".to_owned()),
        };
        let (uri, cause) = (&self.aim.uri, cause(self.because));
        format!("{before}History-Info: <{uri};cause={cause}>;index={index}.1;mp={index}\r\n")
    }

    fn uri(&self, number: &Phone) -> String {
        format!("sip:{}@{};user=phone", self.out.spell(number), self.ours)
    }
}

fn index_of(entry: &[u8]) -> Option<String> {
    let entry = crate::sip::message::NameAddr::parse(entry)?;
    let index = std::str::from_utf8(entry.params.get("index")?).ok()?;
    index.bytes().all(|b| b.is_ascii_digit() || b == b'.').then(|| index.to_owned())
}

/// RFC 5806 §10.
const fn reason(because: Because) -> &'static str {
    match because {
        Because::First => "unconditional",
        Because::NoAnswer => "no-answer",
        Because::Busy => "user-busy",
        Because::Unavailable => "unavailable",
    }
}

/// RFC 4458 §2, Table 1.
const fn cause(because: Because) -> u16 {
    match because {
        Because::First => 302,
        Because::NoAnswer => 408,
        Because::Busy => 486,
        Because::Unavailable => 503,
    }
}
