//! On which rows of the answer a call falls: those of all dimensions stand one after another.
//!
//! A call is added to what it came from, where it went, and how and from where it ended: to three sums, however many
//! dimensions are asked for. These are added to the rows at the end, once for each of them and not for each call.

use super::book::{Book, Call, OriginLabels, Share, Worth};
use super::cells::Cells;
use super::count::outcome_place;
use super::dimension::Dimension;
use super::facts::WHOLE;
use super::labels::Labels;
use super::sums::Sums;
use crate::domain::calling::outcome::Outcome;

/// One more than there are: calls that go on.
const OUTCOMES: usize = Outcome::ALL.len() + 1;

pub(super) struct Rows<'b> {
    book: &'b Book,
    /// In the order in which they are asked for.
    pub labels: Vec<Labels<'b>>,
    /// Of dimensions that tell where calls came from …
    origins: Vec<RowsOf>,
    /// … and where they went.
    places: Vec<RowsOf>,
    region: Option<usize>,
    outcome: Option<usize>,
    pub len: usize,
}

/// The rows of a dimension.
struct RowsOf {
    /// The place of its label among those of an origin, or a place.
    nth: usize,
    first: usize,
    texts: usize,
}

impl RowsOf {
    /// Of what has these labels.
    fn row(&self, labels: &[u32]) -> usize {
        self.first + (labels[self.nth] as usize).min(self.texts)
    }
}

/// What calls are added to on the way.
pub(super) struct Tables<'b> {
    origins: Cells,
    places: Cells,
    /// By region and outcome.
    others: Cells,
    /// Of the shares of the call at hand.
    labels: Vec<&'b OriginLabels>,
}

impl<'b> Rows<'b> {
    pub fn of(book: &'b Book, apart: &[Dimension]) -> Self {
        let labels = apart.iter().map(|it| Labels::of(book, *it)).collect();
        let mut rows =
            Self { book, labels, origins: vec![], places: vec![], region: None, outcome: None, len: 0 };
        for (dimension, labels) in apart.iter().zip(&rows.labels) {
            let nth = |of: &[Dimension]| of.iter().position(|it| it == dimension);
            match dimension {
                Dimension::Region => rows.region = Some(rows.len),
                Dimension::Outcome => rows.outcome = Some(rows.len),
                _ => {
                    let of = |nth| RowsOf { nth, first: rows.len, texts: labels.len() - 1 };
                    rows.origins.extend(nth(&Dimension::OF_ORIGINS).map(of));
                    rows.places.extend(nth(&Dimension::OF_PLACES).map(of));
                }
            }
            rows.len += labels.len();
        }
        rows
    }

    pub fn tables(&self) -> Tables<'b> {
        let of = |is_asked: bool, len: usize| Cells::of(if is_asked { len } else { 0 });
        let others = self.region.is_some() || self.outcome.is_some();
        Tables {
            origins: of(!self.origins.is_empty(), self.book.origins.len()),
            places: of(!self.places.is_empty(), self.book.places.len()),
            others: of(others, self.book.texts(Dimension::Region).rows() * OUTCOMES),
            labels: Vec::new(),
        }
    }

    /// Adds a call that passes with this weight, by these shares; none: it certainly came from its origin.
    pub fn add(
        &self,
        tables: &mut Tables<'b>,
        cells: &mut Cells,
        call: &Call,
        (weight, sums): (u32, &Sums),
        shares: &[Share],
        worths: &[Worth],
    ) {
        if !self.places.is_empty() {
            tables.places.add(call.place as usize, sums, weight, worths);
        }
        if self.region.is_some() || self.outcome.is_some() {
            let regions = self.book.texts(Dimension::Region);
            let region = call.region().unwrap_or(regions.rows() - 1);
            tables.others.add(region * OUTCOMES + outcome_place(call.outcome), sums, weight, worths);
        }
        if self.origins.is_empty() {
            return;
        }
        if shares.is_empty() {
            return tables.origins.add(call.origin as usize, sums, WHOLE, worths);
        }
        tables.labels.clear();
        for share in shares {
            let sums = Sums::of(call, share.weight);
            tables.origins.add_part(share.origin as usize, &sums, share.weight, worths);
            tables.labels.push(&self.book.origins[share.origin as usize]);
        }
        for of in &self.origins {
            let label = |place: usize| tables.labels[place][of.nth];
            if let [one, other] = shares
                && label(0) != label(1)
            {
                cells.may_be(of.row(tables.labels[0]), one.weight);
                cells.may_be(of.row(tables.labels[1]), other.weight);
                continue;
            }
            for place in 0..shares.len() {
                // Shares of one call that fall on one row are one chance.
                if !(0..place).any(|before| label(before) == label(place)) {
                    let its = (place..shares.len()).filter(|behind| label(*behind) == label(place));
                    let weight = its.map(|nth| shares[nth].weight).sum();
                    cells.may_be(of.row(tables.labels[place]), weight);
                }
            }
        }
    }

    /// Adds to the rows what was added on the way.
    pub fn close(&self, tables: &Tables<'_>, cells: &mut Cells) {
        for of in &self.origins {
            cells.take(&tables.origins, |origin| of.row(&self.book.origins[origin]));
        }
        for of in &self.places {
            cells.take(&tables.places, |place| of.row(&self.book.places[place]));
        }
        if let Some(first) = self.region {
            cells.take(&tables.others, |it| first + it / OUTCOMES);
        }
        if let Some(first) = self.outcome {
            cells.take(&tables.others, |it| first + it % OUTCOMES);
        }
    }
}
