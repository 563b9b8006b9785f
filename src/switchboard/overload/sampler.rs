//! How much of the processors this program uses, asked of Linux once a second.

use std::time::Duration;

use tracing::{info, warn};

use crate::clock::Clock;
use crate::switchboard::Switchboard;

const EVERY: Duration = Duration::from_secs(1);
/// What Linux counts processor time in, for every program alike (USER_HZ).
const TICKS_PER_SECOND: f64 = 100.0;

/// Measures for ever, or not at all where Linux does not tell.
pub async fn sample(board: Switchboard, clock: Clock) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    let Some(mut ticks) = used().await else {
        return info!("this system does not tell how busy the program is; [calls] cpu_percent has no effect");
    };
    let mut at = clock.now();
    loop {
        clock.until(Some(at + EVERY)).await;
        let (now, Some(used)) = (clock.now(), used().await) else { return };
        let passed = now.since(at).as_secs_f64();
        let share = used.saturating_sub(ticks) as f64 / TICKS_PER_SECOND / passed / cores;
        let was_hot = board.is_hot();
        board.measured(share);
        match (was_hot, board.is_hot()) {
            (false, true) => warn!("the processor is too busy: new calls get 503, those that are up go on"),
            (true, false) => info!("the processor has room again: calls are taken"),
            (false, false) | (true, true) => {}
        }
        (at, ticks) = (now, used);
    }
}

/// Processor time of all threads so far.
async fn used() -> Option<u64> {
    ticks(&tokio::fs::read_to_string("/proc/self/stat").await.ok()?)
}

/// Fields 14 and 15 of proc_pid_stat(5); the name before them may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let mut field = || fields.next()?.parse::<u64>().ok();
    Some(field()? + field()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_whatever_the_program_is_called() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 8 0 100 1 2";

        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("7 (whence) S 1"), None);
    }
}
