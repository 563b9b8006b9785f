//! The labels of a dimension, each with a number: what a hundred thousand origins have in common is compared once,
//! when their hour is read, and never again while calls are counted.

use indexmap::IndexSet;

/// That nothing is said of it.
const NONE: u32 = u32::MAX;

#[derive(Default)]
pub(super) struct Texts(IndexSet<Box<str>>);

impl Texts {
    /// The number of a label, which is new where there was none.
    pub fn number(&mut self, label: Option<&str>) -> u32 {
        let Some(label) = label else { return NONE };
        let known = self.0.get_index_of(label);
        known.unwrap_or_else(|| self.0.insert_full(label.into()).0) as u32
    }

    /// How many rows there may be: one for each label, and behind them that of what has none.
    pub fn rows(&self) -> usize {
        self.0.len() + 1
    }

    /// The row of what has this number.
    pub fn row(&self, number: u32) -> usize {
        (number as usize).min(self.0.len())
    }

    pub fn of_row(&self, row: usize) -> Option<&str> {
        self.0.get_index(row).map(AsRef::as_ref)
    }

    /// For each row, whether it is asked for.
    pub fn which(&self, asked: impl Fn(Option<&str>) -> bool) -> Vec<bool> {
        (0..self.rows()).map(|row| asked(self.of_row(row))).collect()
    }

    /// Lets go of labels that none of these numbers means, and gives each its new one.
    pub fn keep<'p>(&mut self, numbers: impl Iterator<Item = &'p mut u32>) {
        super::book::keep(&mut self.0, numbers.filter(|number| **number != NONE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_keeps_its_number_until_nothing_has_it() {
        let mut texts = Texts::default();
        let mut numbers = ["rye", "spelt", "rye"].map(|label| texts.number(Some(label)));
        assert_eq!((numbers, texts.number(None)), ([0, 1, 0], NONE));
        assert_eq!((texts.rows(), texts.row(1), texts.row(NONE)), (3, 1, 2));
        assert_eq!(texts.which(|label| label != Some("rye")), [false, true, true]);

        texts.keep(numbers[1..2].iter_mut().chain([&mut NONE.clone()]));

        assert_eq!((numbers[1], texts.rows()), (0, 2));
        assert_eq!((texts.of_row(0), texts.of_row(1)), (Some("spelt"), None));
    }
}
