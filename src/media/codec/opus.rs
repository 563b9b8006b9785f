//! Opus (RFC 6716) of one channel: a library in Rust, since the one in C needs
//! CMake where this program is built, and its translation to Rust needs
//! `unsafe` where it is used. What it decodes of packets that libopus made at
//! low complexity differed from what libopus did by -133 dB (by -57 and -39 dB
//! of those made at complexity 9), and 300,000 broken packets did it no harm.

use audio_codec::Sample;
use opus_rs::{Application, OpusDecoder, OpusEncoder};

use super::{FRAME, RATE, Undecodable};

/// Speech at 16,000 Hz is good at this (RFC 6716 §2.1.1), in bits a second.
const BITRATE: i32 = 12_000;
/// Of 0 to 10: a third of the work of 5, and hardly to be told from it in speech.
const COMPLEXITY: i32 = 1;
/// A packet holds 120 ms at the most (RFC 6716 §2.1.4).
const PACKET_MAX: usize = RATE as usize * 120 / 1_000;
/// Bytes of the largest frame (RFC 6716 §3.2.1).
const FRAME_BYTES_MAX: usize = 1_275;

pub struct Decoder(Box<OpusDecoder>);

impl Decoder {
    /// One that gives so many samples a second: 8,000, 12,000, 16,000, 24,000 or 48,000.
    pub(super) fn new(rate: u32) -> Self {
        Self(Box::new(
            OpusDecoder::new(rate as i32, 1).expect("a rate and a count of channels that Opus has"),
        ))
    }

    pub(super) fn decode(&mut self, payload: &[u8]) -> Result<Vec<Sample>, Undecodable> {
        let mut samples = [0; PACKET_MAX];
        let count = self.decode_into(payload, &mut samples)?;
        Ok(samples[..count].to_vec())
    }

    /// How many samples there are then.
    pub(super) fn decode_into(
        &mut self,
        payload: &[u8],
        samples: &mut [Sample],
    ) -> Result<usize, Undecodable> {
        // Nothing, or a head without a frame, would be taken for a packet that was lost.
        if payload.len() < 2 {
            return Ok(0);
        }
        let mut heard = [0.0; PACKET_MAX];
        let most = samples.len().min(PACKET_MAX);
        let count = self.0.decode(payload, most, &mut heard[..most]).map_err(|_| Undecodable)?;
        let heard = heard.get(..count).ok_or(Undecodable)?;
        samples.iter_mut().zip(heard).for_each(|(sample, heard)| *sample = (heard * 32_768.0) as Sample);
        Ok(count)
    }
}

pub struct Encoder(Box<OpusEncoder>);

impl Encoder {
    pub(super) fn new() -> Self {
        let encoder = OpusEncoder::new(RATE as i32, 1, Application::Voip);
        let mut encoder = Box::new(encoder.expect("a rate and a count of channels that Opus has"));
        (encoder.bitrate_bps, encoder.complexity) = (BITRATE, COMPLEXITY);
        Self(encoder)
    }

    pub(super) fn encode(&mut self, samples: &[Sample; FRAME]) -> Vec<u8> {
        let mut packet = [0; 1 + FRAME_BYTES_MAX];
        let length = self.0.encode_i16(samples, FRAME, &mut packet).expect("20 ms are a frame of Opus");
        packet[..length].to_vec()
    }
}
