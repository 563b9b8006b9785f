//! A stream gives the same messages however it is cut: the first byte says how.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence::sip::message::{Frame, Framer};

fn frames<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Frame>, bool) {
    let (mut framer, mut frames) = (Framer::new(), Vec::new());
    for piece in pieces {
        framer.push(piece);
        loop {
            match framer.next() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return (frames, true),
            }
        }
    }
    (frames, false)
}

fuzz_target!(|data: &[u8]| {
    let Some((size, stream)) = data.split_first() else { return };
    let cut = frames(stream.chunks(usize::from(*size).max(1)));
    let whole = frames([stream].into_iter());
    assert_eq!(format!("{cut:?}"), format!("{whole:?}"));
});
