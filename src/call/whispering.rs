//! A line has answered, and hears alone what it is whispered before it has the call.
//!
//! ```text
//!   rings ── answers ──▶ hears ──┬─ said, and no key is asked ──▶ has the call
//!                                ├─ the key is pressed ─────────▶ has the call
//!                                ├─ its time is over ───────────▶ is hung up: as if it had not answered
//!                                └─ it cannot be spoken to ─────▶ has the call, unasked
//! ```
//!
//! Meanwhile the caller hears that it rings, other lines ring on, and the first of them to have
//! the call is the one that answered. A call is never lost for a whisper: a line that cannot be
//! spoken to has it at once.

use super::Phase;
use super::arriving::unavailable;
use super::attending::PATIENCE;
use super::dialing::{Attempt, Dialing};
use super::facts::Facts;
use super::input::{Input, MidCall, Payload, Status};
use super::leg::LegId;
use super::output::{Because, Output};
use super::refusal::Refusal;
use crate::domain::calling::handover::Handover;
use crate::domain::calling::key::Key;
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::domain::time::Timestamp;

/// A line that has answered and does not have the call yet.
#[derive(Debug)]
pub(super) struct Hearing {
    attempt: Attempt,
    /// What it answered with.
    session: Payload,
    /// It was not withdrawn before it answered: the step waits for it.
    is_awaited: bool,
    /// When it is hung up.
    until: Timestamp,
}

impl Hearing {
    pub fn leg(&self) -> LegId {
        self.attempt.leg
    }

    pub fn until(&self) -> Timestamp {
        self.until
    }
}

impl Dialing {
    /// A line that is to be whispered to has answered.
    pub(super) fn whispers(
        mut self: Box<Self>,
        mut attempt: Attempt,
        payload: Payload,
        is_awaited: bool,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        let leg = attempt.leg;
        if !attempt.has_rung && !self.attendance.is_answered() {
            // Somebody waits, and has heard nothing yet. It is we who ring for them now.
            out.push(ringing(LegId::CALLER));
        }
        whisper(leg, &attempt.handover, out);
        // The answer may have come with what rang (RFC 3262).
        let early = std::mem::take(&mut attempt.early);
        let session = if payload.body.is_empty() { early } else { payload };
        self.hearing.push(Hearing { attempt, session, is_awaited, until: now + PATIENCE });
        Phase::Dialing(self)
    }

    /// What was to be whispered has been said, or cannot be.
    pub(super) fn whispered(
        mut self: Box<Self>,
        leg: LegId,
        how: &Input,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        let Some(hearing) = self.hearing.iter_mut().find(|it| it.leg() == leg) else {
            return Phase::Dialing(self);
        };
        match hearing.attempt.handover.accept.filter(|_| matches!(how, Input::Said { .. })) {
            Some(accept) => {
                hearing.until = now + accept.within;
                Phase::Dialing(self)
            }
            None => self.takes(leg, facts, now, out),
        }
    }

    /// A line has pressed a key.
    pub(super) fn accepts(
        self: Box<Self>,
        leg: LegId,
        key: Key,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        let asked = self.hearing.iter().find(|it| it.leg() == leg);
        let asked = asked.and_then(|it| it.attempt.handover.accept);
        if asked.is_some_and(|accept| accept.key == key) {
            self.takes(leg, facts, now, out)
        } else {
            Phase::Dialing(self)
        }
    }

    fn takes(
        mut self: Box<Self>,
        leg: LegId,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        match self.stops_hearing(leg) {
            Some(Hearing { attempt, session, .. }) => self.connects(attempt, session, facts, now, out),
            None => Phase::Dialing(self),
        }
    }

    /// A line does not take the call that it has answered: by itself, or because its time is over.
    pub(super) fn declines(
        mut self: Box<Self>,
        leg: LegId,
        by: HungUpBy,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        let Some(hearing) = self.stops_hearing(leg) else { return Phase::Dialing(self) };
        // Its own goodbye waits for an answer, too.
        out.push(Output::HangUp { leg });
        if !hearing.is_awaited {
            return Phase::Dialing(self);
        }
        self.because = Because::NoAnswer;
        self.refusal.weigh(Refusal { by, ..Refusal::of_gateway(Outcome::Missed, unavailable()) });
        self.when_none_rings(facts, now, out)
    }

    /// Whoever has not taken the call in time.
    pub(super) fn overdue(&self, now: Timestamp) -> Option<LegId> {
        self.hearing.iter().find(|it| it.until <= now).map(Hearing::leg)
    }

    /// Whether the step waits for a line that has answered.
    pub(super) fn awaits(&self) -> bool {
        self.hearing.iter().any(|it| it.is_awaited)
    }

    pub(super) fn is_hearing(&self, leg: LegId) -> bool {
        self.hearing.iter().any(|it| it.leg() == leg)
    }

    fn stops_hearing(&mut self, leg: LegId) -> Option<Hearing> {
        let at = self.hearing.iter().position(|it| it.leg() == leg)?;
        Some(self.hearing.swap_remove(at))
    }
}

/// Says to a line what it hears before it has the call; it may have to press a key.
pub(super) fn whisper(leg: LegId, handover: &Handover, out: &mut Vec<Output>) {
    let (prompts, names) = (handover.whisper.clone(), handover.names.clone());
    out.push(Output::Whisper { leg, prompts, names });
    out.extend(handover.accept.map(|_| Output::HeedKeys { leg }));
}

/// To what a line asks meanwhile: its session stays as it is.
pub(super) fn settled(leg: LegId, what: MidCall) -> Output {
    let status =
        if what.changes_session() { Status::new(491, "Request Pending") } else { Status::new(200, "OK") };
    Output::Reply { leg, what, status, payload: Payload::default() }
}

/// A line rings whose own sound the caller is not to hear.
pub(super) fn ringing(leg: LegId) -> Output {
    Output::Progress { leg, status: Status::new(180, "Ringing"), payload: Payload::default() }
}
