//! How people came to call in a period: the journeys of those who did and of those who did not, and what they were like.

use std::time::Duration;

use super::error::FlowError;
use crate::domain::reporting::journeys::{Wanted, journeys};
use crate::domain::reporting::ways::{Ways, ways};
use crate::domain::time::Timestamp;
use crate::domain::tracking::credit::Journeys;
use crate::store::reports::journeys::PageSeen;
use crate::store::{Store, StoreError};

/// How many visits are read at most: the newest. With the calls, as many as are read and reckoned in 300 ms.
const TOUCHES_MAX: u32 = 60_000;

/// How many calls are read at most: the newest.
const CALLS_MAX: u32 = 20_000;

/// Of how many visits of the newest calls the pages are read at most: those of each lie somewhere else in the database.
const PAGED_MAX: u32 = 4_000;

/// How much is read at most.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Most {
    pub visits: u32,
    pub calls: u32,
}

impl Default for Most {
    fn default() -> Self {
        Self { visits: TOUCHES_MAX, calls: CALLS_MAX }
    }
}

/// Which journeys are read.
#[derive(Clone, PartialEq, Debug)]
pub struct Asked {
    pub wanted: Wanted,
    /// Calls that arrived at or after this time …
    pub from: Timestamp,
    /// … and before this one.
    pub until: Timestamp,
    /// How long before a call a visit counts.
    pub look_back: Duration,
    pub most: Most,
}

#[derive(Clone, PartialEq, Debug)]
pub struct JourneyReport {
    pub ways: Ways,
    /// The most calls first.
    pub pages: Vec<PageSeen>,
    /// There was more than is read: calls before this are left out.
    pub since: Option<Timestamp>,
}

/// Adds up on a thread of its own. Of pages so many at most.
pub async fn journeys_reported(store: &Store, asked: Asked, pages: u32) -> Result<JourneyReport, FlowError> {
    let Asked { wanted, from, until, most, .. } = &asked;
    let (read, pages) = tokio::join!(
        journeys_read(store, &asked),
        store.list_pages_before_calls(wanted, (*from, *until), (most.calls, PAGED_MAX), pages)
    );
    let (journeys, since) = read?;
    Ok(JourneyReport { ways: reckoned(move || ways(&journeys)).await?, pages: pages?, since })
}

/// The journeys; and since when, where there were more than are read.
pub(super) async fn journeys_read(
    store: &Store,
    asked: &Asked,
) -> Result<(Journeys, Option<Timestamp>), FlowError> {
    let Asked { wanted, from, until, look_back, most } = asked.clone();
    let (came, rang) = tokio::join!(
        store.list_touches(&wanted, from - look_back, until, most.visits + 1),
        store.list_call_shares(&wanted, from, until, most.calls)
    );
    let (came, (mut rang, calls_cut)) = (came?, rang?);
    let visits_cut = came.len() > most.visits as usize;
    // Whoever called before all that is read is not taken for somebody who did not, nor their call for one that nothing led
    // up to. Of calls soon after that not all visits are known.
    let mut since = from;
    if visits_cut {
        since = came.iter().map(|it| it.at).min().unwrap_or(from).max(since);
        rang.retain(|it| it.at >= since);
    }
    if calls_cut {
        since = rang.iter().map(|it| it.at).min().unwrap_or(from).max(since);
    }
    let journeys = reckoned(move || journeys(&wanted, came, rang, since, look_back)).await?;
    Ok((journeys, Some(since).filter(|_| calls_cut || visits_cut)))
}

/// On a thread of its own: it may take a while, and nobody else is to wait.
pub(super) async fn reckoned<T: Send + 'static>(
    reckon: impl FnOnce() -> T + Send + 'static,
) -> Result<T, FlowError> {
    Ok(tokio::task::spawn_blocking(reckon).await.map_err(|_| StoreError::Panicked)?)
}
