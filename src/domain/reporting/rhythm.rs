//! When a report is sent: each day, each week or each month at a time of the reader's clock.
//!
//! A day has one such time, also when the clocks change: where it comes twice the
//! first counts, where it is left out the report goes as much later. A gateway
//! that was off sends what it missed once: what comes next is asked of now.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::period::Period;
use crate::domain::time::Timestamp;

/// On which days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Every {
    Day,
    /// 1 is Monday, 7 Sunday.
    Week(u8),
    /// In a month that has no such day, on its last.
    Month(u8),
}

#[derive(Clone, PartialEq, Debug)]
pub struct Rhythm {
    pub every: Every,
    pub at: Time,
    pub zone: TimeZone,
}

/// The text names no days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be day, week:1 (Monday) to week:7, or month:1 to month:31")]
pub struct BadEvery;

impl FromStr for Every {
    type Err = BadEvery;

    fn from_str(text: &str) -> Result<Self, BadEvery> {
        let day = |text: &str, most| text.parse().ok().filter(|day| (1..=most).contains(day)).ok_or(BadEvery);
        match text.split_once(':') {
            None if text == "day" => Ok(Self::Day),
            Some(("week", on)) => Ok(Self::Week(day(on, 7)?)),
            Some(("month", on)) => Ok(Self::Month(day(on, 31)?)),
            _ => Err(BadEvery),
        }
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day => f.write_str("day"),
            Self::Week(on) => write!(f, "week:{on}"),
            Self::Month(on) => write!(f, "month:{on}"),
        }
    }
}

impl Every {
    fn falls_on(self, day: Date) -> bool {
        match self {
            Self::Day => true,
            Self::Week(on) => day.weekday().to_monday_one_offset() == on as i8,
            Self::Month(on) => day.day() == (on as i8).min(day.days_in_month()),
        }
    }
}

impl Rhythm {
    /// When it is sent next after this; `None` at the end of all calendars.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let first = self.zone.to_datetime(after.to_calendar()).date();
        // A month and its last day are never further away.
        (0..=62).filter_map(|days| first.checked_add(days.days()).ok()).find_map(|day| {
            let at = day.to_datetime(self.at).to_zoned(self.zone.clone()).ok()?;
            let at = Timestamp::from_ms(at.timestamp().as_millisecond());
            (self.every.falls_on(day) && at > after).then_some(at)
        })
    }

    /// What it is about where nothing else is said: whole days, the last of them yesterday.
    pub fn period(&self, now: Timestamp) -> Period {
        let today = self.zone.to_datetime(now.to_calendar()).date();
        let day = |back: i64| today.checked_sub(back.days()).unwrap_or(today);
        match self.every {
            Every::Day => Period::Yesterday,
            Every::Week(_) => Period::Between(day(7), day(1)),
            Every::Month(_) => Period::LastMonth,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn paris(every: &str, time: &str) -> Rhythm {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        Rhythm { every: every.parse().unwrap(), at: time.parse().unwrap(), zone }
    }

    #[test]
    fn the_next_time_is_by_the_readers_clock() {
        for (every, time, after, next) in [
            ("day", "08:00", "2026-11-24T06:59:59Z", "2026-11-24T07:00:00Z"),
            ("day", "08:00", "2026-11-24T07:00:00Z", "2026-11-25T07:00:00Z"),
            ("week:1", "07:30", "2026-11-24T12:00:00Z", "2026-11-30T06:30:00Z"),
            ("week:2", "23:00", "2026-11-24T12:00:00Z", "2026-11-24T22:00:00Z"),
            ("month:1", "06:00", "2026-11-24T12:00:00Z", "2026-12-01T05:00:00Z"),
            ("month:31", "06:00", "2026-11-24T12:00:00Z", "2026-11-30T05:00:00Z"),
            ("month:31", "06:00", "2026-01-31T12:00:00Z", "2026-02-28T05:00:00Z"),
        ] {
            assert_eq!(paris(every, time).next(at(after)), Some(at(next)), "{every} {time} after {after}");
        }
    }

    /// On 25 October 2026 the hour from two to three comes twice, on 29 March it does not come.
    #[test]
    fn a_day_has_one_time_also_when_the_clocks_change() {
        let night = paris("day", "02:30");

        assert_eq!(night.next(at("2026-10-24T12:00:00Z")), Some(at("2026-10-25T00:30:00Z")));
        assert_eq!(
            night.next(at("2026-10-25T00:30:00Z")),
            Some(at("2026-10-26T01:30:00Z")),
            "once, not twice"
        );
        assert_eq!(
            night.next(at("2026-03-28T12:00:00Z")),
            Some(at("2026-03-29T01:30:00Z")),
            "at half past three"
        );
        assert_eq!(night.next(at("2026-03-29T01:30:00Z")), Some(at("2026-03-30T00:30:00Z")));
    }

    #[test]
    fn it_is_about_whole_days_up_to_yesterday() {
        let now = at("2026-11-24T07:00:00Z");
        let period = |every| paris(every, "08:00").period(now).to_string();

        assert_eq!((period("day").as_str(), period("month:1").as_str()), ("yesterday", "last_month"));
        assert_eq!(period("week:2"), "2026-11-17..2026-11-23");
    }

    #[test]
    fn what_names_no_days_is_refused() {
        for text in ["", "hour", "week", "week:0", "week:8", "month:32", "month:x", "day:1"] {
            assert_eq!(text.parse::<Every>(), Err(BadEvery), "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_goes_on_and_on_and_on_its_days(ms in 0..4_102_444_800_000_i64, day in 1..=31_u8, minute in 0..1_440_i16) {
            let after = Timestamp::from_ms(ms);
            let time = jiff::civil::time((minute / 60) as i8, (minute % 60) as i8, 0, 0);
            for every in [Every::Day, Every::Week(day % 7 + 1), Every::Month(day)] {
                let rhythm = Rhythm { every, at: time, zone: TimeZone::get("Europe/Paris").unwrap() };

                let next = rhythm.next(after).unwrap();

                prop_assert!(next > after && next.since(after).as_secs() <= 62 * 86_400);
                prop_assert!(every.falls_on(rhythm.zone.to_datetime(next.to_calendar()).date()));
            }
        }
    }
}
