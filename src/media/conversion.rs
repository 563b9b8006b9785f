//! What one side says, for a side that has another codec: G.711 as Opus and
//! Opus as G.711, packet by packet. Packets go in; no sockets, no clock.
//!
//! ```text
//!   20 ms of PCMA, number 7, clock 160 ──▶ Conversion ──▶ 20 ms of Opus, number 7, clock 960
//! ```
//!
//! A packet stays a packet, with its number, its source and its mark; only its
//! clock is another (one of less than 10 ms goes with the next, and those after
//! it count on). So what a receiver reports of packets that it misses holds
//! for whoever sends them, and nothing is kept to wait for more. What is lost
//! before it comes here stays lost for a receiver of Opus, which conceals that
//! by itself; for one of G.711, whose telephones need not, it is made up, from
//! the copy that Opus may send along. What comes after its successor is dropped:
//! a codec with a memory hears its packets in their order.

use super::codec::Codec;
use super::codec::telephone::{self, Decoder, Encoder, Law, PACKET_MAX};
use super::rtp::packet::{self, Packet};
use super::srtp::TRAILER_MAX;

/// The largest packet that is made; it is to pass anywhere.
const OUT_MAX: usize = 1_400;
/// The head of a packet (RFC 3550 §5.1).
const HEAD: usize = 12;
/// Bytes of a frame of Opus, so that its length is told in one (RFC 6716 §3.2.1).
const FRAME_BYTES_MAX: usize = 251;
/// Ticks of the clock of Opus for one of that of G.711.
const TICKS: u32 = 6;

/// More packets than this that are missing in a row are not made up.
const CONCEALED_MAX: u16 = 5;
/// A packet is late by fewer numbers than this, or of a source that has restarted (RFC 3550 A.1).
const MAX_MISORDER: u16 = 100;
/// Samples of the 20 ms that packets usually hold, and of 10 ms: as few as Opus takes for speech.
const USUAL: usize = telephone::RATE as usize / 50;
const HALF: usize = USUAL / 2;

/// What a side has that is sent to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    pub codec: Codec,
    pub payload_type: u8,
    /// Its keys (RFC 4733), and the clock in Hz that their lengths are told in.
    pub keys: Option<(u8, u32)>,
}

/// What a packet holds that is to be converted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Held {
    Sound(Codec),
    /// A key, and the clock in Hz that its length is told in.
    Key(u32),
    /// Comfort noise (RFC 3389).
    Noise,
}

/// One stream that is converted.
pub struct Conversion {
    target: Target,
    way: Way,
    latest: Option<Latest>,
    /// How many packets went with the one after them, and have no number of their own.
    merged: u16,
    /// Packets that went, and the bytes of their payloads, as reports tell them.
    sent: [u32; 2],
    samples: [i16; PACKET_MAX],
    out: [u8; OUT_MAX + TRAILER_MAX],
}

enum Way {
    /// With so many samples, the first, that do not fill a frame yet.
    ToOpus(Encoder, usize),
    ToG711(Decoder, Law),
}

/// Of the packets that came, that with the highest number.
#[derive(Clone, Copy)]
struct Latest {
    source: u32,
    number: u16,
    clock: u32,
    /// The same moment as it was told.
    told: u32,
    /// How many samples it held; 0: it was no sound.
    samples: usize,
}

/// The head of a packet that is made.
#[derive(Clone, Copy)]
struct Head {
    is_marked: bool,
    payload_type: u8,
    number: u16,
    clock: u32,
    source: u32,
}

impl Conversion {
    /// To G.711 or Opus; `None`: there is no other way.
    pub fn new(target: Target) -> Option<Self> {
        let way = match target.codec {
            Codec::Opus => Way::ToOpus(Encoder::default(), 0),
            Codec::Pcma => Way::ToG711(Decoder::default(), Law::A),
            Codec::Pcmu => Way::ToG711(Decoder::default(), Law::Mu),
            Codec::G722 => return None,
        };
        let (samples, out) = ([0; PACKET_MAX], [0; OUT_MAX + TRAILER_MAX]);
        Some(Self { target, way, latest: None, merged: 0, sent: [0; 2], samples, out })
    }

    pub fn target(&self) -> Target {
        self.target
    }

    /// A packet came. `send` is given what goes in its place, with room behind it for a seal,
    /// and its length.
    pub fn packet(&mut self, bytes: &[u8], held: Held, send: &mut dyn FnMut(&mut [u8], usize)) {
        let (Packet::Rtp(header), Some(payload)) = (Packet::read(bytes), packet::payload(bytes)) else {
            return;
        };
        let before = self.latest.filter(|latest| latest.source == header.ssrc);
        let ahead = before.map_or(1, |latest| header.sequence.wrapping_sub(latest.number));
        if ahead == 0 || ahead > u16::MAX - MAX_MISORDER {
            return;
        }
        let (clock, told) = self.clocks(before, header.timestamp);
        let head = Head {
            is_marked: bytes[1] & 0x80 != 0,
            payload_type: self.target.payload_type,
            number: header.sequence.wrapping_sub(self.merged),
            clock: told,
            source: header.ssrc,
        };
        let follows = before.filter(|latest| ahead == 1 && latest.samples > 0);
        let samples = match held {
            Held::Sound(Codec::Pcma) => self.says(Law::A, payload, follows.is_some(), head, send),
            Held::Sound(Codec::Pcmu) => self.says(Law::Mu, payload, follows.is_some(), head, send),
            Held::Sound(Codec::Opus) => {
                if let Some(latest) = before {
                    let gap = u32::from(ahead) * latest.samples as u32 * TICKS;
                    let is_gap = header.timestamp.wrapping_sub(latest.clock) == gap;
                    if is_gap && (2..=CONCEALED_MAX + 1).contains(&ahead) {
                        self.conceals(latest, ahead - 1, payload, send);
                    }
                }
                self.hears(payload, before.map_or(0, |latest| latest.samples), head, send)
            }
            Held::Key(rate) => self.tells(payload, rate, head, send),
            Held::Noise => self.hushes(head, send),
            Held::Sound(Codec::G722) => 0,
        };
        self.latest = Some(Latest { source: header.ssrc, number: header.sequence, clock, told, samples });
    }

    /// The clock that a packet is counted from, and what it is told as.
    fn clocks(&self, before: Option<Latest>, clock: u32) -> (u32, u32) {
        match (&self.way, before) {
            (Way::ToOpus(..), _) => (clock, clock.wrapping_mul(TICKS)),
            (Way::ToG711(..), None) => (clock, clock / TICKS),
            // From the one before, so that it goes on where the clock begins anew.
            (Way::ToG711(..), Some(latest)) => {
                let ticks = (clock.wrapping_sub(latest.clock) as i32).div_euclid(TICKS as i32) as u32;
                let told = latest.told.wrapping_add(ticks);
                (latest.clock.wrapping_add(ticks.wrapping_mul(TICKS)), told)
            }
        }
    }

    /// G.711 as Opus: whole frames of the packet; what is left goes with the next.
    fn says(
        &mut self,
        law: Law,
        payload: &[u8],
        follows: bool,
        head: Head,
        send: &mut dyn FnMut(&mut [u8], usize),
    ) -> usize {
        let Way::ToOpus(encoder, left) = &mut self.way else { return 0 };
        let begin = if follows { *left } else { 0 };
        *left = 0;
        let count = begin + payload.len();
        let Some(samples) = self.samples.get_mut(begin..count) else { return 0 };
        law.decode(payload, samples);
        let whole = count - count % HALF;
        if whole > 0 {
            let frame = if whole.is_multiple_of(USUAL) { USUAL } else { HALF };
            let length = encode(encoder, &self.samples[..whole], frame, &mut self.out[HEAD..OUT_MAX]);
            let clock = head.clock.wrapping_sub(begin as u32 * TICKS);
            put(&mut self.out, &mut self.sent, Head { clock, ..head }, length, send);
        } else {
            self.merged = self.merged.wrapping_add(1);
        }
        self.samples.copy_within(whole..count, 0);
        *left = count - whole;
        payload.len()
    }

    /// Opus as G.711. Nothing in a packet is silence that its sender does not say (RFC 7587 §3.1.3).
    fn hears(
        &mut self,
        payload: &[u8],
        before: usize,
        head: Head,
        send: &mut dyn FnMut(&mut [u8], usize),
    ) -> usize {
        let Way::ToG711(decoder, law) = &mut self.way else { return 0 };
        let heard = if payload.is_empty() {
            decoder.conceal(payload, if before > 0 { before } else { USUAL }, &mut self.samples)
        } else {
            decoder.decode(payload, &mut self.samples)
        };
        let Ok(count) = heard else { return 0 };
        law.encode(&self.samples[..count], &mut self.out[HEAD..HEAD + count]);
        put(&mut self.out, &mut self.sent, head, count, send);
        count
    }

    /// So many packets behind the latest were lost, and this came after them.
    fn conceals(&mut self, latest: Latest, lost: u16, next: &[u8], send: &mut dyn FnMut(&mut [u8], usize)) {
        let Way::ToG711(decoder, law) = &mut self.way else { return };
        for nth in 1..=lost {
            let copy = if nth == lost { next } else { &[] };
            let Ok(count) = decoder.conceal(copy, latest.samples, &mut self.samples) else { return };
            law.encode(&self.samples[..count], &mut self.out[HEAD..HEAD + count]);
            let head = Head {
                is_marked: false,
                payload_type: self.target.payload_type,
                number: latest.number.wrapping_add(nth),
                clock: latest.told.wrapping_add(u32::from(nth) * latest.samples as u32),
                source: latest.source,
            };
            put(&mut self.out, &mut self.sent, head, count, send);
        }
    }

    /// A key stays one. One that is held longer than its length can tell is told as that long.
    fn tells(
        &mut self,
        payload: &[u8],
        rate: u32,
        head: Head,
        send: &mut dyn FnMut(&mut [u8], usize),
    ) -> usize {
        let (Some((payload_type, to)), [event, volume, high, low, ..]) = (self.target.keys, payload) else {
            return 0;
        };
        let length = u64::from(u16::from_be_bytes([*high, *low])) * u64::from(to) / u64::from(rate.max(1));
        let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        self.out[HEAD..HEAD + 4].copy_from_slice(&[*event, *volume, high, low]);
        put(&mut self.out, &mut self.sent, Head { payload_type, ..head }, 4, send);
        0
    }

    /// Comfort noise is silence: a receiver of Opus makes its own.
    fn hushes(&mut self, head: Head, send: &mut dyn FnMut(&mut [u8], usize)) -> usize {
        if let Way::ToOpus(encoder, _) = &mut self.way {
            let length = encode(encoder, &[0; USUAL], USUAL, &mut self.out[HEAD..OUT_MAX]);
            put(&mut self.out, &mut self.sent, head, length, send);
        }
        0
    }
}

/// Frames of one length in one packet of Opus (RFC 6716 §3.2); gives its length.
fn encode(encoder: &mut Encoder, samples: &[i16], frame: usize, out: &mut [u8]) -> usize {
    let count = samples.len() / frame;
    if count == 1 {
        return encoder.encode(samples, &mut out[..1 + FRAME_BYTES_MAX]);
    }
    // Head, count, the length of each but the last; each as long as there is room for all.
    let mut at = 2 + count - 1;
    let room = 1 + FRAME_BYTES_MAX.min((out.len() - at) / count - 1);
    for (nth, samples) in samples.chunks_exact(frame).enumerate() {
        let mut packet = [0; 1 + FRAME_BYTES_MAX];
        let length = encoder.encode(samples, &mut packet[..room]);
        (out[0], out[1]) = (packet[0] | 3, 0x80 | count as u8);
        if nth + 1 < count {
            out[2 + nth] = (length - 1) as u8;
        }
        out[at..at + length - 1].copy_from_slice(&packet[1..length]);
        at += length - 1;
    }
    at
}

fn put(
    out: &mut [u8],
    sent: &mut [u32; 2],
    head: Head,
    length: usize,
    send: &mut dyn FnMut(&mut [u8], usize),
) {
    let Head { is_marked, payload_type, number, clock, source } = head;
    out[..2].copy_from_slice(&[0x80, u8::from(is_marked) << 7 | payload_type]);
    out[2..4].copy_from_slice(&number.to_be_bytes());
    out[4..8].copy_from_slice(&clock.to_be_bytes());
    out[8..HEAD].copy_from_slice(&source.to_be_bytes());
    *sent = [sent[0].wrapping_add(1), sent[1].wrapping_add(length as u32)];
    send(out, HEAD + length);
}

impl Conversion {
    /// A sender's clock, and its packets and bytes until now, as a report tells them to the receiver.
    pub fn reported(&self, clock: u32) -> [u32; 3] {
        let [packets, octets] = self.sent;
        [self.clocks(self.latest, clock).1, packets, octets]
    }

    /// A jitter in the receiver's clock as the sender is told it.
    pub fn jitter(&self, ticks: u32) -> u32 {
        match self.way {
            Way::ToOpus(..) => ticks / TICKS,
            Way::ToG711(..) => ticks.saturating_mul(TICKS),
        }
    }
}

#[cfg(test)]
mod tests;
