//! Which hops are worth a try: a dead one is skipped at once and retried later.
//!
//! ```text
//!            silent, unreachable                      an answer, whatever it says
//!   well ───────────────────────────▶ down until … ──────────────────────────────▶ well
//!            503                        │  ▲
//!                                       └──┘ again: twice as long
//! ```
//!
//! Only hops that are down stand here, so that what is well costs nothing. A
//! server that names a time with its 503 (Retry-After) is left alone that long,
//! even if it answers a ping: it lives, and wants no calls.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::time::Timestamp;
use crate::sip::transport::Peer;

/// How long a hop is left alone after its first failure …
pub const FIRST: Duration = Duration::from_secs(30);
/// … and after many.
pub const MOST: Duration = Duration::from_secs(10 * 60);
/// No 503 takes a hop away for longer than this, whatever it says.
pub const RETRY_AFTER_MOST: Duration = Duration::from_secs(60 * 60);
/// Hops that are down at a time; another one takes the place of the next to be retried.
pub const HOPS_MAX: usize = 1_024;

/// One address behind one URI. Two URIs may share an address (an outbound
/// proxy) and fail apart.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    /// The SIP URI as the settings or the plan have it.
    pub uri: Arc<str>,
    pub peer: Peer,
}

/// What was the matter with a hop last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It did not answer, or could not be reached.
    Silent,
    /// It said that it takes no calls.
    Busy,
}

impl Fault {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Fault::Silent => "silent",
            Fault::Busy => "busy",
        }
    }
}

/// Why a hop gets no calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Down {
    pub failures: u32,
    /// When it failed first without an answer since.
    pub since: Timestamp,
    pub until: Timestamp,
    pub fault: Fault,
    /// It asked to be left alone.
    asked: bool,
}

/// The hops that are down.
#[derive(Default)]
pub struct Health(HashMap<Place, Down>);

impl Health {
    /// It did not answer, or could not be reached. `least`: the back-off is
    /// not shorter, so that a ping comes before the next call does.
    pub fn fails(&mut self, place: &Place, least: Duration, now: Timestamp) {
        self.backs_off(place, Fault::Silent, least, now);
    }

    fn backs_off(&mut self, place: &Place, fault: Fault, least: Duration, now: Timestamp) {
        let before = self.0.get(place);
        // The failures of calls that were under way together are one.
        if before.is_some_and(|down| down.asked && now < down.until) {
            return;
        }
        let failures = match before {
            Some(down) if now < down.until => down.failures.max(1),
            Some(down) => down.failures.saturating_add(1),
            None => 1,
        };
        let doubled = FIRST.saturating_mul(1 << (failures - 1).min(16)).min(MOST);
        let until = now + doubled.max(least);
        let since = before.map_or(now, |down| down.since);
        self.put(place, Down { failures, since, until, fault, asked: false });
    }

    /// It said 503, and maybe when it wants to be asked again.
    pub fn is_busy(&mut self, place: &Place, retry_after: Option<Duration>, now: Timestamp) {
        match retry_after {
            Some(span) if !span.is_zero() => {
                let until = now + span.min(RETRY_AFTER_MOST);
                let (failures, since) =
                    self.0.get(place).map_or((1, now), |down| (down.failures, down.since));
                self.put(place, Down { failures, since, until, fault: Fault::Busy, asked: true });
            }
            _ => self.backs_off(place, Fault::Busy, Duration::ZERO, now),
        }
    }

    /// It answered.
    pub fn is_well(&mut self, place: &Place, now: Timestamp) {
        if self.0.get(place).is_some_and(|down| !down.asked || down.until <= now) {
            self.0.remove(place);
        }
    }

    /// Why it is to be skipped now; `None`: it may be tried.
    pub fn find(&self, place: &Place, now: Timestamp) -> Option<Down> {
        self.0.get(place).copied().filter(|down| now < down.until)
    }

    /// Whether the last thing that was heard of it was nothing good.
    pub fn is_suspect(&self, place: &Place) -> bool {
        self.0.contains_key(place)
    }

    /// The addresses of this URI that nothing good was heard of.
    pub fn of<'a>(&'a self, uri: &'a str) -> impl Iterator<Item = (&'a Peer, &'a Down)> {
        let of_uri = self.0.iter().filter(move |(place, _)| &*place.uri == uri);
        of_uri.map(|(place, down)| (&place.peer, down))
    }

    fn put(&mut self, place: &Place, down: Down) {
        if self.0.len() >= HOPS_MAX && !self.0.contains_key(place) {
            let next = self.0.iter().min_by_key(|(_, down)| down.until).map(|(place, _)| place.clone());
            next.map(|next| self.0.remove(&next));
        }
        self.0.insert(place.clone(), down);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sip::transport::Transport;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_ms(0) + Duration::from_secs(seconds)
    }

    fn place(last: u8) -> Place {
        let address = ([192, 0, 2, last], 5060).into();
        Place { uri: "sip:carrier.example".into(), peer: Peer { transport: Transport::Udp, address } }
    }

    fn until(health: &Health, now: u64) -> Option<Timestamp> {
        health.find(&place(1), at(now)).map(|down| down.until)
    }

    #[test]
    fn a_hop_that_fails_is_left_alone_and_twice_as_long_when_it_fails_again() {
        let mut health = Health::default();

        health.fails(&place(1), Duration::ZERO, at(0));
        assert_eq!((until(&health, 0), until(&health, 30)), (Some(at(30)), None));
        health.fails(&place(1), Duration::ZERO, at(30));
        assert_eq!(until(&health, 31), Some(at(90)));

        assert_eq!(health.find(&place(2), at(31)), None);
    }

    #[test]
    fn what_is_down_tells_since_when_and_what_was_the_matter_last() {
        let mut health = Health::default();
        let told = |health: &Health| health.0.get(&place(1)).map(|down| (down.since, down.fault));

        health.fails(&place(1), Duration::ZERO, at(5));
        health.is_busy(&place(1), None, at(40));
        assert_eq!(told(&health), Some((at(5), Fault::Busy)));
        health.is_busy(&place(1), Some(Duration::from_secs(9)), at(200));
        health.fails(&place(1), Duration::ZERO, at(300));
        assert_eq!(told(&health), Some((at(5), Fault::Silent)));
        health.is_well(&place(1), at(400));
        health.is_busy(&place(1), Some(Duration::from_secs(9)), at(500));
        assert_eq!(told(&health), Some((at(500), Fault::Busy)), "it had answered meanwhile");
    }

    #[test]
    fn calls_that_fail_together_count_once() {
        let mut health = Health::default();

        for _ in 0..50 {
            health.fails(&place(1), Duration::ZERO, at(1));
        }

        assert_eq!(health.find(&place(1), at(1)).map(|down| down.failures), Some(1));
    }

    #[test]
    fn an_answer_brings_a_hop_back_but_not_before_the_time_it_named_itself() {
        let mut health = Health::default();

        health.fails(&place(1), Duration::ZERO, at(0));
        health.is_well(&place(1), at(1));
        assert_eq!(until(&health, 1), None);
        health.is_busy(&place(1), Some(Duration::from_secs(60)), at(2));
        health.is_well(&place(1), at(3));
        health.fails(&place(1), Duration::ZERO, at(3));
        assert_eq!(until(&health, 3), Some(at(62)));
        health.is_well(&place(1), at(62));
        assert!(!health.is_suspect(&place(1)));
    }

    proptest! {
        /// Whatever happens, a hop may be tried again after a bounded time, and
        /// no more hops are remembered than there is room for.
        #[test]
        fn nobody_is_given_up_for_ever(
            script in proptest::collection::vec((0_u64..2_000, 0_u8..3, any::<u8>(), 0_u64..1_000_000), 0..60),
        ) {
            let (mut health, mut now) = (Health::default(), 0);
            for (wait, what, last, seconds) in script {
                now += wait;
                let retry_after = Some(Duration::from_secs(seconds));
                match what {
                    0 => health.fails(&place(last), Duration::from_secs(5), at(now)),
                    1 => health.is_busy(&place(last), retry_after, at(now)),
                    _ => health.is_well(&place(last), at(now)),
                }
                let most = at(now) + RETRY_AFTER_MOST;
                prop_assert!(health.0.values().all(|down| down.until <= most));
                prop_assert!(health.0.len() <= HOPS_MAX);
            }
        }
    }
}
