//! How many people must answer, so that callers do not wait: Erlang's formula (1917).
//!
//! Calls come by chance and `a` of them would be talking on average: calls an
//! hour times the mean talk. Of `n` people who answer, all talk with the
//! probability `C`; whoever finds it so waits for longer than `t` with
//! `e^(-(n - a)·t / talk)`.
//!
//! ```text
//!   B = (aⁿ/n!) / Σ aᵏ/k!      C = B / (1 − (a/n)·(1 − B))      answered within t: 1 − C·e^(−(n−a)·t/talk)
//! ```
//!
//! A. K. Erlang, *Solution of some Problems in the Theory of Probabilities of
//! Significance in Automatic Telephone Exchanges*, Elektrotkeknikeren 13 (1917).
//! Nobody gives up in it, so it asks for rather more people than for fewer.

use std::time::Duration;

use super::openings::Week;
use super::sums::calls;
use crate::domain::tracking::advise::erlang_b;

/// What is aimed at: that this share of calls is answered within so long.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Aim {
    pub share: f64,
    pub within: Duration,
}

impl Default for Aim {
    fn default() -> Self {
        Self { share: 0.9, within: Duration::from_secs(20) }
    }
}

/// More people than this answer nowhere.
const PEOPLE_MAX: u32 = 10_000;
/// An hour of the week of which less is known gives a hint with a warning.
const HOURS_LEAST: f64 = 4.0;
const CALLS_LEAST: f64 = 20.0;

/// How likely a caller finds all of `people` talking, when `load` talks would go on on average.
pub fn chance_to_wait(people: u32, load: f64) -> f64 {
    if load >= f64::from(people) {
        return 1.0;
    }
    let blocked = erlang_b(people as usize, load);
    blocked / (1.0 - load / f64::from(people) * (1.0 - blocked))
}

/// The share of calls that is answered within so long.
pub fn answered_within(people: u32, load: f64, talk: Duration, within: Duration) -> f64 {
    let spare = f64::from(people) - load;
    if spare <= 0.0 {
        return 0.0;
    }
    let longer = (-spare * within.as_secs_f64() / talk.as_secs_f64().max(f64::EPSILON)).exp();
    1.0 - chance_to_wait(people, load) * longer
}

/// How many must answer; nobody where no calls come.
pub fn people_needed(calls_an_hour: f64, talk: Duration, aim: Aim) -> u32 {
    if calls_an_hour <= 0.0 {
        return 0;
    }
    let load = calls_an_hour * talk.as_secs_f64() / 3_600.0;
    // As many as talk all the time fall behind for ever.
    let least = (load.floor() as u32).saturating_add(1);
    let enough = |people: &u32| answered_within(*people, load, talk, aim.within) >= aim.share;
    (least..PEOPLE_MAX).find(enough).unwrap_or(PEOPLE_MAX)
}

/// What is needed in an hour of the week.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Need {
    /// Since Monday at midnight.
    pub hour: usize,
    pub people: u32,
    /// How many could answer.
    pub could: u32,
    pub calls_an_hour: f64,
    /// While it was open.
    pub calls: f64,
    pub missed: f64,
    /// How many such hours there were.
    pub hours: f64,
}

impl Need {
    /// People are wanting, and calls were missed for it as far as can be seen.
    pub fn is_lack(&self) -> bool {
        self.people > self.could && self.missed > 0.0
    }

    /// Little is known of the hour.
    pub fn is_thin(&self) -> bool {
        self.hours < HOURS_LEAST || self.calls < CALLS_LEAST
    }
}

/// The hours of the week in which calls came while it was open. `could` is asked of each how many could answer.
pub fn needs(week: &Week, talk: Duration, aim: Aim, could: impl Fn(usize) -> u32) -> Vec<Need> {
    let hours = week.0.iter().enumerate().filter(|(_, it)| it.open.sums.calls > 0 && !it.open.time.is_zero());
    let needs = hours.map(|(hour, it)| {
        let hours = it.open.time.as_secs_f64() / 3_600.0;
        let came = calls(it.open.sums.calls);
        let calls_an_hour = came / hours;
        Need {
            hour,
            people: people_needed(calls_an_hour, talk, aim),
            could: could(hour),
            calls_an_hour,
            calls: came,
            missed: calls(it.open.sums.missed),
            hours,
        }
    });
    needs.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::reporting::facts::WHOLE;
    use crate::domain::reporting::openings::{Hour, Part};
    use crate::domain::reporting::sums::Sums;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A centre that takes 720 calls of four minutes an hour with 55 people, and one that takes 200 of three
    /// minutes with 11 to 14: the worked examples that calculators for call centres are held against.
    #[test]
    fn the_formula_gives_the_figures_that_are_published() {
        for (people, load, waits) in [
            (55, 48.0, 0.239),
            (11, 10.0, 0.682),
            (12, 10.0, 0.449),
            (13, 10.0, 0.285),
            (14, 10.0, 0.174),
            (1, 0.5, 0.5),
            (1, 1.0, 1.0),
            (2, 5.0, 1.0),
            (2, 1.0, 1.0 / 3.0),
        ] {
            let told = chance_to_wait(people, load);
            assert!((told - waits).abs() < 6e-4, "{people} for {load}: {told}");
        }
        assert!((answered_within(55, 48.0, s(240), s(15)) - 0.846).abs() < 1e-3);
        assert!((answered_within(14, 10.0, s(180), s(20)) - 0.888).abs() < 1e-3);
        let aim = Aim { share: 0.8, within: s(20) };
        assert_eq!(people_needed(200.0, s(180), aim), 14);
        assert_eq!(people_needed(0.0, s(180), aim), 0);
        assert_eq!(people_needed(5.0, s(0), aim), 1);
        assert_eq!(people_needed(1e9, s(180), aim), PEOPLE_MAX);
    }

    proptest! {
        #[test]
        fn as_many_as_are_needed_reach_the_aim_and_one_fewer_does_not(per_hour in 0.1..400.0_f64, talk in 5..900_u64, share in 0.5..0.99_f64, within in 0..120_u64) {
            let (aim, load) = (Aim { share, within: s(within) }, per_hour * talk as f64 / 3_600.0);

            let people = people_needed(per_hour, s(talk), aim);

            prop_assert!(answered_within(people, load, s(talk), aim.within) >= share);
            prop_assert!(people == 1 || answered_within(people - 1, load, s(talk), aim.within) < share);
            prop_assert!(people_needed(per_hour * 2.0, s(talk), aim) >= people);
        }
    }

    #[test]
    fn an_hour_lacks_people_where_calls_are_missed_that_more_could_have_answered() {
        let mut week = Week::default();
        let part = |calls: u64, missed: u64, hours: u64| Part {
            time: Duration::from_hours(hours),
            sums: Sums {
                calls: calls * u64::from(WHOLE),
                missed: missed * u64::from(WHOLE),
                ..Sums::default()
            },
        };
        week.0[10] = Hour { open: part(80, 9, 4), closed: part(7, 7, 1) };
        week.0[11] = Hour { open: part(4, 0, 4), ..Hour::default() };
        week.0[12] = Hour { closed: part(9, 9, 4), ..Hour::default() };

        let needs = needs(&week, s(240), Aim::default(), |_| 1);

        assert_eq!(needs.iter().map(|it| it.hour).collect::<Vec<_>>(), [10, 11]);
        assert_eq!((needs[0].people, needs[0].calls_an_hour, needs[0].missed), (4, 20.0, 9.0));
        assert!(needs[0].is_lack() && !needs[0].is_thin());
        assert!(!needs[1].is_lack() && needs[1].is_thin(), "nobody was missed, and little is known");
    }
}
