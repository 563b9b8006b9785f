//! The talk is to be carried on elsewhere (RFC 5589).
//!
//! ```text
//!   REFER ─┬─ 603: the caller's, or to nowhere that a call may go
//!          └─ 202 ─▶ Ringing ── answered ──▶ Moving ── the caller agrees ──▶ the new talk, old line BYE
//!                       └─ refused, no answer ──┴─ it does not ──▶ the old talk goes on
//! ```
//!
//! A new line that is whispered to hears that between the two ([`hearing`]).
//!
//! The new line is offered the caller's own session, and the caller then the
//! new line's (RFC 3725 §4.4): an INVITE without an offer is what many carriers
//! refuse. The caller's leg stays one dialog and the call one call. The old
//! line may hang up before the end, as many telephones do; from then on there
//! is no way back.

mod hearing;

use std::time::Duration;

use super::Phase;
use super::aligning::{CROSSINGS_MAX, pause_after_crossing};
use super::ending::Ending;
use super::facts::Facts;
use super::input::{Input, MidCall, Payload, Referral, Status, Unreachable};
use super::leg::LegId;
use super::output::Output;
use super::referred::{Onward, TRANSFERS_MAX, decline, judge, pending, refer_reply};
use super::talking::Talking;
use super::whispering::settled;
use crate::domain::calling::handover::Handover;
use crate::domain::calling::outcome::{EndReason, HungUpBy, Outcome};
use crate::domain::calling::transfer::{TransferOutcome, Transferred};
use crate::domain::time::Timestamp;

/// How long the new line may ring while caller and old line wait.
const RING: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Transferring {
    /// The talk that goes on meanwhile.
    talk: Talking,
    /// The old line has hung up.
    is_forsaken: bool,
    /// The leg that is to take the line's place.
    leg: LegId,
    stage: Stage,
    /// What the new line hears before it has the talk, if anything.
    handover: Option<Handover>,
    /// What will be written down.
    fact: Transferred,
}

#[derive(Debug)]
enum Stage {
    Ringing {
        until: Timestamp,
        /// The status the old line was told last.
        told: u16,
    },
    /// The new line has answered with this session, and hears something alone until it has the talk.
    Hearing { session: Payload, until: Timestamp },
    /// The new line has answered with this session; the caller gets it as soon
    /// as nothing else is asked of it.
    Answered { session: Payload, ask_at: Option<Timestamp>, crossings: u8 },
    /// The caller was offered the new line's session.
    Moving { session: Payload, crossings: u8 },
}

impl Transferring {
    pub fn begin(
        mut talk: Talking,
        asked_by: LegId,
        to: Referral,
        facts: &Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        let (mut fact, onward) = judge(&talk, asked_by, &to, facts, now);
        let Some(onward) = onward else {
            out.push(decline(asked_by));
            // A side that asks again and again fills no table.
            if talk.transfers < TRANSFERS_MAX {
                talk.transfers += 1;
                out.push(Output::RecordTransferred(fact));
            }
            return Phase::Talking(talk);
        };
        talk.transfers += 1;
        talk.legs += 1;
        let leg = LegId(talk.legs);
        out.push(refer_reply(asked_by, Status::new(202, "Accepted")));
        out.push(Output::Notify { leg: asked_by, status: Status::new(100, "Trying"), is_last: false });
        let mut handover = None;
        out.push(match onward {
            Onward::Caller { call, leg: other } => Output::Join { leg, call, other },
            Onward::Line { target, destination, whispered } => {
                handover = whispered;
                let destination = destination.unwrap_or_else(|| talk.destination.clone());
                Output::Redial {
                    leg,
                    to: target,
                    destination,
                    instead_of: asked_by,
                    session: None,
                    headers: to.headers,
                }
            }
        });
        fact.outcome = TransferOutcome::Failed;
        let stage = Stage::Ringing { until: now + RING, told: 100 };
        Phase::Transferring(Box::new(Self { talk, is_forsaken: false, leg, stage, handover, fact }))
    }

    pub fn wake_at(&self) -> Timestamp {
        let own = match &self.stage {
            Stage::Ringing { until, .. } | Stage::Hearing { until, .. } => Some(*until),
            Stage::Answered { ask_at, .. } => *ask_at,
            Stage::Moving { .. } => None,
        };
        own.map_or(self.talk.talk_until, |at| at.min(self.talk.talk_until))
    }

    pub fn on(
        mut self: Box<Self>,
        input: Input,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        match input {
            Input::Progressed { leg, status, .. } if leg == self.leg => {
                self.tell(status, out);
                Phase::Transferring(self)
            }
            Input::Answered { leg, payload } if leg == self.leg => {
                if matches!(self.stage, Stage::Ringing { .. }) {
                    self.is_answered(payload, now, out);
                }
                Phase::Transferring(self)
            }
            Input::Refused { leg, status, .. } if leg == self.leg => self.fail(status, true, facts, now, out),
            // No call leaves that way, or none any more today.
            Input::Unreachable { leg, why: Unreachable::Barred } if leg == self.leg => {
                self.fact.outcome = TransferOutcome::Refused;
                self.fail(Status::new(603, "Decline"), true, facts, now, out)
            }
            Input::Unreachable { leg, why } if leg == self.leg => {
                let is_for_sound = why == Unreachable::Unsealed;
                let (code, reason) =
                    if is_for_sound { (488, "Not Acceptable Here") } else { (503, "Service Unavailable") };
                self.fail(Status::new(code, reason), true, facts, now, out)
            }
            Input::Replied { leg: LegId::CALLER, what, status, payload } => {
                self.caller_replied(what, status, payload, facts, now, out)
            }
            Input::Acked { leg, .. } | Input::Asked { leg, .. } | Input::Replied { leg, .. }
                if leg != self.leg =>
            {
                self.goes_on(input, out);
                Phase::Transferring(self)
            }
            Input::Asked { leg, what, .. } => {
                out.push(settled(leg, what));
                Phase::Transferring(self)
            }
            Input::Said { leg }
            | Input::Mute { leg }
            | Input::Unsaid { leg }
            | Input::Pressed { leg, .. }
                if leg == self.leg =>
            {
                self.hears(&input, now, out)
            }
            Input::Referred { leg, .. } => {
                out.push(pending(leg, MidCall::Refer));
                Phase::Transferring(self)
            }
            // Blind in the strict sense: it does not wait for what comes of it.
            Input::HungUp { leg } if leg == self.talk.line => {
                self.is_forsaken = true;
                out.push(Output::HangUp { leg });
                Phase::Transferring(self)
            }
            // The new line took it and let go again. A caller who is on the way there
            // already has no session to come back to.
            Input::HungUp { leg } if leg == self.leg => match self.stage {
                Stage::Moving { .. } => self.end(HungUpBy::Line, true, facts, now, out),
                Stage::Ringing { .. } | Stage::Hearing { .. } | Stage::Answered { .. } => {
                    self.fail(Status::new(487, "Request Terminated"), true, facts, now, out)
                }
            },
            Input::HungUp { leg: LegId::CALLER } => self.end(HungUpBy::Caller, false, facts, now, out),
            Input::Unreachable { leg: LegId::CALLER, .. } => {
                self.end(HungUpBy::Caller, true, facts, now, out)
            }
            Input::Cancelled => self.end(HungUpBy::Caller, false, facts, now, out),
            Input::Silent(why) => self.end_by_us(why, facts, now, out),
            Input::Stopped => self.end_by_us(EndReason::Stopped, facts, now, out),
            // The other call has the caller now, and with it this transfer is over.
            Input::Taken { by } => {
                out.push(facts.is_taken(by, now));
                self.end(HungUpBy::Line, false, facts, now, out)
            }
            Input::Woken if now >= self.talk.talk_until => {
                self.end_by_us(EndReason::TooLong, facts, now, out)
            }
            Input::Woken => self.woken(facts, now, out),
            // Attempts of before the answer that come back late.
            Input::Answered { leg, .. } => {
                self.talk.is_back(leg);
                out.push(Output::HangUp { leg });
                Phase::Transferring(self)
            }
            Input::Refused { leg, .. } | Input::Unreachable { leg, .. } => {
                self.talk.is_back(leg);
                Phase::Transferring(self)
            }
            // What crossed on the wire, and what belongs to legs that ended.
            Input::Progressed { .. }
            | Input::Acked { .. }
            | Input::Replied { .. }
            | Input::HungUp { .. }
            | Input::Said { .. }
            | Input::Mute { .. }
            | Input::Unsaid { .. }
            | Input::Pressed { .. }
            | Input::Chosen(_) => Phase::Transferring(self),
        }
    }

    fn woken(mut self: Box<Self>, facts: &mut Facts, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        match &mut self.stage {
            Stage::Ringing { until, .. } | Stage::Hearing { until, .. } if *until <= now => {
                self.fail(Status::new(408, "Request Timeout"), false, facts, now, out)
            }
            Stage::Answered { ask_at, .. } if ask_at.is_some_and(|at| at <= now) => {
                *ask_at = None;
                self.ask_caller(out);
                Phase::Transferring(self)
            }
            Stage::Ringing { .. } | Stage::Hearing { .. } | Stage::Answered { .. } | Stage::Moving { .. } => {
                Phase::Transferring(self)
            }
        }
    }

    /// The old talk goes on until the new line has it; from then on
    /// only what was begun is brought to its end.
    fn goes_on(&mut self, input: Input, out: &mut Vec<Output>) {
        let is_ringing = matches!(self.stage, Stage::Ringing { .. } | Stage::Hearing { .. });
        match input {
            Input::Asked { leg, what, .. } if !is_ringing || self.is_forsaken => out.push(pending(leg, what)),
            input => self.talk.relay(input, out),
        }
    }

    /// Offers the caller the new line's session, unless it still owes the old line a reply.
    fn ask_caller(&mut self, out: &mut Vec<Output>) {
        if self.talk.caller_is_asked {
            return;
        }
        if let Stage::Answered { session, ask_at: None, crossings } = &self.stage {
            let (session, crossings) = (session.clone(), *crossings);
            let what = MidCall::Reinvite;
            out.push(Output::Ask { leg: LegId::CALLER, what, payload: session.clone() });
            self.stage = Stage::Moving { session, crossings };
        }
    }

    fn caller_replied(
        mut self: Box<Self>,
        what: MidCall,
        status: Status,
        payload: Payload,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        match (&mut self.stage, status.code) {
            (Stage::Moving { .. }, 200..300) if what == MidCall::Reinvite => self.succeed(payload, now, out),
            (Stage::Moving { session, crossings }, 491)
                if what == MidCall::Reinvite && *crossings < CROSSINGS_MAX =>
            {
                let pause = pause_after_crossing(facts, *crossings);
                let (session, crossings) = (std::mem::take(session), *crossings + 1);
                self.stage = Stage::Answered { session, ask_at: Some(now + pause), crossings };
                Phase::Transferring(self)
            }
            (Stage::Moving { .. }, _) if what == MidCall::Reinvite => {
                self.fail(status, false, facts, now, out)
            }
            // It owed that to the old line.
            _ => {
                self.talk.relay(Input::Replied { leg: LegId::CALLER, what, status, payload }, out);
                self.ask_caller(out);
                Phase::Transferring(self)
            }
        }
    }

    /// Caller and new line talk to each other.
    fn succeed(mut self: Box<Self>, session: Payload, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        self.settle(TransferOutcome::Done, Status::new(200, "OK"), now, out);
        if !self.is_forsaken {
            out.push(Output::HangUp { leg: self.talk.line });
        }
        // The new line is another's, who need not know the keys.
        self.talk.rating = None;
        self.talk.line = self.leg;
        self.talk.align(self.leg, session, out);
        Phase::Talking(self.talk)
    }

    /// The new line does not have the call: the talk goes on as it was, unless
    /// the old line has hung up. `is_back`: the new leg itself said so.
    fn fail(
        mut self: Box<Self>,
        status: Status,
        is_back: bool,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        self.let_go(is_back, out);
        self.settle(self.fact.outcome, status, now, out);
        if !self.is_forsaken {
            return Phase::Talking(self.talk);
        }
        self.talk.end(HungUpBy::Line, &[LegId::CALLER], facts, now, out)
    }

    /// Ends the leg that was to take the line's place, however far it is.
    fn let_go(&mut self, is_back: bool, out: &mut Vec<Output>) {
        match self.stage {
            Stage::Ringing { .. } if !is_back => {
                out.push(Output::Cancel { leg: self.leg });
                self.talk.withdrawn.push(self.leg);
            }
            Stage::Ringing { .. } => {}
            Stage::Hearing { .. } | Stage::Answered { .. } | Stage::Moving { .. } => {
                out.push(Output::HangUp { leg: self.leg });
            }
        }
    }

    fn end_by_us(
        self: Box<Self>,
        why: EndReason,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        facts.because(why);
        self.end(HungUpBy::Gateway, true, facts, now, out)
    }

    /// The whole call ends in the middle of it.
    fn end(
        mut self: Box<Self>,
        by: HungUpBy,
        and_caller: bool,
        facts: &Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        self.let_go(false, out);
        self.fact.settled_at = now;
        self.fact.sip_status = 487;
        out.push(Output::RecordTransferred(self.fact));
        out.push(facts.ends(Outcome::Answered, 200, by, now));
        if and_caller {
            out.push(Output::HangUp { leg: LegId::CALLER });
        }
        if !self.is_forsaken {
            out.push(Output::HangUp { leg: self.talk.line });
        }
        Ending::begin(self.talk.withdrawn, now, out)
    }

    fn settle(&mut self, outcome: TransferOutcome, status: Status, now: Timestamp, out: &mut Vec<Output>) {
        let mut fact = self.fact.clone();
        (fact.outcome, fact.sip_status, fact.settled_at) = (outcome, status.code, now);
        if !self.is_forsaken {
            out.push(Output::Notify { leg: self.talk.line, status, is_last: true });
        }
        out.push(Output::RecordTransferred(fact));
    }

    /// Each step once: a line that repeats its 180 need not be repeated.
    fn tell(&mut self, status: Status, out: &mut Vec<Output>) {
        if let Stage::Ringing { told, .. } = &mut self.stage
            && *told != status.code
            && !self.is_forsaken
        {
            *told = status.code;
            out.push(Output::Notify { leg: self.talk.line, status, is_last: false });
        }
    }
}
