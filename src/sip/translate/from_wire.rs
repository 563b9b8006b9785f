//! From a message to what the call understands of it.

use bytes::Bytes;

use super::{ASSERTED, OWNED};
use crate::call::input::{Payload, Status};
use crate::domain::time::Timestamp;
use crate::sip::dialog::session_timer::{SessionExpires, Wish, seconds};
use crate::sip::dialog::{InviteFacts, ResponseFacts};
use crate::sip::identity::{IDENTITIES_MAX, Signed};
use crate::sip::message::{Message, Name, NameAddr, Uri};
use crate::sip::transaction::RequestFacts;
use crate::sip::trunk::numbers::Numbers;

/// What passes to the other leg.
///
/// A caller who wishes to stay unknown stays so to the business line: what the
/// network asserts and signs about them ends here (RFC 3325 §7).
pub fn payload(message: &Message) -> Payload {
    let headers = if wants_privacy(message) {
        // A signature tells the number that it is for.
        message.passed_headers(&[OWNED, ASSERTED, &[Name::Identity]].concat())
    } else {
        message.passed_headers(OWNED)
    };
    Payload { headers, body: message.body() }
}

pub fn status(response: &Message) -> Status {
    Status { code: response.status(), reason: response.reason() }
}

/// The user part of the Request-URI, unescaped; empty where there is none.
pub fn user(invite: &Message) -> String {
    let uri = Uri::parse(invite.request_uri()).ok();
    let user = uri.and_then(|uri| uri.user_unescaped()).unwrap_or_default();
    String::from_utf8_lossy(&user).into_owned()
}

/// What the signature of an INVITE has to fit; `None`: it has none.
///
/// The numbers are those on the wire even where the caller withholds theirs:
/// they are compared, and kept nowhere.
pub fn signed(invite: &Message, numbers: &Numbers) -> Option<Box<Signed>> {
    let values = invite.values(Name::Identity).take(IDENTITIES_MAX);
    let identities: Vec<Bytes> = values.map(|value| Bytes::copy_from_slice(&value)).collect();
    if identities.is_empty() {
        return None;
    }
    let number = |address: NameAddr<'_>| numbers.of_uri(address.uri);
    let asserted = invite.addresses(Name::PAssertedIdentity).flatten();
    Some(Box::new(Signed {
        identities,
        date: invite.header(Name::Date).and_then(|text| date(&text)),
        callers: [invite.from()].into_iter().chain(asserted).filter_map(number).collect(),
        called: [number(invite.to()), numbers.of_uri(invite.request_uri()), numbers.dialled(invite)]
            .into_iter()
            .flatten()
            .collect(),
    }))
}

/// RFC 3261 §20.17: `Sat, 13 Nov 2010 23:29:00 GMT`.
fn date(text: &[u8]) -> Option<Timestamp> {
    let at = jiff::fmt::rfc2822::parse(std::str::from_utf8(text).ok()?).ok()?;
    Some(Timestamp::from_ms(at.timestamp().as_millisecond()))
}

/// Whether the caller of this INVITE does not want to be known.
pub fn withholds(invite: &Message) -> bool {
    wants_privacy(invite) || is_anonymous(&invite.from())
}

/// RFC 3323 §4.2 and RFC 3325 §9.3: any of these words asks not to be named.
fn wants_privacy(message: &Message) -> bool {
    const WORDS: [&[u8]; 3] = [b"id", b"user", b"header"];
    message.values(Name::Privacy).any(|value| {
        value
            .split(|b| *b == b';')
            .any(|word| WORDS.iter().any(|w| word.trim_ascii().eq_ignore_ascii_case(w)))
    })
}

/// RFC 3323 §4.1: the host says it, or the user part by habit.
fn is_anonymous(from: &NameAddr<'_>) -> bool {
    from.parse_uri().is_ok_and(|uri| {
        uri.user.is_some_and(|user| user.eq_ignore_ascii_case(b"anonymous"))
            || uri.host.is_some_and(|host| host.to_string().eq_ignore_ascii_case("anonymous.invalid"))
    })
}

/// What a received request says of its transaction. `sent_by` is the host and
/// port of its top Via, written out.
pub fn request_facts<'a>(request: &'a Message, sent_by: &'a str) -> RequestFacts<'a> {
    let via = request.top_via();
    RequestFacts {
        method: request.method().as_bytes(),
        branch: via.branch(),
        sent_by: sent_by.as_bytes(),
        via: via.raw,
        request_uri: request.request_uri(),
        from_tag: request.from().tag(),
        to_tag: request.to().tag(),
        call_id: request.call_id(),
        cseq: request.cseq().number,
    }
}

/// The host and port of a request's top Via, as one text.
pub fn sent_by(request: &Message) -> String {
    let via = request.top_via();
    match via.port {
        Some(port) => format!("{}:{port}", via.host),
        None => via.host.to_string(),
    }
}

/// What a received INVITE says of the dialog it begins; `contact` and
/// `record_route` are taken apart by the caller, who owns them.
pub fn invite_facts<'a>(
    invite: &'a Message,
    contact: &'a [u8],
    record_route: &'a [&'a [u8]],
) -> InviteFacts<'a> {
    InviteFacts {
        call_id: invite.call_id(),
        from_uri: invite.from().uri,
        from_tag: invite.from().tag(),
        to_uri: invite.to().uri,
        cseq: invite.cseq().number,
        target: contact,
        record_route,
        secure: false,
    }
}

pub fn response_facts<'a>(response: &'a Message, record_route: &'a [&'a [u8]]) -> ResponseFacts<'a> {
    ResponseFacts {
        code: response.status(),
        cseq: response.cseq().number,
        to_tag: response.to().tag(),
        contact: contact(response),
        record_route,
    }
}

/// What a request says of session timers.
pub fn session_wish(request: &Message) -> Wish {
    Wish {
        knows: lists(request, Name::Supported, "timer"),
        expires: session_expires(request),
        min_se: min_se(request),
    }
}

pub fn session_expires(message: &Message) -> Option<SessionExpires> {
    SessionExpires::parse(&message.header(Name::SessionExpires)?)
}

pub fn min_se(message: &Message) -> Option<u32> {
    seconds(&message.header(Name::MinSe)?)
}

/// The seconds of Retry-After; a comment or parameters after them do not matter.
pub fn retry_after(response: &Message) -> Option<u32> {
    let value = response.header(Name::RetryAfter)?;
    let end = value.iter().position(|b| !b.is_ascii_digit()).unwrap_or(value.len());
    seconds(&value[..end])
}

/// Whether a list, for instance Supported or Allow, has this word.
pub fn lists(message: &Message, name: Name, word: &str) -> bool {
    message.values(name).any(|value| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// The URI of the first Contact.
pub fn contact(message: &Message) -> Option<&[u8]> {
    // `*` is for registrations (RFC 3261 §10.2.2) and leads nowhere.
    message.contact().ok().flatten().map(|contact| contact.uri).filter(|uri| *uri != b"*")
}

/// Where the requests of a dialog go that this INVITE begins: to its Contact,
/// or for a peer of RFC 2543, which gives neither tag nor Contact, to its From.
pub fn target(invite: &Message) -> Option<&[u8]> {
    let from = invite.from();
    contact(invite).or_else(|| from.tag().is_none().then_some(from.uri))
}

/// The values of Record-Route in the order of the message, owned.
pub fn record_routes(message: &Message) -> Vec<Bytes> {
    message.values(Name::RecordRoute).map(|value| Bytes::copy_from_slice(&value)).collect()
}
