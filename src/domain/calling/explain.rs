//! What happens to a call at a moment, and why: for who asks, not for a call.

use super::destination::Destination;
use super::routing::{Routes, Seat, Situation, Way};
use super::schedule::DayKind;
use crate::domain::ids::{DestinationId, TrunkId};
use crate::domain::time::Timestamp;

/// Nobody else calls, and it is everybody's first turn.
pub struct Alone;

impl Situation for Alone {
    fn taken(&self, _: &Seat) -> u32 {
        0
    }

    fn trunk_limit(&self, _: &TrunkId) -> Option<u32> {
        None
    }

    fn turn(&self, _: &DestinationId) -> u64 {
        0
    }
}

/// Where a call to a destination goes at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explained {
    /// Whether it is open then, and where that day's hours come from; `None`: it always is.
    pub open: Option<(bool, DayKind)>,
    /// When it opens next, where it is closed.
    pub opens_at: Option<Timestamp>,
    pub way: Way,
}

/// `None`: there is no such destination.
pub fn explain(destinations: &[Destination], id: &DestinationId, at: Timestamp) -> Option<Explained> {
    let asked = destinations.iter().find(|it| it.id == *id)?;
    let hours = asked.ring_plan.hours.as_ref();
    let open = hours.map(|hours| (hours.is_open(at), hours.day_kind(hours.day_of(at))));
    let is_closed = open.is_some_and(|(is_open, _)| !is_open);
    let opens_at = hours.filter(|_| is_closed).and_then(|hours| hours.opens_at(at));
    let way = Routes::new([], destinations.iter().cloned()).onward(id, at, &Alone);
    Some(Explained { open, opens_at, way })
}
