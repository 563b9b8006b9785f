//! What each site can show, kept in memory: every page asks, and a plan
//! changes a few times a month.
//!
//! What this process writes is seen at once, a plan that another process or node
//! applies within [`EVERY`]. A number that has left the plan meanwhile is lent to
//! nobody all the same: the claim itself reads the database.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::revisions::ROUTES;
use super::{Store, StoreError};
use crate::domain::ids::SiteId;
use crate::domain::time::Timestamp;
use crate::domain::tracking::offer::Offer;

/// How old a look at the plan's revision may be.
const EVERY: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Offers {
    known: Mutex<Option<Known>>,
    /// Counts the changes made here: what was read while one was made is not kept.
    changes: AtomicU64,
    /// A plan was found that the writer has not heard of.
    is_new: AtomicBool,
}

#[derive(Clone)]
struct Known {
    revision: i64,
    looked_at: Timestamp,
    sites: Arc<HashMap<SiteId, Arc<Offer>>>,
}

impl Offers {
    /// A site, a pool or a number has changed.
    pub fn forget(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        *self.lock() = None;
    }

    /// Whether the plan has changed since this was asked last.
    pub fn has_changed(&self) -> bool {
        self.is_new.swap(false, Ordering::SeqCst)
    }

    fn keep(&self, known: &Known, changes: u64) {
        let mut kept = self.lock();
        if self.changes.load(Ordering::SeqCst) == changes {
            *kept = Some(known.clone());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// What the site can show; `None` when it is not in service.
    pub async fn find_offer(&self, site: &SiteId, now: Timestamp) -> Result<Option<Arc<Offer>>, StoreError> {
        let offers = &self.0.offers;
        let known = offers.lock().clone();
        let known = match known {
            Some(known) if now.since(known.looked_at) < EVERY => known,
            known => {
                let changes = offers.changes.load(Ordering::SeqCst);
                let revision = self.revision(ROUTES).await?;
                let sites = match known {
                    Some(known) if known.revision == revision => known.sites,
                    _ => {
                        offers.is_new.store(true, Ordering::SeqCst);
                        Arc::new(self.load_offers().await?)
                    }
                };
                let fresh = Known { revision, looked_at: now, sites };
                offers.keep(&fresh, changes);
                fresh
            }
        };
        Ok(known.sites.get(site).cloned())
    }

    async fn load_offers(&self) -> Result<HashMap<SiteId, Arc<Offer>>, StoreError> {
        let mut offers = HashMap::new();
        for site in self.list_sites().await? {
            let id = site.id.clone();
            let pools = self.list_pools_of(&id).await?;
            let stand_ins = self.list_stand_ins(&id).await?;
            offers.insert(id, Arc::new(Offer { site, pools, stand_ins }));
        }
        Ok(offers)
    }
}
