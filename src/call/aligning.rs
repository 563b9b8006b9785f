//! After a transfer: each side has the session that the other has now.
//!
//! The new line was offered what the caller had said until then, and the caller
//! answers the new line's session with one that may be another: its port has
//! moved, it has left a codec out (RFC 3725 §4.4). So each is given what the
//! other has said last, until neither says anything new. What a leg was given
//! last is known to the wire, which asks only where that differs.
//!
//! ```text
//!   caller's answer ─▶ line ── has it, or refuses ─────────────▶ over
//!                       │ answers anew                            ▲
//!                       └──▶ caller ── has it … (a few rounds) ───┘
//! ```

use std::time::Duration;

use super::facts::Facts;
use super::input::{MidCall, Payload, Status};
use super::leg::LegId;
use super::output::Output;
use super::talking::Talking;
use crate::domain::time::Timestamp;

/// Two sides that answer each time with something new are left as they are.
pub(super) const ROUNDS_MAX: u8 = 4;
/// How often one is asked anew after a request of its own crossed ours.
pub(super) const CROSSINGS_MAX: u8 = 5;

#[derive(Debug)]
pub(super) struct Aligning {
    /// Who is given the other's session.
    leg: LegId,
    session: Payload,
    rounds: u8,
    crossings: u8,
    /// Its own request crossed ours; `None`: it is being asked.
    again_at: Option<Timestamp>,
}

impl Aligning {
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.again_at
    }

    pub fn awaits(&self, leg: LegId, what: MidCall) -> bool {
        self.leg == leg && self.again_at.is_none() && what == MidCall::Reinvite
    }
}

impl Talking {
    pub fn align(&mut self, leg: LegId, session: Payload, out: &mut Vec<Output>) {
        self.align_again(Aligning { leg, session, rounds: 0, crossings: 0, again_at: None }, out);
    }

    /// The one that was given a session has replied.
    pub fn aligned(
        &mut self,
        status: &Status,
        answer: Payload,
        facts: &Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let Some(was) = self.aligning.take() else { return };
        let Aligning { leg, rounds, crossings, .. } = was;
        match status.code {
            200..300 if !answer.body.is_empty() && rounds < ROUNDS_MAX => {
                let (leg, rounds) = (self.other(leg), rounds + 1);
                self.align_again(
                    Aligning { leg, session: answer, rounds, crossings: 0, again_at: None },
                    out,
                );
            }
            491 if crossings < CROSSINGS_MAX => {
                let again_at = Some(now + pause_after_crossing(facts, crossings));
                self.aligning = Some(Aligning { crossings: crossings + 1, again_at, ..was });
            }
            // It has had it already, or keeps what it has.
            _ => {}
        }
    }

    pub fn wake_aligning(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        if let Some(due) = self.aligning.take_if(|it| it.again_at.is_some_and(|at| at <= now)) {
            self.align_again(Aligning { again_at: None, ..due }, out);
        }
    }

    fn align_again(&mut self, it: Aligning, out: &mut Vec<Output>) {
        out.push(Output::Align { leg: it.leg, payload: it.session.clone() });
        self.aligning = Some(it);
    }
}

/// RFC 3261 §14.1: up to 2 seconds, in steps of 10 ms, for the side that did
/// not choose the Call-ID. The chance is that of the call's own id.
pub(super) fn pause_after_crossing(facts: &Facts, crossings: u8) -> Duration {
    let steps = (facts.call.0.as_u128() >> (8 * crossings)) % 201;
    Duration::from_millis(10 * steps as u64)
}
