//! What a little more money would bring: calls a week, as an interval.
//!
//! Each week tells what a channel cost, `x`, and how many calls it brought, `y`:
//!
//! ```text
//!   y = α + β·xᵖ + ε      with p of 0.1, 0.2, … 1: the more is spent, the less the next euro brings
//! ```
//!
//! For a given `p` this is a straight line over `xᵖ`. With flat priors on `α`, `β` and `log σ` the slope has
//! Student's t distribution around the least squares, with `n − 2` degrees of freedom and the scale
//! `√(RSS/(n−2)/Σ(xᵖ−mean)²)` (Gelman et al., Bayesian Data Analysis, 3rd ed., 14.2). Which `p` it is nobody knows:
//! each is believed as much as its fit is good, `RSS^−((n−2)/2)`, which is what is left of its evidence when each `xᵖ`
//! is measured in its own standard deviations. The answer mixes all of them, so a curve that the
//! weeks cannot tell makes the interval wide. What rises and falls with the cost for another reason, a season say,
//! is not told apart from it.

use super::expected::LEVEL;

/// So many weeks with costs are the fewest of which anything is told.
pub const WEEKS_MIN: usize = 8;
/// Where the cost of a week differs from the mean by less than this part of it, nothing can be learnt from it.
const VARIES_MIN: f64 = 0.05;
/// What a week costs now is the mean of so many.
const LATEST: usize = 4;

/// A week of a channel.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Week {
    /// In the smallest unit of the currency.
    pub cost: u64,
    pub calls: f64,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Outlook {
    TooFewWeeks {
        with_cost: usize,
    },
    /// Every week costs about the same.
    HardlyVaries,
    Told(Marginal),
}

/// What so much more a week would bring.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Marginal {
    /// What a week costs now.
    pub weekly_cost: f64,
    pub calls: f64,
    /// It is this at least …
    pub from: f64,
    /// … and this at most, as surely as [`LEVEL`] says.
    pub to: f64,
}

/// The weeks from the first to the last that cost something: before and after, costs may not be written down.
pub fn known(weeks: &[Week]) -> &[Week] {
    let costs = |week: &Week| week.cost > 0;
    match (weeks.iter().position(costs), weeks.iter().rposition(costs)) {
        (Some(first), Some(last)) => &weeks[first..=last],
        _ => &[],
    }
}

/// What `more` a week, in the smallest unit, would bring on top of what a week costs now.
pub fn outlook(weeks: &[Week], more: u64) -> Outlook {
    let weeks = known(weeks);
    let with_cost = weeks.iter().filter(|week| week.cost > 0).count();
    if with_cost < WEEKS_MIN {
        return Outlook::TooFewWeeks { with_cost };
    }
    let costs: Vec<f64> = weeks.iter().map(|week| week.cost as f64).collect();
    let usual = mean(&costs);
    let spread = (squares(&costs) / costs.len() as f64).sqrt();
    if spread < VARIES_MIN * usual {
        return Outlook::HardlyVaries;
    }
    let latest = &costs[costs.len().saturating_sub(LATEST)..];
    let weekly_cost = mean(latest);
    let (now, then) = (weekly_cost / usual, (weekly_cost + more as f64) / usual);
    let calls: Vec<f64> = weeks.iter().map(|week| week.calls).collect();
    let mut curves: Vec<Curve> = (1..=10)
        .map(|tenths| Curve::fit(&costs, usual, &calls, f64::from(tenths) / 10.0, now, then))
        .collect();
    let best = curves.iter().map(|it| it.belief).fold(f64::NEG_INFINITY, f64::max);
    let all: f64 = curves.iter().map(|it| (it.belief - best).exp()).sum();
    for curve in &mut curves {
        curve.belief = (curve.belief - best).exp() / all;
    }
    let freedom = calls.len() as u32 - 2;
    let tail = (1.0 - LEVEL) / 2.0;
    Outlook::Told(Marginal {
        weekly_cost,
        calls: curves.iter().map(|it| it.belief * it.gain).sum(),
        from: quantile(&curves, freedom, tail),
        to: quantile(&curves, freedom, 1.0 - tail),
    })
}

/// What one `p` says.
struct Curve {
    /// First its logarithm, up to what all have in common.
    belief: f64,
    gain: f64,
    /// Of the gain.
    scale: f64,
}

impl Curve {
    fn fit(costs: &[f64], usual: f64, calls: &[f64], p: f64, now: f64, then: f64) -> Self {
        let x: Vec<f64> = costs.iter().map(|cost| (cost / usual).powf(p)).collect();
        let (mean_x, mean_y, sxx) = (mean(&x), mean(calls), squares(&x));
        let sxy: f64 = x.iter().zip(calls).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
        let slope = sxy / sxx;
        let off = x.iter().zip(calls).map(|(x, y)| y - mean_y - slope * (x - mean_x));
        // Calls are whole: what fits without any rest may still be wrong by one.
        let rss = off.map(|off| off * off).sum::<f64>().max(1.0);
        let freedom = calls.len() as f64 - 2.0;
        let step = then.powf(p) - now.powf(p);
        Self {
            belief: -freedom / 2.0 * rss.ln(),
            gain: slope * step,
            scale: (rss / freedom / sxx).sqrt() * step,
        }
    }
}

/// Below which the gain lies with this probability, by halving.
fn quantile(curves: &[Curve], freedom: u32, probability: f64) -> f64 {
    let below = |gain: f64| -> f64 {
        curves.iter().map(|it| it.belief * student(freedom, (gain - it.gain) / it.scale)).sum()
    };
    let far = 1_000.0 * curves.iter().map(|it| it.gain.abs() + it.scale).fold(0.0, f64::max);
    let (mut low, mut high) = (-far, far);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if below(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Student's t distribution for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4).
fn student(freedom: u32, t: f64) -> f64 {
    let angle = (t / f64::from(freedom).sqrt()).atan();
    let (sin, cos) = angle.sin_cos();
    let odd = freedom % 2 == 1;
    let (mut term, mut sum) = if odd { (cos, cos) } else { (1.0, 1.0) };
    let mut step = if odd { 2 } else { 1 };
    while step + 2 < freedom {
        term *= f64::from(step) / f64::from(step + 1) * cos * cos;
        sum += term;
        step += 2;
    }
    let within = match freedom {
        1 => 2.0 * angle / std::f64::consts::PI,
        _ if odd => 2.0 / std::f64::consts::PI * (angle + sin * sum),
        _ => sin * sum,
    };
    f64::midpoint(1.0, within)
}

fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / all.len().max(1) as f64
}

/// Squares of what each is off the mean.
fn squares(all: &[f64]) -> f64 {
    let mean = mean(all);
    all.iter().map(|it| (it - mean) * (it - mean)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dice::Dice;

    /// Nearly normal: the sum of twelve.
    fn noise(dice: &mut Dice) -> f64 {
        (0..12).map(|_| dice.unit()).sum::<f64>() - 6.0
    }

    fn told(weeks: &[Week], more: u64) -> Marginal {
        match outlook(weeks, more) {
            Outlook::Told(marginal) => marginal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn students_distribution_is_that_of_the_tables() {
        // The 95th of a hundred, from printed tables.
        for (freedom, t) in
            [(1, 6.313_75), (2, 2.919_99), (3, 2.353_36), (7, 1.894_58), (10, 1.812_46), (50, 1.675_91)]
        {
            assert!((student(freedom, t) - 0.95).abs() < 1e-5, "{freedom}: {}", student(freedom, t));
            assert!((student(freedom, -t) - 0.05).abs() < 1e-5, "{freedom}");
        }
    }

    #[test]
    fn a_known_curve_is_found_again() {
        for p in [0.3, 0.5, 0.8, 1.0] {
            let curve = |cost: f64| 5.0 + 40.0 * (cost / 100_000.0_f64).powf(p);
            let weeks: Vec<Week> = (0..40_u64)
                .map(|nth| {
                    let cost = 20_000 + 7_000 * (nth * 17 % 40);
                    Week { cost, calls: curve(cost as f64) }
                })
                .collect();

            let marginal = told(&weeks, 10_000);

            let truth = curve(marginal.weekly_cost + 10_000.0) - curve(marginal.weekly_cost);
            assert!(marginal.from < truth && truth < marginal.to, "{p}: {truth} {marginal:?}");
            assert!((marginal.calls - truth).abs() < 0.1 * truth, "{p}: {truth} {marginal:?}");
            assert!(marginal.to - marginal.from < truth, "{p}: {truth} {marginal:?}");
        }
    }

    #[test]
    fn weeks_that_tell_nothing_are_said_to() {
        let weeks =
            |costs: &[u64]| costs.iter().map(|cost| Week { cost: *cost, calls: 3.0 }).collect::<Vec<_>>();

        assert_eq!(outlook(&[], 10_000), Outlook::TooFewWeeks { with_cost: 0 });
        assert_eq!(outlook(&weeks(&[0, 5, 9, 0, 7, 0]), 10_000), Outlook::TooFewWeeks { with_cost: 3 });
        assert_eq!(outlook(&weeks(&[700; 30]), 10_000), Outlook::HardlyVaries);
        assert_eq!(known(&weeks(&[0, 0, 5, 0, 9, 0])), weeks(&[5, 0, 9]));
        let flat = told(&weeks(&[100, 200, 300, 400, 500, 600, 700, 800, 900]), 100);
        assert!(flat.from < 0.0 && 0.0 < flat.to, "{flat:?}");
    }

    /// Of curves of all kinds, with calls that come by chance: the truth lies within about as often as is said.
    #[test]
    fn intervals_hold_the_truth_about_as_often_as_they_say() {
        let mut dice = Dice::new(11);
        for (p, weeks, counts) in
            [(0.3, 20, false), (0.5, 12, false), (0.8, 50, false), (1.0, 30, false), (0.5, 40, true)]
        {
            let rounds = 500;
            let mut held = 0;
            for _ in 0..rounds {
                let curve = |cost: f64| 10.0 + 30.0 * (cost / 100_000.0_f64).powf(p);
                let weeks: Vec<Week> = (0..weeks)
                    .map(|_| {
                        let cost = 10_000 + dice.below(190_000) as u64;
                        let expected = curve(cost as f64);
                        let off = if counts { expected.sqrt() } else { 4.0 };
                        Week { cost, calls: (expected + off * noise(&mut dice)).max(0.0) }
                    })
                    .collect();
                let marginal = told(&weeks, 10_000);
                let truth = curve(marginal.weekly_cost + 10_000.0) - curve(marginal.weekly_cost);
                held += u32::from((marginal.from..=marginal.to).contains(&truth));
            }
            let share = f64::from(held) / f64::from(rounds);
            assert!((0.84..=0.97).contains(&share), "p {p}, {weeks} weeks: {share}");
        }
    }
}
