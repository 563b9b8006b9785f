//! Where a call to a number is carried, held in memory.
//!
//! A call must not wait for a query (invariant 1), so the whole table is read
//! when it changes and looked up without I/O.

use std::collections::HashMap;
use std::time::Duration;

use crate::domain::ids::{DestinationId, OutletId, TrunkId};
use crate::domain::phone::Phone;

/// Where one attempt to reach somebody goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// A SIP URI: a desk, a PBX, a hunt group.
    Uri(String),
    /// A telephone number, reached over a trunk.
    Number { trunk: TrunkId, number: Phone },
}

/// The way of a call to one tracking number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    pub destination: DestinationId,
    pub outlet: OutletId,
    /// The business line, a SIP URI.
    pub line: String,
    /// How long the line may ring before the call is missed.
    pub ring: Duration,
}

/// Every number in service and its way.
#[derive(Clone, Default, Debug)]
pub struct Routes(HashMap<Phone, Route>);

impl Routes {
    pub fn find(&self, number: &Phone) -> Option<&Route> {
        self.0.get(number)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Phone, Route)> for Routes {
    fn from_iter<I: IntoIterator<Item = (Phone, Route)>>(ways: I) -> Self {
        Self(ways.into_iter().collect())
    }
}
