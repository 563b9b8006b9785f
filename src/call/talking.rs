//! Caller and business line talk to each other.

use super::Phase;
use super::ending::Ending;
use super::facts::Facts;
use super::input::Input;
use super::leg::LegId;
use super::output::Output;
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::domain::time::Timestamp;

#[derive(Debug)]
pub(super) struct Talking {
    /// The leg that answered.
    line: LegId,
    /// Attempts that were withdrawn and have not come back yet.
    withdrawn: Vec<LegId>,
    /// When the gateway ends a call that nobody ended.
    talk_until: Timestamp,
}

impl Talking {
    pub fn new(line: LegId, withdrawn: Vec<LegId>, talk_until: Timestamp) -> Self {
        Self { line, withdrawn, talk_until }
    }

    pub fn wake_at(&self) -> Timestamp {
        self.talk_until
    }

    pub fn on(mut self, input: Input, facts: &mut Facts, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        match input {
            Input::HungUp { leg } if leg == LegId::CALLER => {
                let line = self.line;
                self.end(HungUpBy::Caller, &[line], facts, now, out)
            }
            Input::HungUp { leg } if leg == self.line => {
                self.end(HungUpBy::Line, &[LegId::CALLER], facts, now, out)
            }
            // The CANCEL crossed the answer: the caller has had its 487 and is gone.
            Input::Cancelled => {
                out.push(facts.ends(Outcome::Abandoned, 487, HungUpBy::Caller, now));
                out.push(Output::HangUp { leg: self.line });
                Ending::begin(self.withdrawn, now, out)
            }
            Input::Woken if now >= self.talk_until => {
                let both = [LegId::CALLER, self.line];
                self.end(HungUpBy::Gateway, &both, facts, now, out)
            }
            Input::Stopped => {
                let both = [LegId::CALLER, self.line];
                self.end(HungUpBy::Gateway, &both, facts, now, out)
            }
            Input::Acked { leg, payload } => {
                out.push(Output::Ack { leg: self.other(leg), payload });
                Phase::Talking(self)
            }
            Input::Asked { leg, what, payload } => {
                out.push(Output::Ask { leg: self.other(leg), what, payload });
                Phase::Talking(self)
            }
            Input::Replied { leg, what, status, payload } => {
                out.push(Output::Reply { leg: self.other(leg), what, status, payload });
                Phase::Talking(self)
            }
            // The answer waits for a caller who is not there.
            Input::Unreachable { leg: LegId::CALLER, .. } => {
                let both = [LegId::CALLER, self.line];
                self.end(HungUpBy::Caller, &both, facts, now, out)
            }
            // An attempt that answered too late is not needed.
            Input::Answered { leg, .. } if leg != self.line => {
                self.withdrawn.retain(|waited| *waited != leg);
                out.push(Output::HangUp { leg });
                Phase::Talking(self)
            }
            Input::Refused { leg, .. } | Input::Unreachable { leg, .. } => {
                self.withdrawn.retain(|waited| *waited != leg);
                Phase::Talking(self)
            }
            // What crossed the answer on the wire, early wakes, legs that ended already.
            Input::Progressed { .. } | Input::Answered { .. } | Input::HungUp { .. } | Input::Woken => {
                Phase::Talking(self)
            }
        }
    }

    fn other(&self, leg: LegId) -> LegId {
        if leg == LegId::CALLER { self.line } else { LegId::CALLER }
    }

    fn end(
        self,
        by: HungUpBy,
        legs: &[LegId],
        facts: &Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        out.push(facts.ends(Outcome::Answered, 200, by, now));
        out.extend(legs.iter().map(|&leg| Output::HangUp { leg }));
        Ending::begin(self.withdrawn, now, out)
    }
}
