//! What the web faces ask and tell: may calls come, and how much was done.

use std::time::Duration;

use crate::domain::tracking::swap::Rule;
use crate::http::Watch;
use crate::switchboard::Switchboard;
use crate::telemetry::Metrics;

pub struct Watcher {
    pub switchboard: Switchboard,
    pub metrics: Metrics,
}

impl Watch for Watcher {
    fn not_ready(&self) -> Vec<&'static str> {
        self.switchboard.obstacles()
    }

    fn metrics(&self) -> String {
        self.metrics.render()
    }

    fn answered(&self, status: u16, took: Duration) {
        self.metrics.http_answered(status, took);
    }

    fn number_shown(&self, rule: Rule) {
        self.metrics.number_shown(rule.as_str());
    }
}
