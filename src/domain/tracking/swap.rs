//! What a page shows in place of a business number, and why.
//!
//! With consent a visit has a number of its own; without, or when the pool is
//! exhausted, the number of a visit like it; failing that, the number that stands
//! for the channel it came by; and when the plan has none, the business number
//! stays as it is written.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::channels::Channel;
use super::guard::Refusal;
use super::number::{NumberKind, TrackingNumber};
use crate::domain::ids::SiteId;
use crate::domain::phone::Phone;

/// Why a page shows the number it shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A number of the pool, newly lent to this visit.
    Lease,
    /// The number this visitor had already.
    Renewed,
    /// The number of another visit like this one, since the pool has none left.
    Shared,
    /// The number that stands for the visit's channel on this site.
    ChannelStatic,
    /// Nothing to show: the business number stays.
    Original,
}

impl Rule {
    pub const ALL: [Rule; 5] =
        [Rule::Lease, Rule::Renewed, Rule::Shared, Rule::ChannelStatic, Rule::Original];

    pub const fn as_str(self) -> &'static str {
        match self {
            Rule::Lease => "lease",
            Rule::Renewed => "renewed",
            Rule::Shared => "shared",
            Rule::ChannelStatic => "channel_static",
            Rule::Original => "original",
        }
    }
}

/// The text names no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a rule by which a number is shown")]
pub struct BadRule;

impl FromStr for Rule {
    type Err = BadRule;

    fn from_str(text: &str) -> Result<Self, BadRule> {
        Rule::ALL.into_iter().find(|rule| rule.as_str() == text).ok_or(BadRule)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a pool has no number for a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lack {
    /// All are lent or rest, and no visit is like this one.
    Exhausted,
    /// A cap is reached.
    Refused(Refusal),
}

impl Lack {
    pub const fn as_str(self) -> &'static str {
        match self {
            Lack::Exhausted => "exhausted",
            Lack::Refused(refusal) => refusal.as_str(),
        }
    }
}

/// One business number of a page and what is shown instead.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Swap {
    pub target: Phone,
    /// `None`: the target stays.
    pub number: Option<Phone>,
    pub rule: Rule,
}

/// A static number that stands in for a target on a site, for one channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StandIn {
    pub target: Phone,
    pub channel: Channel,
    pub number: Phone,
}

impl StandIn {
    /// What `number` stands in for on `site`, if it does.
    pub fn of(number: &TrackingNumber, site: &SiteId) -> Option<Self> {
        let NumberKind::Static(medium) = &number.kind else { return None };
        let place = medium.stands_in.as_ref().filter(|place| place.site == *site)?;
        Some(Self { target: place.target.clone(), channel: medium.channel, number: number.e164.clone() })
    }
}

/// What is shown for `target` when the visit has no number of its own.
pub fn choose_static(target: &Phone, channel: Channel, stand_ins: &[StandIn]) -> Swap {
    let number =
        stand_ins.iter().find(|s| s.target == *target && s.channel == channel).map(|s| s.number.clone());
    let rule = if number.is_some() { Rule::ChannelStatic } else { Rule::Original };
    Swap { target: target.clone(), number, rule }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(last: u32) -> Phone {
        format!("+3319900{last:04}").parse().unwrap()
    }

    #[test]
    fn a_number_stands_in_for_its_own_target_and_channel_only() {
        let paid = StandIn { target: phone(1), channel: Channel::PaidSearch, number: phone(2004) };

        let same = choose_static(&phone(1), Channel::PaidSearch, std::slice::from_ref(&paid));
        let other_channel = choose_static(&phone(1), Channel::Direct, std::slice::from_ref(&paid));
        let other_target = choose_static(&phone(2), Channel::PaidSearch, &[paid]);

        assert_eq!((same.number, same.rule), (Some(phone(2004)), Rule::ChannelStatic));
        assert_eq!((other_channel.number, other_channel.rule), (None, Rule::Original));
        assert_eq!((other_target.number, other_target.rule), (None, Rule::Original));
    }
}
