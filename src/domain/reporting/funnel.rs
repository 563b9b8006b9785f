//! Which of many places miss more calls than chance explains: a funnel around what all of them miss together.
//!
//! Of `n` calls that are over, a place that is like all others misses `θ`, give or take `√(θ(1−θ)/n)`: one with
//! few calls may be far off by chance, one with many may not. Places differ by nature, so the funnel is as much
//! wider as most of them are off (`φ`, from z-scores of which the extreme tenth at each end is drawn in). Who
//! stands outside is found with the usual care for many comparisons ([`remarkable`]).
//!
//! D. J. Spiegelhalter, *Funnel plots for comparing institutional performance*, Statistics in Medicine 24 (2005).

use super::significance::{rarity, remarkable};

/// In hundredths of those who are like all others within the inner, and the outer funnel: 95 and 99.8.
pub const INNER: f64 = 1.959_964;
pub const OUTER: f64 = 3.090_232;

/// Of fewer calls nothing is said: the normal distribution is none of theirs.
pub const CALLS_LEAST: f64 = 10.0;
/// From so many places on it is known how much they differ by nature.
const PLACES_LEAST: usize = 8;
const DRAWN_IN: f64 = 0.1;

/// What is known of a place: how many of its calls are over, and were missed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Place {
    pub over: f64,
    pub missed: f64,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Funnel {
    /// What all of them miss together, 0 to 1.
    pub rate: f64,
    /// How many times wider than by chance alone, as a variance; 1: they are alike.
    pub spread: f64,
    /// In the order in which they were told.
    pub verdicts: Vec<Verdict>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Verdict {
    /// There are too few calls.
    Unknown,
    /// Chance explains it.
    Usual,
    Better,
    Worse,
}

pub fn funnel(places: &[Place]) -> Funnel {
    let (over, missed) =
        places.iter().fold((0.0, 0.0), |(over, missed), it| (over + it.over, missed + it.missed));
    let rate = if over > 0.0 { missed / over } else { 0.0 };
    let off = |it: &Place| {
        let deviation = (rate * (1.0 - rate) / it.over).sqrt();
        let is_known = it.over >= CALLS_LEAST && deviation > 0.0;
        is_known.then(|| (it.missed / it.over - rate) / deviation)
    };
    let offs: Vec<Option<f64>> = places.iter().map(off).collect();
    let known: Vec<f64> = offs.iter().flatten().copied().collect();
    let spread = spread(&known);
    let rarities: Vec<f64> = known.iter().map(|z| rarity(z / spread.sqrt())).collect();
    let mut found = remarkable(&rarities).into_iter();
    let verdicts = offs.iter().map(|off| match off {
        None => Verdict::Unknown,
        Some(z) => match found.next().unwrap_or_default() {
            false => Verdict::Usual,
            true if *z > 0.0 => Verdict::Worse,
            true => Verdict::Better,
        },
    });
    Funnel { rate, spread, verdicts: verdicts.collect() }
}

impl Funnel {
    /// Between which shares a place of so many calls is expected, so many deviations off.
    pub fn bounds(&self, over: f64, deviations: f64) -> (f64, f64) {
        let off = deviations * (self.spread * self.rate * (1.0 - self.rate) / over).sqrt();
        ((self.rate - off).max(0.0), (self.rate + off).min(1.0))
    }
}

fn spread(offs: &[f64]) -> f64 {
    if offs.len() < PLACES_LEAST {
        return 1.0;
    }
    let mut sorted = offs.to_vec();
    sorted.sort_by(f64::total_cmp);
    let drawn = (sorted.len() as f64 * DRAWN_IN).floor() as usize;
    let (least, most) = (sorted[drawn], sorted[sorted.len() - 1 - drawn]);
    let sum: f64 = sorted.iter().map(|z| z.clamp(least, most).powi(2)).sum();
    (sum / sorted.len() as f64).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dice::Dice;

    fn drawn(dice: &mut Dice, calls: u32, rate: f64) -> Place {
        let missed = (0..calls).filter(|_| dice.unit() < rate).count();
        Place { over: f64::from(calls), missed: missed as f64 }
    }

    #[test]
    fn nothing_and_little_is_unknown() {
        assert_eq!(funnel(&[]), Funnel { rate: 0.0, spread: 1.0, verdicts: vec![] });
        let few = funnel(&[Place { over: 5.0, missed: 5.0 }, Place { over: 400.0, missed: 40.0 }]);
        assert_eq!(few.verdicts, [Verdict::Unknown, Verdict::Usual]);
        let none = funnel(&[Place { over: 50.0, missed: 0.0 }, Place { over: 400.0, missed: 0.0 }]);
        assert_eq!((none.rate, none.verdicts), (0.0, vec![Verdict::Unknown; 2]));
    }

    /// A share of half on 100 calls: a deviation is 5 of 100.
    #[test]
    fn bounds_are_as_a_hand_computes_them() {
        let funnel = funnel(&[Place { over: 100.0, missed: 50.0 }, Place { over: 100.0, missed: 50.0 }]);

        let (from, to) = funnel.bounds(100.0, 2.0);

        assert!((from - 0.4).abs() < 1e-9 && (to - 0.6).abs() < 1e-9, "{from} {to}");
        assert_eq!(funnel.bounds(1.0, 3.0), (0.0, 1.0));
    }

    #[test]
    fn who_is_like_all_others_is_hardly_ever_called_out() {
        let mut dice = Dice::new(3);
        let mut called_out = 0;
        for _ in 0..200 {
            let places: Vec<Place> = (0..40).map(|nth| drawn(&mut dice, 20 + nth * 15, 0.15)).collect();
            let found = funnel(&places).verdicts;
            called_out += u32::from(found.iter().any(|it| matches!(it, Verdict::Better | Verdict::Worse)));
        }
        assert!(called_out <= 20, "{called_out} of 200");
    }

    #[test]
    fn who_misses_twice_as_many_is_found_among_many_who_differ_a_little() {
        let mut dice = Dice::new(4);
        let mut places: Vec<Place> = (0..40)
            .map(|_| {
                let rate = 0.13 + 0.04 * dice.unit();
                drawn(&mut dice, 400, rate)
            })
            .collect();
        places[7] = drawn(&mut dice, 400, 0.35);
        places[9] = drawn(&mut dice, 400, 0.02);

        let funnel = funnel(&places);

        assert_eq!((funnel.verdicts[7], funnel.verdicts[9]), (Verdict::Worse, Verdict::Better));
        assert!(funnel.verdicts.iter().filter(|it| **it == Verdict::Usual).count() >= 36, "{funnel:?}");
    }
}
