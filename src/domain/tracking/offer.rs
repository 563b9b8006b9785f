//! What can be shown on a site: its pools, and the static numbers beside them.

use super::channels::Channel;
use super::number::Pool;
use super::site::Site;
use super::swap::{StandIn, Swap, choose_static};
use crate::domain::phone::Phone;

#[derive(Clone, Debug)]
pub struct Offer {
    pub site: Site,
    pub pools: Vec<Pool>,
    pub stand_ins: Vec<StandIn>,
}

impl Offer {
    /// What a visit by `channel` sees that has no numbers of its own.
    pub fn without_lease(&self, channel: Channel) -> Vec<Swap> {
        let pooled = self.pools.iter().map(|pool| self.instead_of(&pool.target, channel));
        pooled.chain(self.beside_pools(channel)).collect()
    }

    /// The business numbers that stand on the site's pages, those of pools first.
    pub fn targets(&self) -> impl Iterator<Item = &Phone> {
        let pooled = self.pools.iter().map(|pool| &pool.target);
        pooled.chain(self.stand_ins.iter().map(|stand_in| &stand_in.target))
    }

    /// What stands in for a target that no number was lent for.
    pub fn instead_of(&self, target: &Phone, channel: Channel) -> Swap {
        choose_static(target, channel, &self.stand_ins)
    }

    /// The targets of the site that no pool serves.
    pub fn beside_pools(&self, channel: Channel) -> Vec<Swap> {
        let mut targets: Vec<&Phone> = self.stand_ins.iter().map(|stand_in| &stand_in.target).collect();
        targets.sort();
        targets.dedup();
        targets.retain(|target| !self.pools.iter().any(|pool| pool.target == **target));
        targets.into_iter().map(|target| self.instead_of(target, channel)).collect()
    }
}
