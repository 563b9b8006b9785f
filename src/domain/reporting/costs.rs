//! What it costs that the telephone rings, and which part of it falls in the days of a report.
//!
//! A cost is for whole days, which have no zone: November on an invoice is
//! November to whoever reads the report, so its days are those of the report's
//! zone. Its money is spread evenly over them, a day that has begun counts whole,
//! and where it does not go up in cents the parts still add up: the first `k` of
//! `n` days cost `⌊money · k / n⌋`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::dimension::Dimension;
use crate::domain::ids::OutletId;
use crate::domain::money::{Currency, Money};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;

/// Days, the first and the last included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Days {
    first: Date,
    last: Date,
}

impl Days {
    /// `None` where the last comes before the first.
    pub fn new(first: Date, last: Date) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    pub const fn of_day(day: Date) -> Self {
        Self { first: day, last: day }
    }

    /// The days of a zone that begin in this period, or have begun when it does; `None` where it is empty.
    pub fn of_period(period: &Range<Timestamp>, zone: &TimeZone) -> Option<Self> {
        let day = |at: Timestamp| zone.to_datetime(at.to_calendar()).date();
        let last = Timestamp::from_ms(period.end.as_ms().checked_sub(1)?);
        if period.start > last { None } else { Self::new(day(period.start), day(last)) }
    }

    pub const fn first(self) -> Date {
        self.first
    }

    pub const fn last(self) -> Date {
        self.last
    }

    /// How many.
    pub fn many(self) -> u64 {
        days_between(self.first, self.last) + 1
    }
}

fn days_between(from: Date, until: Date) -> u64 {
    (until - from).get_days().max(0) as u64
}

/// What some days of a channel cost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cost {
    pub days: Days,
    pub of: Of,
    pub money: Money,
}

/// What a cost is for, as far as is said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Of {
    pub channel: Channel,
    pub source: Option<String>,
    pub campaign: Option<String>,
    pub outlet: Option<OutletId>,
}

/// By what costs are told apart; of all else nothing is known of them.
pub const OF_COSTS: [Dimension; 4] =
    [Dimension::Channel, Dimension::Source, Dimension::Campaign, Dimension::Outlet];

impl Of {
    fn label(&self, dimension: Dimension) -> Option<&str> {
        match dimension {
            Dimension::Channel => Some(self.channel.as_str()),
            Dimension::Source => self.source.as_deref(),
            Dimension::Campaign => self.campaign.as_deref(),
            Dimension::Outlet => self.outlet.as_ref().map(OutletId::as_str),
            _ => None,
        }
    }
}

impl Cost {
    /// How much of it falls in these days, in the smallest unit.
    pub fn within(&self, days: Days) -> u64 {
        let many = self.days.many();
        let first = days_between(self.days.first, days.first).min(many);
        let end = if days.last < self.days.first {
            0
        } else {
            (days_between(self.days.first, days.last) + 1).min(many)
        };
        let until = |day: u64| (u128::from(self.money.minor) * u128::from(day) / u128::from(many)) as u64;
        until(end).saturating_sub(until(first))
    }
}

/// Money in each currency, in its smallest unit.
pub type Sum = BTreeMap<Currency, u64>;

/// What the days of a report cost.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Spend {
    pub total: Sum,
    /// By the label of what is asked; `None`: the cost does not say.
    pub rows: BTreeMap<Option<String>, Sum>,
    /// What may belong to what is asked for, or not: it does not say. It is not in the total.
    pub unsaid: Sum,
}

/// Adds up what these days cost, apart by `apart`; `None` where something is asked for that no cost says.
pub fn spend(
    costs: &[Cost],
    days: Option<Days>,
    only: &[(Dimension, BTreeSet<Option<String>>)],
    apart: Dimension,
) -> Option<Spend> {
    if only.iter().any(|(dimension, _)| !OF_COSTS.contains(dimension)) {
        return None;
    }
    let mut spend = Spend::default();
    let Some(days) = days else { return Some(spend) };
    for cost in costs {
        let (minor, currency) = (cost.within(days), cost.money.currency);
        if minor == 0 {
            continue;
        }
        let fits = |(dimension, words): &(Dimension, BTreeSet<Option<String>>)| {
            let label = cost.of.label(*dimension);
            if words.iter().any(|word| word.as_deref() == label) {
                Fits::Yes
            } else if label.is_none() {
                Fits::Unsaid
            } else {
                Fits::No
            }
        };
        match only.iter().map(fits).max().unwrap_or(Fits::Yes) {
            Fits::Yes => {
                *spend.total.entry(currency).or_default() += minor;
                let row = spend.rows.entry(cost.of.label(apart).map(str::to_owned)).or_default();
                *row.entry(currency).or_default() += minor;
            }
            Fits::Unsaid => *spend.unsaid.entry(currency).or_default() += minor,
            Fits::No => {}
        }
    }
    Some(spend)
}

/// The worst counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fits {
    Yes,
    Unsaid,
    No,
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn days(first: &str, last: &str) -> Days {
        Days::new(day(first), day(last)).unwrap()
    }

    fn cost(channel: Channel, campaign: Option<&str>, first: &str, last: &str, minor: u64) -> Cost {
        Cost {
            days: days(first, last),
            of: Of { channel, source: None, campaign: campaign.map(str::to_owned), outlet: None },
            money: Money { minor, currency: Currency::EUR },
        }
    }

    fn november() -> Cost {
        cost(Channel::PaidSearch, None, "2026-11-01", "2026-11-30", 30_000)
    }

    #[test]
    fn a_report_takes_the_days_that_fall_in_it() {
        for (first, last, minor) in [
            ("2026-11-01", "2026-11-30", 30_000),
            ("2026-10-01", "2026-12-31", 30_000),
            ("2026-11-10", "2026-11-10", 1_000),
            ("2026-10-15", "2026-11-02", 2_000),
            ("2026-11-30", "2026-12-09", 1_000),
            ("2026-10-01", "2026-10-31", 0),
            ("2026-12-01", "2026-12-31", 0),
        ] {
            assert_eq!(november().within(days(first, last)), minor, "{first} {last}");
        }
    }

    #[test]
    fn days_are_those_of_the_readers_zone_and_one_that_has_begun_is_whole() {
        let of = |from: &str, until: &str, zone: &str| {
            let period = from.parse().unwrap()..until.parse().unwrap();
            Days::of_period(&period, &TimeZone::get(zone).unwrap())
        };
        let paris = "Europe/Paris";

        let whole = of("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z", paris);
        assert_eq!(whole, Some(days("2026-11-01", "2026-11-30")));
        assert_eq!(
            of("2026-11-29T23:00:00Z", "2026-11-30T00:30:00Z", paris),
            Some(days("2026-11-30", "2026-11-30"))
        );
        assert_eq!(of("2026-11-29T23:00:00Z", "2026-11-29T23:00:00Z", paris), None);
    }

    #[test]
    fn what_does_not_say_whether_it_belongs_there_is_told_apart() {
        let costs = [
            cost(Channel::PaidSearch, Some("rye"), "2026-11-01", "2026-11-01", 500),
            cost(Channel::PaidSearch, None, "2026-11-01", "2026-11-01", 70),
            cost(Channel::Email, None, "2026-11-01", "2026-11-01", 9),
            cost(Channel::Email, Some("oat"), "2026-11-01", "2026-11-01", 4),
        ];
        let only = |dimension: Dimension, label: Option<&str>| {
            vec![(dimension, BTreeSet::from([label.map(str::to_owned)]))]
        };
        let told = |only: &[_], apart| {
            let spend = spend(&costs, Some(days("2026-11-01", "2026-11-01")), only, apart)?;
            let sum = |sum: &Sum| sum.get(&Currency::EUR).copied().unwrap_or_default();
            let rows: Vec<_> = spend.rows.iter().map(|(label, it)| (label.clone(), sum(it))).collect();
            Some((sum(&spend.total), sum(&spend.unsaid), rows))
        };
        let label = |text: &str| Some(text.to_owned());

        let (channel, campaign) = (Dimension::Channel, Dimension::Campaign);
        assert_eq!(
            told(&[], channel),
            Some((583, 0, vec![(label("Email"), 13), (label("Paid Search"), 570)]))
        );
        assert_eq!(
            told(&only(campaign, Some("rye")), channel),
            Some((500, 79, vec![(label("Paid Search"), 500)]))
        );
        assert_eq!(
            told(&only(channel, Some("Email")), campaign),
            Some((13, 0, vec![(None, 9), (label("oat"), 4)]))
        );
        assert_eq!(told(&only(campaign, None), channel).map(|it| (it.0, it.1)), Some((79, 0)));
        assert_eq!(told(&only(Dimension::Number, Some("+33199001234")), channel), None);
        let both = [only(campaign, Some("rye")), only(channel, Some("Email"))].concat();
        assert_eq!(told(&both, channel).map(|it| (it.0, it.1)), Some((0, 9)));
    }

    proptest! {
        /// Whatever is cut where: days beside each other cost what they cost together.
        #[test]
        fn adjacent_periods_add_up_to_the_whole(
            minor in 0..1_000_000_000_000_u64,
            begins in 0..400_i64,
            lasts in 1..3_000_i64,
            mut cuts in prop::collection::vec(-200..3_600_i64, 2..8),
        ) {
            let start = day("2025-01-01");
            let at = |nth: i64| start.checked_add(nth.days()).unwrap();
            let money = Money { minor, currency: Currency::EUR };
            let of = Of { channel: Channel::Email, source: None, campaign: None, outlet: None };
            let cost = Cost { days: Days::new(at(begins), at(begins + lasts - 1)).unwrap(), of, money };
            cuts.sort_unstable();
            cuts.dedup();
            prop_assume!(cuts.len() > 1);

            let parts: u64 = cuts.windows(2)
                .map(|cut| cost.within(Days::new(at(cut[0]), at(cut[1] - 1)).unwrap())).sum();
            let whole = cost.within(Days::new(at(cuts[0]), at(cuts[cuts.len() - 1] - 1)).unwrap());

            prop_assert_eq!(parts, whole);
            prop_assert!(whole <= minor);
            prop_assert_eq!(cost.within(Days::new(at(-1_000), at(9_000)).unwrap()), minor);
        }
    }
}
