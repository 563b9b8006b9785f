//! How the trunks stand, for whoever watches.

use std::sync::Arc;

use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;
use crate::sip::transport::Peer;
use crate::sip::trunk::health::Fault;
use crate::telemetry::Metrics;

/// A trunk that calls leave over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrunkState {
    pub id: TrunkId,
    pub hops: Vec<HopState>,
    /// `None`: it knows where we are by itself.
    pub registration: Option<RegistrationState>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HopState {
    pub uri: Arc<str>,
    /// One of its addresses is well, or none has been tried yet.
    pub is_up: bool,
    /// Those that are not well.
    pub down: Vec<DownAddress>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DownAddress {
    pub peer: Peer,
    /// How often it failed without an answer between.
    pub failures: u32,
    /// When it failed first.
    pub since: Timestamp,
    /// It is skipped until then.
    pub until: Timestamp,
    pub fault: Fault,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RegistrationState {
    /// The carrier has us until then.
    pub until: Option<Timestamp>,
    /// The status of the last refusal, 0 for silence, unless it was granted since.
    pub refused: Option<u16>,
}

/// Puts it where a monitor reads it.
pub fn show(trunks: &[TrunkState], metrics: &Metrics) {
    metrics.forget_trunks();
    for trunk in trunks {
        for hop in &trunk.hops {
            metrics.trunk_hop(trunk.id.as_str(), &hop.uri, hop.is_up);
        }
        if let Some(registration) = &trunk.registration {
            metrics.trunk_registered(trunk.id.as_str(), registration.until.is_some());
        }
    }
}
