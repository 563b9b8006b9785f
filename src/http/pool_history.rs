//! How pools were used, as the API and the console tell it: loaded once, cut into hours or days.

use std::time::Duration;

use super::AppState;
use super::error::HttpError;
use crate::domain::time::Timestamp;
use crate::domain::tracking::pool_use::{Forecast, Slot, days_until, forecast, slots};
use crate::store::PoolRow;

/// What a forecast looks back at.
pub const DAYS: u32 = 35;
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
/// So many leases are read, the newest: a pool of a hundred numbers has as many in 35 days.
const LEASES_MAX: u32 = 200_000;

/// A pool over time.
pub struct History {
    /// The last [`DAYS`] days, today the last of them.
    pub days: Vec<Slot>,
    /// The hours of the days that were asked for; those to come are not among them.
    pub hours: Vec<Slot>,
    pub forecast: Forecast,
}

/// Reads how a pool was used, with the hours of the last `days_of_hours` days.
pub async fn history(app: &AppState, row: &PoolRow, days_of_hours: u32) -> Result<History, HttpError> {
    let now = app.clock.now();
    let period = days_until(now, DAYS);
    // Whoever came the day before may still have been there.
    let held = app.store.list_holdings(&row.pool.id, period.start - DAY, LEASES_MAX).await?;
    let exhausted = app.store.list_exhausted(&row.pool.id, period.start).await?;
    let days = slots(&held, &exhausted, row.pool.policy, &period, DAY);
    let lately = days_until(now, days_of_hours);
    let mut hours = slots(&held, &exhausted, row.pool.policy, &lately, HOUR);
    hours.retain(|slot| slot.begins <= now);
    Ok(History { forecast: forecast(&days, row.numbers), days, hours })
}

/// The day on which a pool is full.
pub fn full_on(now: Timestamp, days: u32) -> Timestamp {
    now + DAY * days
}
