//! Packets of any source, order, time and content, as one side of a call: as
//! many samples come out as time has passed, and no decoder is harmed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence::media::codec::{Codec, RATE};
use whence::media::rtp::packet::{Packet, payload};
use whence::media::track::{PATIENCE_MS, Track};

const CODECS: [Codec; 4] = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];

fuzz_target!(|data: &[u8]| {
    let (mut rest, mut now_ms, mut count) = (data, 0_i64, 0);
    let mut track = Track::default();
    // Its codec, how much later than the one before, its length, and the packet.
    while let [codec, later, length, more @ ..] = rest {
        let (packet, after) = more.split_at(usize::from(*length).min(more.len()));
        now_ms += i64::from(*later);
        if let (Packet::Rtp(header), Some(payload)) = (Packet::read(packet), payload(packet)) {
            track.packet(header, CODECS[usize::from(codec % 4)], payload, now_ms);
        }
        count += track.play(now_ms - PATIENCE_MS).len();
        rest = after;
    }
    assert_eq!(count as i64, (now_ms - PATIENCE_MS).max(0) * i64::from(RATE / 1_000));
});
