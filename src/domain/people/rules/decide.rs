//! May somebody be reached: every rule that holds is asked, and each says why.
//!
//! All must agree. A rule that denies says when it will deny no more, so the
//! next moment at which all agree is found from boundary to boundary: nothing
//! is allowed before the latest of them.

mod identity;

use std::time::Duration;

use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::facts::Facts;
use super::place::{calling_hours, day_in, is_holiday, midnight, zone_of};
use super::reason::{Reason, Verdict, Why};
use super::scale::Occasion;
use super::{CALL_BACK, CAP, Demand, Exception, Policy, Question, RESTRICTION, RULES, Rule, RuleId, WISH};
use crate::domain::calling::schedule::Schedule;
use crate::domain::ids::ContactId;
use crate::domain::people::consent::{Basis, Channel, Consent, Method, Standing, Status, standing};
use crate::domain::people::engagement::Kind as Deed;
use crate::domain::people::pressure::{Cap, Limit, Solicitation, load};
use crate::domain::people::purpose::Kind;
use crate::domain::people::wish;
use crate::domain::time::Timestamp;

/// Boundaries that are tried for the next moment: more than a year has of hours, holidays and caps.
const STEPS_MAX: u32 = 1_000;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Decision {
    pub contact: ContactId,
    pub allowed: bool,
    /// What each rule says.
    pub reasons: Vec<Reason>,
    /// 0 to 100: how good an occasion it is ([`scale`](super::scale)); 0 where it is not allowed.
    pub score: u8,
    /// Where it is not allowed: the next moment at which it is; `None`: time alone changes nothing.
    pub next_at: Option<Timestamp>,
}

impl Decision {
    /// What speaks against it, or else for it, first.
    pub fn decisive(&self) -> Option<&Reason> {
        let denial = self.reasons.iter().find(|reason| reason.verdict == Verdict::Denies);
        // That there is something to reach them by says the least.
        let support = self.reasons.iter().filter(|reason| reason.verdict == Verdict::Allows);
        denial.or(support.min_by_key(|it| matches!(it.rule, RuleId::Identity | RuleId::OppositionList)))
    }
}

/// Whether the contact may be reached then. What was said later than `at` does not count; what is planned does.
pub fn decide(facts: &Facts, question: &Question, policy: &Policy, at: Timestamp) -> Decision {
    let desk = Desk::new(facts, question, policy, at);
    let (reasons, occasion) = desk.judge(at);
    let allowed = !is_denied(&reasons);
    Decision {
        contact: facts.contact,
        allowed,
        score: if allowed { occasion.score() } else { 0 },
        next_at: if allowed { None } else { desk.next_at(at, &reasons) },
        reasons,
    }
}

/// What each rule says then: a decision without its score and the next moment, which cost the most.
pub fn judge(facts: &Facts, question: &Question, policy: &Policy, at: Timestamp) -> Vec<Reason> {
    Desk::new(facts, question, policy, at).judge(at).0
}

fn is_denied(reasons: &[Reason]) -> bool {
    reasons.iter().any(|reason| reason.verdict == Verdict::Denies)
}

struct Desk<'a> {
    facts: &'a Facts,
    question: &'a Question,
    policy: &'a Policy,
    zone: TimeZone,
    /// `false`: they live abroad, and what time it is there is not known.
    is_theirs: bool,
    hours: Schedule,
    /// What was said before this controller, until the moment asked for.
    lines: Vec<&'a Consent>,
}

impl<'a> Desk<'a> {
    fn new(facts: &'a Facts, question: &'a Question, policy: &'a Policy, at: Timestamp) -> Self {
        let (zone, is_theirs) = zone_of(facts, &policy.settings.zone);
        let said = |line: &&Consent| line.at <= at && line.matter.controller == question.controller;
        Self {
            facts,
            question,
            policy,
            zone: zone.0.time_zone().clone(),
            is_theirs,
            hours: calling_hours(zone),
            lines: facts.lines.iter().filter(said).collect(),
        }
    }

    fn judge(&self, at: Timestamp) -> (Vec<Reason>, Occasion) {
        let Question { channel, purpose, .. } = self.question;
        let mut reasons = Vec::new();
        let mut occasion = Occasion::default();
        let call_back = self.call_back(at);
        let restriction = self.facts.restrictions.iter().find(|span| span.holds(at));
        if let Some(span) = restriction.filter(|_| self.policy.asks(RESTRICTION.id)) {
            reasons.push(Reason::denial(&RESTRICTION, Why::Restricted(span.from), span.until));
        }
        for rule in RULES {
            let asked = rule.holds(at) && rule.is_about(*channel, purpose.kind) && self.policy.asks(rule.id);
            let answered = call_back.is_some() && rule.id != RuleId::Identity;
            if asked && !answered {
                self.ask(rule, at, &mut reasons, &mut occasion);
            }
        }
        if let Some(reason) = call_back {
            reasons.push(reason);
            occasion.basis = Some(Basis::Consent);
        } else {
            let prospects = purpose.kind == Kind::Prospecting;
            for cap in self.policy.caps.iter().filter(|cap| cap.is_of(&self.facts.segments)) {
                if cap.covers(Some(*channel), Some(&purpose.id), prospects) {
                    reasons.push(self.cap(cap, at, &mut occasion));
                }
            }
            reasons.extend(self.wish(at, &mut occasion));
        }
        (reasons, occasion)
    }

    /// The next moment after `at`, when these deny it, at which nothing does.
    fn next_at(&self, at: Timestamp, denying: &[Reason]) -> Option<Timestamp> {
        let (mut at, mut reasons) = (at, denying.to_vec());
        for _ in 0..STEPS_MAX {
            let denials = reasons.iter().filter(|reason| reason.verdict == Verdict::Denies);
            let lifts: Option<Vec<Timestamp>> = denials.map(|reason| reason.lifts_at).collect();
            let next = lifts?.into_iter().max().filter(|next| *next > at)?;
            (at, reasons) = (next, self.judge(next).0);
            if !is_denied(&reasons) {
                return Some(at);
            }
        }
        None
    }

    fn ask(&self, rule: &Rule, at: Timestamp, reasons: &mut Vec<Reason>, occasion: &mut Occasion) {
        reasons.push(match rule.demands {
            Demand::Identity => self.identity(rule, at, occasion),
            Demand::NoList => {
                let mut lists = self.facts.lists_against(self.question.channel).peekable();
                if lists.peek().is_none() {
                    Reason::of(rule, Verdict::Allows, Why::Unlisted)
                } else {
                    let lists = lists.map(|list| list.list.clone()).collect();
                    Reason { lists, ..Reason::denial(rule, Why::Listed, None) }
                }
            }
            // An open question takes no objection away.
            Demand::NoOpposition => {
                match standing(self.of_matter().filter(|line| line.status != Status::Pending), at) {
                    Some((it @ (Standing::Refused | Standing::Withdrawn), line)) => {
                        Reason::denial(rule, said(it, line), None).by_lines([line])
                    }
                    Some((it, line)) => {
                        occasion.basis = (it == Standing::Granted).then_some(line.basis);
                        Reason::of(rule, Verdict::Allows, said(it, line)).by_lines([line])
                    }
                    None => Reason::of(rule, Verdict::Allows, Why::Unsaid),
                }
            }
            Demand::Granted(exception) => self.granted(rule, exception, at, occasion),
            Demand::Hours { consent_lifts } => self.within_hours(rule, consent_lifts, at),
            Demand::Attempts { count, days } => {
                let counts = |it: &&Solicitation| it.channel == Some(Channel::Phone) && it.prospects;
                self.count(rule, Limit { count, days }, counts, at, occasion)
            }
            Demand::Silence { days } => self.silence(rule, days, at),
            Demand::OwnAct { years } => self.own_act(rule, years, at, occasion),
        });
    }

    /// Whether a call of theirs may still be answered, and nothing they said since speaks against it.
    fn call_back(&self, at: Timestamp) -> Option<Reason> {
        let Question { channel, purpose, .. } = self.question;
        if *channel != Channel::Phone || purpose.kind != Kind::Prospecting || !self.policy.asks(CALL_BACK.id)
        {
            return None;
        }
        let (call, id) = self.facts.unanswered()?;
        let until = call.at + self.policy.settings.call_back;
        let no = |line: &&Consent| line.matter.channel == Channel::Phone && is_no(line) && line.at >= call.at;
        // Who has been called since, or is about to be, has been answered.
        let answered =
            |it: &Solicitation| it.channel == Some(Channel::Phone) && it.at >= call.at && it.at <= at;
        if !(call.at..until).contains(&at)
            || self.lines.iter().any(no)
            || self.facts.solicitations.iter().any(answered)
        {
            return None;
        }
        let reason = Reason::of(&CALL_BACK, Verdict::Allows, Why::CallBack { at: call.at, until });
        Some(Reason { calls: vec![id], ..reason.by_engagements([call.id]) })
    }

    /// How the matter asked for stands.
    fn standing(&self, at: Timestamp) -> Option<(Standing, &'a Consent)> {
        standing(self.of_matter(), at)
    }

    fn of_matter(&self) -> impl Iterator<Item = &'a Consent> {
        let Question { channel, purpose, .. } = self.question;
        let of_matter =
            |line: &&Consent| line.matter.channel == *channel && line.matter.purpose == purpose.id;
        self.lines.iter().copied().filter(of_matter)
    }

    fn granted(&self, rule: &Rule, exception: Exception, at: Timestamp, occasion: &mut Occasion) -> Reason {
        let Some((it, line)) = self.standing(at) else { return Reason::denial(rule, Why::Unsaid, None) };
        let deny = |why| Reason::denial(rule, why, None).by_lines([line]);
        let stands_in = match (line.basis, exception) {
            (Basis::Consent, _) | (Basis::Contract, Exception::OngoingContract) => true,
            (Basis::LegitimateInterest, Exception::SimilarProducts) if !self.is_customer(at) => {
                return deny(Why::NoCustomer);
            }
            (Basis::LegitimateInterest, Exception::SimilarProducts) => true,
            (Basis::Contract | Basis::LegitimateInterest | Basis::LegalObligation, _) => false,
        };
        if it != Standing::Granted || !stands_in {
            return deny(said(it, line));
        }
        occasion.basis = Some(line.basis);
        Reason::of(rule, Verdict::Allows, said(it, line)).by_lines([line])
    }

    /// Whoever has bought, or has a contract.
    fn is_customer(&self, at: Timestamp) -> bool {
        self.facts.latest(Deed::Purchase).is_some_and(|bought| bought.at <= at) || self.contract(at).is_some()
    }

    /// A contract that goes on, whatever it is about.
    fn contract(&self, at: Timestamp) -> Option<&'a Consent> {
        let goes_on = |line: &&&Consent| {
            let of_matter = self.lines.iter().filter(|other| other.matter == line.matter);
            line.basis == Basis::Contract
                && standing(of_matter.copied(), at) == Some((Standing::Granted, **line))
        };
        self.lines.iter().find(goes_on).copied()
    }

    fn within_hours(&self, rule: &Rule, consent_lifts: bool, at: Timestamp) -> Reason {
        let consent = self.standing(at);
        let consent = consent.filter(|(it, line)| *it == Standing::Granted && line.basis == Basis::Consent);
        if let Some((_, line)) = consent.filter(|_| consent_lifts) {
            return Reason::of(rule, Verdict::Allows, Why::HoursLifted).by_lines([line]);
        }
        if self.hours.is_open(at) {
            return if self.is_theirs {
                Reason::of(rule, Verdict::Allows, Why::InHours)
            } else {
                Reason::of(rule, Verdict::Doubts, Why::NoZone)
            };
        }
        let why = if is_holiday(&self.hours, at) { Why::Holiday } else { Why::OutOfHours };
        Reason::denial(rule, why, self.hours.opens_at(at))
    }

    fn cap(&self, cap: &Cap, at: Timestamp, occasion: &mut Occasion) -> Reason {
        let reason = self.count(&CAP, cap.limit, |it| cap.counts(it), at, occasion);
        Reason { cap: Some(cap.id.clone()), ..reason }
    }

    /// What they have said of how often.
    fn wish(&self, at: Timestamp, occasion: &mut Occasion) -> Option<Reason> {
        let Question { channel, purpose, .. } = self.question;
        if purpose.kind != Kind::Prospecting || !self.policy.asks(WISH.id) {
            return None;
        }
        let limit = wish::standing(&self.facts.wishes, *channel)?.limit();
        Some(self.count(&WISH, limit, |it| wish::counts(*channel, it), at, occasion))
    }

    fn count(
        &self,
        rule: &Rule,
        limit: Limit,
        counts: impl Fn(&&Solicitation) -> bool,
        at: Timestamp,
        occasion: &mut Occasion,
    ) -> Reason {
        let load = load(limit, self.facts.solicitations.iter().filter(counts), at, &self.zone);
        occasion.pressed = occasion.pressed.max(f64::from(load.used) / f64::from(limit.count.max(1)));
        let why = Why::Used { used: load.used, limit };
        let reason = if load.left > 0 {
            Reason::of(rule, Verdict::Allows, why)
        } else {
            Reason::denial(rule, why, load.free_at)
        };
        reason.by_solicitations(&load.counted)
    }

    fn silence(&self, rule: &Rule, days: u32, at: Timestamp) -> Reason {
        let is_granted_since = |no: &Consent| {
            self.standing(at).is_some_and(|(it, line)| it == Standing::Granted && line.at > no.at)
        };
        let noes = self.lines.iter().filter(|line| line.matter.channel == Channel::Phone && is_no(line));
        let last = noes.max_by_key(|line| line.at).filter(|no| !is_granted_since(no));
        let over = |no: &Consent| midnight(&self.zone, day_in(&self.zone, no.at) + i64::from(days) + 1);
        match last.filter(|no| at < over(no)) {
            Some(no) => Reason::denial(rule, Why::RefusedOn(no.at), Some(over(no))).by_lines([*no]),
            None => Reason::of(rule, Verdict::Allows, Why::NoRefusal),
        }
    }

    fn own_act(&self, rule: &Rule, years: i16, at: Timestamp, occasion: &mut Occasion) -> Reason {
        let said = |line: &&&Consent| {
            line.status == Status::Granted && !matches!(line.method, Method::Import | Method::Rule)
        };
        let said = self.lines.iter().filter(said).max_by_key(|line| line.at);
        let did = self.facts.last_act();
        let moments = [Some(self.facts.created_at), did.map(|act| act.at), said.map(|line| line.at)];
        let last = moments.into_iter().flatten().max().unwrap_or_default();
        occasion.idle = at.since(last);
        if let Some(line) = self.contract(at) {
            occasion.idle = Duration::ZERO;
            return Reason::of(rule, Verdict::Allows, Why::UnderContract).by_lines([line]);
        }
        let then = last.to_calendar().to_zoned(self.zone.clone());
        let over = then.checked_add(years.years()).map(|end| end.timestamp().as_millisecond());
        let reason = if at.as_ms() < over.unwrap_or(i64::MAX) {
            Reason::of(rule, Verdict::Allows, Why::ActedOn(last))
        } else {
            Reason::denial(rule, Why::ActedOn(last), None)
        };
        let line = said.filter(|line| line.at == last).copied();
        reason.by_engagements(did.filter(|act| act.at == last).map(|act| act.id)).by_lines(line)
    }
}

fn said(standing: Standing, line: &Consent) -> Why {
    Why::Said { standing, basis: line.basis, at: line.at }
}

fn is_no(line: &Consent) -> bool {
    matches!(line.status, Status::Refused | Status::Withdrawn)
}
