//! Calls by the hour of the week, while open and while closed, each by the hours of the destination that it went to.
//!
//! Every destination may have hours of its own. All calls are walked through once, however many hours there are: when an
//! hour begins it is known of each schedule whether it is open throughout, and only where it opens or closes within the
//! hour calls are looked up in it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::book::{Book, Hour, PlaceLabels};
use super::count::{HOURS_OF_WEEK, Question};
use super::dimension::Dimension;
use super::facts::HOUR_MS;
use super::openings::{Week, hour_of_week};
use super::period::Bar;
use super::sieve::{Passed, Sieve};
use super::sums::Sums;
use super::tally::{LocalHour, hour_of_week_ms};
use crate::domain::calling::schedule::Schedule;
use crate::domain::time::Timestamp;

/// So many different hours are looked up at most, for it takes a millisecond to know when one was open in two years; who has
/// others counts as always open.
const SCHEDULES_MAX: usize = 100;

/// Destinations that have the same hours.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Shift {
    /// `None`: always open.
    pub hours: Option<Schedule>,
    /// `None` among them: calls that went to none.
    pub destinations: BTreeSet<Option<String>>,
    /// It is worth knowing when they are open even if nobody called.
    pub is_asked: bool,
}

/// The calls of a question, and whose hours each came in.
pub struct Rota<'b> {
    period: Range<i64>,
    zone: TimeZone,
    sieve: Sieve,
    hours: Vec<(i64, &'b Hour)>,
    shifts: Vec<Shift>,
    /// When each is open, in order.
    openings: Vec<Vec<Range<i64>>>,
    /// Those that only count as open.
    is_cut: Vec<bool>,
    /// For each place, whose hours count there.
    of_places: Vec<Option<usize>>,
}

/// What came in some of the hours.
pub struct Came {
    week: Week,
    /// For each shift, whether anything came.
    any: Vec<bool>,
}

impl Book {
    /// Calls that the question asks for, whatever its bars and rows. The last shift has all other destinations, too.
    pub fn rota(&self, question: &Question, shifts: Vec<Shift>) -> Rota<'_> {
        let period = question.period.start.as_ms()..question.period.end.as_ms();
        let sieve = Sieve::of(self, &question.only);
        let texts = self.texts(Dimension::Destination);
        let of_rows: Vec<Option<usize>> = (0..texts.rows())
            .map(|row| {
                let label = texts.of_row(row).map(str::to_owned);
                let its = shifts.iter().position(|shift| shift.destinations.contains(&label));
                its.or(shifts.len().checked_sub(1))
            })
            .collect();
        let nth = Dimension::OF_PLACES.iter().position(|it| *it == Dimension::Destination);
        let of_place = |labels: &PlaceLabels| nth.and_then(|nth| of_rows[texts.row(labels[nth])]);
        let of_places: Vec<Option<usize>> = self.places.iter().map(of_place).collect();
        let mut is_reached: Vec<bool> = shifts.iter().map(|shift| shift.is_asked).collect();
        for (place, shift) in of_places.iter().enumerate() {
            if let Some(shift) = shift.filter(|_| sieve.lets_reach(place)) {
                is_reached[shift] = true;
            }
        }
        let (mut openings, mut is_cut, mut schedules) = (vec![], vec![], 0);
        for (shift, is_reached) in shifts.iter().zip(is_reached) {
            let hours = shift.hours.as_ref().filter(|_| is_reached);
            schedules += usize::from(hours.is_some());
            let known = hours.filter(|_| schedules <= SCHEDULES_MAX || shift.is_asked);
            is_cut.push(hours.is_some() && known.is_none());
            openings.push(match known {
                None => vec![period.clone()],
                Some(hours) => {
                    let open = hours.openings(&question.period);
                    open.into_iter().map(|it| it.start.as_ms()..it.end.as_ms()).collect()
                }
            });
        }
        Rota {
            zone: question.zone.clone(),
            hours: self.hours(&period).collect(),
            sieve,
            openings,
            is_cut,
            of_places,
            shifts,
            period,
        }
    }
}

impl<'b> Rota<'b> {
    /// How many calls are to be looked at.
    pub fn calls(&self) -> usize {
        self.hours.iter().map(|(_, hour)| hour.calls.len()).sum()
    }

    /// Counts the hours in so many parts, as long as each other.
    pub fn parts(&self, parts: usize) -> impl Iterator<Item = impl FnOnce() -> Came> {
        let long = self.hours.len().div_ceil(parts.max(1)).max(1);
        self.hours.chunks(long).map(move |hours| move || self.count(hours))
    }

    fn count(&self, hours: &[(i64, &'b Hour)]) -> Came {
        let (mut week, mut any) = (Week::default(), vec![false; self.shifts.len()]);
        // Of each shift, the first opening that is not over, and whether it is open for the whole hour.
        let mut ahead: Vec<&[Range<i64>]> = self.openings.iter().map(Vec::as_slice).collect();
        let mut open = vec![None; self.shifts.len()];
        for (begin, hour) in hours {
            for (its, open) in ahead.iter_mut().zip(&mut open) {
                *its = &its[its.iter().take_while(|it| it.end <= *begin).count()..];
                *open = match its.first() {
                    Some(it) if it.start <= *begin && *begin + HOUR_MS <= it.end => Some(true),
                    Some(it) if it.start < *begin + HOUR_MS => None,
                    _ => Some(false),
                };
            }
            let local = LocalHour::of(&self.zone, *begin);
            self.sieve.pass(*begin, hour, &self.period, |Passed { at, call, weight, .. }| {
                let Some(shift) = self.of_places[call.place as usize] else { return };
                any[shift] = true;
                let opens = || ahead[shift].iter().take_while(|it| it.start <= at).any(|it| it.contains(&at));
                let is_open = open[shift].unwrap_or_else(opens);
                let hour = &mut week.0[hour_of_week_ms(local.time(at))];
                let part = if is_open { &mut hour.open } else { &mut hour.closed };
                part.sums += &Sums::of(call, weight);
            });
        }
        Came { week, any }
    }

    /// What all parts have counted, and for how long all were open to whom anything came; and whether some of these only
    /// count as open.
    pub fn tell(&self, parts: impl Iterator<Item = Came>) -> (Week, bool) {
        let mut any: Vec<bool> = self.shifts.iter().map(|shift| shift.is_asked).collect();
        let mut week = Week::default();
        for came in parts {
            week.add(&came.week);
            any.iter_mut().zip(came.any).for_each(|(any, its)| *any |= its);
        }
        let period = Timestamp::from_ms(self.period.start)..Timestamp::from_ms(self.period.end);
        let begins = Bar::Hour.begins(&period, &self.zone);
        let hours: Vec<(i64, usize)> =
            begins.iter().map(|begin| (begin.as_ms(), hour_of_week(*begin, &self.zone))).collect();
        let all = self.lasting(&hours, std::slice::from_ref(&self.period));
        let cut = self.is_cut.iter().zip(&any).any(|(is_cut, any)| *is_cut && *any);
        for (openings, _) in self.openings.iter().zip(any).filter(|(_, any)| *any) {
            for ((hour, all), open) in week.0.iter_mut().zip(&all).zip(self.lasting(&hours, openings)) {
                hour.open.time += open;
                hour.closed.time += *all - open;
            }
        }
        (week, cut)
    }

    /// How long these times last in each hour of the week. `hours`: when each of the period begins, and which it is.
    fn lasting(&self, hours: &[(i64, usize)], times: &[Range<i64>]) -> [Duration; HOURS_OF_WEEK] {
        let mut lasting = [Duration::ZERO; HOURS_OF_WEEK];
        for time in times {
            let first = hours.partition_point(|(begin, _)| *begin <= time.start).saturating_sub(1);
            let ends = hours[first..].iter().skip(1).map(|(begin, _)| *begin).chain([self.period.end]);
            for ((begin, of_week), end) in hours[first..].iter().zip(ends) {
                if *begin >= time.end {
                    break;
                }
                let lasts = end.min(time.end) - (*begin).max(time.start);
                lasting[*of_week] += Duration::from_millis(lasts.max(0) as u64);
            }
        }
        lasting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reporting::facts::{CallFact, HourFacts, Origin, Place, WHOLE};
    use crate::domain::tracking::channels::Channel;

    /// A call on Thursday at one o'clock to each of so many destinations, and the hours of each: they open a minute apart.
    fn town(destinations: usize) -> (Book, Vec<Shift>) {
        let place = |nth: usize| Place {
            number: "+33199001234".into(),
            destination: Some(format!("d{nth}")),
            outlet: Some(format!("o{nth}")),
            site: None,
        };
        let call = |nth: usize| CallFact::plain(0, nth as u32, vec![(0, WHOLE)]);
        let origins = vec![Origin::of_channel(Channel::Direct)];
        let mut book = Book::default();
        let (places, calls) = ((0..destinations).map(place).collect(), (0..destinations).map(call).collect());
        book.put(1, HourFacts { origins, places, regions: vec![], calls });
        let shift = |nth: usize| Shift {
            hours: Some(Schedule {
                zone: "UTC".parse().unwrap(),
                week: vec![format!("thu {:02}:{:02}-24:00", 2 + nth / 60, nth % 60).parse().unwrap()],
                holidays: None,
                closed: vec![],
                special: vec![],
            }),
            destinations: BTreeSet::from([Some(format!("d{nth}"))]),
            is_asked: false,
        };
        (book, (0..destinations).map(shift).collect())
    }

    #[test]
    fn too_many_schedules_count_as_open_but_not_those_that_are_asked_for() {
        let (book, mut shifts) = town(SCHEDULES_MAX + 3);
        let last = shifts.len() - 1;
        let asked = |only| Question {
            period: Timestamp::from_ms(0)..Timestamp::from_ms(24 * HOUR_MS),
            zone: TimeZone::UTC,
            bars: vec![],
            only,
            apart: vec![],
            rows_max: 0,
        };
        let told = |only, shifts: &[Shift]| {
            let rota = book.rota(&asked(only), shifts.to_vec());
            let (week, cut) = rota.tell(rota.parts(1).map(|part| part()));
            (week.total().open.sums.calls / u64::from(WHOLE), cut)
        };
        let outlet = |nth: usize| vec![(Dimension::Outlet, BTreeSet::from([Some(format!("o{nth}"))]))];

        assert_eq!(told(vec![], &shifts), (3, true));
        assert_eq!(told(outlet(last), &shifts), (0, false), "of one outlet all hours are known");
        shifts[last].is_asked = true;
        assert_eq!(told(vec![], &shifts), (2, true));
    }
}
