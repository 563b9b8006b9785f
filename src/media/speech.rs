//! What the gateway itself says to a leg, packet by packet: one stream of RTP, in which
//! one voice follows another.

use std::collections::VecDeque;
use std::sync::Arc;

use super::prompts::Voice;
use crate::call::leg::LegId;

/// The gateway's own stream to one leg.
#[derive(Debug)]
pub struct Speech {
    pub leg: LegId,
    pub stream: u8,
    payload_type: u8,
    source: u32,
    sequence: u16,
    timestamp: u32,
    /// What is being said and what comes after it, and which frame is next.
    voices: VecDeque<Arc<Voice>>,
    at: usize,
    /// The first of them is said again and again.
    repeats: bool,
}

impl Speech {
    /// A stream that says nothing yet. `source` is its SSRC (RFC 3550 §8).
    pub fn new(leg: LegId, stream: u8, source: u32) -> Self {
        let (sequence, timestamp) = (source as u16, source.rotate_left(16));
        Self {
            leg,
            stream,
            source,
            sequence,
            timestamp,
            payload_type: 0,
            voices: VecDeque::new(),
            at: 0,
            repeats: false,
        }
    }

    /// Says these instead of what it says now; `repeats`: until something else is said.
    pub fn says(&mut self, payload_type: u8, voices: VecDeque<Arc<Voice>>, repeats: bool) {
        self.payload_type = payload_type;
        (self.voices, self.at, self.repeats) = (voices, 0, repeats);
    }

    pub fn hushes(&mut self) {
        self.voices.clear();
    }

    pub fn is_silent(&self) -> bool {
        self.voices.is_empty()
    }

    /// Writes the next packet; `false`: there is nothing to say.
    pub fn next(&mut self, packet: &mut Vec<u8>) -> bool {
        let Some(voice) = self.voices.front() else { return false };
        let Some(frame) = voice.frames.get(self.at) else { return false };
        packet.clear();
        // A new spurt after silence is marked (RFC 3551 §4.1).
        let marked = if self.at == 0 { 0x80 } else { 0 };
        packet.extend([0x80, marked | self.payload_type]);
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend(self.source.to_be_bytes());
        packet.extend_from_slice(frame);
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(voice.step);
        self.at += 1;
        if self.at == voice.frames.len() {
            self.at = 0;
            if !self.repeats {
                self.voices.pop_front();
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::rtp::packet::Packet;

    fn voice(frames: &[&[u8]]) -> Arc<Voice> {
        Arc::new(Voice { frames: frames.iter().map(|frame| (*frame).into()).collect(), step: 160 })
    }

    #[test]
    fn packets_follow_one_another_and_a_new_spurt_is_marked() {
        let mut speech = Speech::new(LegId::CALLER, 0, 0xffff_ffff);
        let mut said = Vec::new();
        let mut packet = Vec::new();
        speech.says(8, [voice(&[b"a", b"b"])].into(), false);
        while speech.next(&mut packet) {
            said.push(packet.clone());
        }
        speech.says(8, [voice(&[b"c"])].into(), false);
        assert!(speech.next(&mut packet));
        said.push(packet.clone());

        let headers = said.iter().map(|packet| match Packet::read(packet) {
            Packet::Rtp(header) => (packet[1] >> 7, header.sequence, header.timestamp, packet[12]),
            other => panic!("{other:?}"),
        });
        let expected = [(1, 65_535, u32::MAX, b'a'), (0, 0, 159, b'b'), (1, 1, 319, b'c')];
        assert_eq!(headers.collect::<Vec<_>>(), expected);
        assert!(speech.is_silent());
    }

    #[test]
    fn one_voice_follows_another() {
        let mut speech = Speech::new(LegId::CALLER, 0, 1);
        let mut packet = Vec::new();
        speech.says(8, [voice(&[b"a", b"b"]), voice(&[b"c"])].into(), false);

        let mut said = Vec::new();
        while speech.next(&mut packet) {
            said.push(packet[12]);
        }
        assert_eq!(said, b"abc");
    }

    #[test]
    fn what_repeats_goes_on_until_it_is_hushed() {
        let mut speech = Speech::new(LegId::CALLER, 0, 1);
        let mut packet = Vec::new();
        speech.says(8, [voice(&[b"a", b"b"])].into(), true);

        let said: Vec<u8> = (0..5)
            .map(|_| {
                assert!(speech.next(&mut packet));
                packet[12]
            })
            .collect();
        assert_eq!(said, b"ababa");
        speech.hushes();

        assert!(!speech.next(&mut packet));
    }

    #[test]
    fn a_voice_without_frames_says_nothing() {
        let mut speech = Speech::new(LegId::CALLER, 0, 1);
        speech.says(8, [voice(&[])].into(), true);

        assert!(!speech.next(&mut Vec::new()));
    }
}
