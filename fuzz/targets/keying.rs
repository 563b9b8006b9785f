//! A description with keys, of anybody: what is left for a plain side can be
//! read, has no key, and is plain where it could be opened.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence::media::sdp::{Description, bare};

fuzz_target!(|data: &[u8]| {
    let Ok(read) = Description::read(data) else { return };
    let plain = bare(data, &read.streams, [198, 51, 100, 7].into());
    let again = Description::read(&plain).expect("it is one still");
    assert_eq!(read.streams.len(), again.streams.len());
    for (old, new) in read.streams.iter().zip(&again.streams) {
        assert_eq!(old.kind, new.kind);
        assert!(new.keying.is_none() && new.mid.is_none());
        assert!(old.keying.is_none() || new.proto == "RTP/AVP");
        assert!(!new.is_live || old.is_live);
    }
});
