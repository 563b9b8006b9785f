//! When a new call is one too many: the processor is too busy, or calls come
//! faster than they may. Calls that are up are never touched.
//!
//! ```text
//!            share of the processor ≥ limit
//!     Calm ───────────────────────────────────▶ Hot      new calls hear 503
//!          ◀───────────────────────────────────
//!            … ≤ limit − COOLER
//! ```
//!
//! Pure: measurements and the time are handed in.

mod sampler;

use crate::domain::time::Timestamp;
pub(super) use sampler::sample;

/// How far below its limit the processor's share must fall before calls are
/// taken again, so that the gateway does not flutter at the edge.
const COOLER: f64 = 0.1;
/// The weight of the newest measurement: a peak of a second is no overload yet.
const NEWEST: f64 = 0.5;

/// From when on calls are too many; zero switches a limit off.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Limits {
    /// The share of the processors that the program may use, 0 to 1.
    pub cpu: f64,
    /// New calls in a second.
    pub per_second: u32,
}

/// Why a new call is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Excess {
    Cpu,
    Rate,
}

/// What is known of the load.
#[derive(Debug)]
pub struct Overload {
    limits: Limits,
    /// Smoothed.
    cpu: f64,
    is_hot: bool,
    /// Calls that may still come in this moment; a second's worth at most.
    room: f64,
    filled_at: Timestamp,
}

impl Overload {
    pub fn new(limits: Limits, now: Timestamp) -> Self {
        let room = f64::from(limits.per_second);
        Self { limits, cpu: 0.0, is_hot: false, room, filled_at: now }
    }

    /// Other limits from now on.
    pub fn change(&mut self, limits: Limits) {
        self.limits = limits;
        self.judge();
    }

    /// So much of the processors was used in the last second; gives the smoothed share.
    pub fn measured(&mut self, share: f64) -> f64 {
        self.cpu += (share.clamp(0.0, 1.0) - self.cpu) * NEWEST;
        self.judge();
        self.cpu
    }

    pub fn is_hot(&self) -> bool {
        self.is_hot
    }

    /// A new call is at the door: may it come in?
    pub fn admit(&mut self, now: Timestamp) -> Result<(), Excess> {
        if self.is_hot {
            return Err(Excess::Cpu);
        }
        if self.limits.per_second == 0 {
            return Ok(());
        }
        let rate = f64::from(self.limits.per_second);
        let passed = now.since(self.filled_at).as_secs_f64();
        self.filled_at = self.filled_at.max(now);
        self.room = (self.room + passed * rate).min(rate);
        if self.room < 1.0 {
            return Err(Excess::Rate);
        }
        self.room -= 1.0;
        Ok(())
    }

    fn judge(&mut self) {
        let limit = self.limits.cpu;
        self.is_hot = limit > 0.0 && self.cpu >= if self.is_hot { limit - COOLER } else { limit };
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp::from_ms(0);
    const LIMITS: Limits = Limits { cpu: 0.8, per_second: 5 };

    fn at(ms: u64) -> Timestamp {
        START + Duration::from_millis(ms)
    }

    #[test]
    fn a_busy_processor_turns_calls_away_until_it_has_cooled() {
        let mut load = Overload::new(Limits { per_second: 0, ..LIMITS }, START);

        load.measured(1.0);
        assert_eq!(load.admit(at(1_000)), Ok(()), "one busy second is no overload");
        load.measured(1.0);
        load.measured(1.0);
        assert_eq!(load.admit(at(3_000)), Err(Excess::Cpu));
        load.measured(0.72);
        assert_eq!(load.admit(at(4_000)), Err(Excess::Cpu), "just below the limit is not cool yet");
        load.measured(0.4);
        assert_eq!(load.admit(at(5_000)), Ok(()));
    }

    #[test]
    fn calls_come_no_faster_than_they_may_and_a_pause_is_not_saved_up() {
        let mut load = Overload::new(LIMITS, START);
        let mut admitted = |ms| (0..20).filter(|_| load.admit(at(ms)).is_ok()).count();

        assert_eq!(admitted(0), 5);
        assert_eq!(admitted(200), 1);
        assert_eq!(admitted(60_000), 5);
    }

    #[test]
    fn limits_of_zero_turn_nobody_away_and_new_ones_hold_at_once() {
        let mut load = Overload::new(Limits::default(), START);
        for _ in 0..10 {
            load.measured(1.0);
        }
        assert!((0..10_000).all(|_| load.admit(START).is_ok()));

        load.change(LIMITS);
        assert_eq!(load.admit(START), Err(Excess::Cpu));
        load.change(Limits::default());
        assert_eq!(load.admit(START), Ok(()));
    }

    proptest! {
        #[test]
        fn no_second_ever_takes_more_than_two_seconds_worth(steps in prop::collection::vec(0u64..300, 1..200)) {
            let mut load = Overload::new(LIMITS, START);
            let mut now = 0;
            let mut taken = vec![];
            for step in steps {
                now += step;
                if load.admit(at(now)).is_ok() {
                    taken.push(now);
                }
            }
            for first in &taken {
                let within = taken.iter().filter(|it| **it >= *first && **it < first + 1_000).count();
                prop_assert!(within <= 10, "{within} calls from {first} on");
            }
        }
    }
}
