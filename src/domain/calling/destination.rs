//! A destination: where a call is carried.

use std::time::Duration;

use crate::domain::ids::{DestinationId, OutletId};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Destination {
    pub id: DestinationId,
    pub outlet: OutletId,
    pub name: String,
    /// The business line, a SIP URI.
    pub line: String,
    /// How long the line may ring before the call is missed.
    pub ring: Duration,
}
