//! Writes messages: our own lines, lines passed on as they came, a body.
//!
//! Whatever a value holds, it stays inside its line: line breaks and NUL become
//! spaces, so a name from a form or a database cannot add a header. Lines
//! passed on keep their bytes, folds included, but cannot end the head.

use std::io::Write;
use std::net::SocketAddr;

use bytes::Bytes;

use super::head::{Head, RawLine, label};
use super::headers::{NameAddr, Rport, Split, Via};
use super::method::Method;
use super::name::Name;
use super::text::{is_token_byte, trim};
use super::{Host, Message};
use crate::sip::status;

/// Room for a usual INVITE without growing.
const USUAL: usize = 1024;

/// A message in the making. Content-Length is always written, and only here.
#[must_use = "a message is written by `finish` or `body`"]
pub struct Builder(Vec<u8>);

impl Builder {
    pub fn request(method: &Method, uri: impl AsRef<[u8]>) -> Self {
        let mut this = Self(Vec::with_capacity(USUAL));
        this.0.extend_from_slice(method.as_bytes());
        this.0.push(b' ');
        // A space in a Request-URI would end it.
        this.0.extend(uri.as_ref().iter().filter(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | 0)));
        this.0.extend_from_slice(b" SIP/2.0\r\n");
        this
    }

    /// An empty reason stands for the registered one.
    pub fn response(status: u16, reason: impl AsRef<[u8]>) -> Self {
        let mut this = Self(Vec::with_capacity(USUAL));
        this.put(format_args!("SIP/2.0 {status:03} "));
        match reason.as_ref() {
            [] => this.put_text(status::reason(status).as_bytes()),
            reason => this.put_text(reason),
        }
        this.0.extend_from_slice(b"\r\n");
        this
    }

    /// The response to a request: its Via lines in order and byte for byte,
    /// From, To, Call-ID and CSeq. `to_tag` is added unless To has a tag.
    ///
    /// The top Via gets `received` where its sent-by is not the `source`
    /// address (RFC 3261 §18.2.1), and both `received` and the port where
    /// `rport` was asked for (RFC 3581 §4).
    pub fn reply(
        request: &Message,
        source: SocketAddr,
        status: u16,
        reason: impl AsRef<[u8]>,
        to_tag: Option<&[u8]>,
    ) -> Self {
        Self::response(status, reason).echo(&request.head, source, to_tag)
    }

    /// Copies the request's Record-Route lines: for responses that make a dialog.
    pub fn record_routes_of(mut self, request: &Message) -> Self {
        for line in request.head.lines_of(Name::RecordRoute) {
            self.put_line(line.line);
        }
        self
    }

    /// One header line. Content-Length is the builder's own and is not taken.
    pub fn line(self, name: Name, value: impl AsRef<[u8]>) -> Self {
        debug_assert!(name != Name::Other, "an unknown name is given by `line_called`");
        match name {
            Name::ContentLength | Name::Other => self,
            name => self.line_called(name.as_str(), value),
        }
    }

    /// Several header lines.
    pub fn lines(self, lines: &[(Name, String)]) -> Self {
        lines.iter().fold(self, |message, (name, value)| message.line(*name, value))
    }

    /// One header line whose name the table does not know.
    pub fn line_called(mut self, label: &str, value: impl AsRef<[u8]>) -> Self {
        self.0.extend(label.bytes().filter(|&b| is_token_byte(b)));
        self.0.extend_from_slice(b": ");
        self.put_text(value.as_ref());
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// Whole header lines, as [`Message::passed_headers`] gives them. What is
    /// no header line is left out, and so is a Content-Length.
    pub fn raw(mut self, lines: impl AsRef<[u8]>) -> Self {
        let mut is_kept = false;
        for line in lines.as_ref().split(|&b| b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match line {
                // A fold of white space alone would end the head for a reader
                // that trims first.
                [b' ' | b'\t', ..] => is_kept = is_kept && !trim(line).is_empty(),
                _ => is_kept = label(line).is_some_and(|label| Name::of(label) != Name::ContentLength),
            }
            if is_kept {
                self.put_line(line);
            }
        }
        self
    }

    /// Ends the message without a body.
    pub fn finish(self) -> Bytes {
        self.body(b"")
    }

    /// Ends the message with this body; its Content-Type is a line like any other.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Bytes {
        let body = body.as_ref();
        self.put(format_args!("Content-Length: {}\r\n\r\n", body.len()));
        self.0.extend_from_slice(body);
        // A copy that fits: a call's ladder keeps the message for as long as the call lasts.
        Bytes::copy_from_slice(&self.0)
    }

    pub(super) fn echo(mut self, head: &Head, source: SocketAddr, to_tag: Option<&[u8]>) -> Self {
        let mut is_top = true;
        for line in head.lines_of(Name::Via) {
            let top = Split::new(line.value, true).next().filter(|_| is_top).and_then(Via::parse);
            match top {
                Some(top) => self.put_top_via(&line, &top, source),
                None => self.put_line(line.line),
            }
            is_top = false;
        }
        for line in head.lines_of(Name::From).take(1) {
            self.put_line(line.line);
        }
        for line in head.lines_of(Name::To).take(1) {
            let wants_tag = NameAddr::parse(line.value).is_some_and(|to| to.tag().is_none());
            match to_tag.filter(|_| wants_tag) {
                Some(tag) => {
                    self.put_text_keeping_folds(line.line);
                    self.0.extend_from_slice(b";tag=");
                    self.put_text(tag);
                    self.0.extend_from_slice(b"\r\n");
                }
                None => self.put_line(line.line),
            }
        }
        for name in [Name::CallId, Name::CSeq] {
            for line in head.lines_of(name).take(1) {
                self.put_line(line.line);
            }
        }
        self
    }

    /// Writes the line of the top Via with what its receiver adds. A
    /// `received` or a filled `rport` that the sender wrote itself is not
    /// believed.
    fn put_top_via(&mut self, line: &RawLine<'_>, top: &Via<'_>, source: SocketAddr) {
        let ip = source.ip().to_canonical();
        let asked = top.rport() != Rport::Absent;
        let is_elsewhere = top.host != Host::Ip(ip);
        if !asked && !is_elsewhere && !top.params.has("received") {
            return self.put_line(line.line);
        }
        self.0.extend_from_slice(b"Via: ");
        let params = top.params.raw();
        let before = top.raw.len() - params.len();
        self.put_text_keeping_folds(&top.raw[..before]);
        for (name, value) in top.params.iter() {
            if name.eq_ignore_ascii_case(b"received") || name.eq_ignore_ascii_case(b"rport") {
                continue;
            }
            self.0.push(b';');
            // As they stood, a NUL included: its sender knows itself by them.
            self.put_text_keeping_folds(name);
            if let Some(value) = value {
                self.0.push(b'=');
                self.put_text_keeping_folds(value);
            }
        }
        if asked || is_elsewhere {
            self.put(format_args!(";received={ip}"));
        }
        if asked {
            self.put(format_args!(";rport={}", source.port()));
        }
        let top_end = top.raw.as_ptr() as usize - line.value.as_ptr() as usize + top.raw.len();
        self.put_text_keeping_folds(&line.value[top_end..]);
        self.0.extend_from_slice(b"\r\n");
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        self.0.write_fmt(text).expect("writing to memory does not fail");
    }

    fn put_line(&mut self, line: &[u8]) {
        self.put_text_keeping_folds(line);
        self.0.extend_from_slice(b"\r\n");
    }

    /// A value of ours: everything that could end its line becomes a space.
    fn put_text(&mut self, text: &[u8]) {
        self.0.extend(text.iter().map(|&b| if matches!(b, b'\r' | b'\n' | 0) { b' ' } else { b }));
    }

    /// A received line: its folds stay, any other line break becomes a space.
    fn put_text_keeping_folds(&mut self, line: &[u8]) {
        if memchr::memchr2(b'\r', b'\n', line).is_none() {
            return self.0.extend_from_slice(line);
        }
        let mut at = 0;
        while let Some(&byte) = line.get(at) {
            match (byte, &line[at + 1..]) {
                (b'\r', [b'\n', b' ' | b'\t', ..]) => {
                    self.0.extend_from_slice(b"\r\n");
                    at += 2;
                }
                (b'\r' | b'\n', _) => {
                    self.0.push(b' ');
                    at += 1;
                }
                _ => {
                    self.0.push(byte);
                    at += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "192.0.2.9:4711";

    fn invite(vias: &str, to: &str) -> Message {
        let text = format!(
            "INVITE sip:b@h SIP/2.0\r\n{vias}\r\nf: Andr\u{e9} <sip:a@h>;tag=1\r\nt: {to}\r\nRecord-Route: \
             <sip:p2;lr>,\r\n <sip:p1;lr>\r\nRecord-Route: <sip:p0;lr>\r\ni: c\r\nCSeq:  7  INVITE\r\n\r\n"
        );
        Message::parse(text.into()).unwrap()
    }

    fn reply(request: &Message) -> Builder {
        Builder::reply(request, SOURCE.parse().unwrap(), 180, "", Some(b"t2"))
    }

    fn text(bytes: Bytes) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn a_request_is_its_lines_in_order_its_length_and_its_body() {
        let request = Builder::request(&Method::Invite, "sip:b@h;user=phone")
            .line(Name::MaxForwards, "70")
            .line_called("X-Campaign", "été")
            .raw("Subject: a\r\n b\r\n")
            .line(Name::ContentType, "application/sdp")
            .body("v=0\r\n");

        assert_eq!(
            text(request),
            "INVITE sip:b@h;user=phone SIP/2.0\r\nMax-Forwards: 70\r\nX-Campaign: été\r\nSubject: a\r\n b\r\n\
             Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"
        );
    }

    #[test]
    fn a_response_has_the_registered_reason_unless_told_another() {
        assert!(Builder::response(486, "").finish().starts_with(b"SIP/2.0 486 Busy Here\r\n"));
        assert!(
            Builder::response(486, "Parti d\u{e9}jeuner")
                .finish()
                .starts_with("SIP/2.0 486 Parti dé".as_bytes())
        );
    }

    #[test]
    fn a_reply_echoes_what_a_response_must() {
        let request =
            invite("v: SIP/2.0/UDP 192.0.2.9;branch=x,  SIP/2.0/TCP q\r\nVia : SIP/2.0/UDP p", "<sip:b@h>");

        assert_eq!(
            text(reply(&request).record_routes_of(&request).finish()),
            "SIP/2.0 180 Ringing\r\nv: SIP/2.0/UDP 192.0.2.9;branch=x,  SIP/2.0/TCP q\r\nVia : SIP/2.0/UDP p\r\n\
             f: Andr\u{e9} <sip:a@h>;tag=1\r\nt: <sip:b@h>;tag=t2\r\ni: c\r\nCSeq:  7  INVITE\r\nRecord-Route: \
             <sip:p2;lr>,\r\n <sip:p1;lr>\r\nRecord-Route: <sip:p0;lr>\r\nContent-Length: 0\r\n\r\n"
        );
    }

    #[test]
    fn the_top_via_gets_what_its_sender_asked_for_and_needs() {
        for (via, written) in [
            // Sent from where it says: nothing to add.
            ("SIP/2.0/UDP 192.0.2.9:5070;branch=x", "SIP/2.0/UDP 192.0.2.9:5070;branch=x"),
            ("SIP/2.0/UDP h;branch=x", "SIP/2.0/UDP h;branch=x;received=192.0.2.9"),
            (
                "SIP/2.0/UDP 192.0.2.9;rport;branch=x",
                "SIP/2.0/UDP 192.0.2.9;branch=x;received=192.0.2.9;rport=4711",
            ),
            (
                "SIP/2.0/UDP 10.0.0.1;branch=x;rport",
                "SIP/2.0/UDP 10.0.0.1;branch=x;received=192.0.2.9;rport=4711",
            ),
            // What the sender filled in itself is not believed.
            ("SIP/2.0/UDP 192.0.2.9;received=198.51.100.1;branch=x", "SIP/2.0/UDP 192.0.2.9;branch=x"),
            ("SIP/2.0/UDP h;rport=1;x=\"a;b\"", "SIP/2.0/UDP h;x=\"a;b\";received=192.0.2.9;rport=4711"),
            (
                "SIP/2.0/UDP h;branch=x\0;y\0;rport",
                "SIP/2.0/UDP h;branch=x\0;y\0;received=192.0.2.9;rport=4711",
            ),
            ("SIP/2.0/UDP h , SIP/2.0/TCP q;rport", "SIP/2.0/UDP h;received=192.0.2.9 , SIP/2.0/TCP q;rport"),
        ] {
            let request = invite(&format!("Via: {via}"), "<sip:b@h>");
            let answer = text(reply(&request).finish());
            assert_eq!(answer.lines().nth(1), Some(&*format!("Via: {written}")), "{via}");
        }
    }

    #[test]
    fn an_address_of_both_families_is_written_as_the_one_it_is() {
        let request = invite("Via: SIP/2.0/UDP h;rport", "<sip:b@h>");
        let from_mapped = Builder::reply(&request, "[::ffff:192.0.2.9]:1".parse().unwrap(), 100, "", None);
        let from_v6 = Builder::reply(&request, "[2001:db8::1]:1".parse().unwrap(), 100, "", None);

        assert!(text(from_mapped.finish()).contains(";received=192.0.2.9;rport=1\r\n"));
        assert!(text(from_v6.finish()).contains(";received=2001:db8::1;rport=1\r\n"));
    }

    #[test]
    fn a_tag_is_added_to_a_to_that_has_none() {
        for (to, written) in [
            ("sip:b@h", "sip:b@h;tag=t2"),
            ("<sip:b@h;tag=uri>", "<sip:b@h;tag=uri>;tag=t2"),
            ("<sip:b@h>;tag=t1", "<sip:b@h>;tag=t1"),
        ] {
            let answer = text(reply(&invite("Via: SIP/2.0/UDP h", to)).finish());
            assert!(answer.contains(&format!("\r\nt: {written}\r\n")), "{answer}");
        }
    }

    #[test]
    fn no_value_leaves_its_line() {
        let evil = "a\r\nX-Evil: 1\n\rX-Evil: 2\r\n\r\nbody\0";
        let message = Builder::request(&Method::Invite, format!("sip:b@h{evil}"))
            .line(Name::Subject, evil)
            .line_called("X-Fine\r\nX-Evil", evil)
            .line(Name::ContentLength, "99")
            .raw("Content-Length: 99\r\n folded\r\nl: 98\r\n\r\nno colon\r\nX-Kept: 1\r\n \r\n\r\nX-Last: 2")
            .finish();
        let response = Builder::response(400, evil).finish();

        let lines = text(message);
        assert!(!lines.contains("\nX-Evil"), "{lines}");
        assert_eq!(lines.matches("Content-Length").count(), 1, "{lines}");
        assert_eq!(lines.find("\r\n\r\n"), Some(lines.len() - 4), "{lines}");
        assert!(lines.contains("\r\nX-Kept: 1\r\nX-Last: 2\r\n"), "{lines}");
        assert!(!lines.contains("folded") && !lines.contains("no colon"), "{lines}");
        assert_eq!(text(response).lines().count(), 3);
    }

    #[test]
    fn lines_passed_on_cannot_continue_a_line_of_ours() {
        let message = Builder::request(&Method::Bye, "sip:b@h").raw(" ;evil=1\r\nX: 1\r\n ok\r\n").finish();

        assert_eq!(text(message), "BYE sip:b@h SIP/2.0\r\nX: 1\r\n ok\r\nContent-Length: 0\r\n\r\n");
    }
}
