//! How the trunks stand: what the wire knows of them, and what the calls do.

use std::sync::PoisonError;

use tracing::warn;

use super::Switchboard;
use crate::call::leg::LegId;
use crate::domain::calling::record::{Departed, Fact};
use crate::domain::calling::routing::{Seat, Target};
use crate::domain::calling::tolls::{Barred, Tolls};
use crate::domain::ids::{CallId, TrunkId};
use crate::domain::time::Timestamp;
pub use crate::sip::trunk::health::Fault;
use crate::sip::trunk::state::TrunkState;

/// A trunk that calls leave over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrunkView {
    pub id: TrunkId,
    pub hops: Vec<Hop>,
    /// Whether the carrier knows where we are, and until when; `None`: it knows by itself.
    pub registration: Option<Registration>,
    /// In and out, now.
    pub calls: u32,
    /// Out over this node, since midnight UTC.
    pub calls_today: u32,
    pub calls_per_day: Option<u32>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hop {
    pub uri: String,
    pub is_up: bool,
    pub down: Vec<DownHop>,
}

/// An address that is skipped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DownHop {
    pub address: String,
    pub failures: u32,
    /// When it failed first, without an answer since.
    pub since: Timestamp,
    pub until: Timestamp,
    pub fault: Fault,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Registration {
    pub until: Option<Timestamp>,
    /// What the carrier said last, unless it was 200; 0: nothing.
    pub refused: Option<u16>,
}

impl TrunkView {
    /// Since when no call leaves over it, or its carrier does not know where we are; `None`: it is well.
    ///
    /// When a registration was lost nobody has written down: it is lost now.
    pub fn down_since(&self, now: Timestamp) -> Option<Timestamp> {
        let failed = self.hops.iter().all(|hop| !hop.is_up).then(|| {
            let since = self.hops.iter().filter_map(|hop| hop.down.iter().map(|it| it.since).max()).max();
            since.unwrap_or(now)
        });
        let lost = self.registration.is_some_and(|it| it.until.is_none()).then_some(now);
        failed.or(lost)
    }
}

impl Switchboard {
    /// Those that calls leave over, by name.
    pub async fn trunks(&self) -> Vec<TrunkView> {
        let (config, now) = (self.inner.config.load_full(), self.inner.clock.now());
        let states = self.inner.sip.trunks().await;
        let view = |state: TrunkState| {
            let exit = config.exits.iter().find(|exit| exit.trunk == state.id);
            TrunkView {
                calls: self.inner.seats.taken(&Seat::Trunk(state.id.clone())),
                calls_today: self.tolls(|tolls| tolls.today(&state.id, now)),
                calls_per_day: exit.and_then(|exit| exit.calls_per_day),
                hops: state.hops.into_iter().map(hop).collect(),
                registration: state
                    .registration
                    .map(|it| Registration { until: it.until, refused: it.refused }),
                id: state.id,
            }
        };
        states.into_iter().filter(|state| !state.hops.is_empty()).map(view).collect()
    }

    /// Those that calls leave over, and since when each is down.
    pub async fn trunks_down(&self, now: Timestamp) -> Vec<(TrunkId, Option<Timestamp>)> {
        self.trunks().await.into_iter().map(|it| (it.id.clone(), it.down_since(now))).collect()
    }

    /// Whether this may not be dialled; what is let out is counted, and written down.
    pub(super) fn bars(&self, call: CallId, leg: LegId, target: &Target) -> bool {
        let (config, now) = (self.inner.config.load(), self.inner.clock.now());
        let Err(why) = self.tolls(|tolls| tolls.admit(&config.exits, target, now)) else {
            if let Target::Number { trunk, .. } = target {
                let departed = Departed { call, leg: leg.0, trunk: trunk.clone(), at: now };
                self.inner.recorder.write(Fact::Departed(departed));
            }
            return false;
        };
        self.inner.metrics.call_barred(why.as_str());
        let Target::Number { trunk, number } = target else { return true };
        match why {
            Barred::Prefix => {
                warn!(call.id = %call, %trunk, %number, "a number is not called: no prefix allows it")
            }
            Barred::Spent => {
                warn!(call.id = %call, %trunk, "a number is not called: the calls of the day are spent")
            }
        }
        true
    }

    fn tolls<T>(&self, ask: impl FnOnce(&mut Tolls) -> T) -> T {
        ask(&mut self.inner.tolls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn hop(state: crate::sip::trunk::state::HopState) -> Hop {
    let down = state.down.into_iter().map(|down| DownHop {
        address: format!("{}:{}", down.peer.transport.as_str().to_ascii_lowercase(), down.peer.address),
        failures: down.failures,
        since: down.since,
        until: down.until,
        fault: down.fault,
    });
    Hop { uri: state.uri.to_string(), is_up: state.is_up, down: down.collect() }
}
