//! Which channels earned the calls of a period: the same journeys, read by
//! each model that was asked for.

use std::time::Duration;

use super::error::FlowError;
use crate::domain::ids::SiteId;
use crate::domain::reporting::journeys::journeys;
use crate::domain::time::Timestamp;
use crate::domain::tracking::credit::{Credit, Model, TooManyStates, credit};
use crate::store::{Store, StoreError};

/// How many visits are read at most: the newest.
pub const TOUCHES_MAX: u32 = 200_000;

/// How many shares of calls are read at most: those of the newest calls.
pub const SHARES_MAX: u32 = 100_000;

/// What is reported.
#[derive(Clone, Debug)]
pub struct Asked {
    pub site: Option<SiteId>,
    /// Calls that arrived at or after this time …
    pub from: Timestamp,
    /// … and before this one.
    pub until: Timestamp,
    /// How long before a call a visit counts.
    pub look_back: Duration,
    pub models: Vec<Model>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct CreditReport {
    /// The calls that are shared out: the credits of each model add up to them.
    pub calls: f64,
    /// Calls that nothing led up to within the look-back.
    pub untouched: f64,
    /// There was more than is read: the oldest visits or calls are left out.
    pub cut: bool,
    /// In the order in which they were asked for.
    pub models: Vec<(Model, Result<Vec<Credit>, TooManyStates>)>,
}

/// Reckons on a thread of its own: it may take seconds, and nobody else is to wait.
pub async fn credit_reported(store: &Store, asked: Asked) -> Result<CreditReport, FlowError> {
    let Asked { site, from, until, look_back, models } = asked;
    let came = store.list_touches(site.as_ref(), from - look_back, until, TOUCHES_MAX + 1).await?;
    let rang = store.list_call_shares(site.as_ref(), from, until, SHARES_MAX + 1).await?;
    let cut = came.len() > TOUCHES_MAX as usize || rang.len() > SHARES_MAX as usize;
    let reckoned = tokio::task::spawn_blocking(move || {
        let journeys = journeys(&came, &rang, from, look_back);
        let models = models.into_iter().map(|model| (model, credit(model, &journeys)));
        CreditReport {
            calls: journeys.calls(),
            untouched: journeys.untouched(),
            cut,
            models: models.collect(),
        }
    });
    Ok(reckoned.await.map_err(|_| StoreError::Panicked)?)
}
