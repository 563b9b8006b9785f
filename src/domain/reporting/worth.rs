//! What calls were worth: what was bought after them, shared out as the calls are.
//!
//! Whole numbers throughout, in millionths of the smallest unit: what is added up
//! by channels is what is added up by campaigns. Currencies are never added.

use std::collections::BTreeMap;

use super::book::Worth;
use super::facts::WHOLE;
use crate::domain::money::Currency;

/// What was bought, in each currency.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Revenue(BTreeMap<Currency, i128>);

impl Revenue {
    /// Adds what was bought after a call that counts with this weight.
    pub(super) fn add(&mut self, worths: &[Worth], weight: u32) {
        for worth in worths {
            *self.0.entry(worth.currency).or_default() += i128::from(worth.minor) * i128::from(weight);
        }
    }

    pub(super) fn join(&mut self, other: &Self) {
        for (currency, sum) in &other.0 {
            *self.0.entry(*currency).or_default() += sum;
        }
    }

    /// In the smallest unit of the currency; less than nothing where more was given back.
    pub fn minor(&self, currency: Currency) -> i64 {
        let whole = i128::from(WHOLE);
        let rounded = (self.exact(currency) + whole / 2).div_euclid(whole);
        i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
    }

    /// In millionths of it.
    pub fn exact(&self, currency: Currency) -> i128 {
        self.0.get(&currency).copied().unwrap_or_default()
    }

    pub fn currencies(&self) -> impl Iterator<Item = Currency> {
        self.0.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_are_rounded_up_and_nothing_overflows() {
        let of = |exact: i128| Revenue(BTreeMap::from([(Currency::EUR, exact)])).minor(Currency::EUR);

        assert_eq!((of(1_500_000), of(1_499_999), of(-1_500_000), of(-1_500_001)), (2, 1, -1, -2));
        assert_eq!((of(i128::MAX / 2), of(i128::MIN / 2)), (i64::MAX, i64::MIN));
        assert_eq!(Revenue::default().minor(Currency::EUR), 0);
    }

    proptest! {
        #[test]
        fn in_whatever_parts_it_is_added_up_it_is_the_same(exacts in prop::collection::vec(any::<i64>(), 0..20), cut in 0..20_usize) {
            let sum = |exacts: &[i64]| {
                let mut all = Revenue::default();
                exacts.iter().for_each(|it| all.join(&Revenue(BTreeMap::from([(Currency::EUR, i128::from(*it))]))));
                all
            };
            let (before, behind) = exacts.split_at(cut.min(exacts.len()));

            let mut joined = sum(behind);
            joined.join(&sum(before));

            prop_assert_eq!(joined.exact(Currency::EUR), sum(&exacts).exact(Currency::EUR));
        }
    }
}
