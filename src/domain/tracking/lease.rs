//! How long a visit keeps a tracking number, and when it may be lent again.
//!
//! A number that was on a page is still in somebody's call history, so after
//! a lease ends the number rests for a *quarantine* before the next visit
//! gets it. Calls inside the quarantine still belong to the last visit.
//!
//! ```text
//!   started ── seen ── seen ──┬─ keep-alive ─┬─ quarantine ─┬─ free
//!                             last seen      no longer live  may be lent
//! ```
//!
//! A visitor who comes back gets the number they had, for as long as nobody
//! else was lent it or shares it: it may be on their screen or in their call history still.
//! Everybody else gets the free number that was seen least recently, so that
//! late callers have the longest time. [`choose_number`] is that rule; the
//! database carries it out in its own words, so that two claims cannot meet.
//! When all are taken a visit may share one: [`super::sharing`].

use std::time::Duration;

use serde::Serialize;

use super::swap::Rule;
use crate::domain::ids::{LeaseId, VisitId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// One number lent to one visit; kept for ever, since calls come late.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Lease {
    pub id: LeaseId,
    pub number: Phone,
    pub visit: VisitId,
    pub visitor: VisitorId,
    pub started_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// `None`: from before it was kept.
    pub rule: Option<Rule>,
}

/// How long a pool's numbers stay with a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    pub keep_alive: Duration,
    pub quarantine: Duration,
}

/// Whose a number is some time after its holder was last seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ownership {
    /// The page is (as good as) open.
    Live,
    /// The visitor has left; the number rests and is still theirs.
    Late,
    /// The number may have been lent to somebody else since.
    Gone,
}

/// How a number in service stands, as far as a claim asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    pub number: Phone,
    pub free_at: Timestamp,
    /// The visitor it was last lent to.
    pub holder: Option<VisitorId>,
    /// Another visitor is shown it, too, until then.
    pub shared_until: Timestamp,
}

/// The number of a pool that `visitor` gets, or `None` if all are taken.
pub fn choose_number(pool: &[Standing], visitor: VisitorId, now: Timestamp) -> Option<&Phone> {
    let own = pool.iter().filter(|standing| standing.holder == Some(visitor) && standing.shared_until <= now);
    let free = pool.iter().filter(|standing| standing.free_at <= now);
    own.max_by_key(|standing| (standing.free_at, &standing.number))
        .or_else(|| free.min_by_key(|standing| (standing.free_at, &standing.number)))
        .map(|standing| &standing.number)
}

impl Policy {
    /// When a number seen on a page at `seen` may be lent to another visit.
    pub fn free_at(self, seen: Timestamp) -> Timestamp {
        seen + self.keep_alive + self.quarantine
    }

    pub fn ownership(self, last_seen: Timestamp, now: Timestamp) -> Ownership {
        if now < last_seen + self.keep_alive {
            Ownership::Live
        } else if now < self.free_at(last_seen) {
            Ownership::Late
        } else {
            Ownership::Gone
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const POLICY: Policy = Policy { keep_alive: MINUTE, quarantine: MINUTE };

    #[test]
    fn a_call_in_quarantine_still_belongs_to_the_last_visitor() {
        let seen = Timestamp::from_ms(0);

        assert_eq!(POLICY.ownership(seen, seen), Ownership::Live);
        assert_eq!(POLICY.ownership(seen, seen + MINUTE), Ownership::Late);
        assert_eq!(POLICY.ownership(seen, seen + 2 * MINUTE), Ownership::Gone);
    }

    #[test]
    fn a_number_is_free_exactly_when_it_is_nobodys() {
        let seen = Timestamp::from_ms(0);
        let free = POLICY.free_at(seen);

        assert_eq!(POLICY.ownership(seen, free - Duration::from_millis(1)), Ownership::Late);
        assert_eq!(POLICY.ownership(seen, free), Ownership::Gone);
    }

    #[test]
    fn a_visitors_own_number_goes_before_the_one_that_rested_longest() {
        let visitor = |n| VisitorId(uuid::Uuid::from_u128(n));
        let standing = |last, minutes: u32, holder: Option<u128>| Standing {
            number: format!("+3319900{last}").parse().unwrap(),
            free_at: Timestamp::from_ms(0) + minutes * MINUTE,
            holder: holder.map(visitor),
            shared_until: Timestamp::from_ms(0),
        };
        let pool = [standing(1000, 30, Some(1)), standing(1001, 10, Some(2)), standing(1002, 20, None)];
        let chosen = |n, minutes: u32| {
            let number = choose_number(&pool, visitor(n), Timestamp::from_ms(0) + minutes * MINUTE);
            number.map(|number| number.reveal()[8..].to_owned())
        };

        assert_eq!(chosen(1, 0).as_deref(), Some("1000"));
        assert_eq!(chosen(3, 9), None);
        assert_eq!(chosen(3, 10).as_deref(), Some("1001"));
        assert_eq!(chosen(3, 99).as_deref(), Some("1001"));
        assert_eq!(chosen(1, 99).as_deref(), Some("1000"));
    }
}
