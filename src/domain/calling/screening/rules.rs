//! The rules by name, and what is done when one applies.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::calling::outcome::words;

/// Why a call was let in, marked or refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    AllowList,
    BlockList,
    /// Its signature (STIR/SHAKEN) does not hold.
    IdentityFailed,
    /// It has no signature.
    IdentityAbsent,
    /// The operator knows the customer, and not whether the number is theirs.
    AttestationB,
    /// The operator only knows where the call came into its network.
    AttestationC,
    /// The caller shows something that is no telephone number.
    NoNumber,
    /// The caller's number is of a range that nobody has been given.
    UnassignedNumber,
    /// The caller shows the number that they call.
    OwnNumber,
    /// A French number that only platforms use.
    PlatformNumber,
    /// A French mobile number that no operator vouches for.
    UnsignedMobile,
    /// The caller calls too often.
    Rate,
    /// Calls of this caller were silent, again and again.
    SilentCalls,
}

impl Rule {
    /// Those that the settings may turn on; the lists speak for themselves.
    pub fn of_settings() -> impl Iterator<Item = Rule> {
        Rule::ALL.iter().copied().filter(|rule| !matches!(rule, Rule::AllowList | Rule::BlockList))
    }
}

/// What is done with a call that a rule applies to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Off,
    /// Let in, whatever else holds; for entries of a list.
    Allow,
    Mark,
    /// 607 or 608.
    Refuse,
    /// 486: the caller does not learn that they are known.
    Busy,
}

words! { Rule:
    AllowList = "allow_list",
    BlockList = "block_list",
    IdentityFailed = "identity_failed",
    IdentityAbsent = "identity_absent",
    AttestationB = "attestation_b",
    AttestationC = "attestation_c",
    NoNumber = "no_number",
    UnassignedNumber = "unassigned_number",
    OwnNumber = "own_number",
    PlatformNumber = "platform_number",
    UnsignedMobile = "unsigned_mobile",
    Rate = "rate",
    SilentCalls = "silent_calls",
}

words! { Action:
    Off = "off",
    Allow = "allow",
    Mark = "mark",
    Refuse = "refuse",
    Busy = "busy",
}

/// So many calls within so long.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limit {
    pub calls: u32,
    pub within: Duration,
}

/// What the admin sets for all calls.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// A rule that is not here is off.
    pub then: BTreeMap<Rule, Action>,
    /// A caller's calls above this are too many.
    pub rate: Limit,
    /// After so many silent calls the next one is judged.
    pub silent: Limit,
    /// An answered call shorter than this was silent.
    pub answered_under: Duration,
    /// So was one that the caller gave up sooner than this.
    pub abandoned_under: Duration,
}

/// Everything off.
impl Default for Settings {
    fn default() -> Self {
        Self {
            then: BTreeMap::new(),
            rate: Limit { calls: 10, within: Duration::from_secs(60) },
            silent: Limit { calls: 3, within: Duration::from_secs(24 * 60 * 60) },
            answered_under: Duration::from_secs(3),
            abandoned_under: Duration::from_secs(2),
        }
    }
}

impl Settings {
    pub fn of(&self, rule: Rule) -> Action {
        self.then.get(&rule).copied().unwrap_or(Action::Off)
    }
}
