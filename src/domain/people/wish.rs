//! How often somebody wants to be reached: a cap that they set themselves, by channel.

use super::consent::Channel;
use super::pressure::{Limit, Solicitation};
use crate::domain::calling::outcome::words;
use crate::domain::ids::{ContactId, WishId};
use crate::domain::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    pub id: WishId,
    pub contact: ContactId,
    pub channel: Channel,
    pub frequency: Frequency,
    pub at: Timestamp,
}

/// At the most once in …
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frequency {
    Week,
    Month,
    Quarter,
}

words! { Frequency:
    Week = "week",
    Month = "month",
    Quarter = "quarter",
}

impl Frequency {
    /// In calendar days of the contact's, as the plan's caps count.
    pub const fn limit(self) -> Limit {
        let days = match self {
            Frequency::Week => 7,
            Frequency::Month => 30,
            Frequency::Quarter => 91,
        };
        Limit { count: 1, days }
    }
}

/// What they wish of a channel, of all that they have wished.
pub fn standing(wishes: &[(Channel, Frequency)], channel: Channel) -> Option<Frequency> {
    rarest(wishes.iter().filter(|(by, _)| *by == channel).map(|(_, wish)| *wish))
}

/// Whether something counts for a wish about this channel: what is prospecting.
pub fn counts(channel: Channel, it: &Solicitation) -> bool {
    it.channel == Some(channel) && it.prospects
}

/// What counts of several wishes about one channel, which two who became one may have: the rarest.
fn rarest(frequencies: impl Iterator<Item = Frequency>) -> Option<Frequency> {
    frequencies.max_by_key(|frequency| frequency.limit().days)
}
