//! How often somebody may guess a password.
//!
//! Counted by address *and* account: by the account alone anybody could lock
//! somebody else out, by the address alone a shared office would lock itself
//! out. A try counts when it begins, so tries in parallel gain nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::domain::time::Timestamp;
use crate::http::extract::hash_token;

/// Tries before the first wait.
const FREE: u32 = 5;
const WAIT_FIRST: Duration = Duration::from_secs(10);
const WAIT_MAX: Duration = Duration::from_secs(15 * 60);
/// After this long without a try all is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);
/// So many pairs are remembered at most.
pub const PAIRS_MAX: usize = 10_000;
/// Checks at the same time: each takes 19 MiB and a core for a while, which calls need more.
const CHECKS_MAX: usize = 2;

/// The account stands here as a hash: what people type into the wrong field stays out of memory dumps.
type Pair = (Option<IpAddr>, String);

#[derive(Clone, Copy)]
struct Past {
    tries: u32,
    last: Timestamp,
}

pub struct Tries {
    past: Mutex<HashMap<Pair, Past>>,
    pub checks: Semaphore,
}

impl Default for Tries {
    fn default() -> Self {
        Self { past: Mutex::default(), checks: Semaphore::new(CHECKS_MAX) }
    }
}

impl Tries {
    /// Counts a try, or tells how long to wait before one is taken.
    pub fn begin(&self, from: Option<IpAddr>, account: &str, now: Timestamp) -> Result<(), Duration> {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        if past.len() >= PAIRS_MAX {
            make_room(&mut past, now);
        }
        let entry = past.entry((from, hash_token(account))).or_insert(Past { tries: 0, last: now });
        if now.since(entry.last) >= FORGOTTEN {
            entry.tries = 0;
        }
        let open = entry.last + wait_after(entry.tries);
        if now < open {
            return Err(open.since(now));
        }
        entry.tries += 1;
        entry.last = now;
        Ok(())
    }

    /// Forgets the tries of somebody who knew the password.
    pub fn passed(&self, from: Option<IpAddr>, account: &str) {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        past.remove(&(from, hash_token(account)));
    }
}

fn wait_after(tries: u32) -> Duration {
    match tries.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(more) => WAIT_FIRST.saturating_mul(1 << more.min(10)).min(WAIT_MAX),
    }
}

fn make_room(past: &mut HashMap<Pair, Past>, now: Timestamp) {
    past.retain(|_, entry| now.since(entry.last) < FORGOTTEN);
    if past.len() >= PAIRS_MAX {
        let mut times: Vec<_> = past.values().map(|entry| entry.last).collect();
        times.sort_unstable();
        let middle = times[times.len() / 2];
        past.retain(|_, entry| entry.last > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_ms(0);

    #[test]
    fn after_five_tries_the_wait_grows_until_the_password_is_known() {
        let tries = Tries::default();
        let mut now = START;

        for _ in 0..5 {
            assert_eq!(tries.begin(None, "ada", now), Ok(()));
        }
        assert_eq!(tries.begin(None, "ada", now), Err(Duration::from_secs(10)));
        now = now + Duration::from_secs(10);
        assert_eq!(tries.begin(None, "ada", now), Ok(()));
        assert_eq!(tries.begin(None, "ada", now), Err(Duration::from_secs(20)));
        now = now + Duration::from_secs(20);
        tries.passed(None, "ada");
        assert_eq!(tries.begin(None, "ada", now), Ok(()));
    }

    #[test]
    fn another_account_or_address_is_not_made_to_wait() {
        let tries = Tries::default();
        for _ in 0..6 {
            let _ = tries.begin(None, "ada", START);
        }

        assert_eq!(tries.begin(None, "bob", START), Ok(()));
        assert_eq!(tries.begin(Some([192, 0, 2, 1].into()), "ada", START), Ok(()));
    }

    #[test]
    fn the_wait_ends_at_a_quarter_of_an_hour() {
        assert_eq!(wait_after(4), Duration::ZERO);
        assert_eq!(wait_after(400), WAIT_MAX);
    }

    #[test]
    fn no_flood_of_names_fills_the_memory() {
        let tries = Tries::default();
        for n in 0..PAIRS_MAX + 10 {
            let _ = tries.begin(None, &n.to_string(), START + Duration::from_millis(n as u64));
        }

        assert!(tries.past.lock().unwrap().len() <= PAIRS_MAX);
    }
}
