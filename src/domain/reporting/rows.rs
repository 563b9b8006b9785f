//! On which rows of the answer a call falls: those of all dimensions stand one after another, and where a call
//! came from and went is looked up once for all of them.

use super::book::{Book, Call};
use super::dimension::Dimension;
use super::labels::Labels;

pub(super) struct Rows<'b> {
    /// In the order in which they are asked for.
    pub labels: Vec<Labels<'b>>,
    /// The rows of each origin, for each dimension that tells where calls came from.
    of_origins: Table,
    /// The rows of each place, for each that tells where they went.
    of_places: Table,
    /// The first row of each other dimension, and its place among all.
    others: Vec<(usize, usize)>,
    pub len: usize,
}

/// Rows of things that are numbered: for each as many as dimensions.
#[derive(Default)]
struct Table {
    wide: usize,
    rows: Vec<u32>,
}

impl Table {
    /// Takes for each dimension its first row and the row of each thing behind it.
    fn of(dimensions: &[(usize, &[u32])]) -> Self {
        let things = dimensions.first().map_or(0, |(_, of)| of.len());
        let mut rows = Vec::with_capacity(things * dimensions.len());
        for thing in 0..things {
            rows.extend(dimensions.iter().map(|(first, of)| *first as u32 + of[thing]));
        }
        Self { wide: dimensions.len(), rows }
    }

    fn rows(&self, thing: u32) -> &[u32] {
        let begin = thing as usize * self.wide;
        &self.rows[begin..begin + self.wide]
    }
}

impl<'b> Rows<'b> {
    pub fn of(book: &'b Book, apart: &[Dimension]) -> Self {
        let labels: Vec<Labels<'b>> = apart.iter().map(|it| Labels::of(book, *it)).collect();
        let (mut origins, mut places, mut others, mut len) = (vec![], vec![], vec![], 0);
        for (nth, labels) in labels.iter().enumerate() {
            match labels {
                Labels::OfOrigins { of, .. } => origins.push((len, of.as_slice())),
                Labels::OfPlaces { of, .. } => places.push((len, of.as_slice())),
                Labels::Regions(_) | Labels::Outcomes => others.push((len, nth)),
            }
            len += labels.len();
        }
        let (of_origins, of_places) = (Table::of(&origins), Table::of(&places));
        Self { labels, of_origins, of_places, others, len }
    }

    /// Of a call that came from there.
    pub fn of_origin(&self, origin: u32) -> &[u32] {
        self.of_origins.rows(origin)
    }

    /// Of a call, wherever it came from.
    pub fn elsewhere(&self, call: &Call) -> impl Iterator<Item = usize> {
        let places = self.of_places.rows(call.place).iter().map(|row| *row as usize);
        places.chain(self.others.iter().map(|(first, nth)| first + self.labels[*nth].label(call)))
    }
}
