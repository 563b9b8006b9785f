//! Of many contacts, how many may be reached by one channel for one purpose,
//! what that stands on, why the others may not, and what would win them.
//!
//! Each contact is judged by the rules that a check of it asks, so that both say
//! the same; hours and holidays are left out ([`Policy::at_any_hour`]), since
//! by night nobody could be called. Whoever may not be reached has obstacles,
//! and at most one remedy: what the person would have to say, give or confirm.
//! A no, a list, a cap and an act of too long ago have none, for nobody should
//! be asked then.
//!
//! [`Policy::at_any_hour`]: crate::domain::people::rules::Policy::at_any_hour

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::calling::outcome::words;
use crate::domain::people::consent::{Basis, Standing};
use crate::domain::people::contact::Identity;
use crate::domain::people::rules::{Facts, Reason, RuleId, Verdict, Why};
use crate::domain::time::Timestamp;

/// What it stands on that somebody may be reached.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    Consent,
    Contract,
    LegitimateInterest,
    LegalObligation,
    /// Their call was not answered, and may be.
    CallBack,
    /// Nobody has objected, and no more is asked.
    NoObjection,
}

words! { Support:
    Consent = "consent",
    Contract = "contract",
    LegitimateInterest = "legitimate_interest",
    LegalObligation = "legal_obligation",
    CallBack = "call_back",
    NoObjection = "no_objection",
}

/// Why somebody may not be reached.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// Nothing is known to reach them by.
    NoIdentity,
    /// Every address that is known came back for good.
    Bounced,
    /// They have said nothing, and consent is needed.
    NoConsent,
    /// They were asked, and have not confirmed.
    Unconfirmed,
    Expired,
    /// There is a line, on a basis that does not do here: an interest, say, where nobody has bought anything.
    OtherBasis,
    Refused,
    Withdrawn,
    OppositionList,
    /// They have refused lately, and are to be left in peace.
    Silence,
    /// They have been addressed as often as a rule or a cap allows.
    Pressure,
    /// Their last own act is too long ago.
    Retention,
    /// Their data is only kept (RGPD art. 18).
    Restriction,
}

words! { Obstacle:
    NoIdentity = "no_identity",
    Bounced = "bounced",
    NoConsent = "no_consent",
    Unconfirmed = "unconfirmed",
    Expired = "expired",
    OtherBasis = "other_basis",
    Refused = "refused",
    Withdrawn = "withdrawn",
    OppositionList = "opposition_list",
    Silence = "silence",
    Pressure = "pressure",
    Retention = "retention",
    Restriction = "restriction",
}

impl Obstacle {
    /// What a denial is; `None`: hours, which are not asked, and what denies nothing.
    fn of(why: &Why) -> Option<Self> {
        Some(match why {
            Why::NoIdentity => Self::NoIdentity,
            Why::Bounced(_) => Self::Bounced,
            Why::Unsaid => Self::NoConsent,
            Why::Said { standing, .. } => match standing {
                Standing::Granted => Self::OtherBasis,
                Standing::Refused => Self::Refused,
                Standing::Withdrawn => Self::Withdrawn,
                Standing::Pending => Self::Unconfirmed,
                Standing::Expired => Self::Expired,
            },
            Why::NoCustomer => Self::OtherBasis,
            Why::Listed => Self::OppositionList,
            Why::RefusedOn(_) => Self::Silence,
            Why::Used { .. } => Self::Pressure,
            Why::ActedOn(_) => Self::Retention,
            Why::Restricted(_) => Self::Restriction,
            Why::OutOfHours | Why::Holiday | Why::NoZone | Why::InHours | Why::HoursLifted => return None,
            Why::Reachable | Why::Unassigned | Why::Marked(_) | Why::Returned(_) => return None,
            Why::CallBack { .. } | Why::Unlisted | Why::NoRefusal | Why::UnderContract => return None,
        })
    }
}

/// What would win somebody.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// All else is there: something to reach them by.
    AskIdentity,
    /// All else is there: an address in the place of one that came back.
    RenewIdentity,
    /// They were asked: the confirmation.
    Confirm,
    /// They had said yes, and it has run out.
    RenewConsent,
    /// There is something to reach them by: their consent.
    AskConsent,
    /// Something to reach them by, and their consent.
    AskBoth,
}

words! { Remedy:
    AskIdentity = "ask_identity",
    RenewIdentity = "renew_identity",
    Confirm = "confirm",
    RenewConsent = "renew_consent",
    AskConsent = "ask_consent",
    AskBoth = "ask_both",
}

impl Remedy {
    /// What takes all of these out of the way.
    fn of(obstacles: &BTreeSet<Obstacle>) -> Option<Self> {
        let (mut by, mut word) = (None, None);
        for obstacle in obstacles {
            match obstacle {
                Obstacle::NoIdentity => by = Some(Self::AskIdentity),
                Obstacle::Bounced => by = Some(Self::RenewIdentity),
                Obstacle::NoConsent | Obstacle::OtherBasis => word = Some(Self::AskConsent),
                Obstacle::Unconfirmed => word = Some(Self::Confirm),
                Obstacle::Expired => word = Some(Self::RenewConsent),
                Obstacle::Refused | Obstacle::Withdrawn | Obstacle::OppositionList => return None,
                Obstacle::Silence | Obstacle::Pressure => return None,
                Obstacle::Retention | Obstacle::Restriction => return None,
            }
        }
        if by.is_some() && word.is_some() { Some(Self::AskBoth) } else { by.or(word) }
    }
}

/// How many contacts there are, may be reached, and may not.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Tally {
    pub contacts: u64,
    pub allowed: u64,
    /// Of those who may be reached, by what; they add up to `allowed`.
    pub supports: BTreeMap<Support, u64>,
    /// Of the others; somebody may have several.
    pub obstacles: BTreeMap<Obstacle, Stopped>,
    /// Of the others; nobody has more than one.
    pub remedies: BTreeMap<Remedy, Winnable>,
}

/// How many something stops.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Stopped {
    pub contacts: u64,
    /// Those whom nothing else stops.
    pub alone: u64,
}

/// How many something would win.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Winnable {
    pub contacts: u64,
    /// Those of them who have a telephone number …
    pub with_phone: u64,
    /// … and those who have an e-mail address that has not come back: by what they might be asked.
    pub with_email: u64,
}

impl Tally {
    /// Counts a contact by what the rules say of it at that moment.
    pub fn add(&mut self, facts: &Facts, reasons: &[Reason], at: Timestamp) {
        self.contacts += 1;
        let denials = reasons.iter().filter(|reason| reason.verdict == Verdict::Denies);
        let obstacles: BTreeSet<Obstacle> = denials.filter_map(|reason| Obstacle::of(&reason.why)).collect();
        if obstacles.is_empty() {
            self.allowed += 1;
            *self.supports.entry(support(reasons)).or_default() += 1;
            return;
        }
        for obstacle in &obstacles {
            let stopped = self.obstacles.entry(*obstacle).or_default();
            stopped.contacts += 1;
            stopped.alone += u64::from(obstacles.len() == 1);
        }
        if let Some(remedy) = Remedy::of(&obstacles) {
            let (mut phone, mut email) = (false, false);
            for known in &facts.identities {
                match &known.identity {
                    Identity::Phone(_) => phone = true,
                    Identity::Email(_) => email |= known.bounced_at.is_none_or(|bounce| bounce > at),
                    Identity::Visitor(_) | Identity::Customer(_) => {}
                }
            }
            let winnable = self.remedies.entry(remedy).or_default();
            winnable.contacts += 1;
            winnable.with_phone += u64::from(phone);
            winnable.with_email += u64::from(email);
        }
    }

    /// Those whom nothing but time or their own will would win.
    pub fn settled(&self) -> u64 {
        self.contacts - self.allowed - self.remedies.values().map(|it| it.contacts).sum::<u64>()
    }
}

fn support(reasons: &[Reason]) -> Support {
    if reasons.iter().any(|reason| reason.rule == RuleId::CallBack) {
        return Support::CallBack;
    }
    let granted = reasons.iter().find_map(|reason| match reason.why {
        Why::Said { standing: Standing::Granted, basis, .. } => Some(basis),
        _ => None,
    });
    match granted {
        Some(Basis::Consent) => Support::Consent,
        Some(Basis::Contract) => Support::Contract,
        Some(Basis::LegitimateInterest) => Support::LegitimateInterest,
        Some(Basis::LegalObligation) => Support::LegalObligation,
        None => Support::NoObjection,
    }
}
