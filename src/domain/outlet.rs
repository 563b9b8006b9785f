//! An outlet: a node of the tree head office → region → point of sale.

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
