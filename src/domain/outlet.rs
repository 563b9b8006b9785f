//! An outlet: a node of the tree head office → region → point of sale.

use std::collections::BTreeSet;

use serde::Serialize;

use super::ids::OutletId;

/// Owns sites, numbers, destinations and, later, reports.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Outlet {
    pub id: OutletId,
    /// `None`: a head office.
    pub parent: Option<OutletId>,
    pub name: String,
}

/// An outlet and all below it, as labels of reports.
pub fn with_all_below(outlet: &str, outlets: &[Outlet]) -> BTreeSet<Option<String>> {
    let mut meant = BTreeSet::from([Some(outlet.to_owned())]);
    let mut before = 0;
    while before < meant.len() {
        before = meant.len();
        let is_below = |it: &&Outlet| {
            it.parent.as_ref().is_some_and(|parent| meant.contains(&Some(parent.as_str().to_owned())))
        };
        let below: Vec<_> =
            outlets.iter().filter(is_below).map(|it| Some(it.id.as_str().to_owned())).collect();
        meant.extend(below);
    }
    meant
}
