//! Figures of money, in all and row by row, with what became of them.

use axum::http::Uri;

use crate::domain::money::Currency;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::expected::Expected;
use crate::domain::reporting::money::Account;
use crate::domain::reporting::sums::calls;
use crate::http::AppState;
use crate::http::console::overview::{Change, Names, Tile, Well, change, range};
use crate::http::console::with_query;
use crate::http::language::Lang;
use crate::http::money::Accounts;
use crate::http::report::NOT_SET;

type Value = fn(&Account) -> Option<f64>;

/// How a figure is written.
#[derive(Clone, Copy)]
enum Kind {
    Money,
    Calls,
    Times,
}

/// A figure, how it is written, and what is well of it.
type Figure = (Value, Kind, Option<Well>);

const COST: Figure = (|it| it.cost.map(|cost| cost as f64), Kind::Money, None);
const PER_CALL: Figure = (|it| it.per_call().map(|each| each.cost), Kind::Money, Some(Well::Less));

pub(super) fn tiles(lang: Lang, accounts: &Accounts) -> Vec<Tile> {
    let (t, o) = (lang.money_texts(), lang.overview_texts());
    let asked: [(&'static str, Figure); 8] = [
        (t.cost, COST),
        (t.per_call, PER_CALL),
        (t.per_lead, (Account::per_lead, Kind::Money, Some(Well::Less))),
        (t.per_sale, (Account::per_sale, Kind::Money, Some(Well::Less))),
        (lang.texts().calls, (|it| Some(calls(it.sums.calls)), Kind::Calls, Some(Well::More))),
        (o.leads_and_sales, (|it| Some(it.leads()), Kind::Calls, Some(Well::More))),
        (t.revenue, (|it| Some(it.revenue as f64), Kind::Money, Some(Well::More))),
        (t.returned, (Account::returned, Kind::Times, Some(Well::More))),
    ];
    asked.into_iter().map(|(name, how)| tile(lang, accounts, name, how)).collect()
}

/// Those that an overview has besides.
pub(in crate::http::console) fn cost_tiles(lang: Lang, accounts: &Accounts) -> [Tile; 2] {
    let t = lang.money_texts();
    [(t.cost, COST), (t.per_call, PER_CALL)].map(|(name, how)| tile(lang, accounts, name, how))
}

fn tile(lang: Lang, accounts: &Accounts, name: &'static str, (value, kind, well): Figure) -> Tile {
    let now = value(&accounts.total);
    let was = accounts.before.as_ref().and_then(value);
    let written = |figure: f64| match kind {
        Kind::Calls => lang.figure(figure),
        Kind::Times => lang.times(figure),
        // Without any money there is nothing to write.
        Kind::Money => {
            accounts.currency.map_or_else(|| "–".to_owned(), |currency| lang.money_about(figure, currency))
        }
    };
    let changed = now.zip(was).and_then(|(now, was)| match well {
        Some(well) => change(lang, well, now, was),
        None => lang.change(now, was).map(|text| Change { text, key: "", word: "" }),
    });
    let range = if name == lang.texts().calls {
        range(lang, accounts.total.expected)
    } else if name == lang.money_texts().per_call {
        range_of_each(lang, &accounts.total, accounts.currency)
    } else {
        String::new()
    };
    Tile { name, value: now.map_or_else(|| "–".to_owned(), written), range, change: changed }
}

/// Between which two a call costs; empty where how many there were is known.
fn range_of_each(lang: Lang, account: &Account, currency: Option<Currency>) -> String {
    let Expected { from, to, .. } = account.expected;
    let (Some(each), Some(currency)) = (account.per_call(), currency) else { return String::new() };
    if to - from < 0.5 || account.cost == Some(0) {
        return String::new();
    }
    let least = lang.amount_about(each.from, currency);
    each.to.map_or_else(
        || format!("≥\u{a0}{least}"),
        |most| format!("{least}–{}", lang.amount_about(most, currency)),
    )
}

pub(super) struct RowView {
    pub label: String,
    /// The page with this filter.
    pub address: String,
    pub cost: String,
    /// In thousandths of the longest bar.
    pub cost_width: u32,
    pub revenue_width: u32,
    pub calls: String,
    pub range: String,
    pub per_call: String,
    pub per_call_range: String,
    pub leads: String,
    pub per_lead: String,
    pub sales: String,
    pub per_sale: String,
    pub revenue: String,
    pub returned: String,
}

pub(super) fn row_views(
    lang: Lang,
    app: &AppState,
    here: &Uri,
    names: &Names,
    by: Dimension,
    currency: Option<Currency>,
    rows: &[(Option<String>, Account)],
) -> Vec<RowView> {
    let bars = |it: &Account| [it.cost.unwrap_or_default(), it.revenue.max(0).unsigned_abs()];
    let most = rows.iter().flat_map(|(_, it)| bars(it)).max().unwrap_or_default();
    let width =
        |minor: u64| (u128::from(minor) * 1_000).checked_div(u128::from(most)).unwrap_or_default() as u32;
    let money = |minor: Option<f64>| {
        minor
            .zip(currency)
            .map_or_else(|| "–".to_owned(), |(minor, currency)| lang.amount_about(minor, currency))
    };
    let views = rows.iter().map(|(label, it)| {
        let [cost, revenue] = bars(it);
        RowView {
            label: names.text(lang, app, by, label.as_ref()),
            address: with_query(here, by.as_str(), Some(label.as_deref().unwrap_or(NOT_SET))),
            cost: money(it.cost.map(|cost| cost as f64)),
            cost_width: width(cost),
            revenue_width: width(revenue),
            calls: lang.figure(calls(it.sums.calls)),
            range: range(lang, it.expected),
            per_call: money(it.per_call().map(|each| each.cost)),
            per_call_range: range_of_each(lang, it, currency),
            leads: lang.figure(it.leads()),
            per_lead: money(it.per_lead()),
            sales: lang.figure(calls(it.sums.sales)),
            per_sale: money(it.per_sale()),
            revenue: money(Some(it.revenue as f64)),
            returned: it.returned().map_or_else(|| "–".to_owned(), |times| lang.times(times)),
        }
    });
    views.collect()
}
