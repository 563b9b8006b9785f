//! When a destination takes calls: weekly hours, holidays and days of its own,
//! in its own time zone.
//!
//! A date that has hours of its own is open then and at no other time. Else a
//! date that is closed, or a holiday, is closed all day. Else the week counts.
//! Hours may go over midnight: `fri 22:00-02:00` ends on Saturday.

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::holidays::Calendar;
use crate::domain::time::Timestamp;

mod written;

use written::DAY_MINUTES;
pub use written::{DayRange, Days, Hours, Special, Text, Unreadable, Weekly, Zone};

/// The hours of a destination, as they stand in a plan: each text is checked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Schedule {
    pub zone: Zone,
    /// Without any, the week has no hours at all.
    pub week: Vec<Weekly>,
    pub holidays: Option<Text<Calendar>>,
    /// Own days on which nobody is there.
    pub closed: Vec<Days>,
    /// Own days with hours of their own, also where they would be closed.
    pub special: Vec<Special>,
}

/// Where the hours of a day come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DayKind {
    Week,
    /// It has hours of its own.
    Special,
    Closed,
    Holiday,
}

impl Schedule {
    /// Whether somebody takes calls at this moment.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let here = at.to_calendar().to_zoned(self.zone.0.0.clone()).datetime();
        let minute = minute_of(here);
        let yesterday = here.date().checked_sub(1.day()).ok();
        self.hours_of(here.date()).any(|hours| hours.covers(minute))
            || yesterday.is_some_and(|day| self.hours_of(day).any(|hours| hours.spills_over(minute)))
    }

    /// The next moment at which hours begin, within a year.
    pub fn opens_at(&self, after: Timestamp) -> Option<Timestamp> {
        let zone = &self.zone.0.0;
        let today = after.to_calendar().to_zoned(zone.clone()).date();
        let of_day = |day: Date| {
            let minutes = self.hours_of(day).map(Hours::start);
            let moments = minutes.filter_map(|minute| {
                let time = day.at((minute / 60) as i8, (minute % 60) as i8, 0, 0);
                let moment = time.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
                Some(Timestamp::from_ms(moment)).filter(|moment| *moment > after)
            });
            moments.min()
        };
        today.series(1.day()).take(366).find_map(of_day)
    }

    /// When it is open within a period, in order; what meets or overlaps is one.
    pub fn openings(&self, period: &Range<Timestamp>) -> Vec<Range<Timestamp>> {
        let zone = &self.zone.0.0;
        let day = |at: Timestamp| zone.to_datetime(at.to_calendar()).date();
        let moment = |day: Date, minute: u16| {
            let day = day.checked_add(i64::from(minute / DAY_MINUTES).days()).ok()?;
            let minute = minute % DAY_MINUTES;
            let at = day.at((minute / 60) as i8, (minute % 60) as i8, 0, 0).to_zoned(zone.clone()).ok()?;
            Some(Timestamp::from_ms(at.timestamp().as_millisecond()))
        };
        let (first, last) = (day(period.start), day(period.end));
        // Hours of the day before may go over midnight.
        let days = first.checked_sub(1.day()).unwrap_or(first).series(1.day()).take_while(|day| *day <= last);
        let hours = days.flat_map(|day| self.hours_of(day).map(|it| (day, it)).collect::<Vec<_>>());
        let mut open: Vec<Range<Timestamp>> = hours
            .filter_map(|(day, it)| {
                let (from, until) = (moment(day, it.start())?, moment(day, it.end())?);
                Some(from.max(period.start)..until.min(period.end)).filter(|it| !it.is_empty())
            })
            .collect();
        open.sort_by_key(|it| it.start);
        open.dedup_by(|later, before| {
            let meets = later.start <= before.end;
            if meets {
                before.end = before.end.max(later.end);
            }
            meets
        });
        open
    }

    /// The day of this moment, where the destination is.
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.zone.0.0.to_datetime(at.to_calendar()).date()
    }

    /// Where the hours of a day come from.
    pub fn day_kind(&self, day: Date) -> DayKind {
        if self.special.iter().any(|it| it.0.day == day) {
            DayKind::Special
        } else if self.closed.iter().any(|days| days.0.has(day)) {
            DayKind::Closed
        } else if self.holidays.is_some_and(|calendar| calendar.0.is_holiday(day)) {
            DayKind::Holiday
        } else {
            DayKind::Week
        }
    }

    /// The hours that begin on a day.
    pub fn hours_on(&self, day: Date) -> Vec<Hours> {
        self.hours_of(day).collect()
    }

    fn hours_of(&self, day: Date) -> impl Iterator<Item = Hours> {
        let special: Vec<Hours> =
            self.special.iter().filter(|it| it.0.day == day).flat_map(|it| it.0.hours.clone()).collect();
        let kind = self.day_kind(day);
        let of_week = self.week.iter().filter(move |_| kind == DayKind::Week);
        let of_week = of_week.filter(move |weekly| weekly.0.days.has(day.weekday()));
        special.into_iter().chain(of_week.flat_map(|weekly| weekly.0.hours.clone()))
    }
}

fn minute_of(time: DateTime) -> u16 {
    (i16::from(time.hour()) * 60 + i16::from(time.minute())) as u16
}

#[cfg(test)]
mod tests;
