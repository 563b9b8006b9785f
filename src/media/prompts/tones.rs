//! Tones, made by rule.

use std::f64::consts::TAU;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::Clip;
use crate::media::codec::RATE;

/// What a caller hears while the line rings: 440 Hz for 1.5 s of every 5 (France: ITU-T E.180,
/// supplement 2). To be said again and again.
pub fn ringback() -> Arc<Clip> {
    static TONE: LazyLock<Arc<Clip>> = LazyLock::new(|| {
        let mut samples = tone(440.0, Duration::from_millis(1_500));
        samples.resize(5 * RATE as usize, 0);
        Arc::new(Clip::new(samples))
    });
    Arc::clone(&TONE)
}

/// What tells a caller to begin: 1,000 Hz for 0.4 s.
pub fn beep() -> Arc<Clip> {
    static TONE: LazyLock<Arc<Clip>> =
        LazyLock::new(|| Arc::new(Clip::new(tone(1_000.0, Duration::from_millis(400)))));
    Arc::clone(&TONE)
}

/// At a tenth of full scale, which is about −20 dBm0.
fn tone(hertz: f64, length: Duration) -> Vec<i16> {
    let count = (length.as_secs_f64() * f64::from(RATE)) as u32;
    let sample = |at| (TAU * hertz * f64::from(at) / f64::from(RATE)).sin() * f64::from(i16::MAX) * 0.1;
    (0..count).map(|at| sample(at) as i16).collect()
}
