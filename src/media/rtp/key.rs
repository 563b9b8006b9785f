//! Keys that are pressed in a talk: as events among the packets of its sound (RFC 4733),
//! or as an INFO beside it.

use crate::domain::calling::key::Key;

/// The key of an event's payload; `None`: an event that is no key.
pub fn of_event(payload: &[u8]) -> Option<Key> {
    let [event, _, _, _, ..] = payload else { return None };
    b"0123456789*#ABCD".get(usize::from(*event)).copied().and_then(Key::new)
}

/// The key of an INFO: `application/dtmf-relay` says `Signal=5` among its lines,
/// `application/dtmf` the key alone.
pub fn of_info(content_type: &[u8], body: &[u8]) -> Option<Key> {
    let kind = content_type.split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
    let said = if kind.eq_ignore_ascii_case(b"application/dtmf-relay") {
        let mut lines = body.split(|b| *b == b'\n').filter_map(|line| {
            let at = line.iter().position(|b| *b == b'=')?;
            Some((line[..at].trim_ascii(), line[at + 1..].trim_ascii()))
        });
        lines.find(|(name, _)| name.eq_ignore_ascii_case(b"signal"))?.1
    } else if kind.eq_ignore_ascii_case(b"application/dtmf") {
        body.trim_ascii()
    } else {
        return None;
    };
    match said {
        b"10" => Key::new(b'*'),
        b"11" => Key::new(b'#'),
        [key] => Key::new(*key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_names_its_key() {
        for (event, key) in [(0, Some(b'0')), (9, Some(b'9')), (10, Some(b'*')), (11, Some(b'#')), (16, None)]
        {
            assert_eq!(of_event(&[event, 0x80, 0, 160]), key.and_then(Key::new), "{event}");
        }
        assert_eq!(of_event(&[1, 0, 0]), None);
    }

    #[test]
    fn an_info_names_its_key() {
        for (kind, body, key) in [
            ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", Some(b'5')),
            ("Application/DTMF-Relay ; x=1", "Duration= 160\nsignal = *", Some(b'*')),
            ("application/dtmf-relay", "Signal=11\r\n", Some(b'#')),
            ("application/dtmf", "3\r\n", Some(b'3')),
            ("application/dtmf", "33", None),
            ("application/media_control+xml", "<media_control/>", None),
        ] {
            assert_eq!(of_info(kind.as_bytes(), body.as_bytes()), key.and_then(Key::new), "{kind} {body}");
        }
    }
}
