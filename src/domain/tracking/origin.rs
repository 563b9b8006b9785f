//! Where a call comes from in a word or two, for a line that is told before it takes the call: what is
//! likelier than all else together, or nothing.

use std::collections::HashMap;
use std::hash::Hash;

use super::attribution::Share;
use super::channels::Channel;
use super::source::Source;

#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Origin {
    pub channel: Option<Channel>,
    pub source: Option<String>,
    pub campaign: Option<String>,
}

impl Origin {
    /// Visits of one campaign count together, whichever of them it was.
    pub fn of(shares: &[Share]) -> Self {
        Self {
            channel: likely(shares, |source| Some(source.channel)),
            source: likely(shares, |source| Some(source.source.clone())),
            campaign: likely(shares, |source| source.campaign.clone()),
        }
    }
}

fn likely<T: Eq + Hash>(shares: &[Share], of: impl Fn(&Source) -> Option<T>) -> Option<T> {
    let mut all: HashMap<T, f64> = HashMap::new();
    for share in shares {
        if let Some(it) = of(&share.source) {
            *all.entry(it).or_default() += share.probability;
        }
    }
    all.into_iter().find(|(_, probability)| *probability > 0.5).map(|(it, _)| it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tracking::attribution::Evidence;

    fn share(probability: f64, channel: Channel, source: &str, campaign: Option<&str>) -> Share {
        let campaign = campaign.map(str::to_owned);
        let source = Source { channel, source: source.to_owned(), campaign, ..Source::unknown() };
        Share { visit: None, probability, evidence: Evidence::StaticNumber, source }
    }

    #[test]
    fn what_is_likelier_than_all_else_together_is_named() {
        let shares = [
            share(0.3, Channel::PaidSearch, "google", Some("spring")),
            share(0.3, Channel::PaidSearch, "bing", Some("spring")),
            share(0.4, Channel::Direct, "(direct)", None),
        ];

        let Origin { channel, source, campaign } = Origin::of(&shares);

        assert_eq!((channel, source), (Some(Channel::PaidSearch), None));
        assert_eq!(campaign.as_deref(), Some("spring"));
        assert_eq!(Origin::of(&shares[..2]).channel, Some(Channel::PaidSearch));
        assert_eq!(Origin::of(&shares[2..]), Origin::default(), "what is left may be anything");
    }
}
