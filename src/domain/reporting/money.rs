//! What calls cost and what they brought, a row for each channel, source, campaign or outlet.
//!
//! A report is in one currency: others are never added, but told as left out.

use std::collections::BTreeMap;

use super::costs::{Spend, Sum};
use super::count::{Counted, Row};
use super::expected::Expected;
use super::sums::{Sums, calls};
use super::worth::Revenue;
use crate::domain::money::Currency;

/// Less than this of a call is shown as none, and nothing is divided by it: a guess of a thousandth of a call would
/// make it cost a fortune.
const SHOWN_MIN: f64 = 0.05;

/// The calls of a row, their cost and what they brought, in the smallest unit.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Account {
    /// `None`: what is asked for is nothing that costs say.
    pub cost: Option<u64>,
    pub revenue: i64,
    pub sums: Sums,
    pub expected: Expected,
}

/// What one of them costs, and between which bounds, in the smallest unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Each {
    pub cost: f64,
    pub from: f64,
    /// `None`: maybe there was none.
    pub to: Option<f64>,
}

impl Account {
    /// The bounds are those of how many calls there were; `None` without calls.
    pub fn per_call(&self) -> Option<Each> {
        let (cost, calls) = (self.cost? as f64, calls(self.sums.calls));
        // Bounds are whole calls: what is expected may lie a hair outside.
        let (fewest, most) = (self.expected.from.min(calls), self.expected.to.max(calls));
        let to = (fewest > 0.0).then(|| cost / fewest);
        (calls >= SHOWN_MIN).then(|| Each { cost: cost / calls, from: cost / most, to })
    }

    /// A sale was a lead as well.
    pub fn leads(&self) -> f64 {
        calls(self.sums.leads + self.sums.sales)
    }

    pub fn per_lead(&self) -> Option<f64> {
        ratio(self.cost? as f64, self.leads())
    }

    pub fn per_sale(&self) -> Option<f64> {
        ratio(self.cost? as f64, calls(self.sums.sales))
    }

    /// What each unit that was spent brought: 2 is twice as much.
    pub fn returned(&self) -> Option<f64> {
        ratio(self.revenue as f64, self.cost? as f64)
    }
}

fn ratio(part: f64, of: f64) -> Option<f64> {
    (of >= SHOWN_MIN).then(|| part / of)
}

/// All that was counted, in one currency; `None`: there is no money at all.
pub fn total(counted: &Counted, spend: Option<&Spend>, currency: Option<Currency>) -> Account {
    Account {
        cost: spend.map(|spend| of(&spend.total, currency)),
        revenue: currency.map(|it| counted.revenue.minor(it)).unwrap_or_default(),
        sums: counted.total,
        expected: counted.expected,
    }
}

/// A row for whatever has calls or costs; the most costly first, then that with most calls.
pub fn rows(
    counted: &[Row],
    spend: Option<&Spend>,
    currency: Option<Currency>,
) -> Vec<(Option<String>, Account)> {
    let mut rows: BTreeMap<Option<String>, Account> = BTreeMap::new();
    for row in counted {
        let account = Account {
            cost: spend.map(|_| 0),
            revenue: currency.map(|it| row.revenue.minor(it)).unwrap_or_default(),
            sums: row.sums,
            expected: row.expected,
        };
        rows.insert(row.label.clone(), account);
    }
    for (label, sum) in spend.iter().flat_map(|spend| &spend.rows) {
        let cost = of(sum, currency);
        if cost > 0 {
            rows.entry(label.clone()).or_default().cost = Some(cost);
        }
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by(|(a, x), (b, y)| {
        y.cost.cmp(&x.cost).then(y.sums.calls.cmp(&x.sums.calls)).then_with(|| a.cmp(b))
    });
    rows
}

fn of(sum: &Sum, currency: Option<Currency>) -> u64 {
    currency.and_then(|it| sum.get(&it)).copied().unwrap_or_default()
}

/// The currency of most costs, else that of most revenue; equal ones by their letters.
pub fn main_currency(spends: &[&Spend], revenues: &[&Revenue]) -> Option<Currency> {
    let mut of_costs: BTreeMap<Currency, u64> = BTreeMap::new();
    for (currency, minor) in spends.iter().flat_map(|spend| spend.total.iter().chain(&spend.unsaid)) {
        *of_costs.entry(*currency).or_default() += minor;
    }
    let units = |minor: f64, currency: Currency| minor / 10_f64.powi(currency.decimals() as i32);
    let most = |of: &mut dyn Iterator<Item = (Currency, f64)>| {
        of.max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.cmp(a))).map(|(currency, _)| currency)
    };
    let spent = most(&mut of_costs.iter().map(|(it, minor)| (*it, units(*minor as f64, *it))));
    spent.or_else(|| {
        let all = revenues.iter().flat_map(|all| all.currencies().map(move |it| (it, all.minor(it))));
        most(&mut all.map(|(it, minor)| (it, units(minor as f64, it))))
    })
}

/// What is in other currencies: the cost and the revenue of each.
pub fn left_out(
    counted: &Counted,
    spend: Option<&Spend>,
    currency: Option<Currency>,
) -> Vec<(Currency, u64, i64)> {
    let mut others: BTreeMap<Currency, (u64, i64)> = BTreeMap::new();
    for (it, minor) in spend.iter().flat_map(|spend| &spend.total) {
        others.entry(*it).or_default().0 = *minor;
    }
    for it in counted.revenue.currencies() {
        others.entry(it).or_default().1 = counted.revenue.minor(it);
    }
    let others = others.into_iter().filter(|(it, both)| Some(*it) != currency && *both != (0, 0));
    others.map(|(it, (cost, revenue))| (it, cost, revenue)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reporting::facts::WHOLE;

    fn currency(text: &str) -> Currency {
        text.parse().unwrap()
    }

    fn calls_of(many: u64, leads: u64, sales: u64) -> Sums {
        let whole = u64::from(WHOLE);
        Sums { calls: many * whole, leads: leads * whole, sales: sales * whole, ..Sums::default() }
    }

    fn account(cost: Option<u64>, many: u64) -> Account {
        let calls = many as f64;
        let expected = Expected { calls, from: calls - 1.0, to: calls + 2.0 };
        Account { cost, revenue: 90_000, sums: calls_of(many, 2, 1), expected }
    }

    #[test]
    fn a_call_costs_between_what_most_and_fewest_calls_say() {
        let told = account(Some(30_000), 10);

        assert_eq!(told.per_call(), Some(Each { cost: 3_000.0, from: 2_500.0, to: Some(30_000.0 / 9.0) }));
        assert_eq!(
            (told.per_lead(), told.per_sale(), told.returned()),
            (Some(10_000.0), Some(30_000.0), Some(3.0))
        );
        let hair = Account { sums: Sums { calls: 999_213, ..Sums::default() }, ..account(Some(100), 1) };
        let hair = Account { expected: Expected { calls: 0.999_213, from: 1.0, to: 1.0 }, ..hair };
        assert!(
            hair.per_call().is_some_and(|it| it.from <= it.cost && it.to.is_some_and(|to| it.cost <= to))
        );
        assert_eq!(account(Some(30_000), 1).per_call().map(|it| it.to), Some(None), "maybe there was none");
    }

    #[test]
    fn without_calls_or_without_costs_there_is_nothing_to_divide() {
        let (none, free) = (Account { cost: Some(500), ..Account::default() }, account(Some(0), 10));

        assert_eq!(
            (none.per_call(), none.per_lead(), none.per_sale(), none.returned()),
            (None, None, None, Some(0.0))
        );
        assert_eq!((free.per_call().map(|it| it.cost), free.returned()), (Some(0.0), None));
        let guess = Account { sums: Sums { calls: 787, ..Sums::default() }, ..none };
        assert_eq!(guess.per_call(), None, "hardly a call");
        assert_eq!((account(None, 10).per_call(), account(None, 10).returned()), (None, None));
    }

    #[test]
    fn rows_have_what_only_costs_and_what_only_rings() {
        let row = |label: &str, many: u64| Row {
            label: Some(label.to_owned()),
            sums: calls_of(many, 0, 0),
            expected: Expected::default(),
            revenue: Revenue::default(),
        };
        let (eur, chf) = (Currency::EUR, currency("CHF"));
        let spend = Spend {
            rows: BTreeMap::from([
                (Some("Email".to_owned()), BTreeMap::from([(eur, 700), (chf, 9)])),
                (Some("Audio".to_owned()), BTreeMap::from([(chf, 9)])),
                (None, BTreeMap::from([(eur, 50)])),
            ]),
            ..Spend::default()
        };
        let counted = [row("Direct", 4), row("Email", 2)];

        let rows = rows(&counted, Some(&spend), Some(eur));

        let told: Vec<_> =
            rows.iter().map(|(label, it)| (label.as_deref(), it.cost, calls(it.sums.calls))).collect();
        let expected =
            [(Some("Email"), Some(700), 2.0), (None, Some(50), 0.0), (Some("Direct"), Some(0), 4.0)];
        assert_eq!(told, expected);
        assert_eq!(super::rows(&counted, None, Some(eur))[0].1.cost, None);
    }

    #[test]
    fn the_currency_is_that_of_most_costs_by_its_whole_units() {
        let spend = |all: &[(&str, u64)]| Spend {
            total: all.iter().map(|(it, minor)| (currency(it), *minor)).collect(),
            ..Spend::default()
        };

        let yen = spend(&[("JPY", 9_000), ("EUR", 500_000)]);
        assert_eq!(
            main_currency(&[&yen], &[]),
            Some(currency("JPY")),
            "9,000 yen are more units than 5,000 euros"
        );
        assert_eq!(main_currency(&[&spend(&[("USD", 5), ("EUR", 5)])], &[]), Some(Currency::EUR));
        assert_eq!(main_currency(&[&spend(&[])], &[&Revenue::default()]), None);
    }
}
