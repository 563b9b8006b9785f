//! Keeps the prompts in memory equal to those in the database.
//!
//! As with the routes a counter is looked at once a second. Sound is large, so
//! only what is another one by its digest is read; and a call must hear it without
//! a query, so all of it is kept. While the database is away everything stays as it is.

use std::collections::HashMap;
use std::time::Duration;

use tracing::{info, warn};

use crate::clock::Clock;
use crate::domain::ids::PromptId;
use crate::store::revisions::PROMPTS;
use crate::store::{Store, StoreError};

const EVERY: Duration = Duration::from_secs(1);

/// Hears of each prompt that is new or another one, with its samples; `None`: it is gone.
pub type Tell = Box<dyn Fn(&PromptId, Option<Vec<i16>>) + Send + Sync>;

/// What somebody has been told of the prompts.
pub struct Prompts {
    store: Store,
    tell: Tell,
    revision: i64,
    /// The digest of each.
    told: HashMap<PromptId, String>,
}

impl Prompts {
    /// Tells of every prompt that there is.
    pub async fn load(store: Store, tell: Tell) -> Result<Self, StoreError> {
        let mut prompts = Self { store, tell, revision: 0, told: HashMap::new() };
        prompts.refresh().await?;
        Ok(prompts)
    }

    /// Tells of those that have changed since the last time.
    pub async fn refresh(&mut self) -> Result<(), StoreError> {
        let revision = self.store.revision(PROMPTS).await?;
        if revision == self.revision {
            return Ok(());
        }
        let there: HashMap<_, _> =
            self.store.list_prompts().await?.into_iter().map(|prompt| (prompt.id, prompt.digest)).collect();
        for (id, digest) in &there {
            if self.told.get(id) != Some(digest)
                && let Some(samples) = self.store.find_sound(id).await?
            {
                (self.tell)(id, Some(samples));
                self.told.insert(id.clone(), digest.clone());
            }
        }
        self.told.retain(|id, _| {
            let is_there = there.contains_key(id);
            if !is_there {
                (self.tell)(id, None);
            }
            is_there
        });
        info!(prompts = there.len(), revision, "prompts have changed");
        self.revision = revision;
        Ok(())
    }
}

/// Watches for ever.
pub async fn refresh_prompts(mut prompts: Prompts, clock: Clock) {
    let mut away = false;
    loop {
        clock.until(Some(clock.now() + EVERY)).await;
        match prompts.refresh().await {
            Ok(()) => away = false,
            // Said once, not every second.
            Err(failure) if !away => {
                away = true;
                let failure = &failure as &dyn std::error::Error;
                warn!(error = failure, "prompts cannot be refreshed; the known ones stay");
            }
            Err(_) => {}
        }
    }
}
