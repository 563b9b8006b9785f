//! Caller and business line talk to each other.

use super::aligning::Aligning;
use super::ending::Ending;
use super::facts::Facts;
use super::input::{Input, MidCall};
use super::leg::LegId;
use super::output::Output;
use super::rating;
use super::referred::pending;
use super::transferring::Transferring;
use super::{Limits, Phase};
use crate::domain::calling::handover::Rating;
use crate::domain::calling::outcome::{EndReason, HungUpBy, Outcome};
use crate::domain::calling::transfer::Transfers;
use crate::domain::ids::DestinationId;
use crate::domain::time::Timestamp;

#[derive(Debug)]
pub(super) struct Talking {
    /// The leg that the caller talks to.
    pub line: LegId,
    /// Attempts that were withdrawn and have not come back yet.
    pub withdrawn: Vec<LegId>,
    /// When the gateway ends a call that nobody ended.
    pub talk_until: Timestamp,
    /// The number of the latest leg.
    pub legs: u8,
    /// How many transfers were tried.
    pub transfers: u8,
    /// A change of the session that the line asked for and the caller has not replied to.
    pub caller_is_asked: bool,
    /// After a transfer: somebody is given the session of the other.
    pub aligning: Option<Aligning>,
    /// Where the line that answered stands.
    pub destination: DestinationId,
    pub onward: Option<Transfers>,
    /// What the line is asked once the caller has hung up.
    pub rating: Option<Rating>,
}

impl Talking {
    pub fn new(
        line: LegId,
        destination: DestinationId,
        withdrawn: Vec<LegId>,
        legs: u8,
        rating: Option<Rating>,
        limits: &Limits,
        now: Timestamp,
    ) -> Self {
        Self {
            line,
            withdrawn,
            talk_until: now + limits.talk,
            legs,
            transfers: 0,
            caller_is_asked: false,
            aligning: None,
            destination,
            onward: limits.transfers.clone(),
            rating,
        }
    }

    pub fn wake_at(&self) -> Timestamp {
        let again = self.aligning.as_ref().and_then(Aligning::wake_at);
        again.map_or(self.talk_until, |at| at.min(self.talk_until))
    }

    pub fn on(mut self, input: Input, facts: &mut Facts, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        match input {
            Input::HungUp { leg: LegId::CALLER } if let Some(rating) = self.rating.take() => {
                rating::Rating::begin(self, rating, facts, now, out)
            }
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
            Input::Woken if now >= self.talk_until => self.end_by_us(EndReason::TooLong, facts, now, out),
            Input::Silent(why) => self.end_by_us(why, facts, now, out),
            Input::Stopped => self.end_by_us(EndReason::Stopped, facts, now, out),
            // The answer waits for a caller who is not there.
            Input::Unreachable { leg: LegId::CALLER, .. } => self.end_both(HungUpBy::Caller, facts, now, out),
            // Whoever the caller talked to here has asked for it, and is not needed any more.
            Input::Taken { by } => {
                out.push(facts.is_taken(by, now));
                let line = self.line;
                self.end(HungUpBy::Line, &[line], facts, now, out)
            }
            Input::Referred { leg, .. } if self.aligning.is_some() => {
                out.push(pending(leg, MidCall::Refer));
                Phase::Talking(self)
            }
            Input::Asked { leg, what, .. } if self.aligning.is_some() && what.changes_session() => {
                out.push(pending(leg, what));
                Phase::Talking(self)
            }
            Input::Replied { leg, what, status, payload }
                if self.aligning.as_ref().is_some_and(|it| it.awaits(leg, what)) =>
            {
                self.aligned(&status, payload, facts, now, out);
                Phase::Talking(self)
            }
            Input::Referred { leg, to } => Transferring::begin(self, leg, to, facts, now, out),
            Input::Acked { .. } | Input::Asked { .. } | Input::Replied { .. } => {
                self.relay(input, out);
                Phase::Talking(self)
            }
            // An attempt that answered too late is not needed.
            Input::Answered { leg, .. } if leg != self.line => {
                self.is_back(leg);
                out.push(Output::HangUp { leg });
                Phase::Talking(self)
            }
            Input::Refused { leg, .. } | Input::Unreachable { leg, .. } => {
                self.is_back(leg);
                Phase::Talking(self)
            }
            Input::Woken => {
                self.wake_aligning(now, out);
                Phase::Talking(self)
            }
            // What crossed the answer on the wire, legs that ended already.
            Input::Progressed { .. }
            | Input::Answered { .. }
            | Input::HungUp { .. }
            | Input::Said { .. }
            | Input::Mute { .. }
            | Input::Unsaid { .. }
            | Input::Pressed { .. }
            | Input::Chosen(_) => Phase::Talking(self),
        }
    }

    /// Passes on what one side of the talk says to the other.
    pub fn relay(&mut self, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Acked { leg, payload } => out.push(Output::Ack { leg: self.other(leg), payload }),
            Input::Asked { leg, what, payload } => {
                self.caller_is_asked |= leg != LegId::CALLER && what.changes_session();
                out.push(Output::Ask { leg: self.other(leg), what, payload });
            }
            Input::Replied { leg, what, status, payload } => {
                self.caller_is_asked &= leg != LegId::CALLER || !what.changes_session();
                out.push(Output::Reply { leg: self.other(leg), what, status, payload });
            }
            _ => {}
        }
    }

    pub fn other(&self, leg: LegId) -> LegId {
        if leg == LegId::CALLER { self.line } else { LegId::CALLER }
    }

    /// A withdrawn attempt has come back.
    pub fn is_back(&mut self, leg: LegId) {
        self.withdrawn.retain(|waited| *waited != leg);
    }

    fn end_by_us(self, why: EndReason, facts: &mut Facts, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        facts.because(why);
        self.end_both(HungUpBy::Gateway, facts, now, out)
    }

    fn end_both(self, by: HungUpBy, facts: &Facts, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        let both = [LegId::CALLER, self.line];
        self.end(by, &both, facts, now, out)
    }

    pub fn end(
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
