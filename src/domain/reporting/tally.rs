//! The walk through the calls of some hours: what each adds to every sum and row it falls on.
//!
//! Ten million calls are looked at for one report, so what is the same for many calls is not done for each: an hour
//! adds its sums to its bar, and what calls came from is added to the rows at the end ([`Rows`]).

use std::ops::Range;

use jiff::tz::TimeZone;

use super::book::Hour;
use super::cells::Cells;
use super::chances::Chances;
use super::count::{HOURS_OF_WEEK, Question};
use super::facts::HOUR_MS;
use super::rows::Rows;
use super::sieve::{Passed, Sieve};
use super::sums::Sums;
use super::unique::Callers;
use super::worth::Revenue;
use crate::domain::time::Timestamp;

/// What was added up of a part.
pub struct Tally {
    pub(super) all: Chances,
    pub(super) callers: Callers,
    pub(super) revenue: Revenue,
    pub(super) course: Vec<Sums>,
    pub(super) week: Vec<Sums>,
    /// The rows of what is asked, one dimension after another.
    pub(super) cells: Cells,
}

impl Tally {
    pub(super) fn count(
        hours: &[(i64, &Hour)],
        period: &Range<i64>,
        question: &Question,
        sieve: &Sieve,
        rows: &Rows<'_>,
    ) -> Self {
        let mut tally = Self {
            all: Chances::default(),
            callers: Callers::default(),
            revenue: Revenue::default(),
            course: vec![Sums::default(); question.bars.len().max(1)],
            week: vec![Sums::default(); HOURS_OF_WEEK],
            cells: Cells::of(rows.len),
        };
        let mut tables = rows.tables();
        for (begin, hour) in hours {
            let local = LocalHour::of(&question.zone, *begin);
            let is_one = local.is_one() && bar(question, *begin) == bar(question, *begin + HOUR_MS - 1);
            let mut of_hour = Sums::default();
            sieve.pass(*begin, hour, period, |Passed { nth, at, call, shares, weight }| {
                let (sums, worths) = (Sums::of(call, weight), hour.worths(nth));
                tally.all.add(weight);
                tally.revenue.add(worths, weight);
                if let Some(caller) = call.caller() {
                    tally.callers.add(caller, weight);
                }
                rows.add(&mut tables, &mut tally.cells, call, (weight, &sums), shares, worths);
                if is_one {
                    of_hour += &sums;
                } else {
                    tally.course[bar(question, at)] += &sums;
                    tally.week[hour_of_week_ms(local.time(at))] += &sums;
                }
            });
            if is_one {
                tally.course[bar(question, *begin)] += &of_hour;
                tally.week[hour_of_week_ms(local.time(*begin))] += &of_hour;
            }
        }
        rows.close(&tables, &mut tally.cells);
        tally
    }

    pub(super) fn with(mut self, other: Self) -> Self {
        self.all.join(&other.all);
        self.callers.join(other.callers);
        self.revenue.join(&other.revenue);
        for (mine, its) in self.course.iter_mut().zip(&other.course) {
            *mine += its;
        }
        for (mine, its) in self.week.iter_mut().zip(&other.week) {
            *mine += its;
        }
        self.cells.take(&other.cells, |row| row);
        self
    }
}

/// An hour in the reader's time.
pub(super) struct LocalHour<'z> {
    zone: &'z TimeZone,
    /// How far local time is ahead, in milliseconds; `None`: the clocks change within the hour, as those of Adelaide do.
    offset: Option<i64>,
}

impl<'z> LocalHour<'z> {
    pub fn of(zone: &'z TimeZone, begin: i64) -> Self {
        let offset = offset_ms(zone, begin);
        Self { zone, offset: Some(offset).filter(|it| *it == offset_ms(zone, begin + HOUR_MS - 1)) }
    }

    /// All of it falls into one hour of the week.
    fn is_one(&self) -> bool {
        self.offset.is_some_and(|offset| offset % HOUR_MS == 0)
    }

    /// What the clock says at a moment of it, in milliseconds since 1970.
    pub fn time(&self, at: i64) -> i64 {
        at + self.offset.unwrap_or_else(|| offset_ms(self.zone, at))
    }
}

fn offset_ms(zone: &TimeZone, begin: i64) -> i64 {
    i64::from(zone.to_offset(Timestamp::from_ms(begin).to_calendar()).seconds()) * 1_000
}

pub(super) fn bar(question: &Question, at: i64) -> usize {
    question.bars.partition_point(|bar| bar.as_ms() <= at).saturating_sub(1)
}

/// Hours since the week began on Monday; 1970 began on a Thursday.
pub(super) fn hour_of_week_ms(local_ms: i64) -> usize {
    (local_ms.div_euclid(HOUR_MS) + 3 * 24).rem_euclid(HOURS_OF_WEEK as i64) as usize
}
