//! The caller has hung up, and the line is asked what the call was.
//!
//! The record of the call is closed by then. The line alone is still there, and its seat is taken
//! until it is hung up: nobody else is given to it meanwhile.

use std::time::Duration;

use super::Phase;
use super::attending::PATIENCE;
use super::ending::Ending;
use super::facts::Facts;
use super::input::{Input, Payload, Status};
use super::leg::LegId;
use super::output::Output;
use super::referred::decline;
use super::talking::Talking;
use super::whispering::settled;
use crate::domain::calling::handover::{self, Names};
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::domain::calling::qualification::{Qualification, Qualified};
use crate::domain::ids::DestinationId;
use crate::domain::time::Timestamp;

#[derive(Debug)]
pub(super) struct Rating {
    line: LegId,
    /// Attempts that were withdrawn and have not come back yet.
    withdrawn: Vec<LegId>,
    /// Where the line stands.
    destination: DestinationId,
    /// How long a key is waited for once it has been asked for.
    wait: Duration,
    until: Timestamp,
}

impl Rating {
    pub fn begin(
        talk: Talking,
        how: handover::Rating,
        facts: &Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        let Talking { line, withdrawn, destination, .. } = talk;
        out.push(facts.ends(Outcome::Answered, 200, HungUpBy::Caller, now));
        // Their BYE has its answer now.
        out.push(Output::HangUp { leg: LegId::CALLER });
        out.push(Output::Whisper { leg: line, prompts: vec![how.prompt], names: Names::default() });
        out.push(Output::HeedKeys { leg: line });
        Phase::Rating(Self { line, withdrawn, destination, wait: how.wait, until: now + PATIENCE })
    }

    pub fn wake_at(&self) -> Timestamp {
        self.until
    }

    pub fn on(mut self, input: Input, facts: &Facts, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        match input {
            Input::Said { leg } if leg == self.line => {
                self.until = now + self.wait;
                Phase::Rating(self)
            }
            Input::Pressed { leg, key } if leg == self.line => match Qualification::of_key(key) {
                Some(qualification) => {
                    let by = format!("line:{}", self.destination);
                    out.push(Output::RecordQualified(Qualified {
                        call: facts.call,
                        qualification,
                        at: now,
                        by,
                    }));
                    self.hang_up(now, out)
                }
                None => Phase::Rating(self),
            },
            Input::HungUp { leg } if leg == self.line => Ending::begin(self.withdrawn, now, out),
            Input::Mute { leg } | Input::Unsaid { leg } if leg == self.line => self.hang_up(now, out),
            Input::Stopped => self.hang_up(now, out),
            Input::Woken if now >= self.until => self.hang_up(now, out),
            Input::Asked { leg, what, .. } if leg == self.line => {
                out.push(settled(leg, what));
                Phase::Rating(self)
            }
            Input::Asked { leg, what, .. } => {
                let status = Status::new(481, "Call/Transaction Does Not Exist");
                out.push(Output::Reply { leg, what, status, payload: Payload::default() });
                Phase::Rating(self)
            }
            Input::Referred { leg, .. } => {
                out.push(decline(leg));
                Phase::Rating(self)
            }
            // An attempt that answered too late is not needed.
            Input::Answered { leg, .. } if leg != self.line => {
                self.withdrawn.retain(|waited| *waited != leg);
                out.push(Output::HangUp { leg });
                Phase::Rating(self)
            }
            Input::Refused { leg, .. } | Input::Unreachable { leg, .. } => {
                self.withdrawn.retain(|waited| *waited != leg);
                Phase::Rating(self)
            }
            // The caller is gone and the record is written.
            Input::Progressed { .. }
            | Input::Answered { .. }
            | Input::Acked { .. }
            | Input::Cancelled
            | Input::HungUp { .. }
            | Input::Replied { .. }
            | Input::Taken { .. }
            | Input::Woken
            | Input::Silent(_)
            | Input::Said { .. }
            | Input::Mute { .. }
            | Input::Unsaid { .. }
            | Input::Pressed { .. }
            | Input::Chosen(_) => Phase::Rating(self),
        }
    }

    fn hang_up(self, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        out.push(Output::HangUp { leg: self.line });
        Ending::begin(self.withdrawn, now, out)
    }
}
