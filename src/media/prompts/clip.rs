//! Something to be heard, as samples and as packets.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::media::codec::{Codec, Encoder, FRAME};
use crate::media::lock;

/// Samples of one channel at [`RATE`](crate::media::codec::RATE).
pub struct Clip {
    samples: Vec<i16>,
    /// Encoded when somebody hears it first.
    voices: Mutex<HashMap<Codec, Arc<Voice>>>,
}

/// A clip in one encoding.
#[derive(Debug)]
pub struct Voice {
    /// A payload for each 20 ms.
    pub frames: Vec<Box<[u8]>>,
    /// By how much the timestamp of RTP grows from one to the next.
    pub step: u32,
}

impl Clip {
    pub fn new(samples: Vec<i16>) -> Self {
        Self { samples, voices: Mutex::default() }
    }

    /// In whole packets.
    pub fn length(&self) -> Duration {
        Duration::from_millis(20 * self.samples.len().div_ceil(FRAME) as u64)
    }

    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// In this encoding, if somebody has heard it so before.
    pub fn known_voice(&self, codec: Codec) -> Option<Arc<Voice>> {
        lock(&self.voices).get(&codec).cloned()
    }

    /// In this encoding; minutes of it may take a second to make.
    pub fn voice(&self, codec: Codec) -> Arc<Voice> {
        let voice = self.known_voice(codec).unwrap_or_else(|| Arc::new(self.encoded(codec)));
        Arc::clone(lock(&self.voices).entry(codec).or_insert(voice))
    }

    fn encoded(&self, codec: Codec) -> Voice {
        let mut encoder = Encoder::new(codec);
        let frames = self.samples.chunks(FRAME).map(|samples| {
            // The last one is filled up with silence.
            let mut frame = [0; FRAME];
            frame[..samples.len()].copy_from_slice(samples);
            encoder.encode(&frame).into()
        });
        Voice { frames: frames.collect(), step: codec.clock_rate() / 50 }
    }
}

impl fmt::Debug for Clip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clip({:?})", self.length())
    }
}
