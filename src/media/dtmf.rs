//! Keys that are tones among the sound (ITU-T Q.23): two at a time, one of each group of four.
//!
//! ```text
//!   samples ── a window of 16 ms each 8 ms ──▶ strength and phase of 8 tones ── two, and little else ──▶ key
//! ```
//!
//! What is a key follows ITU-T Q.24: each frequency within 1.5 % of its own and none that is off by
//! 3.5 %; 40 ms at least, and nothing of 23; the high tone up to 4 dB above the low one and 8 below;
//! −25 dBm0 and louder. A gap of 20 ms is none, one of 40 parts two keys. Speech has energy beside any
//! two frequencies, their harmonics for one, and does not stay on them.
//!
//! Each window is weighed by a half wave (Hann), so that two of them weigh every sample alike. So the
//! strengths of a tone in all windows add up to its length, wherever it begins and ends; and by how
//! much its phase turns from one window to the next tells how far it is off. What there is for Rust
//! (`dtmf` 0.1) looks at neither frequency nor level nor twist and needs 50 ms: hence our own.

use std::f32::consts::{PI, TAU};
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use crate::domain::calling::key::Key;

/// Samples a second.
pub const RATE: u32 = 8_000;
/// Samples from one window to the next …
const HOP: usize = 64;
/// … and of each.
const WINDOW: usize = 2 * HOP;
/// In Hz: the low group, then the high one (Q.23 §6).
const TONES: [f32; 8] = [697.0, 770.0, 852.0, 941.0, 1_209.0, 1_336.0, 1_477.0, 1_633.0];
const KEYS: [&[u8; 4]; 4] = [b"123A", b"456B", b"789C", b"*0#D"];

/// So much of all energy is that of the two tones: noise 12 dB below them leaves it.
const SHARE_MIN: f32 = 0.78;
/// Powers: the high tone 5 dB above the low one, and 9 below.
const TWIST: RangeInclusive<f32> = 0.126..=3.16;
/// The power of the weaker tone: −29 dBm0, where the largest sample is that of 3.14 dBm0.
const POWER_MIN: f32 = 32_768.0 * 32_768.0 / 2.0 * 6.1e-4;
/// By this share of itself a frequency may be off.
const OFF_MAX: f32 = 0.025;
/// It fills so many windows …
const WINDOWS_MIN: u32 = 3;
/// … and is as long as so many hops: 27 ms.
const LENGTH_MIN: f32 = 3.4;
/// After so many windows without its tones a key is up.
const PAUSE: u8 = 5;

/// A tone's strength and phase in a window, as a complex number.
type Phasor = [f32; 2];

/// For each tone what each sample of a window counts.
static WEIGHTS: LazyLock<[[Phasor; WINDOW]; 8]> = LazyLock::new(|| {
    TONES.map(|hertz| {
        std::array::from_fn(|n| {
            let (sin, cos) = (TAU * hertz * n as f32 / RATE as f32).sin_cos();
            [hann(n) * cos, -hann(n) * sin]
        })
    })
});

static HANN: LazyLock<[f32; WINDOW]> = LazyLock::new(|| std::array::from_fn(hann));

fn hann(n: usize) -> f32 {
    (PI * (n as f32 + 0.5) / WINDOW as f32).sin().powi(2)
}

/// Hears the keys of one source.
#[derive(Debug)]
pub struct Detector {
    /// The latest samples, and how many of them are there.
    samples: [f32; WINDOW],
    count: usize,
    /// The window before.
    before: [Phasor; 8],
    tones: Option<Tones>,
    /// The tones of the key that is down, and for how many windows they have not been heard.
    down: Option<([usize; 2], u8)>,
}

/// Two tones that have been heard in each window of late.
#[derive(Default, Debug)]
struct Tones {
    pair: [usize; 2],
    /// In how many.
    windows: u32,
    /// Their strengths added up, and the greatest.
    sum: f32,
    most: f32,
    /// By how much each turned from window to window, and how strongly.
    turned: [Phasor; 2],
}

impl Default for Detector {
    fn default() -> Self {
        Self { samples: [0.0; WINDOW], count: HOP, before: [[0.0; 2]; 8], tones: None, down: None }
    }
}

impl Detector {
    /// Takes samples at [`RATE`]; a key is told as soon as it is known to be one.
    pub fn hears(&mut self, samples: &[i16], mut pressed: impl FnMut(Key)) {
        for sample in samples {
            self.samples[self.count] = f32::from(*sample);
            self.count += 1;
            if self.count == WINDOW {
                self.window().into_iter().for_each(&mut pressed);
                self.samples.copy_within(HOP.., 0);
                self.count = HOP;
            }
        }
    }

    fn window(&mut self) -> Option<Key> {
        let phasors = WEIGHTS.each_ref().map(|weights| self.weighed(weights));
        let before = std::mem::replace(&mut self.before, phasors);
        let pair = [0, 4].map(|first| strongest(&phasors, first));
        let is_heard = self.is_of(pair.map(|tone| phasors[tone]));
        self.lifts(pair, is_heard);
        let tones = self.tones.take().filter(|tones| tones.pair == pair);
        if self.down.is_some_and(|(down, _)| down == pair) || !is_heard && tones.is_none() {
            return None;
        }
        let strength = |of: &[Phasor; 8]| pair.map(|tone| length(of[tone])).iter().sum::<f32>();
        // It may have begun in the window before.
        let mut tones = tones.unwrap_or_else(|| Tones { pair, sum: strength(&before), ..Tones::default() });
        tones.sum += strength(&phasors);
        if is_heard {
            tones.windows += 1;
            tones.most = tones.most.max(strength(&phasors));
            if tones.windows > 1 {
                for (turned, tone) in tones.turned.iter_mut().zip(pair) {
                    let [re, im] = turn(before[tone], phasors[tone]);
                    *turned = [turned[0] + re, turned[1] + im];
                }
            }
        }
        if tones.is_key() {
            self.down = Some((pair, 0));
            return Key::new(KEYS[pair[0]][pair[1] - 4]);
        }
        // It may end in this window, and nothing follows that.
        self.tones = is_heard.then_some(tones);
        None
    }

    /// How strong something is in the window, and where its wave stands.
    fn weighed(&self, weights: &[Phasor; WINDOW]) -> Phasor {
        self.samples
            .iter()
            .zip(weights)
            .fold([0.0; 2], |[re, im], (sample, weight)| [re + sample * weight[0], im + sample * weight[1]])
    }

    /// A key that is not heard for a while is not down any more.
    fn lifts(&mut self, heard: [usize; 2], is_heard: bool) {
        if let Some((down, silent)) = &mut self.down {
            *silent = if is_heard && *down == heard { 0 } else { *silent + 1 };
            if *silent == PAUSE {
                self.down = None;
            }
        }
    }

    /// Whether the window holds these two tones and hardly anything else.
    fn is_of(&self, tones: [Phasor; 2]) -> bool {
        let weighed = self.samples.iter().zip(HANN.iter()).map(|(sample, weight)| sample * weight);
        let energy: f32 = weighed.map(|sample| sample * sample).sum();
        let [low, high] = tones.map(power);
        // A tone of power P has 3/8 P a sample left in a window.
        let share = (low + high) * 0.375 * WINDOW as f32 / energy;
        low.min(high) >= POWER_MIN && TWIST.contains(&(high / low)) && share >= SHARE_MIN
    }
}

impl Tones {
    fn is_key(&self) -> bool {
        self.windows >= WINDOWS_MIN && self.sum >= LENGTH_MIN * self.most && self.is_in_tune()
    }

    /// Whether both turn from window to window by what their frequencies turn by.
    fn is_in_tune(&self) -> bool {
        self.turned.iter().zip(self.pair).all(|([re, im], tone)| {
            let own = TAU * TONES[tone] * HOP as f32 / RATE as f32;
            let (sin, cos) = own.sin_cos();
            let off = (im * cos - re * sin).atan2(re * cos + im * sin);
            off.abs() <= own * OFF_MAX
        })
    }
}

fn strongest(phasors: &[Phasor; 8], first: usize) -> usize {
    let of = |tone: &usize| power(phasors[*tone]);
    (first..first + 4).max_by(|one, other| of(one).total_cmp(&of(other))).unwrap_or(first)
}

/// The power of a tone that is in all of the window.
fn power([re, im]: Phasor) -> f32 {
    2.0 * (re * re + im * im) / (HOP * HOP) as f32
}

fn length([re, im]: Phasor) -> f32 {
    re.hypot(im)
}

/// From one to the other.
fn turn(from: Phasor, to: Phasor) -> Phasor {
    [from[0] * to[0] + from[1] * to[1], from[0] * to[1] - from[1] * to[0]]
}

#[cfg(test)]
pub mod tests;
