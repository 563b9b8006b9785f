//! How webhooks are told, for a monitor.

use prometheus_client::registry::Registry;

use super::metrics::{Labelled, Metrics, labelled};

#[derive(Clone)]
pub(super) struct Webhooks(Labelled);

impl Webhooks {
    pub fn new(all: &mut Registry) -> Self {
        let tried = labelled(all, "webhooks_tried", "Tries to tell a webhook something, by how they ended");
        for how in ["taken", "again", "given_up"] {
            drop(tried.get_or_create(&[("how", how)]));
        }
        Self(tried)
    }
}

impl Metrics {
    /// A webhook was told something: `taken`, `again` later, or `given_up`.
    pub fn webhook_tried(&self, how: &'static str) {
        self.webhooks.0.get_or_create(&[("how", how)]).inc();
    }
}
