//! What an alert watches, where its limit is, and what a measurement says of that.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::Reading;
use super::measured::{Measured, PoolMeasured};
use crate::domain::calling::outcome::words;
use crate::domain::ids::{OutletId, PoolId, TrunkId};
use crate::domain::money::Currency;
use crate::domain::phone::Phone;
use crate::domain::staff::Area;
use crate::domain::tracking::channels::Channel;

/// A share or a number of missed calls is well again at so much of its limit.
const WELL: f64 = 0.8;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Kind {
    /// More calls are missed than should be.
    #[default]
    Missed,
    /// Nobody has called for longer than chance explains.
    Silence,
    /// A pool runs out of numbers.
    Pool,
    /// A trunk is down.
    Trunk,
    /// A call costs more, or less, than it should.
    Cost,
}

words! { Kind:
    Missed = "missed",
    Silence = "silence",
    Pool = "pool",
    Trunk = "trunk",
    Cost = "cost",
}

impl Kind {
    /// Who may see the figures of it.
    pub const fn area(self) -> Area {
        match self {
            Kind::Cost => Area::Costs,
            Kind::Missed | Kind::Silence | Kind::Pool | Kind::Trunk => Area::Alerts,
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub enum Rule {
    Missed {
        of: Of,
        within: Duration,
        limit: MissedLimit,
    },
    Silence {
        of: Of,
        /// No shorter silence is told.
        least: Duration,
        /// Only what is less likely than this; 0 to 1.
        chance: f64,
        /// In which weeks repeat themselves.
        zone: TimeZone,
    },
    Pool {
        /// `None`: any.
        pool: Option<PoolId>,
        limit: PoolLimit,
    },
    Trunk {
        /// `None`: any.
        trunk: Option<TrunkId>,
        down_for: Duration,
    },
    Cost {
        /// `None`: of all.
        channel: Option<Channel>,
        campaign: Option<String>,
        /// Whole days, the last of them yesterday.
        days: u16,
        band: Band,
        /// Fewer calls are counted as so many: one dear call is no alarm.
        least_calls: u32,
        zone: TimeZone,
    },
}

/// Whose calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Of {
    Network,
    /// With all below it.
    Outlet(OutletId),
    Number(Phone),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum MissedLimit {
    /// More than this part of the calls; of fewer calls nothing is said.
    Share {
        more_than: f64,
        least_calls: u32,
    },
    Number {
        more_than: u32,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PoolLimit {
    /// Fewer numbers are free.
    Free { fewer_than: u32 },
    /// More visits got none.
    Visits { more_than: u32, within: Duration },
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Band {
    /// In the smallest unit; at least one of the two.
    Between { low: Option<u64>, high: Option<u64>, currency: Currency },
    /// Further away from what the four times as many days before cost than this part of it.
    Past { off: f64 },
}

impl Rule {
    pub const fn kind(&self) -> Kind {
        match self {
            Rule::Missed { .. } => Kind::Missed,
            Rule::Silence { .. } => Kind::Silence,
            Rule::Pool { .. } => Kind::Pool,
            Rule::Trunk { .. } => Kind::Trunk,
            Rule::Cost { .. } => Kind::Cost,
        }
    }

    /// How long it must be within its limit until it is over.
    pub const fn calm(&self) -> Duration {
        match self {
            Rule::Missed { .. } | Rule::Pool { .. } => Duration::from_secs(10 * 60),
            // Trunks that come and go are not told each time.
            Rule::Trunk { .. } => Duration::from_secs(5 * 60),
            // A call has come; and days change once a day.
            Rule::Silence { .. } | Rule::Cost { .. } => Duration::ZERO,
        }
    }

    /// How often it is looked at.
    pub const fn every(&self) -> Duration {
        match self {
            Rule::Missed { .. } | Rule::Pool { .. } | Rule::Trunk { .. } => Duration::from_secs(60),
            Rule::Silence { .. } => Duration::from_secs(5 * 60),
            Rule::Cost { .. } => Duration::from_secs(30 * 60),
        }
    }

    /// What a measurement says; one of another kind says nothing.
    pub fn reads(&self, measured: &Measured) -> Reading {
        match (self, measured) {
            (Rule::Missed { limit, .. }, Measured::Missed { missed, calls, .. }) => match *limit {
                MissedLimit::Share { least_calls, .. } if *calls < u64::from(least_calls) => Reading::Within,
                MissedLimit::Share { more_than, .. } => above(*missed as f64 / *calls as f64, more_than),
                MissedLimit::Number { more_than } => above(*missed as f64, f64::from(more_than)),
            },
            (Rule::Silence { least, chance, .. }, Measured::Silence { seconds, chance: measured, .. }) => {
                if *seconds < least.as_secs() || *measured >= 2.0 * chance {
                    Reading::Within
                } else if measured < chance {
                    Reading::Beyond
                } else {
                    Reading::Between
                }
            }
            (
                Rule::Pool { limit: PoolLimit::Free { fewer_than }, .. },
                Measured::Pool(PoolMeasured::Free { free, .. }),
            ) => {
                let well = f64::from(*fewer_than) / WELL;
                if free < fewer_than {
                    Reading::Beyond
                } else if f64::from(*free) >= well.min(f64::from(fewer_than.saturating_add(2))) {
                    Reading::Within
                } else {
                    Reading::Between
                }
            }
            (
                Rule::Pool { limit: PoolLimit::Visits { more_than, .. }, .. },
                Measured::Pool(PoolMeasured::Visits { visits, .. }),
            ) => above(*visits as f64, f64::from(*more_than)),
            (Rule::Trunk { down_for, .. }, Measured::Trunk { seconds, .. }) => match seconds {
                None => Reading::Within,
                Some(seconds) if *seconds >= down_for.as_secs() => Reading::Beyond,
                Some(_) => Reading::Between,
            },
            (Rule::Cost { .. }, Measured::Cost(cost)) => cost.reads(),
            _ => Reading::Unknown,
        }
    }
}

/// Beyond when it is more than the limit, within at [`WELL`] of it.
fn above(measured: f64, limit: f64) -> Reading {
    if measured > limit {
        Reading::Beyond
    } else if measured <= limit * WELL {
        Reading::Within
    } else {
        Reading::Between
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alerts::measured::CostMeasured;
    use Reading::{Between, Beyond, Within};

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn missed_calls_are_beyond_by_share_or_by_number() {
        let rule = |limit| Rule::Missed { of: Of::Network, within: HOUR, limit };
        let share = rule(MissedLimit::Share { more_than: 0.25, least_calls: 8 });
        let number = rule(MissedLimit::Number { more_than: 5 });
        let read = |rule: &Rule, missed, calls| rule.reads(&Measured::Missed { missed, calls, minutes: 60 });

        for (missed, calls, reading) in [
            (1, 1, Within),
            (7, 7, Within),
            (3, 8, Beyond),
            (2, 8, Between),
            (20, 100, Within),
            (26, 100, Beyond),
        ] {
            assert_eq!(read(&share, missed, calls), reading, "{missed} of {calls}");
        }
        for (missed, reading) in [(0, Within), (4, Within), (5, Between), (6, Beyond)] {
            assert_eq!(read(&number, missed, 1_000), reading, "{missed}");
        }
        let none = rule(MissedLimit::Number { more_than: 0 });
        assert_eq!((read(&none, 0, 0), read(&none, 1, 1)), (Within, Beyond));
    }

    #[test]
    fn silence_is_beyond_when_it_is_long_and_unlikely() {
        let rule = Rule::Silence { of: Of::Network, least: 4 * HOUR, chance: 0.01, zone: TimeZone::UTC };
        let read = |hours: u64, chance| {
            rule.reads(&Measured::Silence { seconds: hours * 3_600, chance, weeks: 8, usual: 1.0 })
        };

        assert_eq!(
            (read(3, 0.0), read(4, 0.5), read(4, 0.015), read(4, 0.009)),
            (Within, Within, Between, Beyond)
        );
    }

    #[test]
    fn a_pool_is_well_again_a_little_above_its_limit() {
        let free = |fewer_than, free| {
            let rule = Rule::Pool { pool: None, limit: PoolLimit::Free { fewer_than } };
            rule.reads(&Measured::Pool(PoolMeasured::Free {
                pool: "web".parse().unwrap(),
                free,
                numbers: 20,
            }))
        };
        let limit = PoolLimit::Visits { more_than: 0, within: HOUR };
        let visits = |visits| {
            let pool = "web".parse().unwrap();
            Rule::Pool { pool: None, limit }.reads(&Measured::Pool(PoolMeasured::Visits {
                pool,
                visits,
                minutes: 60,
            }))
        };

        assert_eq!((free(1, 0), free(1, 1), free(1, 2)), (Beyond, Between, Within));
        assert_eq!(
            (free(10, 9), free(10, 10), free(10, 11), free(10, 12)),
            (Beyond, Between, Between, Within)
        );
        assert_eq!((visits(0), visits(1)), (Within, Beyond));
    }

    #[test]
    fn a_trunk_is_beyond_once_it_is_down_for_long_enough() {
        let rule = Rule::Trunk { trunk: None, down_for: Duration::from_secs(120) };
        let read = |seconds: Option<u64>| rule.reads(&Measured::Trunk { trunk: None, node: None, seconds });

        assert_eq!((read(None), read(Some(119)), read(Some(120))), (Within, Between, Beyond));
    }

    #[test]
    fn a_measurement_of_something_else_says_nothing() {
        let rule = Rule::Trunk { trunk: None, down_for: HOUR };

        assert_eq!(rule.reads(&Measured::Cost(CostMeasured::default())), Reading::Unknown);
    }
}
