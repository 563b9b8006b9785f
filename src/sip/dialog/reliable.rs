//! Provisional responses that do not get lost (RFC 3262): the side that was
//! called repeats each until its PRACK, the side that calls takes them in order.
//!
//! ```text
//!   give ─▶ outstanding ── copies at 0.5, 1.5, 3.5 … s ──▶ 32 s: nobody is there
//!             │  PRACK with its number
//!             └──▶ the next that waited, and with the last a held answer
//! ```
//!
//! One at a time: the second would else overtake the first (§3).

use std::collections::VecDeque;
use std::fmt;

use bytes::Bytes;

use crate::domain::time::Timestamp;
use crate::sip::transaction::timers::{PATIENCE, Repeater};

/// More than these do not wait for a caller's PRACK; a line that plays that
/// many announcements before it is heard once is not worth the memory.
const WAITING_MAX: usize = 8;

/// What a PRACK says of the response that it is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RAck {
    pub rseq: u32,
    pub cseq: u32,
    is_of_invite: bool,
}

impl RAck {
    /// `776656 1 INVITE`.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?;
        let mut words = text.split_ascii_whitespace();
        let (rseq, cseq, method) = (words.next()?, words.next()?, words.next()?);
        let all = words.next().is_none();
        all.then_some(Self { rseq: number(rseq)?, cseq: number(cseq)?, is_of_invite: method == "INVITE" })
    }
}

impl fmt::Display for RAck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} INVITE", self.rseq, self.cseq)
    }
}

/// The value of RSeq: digits alone.
pub fn rseq(value: &[u8]) -> Option<u32> {
    number(std::str::from_utf8(value).ok()?.trim())
}

fn number(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// What stands in the PRACK of a response to our INVITE with this CSeq.
pub const fn rack(rseq: u32, cseq: u32) -> RAck {
    RAck { rseq, cseq, is_of_invite: true }
}

/// The reliable provisional responses of the other side, in one dialog.
#[derive(Clone, Copy, Default)]
pub(super) struct InOrder(Option<u32>);

impl InOrder {
    /// Whether it is the next one; a copy, or one that overtook another, is
    /// neither acknowledged nor heard (§4).
    pub(super) fn admit(&mut self, rseq: u32) -> bool {
        let is_next = self.0.is_none_or(|last| last.checked_add(1) == Some(rseq));
        if is_next {
            self.0 = Some(rseq);
        }
        is_next
    }
}

/// Ours, in one dialog.
pub struct Provisionals {
    /// The number of the last that was given.
    last: u32,
    outstanding: Option<Outstanding>,
    waiting: VecDeque<Given>,
    /// The latest that was acknowledged had a session.
    agreed: bool,
}

struct Given {
    rseq: u32,
    bytes: Bytes,
    has_session: bool,
}

struct Outstanding {
    given: Given,
    resend: Repeater,
    give_up_at: Timestamp,
}

/// What is due when a response wakes.
#[derive(Clone, PartialEq, Eq)]
pub enum Due {
    /// The response again, as it was.
    Send(Bytes),
    /// No PRACK came.
    GiveUp,
}

/// No response of this number waits for a PRACK: 481.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no response waits for this PRACK")]
pub struct NotAwaited;

impl Provisionals {
    /// The first one will have the number after `seed`.
    pub fn start(seed: u32) -> Self {
        Self { last: seed, outstanding: None, waiting: VecDeque::new(), agreed: false }
    }

    /// Takes a response in, which is written once its number is known, and
    /// gives it back where it may go out now. `None`: it waits, or is one too many.
    pub fn give(
        &mut self,
        has_session: bool,
        now: Timestamp,
        write: impl FnOnce(u32) -> Bytes,
    ) -> Option<Bytes> {
        if self.waiting.len() == WAITING_MAX {
            return None;
        }
        self.last += 1;
        let given = Given { rseq: self.last, bytes: write(self.last), has_session };
        if self.outstanding.is_some() {
            self.waiting.push_back(given);
            return None;
        }
        Some(self.put_out(given, now))
    }

    fn put_out(&mut self, given: Given, now: Timestamp) -> Bytes {
        let bytes = given.bytes.clone();
        // Like a 2xx it is repeated on every transport, but the distances double for ever.
        let resend = Repeater::of_provisional(now);
        self.outstanding = Some(Outstanding { given, resend, give_up_at: now + PATIENCE });
        bytes
    }

    /// A PRACK came; gives the next response, if one waited.
    pub fn acknowledge(
        &mut self,
        rack: RAck,
        invite_cseq: u32,
        now: Timestamp,
    ) -> Result<Option<Bytes>, NotAwaited> {
        let is_it = |out: &mut Outstanding| {
            rack.is_of_invite && rack.cseq == invite_cseq && rack.rseq == out.given.rseq
        };
        let done = self.outstanding.take_if(is_it).ok_or(NotAwaited)?;
        self.agreed |= done.given.has_session;
        let next = self.waiting.pop_front();
        Ok(next.map(|given| self.put_out(given, now)))
    }

    pub fn wake(&mut self, now: Timestamp) -> Option<Due> {
        let out = self.outstanding.as_mut()?;
        if out.give_up_at <= now {
            self.stop();
            return Some(Due::GiveUp);
        }
        out.resend.fires(now).then(|| Due::Send(out.given.bytes.clone()))
    }

    pub fn wake_at(&self) -> Option<Timestamp> {
        self.outstanding.as_ref().map(|out| out.resend.next_or(out.give_up_at))
    }

    /// A final response was given: nothing is repeated any more.
    pub fn stop(&mut self) {
        self.outstanding = None;
        self.waiting.clear();
    }

    /// Whether a 2xx must wait: a session description is on its way (§3).
    pub fn holds_answer(&self) -> bool {
        let all = self.outstanding.iter().map(|out| &out.given).chain(&self.waiting);
        all.into_iter().any(|given| given.has_session)
    }

    /// Whether the other side has acknowledged a session description, so that
    /// either may offer another by UPDATE (RFC 3311 §5.1).
    pub fn has_agreed(&self) -> bool {
        self.agreed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn named(rseq: u32) -> Bytes {
        Bytes::from(format!("183 {rseq}"))
    }

    #[test]
    fn a_response_is_repeated_at_doubling_distances_until_its_prack() {
        let mut ours = Provisionals::start(41);
        assert_eq!(ours.give(true, at(0), named), Some(named(42)));
        let mut times = vec![];
        while let Some(now) = ours.wake_at().filter(|at| at.as_ms() < 10_000) {
            assert!(ours.wake(now) == Some(Due::Send(named(42))));
            times.push(now.as_ms());
        }

        assert_eq!(times, [500, 1_500, 3_500, 7_500]);
        assert_eq!(ours.acknowledge(rack(42, 1), 1, at(9_000)), Ok(None));
        assert_eq!(ours.wake_at(), None);
        assert!(ours.has_agreed());
    }

    #[test]
    fn without_prack_it_is_given_up_after_32_seconds() {
        let mut ours = Provisionals::start(0);
        ours.give(false, at(0), named);
        let mut last = None;
        while let Some(now) = ours.wake_at() {
            last = ours.wake(now).map(|due| (now.as_ms(), due == Due::GiveUp));
        }

        assert_eq!(last, Some((32_000, true)));
    }

    #[test]
    fn the_second_waits_for_the_prack_of_the_first() {
        let mut ours = Provisionals::start(0);
        ours.give(true, at(0), named);

        assert_eq!(ours.give(false, at(10), named), None);
        assert!(ours.holds_answer());

        assert_eq!(ours.acknowledge(rack(1, 7), 7, at(20)), Ok(Some(named(2))));
        assert!(!ours.holds_answer(), "the second has no session");
    }

    #[test]
    fn a_prack_for_something_else_is_not_awaited() {
        for (wrong, why) in [
            ("2 7 INVITE", "a number that was not given"),
            ("1 8 INVITE", "another INVITE"),
            ("1 7 UPDATE", "another method"),
        ] {
            let mut ours = Provisionals::start(0);
            ours.give(true, at(0), named);

            let rack = RAck::parse(wrong.as_bytes()).unwrap();
            assert_eq!(ours.acknowledge(rack, 7, at(1)), Err(NotAwaited), "{why}");
            assert!(ours.wake_at().is_some(), "{why}");
        }
        let mut ours = Provisionals::start(0);
        ours.give(true, at(0), named);
        assert!(ours.acknowledge(rack(1, 7), 7, at(1)).is_ok());
        assert_eq!(ours.acknowledge(rack(1, 7), 7, at(2)), Err(NotAwaited), "said already");
    }

    #[test]
    fn no_more_wait_than_there_is_room_for() {
        let mut ours = Provisionals::start(0);

        for _ in 0..100 {
            ours.give(true, at(0), named);
        }

        assert_eq!(ours.waiting.len(), WAITING_MAX);
        assert_eq!(ours.last as usize, WAITING_MAX + 1, "and no number is left out");
    }

    #[test]
    fn theirs_are_taken_in_order_and_once() {
        let mut theirs = InOrder::default();

        let heard = [7, 7, 9, 8, 8, 9].map(|rseq| theirs.admit(rseq));

        assert_eq!(heard, [true, false, false, true, false, true]);
    }

    #[test]
    fn what_a_prack_says_is_read_strictly() {
        assert_eq!(RAck::parse(b"776656  1 INVITE"), Some(rack(776_656, 1)));
        assert_eq!(rack(776_656, 1).to_string(), "776656 1 INVITE");
        for text in ["", "1", "1 2", "1 2 INVITE x", "-1 2 INVITE", "99999999999 1 INVITE"] {
            assert_eq!(RAck::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!((rseq(b" 5 "), rseq(b"5;x")), (Some(5), None));
    }
}
