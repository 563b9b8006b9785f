//! Adds up the calls of a period: in all, by the time, and by whatever they differ in.
//!
//! A call counts as much as its shares pass the filter: asked for paid search
//! only, one that came from there with a chance of 70 % counts 0.7. How many
//! calls that were is told with an interval ([`expect`]).

use std::collections::BTreeSet;
use std::ops::Range;

use super::book::{Book, Call, Hour, Share, Worth};
use super::chances::Chances;
use super::dimension::Dimension;
use super::expected::Expected;
use super::facts::WHOLE;
use super::labels::Labels;
use super::sieve::Sieve;
use super::sums::Sums;
use super::unique::Callers;
use super::worth::Revenue;
use crate::domain::calling::outcome::Outcome;
use crate::domain::time::Timestamp;

pub const HOURS_OF_WEEK: usize = 7 * 24;

/// What is to be counted.
#[derive(Clone, Debug)]
pub struct Question {
    /// Calls that arrived at or after its start and before its end.
    pub period: Range<Timestamp>,
    /// In which days and hours begin.
    pub zone: jiff::tz::TimeZone,
    /// When each bar of the course begins, in order; the first at or before the period.
    pub bars: Vec<Timestamp>,
    /// Calls of these alone; `None` among the words: those that have none.
    pub only: Vec<(Dimension, BTreeSet<Option<String>>)>,
    /// By what they are counted apart.
    pub apart: Vec<Dimension>,
    /// How many rows there are at most of each.
    pub rows_max: usize,
}

/// What was counted.
#[derive(Clone, PartialEq, Debug)]
pub struct Counted {
    pub total: Sums,
    pub expected: Expected,
    /// Different callers, in millionths: each counts as its call that counts most.
    pub callers: u64,
    pub revenue: Revenue,
    /// For each bar.
    pub course: Vec<Sums>,
    /// For each hour of the week, from Monday at midnight on.
    pub week: Vec<Sums>,
    /// In the order of [`Question::apart`].
    pub apart: Vec<Breakdown>,
}

/// The calls counted apart by one dimension.
#[derive(Clone, PartialEq, Debug)]
pub struct Breakdown {
    pub dimension: Dimension,
    /// The most calls first.
    pub rows: Vec<Row>,
    /// There are more than are told.
    pub cut: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// `None`: nothing is said of it.
    pub label: Option<String>,
    pub sums: Sums,
    pub expected: Expected,
    pub revenue: Revenue,
}

/// What was added up of a part.
pub struct Tally {
    chances: Chances,
    callers: Callers,
    revenue: Revenue,
    course: Vec<Sums>,
    week: Vec<Sums>,
    /// Rows of what is asked, one after another.
    apart: Vec<Vec<Pile>>,
}

/// What falls on a row.
#[derive(Clone, Default)]
struct Pile {
    sums: Sums,
    chances: Chances,
    revenue: Revenue,
}

impl Pile {
    fn add(&mut self, call: &Call, worths: &[Worth], weight: u32) {
        self.sums.add(call, weight);
        self.chances.add(weight);
        self.revenue.add(worths, weight);
    }

    fn join(&mut self, other: Self) {
        self.sums += &other.sums;
        self.chances.join(other.chances);
        self.revenue.join(&other.revenue);
    }
}

/// A question, made ready for the hours of a book: these may be counted in parts, beside each other.
pub struct Counting<'b> {
    question: Question,
    period: Range<i64>,
    sieve: Sieve,
    labels: Vec<Labels<'b>>,
    hours: Vec<(i64, &'b Hour)>,
}

impl Book {
    pub fn ask(&self, question: Question) -> Counting<'_> {
        let period = question.period.start.as_ms()..question.period.end.as_ms();
        let sieve = Sieve::of(self, &question.only);
        let labels = question.apart.iter().map(|it| Labels::of(self, *it)).collect();
        let hours = self.hours(&period).collect();
        Counting { question, period, sieve, labels, hours }
    }
}

impl<'b> Counting<'b> {
    /// How many calls are to be looked at.
    pub fn calls(&self) -> usize {
        self.hours.iter().map(|(_, hour)| hour.calls.len()).sum()
    }

    /// Cuts the hours into so many parts, as long as each other; at least one.
    pub fn parts(&self, parts: usize) -> impl Iterator<Item = Part<'_, 'b>> {
        let long = self.hours.len().div_ceil(parts.max(1)).max(1);
        let parts = self.hours.chunks(long).map(|hours| Part { of: self, hours });
        let none = self.hours.is_empty().then_some(Part { of: self, hours: &[] });
        parts.chain(none)
    }

    /// What all parts have added up.
    pub fn tell(&self, tallies: impl Iterator<Item = Tally>) -> Counted {
        let all = tallies.reduce(Tally::with);
        let none = || Part { of: self, hours: &[] }.tally();
        all.unwrap_or_else(none).tell(&self.question, &self.labels)
    }
}

/// Some of the hours that are counted.
pub struct Part<'a, 'b> {
    of: &'a Counting<'b>,
    hours: &'a [(i64, &'b Hour)],
}

impl Part<'_, '_> {
    pub fn tally(&self) -> Tally {
        let Counting { question, period, sieve, labels, .. } = self.of;
        Tally::count(self.hours, period, question, sieve, labels)
    }
}

impl Tally {
    fn count(
        hours: &[(i64, &Hour)],
        period: &Range<i64>,
        question: &Question,
        sieve: &Sieve,
        labels: &[Labels<'_>],
    ) -> Self {
        let mut tally = Self {
            chances: Chances::default(),
            callers: Callers::default(),
            revenue: Revenue::default(),
            course: vec![Sums::default(); question.bars.len().max(1)],
            week: vec![Sums::default(); HOURS_OF_WEEK],
            apart: labels.iter().map(|it| vec![Default::default(); it.len()]).collect(),
        };
        let mut passed: Vec<Share> = Vec::new();
        for (begin, hour) in hours {
            let offset = offset_ms(&question.zone, *begin);
            for (nth, call) in hour.calls.iter().enumerate() {
                let at = begin + i64::from(call.at_ms);
                if !period.contains(&at) || !sieve.lets_pass(call) {
                    continue;
                }
                passed.clear();
                passed.extend(hour.shares(call).iter().filter(|share| sieve.lets_come_from(share.origin)));
                let weight: u32 = passed.iter().map(|share| share.weight).sum();
                if weight > 0 {
                    let bar = question.bars.partition_point(|bar| bar.as_ms() <= at).saturating_sub(1);
                    tally.course[bar].add(call, weight);
                    tally.week[hour_of_week(at + offset)].add(call, weight);
                    tally.add(call, hour.worths(nth), &passed, weight, labels);
                }
            }
        }
        tally
    }

    fn add(&mut self, call: &Call, worths: &[Worth], shares: &[Share], weight: u32, labels: &[Labels<'_>]) {
        self.chances.add(weight);
        self.revenue.add(worths, weight);
        if let Some(caller) = call.caller {
            self.callers.add(caller, weight);
        }
        for (rows, labels) in self.apart.iter_mut().zip(labels) {
            match labels {
                Labels::OfOrigins { of, .. } => {
                    for (nth, share) in shares.iter().enumerate() {
                        let label = of[share.origin as usize];
                        let same = |other: &&Share| of[other.origin as usize] == label;
                        // Shares of one call that fall on one row are one share.
                        if !shares[..nth].iter().any(|before| same(&before)) {
                            let weight = shares[nth..].iter().filter(same).map(|it| it.weight).sum();
                            rows[label as usize].add(call, worths, weight);
                        }
                    }
                }
                one => rows[one.label(call)].add(call, worths, weight),
            }
        }
    }

    fn with(mut self, other: Self) -> Self {
        self.chances.join(other.chances);
        self.callers.join(other.callers);
        self.revenue.join(&other.revenue);
        for (mine, its) in self.course.iter_mut().zip(&other.course) {
            *mine += its;
        }
        for (mine, its) in self.week.iter_mut().zip(&other.week) {
            *mine += its;
        }
        for (mine, its) in self.apart.iter_mut().flatten().zip(other.apart.into_iter().flatten()) {
            mine.join(its);
        }
        self
    }

    fn tell(self, question: &Question, labels: &[Labels<'_>]) -> Counted {
        let mut total = Sums::default();
        self.course.iter().for_each(|bar| total += bar);
        let apart = question.apart.iter().zip(self.apart).zip(labels);
        let apart = apart.map(|((dimension, rows), labels)| {
            let mut rows: Vec<(usize, Pile)> =
                rows.into_iter().enumerate().filter(|(_, pile)| pile.sums.calls > 0).collect();
            rows.sort_by(|(a, x), (b, y)| {
                y.sums.calls.cmp(&x.sums.calls).then_with(|| labels.text(*a).cmp(&labels.text(*b)))
            });
            let cut = rows.len() > question.rows_max;
            rows.truncate(question.rows_max);
            let rows = rows.into_iter().map(|(nth, Pile { sums, chances, revenue })| Row {
                label: labels.text(nth).map(str::to_owned),
                sums,
                expected: chances.expect(),
                revenue,
            });
            Breakdown { dimension: *dimension, rows: rows.collect(), cut }
        });
        Counted {
            total,
            expected: self.chances.expect(),
            callers: self.callers.sum(),
            revenue: self.revenue,
            course: self.course,
            week: self.week,
            apart: apart.collect(),
        }
    }
}

/// How far local time is ahead in the hour that begins then: a change of the clocks comes on the hour.
fn offset_ms(zone: &jiff::tz::TimeZone, begin: i64) -> i64 {
    i64::from(zone.to_offset(Timestamp::from_ms(begin).to_calendar()).seconds()) * 1_000
}

/// Hours since the week began on Monday; 1970 began on a Thursday.
fn hour_of_week(local_ms: i64) -> usize {
    (local_ms.div_euclid(3_600_000) + 3 * 24).rem_euclid(HOURS_OF_WEEK as i64) as usize
}

/// The place of an outcome among [`Outcome::ALL`], and behind them that of a call which goes on.
pub(super) fn outcome_place(outcome: Option<Outcome>) -> usize {
    let place = outcome.and_then(|it| Outcome::ALL.iter().position(|other| *other == it));
    place.unwrap_or(Outcome::ALL.len())
}

/// Whether the weight is that of a call that certainly counts.
pub(super) const fn is_whole(weight: u32) -> bool {
    weight >= WHOLE
}

#[cfg(test)]
#[path = "count/tests.rs"]
mod tests;
