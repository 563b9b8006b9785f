//! How full queues are, beside what they may hold.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

type Gauges = Family<[(&'static str, &'static str); 1], Gauge>;

/// A level that whoever owns the queue sets; setting it costs one store.
#[derive(Clone)]
pub struct Fill(Gauge);

impl Fill {
    pub fn set(&self, now: usize) {
        self.0.set(i64::try_from(now).unwrap_or(i64::MAX));
    }
}

#[derive(Clone)]
pub(super) struct Fills {
    length: Gauges,
    max: Gauges,
}

impl Fills {
    pub fn new(all: &mut Registry) -> Self {
        let new = Self { length: Gauges::default(), max: Gauges::default() };
        all.register("queue_length", "What waits now, by queue", new.length.clone());
        all.register("queue_max", "What may wait, by queue", new.max.clone());
        new
    }

    pub fn queue(&self, name: &'static str, max: usize) -> Fill {
        Fill(self.max.get_or_create(&[("queue", name)]).clone()).set(max);
        Fill(self.length.get_or_create(&[("queue", name)]).clone())
    }
}
