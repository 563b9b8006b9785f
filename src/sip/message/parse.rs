//! From received bytes to a [`Message`], or to what can still be done with them.
//!
//! A message that passes here can be matched to its transaction and dialog:
//! Via, From, To, Call-ID and CSeq are there and readable, and the body is as
//! long as was told. Everything else is looked at by whoever needs it.

use bytes::Bytes;

use super::head::Head;
use super::headers::{CSeq, NameAddr};
use super::method::Method;
use super::name::Name;
use super::text::{decimal, holds_space_or_brackets, trim_end};
use super::{Message, Refusal, Span, Start};

/// What a caller can do about bytes that are no good message.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// Drop it: keep-alive, another protocol, a bad response or a bad ACK,
    /// which nobody may answer. The word says which, for a counter.
    #[error("ignored: {0}")]
    Ignore(&'static str),
    /// A bad request whose sender can be told.
    #[error("refused: {} {}", .0.status, .0.reason)]
    Answerable(Box<Refusal>),
}

impl Message {
    /// Reads one datagram, or one message that [`Framer`](super::Framer) cut out of a stream.
    ///
    /// The body is as long as Content-Length says; what follows it is cut off.
    /// Without one it is the rest of the datagram (RFC 3261 §18.3).
    pub fn parse(bytes: Bytes) -> Result<Message, ParseError> {
        let bytes = skip_blank(bytes)?;
        let (head, fault) = Head::index(bytes);
        let start = read_start(&head)?;
        let is_response = matches!(start, StartLine::Response { .. });
        let checked = match (fault, start) {
            (Some(fault), _) => Err((400, fault.reason())),
            (None, StartLine::Bad(status, reason)) => Err((status, reason)),
            (None, StartLine::Request { method, uri }) => {
                check(&head, Some(&method)).map(|(cseq, body)| (Start::Request { uri }, cseq, body))
            }
            (None, StartLine::Response { status, reason }) => {
                check(&head, None).map(|(cseq, body)| (Start::Response { status, reason }, cseq, body))
            }
        };
        match checked {
            Ok((start, cseq, body)) => Ok(Message { head, start, cseq, body }),
            Err((_, reason)) if is_response => Err(ParseError::Ignore(reason)),
            Err((_, reason)) if is_ack(&head) => Err(ParseError::Ignore(reason)),
            Err(_) if head.first(Name::Via).is_none() => Err(ParseError::Ignore("no Via to answer by")),
            Err((status, reason)) => Err(ParseError::Answerable(Box::new(Refusal { status, reason, head }))),
        }
    }
}

/// RFC 3261 §20.22.
const HOPS_MAX: u64 = 255;

/// A status and its phrase.
type Fault = (u16, &'static str);

enum StartLine {
    Request { method: Method, uri: Span },
    Response { status: u16, reason: Span },
    Bad(u16, &'static str),
}

/// Empty lines before the start line are passed over (RFC 3261 §7.5). What
/// then opens with no letter of a start line is a STUN packet or worse.
fn skip_blank(mut bytes: Bytes) -> Result<Bytes, ParseError> {
    let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let first = bytes.get(blank).ok_or(ParseError::Ignore("keep-alive"))?;
    if !super::text::is_token_byte(*first) {
        return Err(ParseError::Ignore("not SIP"));
    }
    if blank > 0 {
        bytes = bytes.slice(blank..);
    }
    Ok(bytes)
}

fn read_start(head: &Head) -> Result<StartLine, ParseError> {
    let line = head.start_line();
    if line.get(..4).is_some_and(|opening| opening.eq_ignore_ascii_case(b"SIP/")) {
        return read_status_line(line).ok_or(ParseError::Ignore("malformed status line"));
    }
    let trimmed = trim_end(line);
    let version = trimmed.iter().rposition(|&b| b == b' ').map(|at| &trimmed[at + 1..]);
    let Some(version) = version.filter(|v| is_version(v)) else {
        return Err(ParseError::Ignore("not SIP"));
    };
    Ok(read_request_line(head, line, version)
        .unwrap_or_else(|(status, reason)| StartLine::Bad(status, reason)))
}

fn is_version(text: &[u8]) -> bool {
    text.len() > 4
        && text[..4].eq_ignore_ascii_case(b"SIP/")
        && text[4..].iter().all(|&b| b.is_ascii_digit() || b == b'.')
}

/// One space between the three parts and none around them: of a request line
/// with more, nobody can say where its URI ends.
fn read_request_line(head: &Head, line: &[u8], version: &[u8]) -> Result<StartLine, Fault> {
    const BAD: Fault = (400, "Malformed Request-Line");
    if &version[4..] != b"2.0" {
        return Err((505, "Version Not Supported"));
    }
    let uri_start = memchr::memchr(b' ', line).ok_or(BAD)? + 1;
    let uri_end = line.len().checked_sub(version.len() + 1).filter(|end| *end > uri_start).ok_or(BAD)?;
    if !line.ends_with(version) {
        return Err(BAD);
    }
    let method = Method::slice(&head.bytes, &line[..uri_start - 1]).ok_or(BAD)?;
    let uri = &line[uri_start..uri_end];
    if holds_space_or_brackets(uri) || super::uri::scheme_len(uri).is_none() {
        return Err((400, "Malformed Request-URI"));
    }
    Ok(StartLine::Request { method, uri: (uri_start as u32, uri_end as u32) })
}

/// `SIP/2.0 180 Ringing`; the phrase may be empty, and its space forgotten.
fn read_status_line(line: &[u8]) -> Option<StartLine> {
    let rest = line[4..].strip_prefix(b"2.0 ")?;
    let (digits, phrase) = rest.split_at_checked(3)?;
    let status = decimal(digits).filter(|status| (100..700).contains(status))?;
    let reason_start = match phrase {
        [] => line.len(),
        [b' ', ..] => line.len() - phrase.len() + 1,
        _ => return None,
    };
    Some(StartLine::Response { status: status as u16, reason: (reason_start as u32, line.len() as u32) })
}

fn is_ack(head: &Head) -> bool {
    head.start_line().starts_with(b"ACK ")
}

/// The lines that every message needs, found in one pass.
#[derive(Default)]
struct Needed<'a> {
    from: Option<&'a [u8]>,
    to: Option<&'a [u8]>,
    call_id: Option<&'a [u8]>,
    cseq: Option<&'a [u8]>,
    max_forwards: Option<&'a [u8]>,
    /// One of them stands twice, and nobody can say which one counts.
    repeated: bool,
}

impl<'a> Needed<'a> {
    fn in_head(head: &'a Head) -> Self {
        let mut needed = Needed::default();
        for line in &head.lines {
            let place = match line.name {
                Name::From => &mut needed.from,
                Name::To => &mut needed.to,
                Name::CallId => &mut needed.call_id,
                Name::CSeq => &mut needed.cseq,
                Name::MaxForwards => &mut needed.max_forwards,
                _ => continue,
            };
            needed.repeated |= place.replace(head.value(line)).is_some();
        }
        needed
    }
}

/// What makes a message usable at all; gives back its CSeq, which must name
/// the `asked` method of a request, and where its body lies.
///
/// A missing Max-Forwards is let pass: RFC 2543 did not have it.
fn check(head: &Head, asked: Option<&Method>) -> Result<(CSeq, Span), Fault> {
    let needed = Needed::in_head(head);
    if needed.repeated {
        return Err((400, "Repeated Header"));
    }
    head.top_via().map_err(|_| (400, "Malformed Via"))?;
    needed.call_id.filter(|id| !id.is_empty()).ok_or((400, "Missing Call-ID"))?;
    let from = needed.from.ok_or((400, "Missing From"))?;
    NameAddr::parse(from).ok_or((400, "Malformed From"))?;
    let to = needed.to.ok_or((400, "Missing To"))?;
    NameAddr::parse(to).ok_or((400, "Malformed To"))?;
    let cseq = needed.cseq.ok_or((400, "Missing CSeq"))?;
    let cseq = CSeq::parse(&head.bytes, cseq).ok_or((400, "Malformed CSeq"))?;
    if asked.is_some_and(|method| *method != cseq.method) {
        return Err((400, "CSeq Names Another Method"));
    }
    if needed.max_forwards.is_some_and(|hops| decimal(hops).is_none_or(|n| n > HOPS_MAX)) {
        return Err((400, "Malformed Max-Forwards"));
    }
    let present = head.bytes.len() - head.len;
    let told = head.content_length().map_err(|_| (400, "Malformed Content-Length"))?;
    let length = told.unwrap_or(present);
    if length > present {
        return Err((400, "Body Shorter Than Content-Length"));
    }
    Ok((cseq, (head.len as u32, (head.len + length) as u32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: &str = "Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\n\
        Call-ID: c\r\nCSeq: 1 INVITE\r\n";

    fn with(start: &str, more: &str) -> Result<Message, ParseError> {
        Message::parse(format!("{start}\r\n{HEADERS}{more}").into())
    }

    fn refused(result: Result<Message, ParseError>) -> (u16, &'static str) {
        match result {
            Err(ParseError::Answerable(refusal)) => (refusal.status, refusal.reason),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_not_sip_is_ignored() {
        for packet in [
            &b""[..],
            b"\r\n",
            b"\r\n\r\n",
            b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl",
            b"\x80\0\0\x01",
            b"\x16\x03\x01\x02\0",
            b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
            b"INVITE sip:a@h\r\n\r\n",
            b"SIP/2.0\r\n\r\n",
            b"hello",
        ] {
            let result = Message::parse(Bytes::copy_from_slice(packet));
            assert!(matches!(result, Err(ParseError::Ignore(_))), "{packet:?}: {result:?}");
        }
    }

    #[test]
    fn the_body_is_what_content_length_says_or_the_rest() {
        for (more, body) in [
            ("\r\nv=0", &b"v=0"[..]),
            ("\r\n\0", b"\0"),
            ("Content-Length: 3\r\n\r\nv=0", b"v=0"),
            ("l : 003\r\n\r\nv=0\r\nINVITE", b"v=0"),
            ("l:\r\n 0\r\n\r\nv=0", b""),
            ("l: 3\r\nContent-Length: 3\r\n\r\nv=0", b"v=0"),
        ] {
            assert_eq!(with("INVITE sip:b@h SIP/2.0", more).unwrap().body(), body, "{more}");
        }
    }

    #[test]
    fn a_bad_request_is_refused_with_the_reason() {
        let start = "INVITE sip:b@h SIP/2.0";
        for (start, more, reason) in [
            (start, "", "Missing End Of Headers"),
            (start, "l: 1\r\n\r\n", "Body Shorter Than Content-Length"),
            (start, "l: 0\r\nl: 1\r\n\r\nx", "Malformed Content-Length"),
            (start, "l: +1\r\n\r\nx", "Malformed Content-Length"),
            (start, "To: <sip:c@h>\r\n\r\n", "Repeated Header"),
            (start, "Max-Forwards: 256\r\n\r\n", "Malformed Max-Forwards"),
            (start, "no colon\r\n\r\n", "Malformed Header Line"),
            (start, ": no name\r\n\r\n", "Malformed Header Line"),
            (start, "X: a\rVia: b\r\n\r\n", "Malformed Header Line"),
            ("INVITE tel SIP/2.0", "\r\n", "Malformed Request-URI"),
            ("INVITE sip:b h SIP/2.0", "\r\n", "Malformed Request-URI"),
            ("INVITE  SIP/2.0", "\r\n", "Malformed Request-Line"),
            ("INV<ITE sip:b@h SIP/2.0", "\r\n", "Malformed Request-Line"),
            ("BYE sip:b@h SIP/2.0", "\r\n", "CSeq Names Another Method"),
        ] {
            assert_eq!(refused(with(start, more)), (400, reason), "{start} {more}");
        }
    }

    #[test]
    fn each_missing_header_is_named() {
        for (line, reason) in [
            ("From: <sip:a@h>;tag=1\r\n", "Missing From"),
            ("To: <sip:b@h>\r\n", "Missing To"),
            ("Call-ID: c\r\n", "Missing Call-ID"),
            ("CSeq: 1 INVITE\r\n", "Missing CSeq"),
        ] {
            let text = format!("INVITE sip:b@h SIP/2.0\r\n{HEADERS}\r\n").replace(line, "");
            assert_eq!(refused(Message::parse(text.into())), (400, reason));
        }
    }

    #[test]
    fn nobody_is_told_about_a_bad_response_a_bad_ack_or_without_a_via() {
        for text in [
            format!("SIP/2.0 200 OK\r\n{HEADERS}l: 9\r\n\r\n"),
            format!("SIP/2.0 099 OK\r\n{HEADERS}\r\n"),
            format!("SIP/2.0 2000 OK\r\n{HEADERS}\r\n"),
            format!("ACK sip:b@h SIP/2.0\r\n{HEADERS}\r\n"),
            "INVITE sip:b@h SIP/2.0\r\nTo: <sip:b@h>\r\n\r\n".to_owned(),
        ] {
            assert!(matches!(Message::parse(text.clone().into()), Err(ParseError::Ignore(_))), "{text}");
        }
    }

    #[test]
    fn a_response_may_have_any_reason_or_none() {
        for (line, reason) in [
            ("SIP/2.0 180 Ringing", &b"Ringing"[..]),
            ("SIP/2.0 180 ", b""),
            ("sip/2.0 180", b""),
            ("SIP/2.0 180   two  spaces ", b"  two  spaces "),
        ] {
            let response = with(line, "\r\n").unwrap();
            assert_eq!((response.status(), &response.reason()[..]), (180, reason), "{line}");
            assert_eq!(*response.method(), Method::Invite);
        }
    }

    #[test]
    fn limits_hold() {
        let many = "X:\r\n".repeat(super::super::LINES_MAX);
        assert_eq!(refused(with("INVITE sip:b@h SIP/2.0", &(many + "\r\n"))).1, "Too Many Header Lines");
        let long = format!("X: {}\r\n\r\n", "x".repeat(super::super::HEAD_MAX));
        assert_eq!(refused(with("INVITE sip:b@h SIP/2.0", &long)).1, "Headers Too Long");
    }
}
