//! What an alert watches is measured: from what reports count, from the pools, from what nodes say of their trunks.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::reports_read::{ReportError, Reports};
use crate::domain::alerts::measured::{CostMeasured, Measured, PoolMeasured};
use crate::domain::alerts::rule::{Band, Of, PoolLimit, Rule};
use crate::domain::alerts::silence::{WEEKS, chance, learnt, weeks};
use crate::domain::ids::{PoolId, TrunkId};
use crate::domain::money::Currency;
use crate::domain::outlet::with_all_below;
use crate::domain::reporting::costs::{Days, spend};
use crate::domain::reporting::count::{Counted, Question};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::finding::{Only, Wanted};
use crate::domain::reporting::money::main_currency;
use crate::domain::reporting::sums::calls;
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError};

/// What a node says of its trunks holds for so long: three times as long as it takes to say it again.
const FRESH: Duration = Duration::from_secs(3 * 60);
const WEEK: Duration = Duration::from_hours(7 * 24);
/// A cost is held against so many times its days.
const PAST: i64 = 4;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// `None`: nobody knows.
pub async fn alert_measured(
    store: &Store,
    reports: &Reports,
    rule: &Rule,
    now: Timestamp,
) -> Result<Option<Measured>, MeasureError> {
    match rule {
        Rule::Missed { of, within, .. } => {
            let only = calls_of(store, of).await?;
            // A call of this very moment counts.
            let period = now - *within..Timestamp::from_ms(now.as_ms() + 1);
            let bars = vec![period.start];
            let total = count(reports, period, bars, only).await?.total;
            let (missed, answered) = (calls(total.missed), calls(total.answered));
            let (missed, calls) = (missed.round() as u64, (missed + answered).round() as u64);
            Ok(Some(Measured::Missed { missed, calls, minutes: within.as_secs() / 60 }))
        }
        Rule::Silence { of, zone, .. } => silence(reports, calls_of(store, of).await?, zone, now).await,
        Rule::Pool { pool, limit } => Ok(pools(store, pool.as_ref(), limit, now).await?),
        Rule::Trunk { trunk, .. } => Ok(trunks(store, trunk.as_ref(), now).await?),
        Rule::Cost { channel, campaign, days, band, least_calls, zone } => {
            let label = |it: Option<String>| BTreeSet::from([it]);
            let channel = channel.map(|it| (Dimension::Channel, label(Some(it.as_str().to_owned()))));
            let campaign = campaign.clone().map(|it| (Dimension::Campaign, label(Some(it))));
            let only: Only = channel.into_iter().chain(campaign).collect();
            cost(store, reports, only, (*days, zone), *band, f64::from(*least_calls), now).await
        }
    }
}

async fn calls_of(store: &Store, of: &Of) -> Result<Only, StoreError> {
    Ok(match of {
        Of::Network => vec![],
        Of::Outlet(outlet) => {
            vec![(Dimension::Outlet, with_all_below(outlet.as_str(), &store.list_outlets().await?))]
        }
        Of::Number(number) => {
            vec![(Dimension::Number, BTreeSet::from([Some(number.reveal().to_owned())]))]
        }
    })
}

async fn count(
    reports: &Reports,
    period: Range<Timestamp>,
    bars: Vec<Timestamp>,
    only: Only,
) -> Result<Counted, ReportError> {
    let question = Question { period, zone: TimeZone::UTC, bars, only, apart: vec![], rows_max: 0 };
    reports.count(question).await
}

async fn silence(
    reports: &Reports,
    only: Only,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Option<Measured>, MeasureError> {
    let known = now - WEEK * (WEEKS + 2)..Timestamp::from_ms(now.as_ms() + 1);
    reports.place(known.start).await?;
    let wanted = Wanted { only: only.clone(), qualification: None };
    let last = reports.find(known, wanted, Default::default(), 1).await?;
    let Some(last) = last.first().copied() else { return Ok(None) };
    // The last call itself is none of the silence.
    let weeks = weeks(&(Timestamp::from_ms(last.as_ms() + 1)..now), zone);
    let Some((first, _)) = weeks.last() else { return Ok(None) };
    let period = first.start..weeks[0].1.end;
    // The earliest first: outside, within, outside, within …
    let bars = weeks.iter().rev().flat_map(|(outside, within)| [outside.start, within.start]).collect();
    let course = count(reports, period, bars, only).await?.course;
    let mut of_weeks: Vec<(f64, f64)> =
        course.chunks_exact(2).map(|it| (calls(it[0].calls), calls(it[1].calls))).collect();
    of_weeks.reverse();
    Ok(learnt(&of_weeks).map(|(calls, weeks)| Measured::Silence {
        seconds: now.since(last).as_secs(),
        usual: calls / f64::from(weeks),
        chance: chance(calls, weeks),
        weeks,
    }))
}

async fn pools(
    store: &Store,
    asked: Option<&PoolId>,
    limit: &PoolLimit,
    now: Timestamp,
) -> Result<Option<Measured>, StoreError> {
    let rows = store.list_pools(now).await?;
    let rows = rows.into_iter().filter(|row| row.numbers > 0 && asked.is_none_or(|it| row.pool.id == *it));
    let measured = match limit {
        PoolLimit::Free { .. } => {
            let all = rows.map(|row| PoolMeasured::Free {
                free: row.numbers.saturating_sub(row.lent + row.resting + row.ageing),
                numbers: row.numbers,
                pool: row.pool.id,
            });
            all.min_by_key(|it| if let PoolMeasured::Free { free, .. } = it { *free } else { u32::MAX })
        }
        PoolLimit::Visits { within, .. } => {
            let counted = store.count_unleased(now - *within).await?;
            let all = rows.map(|row| {
                let visits =
                    counted.iter().find(|(pool, _)| *pool == row.pool.id).map_or(0, |(_, visits)| *visits);
                PoolMeasured::Visits { pool: row.pool.id, visits, minutes: within.as_secs() / 60 }
            });
            all.max_by_key(|it| if let PoolMeasured::Visits { visits, .. } = it { *visits } else { 0 })
        }
    };
    Ok(measured.map(Measured::Pool))
}

/// What a node said too long ago is not known any more: whether a trunk of it is up again nobody can say.
async fn trunks(
    store: &Store,
    asked: Option<&TrunkId>,
    now: Timestamp,
) -> Result<Option<Measured>, StoreError> {
    let rows = store.list_trunk_states().await?.into_iter();
    let rows = rows.filter(|row| asked.is_none_or(|it| row.trunk == *it));
    let (fresh, stale): (Vec<_>, Vec<_>) = rows.partition(|row| now.since(row.seen_at) <= FRESH);
    let down = fresh.iter().filter_map(|row| Some((row.down_since?, row))).min_by_key(|(since, _)| *since);
    if let Some((since, row)) = down {
        return Ok(Some(Measured::Trunk {
            trunk: Some(row.trunk.clone()),
            node: Some(row.node.clone()),
            seconds: Some(now.since(since).as_secs()),
        }));
    }
    let is_known = !fresh.is_empty() && stale.iter().all(|row| row.down_since.is_none());
    Ok(is_known.then_some(Measured::Trunk { trunk: None, node: None, seconds: None }))
}

async fn cost(
    store: &Store,
    reports: &Reports,
    only: Only,
    (days, zone): (u16, &TimeZone),
    band: Band,
    least_calls: f64,
    now: Timestamp,
) -> Result<Option<Measured>, MeasureError> {
    let today = zone.to_datetime(now.to_calendar()).date();
    let day = |back: i64| today.checked_sub(back.days()).ok();
    let many = i64::from(days);
    // Some days up to yesterday, and those before them.
    let (Some(last), Some(first), Some(past_last), Some(past_first)) =
        (day(1), day(many), day(many + 1), day(many * (PAST + 1)))
    else {
        return Ok(None);
    };
    let spent = async |first, last| -> Result<_, MeasureError> {
        let Some(days) = Days::new(first, last) else { return Ok(None) };
        let midnight = |day: jiff::civil::Date| {
            day.to_zoned(zone.clone()).ok().map(|at| Timestamp::from_ms(at.timestamp().as_millisecond()))
        };
        let end = last.tomorrow().ok().and_then(midnight);
        let Some((start, end)) = midnight(first).zip(end) else { return Ok(None) };
        let costs = store.list_costs_within(days).await?;
        let Some(spent) = spend(&costs, Some(days), &only, Dimension::Channel) else { return Ok(None) };
        Ok(Some((spent, count(reports, start..end, vec![start], only.clone()).await?.expected)))
    };
    let Some((spent_now, expected)) = spent(first, last).await? else { return Ok(None) };
    let of = |sum: &crate::domain::reporting::costs::Spend, currency: Currency| {
        sum.total.get(&currency).copied().unwrap_or_default()
    };
    let (currency, low, high) = match band {
        Band::Between { low, high, currency } => {
            (Some(currency), low.map(|it| it as f64), high.map(|it| it as f64))
        }
        Band::Past { off } => {
            let Some((spent_past, past)) = spent(past_first, past_last).await? else { return Ok(None) };
            let currency = main_currency(&[&spent_now, &spent_past], &[]);
            let cost = currency.map(|it| of(&spent_past, it)).filter(|cost| *cost > 0);
            let usual = cost.filter(|_| past.calls >= least_calls).map(|cost| cost as f64 / past.calls);
            (
                currency,
                usual.filter(|_| off < 1.0).map(|it| it * (1.0 - off)),
                usual.map(|it| it * (1.0 + off)),
            )
        }
    };
    let cost_minor = currency.map(|it| of(&spent_now, it)).unwrap_or_default();
    let is_many = expected.from >= least_calls;
    Ok(Some(Measured::Cost(CostMeasured {
        currency,
        cost_minor,
        calls: expected.calls,
        from_minor: cost_minor as f64 / expected.to.max(least_calls),
        to_minor: is_many.then(|| cost_minor as f64 / expected.from),
        low_minor: low,
        high_minor: high,
    })))
}
