//! How recordings fare, for a monitor.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::metrics::{Labelled, Metrics, as_gauge, counter, gauge, labelled};
use crate::domain::calling::recording::RecordingFailure;

#[derive(Clone)]
pub(super) struct Recordings {
    ended: Counter,
    bytes: Counter,
    failed: Labelled,
    waiting: Gauge,
}

impl Recordings {
    pub fn new(all: &mut Registry) -> Self {
        let failed = labelled(all, "recordings_failed", "Recordings from which sound is missing, and why");
        for why in RecordingFailure::ALL {
            drop(failed.get_or_create(&[("why", why.as_str())]));
        }
        Self {
            ended: counter(all, "recordings_ended", "Recordings that are over, good ones and failed ones"),
            bytes: counter(all, "recordings_bytes", "Bytes of sound that the vault took"),
            failed,
            waiting: gauge(all, "recordings_waiting", "Recordings that wait to be uploaded, up to 100"),
        }
    }
}

impl Metrics {
    /// Nothing is added to a recording any more.
    pub fn recording_ended(&self, bytes: u64, failure: Option<RecordingFailure>) {
        self.recordings.ended.inc();
        self.recordings.bytes.inc_by(bytes);
        if let Some(failure) = failure {
            self.recordings.failed.get_or_create(&[("why", failure.as_str())]).inc();
        }
    }

    /// How many finished recordings the bucket does not have yet.
    pub fn recordings_waiting(&self, count: usize) {
        self.recordings.waiting.set(as_gauge(count));
    }
}
