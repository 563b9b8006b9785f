//! How long something took, for a monitor to see; nothing is decided by it.

use std::time::{Duration, Instant};

pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        #[allow(
            clippy::disallowed_methods,
            reason = "a span of real time that no test moves and no rule reads"
        )]
        Self(Instant::now())
    }

    pub fn stop(self) -> Duration {
        self.0.elapsed()
    }
}
