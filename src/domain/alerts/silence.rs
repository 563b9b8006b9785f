//! How likely nobody calls for so long: learnt from the same hours of the weeks before.
//!
//! Calls come at a rate that has the rhythm of the week: many on Tuesday morning,
//! none at night, none while the shop is closed. So a silence is held against
//! the same span of each of the last weeks, in the reader's zone. They had `k`
//! calls in `w` weeks. Were the rate known, no call would come with `e^(−k/w)`
//! (Poisson); it is only known as well as `w` weeks tell it, so the mean over
//! what it may be is taken (Gamma with Jeffreys' prior): `(w/(w+1))^(k+½)`. One
//! odd week alone says little so, and at night a silence is what is expected.

use std::ops::Range;

use jiff::ToSpan;
use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;

/// Of so many weeks.
pub const WEEKS: u32 = 8;
/// Fewer tell no rhythm.
pub const WEEKS_MIN: u32 = 2;
/// A longer silence is held against whole weeks, which do not grow.
const LONGEST: i64 = 7 * 24 * 3_600_000;

/// The weeks before, the latest first: from the end of the week before it to where the span begins, and the span, as the
/// clock of the zone shows them.
pub fn weeks(silent: &Range<Timestamp>, zone: &TimeZone) -> Vec<(Range<Timestamp>, Range<Timestamp>)> {
    let begin = Timestamp::from_ms(silent.start.as_ms().max(silent.end.as_ms() - LONGEST));
    let earlier = |at: Timestamp, weeks: u32| {
        let shown = zone.to_datetime(at.to_calendar());
        let then = shown.checked_sub(i64::from(weeks).weeks()).ok()?;
        let then = zone.to_ambiguous_timestamp(then).compatible().ok()?;
        Some(Timestamp::from_ms(then.as_millisecond()))
    };
    let week = |nth: u32| {
        let (end, last) = (earlier(silent.end, nth)?, earlier(silent.end, nth + 1)?);
        let begin = earlier(begin, nth)?.clamp(last, end);
        Some((last..begin, begin..end))
    };
    (1..=WEEKS).map_while(week).collect()
}

/// How many calls came in the spans of how many weeks; `None`: too few weeks are known. Each week as [`weeks`] gives
/// them: its calls outside of the span, and within. Those before the first call tell nothing: the number was not there.
pub fn learnt(calls: &[(f64, f64)]) -> Option<(f64, u32)> {
    let known = calls.iter().rposition(|(outside, within)| outside + within > 0.0)? + 1;
    let known = &calls[..known];
    (known.len() >= WEEKS_MIN as usize)
        .then(|| (known.iter().map(|(_, within)| within).sum(), known.len() as u32))
}

/// The probability that nobody calls in a span that had so many calls in so many weeks together.
pub fn chance(calls: f64, weeks: u32) -> f64 {
    let weeks = f64::from(weeks);
    (weeks / (weeks + 1.0)).powf(calls + 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dice::Dice;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_silence_is_held_against_the_same_hours_also_when_the_clocks_were_put_back() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let silent = at("2026-10-27T08:00:00Z")..at("2026-10-27T11:00:00Z");

        let weeks = weeks(&silent, &paris);

        assert_eq!(weeks.len(), WEEKS as usize);
        assert_eq!(weeks[0].1, at("2026-10-20T07:00:00Z")..at("2026-10-20T10:00:00Z"), "from nine to twelve");
        assert_eq!(weeks[0].0, at("2026-10-13T10:00:00Z")..at("2026-10-20T07:00:00Z"));
    }

    #[test]
    fn a_long_silence_is_held_against_whole_weeks() {
        let long = at("2026-08-27T08:00:00Z")..at("2026-10-27T11:00:00Z");

        let weeks = weeks(&long, &TimeZone::UTC);

        assert_eq!(weeks[0].1, at("2026-10-13T11:00:00Z")..at("2026-10-20T11:00:00Z"));
        assert!(weeks[0].0.is_empty());
    }

    #[test]
    fn weeks_before_the_first_call_tell_nothing_and_one_alone_is_too_few() {
        assert_eq!(learnt(&[(9.0, 3.0), (0.0, 0.0), (4.0, 0.0), (0.0, 0.0)]), Some((3.0, 3)));
        assert_eq!(learnt(&[(9.0, 3.0), (0.0, 0.0)]), None);
        assert_eq!((learnt(&[(0.0, 0.0); 8]), learnt(&[])), (None, None));
    }

    #[test]
    fn the_more_calls_there_usually_are_the_less_likely_is_none() {
        assert!((chance(0.0, 8) - 0.943).abs() < 0.001, "at night nobody is expected");
        assert!(chance(8.0, 8) > 0.3 && chance(40.0, 8) < 0.01);
        // With many weeks it is Poisson's.
        let (calls, weeks) = (5_000.0, 1_000);
        assert!((chance(calls, weeks) / (-5.0_f64).exp() - 1.0).abs() < 0.01);
    }

    /// What is said to come in one of a hundred cases does not come more often, whatever the rate is.
    #[test]
    fn what_is_said_to_be_rare_is_rare() {
        let mut dice = Dice::new(7);
        let poisson = |dice: &mut Dice, mean: f64| {
            let (mut count, mut product, limit) = (0_u32, dice.unit(), (-mean).exp());
            while product > limit {
                count += 1;
                product *= dice.unit();
            }
            count
        };
        for mean in [1.0, 4.0, 6.0, 9.0] {
            let false_alarms = (0..20_000)
                .filter(|_| {
                    let past: u32 = (0..WEEKS).map(|_| poisson(&mut dice, mean)).sum();
                    poisson(&mut dice, mean) == 0 && chance(f64::from(past), WEEKS) < 0.01
                })
                .count();

            assert!(false_alarms < 200, "{false_alarms} of 20,000 at {mean}");
        }
    }
}
