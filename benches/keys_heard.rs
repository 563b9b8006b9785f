//! What it costs to look for keys among the sound of a leg: CPU of one thread for each packet of 20 ms.
//!
//! `cargo bench --bench keys_heard -- 50000`: packets of each codec, with noise in them.

mod meter;

use meter::Meter;
use whence::domain::dice::Dice;
use whence::media::codec::{Codec, Content, Encoder, FRAME};
use whence::media::ear::Ear;
use whence::media::rtp::packet::Header;

/// Packets that are encoded before, and heard again and again.
const KNOWN: usize = 500;

fn main() {
    let packets = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(50_000_u32);
    for codec in [Codec::Pcma, Codec::G722, Codec::Opus] {
        let (mut encoder, mut dice) = (Encoder::new(codec), Dice::new(1));
        let mut noise = || std::array::from_fn::<i16, FRAME, _>(|_| dice.below(8_000) as i16 - 4_000);
        let payloads: Vec<Vec<u8>> = (0..KNOWN).map(|_| encoder.encode(&noise())).collect();
        let (mut ear, mut keys) = (Ear::default(), 0);

        let meter = Meter::start();
        for n in 0..packets {
            let (sequence, timestamp) = (n as u16, n * codec.clock_rate() / 50);
            let header = Header { payload_type: 96, sequence, timestamp, ssrc: 7 };
            ear.hears(header, Content::Sound(codec), &payloads[n as usize % KNOWN], |_| keys += 1);
        }
        meter.tell(&format!("packet of {codec:?} listened to, {keys} keys in it"), packets.into());
    }
}
