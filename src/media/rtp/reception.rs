//! What arrives of a stream: how many packets, how many are missing (RFC 3550
//! A.1, A.3), and how evenly they come (A.8).
//!
//! The source is not put on probation as in A.1: where it sends from has been
//! checked before, and each packet of a call counts.

use super::packet::Header;
use crate::domain::time::Timestamp;

/// A jump by less is a gap, not a restart of the source (RFC 3550 A.1).
const MAX_DROPOUT: u16 = 3_000;
/// A packet is late by less than this, or of a source that has restarted.
const MAX_MISORDER: u16 = 100;

/// One stream as it arrives; a source that changes or restarts goes on being counted.
#[derive(Clone, Default, Debug)]
pub struct Reception {
    packets: u64,
    /// Missing of the sources before this one.
    lost_before: u64,
    source: Option<Source>,
}

#[derive(Clone, Debug)]
struct Source {
    ssrc: u32,
    highest: u16,
    /// How often the numbers have begun anew, times 65,536.
    cycles: u64,
    base: u16,
    received: u64,
    /// The number that would prove a restart.
    next_if_restarted: Option<u16>,
    jitter: Jitter,
}

impl Reception {
    /// A packet came; `rate` is the clock rate of its payload type in Hz, where that is known.
    pub fn packet(&mut self, header: Header, rate: Option<u32>, now: Timestamp) {
        self.packets += 1;
        match &mut self.source {
            Some(source) if source.ssrc == header.ssrc => {
                if source.counts(header.sequence) {
                    source.jitter.packet(header.timestamp, rate, now);
                }
            }
            _ => self.begins(header, rate, now),
        }
    }

    fn begins(&mut self, header: Header, rate: Option<u32>, now: Timestamp) {
        self.lost_before = self.lost();
        let mut jitter = Jitter::default();
        jitter.packet(header.timestamp, rate, now);
        self.source = Some(Source {
            ssrc: header.ssrc,
            highest: header.sequence,
            cycles: 0,
            base: header.sequence,
            received: 1,
            next_if_restarted: None,
            jitter,
        });
    }

    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Packets that never came; one that came twice makes up for one.
    pub fn lost(&self) -> u64 {
        let here = self.source.as_ref().map_or(0, |source| source.expected().saturating_sub(source.received));
        self.lost_before + here
    }

    /// The interarrival jitter of the source now, in microseconds; `None`: its clock is not known.
    pub fn jitter_us(&self) -> Option<u64> {
        self.source.as_ref()?.jitter.us()
    }

    /// The clock rate of the source in Hz, for what others report in its units.
    pub fn rate(&self) -> Option<u32> {
        self.source.as_ref()?.jitter.rate
    }
}

impl Source {
    fn expected(&self) -> u64 {
        self.cycles + u64::from(self.highest) - u64::from(self.base) + 1
    }

    /// Takes the number of a packet; `false`: it does not follow, for now.
    fn counts(&mut self, sequence: u16) -> bool {
        let ahead = sequence.wrapping_sub(self.highest);
        if ahead < MAX_DROPOUT {
            if sequence < self.highest {
                self.cycles += 1 << 16;
            }
            self.highest = sequence;
        } else if ahead <= u16::MAX - MAX_MISORDER {
            if self.next_if_restarted != Some(sequence) {
                self.next_if_restarted = Some(sequence.wrapping_add(1));
                return false;
            }
            // Two in a row: it has restarted, with the packet before this one. What was missing
            // until now stays missing.
            let missing = self.expected().saturating_sub(self.received);
            (self.cycles, self.base, self.highest) = (missing, sequence.wrapping_sub(1), sequence);
            if self.base > self.highest {
                self.cycles += 1 << 16;
            }
            self.received = 1;
            self.jitter.last = None;
        }
        // Otherwise it is late, or comes twice.
        self.next_if_restarted = None;
        self.received += 1;
        true
    }
}

/// RFC 3550 A.8, in units of the media clock and scaled by 16.
#[derive(Clone, Default, Debug)]
struct Jitter {
    rate: Option<u32>,
    scaled: u32,
    /// The timestamp of the packet before, and its transit time.
    last: Option<(u32, u32)>,
}

impl Jitter {
    fn packet(&mut self, timestamp: u32, rate: Option<u32>, now: Timestamp) {
        let Some(rate) = rate else { return };
        if self.rate != Some(rate) {
            *self = Self { rate: Some(rate), ..Self::default() };
        }
        // Wraps as the timestamp does.
        let arrival = (now.as_ms() as u64).wrapping_mul(u64::from(rate)) / 1_000;
        let transit = (arrival as u32).wrapping_sub(timestamp);
        match self.last {
            // Of one key press (RFC 4733 §2.5.1.2) or one picture: sent later than it says.
            Some((before, _)) if before == timestamp => return,
            Some((_, before)) => {
                let change = (transit.wrapping_sub(before) as i32).unsigned_abs();
                self.scaled = self.scaled.saturating_add(change).saturating_sub((self.scaled + 8) >> 4);
            }
            None => {}
        }
        self.last = Some((timestamp, transit));
    }

    fn us(&self) -> Option<u64> {
        Some(u64::from(self.scaled >> 4) * 1_000_000 / u64::from(self.rate?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(sequence: u16) -> Header {
        Header { payload_type: 0, sequence, timestamp: 0, ssrc: 7 }
    }

    fn received(sequences: impl IntoIterator<Item = u16>) -> (u64, u64) {
        let mut reception = Reception::default();
        for sequence in sequences {
            reception.packet(header(sequence), Some(8_000), Timestamp::from_ms(0));
        }
        (reception.packets(), reception.lost())
    }

    #[test]
    fn what_is_missing_is_counted() {
        for (sequences, lost) in [
            (&[1, 2, 3][..], 0),
            (&[1, 2, 4], 1),
            (&[1, 3, 2], 0),
            (&[1, 2, 2, 4], 0),
            (&[65_534, 65_535, 0, 1], 0),
            (&[65_534, 1], 2),
            (&[0, 65_535, 1], 0),
            // A restart: the two that prove it are those of the new beginning.
            (&[1, 3, 30_000, 30_001, 30_002], 1),
            // A stray one is none.
            (&[1, 30_000, 2, 3], 0),
        ] {
            assert_eq!(received(sequences.iter().copied()), (sequences.len() as u64, lost), "{sequences:?}");
        }
    }

    #[test]
    fn another_source_begins_anew_and_keeps_what_was_lost() {
        let mut reception = Reception::default();
        for (ssrc, sequence) in [(7, 1), (7, 3), (8, 40_000), (8, 40_001), (8, 40_003)] {
            let header = Header { ssrc, ..header(sequence) };
            reception.packet(header, None, Timestamp::from_ms(0));
        }

        assert_eq!((reception.packets(), reception.lost(), reception.jitter_us()), (5, 2, None));
    }

    #[test]
    fn even_packets_have_no_jitter_and_uneven_ones_have() {
        let mut even = Reception::default();
        let mut uneven = Reception::default();
        for n in 0..200_u16 {
            let header = Header { timestamp: u32::from(n) * 160, ..header(n) };
            let at = Timestamp::from_ms(i64::from(n) * 20);
            even.packet(header, Some(8_000), at);
            uneven.packet(header, Some(8_000), Timestamp::from_ms(at.as_ms() + i64::from(n % 2) * 10));
        }

        assert_eq!(even.jitter_us(), Some(0));
        let jitter = uneven.jitter_us().unwrap();
        assert!((9_000..=10_500).contains(&jitter), "{jitter}");
    }

    #[test]
    fn a_key_that_is_held_is_no_jitter() {
        let mut reception = Reception::default();
        for n in 0..50_u16 {
            let header = Header { timestamp: 1_600, payload_type: 101, ..header(n) };
            reception.packet(header, Some(8_000), Timestamp::from_ms(i64::from(n) * 20));
        }

        assert_eq!(reception.jitter_us(), Some(0));
    }

    proptest! {
        /// Of a run of packets across the wrap, as many are missing as were left out between the ends.
        #[test]
        fn what_is_left_out_is_lost(
            first in any::<u16>(),
            kept in proptest::collection::vec(prop::bool::weighted(0.9), 1..5_000),
        ) {
            let mut kept = kept;
            let last = kept.len() - 1;
            (kept[0], kept[last]) = (true, true);
            let sequences = kept.iter().enumerate().filter(|(_, kept)| **kept);
            let sequences: Vec<u16> = sequences.map(|(n, _)| first.wrapping_add(n as u16)).collect();

            let missing = (kept.len() - sequences.len()) as u64;
            prop_assert_eq!(received(sequences.iter().copied()), (sequences.len() as u64, missing));
        }

        /// Any numbers from any source at any time.
        #[test]
        fn nothing_overflows(
            packets in proptest::collection::vec(
                (any::<u16>(), any::<u32>(), 0_u32..3, any::<i64>(), proptest::option::of(1_u32..200_000)), 0..300
            ),
        ) {
            let mut reception = Reception::default();
            for (sequence, timestamp, ssrc, at, rate) in packets.iter().copied() {
                let header = Header { payload_type: 0, sequence, timestamp, ssrc };
                reception.packet(header, rate, Timestamp::from_ms(at));
            }
            prop_assert_eq!(reception.packets(), packets.len() as u64);
            let _ = (reception.lost(), reception.jitter_us());
        }
    }
}
