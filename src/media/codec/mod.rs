//! What the payload of a packet sounds like, and how samples are put in one.
//!
//! Libraries do the work; here they get one shape. Every decoder gives and
//! every encoder takes samples of one channel at [`RATE`], whatever the clock
//! of its RTP, so that nobody above converts anything. Whoever listens for keys
//! alone has decoders of their own, which are cheaper ([`Narrow`]).

mod narrow;
mod opus;
pub mod telephone;
#[cfg(test)]
mod tests;

pub use narrow::Narrow;

use audio_codec::{BoxedResampler, Decoder as _, Encoder as _, Sample, g722, pcma, pcmu};

/// Samples a second of everything that is heard: the best that telephones do (wideband).
pub const RATE: u32 = 16_000;

/// An encoding that can be heard here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Codec {
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    G722,
    Opus,
}

/// What the payload of a packet is to whoever listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    Sound(Codec),
    /// Comfort noise (RFC 3389) and keys (RFC 4733).
    Silence,
    /// Nobody here can hear it.
    Unknown,
    /// It is encrypted (RFC 3711).
    Sealed,
}

impl Content {
    /// By its name in `a=rtpmap`, which minds no case.
    pub fn named(name: &str) -> Self {
        let is_silent = ["CN", "telephone-event"].iter().any(|known| known.eq_ignore_ascii_case(name));
        if is_silent { Content::Silence } else { Codec::named(name).map_or(Content::Unknown, Content::Sound) }
    }

    /// By a payload type that nobody need describe (RFC 3551 §6).
    pub fn of_payload_type(payload_type: u8) -> Self {
        match payload_type {
            13 => Content::Silence,
            other => Codec::of_payload_type(other).map_or(Content::Unknown, Content::Sound),
        }
    }
}

/// A payload is no such encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the payload is not of its codec")]
pub struct Undecodable;

impl Codec {
    /// By its name in `a=rtpmap` (RFC 3551, RFC 7587), which minds no case.
    pub fn named(name: &str) -> Option<Self> {
        let known =
            [("PCMU", Codec::Pcmu), ("PCMA", Codec::Pcma), ("G722", Codec::G722), ("opus", Codec::Opus)];
        known.into_iter().find(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, codec)| codec)
    }

    /// By a payload type that nobody need describe (RFC 3551 §6).
    pub const fn of_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            0 => Some(Codec::Pcmu),
            8 => Some(Codec::Pcma),
            9 => Some(Codec::G722),
            _ => None,
        }
    }

    /// Whether what is said in this is said in the other for whoever has that alone.
    pub const fn turns_into(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Codec::Opus, Codec::Pcma | Codec::Pcmu) | (Codec::Pcma | Codec::Pcmu, Codec::Opus)
        )
    }

    /// As it stands in `/metrics`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Codec::Pcmu => "pcmu",
            Codec::Pcma => "pcma",
            Codec::G722 => "g722",
            Codec::Opus => "opus",
        }
    }

    /// The clock of its RTP in Hz. That of G.722 is half of what it is, by an
    /// error of RFC 1890 that has been kept (RFC 3551 §4.5.2).
    pub const fn clock_rate(self) -> u32 {
        match self {
            Codec::Pcmu | Codec::Pcma | Codec::G722 => 8_000,
            Codec::Opus => 48_000,
        }
    }
}

/// Hears the payloads of one source, in their order.
pub enum Decoder {
    Narrow(Box<dyn audio_codec::Decoder>, BoxedResampler),
    G722(Box<g722::G722Decoder>),
    Opus(opus::Decoder),
}

impl Decoder {
    pub fn new(codec: Codec) -> Self {
        let narrow = |decoder| Decoder::Narrow(decoder, resampler(8_000, RATE));
        match codec {
            Codec::Pcmu => narrow(Box::new(pcmu::PcmuDecoder::new())),
            Codec::Pcma => narrow(Box::new(pcma::PcmaDecoder::new())),
            Codec::G722 => Decoder::G722(Box::new(g722::G722Decoder::new())),
            Codec::Opus => Decoder::Opus(opus::Decoder::new(RATE)),
        }
    }

    /// The samples of one payload, of the payload's own length in time.
    pub fn decode(&mut self, payload: &[u8]) -> Result<Vec<Sample>, Undecodable> {
        match self {
            Decoder::Narrow(decoder, resampler) => Ok(resampler.resample(&decoder.decode(payload))),
            Decoder::G722(decoder) => Ok(decoder.decode(payload)),
            Decoder::Opus(decoder) => decoder.decode(payload),
        }
    }
}

/// Makes the payloads of one source.
pub enum Encoder {
    Narrow(BoxedResampler, Box<dyn audio_codec::Encoder>),
    G722(Box<g722::G722Encoder>),
    Opus(opus::Encoder),
}

impl Encoder {
    pub fn new(codec: Codec) -> Self {
        let narrow = |encoder| Encoder::Narrow(resampler(RATE, 8_000), encoder);
        match codec {
            Codec::Pcmu => narrow(Box::new(pcmu::PcmuEncoder::new())),
            Codec::Pcma => narrow(Box::new(pcma::PcmaEncoder::new())),
            Codec::G722 => Encoder::G722(Box::new(g722::G722Encoder::new())),
            Codec::Opus => Encoder::Opus(opus::Encoder::new()),
        }
    }

    /// The payload of 20 ms.
    pub fn encode(&mut self, samples: &[Sample; FRAME]) -> Vec<u8> {
        match self {
            Encoder::Narrow(resampler, encoder) => encoder.encode(&resampler.resample(samples)),
            Encoder::G722(encoder) => encoder.encode(samples),
            Encoder::Opus(encoder) => encoder.encode(samples),
        }
    }
}

/// Samples of the 20 ms that a packet usually holds.
pub const FRAME: usize = RATE as usize / 50;

fn resampler(from: u32, to: u32) -> BoxedResampler {
    BoxedResampler::new(from as usize, to as usize).expect("both rates are sound")
}
