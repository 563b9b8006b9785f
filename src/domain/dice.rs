//! Chance that repeats: the same seed, the same numbers, on every machine.
//!
//! Simulations and sampled figures draw from here, so that a reader who runs
//! them again reads the same. Never for keys or tokens: whoever knows a number
//! knows the next.

use std::time::Duration;

/// SplitMix64 (Steele, Lea and Flood 2014): one multiplication-rich step over
/// a counter, with a period of 2^64.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// At least 0 and less than 1.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Less than `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// A waiting time that forgets how long one has waited already.
    pub fn wait(&mut self, mean: Duration) -> Duration {
        // 1 - unit() is never 0, so its logarithm is finite.
        mean.mul_f64(-(1.0 - self.unit()).ln())
    }

    /// A number of chance with mean 0 and standard deviation 1 (Box and Muller).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// How often something happened that happens so often on average, each time by itself (Poisson); up to a mean of 50
    /// exact, above that the normal distribution, rounded.
    pub fn poisson(&mut self, mean: f64) -> f64 {
        if mean <= 0.0 {
            return 0.0;
        }
        if mean > 50.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0);
        }
        let (mut count, mut chance, mut rest) = (0.0, (-mean).exp(), self.unit());
        while rest >= chance && chance > 0.0 {
            rest -= chance;
            count += 1.0;
            chance *= mean / count;
        }
        count
    }

    /// Every order is equally likely (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_published_numbers() {
        let mut dice = Dice::new(1_234_567);

        assert_eq!(dice.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(dice.next_u64(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn waits_have_the_mean_that_was_asked_for() {
        let mut dice = Dice::new(1);
        let n = 100_000;

        let sum: f64 = (0..n).map(|_| dice.wait(Duration::from_secs(60)).as_secs_f64()).sum();

        let mean = sum / f64::from(n);
        assert!((mean - 60.0).abs() < 1.0, "{mean}");
    }

    #[test]
    fn counts_have_the_mean_and_the_variance_that_were_asked_for() {
        let mut dice = Dice::new(1);
        for mean in [0.0, 0.05, 1.0, 7.5, 49.0, 51.0, 900.0] {
            let n = 20_000;

            let counts: Vec<f64> = (0..n).map(|_| dice.poisson(mean)).collect();

            let told = counts.iter().sum::<f64>() / f64::from(n);
            let variance = counts.iter().map(|it| (it - told).powi(2)).sum::<f64>() / f64::from(n);
            assert!((told - mean).abs() <= 0.03 * mean.max(0.1), "{mean}: {told}");
            assert!((variance - mean).abs() <= 0.06 * mean.max(0.1), "{mean}: {variance}");
            assert!(counts.iter().all(|it| *it >= 0.0 && it.fract() == 0.0));
        }
    }

    #[test]
    fn every_order_of_three_is_equally_likely() {
        let mut dice = Dice::new(7);
        let mut seen = std::collections::BTreeMap::new();

        for _ in 0..60_000 {
            let mut three = [0, 1, 2];
            dice.shuffle(&mut three);
            *seen.entry(three).or_insert(0_i32) += 1;
        }

        assert_eq!(seen.len(), 6);
        assert!(seen.values().all(|n| (n - 10_000).abs() < 400), "{seen:?}");
    }
}
