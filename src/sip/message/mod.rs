//! SIP messages: a lazy index over the received bytes, and a builder of new ones.
//!
//! ```text
//! datagram ───────────────┐
//! stream ─► Framer ─► Bytes ─► Message::parse ─► Message ─► accessors decode when asked
//!                                  │               └─► passed_headers, body: byte for byte
//!                                  └► ParseError: Ignore | Answerable ─► Refusal::answer
//! Builder ─► Bytes
//! ```
//!
//! A back-to-back agent must pass on what it does not understand as it came,
//! and most of a message is never looked at. So a message is its bytes plus
//! one index vector; a header costs work when somebody asks for it.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

mod build;
mod frame;
mod head;
mod headers;
mod method;
mod name;
mod parse;
#[cfg(test)]
mod properties;
mod refusal;
mod text;
#[cfg(test)]
mod torture;
mod uri;

pub use build::Builder;
pub use frame::{BODY_MAX, Frame, FrameError, Framer};
pub use head::{HEAD_MAX, LINES_MAX, RawLine};
pub use headers::{Auth, CSeq, Malformed, NameAddr, Params, Rport, Transport, Via};
pub use method::Method;
pub use name::Name;
pub use parse::ParseError;
pub use refusal::Refusal;
pub(in crate::sip) use text::unescape;
pub use uri::{BadUri, Host, Scheme, Uri};

use head::Head;

/// A range of the received bytes.
type Span = (u32, u32);

#[derive(Clone, Copy)]
enum Start {
    Request { uri: Span },
    Response { status: u16, reason: Span },
}

/// A request or response whose transaction and dialog can be told.
///
/// `Debug` shows its size and kind, never its content.
#[derive(Clone)]
pub struct Message {
    head: Head,
    start: Start,
    cseq: CSeq,
    body: Span,
}

impl Message {
    pub fn is_request(&self) -> bool {
        matches!(self.start, Start::Request { .. })
    }

    /// The request's method; of a response, that of the request it answers.
    pub fn method(&self) -> &Method {
        &self.cseq.method
    }

    /// The Request-URI as it stood; empty in a response.
    pub fn request_uri(&self) -> &[u8] {
        match self.start {
            Start::Request { uri } => self.slice(uri),
            Start::Response { .. } => b"",
        }
    }

    /// The status of a response, 0 for a request.
    pub fn status(&self) -> u16 {
        match self.start {
            Start::Request { .. } => 0,
            Start::Response { status, .. } => status,
        }
    }

    /// The reason phrase as it stood, which may be empty; empty in a request.
    pub fn reason(&self) -> Bytes {
        match self.start {
            Start::Request { .. } => Bytes::new(),
            Start::Response { reason: (from, to), .. } => self.head.bytes.slice(from as usize..to as usize),
        }
    }

    pub fn body(&self) -> Bytes {
        self.head.bytes.slice(self.body.0 as usize..self.body.1 as usize)
    }

    /// The whole message as it was received, without what followed the body.
    pub fn bytes(&self) -> Bytes {
        self.head.bytes.slice(..self.body.1 as usize)
    }

    fn slice(&self, (from, to): Span) -> &[u8] {
        &self.head.bytes[from as usize..to as usize]
    }
}

/// Headers that every message has: [`Message::parse`] has read each of them
/// once, so reading them again cannot fail.
impl Message {
    pub fn top_via(&self) -> Via<'_> {
        self.head.top_via().expect("a parsed message has a readable top Via")
    }

    /// The tag may be missing: RFC 2543 did not ask for one.
    pub fn from(&self) -> NameAddr<'_> {
        self.head.address(Name::From).expect("a parsed message has a readable From")
    }

    pub fn to(&self) -> NameAddr<'_> {
        self.head.address(Name::To).expect("a parsed message has a readable To")
    }

    pub fn call_id(&self) -> &[u8] {
        self.head.first(Name::CallId).expect("a parsed message has a Call-ID")
    }

    pub fn cseq(&self) -> &CSeq {
        &self.cseq
    }
}

/// Headers that a message may have.
impl Message {
    /// The first line's value, unfolded. Of a list this is the whole line.
    pub fn header(&self, name: Name) -> Option<Cow<'_, [u8]>> {
        self.head.header(name)
    }

    /// The first value of a header that the table of [`Name`] does not know.
    pub fn header_called(&self, label: &str) -> Option<Cow<'_, [u8]>> {
        self.raw_lines()
            .find(|line| line.label.eq_ignore_ascii_case(label.as_bytes()))
            .map(|line| text::unfold(line.value))
    }

    /// Every value over all lines of this name, in order, unfolded; commas
    /// part values where the header's grammar says so.
    pub fn values(&self, name: Name) -> impl Iterator<Item = Cow<'_, [u8]>> {
        self.head.split(name).map(text::unfold)
    }

    /// The header lines as they came, in order.
    pub fn raw_lines(&self) -> impl Iterator<Item = RawLine<'_>> {
        self.head.raw_lines()
    }

    /// All Via values from the top; an unreadable one is an error in its place.
    pub fn vias(&self) -> impl Iterator<Item = Result<Via<'_>, Malformed>> {
        self.head.split(Name::Via).map(|value| Via::parse(value).ok_or(Malformed(Name::Via)))
    }

    /// The first Contact; `None` where there is none.
    pub fn contact(&self) -> Result<Option<NameAddr<'_>>, Malformed> {
        self.contacts().next().transpose()
    }

    pub fn contacts(&self) -> impl Iterator<Item = Result<NameAddr<'_>, Malformed>> {
        self.addresses(Name::Contact)
    }

    pub fn routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, Malformed>> {
        self.addresses(Name::Route)
    }

    /// In the order of the message: a callee takes them so, a caller reversed.
    pub fn record_routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, Malformed>> {
        self.addresses(Name::RecordRoute)
    }

    /// The values of any header that holds names and addresses, for instance
    /// P-Asserted-Identity or Diversion.
    pub fn addresses(&self, name: Name) -> impl Iterator<Item = Result<NameAddr<'_>, Malformed>> {
        self.head.split(name).map(move |value| NameAddr::parse_contact(value).ok_or(Malformed(name)))
    }

    /// `None` where it is missing; [`Message::parse`] has refused what is no number up to 255.
    pub fn max_forwards(&self) -> Option<u8> {
        text::decimal(self.head.first(Name::MaxForwards)?)?.try_into().ok()
    }

    /// Seconds; a number too large counts as the largest, and what is no
    /// number as missing (RFC 3261 §20.19).
    pub fn expires(&self) -> Option<u32> {
        let value = self.head.first(Name::Expires)?;
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        is_number.then(|| text::decimal(value).and_then(|n| n.try_into().ok()).unwrap_or(u32::MAX))
    }

    pub fn content_type(&self) -> Option<Cow<'_, [u8]>> {
        self.header(Name::ContentType)
    }

    /// All header lines but the `owned` ones and Content-Length, byte for
    /// byte, folds included, each ended by CRLF.
    pub fn passed_headers(&self, owned: &[Name]) -> Bytes {
        let mut passed = Vec::with_capacity(self.head.len);
        for line in self.raw_lines() {
            if line.name != Name::ContentLength && !owned.contains(&line.name) {
                passed.extend_from_slice(line.line);
                passed.extend_from_slice(b"\r\n");
            }
        }
        passed.into()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.raw_lines().count();
        let body = self.body.1 - self.body.0;
        match self.start {
            Start::Request { .. } => write!(f, "{}", self.cseq.method)?,
            Start::Response { status, .. } => write!(f, "{status} to {}", self.cseq.method)?,
        }
        write!(f, ", {lines} header lines, {body} bytes of body")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: &[u8] = b"SIP/2.0 486 Occup\xe9\r\n\
        v: SIP/2.0/UDP a;branch=1, SIP/2.0/X-NEW b:1\r\nVIA : SIP/2.0/TCP c\r\n\
        f: \"L\xe9a, \\\"La\\\" \" <tel:+33199001234>\r\nt: sip:+33199005678@h;tag=2\r\n\
        m: \"a, b\" <sip:a,b@h>, <sip:c@h>\r\nContact: *\r\n\
        Record-Route: <sip:p2;lr>, <sip:p1;lr>\r\nRecord-Route: <sip:p0;lr>\r\n\
        Expires: 99999999999\r\nWWW-Authenticate: Digest a=\"1\", b=2\r\nWWW-Authenticate: Digest c=3\r\n\
        x-latin:  d\xe9j\xe0\r\n\t vu \r\ni: c\r\nCSeq: 1 INVITE\r\n\r\nbody";

    fn response() -> Message {
        Message::parse(Bytes::from_static(RESPONSE)).unwrap()
    }

    #[test]
    fn values_come_in_order_over_lines_and_lists() {
        let message = response();
        let values = |name| message.values(name).map(Cow::into_owned).collect::<Vec<_>>();

        assert_eq!(
            values(Name::Via),
            [&b"SIP/2.0/UDP a;branch=1"[..], b"SIP/2.0/X-NEW b:1", b"SIP/2.0/TCP c"]
        );
        assert_eq!(values(Name::Contact), [&b"\"a, b\" <sip:a,b@h>"[..], b"<sip:c@h>", b"*"]);
        assert_eq!(values(Name::WwwAuthenticate), [&b"Digest a=\"1\", b=2"[..], b"Digest c=3"]);
        assert_eq!(message.vias().count(), 3);
        let routes: Vec<_> = message.record_routes().map(|route| route.unwrap().uri).collect();
        assert_eq!(routes, [b"sip:p2;lr", b"sip:p1;lr", b"sip:p0;lr"]);
    }

    #[test]
    fn typed_headers_take_what_old_equipment_sends() {
        let message = response();

        assert_eq!((message.status(), &message.reason()[..]), (486, &b"Occup\xe9"[..]));
        assert_eq!(message.top_via().branch(), Some(&b"1"[..]));
        assert_eq!(message.vias().nth(1).unwrap().unwrap().transport, Transport::Other(b"X-NEW"));
        assert_eq!(message.from().display_name(), &b"L\xe9a, \"La\" "[..]);
        assert_eq!(message.from().parse_uri().unwrap().scheme, Scheme::Tel);
        assert_eq!(message.from().tag(), None);
        assert_eq!(message.to().parse_uri().unwrap().user, Some(&b"+33199005678"[..]));
        assert_eq!(message.expires(), Some(u32::MAX));
        assert_eq!(message.header_called("X-Latin").unwrap(), &b"d\xe9j\xe0 vu"[..]);
        assert_eq!(message.body(), &b"body"[..]);
    }

    #[test]
    fn what_is_not_owned_passes_byte_for_byte() {
        let owned =
            [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq, Name::Contact, Name::RecordRoute];

        assert_eq!(
            response().passed_headers(&owned),
            &b"Expires: 99999999999\r\nWWW-Authenticate: Digest a=\"1\", b=2\r\nWWW-Authenticate: Digest c=3\r\n\
               x-latin:  d\xe9j\xe0\r\n\t vu \r\n"[..]
        );
    }

    #[test]
    fn debug_shows_the_kind_and_size_and_nobody() {
        assert_eq!(format!("{:?}", response()), "486 to INVITE, 14 header lines, 4 bytes of body");
    }
}
