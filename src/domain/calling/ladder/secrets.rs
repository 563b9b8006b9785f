//! What a kept message must not hold: passwords (their digests can be guessed
//! at leisure) and the keys of media.
//!
//! A body keeps its length, so that Content-Length still tells the truth.

use std::borrow::Cow;

/// Headers that prove who somebody is.
const HEADERS: &[&[u8]] = &[b"authorization", b"proxy-authorization", b"authentication-info"];
/// Lines of a session description, and the word in them after which a key stands.
const LINES: &[(&[u8], &[u8])] = &[(b"a=crypto:", b"inline:"), (b"a=ice-pwd:", b":"), (b"k=", b":")];
const GONE: &[u8] = b" (not kept)";

/// The message without its secrets; most have none and are not copied.
pub fn without_secrets(message: &[u8]) -> Cow<'_, [u8]> {
    let mut kept: Option<Vec<u8>> = None;
    let (mut in_body, mut in_secret, mut start) = (false, false, 0);
    while start < message.len() {
        let end = memchr::memchr(b'\n', &message[start..]).map_or(message.len(), |at| start + at + 1);
        let line = &message[start..end];
        let change = if in_body { masked_line(line) } else { masked_header(line, &mut in_secret) };
        // As a reader of SIP has it: a line of white space alone is a fold, and ends no head.
        in_body |= matches!(line, b"\r\n" | b"\n");
        match (change, kept.as_mut()) {
            (Some(change), Some(kept)) => kept.extend_from_slice(&change),
            (Some(change), None) => kept = Some([&message[..start], &change].concat()),
            (None, Some(kept)) => kept.extend_from_slice(line),
            (None, None) => {}
        }
        start = end;
    }
    kept.map_or(Cow::Borrowed(message), Cow::Owned)
}

/// What stands instead of a header line, if it must not stand.
fn masked_header(line: &[u8], in_secret: &mut bool) -> Option<Vec<u8>> {
    // A folded line belongs to the one above.
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return in_secret.then(Vec::new);
    }
    *in_secret = false;
    // Names are short and few begin like this: most lines are done here.
    if !matches!(line.first(), Some(b'A' | b'a' | b'P' | b'p')) {
        return None;
    }
    let colon = memchr::memchr(b':', line)?;
    let name = line[..colon].trim_ascii_end();
    *in_secret = HEADERS.iter().any(|secret| name.eq_ignore_ascii_case(secret));
    in_secret.then(|| [&line[..=colon], GONE, b"\r\n"].concat())
}

fn masked_line(line: &[u8]) -> Option<Vec<u8>> {
    let (_, word) = LINES.iter().find(|(start, _)| line.starts_with(start))?;
    let key = line.windows(word.len()).position(|window| window == *word)? + word.len();
    let mut masked = line.to_vec();
    masked[key..].iter_mut().filter(|b| !b.is_ascii_whitespace()).for_each(|b| *b = b'x');
    Some(masked)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_proof_of_identity_and_no_key_is_kept() {
        let told = b"INVITE sip:a@b SIP/2.0\r\nAuthorization: Digest username=\"a\",\r\n response=\"5ecre7\"\r\n\
            proxy-AUTHORIZATION : Basic 5ecre7\r\nAllow: INVITE\r\nContent-Length: 9\r\n\r\nv=0\r\n\
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:5ecre7|2^20\r\na=ice-pwd:5ecre7\r\na=sendrecv\r\nk=clear:5ecre7";

        let kept = without_secrets(told);

        let text = std::str::from_utf8(&kept).unwrap();
        assert!(!text.contains("5ecre7"), "{text}");
        assert!(
            text.contains("Authorization: (not kept)\r\nproxy-AUTHORIZATION : (not kept)\r\nAllow: INVITE"),
            "{text}"
        );
        let body =
            |message: &[u8]| message.len() - message.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        assert_eq!(body(&kept), body(told), "Content-Length still tells the truth");
        assert!(text.contains("inline:xxxxxxxxxxx\r\na=ice-pwd:xxxxxx\r\na=sendrecv\r\n"), "{text}");
    }

    #[test]
    fn a_fold_of_nothing_ends_no_head() {
        let told = b"BYE sip:a SIP/2.0\r\nAuthorization: a\r\n \r\nProxy-Authorization: 5ecre7\r\n\r\nbody";

        let kept = without_secrets(told);

        let masked =
            b"BYE sip:a SIP/2.0\r\nAuthorization: (not kept)\r\nProxy-Authorization: (not kept)\r\n\r\nbody";
        assert_eq!(kept.as_ref(), masked);
    }

    proptest! {
        #[test]
        fn what_holds_no_secret_stays_as_it_is(text in "([B-OQ-Zb-oq-z][a-z]{0,8}: ?[ -~]{0,20}\r\n){0,9}\r\n[ -`]{0,80}") {
            prop_assert_eq!(&*without_secrets(text.as_bytes()), text.as_bytes());
        }

        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>) {
            let once = without_secrets(&bytes).into_owned();
            let twice = without_secrets(&once).into_owned();
            prop_assert_eq!(twice, once);
        }
    }
}
