//! A tracking number and its pool, as the plan declares them.

use std::time::Duration;

use serde::Serialize;

use super::channels::Channel;
use super::lease::Policy;
use super::offline::Offline;
use crate::domain::calling::recording::RecordingRule;
use crate::domain::ids::{DestinationId, OutletId, PoolId, SiteId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// Numbers that are lent to visits of a site, for one swap target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pool {
    pub id: PoolId,
    pub site: SiteId,
    pub destination: DestinationId,
    /// The business number written on the website, which the snippet replaces.
    pub target: Phone,
    pub policy: Policy,
    /// How long a number that is new here is lent to nobody. Calls that come
    /// meanwhile tell how many it gets that no visit causes.
    pub ageing: Duration,
}

/// A telephone number that rings at the gateway.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrackingNumber {
    pub e164: Phone,
    pub outlet: OutletId,
    pub destination: DestinationId,
    pub label: String,
    /// A call above this many hears busy.
    pub calls_at_once: Option<u32>,
    /// How its calls are recorded; `None`: they are not.
    pub recording: Option<RecordingRule>,
    pub kind: NumberKind,
    pub in_service: bool,
    pub created_at: Timestamp,
}

/// Where a number is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Out of service.
    Out,
    /// It stands for a medium.
    Static,
    /// It may be lent.
    Free,
    /// New in its pool, and lent to nobody before this.
    Ageing(Timestamp),
    /// On somebody's page, until then if they go now.
    Lent(Timestamp),
    /// With nobody; calls are its last holder's until then.
    Resting(Timestamp),
}

impl TrackingNumber {
    /// `free_at` and `was_lent`: of its latest lease; `quarantine`: of its pool.
    pub fn stage(&self, free_at: Timestamp, was_lent: bool, quarantine: Duration, now: Timestamp) -> Stage {
        match &self.kind {
            _ if !self.in_service => Stage::Out,
            NumberKind::Static(_) => Stage::Static,
            NumberKind::Pooled(_) if free_at <= now => Stage::Free,
            NumberKind::Pooled(_) if !was_lent => Stage::Ageing(free_at),
            NumberKind::Pooled(_) if free_at - quarantine > now => Stage::Lent(free_at - quarantine),
            NumberKind::Pooled(_) => Stage::Resting(free_at),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NumberKind {
    /// Lent to visits of its pool's site.
    Pooled(PoolId),
    /// One medium: a poster, a profile page, or a channel of a website.
    Static(Medium),
}

/// What a static number stands for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Medium {
    pub channel: Channel,
    pub source: String,
    pub medium: String,
    pub campaign: Option<String>,
    /// Set when the number stands in for a business number on a website, for
    /// visits of this channel that gave no consent.
    pub stands_in: Option<StandsIn>,
    /// Set when it stands off the web.
    pub offline: Option<Offline>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct StandsIn {
    pub site: SiteId,
    pub target: Phone,
}
