//! Adds up the calls of a period: in all, by the time, and by whatever they differ in.
//!
//! A call counts as much as its shares pass the filter: asked for paid search
//! only, one that came from there with a chance of 70 % counts 0.7. How many
//! calls that were is told with an interval ([`expect`]).

use std::collections::BTreeSet;
use std::ops::Range;

use super::book::{Book, Hour};
use super::dimension::Dimension;
use super::expected::Expected;
use super::facts::WHOLE;
use super::rows::Rows;
use super::sieve::Sieve;
use super::sums::Sums;
use super::tally::Tally;
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

/// A question, made ready for the hours of a book: these may be counted in parts, beside each other.
pub struct Counting<'b> {
    question: Question,
    period: Range<i64>,
    sieve: Sieve,
    rows: Rows<'b>,
    hours: Vec<(i64, &'b Hour)>,
}

impl Book {
    pub fn ask(&self, question: Question) -> Counting<'_> {
        let period = question.period.start.as_ms()..question.period.end.as_ms();
        let sieve = Sieve::of(self, &question.only);
        let rows = Rows::of(self, &question.apart);
        let hours = self.hours(&period).collect();
        Counting { question, period, sieve, rows, hours }
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
        all.unwrap_or_else(none).tell(&self.question, &self.rows)
    }
}

/// Some of the hours that are counted.
pub struct Part<'a, 'b> {
    of: &'a Counting<'b>,
    hours: &'a [(i64, &'b Hour)],
}

impl Part<'_, '_> {
    pub fn tally(&self) -> Tally {
        let Counting { question, period, sieve, rows, .. } = self.of;
        Tally::count(self.hours, period, question, sieve, rows)
    }
}

impl Tally {
    fn tell(self, question: &Question, rows: &Rows<'_>) -> Counted {
        let mut total = Sums::default();
        self.course.iter().for_each(|bar| total += bar);
        let (cells, mut first) = (self.cells, 0);
        let apart = question.apart.iter().zip(&rows.labels).map(|(dimension, labels)| {
            let begin = first;
            first += labels.len();
            let its = |row: usize| begin + row;
            let mut told: Vec<usize> =
                (0..labels.len()).filter(|row| cells.sums(its(*row)).calls > 0).collect();
            let order = |a: &usize, b: &usize| {
                let calls = |row: &usize| cells.sums(its(*row)).calls;
                calls(b).cmp(&calls(a)).then_with(|| labels.text(*a).cmp(&labels.text(*b)))
            };
            let cut = told.len() > question.rows_max;
            if cut {
                told.select_nth_unstable_by(question.rows_max, order);
                told.truncate(question.rows_max);
            }
            told.sort_unstable_by(order);
            let rows = told.into_iter().map(|row| {
                let sums = *cells.sums(its(row));
                Row {
                    label: labels.text(row).map(str::to_owned),
                    sums,
                    expected: cells.chances(its(row)).expect(sums.calls),
                    revenue: cells.revenue(its(row)),
                }
            });
            Breakdown { dimension: *dimension, rows: rows.collect(), cut }
        });
        let apart = apart.collect();
        Counted {
            total,
            expected: self.all.expect(total.calls),
            callers: self.callers.sum(),
            revenue: self.revenue,
            course: self.course,
            week: self.week,
            apart,
        }
    }
}

/// The place of an outcome among [`Outcome::ALL`], and behind them that of a call which goes on.
pub(super) fn outcome_place(outcome: Option<Outcome>) -> usize {
    outcome.map_or(Outcome::ALL.len(), |it| it as usize)
}

/// Whether the weight is that of a call that certainly counts.
pub(super) const fn is_whole(weight: u32) -> bool {
    weight >= WHOLE
}

#[cfg(test)]
#[path = "count/tests.rs"]
mod tests;
