//! What is kept of a call: any message with its session description loses its
//! secrets once and keeps its length, and a ladder reads back as it was written.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use whence::domain::calling::ladder::Ladder;
use whence::domain::calling::ladder::reading::{about, first_line, header, said};
use whence::domain::calling::ladder::secrets::without_secrets;
use whence::domain::ids::CallId;

const CALL: CallId = CallId(uuid::Uuid::nil());

fuzz_target!(|data: &[u8]| {
    let kept = without_secrets(data).into_owned();
    assert_eq!(without_secrets(&kept), kept);
    assert_eq!(body(&kept).map(<[u8]>::len), body(data).map(<[u8]>::len));
    let _ = (first_line(data), said(data), about(data), header(data, "Reason"));

    let Ok(ladder) = Ladder::read(CALL, Bytes::copy_from_slice(data)) else { return };
    let _ = (ladder.why(), ladder.as_pcap(), ladder.as_text());
    let kept = Ladder::read(CALL, ladder.written()).expect("what was written");
    assert_eq!(Ladder::read(CALL, kept.written()), Ok(kept.clone()));
    assert_eq!(kept.rungs.len(), ladder.rungs.len());
});

/// What stands behind the first empty line.
fn body(message: &[u8]) -> Option<&[u8]> {
    let mut rest = message;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        if matches!(line, b"" | b"\r") {
            return Some(rest);
        }
    }
    None
}
