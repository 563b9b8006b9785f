//! The way is walked step by step while the caller waits: all lines of a step
//! ring at once, the first to answer has the call, the others are withdrawn.
//!
//! The caller hears one line at a time: the first that gives a session (early
//! media). What the others say meanwhile waits until that one is gone.
//!
//! A step is over when its time is, or when all its lines have refused; what
//! still rings then is withdrawn. A withdrawn line whose answer crosses the
//! CANCEL has answered all the same: while the caller waits it gets the call,
//! since somebody has just picked up.

use std::vec;

use super::arriving::unavailable;
use super::attending::{Attendance, PATIENCE, attended};
use super::ending::Ending;
use super::facts::Facts;
use super::input::{Input, Payload, Status};
use super::leg::LegId;
use super::output::{Because, Output};
use super::referred::{decline, pending};
use super::refusal::{Refusal, for_the_caller, outcome_of};
use super::talking::Talking;
use super::whispering::{Hearing, settled};
use super::{Limits, Phase};
use crate::domain::calling::handover::Handover;
use crate::domain::calling::outcome::{EndReason, HungUpBy, Outcome};
use crate::domain::calling::routing::{Line, Step, Way};
use crate::domain::ids::DestinationId;
use crate::domain::time::Timestamp;

/// More attempts than this are not made for one call, whatever its way says.
const ATTEMPTS_MAX: u8 = 64;

#[derive(Debug)]
pub(super) struct Dialing {
    /// Those that ring, or may.
    pub(super) open: Vec<Attempt>,
    /// Those that have answered and are whispered to.
    pub(super) hearing: Vec<Hearing>,
    /// Those that were cancelled and have not come back yet.
    withdrawn: Vec<Attempt>,
    /// Whose session the caller hears.
    pub(super) heard: Option<LegId>,
    /// When the lines of this step have rung long enough.
    pub(super) ring_until: Timestamp,
    steps: vec::IntoIter<Step>,
    /// How many attempts have been made.
    made: u8,
    /// Why the next line is dialled.
    pub(super) because: Because,
    /// What the gateway says to the caller on the way.
    pub(super) attendance: Attendance,
    /// Whether the talk is to be recorded, unless the caller has refused.
    records: bool,
    /// What the caller is told at the end unless something better comes.
    pub(super) refusal: Refusal,
    /// The caller's offer, for each attempt anew.
    offer: Payload,
    limits: Limits,
}

#[derive(Debug)]
pub(super) struct Attempt {
    pub leg: LegId,
    destination: DestinationId,
    pub handover: Handover,
    pub has_rung: bool,
    /// What it has said while the caller heard another.
    pub unheard: Option<(Status, Payload)>,
    /// The session of one that is to be whispered to, as it rang; nobody hears it.
    pub early: Payload,
}

impl Dialing {
    pub fn start(
        way: Way,
        limits: Limits,
        offer: Payload,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        let dialing = Box::new(Self {
            open: vec![],
            hearing: vec![],
            withdrawn: vec![],
            heard: None,
            ring_until: now,
            steps: way.steps.into_iter(),
            made: 0,
            because: Because::First,
            attendance: Attendance::default(),
            records: way.records,
            refusal: Refusal::of_way(way.otherwise),
            offer,
            limits,
        });
        dialing.next_step(facts, now, out)
    }

    pub fn wake_at(&self) -> Timestamp {
        // Whoever rings is given up first, and nobody is when all have answered.
        self.hearing.iter().map(Hearing::until).chain([self.ring_until]).min().unwrap_or(self.ring_until)
    }

    pub fn on(
        mut self: Box<Self>,
        input: Input,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        match input {
            Input::Progressed { leg, status, payload } => {
                let Some(attempt) = self.open.iter_mut().find(|attempt| attempt.leg == leg) else {
                    return Phase::Dialing(self);
                };
                attempt.has_rung = true;
                facts.rings(now);
                let (status, payload) = if attempt.handover.whispers() {
                    let is_session = !payload.body.is_empty();
                    is_session.then(|| attempt.early = payload);
                    (Status::new(180, "Ringing"), Payload::default())
                } else {
                    (status, payload)
                };
                if self.attendance.is_answered() {
                    // Who has been answered hears our own ringing.
                } else if self.heard.is_some_and(|heard| heard != leg) {
                    attempt.unheard = Some((status, payload));
                } else {
                    self.is_heard(leg, status, payload, out);
                }
                Phase::Dialing(self)
            }
            Input::Answered { leg, payload } => {
                let is_open = self.open.iter().any(|attempt| attempt.leg == leg);
                match self.take(leg) {
                    Some(attempt) if attempt.handover.whispers() => {
                        self.whispers(attempt, payload, is_open, now, out)
                    }
                    Some(attempt) => self.connects(attempt, payload, facts, now, out),
                    None => Phase::Dialing(self),
                }
            }
            Input::Refused { leg, status, payload } => {
                let Some(attempt) = self.ended(leg, out) else { return Phase::Dialing(self) };
                let outcome = outcome_of(status.code, attempt.has_rung);
                self.because = match outcome {
                    Outcome::Busy => Because::Busy,
                    Outcome::Missed => Because::NoAnswer,
                    _ => Because::Unavailable,
                };
                let (status, payload) = for_the_caller(status, payload);
                self.refusal.weigh(Refusal { outcome, status, payload, by: HungUpBy::Line, why: None });
                self.when_none_rings(facts, now, out)
            }
            // It rings, and nobody is there to hear it.
            Input::Unreachable { leg: LegId::CALLER, .. } => {
                let status = Status::new(504, "Server Time-out");
                self.refusal = Refusal::of_gateway(Outcome::Failed, status);
                self.refuse(facts, now, out)
            }
            Input::Unreachable { leg, why } => {
                if self.ended(leg, out).is_some() {
                    self.because = Because::Unavailable;
                }
                Refusal::of_unreachable(why).into_iter().for_each(|said| self.refusal.weigh(said));
                self.when_none_rings(facts, now, out)
            }
            Input::Woken if let Some(leg) = self.overdue(now) => {
                self.declines(leg, HungUpBy::Gateway, facts, now, out)
            }
            Input::Woken if now >= self.ring_until && self.attendance.is_choosing() => {
                self.has_not_chosen(facts, now, out)
            }
            // A message has its length.
            Input::Woken if now >= self.ring_until && self.attendance.left(now).is_some() => {
                self.refuse(facts, now, out)
            }
            Input::Woken if now >= self.ring_until => {
                if self.open.iter().any(|attempt| attempt.has_rung) {
                    self.refusal.weigh(Refusal::of_gateway(Outcome::Missed, unavailable()));
                }
                self.because = Because::NoAnswer;
                self.withdraw(out);
                // Whoever has answered is not given up for those that have not.
                self.ring_until = now + PATIENCE;
                self.when_none_rings(facts, now, out)
            }
            // Either way there is nobody left to answer: a CANCEL has had its
            // 487, and a caller's leg that broke hears nothing.
            Input::Cancelled | Input::HungUp { leg: LegId::CALLER } => {
                let status = if self.attendance.is_answered() { 200 } else { 487 };
                let outcome = match self.attendance.left(now) {
                    Some(true) => Outcome::Voicemail,
                    // Nobody had taken the call, whether they wait for the tone or not.
                    Some(false) if self.refusal.outcome != Outcome::Failed => self.refusal.outcome,
                    Some(false) | None => Outcome::Abandoned,
                };
                out.push(facts.ends(outcome, status, HungUpBy::Caller, now));
                self.end(now, out)
            }
            Input::Stopped => {
                facts.because(EndReason::Stopped);
                let status = Status::new(503, "Service Unavailable");
                self.refusal = Refusal::of_gateway(Outcome::Failed, status);
                self.refuse(facts, now, out)
            }
            Input::Said { leg } | Input::Mute { leg } | Input::Unsaid { leg } if leg != LegId::CALLER => {
                self.whispered(leg, &input, facts, now, out)
            }
            Input::Said { .. } | Input::Mute { .. } | Input::Unsaid { .. } => {
                self.spoken(&input, facts, now, out)
            }
            Input::Pressed { leg: LegId::CALLER, key } => self.pressed(key, facts, now, out),
            Input::Pressed { leg, key } => self.accepts(leg, key, facts, now, out),
            Input::HungUp { leg } => self.declines(leg, HungUpBy::Line, facts, now, out),
            Input::Chosen(way) => {
                if way.steps.is_empty() {
                    self.refusal.weigh(Refusal::of_way(way.otherwise));
                }
                // Whom nobody takes there goes on as who has chosen nothing.
                self.steps = way.steps.into_iter().chain(self.steps).collect::<Vec<_>>().into_iter();
                self.next_step(facts, now, out)
            }
            Input::Asked { leg: LegId::CALLER, what, .. } if self.attendance.is_answered() => {
                out.push(attended(what));
                Phase::Dialing(self)
            }
            Input::Asked { leg, what, .. } if self.is_hearing(leg) => {
                out.push(settled(leg, what));
                Phase::Dialing(self)
            }
            // The caller and the line that is heard may settle things before the answer.
            Input::Asked { leg, what, payload } => {
                out.push(match self.heard_by(leg) {
                    Some(leg) => Output::Ask { leg, what, payload },
                    None => pending(leg, what),
                });
                Phase::Dialing(self)
            }
            Input::Replied { leg, what, status, payload } => {
                // A line that is not heard any more owes the caller its answer all the same.
                let asker = if leg == LegId::CALLER { self.heard } else { Some(LegId::CALLER) };
                out.extend(asker.map(|leg| Output::Reply { leg, what, status, payload }));
                Phase::Dialing(self)
            }
            // Who has not answered yet cannot send the caller on.
            Input::Referred { leg, .. } => {
                out.push(decline(leg));
                Phase::Dialing(self)
            }
            // Early wakes, and what belongs to no attempt.
            Input::Taken { .. } | Input::Acked { .. } | Input::Woken | Input::Silent(_) => {
                Phase::Dialing(self)
            }
        }
    }

    /// The attempt on this leg leaves the list of those that may still answer.
    fn take(&mut self, leg: LegId) -> Option<Attempt> {
        [&mut self.open, &mut self.withdrawn].into_iter().find_map(|attempts| {
            let at = attempts.iter().position(|attempt| attempt.leg == leg)?;
            Some(attempts.swap_remove(at))
        })
    }

    /// The attempt on this leg has ended; `None` if it does not count any more.
    fn ended(&mut self, leg: LegId, out: &mut Vec<Output>) -> Option<Attempt> {
        let is_open = self.open.iter().any(|attempt| attempt.leg == leg);
        let attempt = self.take(leg).filter(|_| is_open)?;
        if self.heard == Some(leg) {
            self.heard = None;
            self.hear_another(out);
        }
        Some(attempt)
    }

    /// This line has the call.
    pub(super) fn connects(
        mut self: Box<Self>,
        attempt: Attempt,
        payload: Payload,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        out.push(facts.is_answered(attempt.destination.clone(), now));
        let is_attended = self.attendance.is_answered();
        if !is_attended {
            out.push(Output::Answer { leg: attempt.leg, payload: payload.clone() });
        }
        self.withdraw(out);
        self.release(out);
        let left = self.withdrawn.iter().map(|attempt| attempt.leg).collect();
        let rating = attempt.handover.rating;
        let mut talk =
            Talking::new(attempt.leg, attempt.destination, left, self.made, rating, &self.limits, now);
        if is_attended {
            talk.align(LegId::CALLER, payload, out);
        }
        out.extend((self.records && self.attendance.may_record()).then_some(Output::Record));
        Phase::Talking(talk)
    }

    pub(super) fn when_none_rings(
        self: Box<Self>,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        if self.open.is_empty() && !self.awaits() {
            self.next_step(facts, now, out)
        } else {
            Phase::Dialing(self)
        }
    }

    pub(super) fn next_step(
        mut self: Box<Self>,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        while let Some(step) = self.steps.next() {
            let Step::Ring { lines, ring, music } = step else {
                if self.attendance.begins(step, out) {
                    self.ring_until = now + PATIENCE;
                    return Phase::Dialing(self);
                }
                continue;
            };
            let room = usize::from(ATTEMPTS_MAX - self.made);
            if room > 0 && !lines.is_empty() {
                self.attendance.will_ring(music.as_ref(), out);
            }
            for Line { target, destination, handover } in lines.into_iter().take(room) {
                self.made += 1;
                let leg = LegId(self.made);
                self.open.push(Attempt {
                    leg,
                    destination: destination.clone(),
                    handover,
                    has_rung: false,
                    unheard: None,
                    early: Payload::default(),
                });
                let (because, payload) = (self.because, self.offer.clone());
                out.push(Output::Dial { leg, to: target, destination, because, payload });
            }
            if !self.open.is_empty() {
                self.ring_until = now + ring;
                self.attendance.rings(music, out);
                return Phase::Dialing(self);
            }
        }
        self.refuse(facts, now, out)
    }

    pub(super) fn refuse(
        mut self: Box<Self>,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        let Refusal { outcome, status, payload, by, why } = std::mem::take(&mut self.refusal);
        why.into_iter().for_each(|why| facts.because(why));
        if self.attendance.is_answered() {
            let has_left = self.attendance.left(now) == Some(true);
            let (outcome, by) =
                if has_left { (Outcome::Voicemail, HungUpBy::Gateway) } else { (outcome, by) };
            out.push(facts.ends(outcome, 200, by, now));
            out.push(Output::HangUp { leg: LegId::CALLER });
        } else {
            out.push(facts.ends(outcome, status.code, by, now));
            out.push(Output::Refuse { status, payload });
        }
        self.end(now, out)
    }

    /// Whatever rings is cancelled and waited for.
    fn withdraw(&mut self, out: &mut Vec<Output>) {
        out.extend(self.open.iter().map(|attempt| Output::Cancel { leg: attempt.leg }));
        self.withdrawn.append(&mut self.open);
        self.heard = None;
    }

    /// Whoever has answered and does not have the call is hung up.
    fn release(&mut self, out: &mut Vec<Output>) {
        out.extend(self.hearing.drain(..).map(|it| Output::HangUp { leg: it.leg() }));
    }

    fn end(mut self: Box<Self>, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        self.withdraw(out);
        self.release(out);
        Ending::begin(self.withdrawn.iter().map(|attempt| attempt.leg).collect(), now, out)
    }
}
