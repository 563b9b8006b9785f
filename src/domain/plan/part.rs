//! A plan as far as somebody sees it who sees a part of the network.

use std::collections::BTreeSet;

use super::Draft;

impl Draft {
    /// What is of these outlets. The uppermost of them have no parent any more; numbers of a pool are of the outlet of its
    /// destination.
    pub fn within(mut self, outlets: &BTreeSet<Option<String>>) -> Self {
        let sees = |outlet: &str| outlets.contains(&Some(outlet.to_owned()));
        self.outlets.retain(|it| sees(&it.id));
        for outlet in &mut self.outlets {
            outlet.parent = outlet.parent.take().filter(|parent| sees(parent));
        }
        self.sites.retain(|it| sees(&it.outlet));
        self.destinations.retain(|it| sees(&it.outlet));
        let Self { destinations, pools, numbers, .. } = &mut self;
        pools.retain(|pool| destinations.iter().any(|it| it.id == pool.destination));
        numbers.retain(|it| sees(&it.outlet));
        self
    }
}
