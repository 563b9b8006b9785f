//! A ladder as one value in the database: a line about each message, then the
//! message as it stands. A person with nothing but a database client can read it.

use bytes::Bytes;

use super::secrets::without_secrets;
use super::{Ladder, Rung, TRANSPORTS, Way};
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;

/// The value is no ladder, or one of a later version.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a ladder as this version writes them")]
pub struct Unreadable;

const HEAD: &str = "ladder 1";

impl Ladder {
    /// What is kept: everything but secrets.
    pub fn written(&self) -> Vec<u8> {
        let size: usize = self.rungs.iter().map(|rung| rung.message.len() + 80).sum();
        let mut text = Vec::with_capacity(size + 20);
        text.extend_from_slice(format!("{HEAD} {}\n", self.left_out).as_bytes());
        for rung in &self.rungs {
            let message = without_secrets(&rung.message);
            let Rung { at, leg, transport, local, remote, .. } = rung;
            let way = if rung.way == Way::In { '<' } else { '>' };
            let about =
                format!("{} {leg} {way} {transport} {local} {remote} {}\n", at.as_ms(), message.len());
            text.extend_from_slice(about.as_bytes());
            text.extend_from_slice(&message);
            text.push(b'\n');
        }
        text
    }

    pub fn read(call: CallId, written: impl Into<Bytes>) -> Result<Self, Unreadable> {
        let mut rest: Bytes = written.into();
        let head = line(&mut rest).ok_or(Unreadable)?;
        let left_out =
            head.strip_prefix(HEAD).and_then(|count| count.trim().parse().ok()).ok_or(Unreadable)?;
        let mut rungs = Vec::new();
        while !rest.is_empty() {
            rungs.push(rung(&mut rest).ok_or(Unreadable)?);
        }
        Ok(Self { call, rungs, left_out })
    }
}

fn rung(rest: &mut Bytes) -> Option<Rung> {
    let about = line(rest)?;
    let mut words = about.split(' ');
    let at = Timestamp::from_ms(words.next()?.parse().ok()?);
    let leg = words.next()?.parse().ok()?;
    let way = match words.next()? {
        "<" => Way::In,
        ">" => Way::Out,
        _ => return None,
    };
    let transport = words.next()?;
    let transport = TRANSPORTS.iter().find(|known| **known == transport)?;
    let (local, remote) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let length: usize = words.next()?.parse().ok()?;
    // The line's end after the message belongs to nobody.
    if rest.len() <= length {
        return None;
    }
    let message = rest.split_to(length);
    drop(rest.split_to(1));
    Some(Rung { at, leg, way, transport, local, remote, message })
}

/// Takes a line off the front.
fn line(rest: &mut Bytes) -> Option<String> {
    let end = memchr::memchr(b'\n', rest)?;
    let line = rest.split_to(end);
    drop(rest.split_to(1));
    String::from_utf8(line.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{ladder, rung as a_rung};
    use super::*;

    const CALL: CallId = CallId(uuid::Uuid::nil());

    #[test]
    fn a_ladder_reads_back_as_it_was_but_for_secrets() {
        let mut told = ladder(&[(1, 0, "> INVITE"), (2, 0, "< 100 Trying INVITE")]);
        told.rungs.push(a_rung(3, 1, Way::Out, "INVITE x SIP/2.0\r\nX: \n\nauthorization: a\r\n\r\nb\n"));
        told.rungs[2].remote = "[2001:db8::1]:5061".parse().unwrap();
        told.rungs[2].transport = "TLS";
        told.left_out = 3;

        let read = Ladder::read(CALL, told.written()).unwrap();

        assert_eq!(read, told);
        told.rungs[0].message = Bytes::from_static(b"BYE x SIP/2.0\r\nAuthorization: 5ecre7\r\n\r\n");
        let read = Ladder::read(CALL, told.written()).unwrap();
        assert_eq!(&read.rungs[0].message[..], b"BYE x SIP/2.0\r\nAuthorization: (not kept)\r\n\r\n");
    }

    #[test]
    fn what_is_no_ladder_is_told() {
        for text in ["", "ladder 2 0\n", "ladder 1 0\n1 0 < UDP", "ladder 1 0\n1 0 < UDP a:1 b:1 9\nabc\n"] {
            assert_eq!(Ladder::read(CALL, text), Err(Unreadable), "{text}");
        }
    }

    /// Bytes, some of which look like SIP.
    fn message() -> impl Strategy<Value = Vec<u8>> {
        const HEADS: &[&str] =
            &["", "INVITE sip:a SIP/2.0\r\nCSeq: 1 INVITE\r\n", "SIP/2.0 503 x\r\nReason: SIP;cause=1\r\n"];
        const LINES: &[&str] =
            &["Authorization: x\r\n y", "a=crypto:1 inline:", "CSeq: ", "\r\n\r\n", "Warning: 399 h \""];
        (proptest::sample::select(HEADS), proptest::sample::select(LINES), any::<Vec<u8>>())
            .prop_map(|(head, line, rest)| [head.as_bytes(), line.as_bytes(), &rest].concat())
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = Ladder::read(CALL, [b"ladder 1 0\n", &bytes[..]].concat());
        }

        /// Whatever was said, a ladder can be shown, and reads back once its secrets are gone.
        #[test]
        fn a_ladder_of_any_messages_is_told_in_every_form(
            said in proptest::collection::vec((any::<bool>(), 0_u8..3, message()), 0..6),
        ) {
            let mut told = ladder(&[]);
            for (n, (is_in, leg, message)) in said.into_iter().enumerate() {
                let way = if is_in { Way::In } else { Way::Out };
                told.rungs.push(Rung { message: message.into(), ..a_rung(n as i64, leg, way, "") });
            }
            let _ = (told.why(), told.as_text(), told.as_pcap());

            let kept = Ladder::read(CALL, told.written()).unwrap();

            prop_assert_eq!(kept.rungs.len(), told.rungs.len());
            prop_assert_eq!(Ladder::read(CALL, kept.written()), Ok(kept));
        }
    }
}
