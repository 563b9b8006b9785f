//! When each hop is asked whether it lives (OPTIONS, RFC 3261 §11).
//!
//! The first question comes soon, so that a gateway that has just started
//! knows its carriers; the rounds of many hops are spread, so that they do not
//! all ask in the same moment.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;

/// The first question comes within this.
const SOON: Duration = Duration::from_secs(2);
/// Chance is drawn below this.
pub const CHANCES: u64 = 1_000;

/// A hop of a trunk, by its place in the trunk's list.
pub type HopNo = (TrunkId, usize);

/// The rounds of all hops.
#[derive(Default)]
pub struct Pings(BTreeSet<(Timestamp, HopNo)>);

impl Pings {
    /// A hop that is to be asked from now on; `chance` is below [`CHANCES`].
    pub fn begin(&mut self, hop: HopNo, every: Duration, chance: u64, now: Timestamp) {
        self.0.insert((now + part(every.min(SOON), chance), hop));
    }

    /// The hop was asked: its next round. `chance` takes up to a tenth off.
    pub fn go_round(&mut self, hop: HopNo, every: Duration, chance: u64, now: Timestamp) {
        let early = part(every / 10, chance);
        self.0.insert((now + every.saturating_sub(early), hop));
    }

    pub fn wake_at(&self) -> Option<Timestamp> {
        self.0.first().map(|(at, _)| *at)
    }

    /// A hop whose time has come.
    pub fn due(&mut self, now: Timestamp) -> Option<HopNo> {
        self.wake_at().filter(|at| *at <= now)?;
        self.0.pop_first().map(|(_, hop)| hop)
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

fn part(of: Duration, chance: u64) -> Duration {
    let share = u32::try_from(chance.min(CHANCES)).unwrap_or_default();
    of * share / CHANCES as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hop_is_asked_soon_and_then_in_its_own_rounds() {
        let at = |seconds: u64| Timestamp::from_ms(0) + Duration::from_secs(seconds);
        let every = Duration::from_secs(60);
        let hop = |no| ("carrier".parse().unwrap(), no);
        let mut pings = Pings::default();

        pings.begin(hop(0), every, 0, at(0));
        pings.begin(hop(1), every, 500, at(0));
        assert_eq!(pings.due(at(0)), Some(hop(0)));
        assert_eq!(pings.due(at(0)), None);
        assert_eq!(pings.due(at(1)), Some(hop(1)));
        pings.go_round(hop(0), every, 0, at(0));
        pings.go_round(hop(1), every, 1_000, at(1));

        assert_eq!(pings.due(at(54)), None);
        assert_eq!((pings.due(at(55)), pings.due(at(60))), (Some(hop(1)), Some(hop(0))));
    }
}
