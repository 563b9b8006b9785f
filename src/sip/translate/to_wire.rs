//! From what the call wants to a message.

use bytes::Bytes;

use crate::call::input::Payload;
use crate::sip::dialog::Heading;
use crate::sip::endpoint::SentInvite;
use crate::sip::message::{Builder, Message, Method, Name};

/// RFC 3261 §8.1.1.6.
pub const MAX_FORWARDS: u8 = 70;

/// The methods that are understood within a call.
pub const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, MESSAGE, REFER";

/// The extensions that are understood.
pub const SUPPORTED: &str = "timer, 100rel";

/// Whether a word of Require is one of them.
pub fn is_supported(word: &[u8]) -> bool {
    SUPPORTED.split(", ").any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// Header lines that only some messages of a kind have.
pub type Lines = Vec<(Name, String)>;

/// What every request of one leg repeats.
#[derive(Clone, Copy)]
pub struct Stamp<'a> {
    pub via: &'a [u8],
    pub contact: &'a [u8],
    pub user_agent: &'a str,
}

/// The INVITE of a new leg.
pub fn invite(
    sent: &SentInvite,
    stamp: Stamp<'_>,
    max_forwards: u8,
    lines: &Lines,
    payload: &Payload,
) -> Bytes {
    head(Method::Invite, sent, max_forwards)
        .line(Name::Contact, stamp.contact)
        .line(Name::UserAgent, stamp.user_agent)
        .line(Name::Allow, ALLOW)
        .lines(lines)
        .raw(&payload.headers)
        .body(&payload.body)
}

/// A request that belongs to no dialog and begins none.
pub fn alone(method: Method, sent: &SentInvite, stamp: Stamp<'_>, lines: &Lines) -> Bytes {
    head(method, sent, MAX_FORWARDS)
        .line(Name::Contact, stamp.contact)
        .line(Name::UserAgent, stamp.user_agent)
        .lines(lines)
        .finish()
}

/// A request sent anew, with these lines instead of its own of the same name.
pub fn again(first: &Message, via: &[u8], cseq: u32, lines: &Lines) -> Bytes {
    let mut replaced = vec![Name::Via, Name::CSeq];
    replaced.extend(lines.iter().map(|(name, _)| *name));
    Builder::request(first.method(), first.request_uri())
        .line(Name::Via, via)
        .line(Name::CSeq, format!("{cseq} {}", first.method()))
        .lines(lines)
        .raw(first.passed_headers(&replaced))
        .body(first.body())
}

/// Header lines but those of these names, folds and all.
pub fn without(lines: &[u8], names: &[Name]) -> Vec<u8> {
    let mut left = Vec::with_capacity(lines.len());
    let mut is_kept = true;
    for line in lines.split_inclusive(|b| *b == b'\n') {
        if !matches!(line.first(), Some(b' ' | b'\t')) {
            let label = line.split(|b| *b == b':').next().unwrap_or_default();
            is_kept = !names.contains(&Name::of(label.trim_ascii()));
        }
        if is_kept {
            left.extend_from_slice(line);
        }
    }
    left
}

/// The ACK to a refusal, hop by hop (RFC 3261 §17.1.1.3): `to` is the refusal's.
pub fn ack_refusal(sent: &SentInvite, to: &[u8]) -> Bytes {
    let acked = SentInvite { to: Bytes::copy_from_slice(to), ..sent.clone() };
    head(Method::Ack, &acked, MAX_FORWARDS).finish()
}

/// RFC 3261 §9.1.
pub fn cancel(sent: &SentInvite, user_agent: &str) -> Bytes {
    head(Method::Cancel, sent, MAX_FORWARDS).line(Name::UserAgent, user_agent).finish()
}

fn head(method: Method, sent: &SentInvite, max_forwards: u8) -> Builder {
    let mut message = Builder::request(&method, &sent.uri).line(Name::Via, &sent.via);
    for route in &sent.routes {
        message = message.line(Name::Route, route);
    }
    message
        .line(Name::MaxForwards, max_forwards.to_string())
        .line(Name::From, &sent.from)
        .line(Name::To, &sent.to)
        .line(Name::CallId, &sent.call_id)
        .line(Name::CSeq, format!("{} {method}", sent.cseq))
}

/// A request within a dialog.
pub fn in_dialog(
    method: Method,
    heading: &Heading,
    stamp: Stamp<'_>,
    lines: &Lines,
    payload: &Payload,
) -> Bytes {
    let has_contact = matches!(method, Method::Invite | Method::Update | Method::Notify);
    let sent = SentInvite::in_dialog(heading, stamp.via);
    let mut message = head(method, &sent, MAX_FORWARDS);
    if has_contact {
        message = message
            .line(Name::Contact, stamp.contact)
            .line(Name::Allow, ALLOW)
            .line(Name::Supported, SUPPORTED);
    }
    message.line(Name::UserAgent, stamp.user_agent).lines(lines).raw(&payload.headers).body(&payload.body)
}
