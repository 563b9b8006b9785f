//! What the rows of a breakdown are called.

use super::book::Book;
use super::dimension::Dimension;
use super::texts::Texts;
use crate::domain::calling::outcome::Outcome;

/// A row for each label, and behind them one for calls that have none.
pub(super) enum Labels<'b> {
    Texts(&'b Texts),
    Outcomes,
}

impl<'b> Labels<'b> {
    pub fn of(book: &'b Book, dimension: Dimension) -> Self {
        if dimension == Dimension::Outcome { Self::Outcomes } else { Self::Texts(book.texts(dimension)) }
    }

    /// How many rows there may be.
    pub fn len(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.rows(),
            Self::Outcomes => Outcome::ALL.len() + 1,
        }
    }

    pub fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::Texts(texts) => texts.of_row(row),
            Self::Outcomes => Outcome::ALL.get(row).map(|outcome| outcome.as_str()),
        }
    }
}
