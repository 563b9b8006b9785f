//! Whether people wait too long for their rights, for a monitor.

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::metrics::{Metrics, gauge};

#[derive(Clone)]
pub(super) struct Requests {
    overdue: Gauge,
}

impl Requests {
    pub fn new(all: &mut Registry) -> Self {
        Self { overdue: gauge(all, "requests_overdue", "Open requests of people whose time is over") }
    }
}

impl Metrics {
    /// So many open requests had to be answered by now.
    pub fn requests_overdue(&self, count: i64) {
        self.requests.overdue.set(count);
    }
}
