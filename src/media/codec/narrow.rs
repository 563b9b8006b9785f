//! What a payload sounds like to whoever listens for keys: at 8,000 samples a second, which is all
//! that those need, and put where the caller says, so that no packet costs an allocation.

use audio_codec::{Sample, g722, pcma, pcmu};

use super::{Codec, Undecodable, opus};
use crate::media::dtmf::RATE;

/// Hears the payloads of one source, in their order, at the [rate of telephones](RATE).
pub enum Narrow {
    Plain(Box<dyn audio_codec::Decoder>),
    Opus(opus::Decoder),
}

impl Narrow {
    pub fn new(codec: Codec) -> Self {
        match codec {
            Codec::Pcmu => Narrow::Plain(Box::new(pcmu::PcmuDecoder::new())),
            Codec::Pcma => Narrow::Plain(Box::new(pcma::PcmaDecoder::new())),
            // The lower of its two bands alone.
            Codec::G722 => {
                let decoder = g722::G722Decoder::with_options(g722::Bitrate::Mode1_64000, false, true);
                Narrow::Plain(Box::new(decoder))
            }
            Codec::Opus => Narrow::Opus(opus::Decoder::new(RATE)),
        }
    }

    /// How many samples a payload holds, which are in `samples` then; it must have room for them.
    pub fn decode_into(&mut self, payload: &[u8], samples: &mut [Sample]) -> Result<usize, Undecodable> {
        match self {
            Narrow::Plain(decoder) => decoder.decode_into(payload, samples).map_err(|_| Undecodable),
            Narrow::Opus(decoder) => decoder.decode_into(payload, samples),
        }
    }
}
