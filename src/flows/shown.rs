//! What a page is told to show, and how it comes about: shared by a page that
//! opens and a page that stays.

use std::time::Duration;

use crate::domain::ids::{LeaseId, VisitId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::guard::Refusal;
use crate::domain::tracking::number::Pool;
use crate::domain::tracking::sharing::Likeness;
use crate::domain::tracking::site::Site;
use crate::domain::tracking::source::Source;
use crate::domain::tracking::swap::{Lack, Rule, StandIn, Swap, choose_static};
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
    /// Those that pools serve come first.
    pub swaps: Vec<Swap>,
    /// How many of them pools serve.
    pub pooled: usize,
    /// Why no number of its own was to be lent, whatever the pools have.
    pub refused: Option<Refusal>,
}

/// A visit that is shown numbers.
#[derive(Clone, Debug)]
pub(super) struct Guest {
    pub visitor: VisitorId,
    pub visit: VisitId,
    pub likeness: Likeness,
    pub refused: Option<Refusal>,
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

    /// What a visit sees: the numbers it has, else new ones, else those of
    /// visits like it, else what stands for its channel. `leases` holds a
    /// fresh key for each pool.
    pub async fn lend(
        &self,
        tx: &mut Tx,
        guest: &Guest,
        leases: &[LeaseId],
        now: Timestamp,
    ) -> Result<Vec<Swap>, StoreError> {
        let channel = guest.likeness.channel;
        let mut swaps = Vec::with_capacity(self.pools.len());
        for (pool, &lease) in self.pools.iter().zip(leases) {
            let swap = match lend_of(tx, pool, guest, lease, now).await? {
                Some((number, rule)) => Swap { target: pool.target.clone(), number: Some(number), rule },
                None => {
                    let swap = choose_static(&pool.target, channel, &self.stand_ins);
                    let why = guest.refused.map_or(Lack::Exhausted, Lack::Refused);
                    tx.insert_unleased(guest.visit, &pool.id, &swap, why, now).await?;
                    swap
                }
            };
            swaps.push(swap);
        }
        swaps.extend(self.beside_pools(channel));
        Ok(swaps)
    }
}

async fn lend_of(
    tx: &mut Tx,
    pool: &Pool,
    guest: &Guest,
    lease: LeaseId,
    now: Timestamp,
) -> Result<Option<(Phone, Rule)>, StoreError> {
    let (id, policy) = (&pool.id, pool.policy);
    if let Some(number) = tx.renew_number(id, policy, guest.visit, guest.visitor, now).await? {
        return Ok(Some((number, Rule::Renewed)));
    }
    let who = Claimant { lease, visit: guest.visit, visitor: guest.visitor };
    if guest.refused.is_some() {
        let own = tx.claim_own(id, policy, who, now).await?;
        return Ok(own.map(|number| (number, Rule::Renewed)));
    }
    if let Some(claimed) = tx.claim_number(id, policy, who, now).await? {
        let rule = if claimed.renewed { Rule::Renewed } else { Rule::Lease };
        return Ok(Some((claimed.number, rule)));
    }
    let shared = tx.share_number(id, policy, who, &guest.likeness, now).await?;
    Ok(shared.map(|number| (number, Rule::Shared)))
}
