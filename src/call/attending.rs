//! The gateway speaks to the caller itself, on the way to whoever takes the call.
//!
//! ```text
//!   Waiting ── something is to be said ──▶ Saying ── said ──▶ Answered ──┐
//!      │                                    │  ▲──── and more ───────────┘
//!      │                                    └── it cannot be ──▶ Mute: the way goes on without
//!      └── nothing is: most calls stay here
//! ```
//!
//! To be heard it answers the caller (200): what is played before an answer
//! gets through many networks badly, and keys do not come back. Whether
//! somebody has *taken* the call is another matter: that is the line's answer,
//! and nothing else is written down as one.

use std::time::Duration;

use super::Phase;
use super::dialing::Dialing;
use super::facts::Facts;
use super::input::{Input, MidCall, Payload, Status};
use super::leg::LegId;
use super::output::Output;
use crate::domain::ids::PromptId;
use crate::domain::time::Timestamp;

/// Whatever is said is over by then; that it is, is told before.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Attendance {
    /// The caller waits for an answer.
    Waiting,
    /// The caller was answered to be told something; `is_first`: it may turn out that that cannot be done.
    Saying { is_first: bool },
    /// Nothing is said just now.
    Answered,
    /// The caller cannot be spoken to, and waits for an answer.
    Mute,
}

impl Attendance {
    pub fn is_answered(self) -> bool {
        matches!(self, Attendance::Saying { .. } | Attendance::Answered)
    }

    /// Says something, if it can be; then it will be heard of.
    pub fn says(&mut self, prompt: PromptId, out: &mut Vec<Output>) -> bool {
        if *self == Attendance::Mute {
            return false;
        }
        let is_first = *self == Attendance::Waiting;
        out.extend(is_first.then_some(Output::Attend));
        out.push(Output::Say { prompt });
        *self = Attendance::Saying { is_first };
        true
    }

    /// A line rings: who was answered already hears it from us.
    pub fn rings(&mut self, out: &mut Vec<Output>) {
        if self.is_answered() {
            *self = Attendance::Answered;
            out.push(Output::Ring);
        }
    }
}

impl Dialing {
    /// What was to be said has been, or cannot be: the way goes on.
    pub fn spoken(
        mut self: Box<Self>,
        how: &Input,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        self.attendance = match (self.attendance, how) {
            (Attendance::Saying { is_first: true }, Input::Mute) => Attendance::Mute,
            (Attendance::Saying { .. }, _) => Attendance::Answered,
            // It was waited for no longer.
            _ => return Phase::Dialing(self),
        };
        self.next_step(facts, now, out)
    }
}

/// What a caller asks who talks to us alone: a session is agreed on as before, the rest is well.
pub(super) fn attended(what: MidCall) -> Output {
    Output::Reply { leg: LegId::CALLER, what, status: Status::new(200, "OK"), payload: Payload::default() }
}
