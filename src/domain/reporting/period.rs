//! Which days a report is about, and which it is compared with.
//!
//! Days begin in the reader's zone. A period that goes on ends now, and so does
//! the one it is compared with: on a Tuesday at noon this week's calls stand
//! beside those of last week up to Tuesday noon.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time, time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::domain::time::Timestamp;

/// What a report is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Period {
    Today,
    Yesterday,
    /// So many days, of which today is the last.
    Days(u16),
    /// The calendar month that goes on, and the one before.
    Month,
    LastMonth,
    /// Since the first of January.
    Year,
    /// Both days included.
    Between(Date, Date),
}

/// How many days may be asked for at once.
pub const DAYS_MAX: u16 = 1_100;

impl Default for Period {
    fn default() -> Self {
        Self::Days(30)
    }
}

/// The text names no period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "must be today, yesterday, month, last_month, year, a number of days up to 1100 (30d), or two days, the earlier \
     first (2026-11-01..2026-11-30)"
)]
pub struct BadPeriod;

impl FromStr for Period {
    type Err = BadPeriod;

    fn from_str(text: &str) -> Result<Self, BadPeriod> {
        Ok(match text {
            "today" => Self::Today,
            "yesterday" => Self::Yesterday,
            "month" => Self::Month,
            "last_month" => Self::LastMonth,
            "year" => Self::Year,
            _ => match text.split_once("..") {
                Some((first, last)) => {
                    let day = |text: &str| text.parse::<Date>().map_err(|_| BadPeriod);
                    let (first, last) = (day(first)?, day(last)?);
                    let days = (last - first).get_days();
                    if !(0..i32::from(DAYS_MAX)).contains(&days) {
                        return Err(BadPeriod);
                    }
                    Self::Between(first, last)
                }
                None => {
                    let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
                    Self::Days(days.filter(|days| (1..=DAYS_MAX).contains(days)).ok_or(BadPeriod)?)
                }
            },
        })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today => f.write_str("today"),
            Self::Yesterday => f.write_str("yesterday"),
            Self::Days(days) => write!(f, "{days}d"),
            Self::Month => f.write_str("month"),
            Self::LastMonth => f.write_str("last_month"),
            Self::Year => f.write_str("year"),
            Self::Between(first, last) => write!(f, "{first}..{last}"),
        }
    }
}

/// What a period is held against.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Against {
    /// The one just before it.
    #[default]
    Before,
    /// The same a year earlier.
    YearBefore,
}

impl Period {
    /// From when to when it lasts; the part of it that is over.
    pub fn bounds(self, now: Timestamp, zone: &TimeZone) -> Range<Timestamp> {
        let (begin, end) = self.civil(now, zone);
        let begin = moment(begin, zone);
        begin..end.map_or(now, |end| moment(end, zone).min(now)).max(begin)
    }

    /// The same of what it is held against.
    pub fn bounds_against(self, against: Against, now: Timestamp, zone: &TimeZone) -> Range<Timestamp> {
        let (begin, end) = self.civil(now, zone);
        let shown = zone.to_datetime(now.to_calendar());
        let end = end.unwrap_or(shown).min(shown).max(begin);
        let back: Span = match (against, self) {
            (Against::YearBefore, _) | (_, Self::Year) => 1.year(),
            (_, Self::Today | Self::Yesterday) => 1.day(),
            (_, Self::Days(days)) => i64::from(days).days(),
            (_, Self::Month | Self::LastMonth) => 1.month(),
            (_, Self::Between(first, last)) => (i64::from((last - first).get_days()) + 1).days(),
        };
        let earlier = |at: DateTime| at.checked_sub(back).unwrap_or(at);
        // Where that month or year has no such day its last day counts whole: of 31 March all of February.
        let is_shorter = back.get_days() == 0 && earlier(end).day() != end.day();
        let ends = if is_shorter {
            earlier(end).date().tomorrow().unwrap_or(end.date()).to_datetime(midnight())
        } else {
            earlier(end)
        };
        moment(earlier(begin), zone)..moment(ends, zone)
    }

    /// What the reader's clock shows when it begins, and when it ends; `None`: it goes on.
    fn civil(self, now: Timestamp, zone: &TimeZone) -> (DateTime, Option<DateTime>) {
        let today = zone.to_datetime(now.to_calendar()).date();
        let at_midnight = |day: Date| day.to_datetime(midnight());
        let before = |days: i64| today.checked_sub(days.days()).unwrap_or(today);
        match self {
            Self::Today => (at_midnight(today), None),
            Self::Yesterday => (at_midnight(before(1)), Some(at_midnight(today))),
            Self::Days(days) => (at_midnight(before(i64::from(days) - 1)), None),
            Self::Month => (at_midnight(today.first_of_month()), None),
            Self::LastMonth => {
                let first = today.first_of_month();
                (at_midnight(first.checked_sub(1.month()).unwrap_or(first)), Some(at_midnight(first)))
            }
            Self::Year => (at_midnight(today.first_of_year()), None),
            Self::Between(first, last) => {
                (at_midnight(first), Some(at_midnight(last.tomorrow().unwrap_or(last))))
            }
        }
    }
}

const fn midnight() -> Time {
    time(0, 0, 0, 0)
}

/// What a bar of a course stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bar {
    Hour,
    Day,
    /// From Monday on.
    Week,
    Month,
}

impl Bar {
    /// What shows a period in no more than some seventy bars.
    pub fn of(period: &Range<Timestamp>) -> Self {
        // A day has 25 hours when the clocks are put back.
        match period.end.since(period.start).as_secs() / 3_600 {
            0..=25 => Self::Hour,
            26..=1_500 => Self::Day,
            1_501..=10_400 => Self::Week,
            _ => Self::Month,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Bar::Hour => "hour",
            Bar::Day => "day",
            Bar::Week => "week",
            Bar::Month => "month",
        }
    }

    /// When each bar of a period begins, in order; the first at or before the period.
    pub fn begins(self, period: &Range<Timestamp>, zone: &TimeZone) -> Vec<Timestamp> {
        let start = zone.to_datetime(period.start.to_calendar());
        let day = start.date();
        let first = match self {
            Bar::Hour => start.date().to_datetime(time(start.hour(), 0, 0, 0)),
            Bar::Day => day.to_datetime(midnight()),
            Bar::Week => {
                let since_monday = i64::from(day.weekday().to_monday_zero_offset());
                day.checked_sub(since_monday.days()).unwrap_or(day).to_datetime(midnight())
            }
            Bar::Month => day.first_of_month().to_datetime(midnight()),
        };
        let step = |nth: i64| match self {
            Bar::Hour => nth.hours(),
            Bar::Day => nth.days(),
            Bar::Week => nth.weeks(),
            Bar::Month => nth.months(),
        };
        let mut begins: Vec<Timestamp> = Vec::new();
        for nth in 0.. {
            let Ok(begin) = first.checked_add(step(nth)) else { break };
            let begin = moment(begin, zone);
            if nth > 0 && begin >= period.end {
                break;
            }
            // An hour that the clocks leave out begins with the next.
            if begins.last().is_none_or(|last| *last < begin) {
                begins.push(begin);
            }
        }
        begins
    }
}

/// The moment that a clock of the zone shows; where the clocks leave it out the one just after.
fn moment(shown: DateTime, zone: &TimeZone) -> Timestamp {
    let moment = zone.to_ambiguous_timestamp(shown).compatible();
    moment.map_or(Timestamp::default(), |moment| Timestamp::from_ms(moment.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// On a Tuesday at 12:30 in Paris.
    const NOW: &str = "2026-11-24T11:30:00Z";

    #[test]
    fn a_period_begins_at_the_readers_midnight_and_ends_now() {
        for (word, from, until, from_before, until_before) in [
            ("today", "2026-11-23T23:00:00Z", NOW, "2026-11-22T23:00:00Z", "2026-11-23T11:30:00Z"),
            (
                "yesterday",
                "2026-11-22T23:00:00Z",
                "2026-11-23T23:00:00Z",
                "2026-11-21T23:00:00Z",
                "2026-11-22T23:00:00Z",
            ),
            ("7d", "2026-11-17T23:00:00Z", NOW, "2026-11-10T23:00:00Z", "2026-11-17T11:30:00Z"),
            // The clocks were put back on 25 October: midnight was at 22:00 before.
            ("month", "2026-10-31T23:00:00Z", NOW, "2026-09-30T22:00:00Z", "2026-10-24T10:30:00Z"),
            (
                "last_month",
                "2026-09-30T22:00:00Z",
                "2026-10-31T23:00:00Z",
                "2026-08-31T22:00:00Z",
                "2026-09-30T22:00:00Z",
            ),
            ("year", "2025-12-31T23:00:00Z", NOW, "2024-12-31T23:00:00Z", "2025-11-24T11:30:00Z"),
            (
                "2026-11-02..2026-11-03",
                "2026-11-01T23:00:00Z",
                "2026-11-03T23:00:00Z",
                "2026-10-30T23:00:00Z",
                "2026-11-01T23:00:00Z",
            ),
            (
                "2026-11-24..2026-11-30",
                "2026-11-23T23:00:00Z",
                NOW,
                "2026-11-16T23:00:00Z",
                "2026-11-17T11:30:00Z",
            ),
        ] {
            let period: Period = word.parse().unwrap();
            let (now, zone) = (at(NOW), paris());

            assert_eq!(period.bounds(now, &zone), at(from)..at(until), "{word}");
            let before = period.bounds_against(Against::Before, now, &zone);
            assert_eq!(before, at(from_before)..at(until_before), "{word}");
            assert_eq!(period.to_string(), word);
        }
    }

    #[test]
    fn a_year_before_is_the_same_days_of_that_year() {
        let before = Period::Month.bounds_against(Against::YearBefore, at(NOW), &paris());

        assert_eq!(before, at("2025-10-31T23:00:00Z")..at("2025-11-24T11:30:00Z"));
    }

    #[test]
    fn where_the_month_before_is_shorter_all_of_it_counts() {
        let zone = TimeZone::UTC;
        let before = |now: &str| Period::Month.bounds_against(Against::Before, at(now), &zone);
        let day: Period = "2025-02-28..2025-02-28".parse().unwrap();

        assert_eq!(before("2026-03-31T12:00:00Z"), at("2026-02-01T00:00:00Z")..at("2026-03-01T00:00:00Z"));
        assert_eq!(before("2026-03-28T12:00:00Z"), at("2026-02-01T00:00:00Z")..at("2026-02-28T12:00:00Z"));
        // A day of a leap year more is no reason for two.
        let leap = day.bounds_against(Against::YearBefore, at(NOW), &zone);
        assert_eq!(leap.start, at("2024-02-28T00:00:00Z"));
    }

    /// On 25 October 2026 the hour from two to three comes twice in Paris.
    #[test]
    fn what_goes_on_ends_now_also_when_the_clocks_are_put_back() {
        let now = at("2026-10-25T01:30:00Z");

        assert_eq!(Period::Today.bounds(now, &paris()), at("2026-10-24T22:00:00Z")..now);
    }

    #[test]
    fn what_names_no_period_is_refused() {
        for text in
            ["", "0d", "9999d", "week", "2026-11-02..2026-11-01", "2026-11-02", "2020-01-01..2026-01-01"]
        {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn bars_begin_by_the_readers_clock_also_when_it_is_put_back() {
        let zone = paris();
        let period = at("2026-10-23T22:00:00Z")..at("2026-10-27T11:00:00Z");

        let days = Bar::Day.begins(&period, &zone);
        let hours = Bar::Hour.begins(&(at("2026-10-24T22:00:00Z")..at("2026-10-25T23:00:00Z")), &zone);
        let weeks = Bar::Week.begins(&period, &zone);
        let months = Bar::Month.begins(&period, &zone);

        let texts: Vec<String> = days.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "2026-10-23T22:00:00.000Z",
                "2026-10-24T22:00:00.000Z",
                "2026-10-25T23:00:00.000Z",
                "2026-10-26T23:00:00.000Z"
            ]
        );
        // The hour from two to three comes twice, and is one bar.
        assert_eq!(hours.len(), 24);
        assert_eq!(weeks, [at("2026-10-18T22:00:00Z"), at("2026-10-25T23:00:00Z")]);
        assert_eq!(months, [at("2026-09-30T22:00:00Z")]);
    }

    #[test]
    fn a_bar_is_as_wide_as_the_period_is_long() {
        let of = |days: u16| Bar::of(&Period::Days(days).bounds(at(NOW), &paris()));

        assert_eq!(
            (of(1), of(2), of(30), of(90), of(730)),
            (Bar::Hour, Bar::Day, Bar::Day, Bar::Week, Bar::Month)
        );
    }
}
