//! The trunks that calls leave over, and what is known of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::Endpoint;
use crate::domain::ids::TrunkId;
use crate::sip::trunk::health::Health;
use crate::sip::trunk::out::{Out, Outward};
use crate::sip::trunk::wallet::Wallet;

#[derive(Default)]
pub(super) struct Carriers {
    pub outs: HashMap<TrunkId, Arc<Out>>,
    pub hop_timeout: Duration,
    pub health: Health,
    pub wallets: HashMap<TrunkId, Wallet>,
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
    pub fn change_outward(&mut self, outward: Outward) {
        self.carriers.change(outward);
    }
}
