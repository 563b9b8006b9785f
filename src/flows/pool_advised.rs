//! How many numbers does this pool need? Its site's own visits are replayed.

use std::time::Duration;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::ids::PoolId;
use crate::domain::tracking::advise::{Advice, NoAdvice, Question, advise};
use crate::domain::tracking::attribution::Priors;
use crate::store::{Store, StoreError};

/// How many visits are replayed at most: the newest.
pub const VISITS_MAX: u32 = 20_000;

/// What an admin wants to know.
#[derive(Clone, Debug)]
pub struct Asked {
    pub pool: PoolId,
    /// How far back visits are replayed.
    pub since: Duration,
    /// When empty, sizes around the load.
    pub sizes: Vec<usize>,
    /// When empty, the pool's own.
    pub keep_alives: Vec<Duration>,
    pub number_price: f64,
    pub call_worth: f64,
    pub seed: u64,
}

/// Why there is no advice.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AdviceError {
    #[error(transparent)]
    Flow(#[from] FlowError),
    #[error(transparent)]
    None(#[from] NoAdvice),
}

impl From<StoreError> for AdviceError {
    fn from(failure: StoreError) -> Self {
        AdviceError::Flow(failure.into())
    }
}

/// Replays on a thread of its own: it takes seconds, and nobody else is to wait.
pub async fn pool_advised(store: &Store, clock: &Clock, asked: Asked) -> Result<Advice, AdviceError> {
    let since = clock.now() - asked.since;
    let pools = store.list_pools(clock.now()).await?;
    let pool = pools.into_iter().map(|row| row.pool).find(|pool| pool.id == asked.pool);
    let pool = pool.ok_or(FlowError::NotFound { what: "pool" })?;
    let visits = store.list_came(&pool.site, since, VISITS_MAX).await?;
    let calls = store.count_calls_of(&pool.id, visits.first().map_or(since, |first| first.at)).await?;

    let stayed_s = visits.iter().map(|came| came.stay.as_secs_f64()).sum();
    let priors = match store.find_priors(&pool.site).await? {
        Some(learned) => learned.priors,
        None => Priors::STATED.after(calls as f64, visits.len() as f64, stayed_s),
    };
    let question = Question {
        visits,
        priors,
        sizes: asked.sizes,
        keep_alives: if asked.keep_alives.is_empty() {
            vec![pool.policy.keep_alive]
        } else {
            asked.keep_alives
        },
        quarantine: pool.policy.quarantine,
        number_price: asked.number_price,
        call_worth: asked.call_worth,
        seed: asked.seed,
    };
    rate_advised(question).await
}

/// The same for visits that are made up at a stated rate, or read before.
pub async fn rate_advised(question: Question) -> Result<Advice, AdviceError> {
    let advice = tokio::task::spawn_blocking(move || advise(&question)).await;
    Ok(advice.map_err(|_| StoreError::Panicked)??)
}
