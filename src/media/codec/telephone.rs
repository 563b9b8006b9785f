//! G.711 and Opus as one is turned into the other: at the 8,000 Hz that
//! telephones have, and into buffers of whoever asks, since it is done for each
//! packet on the thread that relays.

use audio_codec::{Decoder as _, Encoder as _, Sample, pcma, pcmu};
use opus_rs::{Application, OpusDecoder, OpusEncoder};

use super::Undecodable;

/// Samples a second.
pub const RATE: u32 = 8_000;
/// Samples of the longest packet of Opus, 120 ms (RFC 6716 §2.1.4).
pub const PACKET_MAX: usize = 960;
/// Speech at 8,000 Hz and a copy of it for packets that are lost, in bits a second.
const BITRATE: i32 = 16_000;
/// As for recordings: hardly to be told from more in speech.
const COMPLEXITY: i32 = 1;
/// For how many packets of a hundred copies go along in those after them.
const LOSS_PERCENT: i32 = 5;

/// The two laws of G.711.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Law {
    A,
    Mu,
}

impl Law {
    /// A byte is a sample; `samples` must have room for each.
    pub fn decode(self, payload: &[u8], samples: &mut [Sample]) {
        let decoded = match self {
            Law::A => pcma::PcmaDecoder::new().decode_into(payload, samples),
            Law::Mu => pcmu::PcmuDecoder::new().decode_into(payload, samples),
        };
        decoded.expect("there is room for a sample a byte");
    }

    /// A sample is a byte; `payload` must have room for each.
    pub fn encode(self, samples: &[Sample], payload: &mut [u8]) {
        let encoded = match self {
            Law::A => pcma::PcmaEncoder::new().encode_into(samples, payload),
            Law::Mu => pcmu::PcmuEncoder::new().encode_into(samples, payload),
        };
        encoded.expect("there is room for a byte a sample");
    }
}

/// Hears one source of Opus.
pub struct Decoder(Box<OpusDecoder>);

impl Default for Decoder {
    fn default() -> Self {
        let opus = OpusDecoder::new(RATE as i32, 1).expect("a rate and a count of channels that Opus has");
        Self(Box::new(opus))
    }
}

impl Decoder {
    /// The samples of one packet, and how many.
    pub fn decode(
        &mut self,
        payload: &[u8],
        samples: &mut [Sample; PACKET_MAX],
    ) -> Result<usize, Undecodable> {
        let mut heard = [0.0; PACKET_MAX];
        let count = self.0.decode(payload, PACKET_MAX, &mut heard).map_err(|_| Undecodable)?;
        put(&heard, count, samples)
    }

    /// So many samples, a multiple of 2.5 ms, in the place of a packet that was lost: from the
    /// copy that `next`, the packet after it, may have of it, or made up from those before.
    pub fn conceal(
        &mut self,
        next: &[u8],
        count: usize,
        samples: &mut [Sample; PACKET_MAX],
    ) -> Result<usize, Undecodable> {
        let mut heard = [0.0; PACKET_MAX];
        let count = self.0.decode_fec(next, count, &mut heard).map_err(|_| Undecodable)?;
        put(&heard, count, samples)
    }
}

fn put(heard: &[f32], count: usize, samples: &mut [Sample]) -> Result<usize, Undecodable> {
    let heard = heard.get(..count).ok_or(Undecodable)?;
    heard.iter().zip(samples).for_each(|(heard, sample)| *sample = (heard * 32_768.0) as Sample);
    Ok(count)
}

/// Says one source of Opus.
pub struct Encoder(Box<OpusEncoder>);

impl Default for Encoder {
    fn default() -> Self {
        let opus = OpusEncoder::new(RATE as i32, 1, Application::Voip);
        let mut opus = Box::new(opus.expect("a rate and a count of channels that Opus has"));
        (opus.bitrate_bps, opus.complexity) = (BITRATE, COMPLEXITY);
        (opus.use_inband_fec, opus.packet_loss_perc) = (true, LOSS_PERCENT);
        Self(opus)
    }
}

impl Encoder {
    /// One frame of 80 or 160 samples: its head (RFC 6716 §3.1) and what it holds, both
    /// together no longer than `packet`. Gives its length.
    pub fn encode(&mut self, frame: &[Sample], packet: &mut [u8]) -> usize {
        self.0.encode_i16(frame, frame.len(), packet).expect("a length that a frame of Opus may have")
    }
}
