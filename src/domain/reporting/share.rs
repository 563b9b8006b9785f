//! Links to a report for who has no account here: they end, and show what their maker may see.

use std::time::Duration;

use crate::domain::calling::outcome::words;
use crate::domain::ids::{ShareId, UserId};
use crate::domain::time::Timestamp;

pub const DAYS_USUAL: u16 = 30;
pub const DAYS_MAX: u16 = 365;

/// Which report a link shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SharedReport {
    #[default]
    Overview,
    Network,
    Attribution,
    Journeys,
    Money,
}

words! { SharedReport:
    Overview = "overview",
    Network = "network",
    Attribution = "attribution",
    Journeys = "journeys",
    Money = "money",
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Share {
    pub id: ShareId,
    pub report: SharedReport,
    /// As it stood behind the `?` of the report's address.
    pub query: String,
    /// Who made it: it shows what they may see at the moment at which it is opened; `None`: a program did, and it shows all.
    pub maker: Option<UserId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When it was opened last, and how often; `None`: never.
    pub opened: Option<(Timestamp, u64)>,
}

/// When a link of so many days ends; `None`: it may not last so long.
pub fn ends(days: u16, now: Timestamp) -> Option<Timestamp> {
    (1..=DAYS_MAX).contains(&days).then(|| now + Duration::from_hours(24) * days.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_lasts_a_day_at_least_and_a_year_at_most() {
        let now = Timestamp::from_ms(0);

        assert_eq!(ends(1, now), Some(Timestamp::from_ms(86_400_000)));
        assert_eq!(ends(DAYS_MAX, now).map(Timestamp::day), Some(365));
        assert_eq!((ends(0, now), ends(DAYS_MAX + 1, now)), (None, None));
    }
}
