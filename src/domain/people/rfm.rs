//! How much of a client somebody is: when they bought last (recency), how often
//! (frequency) and for how much (money), each told as a score of 1 to 5, and
//! the usual class of the three; and whether they are a large, a medium or a
//! small client, by what they spent in twelve months.
//!
//! Scores are fifths of all clients unless the plan gives limits. A fifth ends
//! where it ends: whoever is alike has the same score, the lower of those that
//! they would fall into, so that one purchase is little even where nearly
//! everybody bought once. Borders are drawn once a day, and hold until the next
//! day: nobody moves because others have bought meanwhile.
//!
//! What was given back takes its amount off, and is no purchase.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::calling::outcome::words;
use crate::domain::money::Currency;
use crate::domain::time::Timestamp;

/// Sizes are told by the money of so many days.
pub const YEAR: Duration = Duration::from_secs(365 * DAY_S);
/// Fifths of fewer clients tell nothing.
pub const CLIENTS_MIN: i64 = 5;
const DAY_S: u64 = 86_400;

/// What the plan says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// Amounts in other currencies are not looked at: no rate of exchange is guessed.
    pub currency: Currency,
    /// How far back is looked: whoever bought nothing since then has no scores. At least a year.
    pub days: u32,
    /// `None`: fifths.
    pub limits: Option<Limits>,
    /// Of those who spent something in twelve months, how many of a hundred are large …
    pub large_percent: u32,
    /// … and how many of those that follow are medium.
    pub medium_percent: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let currency = Currency::EUR;
        Self { currency, days: 1_095, limits: None, large_percent: 10, medium_percent: 30 }
    }
}

impl Settings {
    /// What was bought after this moment counts.
    pub fn from(&self, now: Timestamp) -> Timestamp {
        now - Duration::from_secs(u64::from(self.days) * DAY_S)
    }
}

/// What the scores 2 to 5 begin at, each list ascending.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// The last purchase is so many days ago at most; the first for the score 5.
    pub recency_days: [u32; 4],
    pub frequency: [u32; 4],
    /// In the smallest unit of the currency.
    pub monetary: [i64; 4],
}

/// What a contact bought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bought {
    pub last_at: Timestamp,
    pub times: i64,
    /// What was paid less what was given back, in the smallest unit of the currency.
    pub minor: i64,
    /// The same, of the last twelve months.
    pub year_minor: i64,
}

/// The least that each score from 2 on takes, and each size from medium on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Borders {
    /// Moments, in milliseconds.
    pub recency: [i64; 4],
    pub frequency: [i64; 4],
    pub monetary: [i64; 4],
    /// `None`: nobody spent anything in twelve months.
    pub medium: Option<i64>,
    pub large: Option<i64>,
}

impl Borders {
    /// The same with the plan's limits for the scores.
    pub fn limited(self, limits: &Limits, now: Timestamp) -> Self {
        let mut recency =
            limits.recency_days.map(|days| (now - Duration::from_secs(u64::from(days) * DAY_S)).as_ms());
        recency.reverse();
        Self { recency, frequency: limits.frequency.map(i64::from), monetary: limits.monetary, ..self }
    }

    /// How much of a client this is.
    pub fn judge(&self, bought: &Bought) -> Rfm {
        let score =
            |borders: &[i64; 4], value| 1 + borders.iter().filter(|border| **border <= value).count() as u8;
        let recency = score(&self.recency, bought.last_at.as_ms());
        let frequency = score(&self.frequency, bought.times);
        let monetary = score(&self.monetary, bought.minor);
        let reaches = |border: Option<i64>| border.is_some_and(|border| border <= bought.year_minor);
        let size = match bought.year_minor {
            ..=0 => None,
            _ if reaches(self.large) => Some(Size::Large),
            _ if reaches(self.medium) => Some(Size::Medium),
            _ => Some(Size::Small),
        };
        Rfm { recency, frequency, monetary, class: Class::of(recency, frequency, monetary), size }
    }
}

/// How much of a client somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rfm {
    /// 1 to 5, the more the better.
    pub recency: u8,
    pub frequency: u8,
    pub monetary: u8,
    pub class: Class,
    /// `None`: nothing was spent in the last twelve months.
    pub size: Option<Size>,
}

/// One of the three scores.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Score {
    Recency,
    Frequency,
    Monetary,
}

words! { Score:
    Recency = "recency",
    Frequency = "frequency",
    Monetary = "monetary",
}

/// What people in marketing call three scores.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    Champions,
    Loyal,
    PotentialLoyal,
    New,
    Promising,
    NeedAttention,
    AboutToSleep,
    AtRisk,
    CannotLose,
    Hibernating,
    Lost,
}

words! { Class:
    Champions = "champions",
    Loyal = "loyal",
    PotentialLoyal = "potential_loyal",
    New = "new",
    Promising = "promising",
    NeedAttention = "need_attention",
    AboutToSleep = "about_to_sleep",
    AtRisk = "at_risk",
    CannotLose = "cannot_lose",
    Hibernating = "hibernating",
    Lost = "lost",
}

impl Class {
    /// By recency, 1 first, and the mean of frequency and money, 1 to 5, a half rounded up.
    const TABLE: [[Class; 5]; 5] = {
        use Class::*;
        [
            [Lost, Lost, AtRisk, CannotLose, CannotLose],
            [Hibernating, Hibernating, AtRisk, AtRisk, CannotLose],
            [AboutToSleep, NeedAttention, NeedAttention, Loyal, Loyal],
            [Promising, PotentialLoyal, PotentialLoyal, Loyal, Champions],
            [New, PotentialLoyal, PotentialLoyal, Champions, Champions],
        ]
    };

    fn of(recency: u8, frequency: u8, monetary: u8) -> Self {
        let value = (frequency + monetary).div_ceil(2);
        Self::TABLE[usize::from(recency - 1)][usize::from(value - 1)]
    }
}

/// By what a client spent in twelve months.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Size {
    Large,
    Medium,
    Small,
}

words! { Size:
    Large = "large",
    Medium = "medium",
    Small = "small",
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_ms(1_795_348_800_000);

    fn borders() -> Borders {
        Borders {
            recency: [100, 200, 300, 400],
            frequency: [2, 2, 2, 3],
            monetary: [1_000, 2_000, 3_000, 4_000],
            medium: Some(500),
            large: Some(900),
        }
    }

    fn bought(last_at: i64, times: i64, minor: i64, year_minor: i64) -> Bought {
        Bought { last_at: Timestamp::from_ms(last_at), times, minor, year_minor }
    }

    #[test]
    fn a_score_begins_at_its_border_and_who_is_alike_has_the_same() {
        for (what, scores) in [
            (bought(99, 1, 999, 0), [1, 1, 1]),
            (bought(100, 2, 1_000, 0), [2, 4, 2]),
            (bought(399, 3, -5, 0), [4, 5, 1]),
            (bought(400, 9, 4_000, 0), [5, 5, 5]),
        ] {
            let rfm = borders().judge(&what);
            assert_eq!([rfm.recency, rfm.frequency, rfm.monetary], scores, "{what:?}");
        }
    }

    #[test]
    fn the_corners_of_the_table_have_the_names_that_people_know() {
        for (scores, class) in [
            ((5, 5, 5), Class::Champions),
            ((4, 5, 4), Class::Champions),
            ((4, 4, 4), Class::Loyal),
            ((5, 1, 1), Class::New),
            ((5, 1, 2), Class::PotentialLoyal),
            ((3, 1, 1), Class::AboutToSleep),
            ((1, 5, 5), Class::CannotLose),
            ((2, 3, 3), Class::AtRisk),
            ((1, 1, 1), Class::Lost),
        ] {
            assert_eq!(Class::of(scores.0, scores.1, scores.2), class, "{scores:?}");
        }
        for class in Class::ALL {
            assert!(Class::TABLE.iter().flatten().any(|it| it == class), "{class} is nobody's");
        }
    }

    #[test]
    fn a_size_is_of_who_spent_something_in_a_year() {
        let size = |year_minor| borders().judge(&bought(0, 1, 0, year_minor)).size;

        assert_eq!(
            [-1, 0, 1, 499, 500, 899, 900].map(size),
            [
                None,
                None,
                Some(Size::Small),
                Some(Size::Small),
                Some(Size::Medium),
                Some(Size::Medium),
                Some(Size::Large)
            ]
        );
    }

    #[test]
    fn limits_of_the_plan_take_the_place_of_fifths() {
        let limits = Limits {
            recency_days: [30, 90, 180, 365],
            frequency: [2, 3, 5, 10],
            monetary: [10_000, 20_000, 50_000, 100_000],
        };
        let limited = borders().limited(&limits, NOON);
        let days_ago = |days: u64| (NOON - Duration::from_secs(days * DAY_S)).as_ms();

        let recency = |days| limited.judge(&bought(days_ago(days), 1, 0, 0)).recency;
        assert_eq!([30, 31, 90, 180, 365, 366].map(recency), [5, 4, 4, 3, 2, 1]);
        assert_eq!(limited.judge(&bought(0, 5, 50_000, 0)).frequency, 4);
        assert_eq!(limited.judge(&bought(0, 5, 50_000, 0)).monetary, 4);
        assert_eq!(limited.large, Some(900));
    }
}
