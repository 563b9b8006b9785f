//! What the rows of a breakdown are called, and on which a call falls.

use indexmap::IndexSet;

use super::book::{Book, Call};
use super::count::outcome_place;
use super::dimension::Dimension;
use crate::domain::calling::outcome::Outcome;

pub(super) enum Labels<'b> {
    /// The row of each origin.
    OfOrigins {
        texts: IndexSet<Option<&'b str>>,
        of: Vec<u32>,
    },
    /// The row of each place.
    OfPlaces {
        texts: IndexSet<Option<&'b str>>,
        of: Vec<u32>,
    },
    /// A row for each region, and one for callers who have none.
    Regions(&'b IndexSet<String>),
    Outcomes,
}

impl<'b> Labels<'b> {
    pub fn of(book: &'b Book, dimension: Dimension) -> Self {
        match dimension {
            Dimension::Region => Self::Regions(&book.regions),
            Dimension::Outcome => Self::Outcomes,
            _ if Dimension::OF_PLACES.contains(&dimension) => {
                let (texts, of) = rows(book.places.iter().map(|place| dimension.of_place(place)));
                Self::OfPlaces { texts, of }
            }
            _ => {
                let (texts, of) = rows(book.origins.iter().map(|origin| dimension.of_origin(origin)));
                Self::OfOrigins { texts, of }
            }
        }
    }

    /// How many rows there may be.
    pub fn len(&self) -> usize {
        match self {
            Self::OfOrigins { texts, .. } | Self::OfPlaces { texts, .. } => texts.len(),
            Self::Regions(regions) => regions.len() + 1,
            Self::Outcomes => Outcome::ALL.len() + 1,
        }
    }

    /// The row of a call, where it has one whatever its origin.
    pub fn label(&self, call: &Call) -> usize {
        match self {
            Self::OfOrigins { .. } => 0,
            Self::OfPlaces { of, .. } => of[call.place as usize] as usize,
            Self::Regions(regions) => call.region().unwrap_or(regions.len()),
            Self::Outcomes => outcome_place(call.outcome),
        }
    }

    pub fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::OfOrigins { texts, .. } | Self::OfPlaces { texts, .. } => texts.get_index(row).copied()?,
            Self::Regions(regions) => regions.get_index(row).map(String::as_str),
            Self::Outcomes => Outcome::ALL.get(row).map(|outcome| outcome.as_str()),
        }
    }
}

fn rows<'b>(texts: impl Iterator<Item = Option<&'b str>>) -> (IndexSet<Option<&'b str>>, Vec<u32>) {
    let mut known = IndexSet::new();
    let of = texts.map(|text| known.insert_full(text).0 as u32).collect();
    (known, of)
}
