//! What a missed caller may have been worth: an estimate, said as one.
//!
//! ```text
//!   of the answered calls of the same channel, the share that became sales  ×  the mean of a purchase
//! ```
//!
//! With few answered calls of a channel the share is that of all channels; with
//! few of all, without a sale or without a purchase nothing is known.

use std::collections::HashMap;

use crate::domain::money::Money;
use crate::domain::tracking::channels::Channel;

/// A share of fewer answered calls says nothing.
const ANSWERED_LEAST: f64 = 20.0;

/// Calls that somebody answered, and how many of them became sales.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Sold {
    pub answered: f64,
    pub sales: f64,
}

impl Sold {
    fn share(self) -> Option<f64> {
        (self.answered >= ANSWERED_LEAST).then(|| (self.sales / self.answered).min(1.0))
    }
}

/// What estimates stand on.
#[derive(Clone, Default, Debug)]
pub struct Stakes {
    pub channels: HashMap<Channel, Sold>,
    pub all: Sold,
    /// The mean of a purchase.
    pub purchase: Option<Money>,
}

/// What a caller may have been worth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stake {
    pub value: Money,
    /// How likely a call becomes a sale.
    pub chance: f64,
    /// By the calls of the caller's channel; `false`: by those of all.
    pub of_channel: bool,
}

impl Stakes {
    /// `None`: not known.
    pub fn of(&self, channel: Option<Channel>) -> Option<Stake> {
        let purchase = self.purchase?;
        if self.all.sales <= 0.0 {
            return None;
        }
        let own = channel.and_then(|it| self.channels.get(&it)).and_then(|sold| sold.share());
        let chance = own.or(self.all.share())?;
        let minor = (purchase.minor as f64 * chance).round() as u64;
        Some(Stake { value: Money { minor, ..purchase }, chance, of_channel: own.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    #[test]
    fn an_estimate_stands_on_the_channel_then_on_all_and_else_is_not_made() {
        let purchase = Some(Money { minor: 8_000, currency: Currency::EUR });
        let sold = |answered: f64, sales: f64| Sold { answered, sales };
        let many = HashMap::from([
            (Channel::PaidSearch, sold(50.0, 20.0)),
            (Channel::Email, sold(19.0, 19.0)),
            (Channel::Direct, sold(40.0, 0.0)),
        ]);
        for (all, purchase, channel, told) in [
            (sold(100.0, 25.0), purchase, Some(Channel::PaidSearch), Some((3_200, true))),
            (sold(100.0, 25.0), purchase, Some(Channel::Direct), Some((0, true))),
            (sold(100.0, 25.0), purchase, Some(Channel::Email), Some((2_000, false))),
            (sold(100.0, 25.0), purchase, None, Some((2_000, false))),
            (sold(19.0, 5.0), purchase, None, None),
            (sold(100.0, 0.0), purchase, Some(Channel::PaidSearch), None),
            (sold(100.0, 25.0), None, Some(Channel::PaidSearch), None),
        ] {
            let stakes = Stakes { channels: many.clone(), all, purchase };
            let stake = stakes.of(channel).map(|it| (it.value.minor, it.of_channel));
            assert_eq!(stake, told, "{all:?} {channel:?}");
        }
    }
}
