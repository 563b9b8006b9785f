//! How mail fares, for a monitor.

use prometheus_client::registry::Registry;

use super::metrics::{Labelled, Metrics, labelled};

#[derive(Clone)]
pub(super) struct Mails(Labelled);

impl Mails {
    pub fn new(all: &mut Registry) -> Self {
        let tried = labelled(all, "mails_tried", "Tries to hand a mail to the server, by how they ended");
        for how in ["sent", "again", "given_up"] {
            drop(tried.get_or_create(&[("how", how)]));
        }
        Self(tried)
    }
}

impl Metrics {
    /// A mail was tried: `sent`, `again` later, or `given_up`.
    pub fn mail_tried(&self, how: &'static str) {
        self.mails.0.get_or_create(&[("how", how)]).inc();
    }
}
