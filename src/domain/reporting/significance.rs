//! What is more than chance: how rare a deviation is, and which of many are too rare to be chance.

/// How often a true deviation of none is at least so many standard deviations off, in either direction.
pub fn rarity(z: f64) -> f64 {
    libm::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// Of those that are called remarkable, so many are so by chance alone.
pub const FALSE_MOST: f64 = 0.05;

/// Which of these are remarkable, so that at most [`FALSE_MOST`] of them are by chance: of `n` the `k` rarest, the
/// last of which is no more likely than `k/n` of that.
///
/// Y. Benjamini, Y. Hochberg, *Controlling the False Discovery Rate*, Journal of the Royal Statistical Society B 57
/// (1995).
pub fn remarkable(rarities: &[f64]) -> Vec<bool> {
    let mut sorted = rarities.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let most =
        sorted.iter().enumerate().rfind(|(nth, rarity)| **rarity <= (*nth + 1) as f64 / n * FALSE_MOST);
    let most = most.map(|(_, rarity)| *rarity);
    rarities.iter().map(|rarity| most.is_some_and(|most| *rarity <= most)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rarity_is_that_of_the_tables() {
        for (z, rarity_of) in [(0.0, 1.0), (1.0, 0.317_310_5), (1.96, 0.049_995_8), (-3.090_232, 0.002)] {
            assert!((rarity(z) - rarity_of).abs() < 1e-6, "{z}: {}", rarity(z));
        }
    }

    /// The example of the paper: fifteen comparisons, of which the four rarest are remarkable.
    #[test]
    fn the_rarest_are_remarkable_as_in_the_paper() {
        let rarities = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0,
        ];

        let found = remarkable(&rarities);

        assert_eq!(found.iter().take_while(|it| **it).count(), 4);
        assert_eq!(found.iter().filter(|it| **it).count(), 4);
        assert!(remarkable(&[]).is_empty() && remarkable(&[0.06, 0.9]) == [false, false]);
    }
}
