//! Reports: whatever comes, reading ends, and says no more than there are words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence::media::rtp::packet::Packet;
use whence::media::rtp::rtcp;

fuzz_target!(|data: &[u8]| {
    let _ = Packet::read(data);
    assert!(rtcp::read(data).count() <= data.len() / 4);
});
