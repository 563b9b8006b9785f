//! Seals the audit log, and forgets what has stood there for its time.

use std::time::Duration;

use tracing::{info, warn};

use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// Within this an entry has its place in the chain.
const EVERY: Duration = Duration::from_secs(1);
/// How many have theirs in one transaction.
const BATCH: i64 = 500;
const FORGETS_EVERY: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Looks every second, and forgets every hour.
pub async fn seal_audit(store: Store, clock: Clock, days: u32) {
    let mut forgets_at = clock.now();
    loop {
        if let Err(failure) = seal(&store).await {
            warn!(error = &failure as &dyn std::error::Error, "the audit log is not sealed");
        }
        if clock.now() >= forgets_at {
            match forget(&store, &clock, DAY * days).await {
                Ok(0) => {}
                Ok(count) => info!(count, "entries of the audit log whose time is over are deleted"),
                Err(failure) => {
                    warn!(error = &failure as &dyn std::error::Error, "old entries of the audit log stay")
                }
            }
            forgets_at = clock.now() + FORGETS_EVERY;
        }
        clock.until(Some(clock.now() + EVERY)).await;
    }
}

async fn seal(store: &Store) -> Result<(), StoreError> {
    // A look costs no write.
    while store.count_unsealed().await? > 0 {
        store.write(|tx| Box::pin(tx.seal_audit(BATCH))).await?;
    }
    Ok(())
}

async fn forget(store: &Store, clock: &Clock, kept: Duration) -> Result<usize, StoreError> {
    let before = clock.now() - kept;
    let mut count = 0;
    loop {
        match store.write(move |tx| Box::pin(tx.forget_audit(before, BATCH))).await? {
            0 => return Ok(count),
            more => count += more,
        }
    }
}
