//! The little of a SIP message that a ladder shows: its first line and a few
//! headers. Nothing is decided by it, so it reads kindly and never fails.

use std::borrow::Cow;

/// What a first line says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said<'a> {
    Request { method: Cow<'a, str>, uri: Cow<'a, str> },
    Response { status: u16, reason: Cow<'a, str> },
}

/// The first line as it stands.
pub fn first_line(message: &[u8]) -> Cow<'_, str> {
    let end = message.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(message.len());
    String::from_utf8_lossy(&message[..end])
}

pub fn said(message: &[u8]) -> Said<'_> {
    let end = message.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(message.len());
    let mut words = message[..end].splitn(3, |b| *b == b' ');
    let mut word = || words.next().unwrap_or_default();
    let (first, second, third) = (word(), word(), word());
    if first.eq_ignore_ascii_case(b"SIP/2.0") {
        let status = std::str::from_utf8(second).ok().and_then(|code| code.parse().ok()).unwrap_or(0);
        Said::Response { status, reason: String::from_utf8_lossy(third) }
    } else {
        Said::Request { method: String::from_utf8_lossy(first), uri: String::from_utf8_lossy(second) }
    }
}

/// The first value of a header, by its name; it has no compact form.
pub fn header<'a>(message: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    for line in message.split(|b| *b == b'\n').skip(1) {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return None;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        if line[..colon].trim_ascii().eq_ignore_ascii_case(name.as_bytes()) {
            return Some(String::from_utf8_lossy(line[colon + 1..].trim_ascii()));
        }
    }
    None
}

/// The method that a message is about: its own, or that of the request it answers.
pub fn about(message: &[u8]) -> String {
    let cseq = header(message, "CSeq").unwrap_or_default();
    cseq.split_ascii_whitespace().nth(1).unwrap_or_default().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_known_by_its_first_line_and_its_cseq() {
        let ok =
            b"SIP/2.0 486 Occup\xe9\r\nVia: x\r\ncseq : 7 INVITE\r\nWarning: 399 h \"no\"\r\n\r\nCSeq: 1 BYE";

        assert_eq!(said(ok), Said::Response { status: 486, reason: "Occup\u{fffd}".into() });
        assert_eq!(about(ok), "INVITE");
        assert_eq!(header(ok, "warning").as_deref(), Some("399 h \"no\""));
        assert_eq!(header(ok, "Reason"), None);
        let bye = b"BYE sip:a@b SIP/2.0\r\n\r\n";
        assert_eq!(said(bye), Said::Request { method: "BYE".into(), uri: "sip:a@b".into() });
        assert_eq!(first_line(bye), "BYE sip:a@b SIP/2.0");
        assert_eq!(about(b""), "");
    }
}
