//! What a page is told to show, and how it comes about: shared by a page that
//! opens and a page that stays.

use std::time::Duration;

use crate::domain::ids::{LeaseId, VisitId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::number::Pool;
use crate::domain::tracking::site::Site;
use crate::domain::tracking::source::Source;
use crate::domain::tracking::swap::{Rule, StandIn, Swap, choose_static};
use crate::store::leases::Claimant;
use crate::store::{Store, StoreError, Tx};

/// The answer to a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// `None`: no consent, and so no identifier.
    pub visitor: Option<VisitorId>,
    pub visit: Option<VisitId>,
    /// The visit had begun before this page.
    pub continues: bool,
    pub source: Source,
    /// How often the page is to say that it is still looked at.
    pub keep_alive: Duration,
    pub swaps: Vec<Swap>,
}

/// What can be shown on a site.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub pools: Vec<Pool>,
    pub stand_ins: Vec<StandIn>,
}

impl Offer {
    pub async fn load(store: &Store, site: &Site) -> Result<Self, StoreError> {
        Ok(Self {
            pools: store.list_pools_of(&site.id).await?,
            stand_ins: store.list_stand_ins(&site.id).await?,
        })
    }

    /// What a visit by `channel` sees that has no numbers of its own.
    pub fn without_lease(&self, channel: Channel) -> Vec<Swap> {
        let pooled = self.pools.iter().map(|pool| choose_static(&pool.target, channel, &self.stand_ins));
        pooled.chain(self.beside_pools(channel)).collect()
    }

    /// The targets of the site that no pool serves.
    fn beside_pools(&self, channel: Channel) -> Vec<Swap> {
        let mut targets: Vec<&Phone> = self.stand_ins.iter().map(|stand_in| &stand_in.target).collect();
        targets.sort();
        targets.dedup();
        targets.retain(|target| !self.pools.iter().any(|pool| pool.target == **target));
        targets.into_iter().map(|target| choose_static(target, channel, &self.stand_ins)).collect()
    }

    /// What a visit sees: the numbers it has, else new ones, else what stands
    /// for its channel. `leases` holds a fresh key for each pool.
    pub async fn lend(
        &self,
        tx: &mut Tx,
        visitor: VisitorId,
        visit: VisitId,
        channel: Channel,
        leases: &[LeaseId],
        now: Timestamp,
    ) -> Result<Vec<Swap>, StoreError> {
        let mut swaps = Vec::with_capacity(self.pools.len());
        for (pool, &lease) in self.pools.iter().zip(leases) {
            let who = Claimant { lease, visit, visitor };
            let kept = tx.renew_number(&pool.id, pool.policy, visit, visitor, now).await?;
            let (number, rule) = match kept {
                Some(number) => (number, Rule::Renewed),
                None => match tx.claim_number(&pool.id, pool.policy, who, now).await? {
                    Some(claimed) if claimed.renewed => (claimed.number, Rule::Renewed),
                    Some(claimed) => (claimed.number, Rule::Lease),
                    None => {
                        swaps.push(choose_static(&pool.target, channel, &self.stand_ins));
                        continue;
                    }
                },
            };
            swaps.push(Swap { target: pool.target.clone(), number: Some(number), rule });
        }
        swaps.extend(self.beside_pools(channel));
        Ok(swaps)
    }
}
