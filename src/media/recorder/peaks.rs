//! The picture of a recording: how loud each track is at its loudest, stretch
//! by stretch. How long it will become is not known, so when the picture is
//! full, its stretches become twice as long.

use crate::domain::calling::recording::PEAKS_MAX;

/// Frames of 20 ms in the first stretches.
const STRETCH: u32 = 5;

#[derive(Debug)]
pub struct Peaks {
    /// Frames in a stretch.
    stretch: u32,
    whole: Vec<[u8; 2]>,
    /// The stretch that is not whole yet, and how many frames it has.
    current: [u8; 2],
    frames: u32,
}

impl Default for Peaks {
    fn default() -> Self {
        Self { stretch: STRETCH, whole: Vec::new(), current: [0; 2], frames: 0 }
    }
}

impl Peaks {
    /// One frame of both tracks.
    pub fn frame(&mut self, tracks: [&[i16]; 2]) {
        for (peak, samples) in self.current.iter_mut().zip(tracks) {
            let loudest = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or_default();
            *peak = (*peak).max((loudest / 128).min(255) as u8);
        }
        self.frames += 1;
        if self.frames == self.stretch {
            self.whole.push(std::mem::take(&mut self.current));
            self.frames = 0;
        }
        if self.whole.len() == PEAKS_MAX {
            let louder = |pair: &[[u8; 2]; 2]| [pair[0][0].max(pair[1][0]), pair[0][1].max(pair[1][1])];
            self.whole = self.whole.as_chunks().0.iter().map(louder).collect();
            self.stretch *= 2;
        }
    }

    /// Left and right of each stretch, at most [`PEAKS_MAX`].
    pub fn pairs(mut self) -> Vec<[u8; 2]> {
        if self.frames > 0 {
            self.whole.push(self.current);
        }
        self.whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loudest_of_each_stretch_is_seen_on_its_track() {
        let mut peaks = Peaks::default();
        for frame in 0..12 {
            peaks.frame([&[0, if frame == 6 { -12_800 } else { 128 }], &[i16::MIN, 0]]);
        }

        assert_eq!(peaks.pairs(), [[1, 255], [100, 255], [1, 255]]);
    }

    #[test]
    fn a_call_of_hours_has_a_picture_of_the_same_size() {
        let mut peaks = Peaks::default();
        for frame in 0..50 * 3_600 * 3 {
            peaks.frame([&[if frame == 0 { 25_600 } else { 0 }], &[0]]);
        }
        let pairs = peaks.pairs();

        assert!((PEAKS_MAX / 2..=PEAKS_MAX).contains(&pairs.len()), "{}", pairs.len());
        assert!(pairs[0] == [200, 0] && pairs[1..].iter().all(|pair| *pair == [0, 0]));
    }
}
