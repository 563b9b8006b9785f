//! What a benchmark costs: CPU of this process per unit, and units a second.
//!
//! CPU is what is compared between machines' loads: the wall clock also counts
//! whoever else is busy.

use std::time::{Duration, Instant};

pub struct Meter {
    wall: Instant,
    cpu: Duration,
}

impl Meter {
    #[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    pub fn start() -> Self {
        Self { wall: Instant::now(), cpu: cpu() }
    }

    /// Prints what `units` of `what` have cost since the start.
    pub fn tell(&self, what: &str, units: u64) {
        let (wall, cpu) = (self.wall.elapsed(), cpu().saturating_sub(self.cpu));
        let micros = |span: Duration| span.as_secs_f64() * 1e6 / units as f64;
        println!(
            "{what}: {units} in {:.2} s, {:.0} a second, {:.1} µs CPU and {:.1} µs wall each",
            wall.as_secs_f64(),
            units as f64 / wall.as_secs_f64(),
            micros(cpu),
            micros(wall),
        );
    }
}

/// User and system time of this process, from Linux's `/proc/self/stat`
/// (hundredths of a second); zero where there is none.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field, the name, may hold spaces; it ends with the last bracket.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |nth: usize| fields.get(nth).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}
