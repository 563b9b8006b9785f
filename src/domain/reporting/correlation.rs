//! Which channels move together, and which follows the other after how many days.
//!
//! Two series of days that have nothing to do with each other look alike if both rest on Sundays, or both grow. So
//! of each is taken away what its own past explains, before they are held against each other:
//!
//! ```text
//!   calls a day ─► 2·√(x + 3/8) ─► less the trend ─► less what each weekday usually is ─► less φ times the day before
//! ```
//!
//! The square root makes a busy channel vary as much as a quiet one (F. J. Anscombe, 1948), the last step leaves what
//! nobody could have told the day before (*prewhitening*: Box, Jenkins, *Time Series Analysis* (1970), §11.2). Of what
//! remains, a correlation of `n` days that is none at all deviates by `1/√n`. Many pairs and lags are looked at, so what
//! is called remarkable has to be as much rarer ([`remarkable`]).
//!
//! It tells that they move together, not why: an advertisement makes people search, and a holiday makes all rest.

use super::significance::{rarity, remarkable};

/// Below so many whole weeks nothing is told.
pub const WEEKS_LEAST: usize = 8;
/// A channel with fewer calls a day, on average, is too thin.
pub const CALLS_LEAST: f64 = 0.5;
/// One may follow another so many days later.
pub const LAG_MOST: usize = 14;

/// The bounds are those of nine in ten, as everywhere in reports.
const Z: f64 = 1.644_853_6;

/// How two channels move.
#[derive(Clone, PartialEq, Debug)]
pub struct Pair {
    /// Their places among the series.
    pub one: usize,
    pub other: usize,
    /// For each lag from `-LAG_MOST` to `LAG_MOST`: how much what `one` did shows in what `other` did so many days
    /// later; -1 to 1.
    pub by_lag: Vec<f64>,
    /// That of the most.
    pub lag: i32,
    pub correlation: f64,
    /// Between which two it truly lies.
    pub from: f64,
    pub to: f64,
    /// More than chance explains.
    pub is_remarkable: bool,
}

/// What is left of a series, or `None`: it is too thin.
type Surprises = Option<Vec<f64>>;

/// Pairs of series of the same days, those that move together most first.
pub fn pairs(series: &[Vec<f64>]) -> Vec<Pair> {
    let left: Vec<Surprises> = series.iter().map(|it| surprises(it)).collect();
    let mut pairs = Vec::new();
    for (one, mine) in left.iter().enumerate() {
        for (other, its) in left.iter().enumerate().skip(one + 1) {
            if let (Some(mine), Some(its)) = (mine, its) {
                pairs.push(pair((one, mine), (other, its)));
            }
        }
    }
    let rarities: Vec<f64> = pairs
        .iter()
        .flat_map(|(pair, days)| pair.by_lag.iter().map(|r| rarity(r * deviations(*days))))
        .collect();
    let found = remarkable(&rarities);
    let told = pairs.into_iter().zip(found.chunks(2 * LAG_MOST + 1)).map(|((pair, _), found)| {
        let is_remarkable = found[place(pair.lag)];
        Pair { is_remarkable, ..pair }
    });
    let mut told: Vec<Pair> = told.collect();
    told.sort_by(|a, b| {
        b.is_remarkable.cmp(&a.is_remarkable).then(b.correlation.abs().total_cmp(&a.correlation.abs()))
    });
    told
}

/// Whether so few days, or calls, tell nothing.
pub fn is_thin(days: &[f64]) -> bool {
    surprises(days).is_none()
}

fn deviations(days: usize) -> f64 {
    (days as f64).sqrt()
}

fn place(lag: i32) -> usize {
    (lag + LAG_MOST as i32) as usize
}

fn pair((one, mine): (usize, &[f64]), (other, its): (usize, &[f64])) -> (Pair, usize) {
    let days = mine.len();
    let norm = |it: &[f64]| it.iter().map(|x| x * x).sum::<f64>().sqrt();
    let scale = norm(mine) * norm(its);
    let most = LAG_MOST as i32;
    let by_lag: Vec<f64> = (-most..=most)
        .map(|lag| {
            let (before, after) = if lag >= 0 { (mine, its) } else { (its, mine) };
            let later = after.iter().skip(lag.unsigned_abs() as usize);
            before.iter().zip(later).map(|(x, y)| x * y).sum::<f64>() / scale
        })
        .collect();
    let lag = (-most..=most)
        .max_by(|a, b| by_lag[place(*a)].abs().total_cmp(&by_lag[place(*b)].abs()))
        .unwrap_or_default();
    let correlation = by_lag[place(lag)];
    // Fisher's transformation.
    let (middle, off) = (correlation.clamp(-0.999_999, 0.999_999).atanh(), Z / (days as f64 - 3.0).sqrt());
    let (from, to) = ((middle - off).tanh(), (middle + off).tanh());
    (Pair { one, other, by_lag, lag, correlation, from, to, is_remarkable: false }, days)
}

/// What of a series its own past does not explain, of its last whole weeks.
fn surprises(days: &[f64]) -> Surprises {
    let weeks = days.len() / 7;
    let days = &days[days.len() - weeks * 7..];
    if weeks < WEEKS_LEAST || days.iter().sum::<f64>() < CALLS_LEAST * days.len() as f64 {
        return None;
    }
    let mut left: Vec<f64> = days.iter().map(|calls| 2.0 * (calls.max(0.0) + 0.375).sqrt()).collect();
    without_trend(&mut left);
    for weekday in 0..7 {
        let mean = left.iter().skip(weekday).step_by(7).sum::<f64>() / weeks as f64;
        left.iter_mut().skip(weekday).step_by(7).for_each(|it| *it -= mean);
    }
    let by_itself: f64 = left.iter().map(|x| x * x).sum();
    if by_itself < 1e-9 {
        return None;
    }
    let by_next: f64 = left.iter().zip(&left[1..]).map(|(x, y)| x * y).sum();
    let like_before = by_next / by_itself;
    Some(left.iter().zip(&left[1..]).map(|(before, now)| now - like_before * before).collect())
}

/// Takes the straight line away that lies closest.
fn without_trend(days: &mut [f64]) {
    let n = days.len() as f64;
    let (middle, mean) = ((n - 1.0) / 2.0, days.iter().sum::<f64>() / n);
    let along = |nth: usize| nth as f64 - middle;
    let rise: f64 = days.iter().enumerate().map(|(nth, it)| along(nth) * (it - mean)).sum();
    let slope = rise / (0..days.len()).map(|nth| along(nth).powi(2)).sum::<f64>();
    days.iter_mut().enumerate().for_each(|(nth, it)| *it -= mean + slope * along(nth));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dice::Dice;

    const DAYS: usize = 26 * 7;

    /// Calls a day that rest on Sundays, grow, and follow what drives them.
    fn calls(dice: &mut Dice, drive: &[f64]) -> Vec<f64> {
        let mut of_day = |nth: usize, drive: f64| {
            let usual = if nth % 7 == 6 { 1.0 } else { 9.0 + nth as f64 / 30.0 };
            let mean = (usual * (1.0 + drive)).max(0.1);
            // Poisson's, by waiting.
            let (mut count, mut left) = (0.0, 1.0);
            while left > (-mean).exp() {
                left *= dice.unit();
                count += 1.0;
            }
            count - 1.0
        };
        drive.iter().enumerate().map(|(nth, drive)| of_day(nth, *drive)).collect()
    }

    fn pushes(dice: &mut Dice) -> Vec<f64> {
        (0..DAYS + 5).map(|_| if dice.unit() < 0.15 { 1.5 } else { 0.0 }).collect()
    }

    #[test]
    fn who_follows_three_days_later_is_found_and_from_the_other_side_it_is_three_before() {
        let mut dice = Dice::new(21);
        let push = pushes(&mut dice);
        let leads = calls(&mut dice, &push[5..]);
        let follows = calls(&mut dice, &push[2..DAYS + 2]);
        let alone = calls(&mut dice, &[0.0; DAYS]);

        let found = pairs(&[leads.clone(), follows.clone(), alone]);
        let turned = pairs(&[follows, leads]);

        let first = &found[0];
        assert_eq!((first.one, first.other, first.lag, first.is_remarkable), (0, 1, 3, true), "{first:?}");
        assert!(
            first.correlation > 0.4 && first.from < first.correlation && first.correlation < first.to,
            "{first:?}"
        );
        assert!(found[1..].iter().all(|pair| !pair.is_remarkable), "{found:?}");
        assert_eq!((turned[0].lag, turned[0].correlation), (-3, first.correlation));
    }

    #[test]
    fn sundays_and_growth_alone_are_nothing_in_common() {
        let mut dice = Dice::new(22);
        let mut found = 0;
        for _ in 0..60 {
            let series: Vec<Vec<f64>> = (0..5).map(|_| calls(&mut dice, &[0.0; DAYS])).collect();
            found += u32::from(pairs(&series).iter().any(|pair| pair.is_remarkable));
        }
        assert!(found <= 8, "{found} of 60");
    }

    #[test]
    fn little_tells_nothing() {
        assert!(is_thin(&[9.0; 7 * 8 - 1]), "too few weeks");
        assert!(is_thin(&[3.0; DAYS]), "always the same");
        let mut dice = Dice::new(23);
        let mut days = calls(&mut dice, &[0.0; DAYS]);
        assert!(!is_thin(&days));
        days.iter_mut().enumerate().for_each(|(nth, it)| *it = f64::from(u8::from(nth % 9 == 0)));
        assert!(is_thin(&days), "a call in nine days");
        assert!(pairs(&[days.clone(), days]).is_empty() && pairs(&[]).is_empty());
    }
}
