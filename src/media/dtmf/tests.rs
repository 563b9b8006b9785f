//! Tones as telephones make them and as wires leave them, and speech, which is none.

use std::f64::consts::TAU;

use audio_codec::Encoder as _;
use audio_codec::pcma::PcmaEncoder;

use super::*;
use crate::domain::dice::Dice;
use crate::media::codec::{Codec, Decoder, Encoder, FRAME, Narrow};
use crate::media::prompts::built_in;

/// A tone of two frequencies.
#[derive(Clone, Copy)]
struct Press {
    /// Which of the sixteen keys.
    key: usize,
    ms: usize,
    /// The level of the low tone in dBm0, and by how much the high one is above it.
    level: f64,
    twist: f64,
    /// By which shares of themselves the two are off.
    off: [f64; 2],
}

const PRESS: Press = Press { key: 0, ms: 40, level: -10.0, twist: 0.0, off: [0.0; 2] };

impl Press {
    fn name(self) -> char {
        char::from(KEYS[self.key / 4][self.key % 4])
    }

    /// At so many samples a second, from this phase on.
    fn samples(self, rate: u32, phase: f64) -> Vec<f64> {
        let tones = [(self.key / 4, self.level), (4 + self.key % 4, self.level + self.twist)];
        let tone = |(tone, level): (usize, f64), off: f64| {
            let step = TAU * f64::from(TONES[tone]) * (1.0 + off) / f64::from(rate);
            move |n: usize| amplitude(level) * (step * n as f64 + phase).sin()
        };
        let [low, high] = [tone(tones[0], self.off[0]), tone(tones[1], self.off[1])];
        (0..self.ms * rate as usize / 1_000).map(|n| low(n) + high(n)).collect()
    }
}

/// The level of a tone that just fits (ITU-T G.711, table 5).
#[allow(clippy::approx_constant, reason = "it is no π")]
const FULL_SCALE: f64 = 3.14;

/// The amplitude of a tone of this level.
fn amplitude(dbm0: f64) -> f64 {
    32_768.0 * 10_f64.powf((dbm0 - FULL_SCALE) / 20.0)
}

fn silence(ms: usize) -> Vec<f64> {
    vec![0.0; ms * RATE as usize / 1_000]
}

/// The sound of keys, each of this length and followed by a pause, in A-law.
pub fn keys_in_pcma(keys: &str, ms: usize, pause: usize) -> Vec<u8> {
    let number = |key: u8| KEYS.iter().flat_map(|row| row.iter()).position(|known| *known == key).unwrap();
    let samples = keys.bytes().flat_map(|key| {
        let tone = Press { key: number(key), ms, ..PRESS }.samples(RATE, 0.0);
        [tone, silence(pause)].concat()
    });
    let samples: Vec<i16> = samples.map(|sample| sample as i16).collect();
    PcmaEncoder::new().encode(&samples)
}

/// The keys that are heard, packet by packet.
fn heard(samples: &[f64]) -> String {
    let samples: Vec<i16> = samples.iter().map(|sample| *sample as i16).collect();
    let (mut detector, mut keys) = (Detector::default(), String::new());
    for packet in samples.chunks(160) {
        detector.hears(packet, |key| keys.push_str(&String::from(key)));
    }
    keys
}

/// How often each of the sixteen keys is heard rightly, of so many: wherever in a window it begins.
fn right(press: Press, mut change: impl FnMut(Vec<f64>) -> Vec<f64>) -> (usize, usize) {
    let begins = (0..64).step_by(7);
    let all = (0..16).flat_map(|key| begins.clone().map(move |at| (Press { key, ..press }, at)));
    let (mut right, mut count) = (0, 0);
    for (press, at) in all {
        let samples = [vec![0.0; at], press.samples(RATE, at as f64), silence(80)].concat();
        count += 1;
        right += usize::from(heard(&change(samples)) == press.name().to_string());
    }
    (right, count)
}

fn all_are_heard(press: Press, what: &str) {
    let (right, count) = right(press, |samples| samples);
    assert_eq!(right, count, "{what}");
}

fn none_is_heard(press: Press, what: &str) {
    assert_eq!(right(press, |samples| samples).0, 0, "{what}");
}

#[test]
fn each_key_is_heard_whatever_its_length_from_40_ms_on_and_once() {
    for ms in [40, 50, 70, 200, 1_000] {
        all_are_heard(Press { ms, ..PRESS }, &format!("{ms} ms"));
    }
    for ms in [10, 20, 23] {
        none_is_heard(Press { ms, ..PRESS }, &format!("{ms} ms"));
    }
}

#[test]
fn a_frequency_may_be_off_by_a_little() {
    for off in [-0.015, 0.015] {
        for off in [[off, off], [off, -off], [off, 0.0]] {
            all_are_heard(Press { off, ..PRESS }, &format!("{off:?}"));
        }
    }
    for off in [-0.06, -0.045, -0.035, 0.035, 0.045, 0.06] {
        for off in [[off, 0.0], [0.0, off]] {
            none_is_heard(Press { off, ms: 100, ..PRESS }, &format!("{off:?}"));
        }
    }
}

#[test]
fn one_tone_may_be_louder_than_the_other_by_so_much() {
    let off = [0.015, -0.015];
    for twist in [-8.0, -4.0, 4.0] {
        all_are_heard(Press { twist, off, ..PRESS }, &format!("{twist} dB"));
    }
    for twist in [-60.0, -12.0, 8.0, 60.0] {
        none_is_heard(Press { twist, ms: 100, ..PRESS }, &format!("{twist} dB"));
    }
}

#[test]
fn whatever_is_not_faint_is_heard() {
    for level in [-25.0, -15.0, -3.0, 0.0] {
        all_are_heard(Press { level, off: [0.015, 0.015], ..PRESS }, &format!("{level} dBm0"));
    }
    none_is_heard(Press { level: -35.0, ms: 100, ..PRESS }, "faint");
}

#[test]
fn noise_15_db_below_makes_no_difference() {
    let mut dice = Dice::new(5);
    let level = amplitude(PRESS.level) / 10_f64.powf(15.0 / 20.0);
    // As strong as both tones together, less 15 dB; of twelve throws the spread is one.
    let mut noisy = |samples: Vec<f64>| -> Vec<f64> {
        let mut noise = || level * ((0..12).map(|_| dice.unit()).sum::<f64>() - 6.0);
        samples.into_iter().map(|sample| sample + noise()).collect()
    };

    for off in [-0.015, 0.015] {
        for ms in [40, 500] {
            let (right, count) = right(Press { off: [off, off], ms, ..PRESS }, &mut noisy);
            assert_eq!(right, count, "{ms} ms, {off}");
        }
    }
    assert_eq!(right(Press { ms: 23, ..PRESS }, &mut noisy).0, 0);
    assert_eq!(right(Press { off: [0.035, 0.0], ms: 100, ..PRESS }, &mut noisy).0, 0);
}

#[test]
fn a_gap_is_none_until_it_is_a_pause() {
    for (gap, keys) in [(5, "5"), (10, "5"), (20, "5"), (40, "55"), (100, "55")] {
        for at in 0..64 {
            let one = Press { key: 5, ms: 60, ..PRESS }.samples(RATE, 1.0);
            let samples = [vec![0.0; at], one.clone(), silence(gap), one, silence(80)].concat();
            assert_eq!(heard(&samples), keys, "{gap} ms");
        }
    }
}

#[test]
fn keys_are_told_apart_without_a_pause() {
    let keys = (0..16).flat_map(|key| Press { key, ms: 50, ..PRESS }.samples(RATE, 0.0));

    assert_eq!(heard(&[keys.collect(), silence(20)].concat()), "123A456B789C*0#D");
}

#[test]
fn one_tone_alone_is_no_key_nor_are_two_of_a_group() {
    let tone =
        |hertz: f32, n: usize| amplitude(-10.0) * (TAU * f64::from(hertz) * n as f64 / f64::from(RATE)).sin();
    for one in TONES {
        for other in TONES.into_iter().filter(|other| (*other < 1_000.0) == (one < 1_000.0)) {
            let samples: Vec<f64> = (0..1_600).map(|n| tone(one, n) + tone(other, n)).collect();
            assert_eq!(heard(&samples), "", "{one} and {other}");
        }
    }
}

#[test]
fn a_key_is_heard_through_each_codec() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus] {
        for ms in [60, 100] {
            let (mut encoder, mut narrow) = (Encoder::new(codec), Narrow::new(codec));
            let (mut detector, mut keys) = (Detector::default(), String::new());
            let mut samples = Vec::new();
            for key in 0..16 {
                samples.extend(Press { key, ms, ..PRESS }.samples(crate::media::codec::RATE, 0.0));
                samples.extend(silence(2 * 60));
            }
            let samples: Vec<i16> = samples.into_iter().map(|sample| sample as i16).collect();
            for frame in samples.as_chunks::<FRAME>().0 {
                let mut decoded = [0; 160];
                let count = narrow.decode_into(&encoder.encode(frame), &mut decoded).unwrap();
                detector.hears(&decoded[..count], |key| keys.push_str(&String::from(key)));
            }

            assert_eq!(keys, "123A456B789C*0#D", "{codec:?}, {ms} ms");
        }
    }
}

/// Prompts of both languages, at several pitches.
#[test]
fn speech_is_no_key() {
    let mut seconds = 0.0;
    for (name, sound) in built_in() {
        let sound = Decoder::new(Codec::Pcma).decode(sound).unwrap();
        for pitch in [1.5, 2.0, 2.6] {
            let count = (sound.len() as f64 / pitch) as usize;
            let at = |n: usize| f64::from(sound[(n as f64 * pitch) as usize]);
            let samples: Vec<f64> = (0..count).map(at).collect();
            seconds += count as f64 / f64::from(RATE);
            assert_eq!(heard(&samples), "", "{name} at {pitch}");
        }
    }
    assert!(seconds > 400.0, "{seconds}");
}

/// A voice that hums: pulses through three resonances, as in a mouth.
#[test]
fn vowels_are_no_keys() {
    let mut dice = Dice::new(99);
    let mut between = |low: f64, high: f64| low + (high - low) * dice.unit();
    for _ in 0..400 {
        let (pitch, glide) = (between(80.0, 320.0), between(-0.1, 0.1));
        let (mut phase, mut glottis) = (0.0, 0.0);
        let mut samples: Vec<f64> = (0..4_000)
            .map(|n| {
                phase += pitch * (1.0 + glide * f64::from(n) / 4_000.0) / f64::from(RATE);
                let pulse = f64::from(phase >= 1.0);
                phase -= pulse;
                glottis = 0.95 * glottis + pulse;
                glottis
            })
            .collect();
        for (low, high, width) in [(250.0, 900.0, 80.0), (800.0, 2_400.0, 110.0), (2_300.0, 3_200.0, 160.0)] {
            resonates(&mut samples, between(low, high), width);
        }
        let most = samples.iter().fold(0.0, |most: f64, sample| most.max(sample.abs()));
        samples.iter_mut().for_each(|sample| *sample *= 16_000.0 / most);

        assert_eq!(heard(&samples), "", "{pitch} Hz");
    }
}

fn resonates(samples: &mut [f64], hertz: f64, width: f64) {
    let decay = (-std::f64::consts::PI * width / f64::from(RATE)).exp();
    let (one, two) = (2.0 * decay * (TAU * hertz / f64::from(RATE)).cos(), -decay * decay);
    let mut before = [0.0; 2];
    for sample in samples {
        *sample = (1.0 - one - two) * *sample + one * before[0] + two * before[1];
        before = [*sample, before[0]];
    }
}
