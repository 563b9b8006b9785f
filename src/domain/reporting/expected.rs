//! How many calls came from somewhere, when each came from there with a
//! probability only.
//!
//! Calls are independent of each other, so their number has the mean `Σp` and
//! the variance `Σp(1−p)` (Poisson's binomial distribution). The interval is
//! exact while the variance is small: the distribution is built up call by
//! call, and what lies below and above the interval has at most half of what
//! is left out each. Above [`EXACT_MAX`] it is a normal one, which then differs
//! by less than a call: `Σp ± z·√Σp(1−p)`.
//!
//! Shares of one call that fall on one row belong together: two visits of one
//! channel that may both have made a call of 50 % each make one certain call
//! of that channel. Whoever counts adds them up before they come here.

/// How sure an interval is of holding the true number.
pub const LEVEL: f64 = 0.9;

/// The same in standard deviations of a normal distribution.
pub(in crate::domain) const Z: f64 = 1.644_853_626_951_472_7;

/// Up to this variance the distribution is built up call by call.
pub(super) const EXACT_MAX: f64 = 100.0;

/// What is less likely than this is left out on the way.
const NEGLIGIBLE: f64 = 1e-12;

/// So many calls that each came from here with this probability.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Likely {
    pub probability: f64,
    pub calls: u64,
}

/// How many calls, and between which bounds.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Expected {
    pub calls: f64,
    pub from: f64,
    pub to: f64,
}

/// The number of calls among these that came from here.
pub fn expect(likely: &[Likely]) -> Expected {
    let sure = |it: &&Likely| it.probability >= 1.0 - 1e-9;
    let certain = likely.iter().filter(sure).map(|it| it.calls as f64).sum::<f64>();
    let open: Vec<Likely> = likely.iter().filter(|it| !sure(it) && it.probability > 0.0).copied().collect();
    let mean: f64 = open.iter().map(|it| it.probability * it.calls as f64).sum();
    let variance: f64 = open.iter().map(|it| it.probability * (1.0 - it.probability) * it.calls as f64).sum();
    if variance > EXACT_MAX {
        return expect_normal(certain, mean, variance);
    }
    let (from, to) = exact(&open);
    Expected { calls: certain + mean, from: certain + from, to: certain + to }
}

/// The same of so many calls that their number is as good as normal; `certain` ones besides. There are no fewer than
/// none, and no more than all: of `n` calls of `p` both are further off than `Z` where `n·p·(1−p)` is above `Z²`.
pub(super) fn expect_normal(certain: f64, mean: f64, variance: f64) -> Expected {
    let off = Z * variance.sqrt();
    Expected { calls: certain + mean, from: certain + mean - off, to: certain + mean + off }
}

fn exact(open: &[Likely]) -> (f64, f64) {
    // The chances of `first`, `first + 1`, … calls.
    let (mut first, mut chances) = (0_u64, vec![1.0]);
    for it in open {
        for _ in 0..it.calls {
            let p = it.probability;
            chances.push(0.0);
            for k in (1..chances.len()).rev() {
                chances[k] = chances[k] * (1.0 - p) + chances[k - 1] * p;
            }
            chances[0] *= 1.0 - p;
            while chances.last().is_some_and(|chance| *chance < NEGLIGIBLE) {
                chances.pop();
            }
            let rare = chances.iter().take_while(|chance| **chance < NEGLIGIBLE).count();
            chances.drain(..rare);
            first += rare as u64;
        }
    }
    let tail = (1.0 - LEVEL) / 2.0;
    let below = |chances: &mut dyn Iterator<Item = &f64>| {
        let mut sum = 0.0;
        chances
            .take_while(|chance| {
                sum += **chance;
                sum <= tail
            })
            .count()
    };
    let from = first + below(&mut chances.iter()) as u64;
    let to = (first + chances.len() as u64).saturating_sub(1 + below(&mut chances.iter().rev()) as u64);
    (from as f64, to as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dice::Dice;

    fn of(likely: &[(f64, u64)]) -> Expected {
        expect(&likely.iter().map(|&(probability, calls)| Likely { probability, calls }).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_certain_has_no_width() {
        assert_eq!(of(&[]), Expected::default());
        assert_eq!(of(&[(1.0, 7), (0.0, 3)]), Expected { calls: 7.0, from: 7.0, to: 7.0 });
    }

    /// Binomial: of ten at one half, 0 to 2 come in 5.5 % of cases and 0 to 1 in 1.1 %.
    #[test]
    fn small_numbers_are_as_a_hand_computes_them() {
        assert_eq!(of(&[(0.5, 1)]), Expected { calls: 0.5, from: 0.0, to: 1.0 });
        assert_eq!(of(&[(0.02, 1)]), Expected { calls: 0.02, from: 0.0, to: 0.0 });
        assert_eq!(of(&[(0.5, 10)]), Expected { calls: 5.0, from: 2.0, to: 8.0 });
        let two = of(&[(1.0, 3), (0.96, 1), (0.5, 1)]);
        assert!((two.calls - 4.46).abs() < 1e-9 && (two.from, two.to) == (4.0, 5.0), "{two:?}");
    }

    #[test]
    fn where_exact_and_normal_meet_they_agree_within_a_call() {
        let (below, above) = (of(&[(0.5, 400)]), of(&[(0.5, 401)]));

        assert!(
            (below.from - above.from).abs() <= 1.0 && (below.to - above.to).abs() <= 1.5,
            "{below:?} {above:?}"
        );
        assert!((above.to - above.from - 2.0 * Z * (401.0_f64 / 4.0).sqrt()).abs() < 1e-9);
    }

    /// Rows of few calls and of many, sure ones and guesses: the truth lies within as often as is said,
    /// a little oftener where there are only whole numbers to choose from.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let mut dice = Dice::new(5);
        for (calls, least, most) in [(3, 0.9, 1.0), (30, 0.9, 0.97), (300, 0.89, 0.94), (6_000, 0.88, 0.92)] {
            let rounds = 2_000;
            let mut held = 0;
            for _ in 0..rounds {
                let likely: Vec<Likely> =
                    (0..calls).map(|_| Likely { probability: dice.unit(), calls: 1 }).collect();
                let truth = likely.iter().filter(|it| dice.unit() < it.probability).count() as f64;
                let it = expect(&likely);
                held += u32::from((it.from..=it.to).contains(&truth));
            }
            let share = f64::from(held) / f64::from(rounds);
            assert!((least..=most).contains(&share), "{calls} calls: {share}");
        }
    }
}
