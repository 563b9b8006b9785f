//! Listens among a leg's sound for keys: packets go in as they come, decoded at once.
//!
//! A talk is not held up for a packet that is late: what comes out of its turn is not heard. One or
//! two that are lost leave a seam, which a key survives; where nothing was sent (the numbers go on,
//! the time leaps) or much is lost there was silence, as between two keys.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::codec::{Codec, Content, Narrow};
use super::dtmf::{Detector, RATE};
use super::rtp::packet::Header;
use crate::domain::calling::key::Key;

/// Samples of 200 ms: no packet holds more.
const PACKET_MAX: usize = RATE as usize / 5;
/// A gap no longer than this may be packets that were lost: 60 ms.
const SEAM: usize = RATE as usize * 60 / 1_000;
/// So much silence ends any key: 100 ms.
const SILENCE: [i16; RATE as usize / 10] = [0; RATE as usize / 10];
/// A packet is late by fewer numbers than this, or of a source that has restarted (RFC 3550 A.1).
const MAX_MISORDER: u16 = 100;

/// What listens to one leg.
#[derive(Default)]
pub struct Ear {
    detector: Detector,
    source: Option<Source>,
    is_deaf: bool,
}

struct Source {
    ssrc: u32,
    codec: Codec,
    decoder: Narrow,
    /// The latest of its packets.
    sequence: u16,
    /// The timestamp of the packet after it.
    next: u32,
}

impl Ear {
    /// A packet came; the keys that are known to be pressed now.
    pub fn hears(&mut self, header: Header, content: Content, payload: &[u8], mut pressed: impl FnMut(Key)) {
        if self.is_deaf {
            return;
        }
        let known = self.source.as_mut().filter(|source| source.ssrc == header.ssrc);
        let Content::Sound(codec) = content else {
            // Comfort noise has a number, and its time is silence.
            return known.into_iter().for_each(|source| source.sequence = header.sequence);
        };
        let source = match known.filter(|source| source.codec == codec) {
            Some(source) => source,
            None => {
                self.detector = Detector::default();
                self.source.insert(Source {
                    ssrc: header.ssrc,
                    codec,
                    decoder: Narrow::new(codec),
                    sequence: header.sequence.wrapping_sub(1),
                    next: header.timestamp,
                })
            }
        };
        if source.sequence.wrapping_sub(header.sequence) < MAX_MISORDER {
            return;
        }
        // The clock of its RTP is that of the samples, or a multiple.
        let step = codec.clock_rate() / RATE;
        let gap = (header.timestamp.wrapping_sub(source.next) as i32).max(0) as usize / step as usize;
        let is_lost = header.sequence.wrapping_sub(source.sequence) > 1 && gap <= SEAM;
        let gap = if is_lost { 0 } else { SILENCE.len().min(gap) };
        let mut samples = [0; PACKET_MAX];
        let decoded = || source.decoder.decode_into(payload, &mut samples);
        // Should a codec ever break down over what it is sent, this leg is listened to no more; the
        // calls of all others are on this thread.
        let Ok(count) = catch_unwind(AssertUnwindSafe(decoded)) else { return self.is_deaf = true };
        // What is broken is not heard.
        let count = count.unwrap_or_default();
        source.sequence = header.sequence;
        source.next = header.timestamp.wrapping_add(count as u32 * step);
        self.detector.hears(&SILENCE[..gap], &mut pressed);
        self.detector.hears(&samples[..count], pressed);
    }
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ear")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::dtmf::tests::keys_in_pcma;

    /// What is heard of 100 ms of 5, twice, 60 ms of silence between them, each packet changed so.
    fn heard(mut change: impl FnMut(usize, Header, &[u8]) -> Vec<(Header, Content, Vec<u8>)>) -> String {
        let (mut ear, mut keys) = (Ear::default(), String::new());
        let sound = keys_in_pcma("55", 100, 60);
        for (n, payload) in sound.chunks(160).enumerate() {
            let (sequence, timestamp) =
                (65_530_u16.wrapping_add(n as u16), 7_u32.wrapping_add(160 * n as u32));
            let header = Header { payload_type: 8, sequence, timestamp, ssrc: 7 };
            for (header, content, payload) in change(n, header, payload) {
                ear.hears(header, content, &payload, |key| keys.push_str(&String::from(key)));
            }
        }
        keys
    }

    const SOUND: Content = Content::Sound(Codec::Pcma);

    #[test]
    fn keys_are_heard_packet_by_packet() {
        assert_eq!(heard(|_, header, payload| vec![(header, SOUND, payload.to_vec())]), "55");
    }

    #[test]
    fn what_is_lost_doubled_or_late_makes_no_key_two() {
        let lost =
            heard(|n, header, payload| if n == 2 { vec![] } else { vec![(header, SOUND, payload.to_vec())] });
        let doubled = heard(|_, header, payload| vec![(header, SOUND, payload.to_vec()); 2]);
        let mut held = None;
        let late = heard(|n, header, payload| {
            let packet = (header, SOUND, payload.to_vec());
            if n == 3 {
                held = Some(packet);
                return vec![];
            }
            [packet].into_iter().chain(held.take()).collect()
        });

        assert_eq!([lost, doubled, late], ["55", "55", "55"]);
    }

    #[test]
    fn what_was_not_sent_was_silence() {
        // The pause between the two is packets 5 to 7: they are not sent, or are comfort noise.
        let unsent = |is_noise: bool| {
            let mut left_out = 0;
            heard(move |n, mut header, payload| {
                let is_pause = (5..8).contains(&n);
                header.sequence = header.sequence.wrapping_sub(left_out);
                let is_left_out = is_pause && !(is_noise && n == 5);
                left_out += u16::from(is_left_out);
                let content = if is_pause { Content::Silence } else { SOUND };
                if is_left_out { vec![] } else { vec![(header, content, payload.to_vec())] }
            })
        };

        assert_eq!([unsent(false), unsent(true)], ["55", "55"]);
    }

    #[test]
    fn a_source_that_begins_anew_is_heard_anew() {
        let heard = heard(|n, mut header, payload| {
            if n >= 5 {
                (header.ssrc, header.sequence) = (9, n as u16);
                header.timestamp = 160 * n as u32;
            }
            vec![(header, SOUND, payload.to_vec())]
        });

        assert_eq!(heard, "55");
    }

    #[test]
    fn what_cannot_be_heard_is_no_key() {
        let (mut ear, mut keys) = (Ear::default(), 0);
        let header = Header { payload_type: 8, sequence: 1, timestamp: 0, ssrc: 7 };
        for (content, payload) in [
            (Content::Unknown, vec![0; 160]),
            (Content::Sealed, vec![0; 160]),
            (SOUND, vec![]),
            (SOUND, vec![0; 60_000]),
            (Content::Sound(Codec::Opus), vec![0xff; 200]),
        ] {
            ear.hears(header, content, &payload, |_| keys += 1);
        }

        assert_eq!(keys, 0);
    }
}
