//! Alerts: rules that somebody keeps, and when one is told.
//!
//! ```text
//!            beyond its limit                  within, for as long as it takes to calm
//!   quiet ───────────────────▶ raised ────────────────────────────────────▶ quiet
//!                                ▲  │ between the two, or not known: it stays as it is
//!                                └──┘
//! ```
//!
//! It is told once when it is raised and once when it is over. What is beyond
//! and what is within lie apart, and what swings between them calms down only
//! after a while, so that nobody is told the same thing all day.

pub mod draft;
pub mod measured;
pub mod rule;
pub mod silence;
pub mod written;

use std::time::Duration;

use self::rule::Rule;
use super::ids::AlertId;
use super::people::email::Email;
use super::time::Timestamp;

pub const NAME_MAX: usize = 80;
pub const EMAILS_MAX: usize = 10;

/// A rule, and who is told of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Alert {
    pub id: AlertId,
    pub name: String,
    pub rule: Rule,
    pub emails: Vec<Email>,
    /// The tag of the language in which they are written to.
    pub language: String,
    /// Otherwise nothing is watched.
    pub enabled: bool,
}

/// What a rule says of what was measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    Beyond,
    /// Neither beyond its limit nor far enough within.
    Between,
    Within,
    Unknown,
}

/// How it stands with an alert.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Standing {
    /// `None`: it is quiet.
    pub raised_at: Option<Timestamp>,
    /// Since when it is within its limit, while it is raised.
    pub calm_since: Option<Timestamp>,
}

/// What is to be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    Nothing,
    Raised,
    Over,
}

impl Standing {
    /// How it stands after a reading, and what is to be told of that; `calm`: for so long it must be within its limit.
    pub fn after(self, reading: Reading, calm: Duration, now: Timestamp) -> (Self, Turn) {
        match (self.raised_at, reading) {
            (None, Reading::Beyond) => (Self { raised_at: Some(now), calm_since: None }, Turn::Raised),
            (None, Reading::Between | Reading::Within | Reading::Unknown) => (self, Turn::Nothing),
            (Some(_), Reading::Beyond | Reading::Between) => {
                (Self { calm_since: None, ..self }, Turn::Nothing)
            }
            // Whether it has stayed calm meanwhile nobody knows.
            (Some(_), Reading::Unknown) => (Self { calm_since: None, ..self }, Turn::Nothing),
            (Some(_), Reading::Within) => {
                let since = self.calm_since.unwrap_or(now);
                if now.since(since) >= calm {
                    (Self::default(), Turn::Over)
                } else {
                    (Self { calm_since: Some(since), ..self }, Turn::Nothing)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CALM: Duration = Duration::from_secs(600);

    fn at(minute: u64) -> Timestamp {
        Timestamp::from_ms(0) + Duration::from_secs(60 * minute)
    }

    /// What is told at which minute, of a reading each.
    fn told(readings: &[Reading]) -> Vec<(u64, Turn)> {
        let (mut standing, mut told) = (Standing::default(), vec![]);
        for (minute, reading) in (0..).zip(readings) {
            let (next, turn) = standing.after(*reading, CALM, at(minute));
            standing = next;
            if turn != Turn::Nothing {
                told.push((minute, turn));
            }
        }
        told
    }

    #[test]
    fn it_is_over_after_it_was_calm_for_long_enough() {
        use Reading::{Between, Beyond, Unknown, Within};
        let calm = |first: &[Reading]| [first, &[Within; 20]].concat();

        assert_eq!(told(&[Within, Between, Unknown]), []);
        assert_eq!(told(&calm(&[Beyond])), [(0, Turn::Raised), (11, Turn::Over)]);
        assert_eq!(told(&calm(&[Beyond, Within, Between, Beyond])), [(0, Turn::Raised), (14, Turn::Over)]);
        assert_eq!(told(&calm(&[Beyond, Within, Unknown])), [(0, Turn::Raised), (13, Turn::Over)]);
    }

    proptest! {
        #[test]
        fn raised_and_over_come_in_turn_and_an_over_never_sooner_than_calm(
            readings in prop::collection::vec(prop::sample::select(vec![Reading::Beyond, Reading::Between, Reading::Within, Reading::Unknown]), 0..200),
        ) {
            let told = told(&readings);

            for (nth, (_, turn)) in told.iter().enumerate() {
                prop_assert_eq!(*turn, if nth % 2 == 0 { Turn::Raised } else { Turn::Over });
            }
            for pair in told.chunks_exact(2) {
                prop_assert!(pair[1].0 - pair[0].0 >= 10);
                prop_assert!(readings[(pair[1].0 - 10) as usize..=pair[1].0 as usize].iter().all(|it| *it == Reading::Within));
            }
        }
    }
}
