//! What labelled calls teach: each site's priors are learned anew, and stand
//! beside the earlier ones. Calls that were attributed by those stay as they are.

use std::collections::HashMap;
use std::time::Duration;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::ids::SiteId;
use crate::domain::tracking::attribution::{Exposure, Lesson, Origin, Priors, learn_site};
use crate::store::{Store, StoreError};

/// How far back calls are learned from: habits change.
pub const LABELLED_SINCE: Duration = Duration::from_secs(365 * 86_400);

/// How many labelled calls are learned from at most: the newest.
pub const LABELLED_MAX: u32 = 20_000;

/// Gives how many sites have learned something new.
pub async fn priors_learned(store: &Store, clock: &Clock) -> Result<usize, FlowError> {
    let now = clock.now();
    let since = now - LABELLED_SINCE;
    let labelled = store.list_labelled(since, LABELLED_MAX).await?;
    if labelled.is_empty() {
        return Ok(0);
    }
    let exposures = store.list_exposures(since, now).await?;
    let learned = tokio::task::spawn_blocking(move || learn_all(&labelled, &exposures)).await;
    let mut count = 0;
    for (site, priors, calls) in learned.map_err(|_| StoreError::Panicked)? {
        let write = store.write(move |tx| {
            let site = site.clone();
            Box::pin(async move { tx.insert_priors(&site, &priors, calls, now).await })
        });
        count += usize::from(write.await?);
    }
    Ok(count)
}

type Learned = (SiteId, Priors, (u64, u64));

fn learn_all(labelled: &[(SiteId, Origin)], exposures: &HashMap<SiteId, Exposure>) -> Vec<Learned> {
    let mut learned: Vec<Learned> = Vec::new();
    for (site, among) in exposures {
        let (own, others): (Vec<_>, Vec<_>) = labelled.iter().partition(|(of, _)| of == site);
        let [own, others] =
            [own, others].map(|calls| calls.into_iter().map(|(_, it)| *it).collect::<Vec<_>>());
        let elsewhere = exposures.iter().filter(|(other, _)| *other != site).map(|(_, it)| *it);
        let elsewhere = elsewhere.fold(Exposure::default(), |sum, it| Exposure {
            calls: sum.calls + it.calls,
            number_days: sum.number_days + it.number_days,
            visits: sum.visits + it.visits,
            stayed_s: sum.stayed_s + it.stayed_s,
        });
        let priors = learn_site(Lesson::of(&others, elsewhere), Lesson::of(&own, *among));
        learned.push((site.clone(), priors, (own.len() as u64, others.len() as u64)));
    }
    // In one order on every node.
    learned.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
    learned
}
