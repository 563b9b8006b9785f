//! What the law asks of whoever reaches people, as data: each rule with where it
//! is written, from when to when it holds, and what it demands.
//!
//! The set is that of France. A rule that changes gets its end and a new one
//! its beginning, so a past decision can be asked for as it would have been
//! made. [`decide`] holds a contact's facts against the rules.
//!
//! ```text
//!   facts ─┐
//!   rules ─┼─ decide(at) ─► allowed? · a reason for each rule · score · next_at
//!   plan ──┘
//! ```

mod decide;
mod draft;
mod facts;
pub(super) mod place;
mod reason;
mod scale;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use decide::{Decision, decide, judge};
pub use draft::{Draft, REACHING};
pub use facts::{Facts, Latest};
pub use place::{day_in, midnight, zone_of};
pub use reason::{Reason, Verdict, Why};

use super::consent::Channel;
use super::pressure::Cap;
use super::purpose::{Kind, Purpose};
use crate::domain::calling::outcome::words;
use crate::domain::calling::schedule::Zone;
use crate::domain::ids::ControllerId;
use crate::domain::time::Timestamp;

/// A rule by its name, under which a plan switches it off.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RuleId {
    Identity,
    Restriction,
    CallBack,
    OppositionList,
    PhoneOpposition,
    PhoneConsent,
    EmailConsent,
    SmsConsent,
    PushConsent,
    PostOpposition,
    ServiceOpposition,
    PhoneHoursUnlessConsent,
    PhoneHours,
    PhoneAttempts,
    PhoneRefusal,
    ProspectRetention,
    /// What the plan's own caps say.
    Cap,
    /// What they have said of it themselves.
    FrequencyWish,
}

words! { RuleId:
    Identity = "identity",
    Restriction = "restriction",
    CallBack = "call-back",
    OppositionList = "opposition-list",
    PhoneOpposition = "phone-opposition",
    PhoneConsent = "phone-consent",
    EmailConsent = "email-consent",
    SmsConsent = "sms-consent",
    PushConsent = "push-consent",
    PostOpposition = "post-opposition",
    ServiceOpposition = "service-opposition",
    PhoneHoursUnlessConsent = "phone-hours-unless-consent",
    PhoneHours = "phone-hours",
    PhoneAttempts = "phone-attempts",
    PhoneRefusal = "phone-refusal",
    ProspectRetention = "prospect-retention",
    Cap = "cap",
    FrequencyWish = "frequency-wish",
}

impl Serialize for RuleId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a rule demands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Demand {
    /// Something to reach them by, that is not known to lead nowhere.
    Identity,
    /// On no list of those who object.
    NoList,
    /// No refusal and no withdrawal in the ledger.
    NoOpposition,
    /// A line of the ledger that grants it: consent, or one of these bases besides.
    Granted(Exception),
    /// Within the hours, in the person's own time.
    Hours { consent_lifts: bool },
    /// No more than so many attempts in so many calendar days.
    Attempts { count: u32, days: u32 },
    /// So many whole calendar days of silence after a refusal.
    Silence { days: u32 },
    /// An act of their own within so many years.
    OwnAct { years: i16 },
}

/// What stands in for consent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exception {
    None,
    /// A contract that goes on: a line with the basis `contract`.
    OngoingContract,
    /// Products like those that a customer has bought: a line with the basis
    /// `legitimate_interest`, of somebody who has bought or has a contract.
    SimilarProducts,
}

#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub id: RuleId,
    /// Where it is written.
    pub law: &'static str,
    /// When it was written, as a date.
    pub dated: &'static str,
    /// From when on it holds; before, it is not asked.
    pub from: Timestamp,
    /// When it ends.
    pub until: Option<Timestamp>,
    /// The channels it is about; empty: all by which people are reached.
    pub channels: &'static [Channel],
    /// The purposes it is about; empty: all.
    pub kinds: &'static [Kind],
    pub demands: Demand,
}

impl Rule {
    /// Whether it is in force then.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// From when on it holds; `None`: it always has.
    pub fn since(&self) -> Option<Timestamp> {
        (self.from != ALWAYS).then_some(self.from)
    }

    pub fn is_about(&self, channel: Channel, kind: Kind) -> bool {
        let of_channel = self.channels.is_empty() || self.channels.contains(&channel);
        of_channel && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }
}

const ALWAYS: Timestamp = Timestamp::from_ms(i64::MIN);
/// 1 March 2023, midnight in Paris: décret 2022-1313, art. 3.
const MARCH_2023: Timestamp = Timestamp::from_ms(1_677_625_200_000);
/// 11 August 2026, midnight in Paris: loi 2025-594, art. 13, III.
const AUGUST_2026: Timestamp = Timestamp::from_ms(1_786_399_200_000);

const PROSPECTING: &[Kind] = &[Kind::Prospecting];

const fn rule(id: RuleId, law: &'static str, dated: &'static str, demands: Demand) -> Rule {
    Rule { id, law, dated, from: ALWAYS, until: None, channels: &[], kinds: PROSPECTING, demands }
}

const fn of_phone(rule: Rule) -> Rule {
    Rule { channels: &[Channel::Phone], ..rule }
}

/// Every rule, in the order in which reasons are told. The restriction ([`RESTRICTION`]), the call back ([`CALL_BACK`]),
/// the plan's caps and what they wish themselves stand beside them.
pub const RULES: &[Rule] = &[
    Rule { kinds: &[], ..rule(RuleId::Identity, "RGPD, art. 5(1) d", "2016-04-27", Demand::Identity) },
    rule(RuleId::OppositionList, "RGPD, art. 21(2) and (3)", "2016-04-27", Demand::NoList),
    Rule {
        until: Some(AUGUST_2026),
        ..of_phone(rule(
            RuleId::PhoneOpposition,
            "Code de la consommation, art. L. 223-1 (loi 2020-901)",
            "2020-07-24",
            Demand::NoOpposition,
        ))
    },
    Rule {
        from: AUGUST_2026,
        ..of_phone(rule(
            RuleId::PhoneConsent,
            "Code de la consommation, art. L. 223-1 (loi 2025-594, art. 13)",
            "2025-06-30",
            Demand::Granted(Exception::OngoingContract),
        ))
    },
    Rule {
        channels: &[Channel::Email],
        ..rule(
            RuleId::EmailConsent,
            "Code des postes et des communications électroniques, art. L. 34-5",
            "2004-06-21",
            Demand::Granted(Exception::SimilarProducts),
        )
    },
    Rule {
        channels: &[Channel::Sms],
        ..rule(
            RuleId::SmsConsent,
            "Code des postes et des communications électroniques, art. L. 34-5",
            "2004-06-21",
            Demand::Granted(Exception::SimilarProducts),
        )
    },
    Rule {
        channels: &[Channel::Push],
        ..rule(RuleId::PushConsent, "loi 78-17, art. 82", "1978-01-06", Demand::Granted(Exception::None))
    },
    Rule {
        channels: &[Channel::Post],
        ..rule(RuleId::PostOpposition, "RGPD, art. 21(2) and (3)", "2016-04-27", Demand::NoOpposition)
    },
    Rule {
        kinds: &[Kind::Service],
        ..rule(RuleId::ServiceOpposition, "RGPD, art. 21(1)", "2016-04-27", Demand::NoOpposition)
    },
    Rule {
        from: MARCH_2023,
        until: Some(AUGUST_2026),
        ..of_phone(rule(
            RuleId::PhoneHoursUnlessConsent,
            "Code de la consommation, art. D. 223-9, al. 1 and 2 (décret 2022-1313)",
            "2022-10-13",
            Demand::Hours { consent_lifts: true },
        ))
    },
    // From then on only a call at a day and hour that the person has named may come at others (art. L. 223-1).
    Rule {
        from: AUGUST_2026,
        ..of_phone(rule(
            RuleId::PhoneHours,
            "Code de la consommation, art. L. 223-1 and D. 223-9, al. 1 (décret 2022-1313)",
            "2025-06-30",
            Demand::Hours { consent_lifts: false },
        ))
    },
    Rule {
        from: MARCH_2023,
        ..of_phone(rule(
            RuleId::PhoneAttempts,
            "Code de la consommation, art. D. 223-9, al. 3 (décret 2022-1313)",
            "2022-10-13",
            Demand::Attempts { count: 4, days: 30 },
        ))
    },
    Rule {
        from: MARCH_2023,
        ..of_phone(rule(
            RuleId::PhoneRefusal,
            "Code de la consommation, art. D. 223-9, al. 3 (décret 2022-1313)",
            "2022-10-13",
            Demand::Silence { days: 60 },
        ))
    },
    rule(
        RuleId::ProspectRetention,
        "CNIL, référentiel relatif à la gestion des activités commerciales (délibération 2021-131)",
        "2021-09-23",
        Demand::OwnAct { years: 3 },
    ),
];

/// Whose data is only kept may be reached for nothing, whatever else allows it; of anybody else nothing is told.
pub const RESTRICTION: Rule =
    Rule { kinds: &[], ..rule(RuleId::Restriction, "RGPD, art. 18(2)", "2016-04-27", Demand::Identity) };

/// Whoever called and was not answered asked to be spoken to: to call back is no soliciting.
pub const CALL_BACK: Rule = of_phone(rule(
    RuleId::CallBack,
    "RGPD, art. 6(1) b; a call that answers one is no démarchage (Code de la consommation, art. L. 223-1)",
    "2016-04-27",
    Demand::Identity,
));

/// What the plan's caps are told under.
const CAP: Rule = rule(RuleId::Cap, "the plan", "", Demand::Identity);

/// What somebody wishes is told under. A cap that they set themselves is an objection to what goes beyond it.
const WISH: Rule = rule(RuleId::FrequencyWish, "RGPD, art. 21(2)", "2016-04-27", Demand::Identity);

/// Every rule that a plan may switch off, in the order in which reasons are told.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [&RESTRICTION].into_iter().chain(RULES).chain([&CALL_BACK, &WISH])
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    pub channel: Channel,
    pub purpose: Purpose,
    /// Before whom consent was given.
    pub controller: ControllerId,
}

/// What the plan says of contactability.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// The rules that are not asked.
    pub off: BTreeSet<RuleId>,
    /// For how long an unanswered call may be answered by a call back.
    pub call_back: Duration,
    /// The zone of whoever tells none by address or number.
    pub zone: Zone,
}

impl Default for Settings {
    fn default() -> Self {
        let zone = "Europe/Paris".parse().expect("a zone of the tables that are built in");
        Self { off: BTreeSet::new(), call_back: Duration::from_hours(72), zone }
    }
}

/// By what a decision is made besides the facts.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Policy {
    pub settings: Settings,
    pub caps: Vec<Cap>,
}

impl Policy {
    /// The same with hours and holidays left out, which say when somebody may be called and not whether.
    pub fn at_any_hour(mut self) -> Self {
        self.settings.off.extend([RuleId::PhoneHours, RuleId::PhoneHoursUnlessConsent]);
        self
    }

    /// Whether the plan has not switched it off.
    pub fn asks(&self, rule: RuleId) -> bool {
        !self.settings.off.contains(&rule)
    }
}
