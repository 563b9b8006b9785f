//! The trunks that calls leave over, and what is known of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::Endpoint;
use super::upkeep::Upkeep;
use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;
use crate::sip::transport::Peer;
use crate::sip::trunk::health::{Down, Health};
use crate::sip::trunk::out::{Out, Outward};
use crate::sip::trunk::state::{DownAddress, HopState, RegistrationState, TrunkState};
use crate::sip::trunk::wallet::Wallet;

#[derive(Default)]
pub(super) struct Carriers {
    pub outs: HashMap<TrunkId, Arc<Out>>,
    pub hop_timeout: Duration,
    pub health: Health,
    pub wallets: HashMap<TrunkId, Wallet>,
    pub upkeep: Upkeep,
    /// Something of what [`Endpoint::trunks`] tells is new.
    pub changed: bool,
}

impl Carriers {
    pub fn new(outward: Outward) -> Self {
        let mut new = Self::default();
        new.change(outward);
        new
    }

    /// Legs keep the trunk that they were dialled on.
    fn change(&mut self, outward: Outward) {
        self.hop_timeout = outward.hop_timeout;
        self.outs = outward.trunks.into_iter().map(|out| (out.id.clone(), Arc::new(out))).collect();
        self.wallets.clear();
    }
}

impl Endpoint {
    /// Other trunks, or other settings of theirs, from now on.
    ///
    /// A binding at a carrier whose settings are as they were stays; one that
    /// is not wanted any more is taken back.
    pub fn change_outward(&mut self, outward: Outward, now: Timestamp) {
        let before = std::mem::take(&mut self.carriers.outs);
        self.carriers.change(outward);
        let outs = &self.carriers.outs;
        let is_new = |id: &TrunkId| outs.get(id) != before.get(id);
        let gone: Vec<TrunkId> = before.keys().filter(|id| is_new(id)).cloned().collect();
        self.unregister(&gone, now);
        self.begin(now);
    }

    /// Whether [`Endpoint::trunks`] tells something new since it was asked this.
    pub fn trunks_changed(&mut self) -> bool {
        std::mem::take(&mut self.carriers.changed)
    }

    /// How the trunks stand that calls leave over, by name.
    pub fn trunks(&self, now: Timestamp) -> Vec<TrunkState> {
        let mut all: Vec<TrunkState> = self.carriers.outs.values().map(|out| self.trunk(out, now)).collect();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all
    }

    fn trunk(&self, out: &Out, now: Timestamp) -> TrunkState {
        let registering = self.carriers.upkeep.registrations.get(&out.id);
        let registration = registering.filter(|one| !one.machine.is_gone()).map(|one| RegistrationState {
            until: one.machine.bound_until().filter(|_| one.machine.is_registered(now)),
            refused: one.machine.refused,
        });
        let hops = out.to.iter().map(|uri| self.hop_state(uri)).collect();
        TrunkState { id: out.id.clone(), hops, registration }
    }

    fn hop_state(&self, uri: &Arc<str>) -> HopState {
        let down: Vec<DownAddress> = self
            .carriers
            .health
            .of(uri)
            .map(|(peer, down)| {
                let Down { failures, since, until, fault, .. } = *down;
                DownAddress { peer: *peer, failures, since, until, fault }
            })
            .collect();
        let known = self.carriers.upkeep.known.get(uri);
        let is_down = |peer: &Peer| down.iter().any(|other| other.peer == *peer);
        let is_up = match known {
            Some(known) if !known.is_empty() => known.iter().any(|peer| !is_down(peer)),
            _ => down.is_empty(),
        };
        HopState { uri: Arc::clone(uri), is_up, down }
    }
}
