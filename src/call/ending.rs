//! The call is decided; an attempt that was withdrawn is still on its way back.
//!
//! A CANCEL may cross the answer on the wire. Then the business line believes
//! that it talks to somebody, and has to be hung up.

use std::time::Duration;

use super::Phase;
use super::input::{Input, Payload, Status};
use super::leg::LegId;
use super::output::Output;
use crate::domain::time::Timestamp;

/// RFC 3261 §9.1: an INVITE that was cancelled counts as over 64·T1 later;
/// a little more, so that the wire's own timer comes first.
const PATIENCE: Duration = Duration::from_secs(34);

#[derive(Debug)]
pub(super) struct Ending {
    leg: LegId,
    give_up_at: Timestamp,
}

impl Ending {
    pub fn new(leg: LegId, now: Timestamp) -> Self {
        Self { leg, give_up_at: now + PATIENCE }
    }

    pub fn wake_at(&self) -> Timestamp {
        self.give_up_at
    }

    pub fn on(self, input: Input, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        match input {
            Input::Answered { leg, .. } if leg == self.leg => {
                out.push(Output::HangUp { leg });
                out.push(Output::Done);
                Phase::Over
            }
            Input::Refused { leg, .. } | Input::Unreachable { leg, .. } if leg == self.leg => {
                out.push(Output::Done);
                Phase::Over
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
            // The caller is gone and the record is written: nothing else matters.
            Input::Progressed { .. }
            | Input::Answered { .. }
            | Input::Acked { .. }
            | Input::Refused { .. }
            | Input::Unreachable { .. }
            | Input::Cancelled
            | Input::HungUp { .. }
            | Input::Replied { .. }
            | Input::Woken
            | Input::Stopped => Phase::Ending(self),
        }
    }
}
