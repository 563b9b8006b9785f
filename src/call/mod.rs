//! One call as a state machine without I/O: what happened goes in with the
//! time, what to do comes out, and [`Call::wake_at`] says when to look again.
//!
//! ```text
//!                 ┌──────────────────────── refused, unreachable, ring time over ─┐
//!   arrive ─┬─▶ Dialing ── answered ──▶ Talking ── either side hangs up ──────────┤
//!           │   (step by step,            └─ lines withdrawn ─┐                   │
//!           │    prompts between,                             │                   │
//!           │    a whisper to who answers)                    │                   │
//!           │      └─ caller gives up ──▶ Ending ◀────────────┘ all are back ─────┤
//!           └─ number unknown, caller blocked ────────────────────────────────────┴─▶ Over
//! ```
//!
//! While talking, the line may ask that the talk be carried on elsewhere:
//!
//! ```text
//!   Talking ── REFER ──▶ Transferring ── the new line takes it, the caller follows ──▶ Talking
//!      ▲                      └── it does not: the talk goes on as it was ──┐
//!      └──────────────────────────────────────────────────────────────────┘
//! ```
//!
//! And once the caller has hung up, the line may be asked what the call was ([`rating`]).
//!
//! The call knows legs, not messages. It is cut by phase: each phase owns its
//! data, is consumed by what happens and gives back the next one.

pub mod input;
pub mod leg;
pub mod output;

mod aligning;
mod arriving;
mod attending;
mod dialing;
mod early;
mod ending;
mod facts;
mod rating;
mod referred;
mod refusal;
mod talking;
mod transferring;
mod whispering;

use std::time::Duration;

use crate::domain::calling::routing::Way;
use crate::domain::calling::transfer::Transfers;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use dialing::Dialing;
use ending::Ending;
use facts::Facts;
use input::Input;
use output::Output;
use rating::Rating;
use talking::Talking;
use transferring::Transferring;

/// What a call may do at the most.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From answer to the end the gateway makes.
    pub talk: Duration,
    /// Where a line may have the talk carried on; `None`: nowhere.
    pub transfers: Option<Transfers>,
}

/// A call from its INVITE to its end.
#[derive(Debug)]
pub struct Call {
    facts: Facts,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Dialing(Box<Dialing>),
    Talking(Talking),
    Transferring(Box<Transferring>),
    Rating(Rating),
    Ending(Ending),
    Over,
}

impl Call {
    /// A caller stands at the door; `way` is `None` for a number we do not know.
    pub fn arrive(
        id: CallId,
        way: Option<Way>,
        limits: Limits,
        payload: input::Payload,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Self {
        let mut facts = Facts::new(id);
        let phase = arriving::arrive(&mut facts, way, limits, payload, now, out);
        Self { facts, phase }
    }

    /// A caller stands at the door, and is not let in.
    pub fn turn_away(id: CallId, status: input::Status, now: Timestamp, out: &mut Vec<Output>) -> Self {
        let mut facts = Facts::new(id);
        let phase = arriving::turn_away(&mut facts, status, now, out);
        Self { facts, phase }
    }

    /// Takes what happened and appends what to do; carry all of it out before the next input.
    pub fn handle(&mut self, input: Input, now: Timestamp, out: &mut Vec<Output>) {
        let phase = std::mem::replace(&mut self.phase, Phase::Over);
        self.phase = match phase {
            Phase::Dialing(dialing) => dialing.on(input, &mut self.facts, now, out),
            Phase::Talking(talking) => talking.on(input, &mut self.facts, now, out),
            Phase::Transferring(it) => it.on(input, &mut self.facts, now, out),
            Phase::Rating(rating) => rating.on(input, &self.facts, now, out),
            Phase::Ending(ending) => ending.on(input, now, out),
            // Whatever crosses the end on the wire changes nothing any more.
            Phase::Over => Phase::Over,
        };
    }

    /// When [`Input::Woken`] is due; `None` when nothing is waited for.
    pub fn wake_at(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::Dialing(dialing) => Some(dialing.wake_at()),
            Phase::Talking(talking) => Some(talking.wake_at()),
            Phase::Transferring(it) => Some(it.wake_at()),
            Phase::Rating(rating) => Some(rating.wake_at()),
            Phase::Ending(ending) => Some(ending.wake_at()),
            Phase::Over => None,
        }
    }

    /// Whether a line is asked what the call was: its caller is gone, and it is not.
    pub fn is_rated(&self) -> bool {
        matches!(self.phase, Phase::Rating(_))
    }

    /// Whether [`Output::Done`] has been said.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }
}

#[cfg(test)]
mod tests;
