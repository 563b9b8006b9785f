//! Whether a domain takes mail at all, by what name servers say of it, and when they are asked again.
//!
//! ```text
//!   MX ─┬─ names a server ─────────────▶ takes mail
//!       ├─ names nothing (null MX) ────▶ takes none     RFC 7505
//!       ├─ there is none ─▶ A, AAAA ─┬─ an address ──▶ takes mail     RFC 5321 §5.1
//!       │                            └─ none ────────▶ takes none
//!       ├─ there is no such domain ────▶ takes none
//!       └─ nobody answers ─────────────▶ says nothing
//! ```
//!
//! A name server that fails says nothing of the domain: what was known stays, and it is asked again, ever later.

use std::time::Duration;

use crate::domain::calling::outcome::words;
use crate::domain::time::Timestamp;

/// What is known of a domain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    TakesMail,
    /// Nothing that is sent there arrives.
    TakesNone,
}

words! { Verdict:
    TakesMail = "takes_mail",
    TakesNone = "takes_none",
}

/// What is said of one kind of record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// There are some.
    Records,
    /// There is one, of mail, that says that there is none.
    NullMx,
    /// There are none, and there is the domain.
    Nothing,
    NoDomain,
    /// Nobody answers, or not to the question.
    Silence,
}

/// What follows from what is said of MX, and where that is nothing, of addresses; `None`: it cannot be told.
pub fn verdict(mx: Said, addresses: &[Said]) -> Option<Verdict> {
    match mx {
        Said::Records => Some(Verdict::TakesMail),
        Said::NullMx | Said::NoDomain => Some(Verdict::TakesNone),
        Said::Silence => None,
        Said::Nothing if addresses.contains(&Said::Records) => Some(Verdict::TakesMail),
        Said::Nothing if addresses.contains(&Said::Silence) => None,
        Said::Nothing => Some(Verdict::TakesNone),
    }
}

const DAY: Duration = Duration::from_hours(24);
/// Servers of mail seldom go; a domain that somebody has let go is often back soon.
const MAIL_HOLDS: Duration = Duration::from_hours(30 * 24);
const NONE_HOLDS: Duration = Duration::from_hours(7 * 24);
/// After the first failure; twice as long after each further one, a day at the most.
const FAILURE_HOLDS: Duration = Duration::from_hours(1);

/// When it is asked again, by what was told just now; `failures` in a row, this one counted.
pub fn next_ask(told: Option<Verdict>, failures: u32, now: Timestamp) -> Timestamp {
    now + match told {
        Some(Verdict::TakesMail) => MAIL_HOLDS,
        Some(Verdict::TakesNone) => NONE_HOLDS,
        None => FAILURE_HOLDS.saturating_mul(1 << failures.saturating_sub(1).min(8)).min(DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::Said::{NoDomain, Nothing, NullMx, Records, Silence};
    use super::Verdict::{TakesMail, TakesNone};
    use super::*;

    #[test]
    fn a_domain_takes_mail_by_its_servers_or_its_address() {
        for (mx, addresses, told) in [
            (Records, &[][..], Some(TakesMail)),
            (NullMx, &[], Some(TakesNone)),
            (NoDomain, &[], Some(TakesNone)),
            (Silence, &[], None),
            (Nothing, &[Records, Nothing], Some(TakesMail)),
            (Nothing, &[Nothing, Records], Some(TakesMail)),
            (Nothing, &[Silence, Records], Some(TakesMail)),
            (Nothing, &[Nothing, Silence], None),
            (Nothing, &[Nothing, Nothing], Some(TakesNone)),
            (Nothing, &[NoDomain, NoDomain], Some(TakesNone)),
        ] {
            assert_eq!(verdict(mx, addresses), told, "{mx:?} {addresses:?}");
        }
    }

    #[test]
    fn what_is_known_holds_for_days_and_a_failure_for_hours() {
        let now = Timestamp::from_ms(0);
        for (told, failures, hours) in [
            (Some(TakesMail), 0, 30 * 24),
            (Some(TakesNone), 0, 7 * 24),
            (None, 1, 1),
            (None, 2, 2),
            (None, 5, 16),
            (None, 6, 24),
            (None, u32::MAX, 24),
        ] {
            assert_eq!(
                next_ask(told, failures, now),
                now + Duration::from_hours(hours),
                "{told:?} {failures}"
            );
        }
    }
}
