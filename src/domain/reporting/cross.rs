//! Calls counted by two things at once: the regions of callers against channels, outlets against campaigns, days
//! against sources.
//!
//! Only the rows and columns that have the most calls are told apart; all others stand together at the end, so
//! that what is told adds up to all calls.

use std::ops::Range;

use super::book::{Book, Call, Hour};
use super::cells::Cells;
use super::count::{Question, outcome_place};
use super::dimension::Dimension;
use super::expected::Expected;
use super::facts::{HOUR_MS, WHOLE};
use super::sieve::{Passed, Sieve};
use super::sums::Sums;
use super::tally::bar;
use crate::domain::calling::outcome::Outcome;

/// One side of the table.
#[derive(Clone, PartialEq, Debug)]
pub enum Side {
    /// These labels of a dimension, and behind them all others together.
    Labels(Dimension, Vec<Option<String>>),
    /// The bars of the question.
    Bars,
}

/// What was counted where a row and a column meet.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Meeting {
    pub sums: Sums,
    pub expected: Expected,
}

/// The meetings of each row, in the order of the columns.
pub type Crossed = Vec<Vec<Meeting>>;

/// Where calls stand on one side.
enum Where {
    Origins(Vec<u32>),
    Places(Vec<u32>),
    /// One more than there are regions: callers without.
    Regions(Vec<u32>),
    Outcomes(Vec<u32>),
    Bars,
}

/// A question about two sides, made ready to be counted in parts beside each other.
pub struct Crossing<'b> {
    question: Question,
    period: Range<i64>,
    sieve: Sieve,
    rows: Where,
    columns: Where,
    wide: usize,
    len: usize,
    hours: Vec<(i64, &'b Hour)>,
}

impl Side {
    fn len(&self, question: &Question) -> usize {
        match self {
            Side::Labels(_, labels) => labels.len() + 1,
            Side::Bars => question.bars.len().max(1),
        }
    }
}

impl Book {
    /// Counts apart by both sides; what else the question counts apart is left out.
    pub fn cross(&self, question: Question, rows: &Side, columns: &Side) -> Crossing<'_> {
        let period = question.period.start.as_ms()..question.period.end.as_ms();
        let wide = columns.len(&question);
        Crossing {
            sieve: Sieve::of(self, &question.only),
            hours: self.hours(&period).collect(),
            rows: self.places_on(rows),
            columns: self.places_on(columns),
            wide,
            len: rows.len(&question) * wide,
            period,
            question,
        }
    }

    fn places_on(&self, side: &Side) -> Where {
        let Side::Labels(dimension, labels) = side else { return Where::Bars };
        let place = |label: Option<&str>| {
            let told = labels.iter().position(|it| it.as_deref() == label);
            told.unwrap_or(labels.len()) as u32
        };
        if *dimension == Dimension::Outcome {
            let outcomes = Outcome::ALL.iter().map(|it| Some(it.as_str())).chain([None]);
            return Where::Outcomes(outcomes.map(place).collect());
        }
        let texts = self.texts(*dimension);
        let of_rows: Vec<u32> = (0..texts.rows()).map(|row| place(texts.of_row(row))).collect();
        let nth = |of: &[Dimension]| of.iter().position(|it| it == dimension);
        if let Some(nth) = nth(&Dimension::OF_ORIGINS) {
            Where::Origins(self.origins.iter().map(|labels| of_rows[texts.row(labels[nth])]).collect())
        } else if let Some(nth) = nth(&Dimension::OF_PLACES) {
            Where::Places(self.places.iter().map(|labels| of_rows[texts.row(labels[nth])]).collect())
        } else {
            Where::Regions(of_rows)
        }
    }
}

impl Where {
    fn of(&self, call: &Call, bar: usize, origin: u32) -> usize {
        let place = match self {
            Self::Origins(places) => places[origin as usize],
            Self::Places(places) => places[call.place as usize],
            Self::Regions(places) => places[call.region().unwrap_or(places.len() - 1)],
            Self::Outcomes(places) => places[outcome_place(call.outcome)],
            Self::Bars => return bar,
        };
        place as usize
    }
}

impl Crossing<'_> {
    pub fn calls(&self) -> usize {
        self.hours.iter().map(|(_, hour)| hour.calls.len()).sum()
    }

    /// Cuts the hours into so many parts, as long as each other, and tells what counts each.
    pub fn parts(&self, parts: usize) -> impl Iterator<Item = impl FnOnce() -> Meetings + Send> {
        let long = self.hours.len().div_ceil(parts.max(1)).max(1);
        self.hours.chunks(long).map(move |hours| move || self.count(hours))
    }

    fn count(&self, hours: &[(i64, &Hour)]) -> Meetings {
        let mut cells = Cells::of(self.len);
        let mut met: Vec<(usize, u32)> = Vec::new();
        for (begin, hour) in hours {
            // Nearly all hours lie in one bar.
            let (first, last) = (bar(&self.question, *begin), bar(&self.question, begin + HOUR_MS - 1));
            self.sieve.pass(*begin, hour, &self.period, |Passed { at, call, shares, .. }| {
                let bar = if first == last { first } else { bar(&self.question, at) };
                let cell = |origin| {
                    let place = |side: &Where| side.of(call, bar, origin);
                    place(&self.rows) * self.wide + place(&self.columns)
                };
                if shares.is_empty() {
                    return cells.add(cell(call.origin), &Sums::of(call, WHOLE), WHOLE, &[]);
                }
                // Shares of one call that meet are one chance.
                met.clear();
                for share in shares {
                    let cell = cell(share.origin);
                    match met.iter_mut().find(|it| it.0 == cell) {
                        Some(it) => it.1 += share.weight,
                        None => met.push((cell, share.weight)),
                    }
                }
                for (cell, weight) in &met {
                    cells.add(*cell, &Sums::of(call, *weight), *weight, &[]);
                }
            });
        }
        Meetings(cells)
    }

    pub fn tell(&self, counted: impl Iterator<Item = Meetings>) -> Crossed {
        let mut all = Cells::of(self.len);
        counted.for_each(|part| all.take(&part.0, |cell| cell));
        let meeting = |cell| {
            let sums = *all.sums(cell);
            Meeting { sums, expected: all.chances(cell).expect(sums.calls) }
        };
        let rows = (0..self.len).step_by(self.wide);
        rows.map(|begin| (begin..begin + self.wide).map(meeting).collect()).collect()
    }
}

/// What was added up of a part.
pub struct Meetings(Cells);

#[cfg(test)]
#[path = "cross/tests.rs"]
mod tests;
