//! One side of a call as samples in time: packets go in as they come, and what
//! was heard comes out, each millisecond in its place.
//!
//! ```text
//!   timestamp of the sender ── anchor ──▶ place on our clock ── waits ──▶ decoder ──▶ samples
//! ```
//!
//! Both sides of a call are put on one clock, ours, so that they stay beside
//! each other however their own clocks go. Where a packet belongs follows from
//! its timestamp, as the quickest packets of late have shown it to lie on our
//! clock: delays come and go, but nothing arrives before it was sent. What a
//! sender's clock gains or loses is made up by a sample now and then, which
//! nobody hears. What never came is silence, and so are keys and comfort noise.

use std::collections::BTreeMap;

use super::codec::{Codec, Decoder, RATE};
use super::rtp::packet::Header;

/// Samples in a millisecond.
const MS: i64 = RATE as i64 / 1_000;
/// Whoever plays should leave so much time for packets that come late or out of turn.
pub const PATIENCE_MS: i64 = 400;
/// The quickest packet is that of so much time, and of as much again.
const WINDOW: i64 = 2_000 * MS;
/// A place may be off by so much; then it is mended by a sample a packet …
const TOLERANCE: i64 = 5 * MS;
/// … and from here on at once.
const LEAP: i64 = 30 * MS;
/// Timestamps that are off by more have nothing to do with those before.
const JUMP: i64 = 1_000 * MS;
/// A packet is late by fewer numbers than this, or of a source that has restarted (RFC 3550 A.1).
const MAX_MISORDER: u16 = 100;
/// More than come in [`PATIENCE_MS`] from anybody who is a telephone.
const WAITING_MAX: usize = 256;
/// A gap no longer than this is a sample that was made up, not silence.
const SEAM: usize = 4;

/// What one side is heard to say.
#[derive(Default)]
pub struct Track {
    source: Option<Source>,
    decoder: Option<(u32, Codec, Decoder)>,
    /// Packets by their place and number.
    waiting: BTreeMap<(i64, u16), Waiting>,
    /// Samples before this one have been played.
    played: i64,
    /// What follows them, as far as it has been decoded.
    ready: Vec<i16>,
    last: i16,
}

struct Waiting {
    ssrc: u32,
    codec: Codec,
    payload: Box<[u8]>,
}

/// Where the timestamps of a sender lie on our clock.
struct Source {
    ssrc: u32,
    rate: u32,
    /// The latest of its packets in turn, and the place of that.
    sequence: u16,
    timestamp: u32,
    place: i64,
    lateness: Lateness,
}

/// How much later than their place packets come: the least of a window, and of that before.
#[derive(Clone, Copy)]
struct Lateness {
    since: i64,
    least: i64,
    before: Option<i64>,
}

impl Track {
    /// A packet of sound came, `at_ms` after the beginning.
    pub fn packet(&mut self, header: Header, codec: Codec, payload: &[u8], at_ms: i64) {
        let Some(place) = self.place(header, codec.clock_rate(), at_ms * MS) else { return };
        if place < self.played {
            return;
        }
        let came_before =
            self.waiting.iter().any(|((_, n), other)| (*n, other.ssrc) == (header.sequence, header.ssrc));
        if !came_before && self.waiting.len() < WAITING_MAX {
            let packet = Waiting { ssrc: header.ssrc, codec, payload: payload.into() };
            self.waiting.insert((place, header.sequence), packet);
        }
    }

    /// The samples from where it was played to, until `until_ms` after the beginning.
    pub fn play(&mut self, until_ms: i64) -> Vec<i16> {
        let until = (until_ms * MS).max(self.played);
        while let Some(packet) = self.waiting.first_entry().filter(|packet| packet.key().0 < until) {
            let ((place, _), packet) = packet.remove_entry();
            let samples = self.decode(&packet);
            self.put(place, &samples);
        }
        let count = (until - self.played) as usize;
        if self.ready.len() < count {
            self.ready.resize(count, 0);
        }
        let rest = self.ready.split_off(count);
        self.played = until;
        let samples = std::mem::replace(&mut self.ready, rest);
        self.last = samples.last().copied().unwrap_or(self.last);
        samples
    }

    /// Where a packet belongs; `None`: it is later than anything that may still be heard.
    fn place(&mut self, header: Header, rate: u32, at: i64) -> Option<i64> {
        let source = self.source.as_mut().filter(|source| source.ssrc == header.ssrc && source.rate == rate);
        let Some(source) = source else {
            self.source = Some(Source::begins(header, rate, at));
            return Some(at);
        };
        let ticks = header.timestamp.wrapping_sub(source.timestamp) as i32;
        let place = source.place + i64::from(ticks) * i64::from(RATE) / i64::from(rate);
        let behind = source.sequence.wrapping_sub(header.sequence);
        if (1..MAX_MISORDER).contains(&behind) {
            return ((at - place).abs() < JUMP).then_some(place);
        }
        // Whose clock was stopped for a while says nothing of its own time either.
        if (at - place).abs() > JUMP || place < self.played {
            *source = Source::begins(header, rate, at);
            return Some(at);
        }
        let shift = source.lateness.sees(at - place, at);
        (source.sequence, source.timestamp, source.place) =
            (header.sequence, header.timestamp, place + shift);
        Some(place + shift)
    }

    /// What is broken is not heard.
    fn decode(&mut self, packet: &Waiting) -> Vec<i16> {
        let key = (packet.ssrc, packet.codec);
        if self.decoder.as_ref().is_none_or(|(ssrc, codec, _)| (*ssrc, *codec) != key) {
            self.decoder = Some((packet.ssrc, packet.codec, Decoder::new(packet.codec)));
        }
        let decoder = self.decoder.as_mut();
        decoder.and_then(|(.., decoder)| decoder.decode(&packet.payload).ok()).unwrap_or_default()
    }

    fn put(&mut self, place: i64, samples: &[i16]) {
        let start = (place - self.played) as usize;
        if let Some(gap) = start.checked_sub(self.ready.len()) {
            let last = self.ready.last().copied().unwrap_or(self.last);
            self.ready.resize(start, if gap <= SEAM { last } else { 0 });
        }
        let over = samples.len().min(self.ready.len() - start);
        self.ready[start..start + over].copy_from_slice(&samples[..over]);
        self.ready.extend_from_slice(&samples[over..]);
    }
}

impl Source {
    fn begins(header: Header, rate: u32, at: i64) -> Self {
        let lateness = Lateness { since: at, least: 0, before: None };
        let Header { ssrc, sequence, timestamp, .. } = header;
        Self { ssrc, rate, sequence, timestamp, place: at, lateness }
    }
}

impl Lateness {
    /// A packet came so much later than its place; by how much places are to be moved for it.
    fn sees(&mut self, late: i64, at: i64) -> i64 {
        if at - self.since >= WINDOW {
            (self.before, self.least, self.since) = (Some(self.least), late, at);
        }
        self.least = self.least.min(late);
        let shift = match (self.least, self.before) {
            // One that comes too early is enough; that all are late shows with time.
            (least, _) if least < -LEAP => least,
            (least, _) if least < -TOLERANCE => -1,
            (least, Some(before)) if least.min(before) > LEAP => least.min(before),
            (least, Some(before)) if least.min(before) > TOLERANCE => 1,
            _ => 0,
        };
        self.least -= shift;
        self.before = self.before.map(|before| before - shift);
        shift
    }
}

#[cfg(test)]
mod tests;
