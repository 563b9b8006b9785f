//! WAV files as what telephones hear, and back.
//!
//! Whoever brings a prompt has it in whatever form their studio saved. Here it becomes
//! one channel at [`RATE`], as loud as the others: its peak decides, since a caller
//! must neither strain to hear a prompt nor be startled by the next.

use std::io::Cursor;
use std::time::Duration;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use rubato::audioadapter_buffers::owned::InterleavedOwned;
use rubato::{Async, FixedAsync, Resampler, SincInterpolationParameters, WindowFunction};

use crate::domain::calling::prompt::{LENGTH_MAX, RATE};

/// How loud the loudest sample becomes: 6 dB below full scale.
const PEAK: f32 = 0.5;
/// What is quieter than a tenth of that stays quieter: it is noise.
const GAIN_MAX: f32 = 10.0;

/// Why a file cannot be a prompt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WavError {
    #[error("this is no whole WAV file of PCM or float; save it as PCM of 16 bits")]
    Unreadable,
    #[error("it has {0} channels; save it with one or two")]
    Channels(u16),
    #[error("it has {0} samples a second; save it with 8000 to 48000")]
    Rate(u32),
    #[error("it is longer than {} minutes", LENGTH_MAX.as_secs() / 60)]
    TooLong,
    #[error("nothing is to be heard in it")]
    Silent,
}

/// The samples of a file, one channel at [`RATE`].
///
/// Read are PCM of 8, 16, 24 and 32 bits and float of 32, one channel or two, which become their mean.
pub fn read(file: &[u8]) -> Result<Vec<i16>, WavError> {
    let mut reader = WavReader::new(Cursor::new(file)).map_err(|_| WavError::Unreadable)?;
    let WavSpec { channels, sample_rate, bits_per_sample, sample_format } = reader.spec();
    if !(1..=2).contains(&channels) {
        return Err(WavError::Channels(channels));
    }
    if !(8_000..=48_000).contains(&sample_rate) {
        return Err(WavError::Rate(sample_rate));
    }
    if u64::from(reader.duration()) > LENGTH_MAX.as_secs() * u64::from(sample_rate) {
        return Err(WavError::TooLong);
    }
    let samples: Result<Vec<f32>, hound::Error> = match sample_format {
        SampleFormat::Float => reader.samples::<f32>().collect(),
        SampleFormat::Int => {
            let full = (1_u64 << bits_per_sample.clamp(1, 32).saturating_sub(1)) as f32;
            reader.samples::<i32>().map(|sample| Ok(sample? as f32 / full)).collect()
        }
    };
    let samples = samples.map_err(|_| WavError::Unreadable)?;
    let mono = samples.chunks(usize::from(channels)).map(|both| {
        let mean = both.iter().sum::<f32>() / f32::from(channels);
        if mean.is_finite() { mean.clamp(-1.0, 1.0) } else { 0.0 }
    });
    let mut sound = resampled(mono.collect(), sample_rate);
    let peak = sound.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    // Less than one step of 16 bits.
    if peak < 1.0 / 32_768.0 {
        return Err(WavError::Silent);
    }
    let gain = (PEAK / peak).min(GAIN_MAX);
    sound.iter_mut().for_each(|sample| *sample *= gain * f32::from(i16::MAX));
    Ok(sound.into_iter().map(|sample| sample.round() as i16).collect())
}

fn resampled(mono: Vec<f32>, from: u32) -> Vec<f32> {
    if from == RATE || mono.is_empty() {
        return mono;
    }
    let ratio = f64::from(RATE) / f64::from(from);
    let quality = SincInterpolationParameters::new(128, WindowFunction::BlackmanHarris2);
    let mut resampler = Async::new_sinc(ratio, 1.0, &quality, 1_024, 1, FixedAsync::Input)
        .expect("a ratio between a third and two is sound");
    let length = mono.len();
    let mono = InterleavedOwned::new_from(mono, 1, length).expect("one channel of that length");
    let sound = resampler.process_all(&mono, length, None).expect("there is one channel on both sides");
    sound.take_data()
}

/// The file of samples of one channel at [`RATE`]: PCM of 16 bits.
pub fn write(samples: &[i16]) -> Vec<u8> {
    let spec =
        WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut file = Cursor::new(Vec::with_capacity(44 + 2 * samples.len()));
    let mut writer = WavWriter::new(&mut file, spec).expect("memory is written to");
    let mut whole = writer.get_i16_writer(samples.len() as u32);
    samples.iter().for_each(|sample| whole.write_sample(*sample));
    whole.flush().expect("memory is written to");
    writer.finalize().expect("memory is written to");
    file.into_inner()
}

/// How long samples at [`RATE`] are heard.
pub fn length(samples: &[i16]) -> Duration {
    Duration::from_millis(samples.len() as u64 * 1_000 / u64::from(RATE))
}

#[cfg(test)]
mod tests;
