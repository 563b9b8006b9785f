//! Where a carrier finds us: a binding that we make and keep alive (RFC 3261 §10.2).
//!
//! ```text
//!           ┌────────── refreshed before it ends ─────────┐
//!           ▼                                             │
//!   Due ─▶ Asked ── 200 ──▶ Due (at four fifths of the time that was granted)
//!    ▲      │  └── 423 ───▶ Due (at once, for as long as the registrar wants)
//!    └──────┘ refused, silent: later and later
//!
//!   leave ─▶ Leaving ─ whatever is said ─▶ Gone
//! ```
//!
//! Chance is handed in: gateways that lost their carrier together must not all
//! come back in the same second.

use std::time::Duration;

use crate::domain::time::Timestamp;

/// After the first failure …
const FIRST: Duration = Duration::from_secs(4);
/// … after one that a person must mend (a wrong password), so that no account is locked …
const FIRST_OF_PERSONS: Duration = Duration::from_secs(60);
/// … and after many.
const MOST: Duration = Duration::from_secs(5 * 60);
/// A registrar does not send us away for longer than this.
const RETRY_AFTER_MOST: Duration = Duration::from_secs(60 * 60);
/// A registrar that wants bindings longer than this is not obeyed.
const SPAN_MOST: u32 = 7 * 24 * 60 * 60;
/// Chance is drawn below this.
pub const CHANCES: u64 = 1_000;

/// What the registrar said to a REGISTER.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// 200, and for how long it has us.
    Granted {
        secs: u32,
    },
    /// 423, and the least that it bears.
    TooBrief {
        least: u32,
    },
    Refused {
        status: u16,
        retry_after: Option<Duration>,
    },
    Nothing,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Due { at: Timestamp },
    Asked,
    Leaving,
    Gone,
}

/// One binding.
#[derive(Clone, Debug)]
pub struct Registration {
    state: State,
    /// For how long we ask.
    secs: u32,
    /// When the registrar forgets us.
    bound_until: Option<Timestamp>,
    failures: u32,
    /// The status of the last refusal; 0: nothing was heard.
    pub refused: Option<u16>,
}

impl Registration {
    pub fn start(span: Duration, now: Timestamp) -> Self {
        let secs = u32::try_from(span.as_secs()).unwrap_or(SPAN_MOST).clamp(1, SPAN_MOST);
        Self { state: State::Due { at: now }, secs, bound_until: None, failures: 0, refused: None }
    }

    pub fn wake_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Due { at } => Some(at),
            State::Asked | State::Leaving | State::Gone => None,
        }
    }

    /// The seconds to ask for, if it is time to.
    pub fn wake(&mut self, now: Timestamp) -> Option<u32> {
        match self.state {
            State::Due { at } if at <= now => {
                self.state = State::Asked;
                Some(self.secs)
            }
            _ => None,
        }
    }

    /// `chance` is below [`CHANCES`].
    pub fn hear(&mut self, said: Said, chance: u64, now: Timestamp) {
        match (self.state, said) {
            // Nothing was asked, or nothing is wanted any more.
            (State::Due { .. } | State::Gone, _) => {}
            (State::Leaving, _) => {
                (self.state, self.bound_until) = (State::Gone, None);
            }
            (State::Asked, Said::Granted { secs }) if secs > 0 => {
                let secs = secs.min(SPAN_MOST);
                self.bound_until = Some(now + Duration::from_secs(secs.into()));
                (self.failures, self.refused) = (0, None);
                // Between three quarters and nine tenths of the time.
                let share = 750 + 150 * chance.min(CHANCES) / CHANCES;
                self.state = State::Due { at: now + Duration::from_millis(u64::from(secs) * share) };
            }
            (State::Asked, Said::TooBrief { least }) if (self.secs + 1..=SPAN_MOST).contains(&least) => {
                self.secs = least;
                self.state = State::Due { at: now };
            }
            (State::Asked, said) => self.fail(said, chance, now),
        }
    }

    fn fail(&mut self, said: Said, chance: u64, now: Timestamp) {
        let (status, retry_after) = match said {
            Said::Refused { status, retry_after } => (status, retry_after),
            Said::TooBrief { .. } => (423, None),
            Said::Granted { .. } | Said::Nothing => (0, None),
        };
        let is_for_persons = matches!(status, 401 | 402 | 403 | 404 | 407);
        let first = if is_for_persons { FIRST_OF_PERSONS } else { FIRST };
        let whole = first.saturating_mul(1 << self.failures.min(10)).min(MOST);
        // From half of it to all of it.
        let share = u32::try_from(CHANCES + chance.min(CHANCES)).unwrap_or(u32::MAX);
        let pause = whole * share / (2 * CHANCES as u32);
        let pause = pause.max(retry_after.unwrap_or_default().min(RETRY_AFTER_MOST));
        self.failures = self.failures.saturating_add(1);
        self.refused = Some(status);
        self.state = State::Due { at: now + pause };
    }

    /// We go: whether the registrar is to be told.
    pub fn leave(&mut self, now: Timestamp) -> bool {
        let is_bound = self.is_registered(now);
        self.state = if is_bound { State::Leaving } else { State::Gone };
        is_bound
    }

    /// Calls find us.
    pub fn is_registered(&self, now: Timestamp) -> bool {
        self.bound_until.is_some_and(|until| now < until)
    }

    pub fn bound_until(&self) -> Option<Timestamp> {
        self.bound_until
    }

    /// Nothing is under way and nothing will be.
    pub fn is_gone(&self) -> bool {
        self.state == State::Gone
    }

    /// Whether an answer of the registrar is waited for.
    pub fn is_asked(&self) -> bool {
        matches!(self.state, State::Asked | State::Leaving)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_ms(0) + Duration::from_secs(seconds)
    }

    fn start() -> Registration {
        Registration::start(Duration::from_secs(600), at(0))
    }

    /// Asks when it is due: the seconds that are asked for, and when.
    fn ask(registration: &mut Registration) -> (Timestamp, u32) {
        let due = registration.wake_at().expect("it is to be asked some time");
        (due, registration.wake(due).expect("it is due"))
    }

    #[test]
    fn a_binding_is_refreshed_before_the_time_that_the_registrar_gave_it() {
        let mut registration = start();
        assert_eq!(ask(&mut registration), (at(0), 600));

        registration.hear(Said::Granted { secs: 100 }, 500, at(1));

        assert!(registration.is_registered(at(100)) && !registration.is_registered(at(101)));
        let (due, secs) = ask(&mut registration);
        assert!((at(76)..at(91)).contains(&due), "{due:?}");
        assert_eq!(secs, 600);
    }

    #[test]
    fn a_registrar_that_wants_longer_bindings_gets_them_at_once() {
        let mut registration = start();
        ask(&mut registration);

        registration.hear(Said::TooBrief { least: 1_800 }, 0, at(1));
        assert_eq!(ask(&mut registration), (at(1), 1_800));

        // One that asks for less than it was given plays tricks.
        registration.hear(Said::TooBrief { least: 60 }, 0, at(2));
        assert!(registration.wake_at() > Some(at(2)));
    }

    #[test]
    fn failures_are_tried_again_later_and_later_and_never_together() {
        let mut registration = start();
        let mut pauses = vec![];
        let mut now = at(0);
        for chance in [0, 999, 0, 999, 0, 999, 0, 999] {
            now = ask(&mut registration).0;
            registration.hear(Said::Nothing, chance, now);
            pauses.push(registration.wake_at().unwrap().since(now).as_millis());
        }

        assert_eq!(pauses, [2_000, 7_996, 8_000, 31_984, 32_000, 127_936, 128_000, 299_850]);
        let patient = Said::Refused { status: 503, retry_after: Some(Duration::from_secs(900)) };
        let now = registration.wake_at().unwrap().max(now);
        ask(&mut registration);
        registration.hear(patient, 0, now);
        assert_eq!(registration.wake_at(), Some(now + Duration::from_secs(900)));
    }

    #[test]
    fn a_wrong_password_is_not_knocked_with() {
        let mut registration = start();
        ask(&mut registration);

        registration.hear(Said::Refused { status: 403, retry_after: None }, 0, at(0));

        assert_eq!((registration.wake_at(), registration.refused), (Some(at(30)), Some(403)));
    }

    #[test]
    fn who_leaves_tells_the_registrar_if_that_has_us() {
        let (mut bound, mut stranger) = (start(), start());
        ask(&mut bound);
        bound.hear(Said::Granted { secs: 600 }, 0, at(1));

        assert!(bound.leave(at(2)) && !bound.is_gone());
        bound.hear(Said::Nothing, 0, at(3));
        assert!(bound.is_gone() && bound.wake_at().is_none());
        assert!(!stranger.leave(at(2)) && stranger.is_gone());
    }

    fn any_said() -> impl Strategy<Value = Said> {
        prop_oneof![
            any::<u32>().prop_map(|secs| Said::Granted { secs }),
            any::<u32>().prop_map(|least| Said::TooBrief { least }),
            (400_u16..700, any::<Option<u32>>()).prop_map(|(status, secs)| Said::Refused {
                status,
                retry_after: secs.map(|secs| Duration::from_secs(secs.into())),
            }),
            Just(Said::Nothing),
        ]
    }

    proptest! {
        /// Whatever a registrar says, we ask again: not at once for ever, and
        /// before a binding that it granted is over.
        #[test]
        fn nobody_makes_us_stop_or_hammer(
            script in proptest::collection::vec((any_said(), 0_u64..CHANCES), 1..40),
        ) {
            let (mut registration, mut at_once) = (start(), 0);
            for (said, chance) in script {
                let (now, secs) = ask(&mut registration);
                prop_assert!((1..=SPAN_MOST).contains(&secs));
                registration.hear(said, chance, now);
                let due = registration.wake_at();
                prop_assert!(due.is_some_and(|due| due <= now + Duration::from_secs(SPAN_MOST.into())));
                at_once = if due == Some(now) { at_once + 1 } else { 0 };
                let is_fresh = matches!(said, Said::TooBrief { .. });
                prop_assert!(at_once == 0 || is_fresh, "{said:?}");
                if matches!(said, Said::Granted { secs } if secs > 0) {
                    prop_assert!(due < registration.bound_until());
                }
            }
        }
    }
}
