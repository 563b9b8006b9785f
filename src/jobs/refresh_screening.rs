//! Keeps what screening goes by in memory equal to what is in the database.
//!
//! A caller who has just been blocked calls again at once, so the counter is
//! looked at once a second, like that of the routes. While the database is away
//! everything stays as it is.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::domain::calling::screening::Rulebook;
use crate::store::revisions::SCREENING;
use crate::store::{Store, StoreError};

const EVERY: Duration = Duration::from_secs(1);

/// Watches for ever; `loaded` is the revision that `rulebook` stands at.
pub async fn refresh_screening(
    store: Store,
    clock: Clock,
    rulebook: Arc<ArcSwap<Rulebook>>,
    mut loaded: i64,
) {
    let mut away = false;
    loop {
        clock.until(Some(clock.now() + EVERY)).await;
        match refresh(&store, &clock, &rulebook, &mut loaded).await {
            Ok(()) => away = false,
            // Said once, not every second.
            Err(failure) if !away => {
                away = true;
                let error = &failure as &dyn std::error::Error;
                warn!(error, "screening cannot be refreshed; what is known stays");
            }
            Err(_) => {}
        }
    }
}

async fn refresh(
    store: &Store,
    clock: &Clock,
    rulebook: &ArcSwap<Rulebook>,
    loaded: &mut i64,
) -> Result<(), StoreError> {
    let revision = store.revision(SCREENING).await?;
    if revision != *loaded {
        rulebook.store(Arc::new(store.load_rulebook(clock.now()).await?));
        info!(revision, "screening has changed");
        *loaded = revision;
    }
    Ok(())
}
