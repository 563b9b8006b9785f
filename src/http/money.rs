//! What calls cost and brought, as the API and the console tell it: of the same period, zone and filters as any report.

use std::ops::Range;

use super::AppState;
use super::error::HttpError;
use super::report::{Asked, Only, Reported};
use crate::domain::money::Currency;
use crate::domain::reporting::costs::{Cost, Days, Spend, spend};
use crate::domain::reporting::count::{Counted, Question};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::money::{Account, left_out, main_currency, rows, total};
use crate::domain::reporting::next_euro::{Outlook, Week, known, outlook};
use crate::domain::reporting::period::Bar;
use crate::domain::reporting::sums::calls;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;

/// So much more a week is asked about, in the smallest unit: a hundred euros.
pub const MORE: u64 = 10_000;
/// How many whole weeks the next euro is learnt from.
const WEEKS: u64 = 52;
/// Of so many channels it is told, the most costly first.
const OUTLOOKS_MAX: usize = 10;

/// A report's calls, with what they cost and brought.
pub struct Accounts {
    /// In which all of it is; `None`: there is no money.
    pub currency: Option<Currency>,
    pub total: Account,
    pub before: Option<Account>,
    /// What is in other currencies: cost and revenue of each.
    pub left_out: Vec<(Currency, u64, i64)>,
    /// What costs that may belong here do not say, or may.
    pub unsaid: u64,
    spend: Option<Spend>,
}

impl Accounts {
    /// Adds the costs to what was counted; `apart` is by what their rows are told apart.
    pub async fn of(
        app: &AppState,
        asked: &Asked,
        reported: &Reported,
        apart: Dimension,
        currency: Option<Currency>,
    ) -> Result<Self, HttpError> {
        let only = asked.words(app).await?;
        let (spend, _) = spent(app, asked, &only, &reported.period, apart).await?;
        let spend_before = match &reported.before {
            Some(period) => spent(app, asked, &only, period, apart).await?.0,
            None => None,
        };
        let before = reported.counted_before.as_ref();
        let spends: Vec<&Spend> = spend.iter().collect();
        let currency = currency
            .or_else(|| main_currency(&spends, &[&reported.counted.revenue]))
            .or_else(|| main_currency(&spend_before.iter().collect::<Vec<_>>(), &[&before?.revenue]));
        let of_spend = |sum: &Spend| currency.and_then(|it| sum.unsaid.get(&it)).copied().unwrap_or_default();
        Ok(Self {
            currency,
            total: total(&reported.counted, spend.as_ref(), currency),
            before: before.map(|counted| total(counted, spend_before.as_ref(), currency)),
            left_out: left_out(&reported.counted, spend.as_ref(), currency),
            unsaid: spend.as_ref().map(of_spend).unwrap_or_default(),
            spend,
        })
    }

    /// A row for whatever has calls or costs.
    pub fn rows(&self, counted: &Counted) -> Vec<(Option<String>, Account)> {
        let apart = counted.apart.first();
        rows(apart.map_or(&[], |apart| &apart.rows), self.spend.as_ref(), self.currency)
    }
}

/// What the days of a period cost, and the costs themselves.
async fn spent(
    app: &AppState,
    asked: &Asked,
    only: &[Only],
    period: &Range<Timestamp>,
    apart: Dimension,
) -> Result<(Option<Spend>, Vec<Cost>), HttpError> {
    let zone = asked.zone.clone().unwrap_or_default().0;
    let days = Days::of_period(period, &zone);
    let costs = match days {
        Some(days) => app.store.list_costs_within(days).await?,
        None => vec![],
    };
    let mut spend = spend(&costs, days, only, apart);
    if asked.within.is_some() {
        // What a whole channel cost is not told to whoever sees a part, nor does it choose their currency.
        spend.iter_mut().for_each(|spend| spend.unsaid.clear());
    }
    Ok((spend, costs))
}

/// What a little more money would bring, by the last year's whole weeks.
pub struct Outlooks {
    /// `None`: nothing has cost anything.
    pub currency: Option<Currency>,
    /// The channels that cost most.
    pub channels: Vec<(Channel, Outlook)>,
}

/// Asks what more would bring each channel; without a currency, in that of most costs.
pub async fn outlooks(
    app: &AppState,
    asked: &Asked,
    currency: Option<Currency>,
) -> Result<Outlooks, HttpError> {
    let none = Outlooks { currency, channels: vec![] };
    let zone = asked.zone.clone().unwrap_or_default().0;
    let now = app.clock.now();
    let year = Timestamp::from_ms(now.as_ms() - WEEKS as i64 * 7 * 24 * 3_600_000)..now;
    // The last of them is the week that goes on.
    let mondays = Bar::Week.begins(&year, &zone);
    let (Some(first), Some(last)) = (mondays.first(), mondays.last()) else { return Ok(none) };
    let period = *first..*last;
    let only = asked.words(app).await?;
    let (all, costs) = spent(app, asked, &only, &period, Dimension::Channel).await?;
    let spends: Vec<&Spend> = all.iter().collect();
    let Some(currency) = currency.or_else(|| main_currency(&spends, &[])) else { return Ok(none) };
    let weeks: Vec<Range<Timestamp>> = mondays.windows(2).map(|week| week[0]..week[1]).collect();
    let mut channels: Vec<(Channel, u64)> = all
        .iter()
        .flat_map(|spend| &spend.rows)
        .filter_map(|(label, sum)| Some((label.as_deref()?.parse().ok()?, *sum.get(&currency)?)))
        .collect();
    channels.sort_by_key(|(channel, cost)| (std::cmp::Reverse(*cost), *channel));
    channels.truncate(OUTLOOKS_MAX);
    let by_week: Vec<Option<Spend>> = weeks
        .iter()
        .map(|week| spend(&costs, Days::of_period(week, &zone), &only, Dimension::Channel))
        .collect();
    let mut told = Vec::with_capacity(channels.len());
    for (channel, _) in channels {
        let label = Some(channel.as_str().to_owned());
        let cost = |spend: &Option<Spend>| {
            spend.as_ref().and_then(|it| it.rows.get(&label)?.get(&currency).copied()).unwrap_or_default()
        };
        let mut of_channel: Vec<Week> =
            by_week.iter().map(|spend| Week { cost: cost(spend), calls: 0.0 }).collect();
        // Where the costs alone tell nothing, no call is counted.
        let is_open = matches!(outlook(&of_channel, MORE), Outlook::Told(_));
        if is_open && !known(&of_channel).is_empty() {
            let mut only = only.clone();
            only.push((Dimension::Channel, [label.clone()].into()));
            let question = Question {
                period: period.clone(),
                zone: zone.clone(),
                bars: weeks.iter().map(|week| week.start).collect(),
                only,
                apart: vec![],
                rows_max: 0,
            };
            let counted = app.reports.count(question).await?;
            for (week, sums) in of_channel.iter_mut().zip(&counted.course) {
                week.calls = calls(sums.calls);
            }
        }
        told.push((channel, outlook(&of_channel, MORE)));
    }
    Ok(Outlooks { currency: Some(currency), channels: told })
}
