//! How full the plane's queues are, for a monitor: a few stores for each turn it takes, no lock.

use crate::telemetry::{Fill, Metrics};

pub(super) struct Fills {
    metrics: Metrics,
    inbox: Fill,
    commands: Fill,
    arrivals: Fill,
    /// Repeats that have been counted: sent, heard.
    again: (u64, u64),
}

/// How much may wait in each queue, or how much waits.
pub(super) struct Queues {
    pub inbox: usize,
    pub commands: usize,
    pub arrivals: usize,
}

impl Fills {
    pub fn new(metrics: Metrics, max: &Queues) -> Self {
        Self {
            inbox: metrics.queue("sip_inbox", max.inbox),
            commands: metrics.queue("sip_commands", max.commands),
            arrivals: metrics.queue("arrivals", max.arrivals),
            metrics,
            again: (0, 0),
        }
    }

    /// `repeats`: how many messages were sent again and came again so far.
    pub fn tell(&mut self, now: &Queues, repeats: (u64, u64)) {
        self.inbox.set(now.inbox);
        self.commands.set(now.commands);
        self.arrivals.set(now.arrivals);
        self.metrics.sip_again(repeats.0 - self.again.0, repeats.1 - self.again.1);
        self.again = repeats;
    }
}
