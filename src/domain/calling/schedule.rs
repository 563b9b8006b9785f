//! When a destination takes calls: weekly hours, holidays and days of its own,
//! in its own time zone.
//!
//! A date that has hours of its own is open then and at no other time. Else a
//! date that is closed, or a holiday, is closed all day. Else the week counts.
//! Hours may go over midnight: `fri 22:00-02:00` ends on Saturday.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::holidays::Calendar;
use crate::domain::time::Timestamp;

mod written;

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

    fn hours_of(&self, day: Date) -> impl Iterator<Item = Hours> {
        let special: Vec<Hours> =
            self.special.iter().filter(|it| it.0.day == day).flat_map(|it| it.0.hours.clone()).collect();
        let is_special = self.special.iter().any(|it| it.0.day == day);
        let is_off = self.closed.iter().any(|days| days.0.has(day))
            || self.holidays.is_some_and(|calendar| calendar.0.is_holiday(day));
        let of_week = self.week.iter().filter(move |_| !is_special && !is_off);
        let of_week = of_week.filter(move |weekly| weekly.0.days.has(day.weekday()));
        special.into_iter().chain(of_week.flat_map(|weekly| weekly.0.hours.clone()))
    }
}

fn minute_of(time: DateTime) -> u16 {
    (i16::from(time.hour()) * 60 + i16::from(time.minute())) as u16
}

#[cfg(test)]
mod tests;
