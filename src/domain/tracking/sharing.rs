//! Who may share a number when a pool has none left.
//!
//! A visit without a number of its own is shown the number of the visit most
//! like it. Both came by the same channel and source, so whoever of them
//! calls, what a report says of channels and sources is exact; only which of
//! the two visits it was stays open, and the attribution says so. A visit that
//! nobody is like shares with nobody.

use std::cmp::Reverse;

use super::channels::Channel;
use super::source::Source;
use crate::domain::ids::LeaseId;
use crate::domain::phone::Phone;

/// As far as a report tells visits apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Likeness {
    pub channel: Channel,
    pub source: String,
    pub campaign: Option<String>,
    /// Without query and fragment, which differ from ad to ad.
    pub landing_page: String,
}

/// A number that is with a visit, or rests after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    pub number: Phone,
    pub lease: LeaseId,
    pub likeness: Likeness,
}

impl Likeness {
    pub fn of(source: &Source, landing_page: &str) -> Self {
        Self {
            channel: source.channel,
            source: source.source.clone(),
            campaign: source.campaign.clone(),
            landing_page: landing_page.split(['?', '#']).next().unwrap_or_default().to_owned(),
        }
    }
}

/// With whom a visit shares: the one of the same channel and source that is
/// also of the same campaign, then of the same landing page, as far as there
/// is one; among equals the first.
pub fn choose_holder<'a>(holders: &'a [Holder], newcomer: &Likeness) -> Option<&'a Holder> {
    let alike = |holder: &&Holder| {
        holder.likeness.channel == newcomer.channel && holder.likeness.source == newcomer.source
    };
    holders.iter().filter(alike).min_by_key(|holder| {
        let same_campaign = holder.likeness.campaign == newcomer.campaign;
        let same_page = holder.likeness.landing_page == newcomer.landing_page;
        Reverse((same_campaign, same_page))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::tracking::source::classify;

    fn like(source: &str, campaign: &str, page: &str) -> Likeness {
        let address = format!(
            "https://b.example{page}?utm_source={source}&utm_medium=cpc&utm_campaign={campaign}&gclid=1"
        );
        Likeness::of(&classify(&address, None, &[]), &address)
    }

    fn holders(of: &[Likeness]) -> Vec<Holder> {
        let holder = |(n, likeness): (usize, &Likeness)| Holder {
            number: format!("+3319900{:04}", 1000 + n).parse().unwrap(),
            lease: LeaseId(Uuid::from_u128(n as u128)),
            likeness: likeness.clone(),
        };
        of.iter().enumerate().map(holder).collect()
    }

    fn chosen(of: &[Likeness], newcomer: &Likeness) -> Option<usize> {
        let holders = holders(of);
        let holder = choose_holder(&holders, newcomer)?;
        holders.iter().position(|it| it == holder)
    }

    #[test]
    fn the_campaign_weighs_more_than_the_landing_page_and_the_first_of_equals_counts() {
        let newcomer = like("google", "bread", "/menu");
        let other = like("google", "cake", "/");
        let same_page = like("google", "cake", "/menu");
        let same_campaign = like("google", "bread", "/");

        assert_eq!(chosen(&[other.clone(), other.clone()], &newcomer), Some(0));
        assert_eq!(chosen(&[other.clone(), same_page.clone()], &newcomer), Some(1));
        assert_eq!(chosen(&[same_page, same_campaign.clone()], &newcomer), Some(1));
        assert_eq!(chosen(&[same_campaign.clone(), newcomer.clone(), newcomer.clone()], &newcomer), Some(1));
        assert_eq!(chosen(&[same_campaign], &like("bing", "bread", "/")), None);
        assert_eq!(chosen(&[], &newcomer), None);
    }

    #[test]
    fn what_an_ad_adds_to_the_landing_page_makes_no_difference() {
        assert_eq!(like("google", "bread", "/menu").landing_page, "https://b.example/menu");
    }

    proptest! {
        #[test]
        fn nobody_shares_across_channels_or_sources(
            held in proptest::collection::vec((0..3usize, 0..2usize, 0..2usize), 0..8),
            (source, campaign, page) in (0..3usize, 0..2usize, 0..2usize),
        ) {
            let name = |(source, campaign, page): (usize, usize, usize)| {
                like(["google", "bing", "facebook"][source], ["a", "b"][campaign], ["/", "/x"][page])
            };
            let held: Vec<Likeness> = held.into_iter().map(name).collect();
            let newcomer = name((source, campaign, page));

            let found = chosen(&held, &newcomer);

            let alike = |it: &&Likeness| (it.channel, &it.source) == (newcomer.channel, &newcomer.source);
            prop_assert_eq!(found.is_some(), held.iter().any(|it| alike(&it)));
            prop_assert!(found.is_none_or(|n| alike(&&held[n])));
        }
    }
}
