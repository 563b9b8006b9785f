//! Visits that go on, as this process saw them last: a page of one is written
//! without being looked up first.
//!
//! Another node may have written since, so only what cannot turn out wrong is
//! taken from here: that a visit goes on, whose it is and how it began, and which
//! number it may have, which the statement that keeps the number asks again. A
//! number that was kept a moment ago can have been lent to nobody else. A commit
//! that fails empties it, and so does a change of the plan, be it another
//! process's: every page looks for one first ([`super::offers`]).

use std::collections::HashMap;

use super::lending::{Claim, Latest};
use super::{StoreError, Tx};
use crate::domain::ids::{PoolId, VisitId};
use crate::domain::time::Timestamp;
use crate::domain::tracking::visit::{VISIT_GAP, Visit};

/// How many visits fill a generation; two are kept.
const GENERATION: usize = 32_768;
/// The addresses of a visit that is remembered, in bytes; longer ones are looked up.
const ADDRESSES_MAX: usize = 1_024;

#[derive(Default)]
pub(super) struct GoingOn {
    young: HashMap<VisitId, Known>,
    /// Those that no page was opened of since the young were begun.
    old: HashMap<VisitId, Known>,
    begun_at: Option<Timestamp>,
}

struct Known {
    visit: Visit,
    leases: Vec<(PoolId, Latest)>,
}

impl GoingOn {
    fn get(&mut self, id: VisitId) -> Option<&mut Known> {
        if let Some(known) = self.old.remove(&id) {
            self.young.insert(id, known);
        }
        self.young.get_mut(&id)
    }

    pub fn insert(&mut self, visit: Visit, at: Timestamp) {
        if visit.landing_page.len() + visit.referrer.as_ref().map_or(0, String::len) > ADDRESSES_MAX {
            return;
        }
        let begun_at = *self.begun_at.get_or_insert(at);
        if self.young.len() >= GENERATION || at.since(begun_at) >= VISIT_GAP {
            self.old = std::mem::take(&mut self.young);
            self.begun_at = Some(at);
        }
        self.old.remove(&visit.id);
        self.young.insert(visit.id, Known { visit, leases: Vec::new() });
    }

    pub fn touch(&mut self, id: VisitId, at: Timestamp) {
        if let Some(known) = self.get(id).filter(|known| known.visit.last_seen_at < at) {
            known.visit.last_seen_at = at;
        }
    }

    /// The lease that the claim's visit may have of its pool.
    pub fn latest(&mut self, claim: &Claim<'_>) -> Option<Latest> {
        let leases = &self.get(claim.visit)?.leases;
        leases.iter().find(|(pool, _)| pool == claim.pool).map(|(_, latest)| latest.clone())
    }

    /// What another visit shares may be taken from it: that is looked up each time.
    pub fn set_latest(&mut self, claim: &Claim<'_>, latest: Option<Latest>) {
        let Some(known) = self.get(claim.visit) else { return };
        known.leases.retain(|(pool, _)| pool != claim.pool);
        known.leases.extend(latest.filter(|it| !it.is_shared).map(|latest| (claim.pool.clone(), latest)));
    }
}

impl Tx {
    /// For each visit and the time of a page of it, the visit if it is there.
    pub async fn find_going_on(
        &mut self,
        pages: &[(VisitId, Timestamp)],
    ) -> Result<HashMap<VisitId, Visit>, StoreError> {
        let (mut found, mut unknown) = (HashMap::new(), Vec::new());
        for &(id, at) in pages {
            match self.going_on.get(id).filter(|known| known.visit.goes_on(at)) {
                Some(known) => {
                    found.insert(id, known.visit.clone());
                }
                None => unknown.push((id, at)),
            }
        }
        let ids: Vec<VisitId> = unknown.iter().map(|(id, _)| *id).collect();
        let mut read = self.find_visits(&ids).await?;
        for (id, at) in unknown {
            if let Some(visit) = read.remove(&id) {
                self.going_on.insert(visit.clone(), at);
                found.insert(id, visit);
            }
        }
        Ok(found)
    }
}
