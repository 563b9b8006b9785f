//! The call is decided; attempts that were withdrawn are still on their way back.
//!
//! A CANCEL may cross the answer on the wire. Then the business line believes
//! that it talks to somebody, and has to be hung up.

use std::time::Duration;

use super::Phase;
use super::input::{Input, MidCall, Payload, Status};
use super::leg::LegId;
use super::output::Output;
use crate::domain::time::Timestamp;

/// RFC 3261 §9.1: an INVITE that was cancelled counts as over 64·T1 later;
/// a little more, so that the wire's own timer comes first.
const PATIENCE: Duration = Duration::from_secs(34);

#[derive(Debug)]
pub(super) struct Ending {
    legs: Vec<LegId>,
    give_up_at: Timestamp,
}

impl Ending {
    /// Waits for these legs; without any the call is over at once.
    pub fn begin(legs: Vec<LegId>, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        Self { legs, give_up_at: now + PATIENCE }.unless_done(out)
    }

    fn unless_done(self, out: &mut Vec<Output>) -> Phase {
        if !self.legs.is_empty() {
            return Phase::Ending(self);
        }
        out.push(Output::Done);
        Phase::Over
    }

    /// Whether this leg was waited for; it is not any more.
    fn is_back(&mut self, leg: LegId) -> bool {
        let before = self.legs.len();
        self.legs.retain(|waited| *waited != leg);
        self.legs.len() < before
    }

    pub fn wake_at(&self) -> Timestamp {
        self.give_up_at
    }

    pub fn on(mut self, input: Input, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        match input {
            Input::Answered { leg, .. } => {
                if self.is_back(leg) {
                    out.push(Output::HangUp { leg });
                }
                self.unless_done(out)
            }
            Input::Refused { leg, .. } | Input::Unreachable { leg, .. } => {
                self.is_back(leg);
                self.unless_done(out)
            }
            Input::Woken if now >= self.give_up_at => {
                out.push(Output::Done);
                Phase::Over
            }
            Input::Asked { leg, what, .. } => {
                let status = Status::new(481, "Call/Transaction Does Not Exist");
                out.push(Output::Reply { leg, what, status, payload: Payload::default() });
                Phase::Ending(self)
            }
            Input::Referred { leg, .. } => {
                let status = Status::new(481, "Call/Transaction Does Not Exist");
                out.push(Output::Reply { leg, what: MidCall::Refer, status, payload: Payload::default() });
                Phase::Ending(self)
            }
            // The caller is gone and the record is written: nothing else matters.
            Input::Progressed { .. }
            | Input::Acked { .. }
            | Input::Cancelled
            | Input::HungUp { .. }
            | Input::Replied { .. }
            | Input::Taken { .. }
            | Input::Woken
            | Input::Said { .. }
            | Input::Mute { .. }
            | Input::Unsaid { .. }
            | Input::Pressed { .. }
            | Input::Chosen(_)
            | Input::Silent(_)
            | Input::Stopped => Phase::Ending(self),
        }
    }
}
