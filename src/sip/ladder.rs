//! Gathers what is said about each call: every message that comes or goes with
//! the Call-ID of one of its legs, also those that no dialog knows any more.
//!
//! ```text
//!   leg opens ─▶ Call-ID ─▶ its call
//!   message   ─▶ Call-ID ─▶ a rung more            (the bytes are shared, not copied)
//!   call over ─▶ … LINGER … ─▶ the ladder is done  (a last ACK, a repeated BYE)
//! ```
//!
//! A ladder holds the first and the last messages of a call: how it was set up
//! and how it ended. What a long call said in between is only counted.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;

use super::endpoint::LegKey;
use super::transport::Flow;
use crate::call::leg::LegId;
use crate::domain::calling::ladder::{Ladder, Rung, Way};
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;

/// The first messages of a call that are kept, and their bytes.
const FIRST_MESSAGES: usize = 64;
const FIRST_BYTES: usize = 64 * 1024;
/// The last ones, after those.
const LAST_MESSAGES: usize = 64;
const LAST_BYTES: usize = 64 * 1024;
/// What the ladder of a call holds at most.
pub const LADDER_MAX: usize = FIRST_BYTES + LAST_BYTES;
/// How long after a call's end its ladder waits for what is still on its way (T4, RFC 3261 §17).
const LINGER: Duration = Duration::from_secs(5);

/// The ladders of the calls under way.
#[derive(Default)]
pub struct Ladders {
    /// The addresses of our listeners, as [`Flow::listener`] counts.
    locals: Vec<SocketAddr>,
    is_on: bool,
    by_call_id: HashMap<Bytes, LegKey>,
    growing: HashMap<CallId, Growing>,
    /// Calls that are over, in the order in which their ladders are done.
    over: VecDeque<(Timestamp, CallId)>,
}

#[derive(Default)]
struct Growing {
    call_ids: Vec<Bytes>,
    first: Vec<Seen>,
    last: VecDeque<Seen>,
    first_bytes: usize,
    last_bytes: usize,
    left_out: u64,
}

/// A rung as it is held while the call goes on.
struct Seen {
    at: Timestamp,
    leg: LegId,
    way: Way,
    flow: Flow,
    message: Bytes,
}

impl Ladders {
    /// For listeners at these addresses.
    pub fn at(locals: Vec<SocketAddr>, is_on: bool) -> Self {
        Self { locals, is_on, ..Self::default() }
    }

    /// Gathers from now on, or no more; ladders that have begun are given out
    /// when their calls are over.
    pub fn gather(&mut self, is_on: bool) {
        self.is_on = is_on;
    }

    pub fn is_off(&self) -> bool {
        !self.is_on
    }

    /// A leg has sent or got this INVITE.
    pub fn opens(&mut self, leg: LegKey, invite: &Bytes) {
        if self.is_off() {
            return;
        }
        let Some(call_id) = call_id(invite) else { return };
        let growing = self.growing.entry(leg.0).or_default();
        if self.by_call_id.insert(call_id.clone(), leg).is_none() {
            growing.call_ids.push(call_id);
        }
    }

    /// A message came or went.
    pub fn saw(&mut self, way: Way, bytes: &Bytes, flow: Flow, at: Timestamp) {
        if self.is_off() {
            return;
        }
        let Some((call, leg)) = call_id(bytes).and_then(|id| self.by_call_id.get(&id)) else { return };
        let Some(growing) = self.growing.get_mut(call) else { return };
        growing.add(Seen { at, leg: *leg, way, flow, message: bytes.clone() });
    }

    /// The call is over; its ladder is done a little later.
    pub fn closes(&mut self, call: CallId, now: Timestamp) {
        if self.growing.contains_key(&call) {
            self.over.push_back((now + LINGER, call));
        }
    }

    /// The call was turned away at the door: nobody will ask for it.
    pub fn forget(&mut self, call: CallId) {
        self.take(call);
    }

    /// When [`Ladders::done`] has something.
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.over.front().map(|(at, _)| *at)
    }

    /// A ladder that is done by now.
    pub fn done(&mut self, now: Timestamp) -> Option<Ladder> {
        while self.wake_at().is_some_and(|at| at <= now) {
            let (_, call) = self.over.pop_front()?;
            if let Some(ladder) = self.take(call) {
                return Some(ladder);
            }
        }
        None
    }

    /// How many calls have a ladder here.
    pub fn len(&self) -> usize {
        self.growing.len()
    }

    pub fn is_empty(&self) -> bool {
        self.growing.is_empty()
    }

    fn take(&mut self, call: CallId) -> Option<Ladder> {
        let growing = self.growing.remove(&call)?;
        for call_id in &growing.call_ids {
            self.by_call_id.remove(call_id);
        }
        let seen = growing.first.into_iter().chain(growing.last);
        let rungs = seen.filter_map(|seen| seen.rung(&self.locals)).collect();
        Some(Ladder { call, rungs, left_out: growing.left_out })
    }
}

impl Seen {
    fn rung(self, locals: &[SocketAddr]) -> Option<Rung> {
        Some(Rung {
            at: self.at,
            leg: self.leg.0,
            way: self.way,
            transport: self.flow.transport.as_str(),
            local: *locals.get(self.flow.listener)?,
            remote: self.flow.remote,
            message: self.message,
        })
    }
}

impl Growing {
    fn add(&mut self, seen: Seen) {
        let size = seen.message.len();
        // Once the last ones have begun there is no way back to the first.
        let is_first = self.last.is_empty()
            && self.left_out == 0
            && self.first.len() < FIRST_MESSAGES
            && self.first_bytes + size <= FIRST_BYTES;
        if is_first {
            self.first_bytes += size;
            if self.first.len() == self.first.capacity() {
                // A usual call says nine messages before it talks.
                self.first.reserve_exact(10);
            }
            return self.first.push(seen);
        }
        self.last_bytes += size;
        self.last.push_back(seen);
        while self.last.len() > LAST_MESSAGES || self.last_bytes > LAST_BYTES {
            let Some(dropped) = self.last.pop_front() else { return };
            self.last_bytes -= dropped.message.len();
            self.left_out += 1;
        }
    }
}

/// The value of Call-ID, a share of the message.
fn call_id(message: &Bytes) -> Option<Bytes> {
    let mut start = memchr::memchr(b'\n', message)? + 1;
    loop {
        let end = start + memchr::memchr(b'\n', &message[start..])?;
        let line = &message[start..end];
        // Nearly every line is told apart by its first letter.
        match line.first() {
            Some(b'C' | b'c' | b'I' | b'i') => {
                let colon = memchr::memchr(b':', line)?;
                let name = line[..colon].trim_ascii_end();
                if name.eq_ignore_ascii_case(b"Call-ID") || name.eq_ignore_ascii_case(b"i") {
                    return Some(message.slice_ref(line[colon + 1..].trim_ascii()));
                }
            }
            Some(b'\r') | None => return None,
            Some(_) => {}
        }
        start = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sip::transport::Transport;

    const CALL: CallId = CallId(uuid::Uuid::from_u128(7));
    const CALLER: LegKey = (CALL, LegId::CALLER);

    fn flow() -> Flow {
        Flow { transport: Transport::Udp, listener: 0, remote: "192.0.2.1:5060".parse().unwrap() }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn message(call_id: &str, body: usize) -> Bytes {
        format!("INVITE sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\ni : {call_id}\r\n\r\n{}", "x".repeat(body))
            .into()
    }

    fn ladders() -> Ladders {
        let mut ladders = Ladders::at(vec!["192.0.2.2:5060".parse().unwrap()], true);
        ladders.opens(CALLER, &message("a", 0));
        ladders
    }

    #[test]
    fn a_message_belongs_to_the_call_that_its_call_id_names() {
        let mut ladders = ladders();
        ladders.opens((CALL, LegId::LINE), &message("b", 0));

        for call_id in ["a", "b", "c"] {
            ladders.saw(Way::In, &message(call_id, 0), flow(), at(1));
        }
        ladders.closes(CALL, at(2));

        assert_eq!(ladders.done(at(5_001)), None, "what is on its way is waited for");
        let done = ladders.done(at(5_002)).unwrap();
        assert_eq!(done.rungs.iter().map(|rung| rung.leg).collect::<Vec<_>>(), [0, 1]);
        assert!(ladders.is_empty() && ladders.by_call_id.is_empty() && ladders.wake_at().is_none());
    }

    #[test]
    fn a_long_call_keeps_its_beginning_and_its_end() {
        let mut ladders = ladders();

        for n in 0..1_000 {
            ladders.saw(Way::Out, &message("a", 0), flow(), at(n));
        }
        ladders.closes(CALL, at(1_000));

        let done = ladders.done(at(9_000)).unwrap();
        assert_eq!(done.rungs.len(), FIRST_MESSAGES + LAST_MESSAGES);
        assert_eq!(done.left_out, 1_000 - 128);
        assert_eq!((done.rungs[63].at, done.rungs[64].at), (at(63), at(936)));
    }

    #[test]
    fn a_call_that_was_turned_away_leaves_nothing() {
        let mut ladders = ladders();
        ladders.forget(CALL);
        ladders.closes(CALL, at(0));

        assert!(ladders.is_empty() && ladders.wake_at().is_none());
    }

    #[test]
    fn without_a_wish_for_ladders_nothing_is_held() {
        let mut ladders = Ladders::default();
        ladders.opens(CALLER, &message("a", 0));
        ladders.saw(Way::In, &message("a", 0), flow(), at(0));

        assert!(ladders.is_off() && ladders.is_empty() && ladders.by_call_id.is_empty());
    }

    proptest! {
        #[test]
        fn no_call_holds_more_than_its_bounds(sizes: Vec<u16>) {
            let mut ladders = ladders();
            for size in &sizes {
                ladders.saw(Way::In, &message("a", usize::from(*size)), flow(), at(0));
            }
            let growing = &ladders.growing[&CALL];
            let held: usize = growing.first.iter().chain(&growing.last).map(|rung| rung.message.len()).sum();

            prop_assert!(held <= FIRST_BYTES + LAST_BYTES);
            prop_assert_eq!(growing.first.len() + growing.last.len() + growing.left_out as usize, sizes.len());
        }

        #[test]
        fn any_bytes_have_a_call_id_or_none(bytes: Vec<u8>) {
            let _ = call_id(&Bytes::from(bytes));
        }
    }
}
