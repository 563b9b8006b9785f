//! Calls by the hour of the week, apart by whether somebody was to be there to answer.
//!
//! A period is cut wherever an hour begins and wherever hours of opening begin or
//! end, so each stretch lies in one hour of the week and is open or closed. The
//! calls of each stretch are counted as bars are ([`Question::bars`]), and those
//! of the same hour of the week put together.
//!
//! [`Question::bars`]: super::count::Question::bars

use std::ops::Range;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::count::HOURS_OF_WEEK;
use super::period::Bar;
use super::sums::Sums;
use crate::domain::calling::schedule::Schedule;
use crate::domain::time::Timestamp;

/// What came in an hour of the week, and how long that hour was in the period.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Part {
    pub time: Duration,
    pub sums: Sums,
}

impl Part {
    fn add(&mut self, other: &Part) {
        self.time += other.time;
        self.sums += &other.sums;
    }
}

/// An hour of the week.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Hour {
    pub open: Part,
    pub closed: Part,
}

impl Hour {
    /// How much of it is open, 0 to 1.
    pub fn open_share(&self) -> f64 {
        let all = self.open.time + self.closed.time;
        if all.is_zero() { 0.0 } else { self.open.time.as_secs_f64() / all.as_secs_f64() }
    }

    pub fn missed(&self) -> u64 {
        self.open.sums.missed + self.closed.sums.missed
    }

    pub fn calls(&self) -> u64 {
        self.open.sums.calls + self.closed.sums.calls
    }

    /// Of the calls that are over, how many nobody took; 0 to 1.
    pub fn missed_rate(&self) -> Option<f64> {
        let over = self.missed() + self.open.sums.answered + self.closed.sums.answered;
        (over > 0).then(|| self.missed() as f64 / over as f64)
    }
}

/// All hours of the week, from Monday at midnight on.
#[derive(Clone, PartialEq, Debug)]
pub struct Week(pub Vec<Hour>);

impl Default for Week {
    fn default() -> Self {
        Self(vec![Hour::default(); HOURS_OF_WEEK])
    }
}

impl Week {
    /// Puts another beside it, of another place.
    pub fn add(&mut self, other: &Week) {
        for (mine, its) in self.0.iter_mut().zip(&other.0) {
            mine.open.add(&its.open);
            mine.closed.add(&its.closed);
        }
    }

    /// What came while open, and while closed.
    pub fn total(&self) -> Hour {
        let mut total = Hour::default();
        for hour in &self.0 {
            total.open.add(&hour.open);
            total.closed.add(&hour.closed);
        }
        total
    }
}

/// A period cut into stretches.
pub struct Stretches {
    /// When each begins, in order.
    pub begins: Vec<Timestamp>,
    /// Of each: the hour of the week, whether it is open, and how long it is.
    of: Vec<(usize, bool, Duration)>,
}

impl Stretches {
    /// Hours are those of `zone`; `None`: always open.
    pub fn of(period: &Range<Timestamp>, zone: &TimeZone, hours: Option<&Schedule>) -> Self {
        let open = hours.map_or_else(|| vec![period.clone()], |hours| hours.openings(period));
        let edges = open.iter().flat_map(|it| [it.start, it.end]).filter(|at| *at < period.end);
        let mut begins = Bar::Hour.begins(period, zone);
        begins.extend(edges);
        begins.sort();
        begins.dedup();
        let ends = begins.iter().skip(1).copied().chain([period.end]);
        let mut ahead = open.iter().peekable();
        let of = begins.iter().zip(ends).map(|(begin, end)| {
            // The first may begin before the period does.
            let from = (*begin).max(period.start);
            while ahead.next_if(|it| it.end <= from).is_some() {}
            let is_open = ahead.peek().is_some_and(|it| it.contains(&from));
            (hour_of_week(*begin, zone), is_open, end.since(from))
        });
        Self { of: of.collect(), begins }
    }

    /// What was counted of each, by the hour of the week.
    pub fn week(&self, course: &[Sums]) -> Week {
        let mut week = Week::default();
        for ((hour, is_open, time), sums) in self.of.iter().zip(course) {
            let hour = &mut week.0[*hour];
            let part = if *is_open { &mut hour.open } else { &mut hour.closed };
            part.add(&Part { time: *time, sums: *sums });
        }
        week
    }
}

/// Hours since Monday at midnight, by a clock of the zone.
pub fn hour_of_week(at: Timestamp, zone: &TimeZone) -> usize {
    let shown = zone.to_datetime(at.to_calendar());
    let days = shown.weekday().to_monday_zero_offset() as usize;
    days * 24 + shown.hour() as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::reporting::facts::WHOLE;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").unwrap()
    }

    fn schedule(week: &[&str], closed: &[&str]) -> Schedule {
        Schedule {
            zone: "Europe/Paris".parse().unwrap(),
            week: week.iter().map(|it| it.parse().unwrap()).collect(),
            holidays: Some("FR".parse().unwrap()),
            closed: closed.iter().map(|it| it.parse().unwrap()).collect(),
            special: vec!["2026-11-22 10:00-11:30".parse().unwrap()],
        }
    }

    /// From Monday 16 to Monday 30 November 2026 in Paris.
    fn fortnight() -> Range<Timestamp> {
        at("2026-11-15T23:00:00Z")..at("2026-11-29T23:00:00Z")
    }

    #[test]
    fn each_hour_of_the_week_knows_how_long_it_was_open() {
        let hours = schedule(&["mon-fri 09:30-12:00"], &["2026-11-17"]);
        let stretches = Stretches::of(&fortnight(), &paris(), Some(&hours));
        let one = Sums { calls: u64::from(WHOLE), missed: u64::from(WHOLE), ..Sums::default() };
        let week = stretches.week(&vec![one; stretches.begins.len()]);

        let open = |day: usize, hour: usize| week.0[day * 24 + hour].open_share();
        assert_eq!((open(0, 8), open(0, 9), open(0, 10), open(0, 12)), (0.0, 0.5, 1.0, 0.0));
        assert_eq!((open(1, 9), open(1, 10)), (0.25, 0.5), "one of two Tuesdays");
        assert_eq!((open(6, 10), open(6, 11), open(5, 10)), (0.5, 0.25, 0.0), "a Sunday of its own");
        let total = week.total();
        assert_eq!(total.open.time + total.closed.time, Duration::from_hours(14 * 24));
        assert_eq!(total.calls(), stretches.begins.len() as u64 * u64::from(WHOLE));
        assert_eq!(total.missed(), total.calls());
    }

    #[test]
    fn who_has_no_hours_is_always_open() {
        let stretches = Stretches::of(&fortnight(), &paris(), None);
        let week = stretches.week(&vec![Sums::default(); stretches.begins.len()]);

        assert!(
            week.0.iter().all(|hour| hour.open_share() == 1.0 && hour.open.time == Duration::from_hours(2))
        );
    }

    #[test]
    fn when_the_clocks_are_put_back_an_hour_is_twice_as_long() {
        let day = at("2026-10-24T22:00:00Z")..at("2026-10-25T23:00:00Z");
        let stretches = Stretches::of(&day, &paris(), None);
        let week = stretches.week(&vec![Sums::default(); stretches.begins.len()]);

        assert_eq!(week.0[6 * 24 + 2].open.time, Duration::from_hours(2));
        assert_eq!(week.total().open.time, Duration::from_hours(25));
    }

    proptest! {
        /// The stretches say of any moment what the schedule does.
        #[test]
        fn a_stretch_is_open_when_its_schedule_is(minute in 0..14 * 24 * 60_i64, from in 0..1_439_u16, until in 0..1_439_u16) {
            let text = format!("tue-sun {:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60);
            prop_assume!(from != until);
            let (period, hours) = (fortnight(), schedule(&[&text], &["2026-11-18..2026-11-19"]));
            let moment = Timestamp::from_ms(period.start.as_ms() + minute * 60_000);
            let stretches = Stretches::of(&period, &TimeZone::UTC, Some(&hours));

            let nth = stretches.begins.partition_point(|begin| *begin <= moment) - 1;

            prop_assert_eq!(stretches.of[nth].1, hours.is_open(moment));
            prop_assert_eq!(stretches.of[nth].0, hour_of_week(moment, &TimeZone::UTC));
        }
    }
}
