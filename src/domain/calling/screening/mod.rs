//! Who may ring: an ordered decision over a call at the door.
//!
//! ```text
//!   allow lists ──▶ let in, whatever else holds
//!   block lists ──▶ signature ──▶ known patterns ──▶ rate ──▶ silent calls
//!        the first that refuses decides; else the first that marks is noted
//! ```
//!
//! A marked call is carried like any other and says in its record why it was
//! marked. A refused one gets 607 (RFC 8197) when somebody at the business
//! wrote the caller down, and 608 (RFC 8688) when a rule judged: the RFCs keep
//! a person's word and a machine's apart. `busy` says 486, which tells a robot
//! nothing.
//!
//! An allow list is believed only as far as the caller's number is: when the
//! signature of the call fails, the number on it is somebody else's word.

pub mod block;
pub mod callers;
pub mod patterns;
pub mod rules;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::identity::{Attestation, Identity, Signature};
use super::outcome::words;
use crate::domain::ids::{BlockId, OutletId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use block::Lists;
use callers::Habits;
use rules::{Action, Rule, Settings};

/// RFC 8197: somebody does not want this caller.
const UNWANTED: u16 = 607;
/// RFC 8688: a machine judged so.
const REJECTED: u16 = 608;
const BUSY: u16 = 486;

/// Who calls, as far as they say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Caller {
    Shown(Phone),
    /// They do not wish to be known.
    Withheld,
    /// What stands there could not be dialled.
    NoNumber,
}

impl Caller {
    pub fn number(&self) -> Option<&Phone> {
        match self {
            Caller::Shown(number) => Some(number),
            Caller::Withheld | Caller::NoNumber => None,
        }
    }
}

/// A call at the door.
#[derive(Clone, Copy, Debug)]
pub struct Knock<'a> {
    pub caller: &'a Caller,
    pub called: &'a Phone,
    /// `None`: the number is none of ours.
    pub outlet: Option<&'a OutletId>,
    pub identity: &'a Identity,
    /// Whether only calls with a good signature are wanted.
    pub must_be_signed: bool,
}

/// Everything that screening goes by.
#[derive(Clone, Default, Debug)]
pub struct Rulebook {
    pub lists: Lists,
    pub settings: Settings,
}

/// What screening said of a call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Decision {
    pub verdict: Verdict,
    /// The rule that applied.
    pub rule: Rule,
    /// The entry of the list that applied.
    #[serde(default)]
    pub block: Option<BlockId>,
    /// What the caller of a refused call is told; of a call that is over, its record says so.
    #[serde(skip)]
    pub status: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// On an allow list, so nothing else was asked.
    Allowed,
    /// Carried on, and noted.
    Marked,
    Refused,
}

words! { Verdict:
    Allowed = "allowed",
    Marked = "marked",
    Refused = "refused",
}

impl Decision {
    pub fn refuses(&self) -> bool {
        self.verdict == Verdict::Refused
    }

    /// What an action comes to; `None`: to nothing.
    fn of(rule: Rule, action: Action, block: Option<&BlockId>) -> Option<Self> {
        let (verdict, status) = match action {
            Action::Off => return None,
            Action::Allow => (Verdict::Allowed, None),
            Action::Mark => (Verdict::Marked, None),
            Action::Refuse if rule == Rule::BlockList => (Verdict::Refused, Some(UNWANTED)),
            Action::Refuse => (Verdict::Refused, Some(REJECTED)),
            Action::Busy => (Verdict::Refused, Some(BUSY)),
        };
        Some(Self { verdict, rule, block: block.cloned(), status })
    }
}

impl Rulebook {
    /// What is to be done with a call; `None`: nothing speaks for or against it.
    pub fn decide(&self, knock: &Knock<'_>, habits: Habits, now: Timestamp) -> Option<Decision> {
        let blocks: Vec<_> = self.lists.about(knock, now).collect();
        let is_believed = knock.identity.signature != Signature::Failed;
        if let Some(allowed) = blocks.iter().find(|block| block.then == Action::Allow).filter(|_| is_believed)
        {
            return Decision::of(Rule::AllowList, Action::Allow, Some(&allowed.id));
        }
        let listed = blocks.iter().find(|block| block.then != Action::Allow);
        let listed = listed.and_then(|block| Decision::of(Rule::BlockList, block.then, Some(&block.id)));
        let judged =
            broken(knock, habits).filter_map(|rule| Decision::of(rule, self.settings.of(rule), None));

        let mut said = None;
        for decision in listed.into_iter().chain(unsigned(knock)).chain(judged) {
            if decision.refuses() {
                return Some(decision);
            }
            said.get_or_insert(decision);
        }
        said
    }
}

/// The refusal of a call without a good signature where one is demanded.
fn unsigned(knock: &Knock<'_>) -> Option<Decision> {
    let status = knock.identity.refusal().filter(|_| knock.must_be_signed)?;
    let absent = knock.identity.signature == Signature::Absent;
    let rule = if absent { Rule::IdentityAbsent } else { Rule::IdentityFailed };
    Some(Decision { verdict: Verdict::Refused, rule, block: None, status: Some(status) })
}

/// Which rules a call breaks, in the order in which they are asked.
fn broken(knock: &Knock<'_>, habits: Habits) -> impl Iterator<Item = Rule> {
    let Knock { caller, called, identity, .. } = *knock;
    let shown = caller.number();
    let of_level = |level| identity.attestation == Some(level);
    let is_vouched_for = of_level(Attestation::A) || of_level(Attestation::B);
    let asks = [
        (Rule::IdentityFailed, identity.signature == Signature::Failed),
        (Rule::IdentityAbsent, identity.signature == Signature::Absent),
        (Rule::AttestationB, of_level(Attestation::B)),
        (Rule::AttestationC, of_level(Attestation::C)),
        (Rule::NoNumber, *caller == Caller::NoNumber),
        (Rule::UnassignedNumber, shown.is_some_and(|number| !number.is_assigned())),
        (Rule::OwnNumber, shown == Some(called)),
        (Rule::PlatformNumber, shown.is_some_and(patterns::is_of_platform)),
        (
            Rule::UnsignedMobile,
            identity.signature != Signature::Unchecked
                && !is_vouched_for
                && shown.is_some_and(patterns::is_french_mobile),
        ),
        (Rule::Rate, habits.too_often),
        (Rule::SilentCalls, habits.silent),
    ];
    asks.into_iter().filter_map(|(rule, applies)| applies.then_some(rule))
}
