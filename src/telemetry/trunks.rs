//! How the trunks stand that calls leave over, for a monitor.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::metrics::{Labelled, Metrics, labelled};

/// One for each trunk, or for each of its hops: as many as the settings have.
type Each<const N: usize> = Family<[(&'static str, String); N], Gauge>;

#[derive(Clone)]
pub(super) struct Trunks {
    registered: Each<1>,
    hop_up: Each<2>,
    barred: Labelled,
}

impl Trunks {
    pub fn new(all: &mut Registry) -> Self {
        let (registered, hop_up) = (Each::default(), Each::default());
        all.register("trunk_registered", "Whether a carrier knows where we are", registered.clone());
        all.register("trunk_hop_up", "Whether a hop of a trunk takes calls", hop_up.clone());
        let barred = labelled(all, "calls_barred", "Numbers not called over their trunk, and why");
        Self { registered, hop_up, barred }
    }
}

impl Metrics {
    /// Before all of them are told anew: some may be gone.
    pub fn forget_trunks(&self) {
        self.trunks.registered.clear();
        self.trunks.hop_up.clear();
    }

    pub fn trunk_registered(&self, trunk: &str, is_registered: bool) {
        let labels = [("trunk", trunk.to_owned())];
        self.trunks.registered.get_or_create(&labels).set(is_registered.into());
    }

    pub fn trunk_hop(&self, trunk: &str, hop: &str, is_up: bool) {
        let labels = [("trunk", trunk.to_owned()), ("hop", hop.to_owned())];
        self.trunks.hop_up.get_or_create(&labels).set(is_up.into());
    }

    /// A number was not called; `why` is the key of the setting that forbids it.
    pub fn call_barred(&self, why: &'static str) {
        self.trunks.barred.get_or_create(&[("why", why)]).inc();
    }
}
