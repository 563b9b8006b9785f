//! Keeps the routing table in memory equal to the one in the database.
//!
//! A plan may be applied by another process or another node, so a counter in
//! the database is watched: one small read a second. While the database is
//! away the table stays as it is (a call must ring, invariant 1).

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::domain::calling::routing::Routes;
use crate::store::{Store, StoreError};

const EVERY: Duration = Duration::from_secs(1);

/// Watches for ever; `loaded` is the revision that `routes` stands at.
pub async fn refresh_routes(store: Store, clock: Clock, routes: Arc<ArcSwap<Routes>>, mut loaded: i64) {
    let mut away = false;
    loop {
        clock.until(Some(clock.now() + EVERY)).await;
        match refresh(&store, &routes, &mut loaded).await {
            Ok(()) => away = false,
            // Said once, not every second.
            Err(failure) if !away => {
                away = true;
                warn!(error = &failure as &dyn std::error::Error, "routes cannot be refreshed; the known ones stay");
            }
            Err(_) => {}
        }
    }
}

async fn refresh(store: &Store, routes: &ArcSwap<Routes>, loaded: &mut i64) -> Result<(), StoreError> {
    let revision = store.revision("routes").await?;
    if revision != *loaded {
        let fresh = store.load_routes().await?;
        info!(numbers = fresh.len(), revision, "routes have changed");
        routes.store(Arc::new(fresh));
        *loaded = revision;
    }
    Ok(())
}
