//! What reports know of the calls of an hour: when each came, where it went, how
//! it ended, and how likely it came from where. It is made of the rows of the
//! calls alone, so it can be made again at any time, and then is the same.
//!
//! Nothing in it names a person. Callers are told apart by [`caller_key`],
//! and only while their number stands with the call.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::qualification::Qualification;
use crate::domain::money::Currency;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;

pub const HOUR_MS: i64 = 3_600_000;

/// How long after a call a purchase of its caller may still be its work: it is that of the latest call before it.
pub const WORTH_WITHIN: Duration = Duration::from_hours(30 * 24);

/// A whole call, in the unit in which shares of one are kept: whole numbers add up to the same in any order.
pub const WHOLE: u32 = 1_000_000;

/// The hour in which something happened, counted from 1970 (UTC).
pub const fn hour_of(at: Timestamp) -> i64 {
    at.as_ms().div_euclid(HOUR_MS)
}

/// The calls of an hour. What many calls have in common stands once, and they point at it.
#[derive(Clone, PartialEq, Default, Debug, Serialize, Deserialize)]
pub struct HourFacts {
    pub origins: Vec<Origin>,
    pub places: Vec<Place>,
    pub regions: Vec<String>,
    /// In the order in which they came.
    pub calls: Vec<CallFact>,
}

/// Where a call may have come from.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(from = "OriginRow", into = "OriginRow")]
pub struct Origin {
    pub channel: Channel,
    pub source: String,
    pub medium: String,
    pub campaign: Option<String>,
    pub term: Option<String>,
    /// Without its query.
    pub landing_page: Option<String>,
    /// `phone` or `desk`.
    pub device: Option<String>,
}

/// Where a call went.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(from = "PlaceRow", into = "PlaceRow")]
pub struct Place {
    /// E.164. Text, as all that only tells rows apart: reading it as a number takes longer than the rest of the hour.
    pub number: String,
    pub destination: Option<String>,
    pub outlet: Option<String>,
    /// Whose page shows the number.
    pub site: Option<String>,
}

/// A call.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(from = "CallRow", into = "CallRow")]
pub struct CallFact {
    /// After the hour began.
    pub at_ms: u32,
    pub place: u32,
    /// Of the caller's number.
    pub region: Option<u32>,
    pub caller: Option<u64>,
    /// No earlier call of theirs is known.
    pub is_new: bool,
    /// `None`: it goes on.
    pub outcome: Option<Outcome>,
    /// From its arrival until somebody took it.
    pub ring_ms: u32,
    pub talk_ms: u32,
    pub qualification: Option<Qualification>,
    /// Origins, and how much of the call came from each; together [`WHOLE`].
    pub shares: Vec<(u32, u32)>,
    /// What its caller bought within [`WORTH_WITHIN`] and before they called again, less what they gave back: in each
    /// currency, in its smallest unit.
    pub worth: Vec<(Currency, i64)>,
}

/// Tells a caller from others without their number: the first eight bytes of its SHA-256.
///
/// Whoever has a list of numbers can tell whose it is, so it goes when the number does.
pub fn caller_key(caller: &Phone) -> u64 {
    let hash = Sha256::digest(caller.reveal());
    u64::from_be_bytes(std::array::from_fn(|nth| hash[nth]))
}

/// An address without what stands behind the page: `?query` and `#place`; `None` where nothing is left.
pub fn page_of(address: &str) -> Option<String> {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    Some(address[..end].to_owned()).filter(|page| !page.is_empty())
}

/// Probabilities in millionths that add up to a [`WHOLE`]; what rounding leaves goes to those that lost most by it.
pub fn millionths(probabilities: &[f64]) -> Vec<u32> {
    let sum: f64 = probabilities.iter().sum();
    if sum <= 0.0 {
        return vec![0; probabilities.len()];
    }
    let exact: Vec<f64> = probabilities.iter().map(|p| p / sum * f64::from(WHOLE)).collect();
    let mut whole: Vec<u32> = exact.iter().map(|share| share.floor() as u32).collect();
    let missing = WHOLE.saturating_sub(whole.iter().sum());
    let mut by_loss: Vec<usize> = (0..exact.len()).collect();
    by_loss.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    for &nth in by_loss.iter().cycle().take(missing as usize) {
        whole[nth] += 1;
    }
    whole
}

// Rows without the names of their columns: an hour has hundreds of them.

type OriginRow = (Channel, String, String, Option<String>, Option<String>, Option<String>, Option<String>);
type PlaceRow = (String, Option<String>, Option<String>, Option<String>);

/// Its last column is left out where there is nothing in it; so it was before there was such a column.
#[derive(Serialize, Deserialize)]
struct CallRow(
    u32,
    u32,
    Option<u32>,
    Option<u64>,
    bool,
    Option<Outcome>,
    u32,
    u32,
    Option<Qualification>,
    Vec<(u32, u32)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<(Currency, i64)>,
);

impl From<OriginRow> for Origin {
    fn from((channel, source, medium, campaign, term, landing_page, device): OriginRow) -> Self {
        Self { channel, source, medium, campaign, term, landing_page, device }
    }
}

impl From<Origin> for OriginRow {
    fn from(it: Origin) -> Self {
        (it.channel, it.source, it.medium, it.campaign, it.term, it.landing_page, it.device)
    }
}

impl From<PlaceRow> for Place {
    fn from((number, destination, outlet, site): PlaceRow) -> Self {
        Self { number, destination, outlet, site }
    }
}

impl From<Place> for PlaceRow {
    fn from(it: Place) -> Self {
        (it.number, it.destination, it.outlet, it.site)
    }
}

impl From<CallRow> for CallFact {
    fn from(row: CallRow) -> Self {
        let CallRow(
            at_ms,
            place,
            region,
            caller,
            is_new,
            outcome,
            ring_ms,
            talk_ms,
            qualification,
            shares,
            worth,
        ) = row;
        Self { at_ms, place, region, caller, is_new, outcome, ring_ms, talk_ms, qualification, shares, worth }
    }
}

impl From<CallFact> for CallRow {
    fn from(it: CallFact) -> Self {
        Self(
            it.at_ms,
            it.place,
            it.region,
            it.caller,
            it.is_new,
            it.outcome,
            it.ring_ms,
            it.talk_ms,
            it.qualification,
            it.shares,
            it.worth,
        )
    }
}

#[cfg(test)]
impl Origin {
    /// One that differs from others in its channel alone.
    pub fn of_channel(channel: Channel) -> Self {
        Self {
            channel,
            source: "google".into(),
            medium: "cpc".into(),
            campaign: None,
            term: None,
            landing_page: None,
            device: None,
        }
    }
}

#[cfg(test)]
impl CallFact {
    /// One of which nothing else is known.
    pub fn plain(at_ms: u32, place: u32, shares: Vec<(u32, u32)>) -> Self {
        Self {
            at_ms,
            place,
            region: None,
            caller: None,
            is_new: false,
            outcome: None,
            ring_ms: 0,
            talk_ms: 0,
            qualification: None,
            shares,
            worth: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_is_an_address_without_its_query() {
        for (address, page) in [
            ("https://shop.example/a?utm_source=x#top", Some("https://shop.example/a")),
            ("https://shop.example/a#?", Some("https://shop.example/a")),
            ("/", Some("/")),
            ("?x", None),
            ("", None),
        ] {
            assert_eq!(page_of(address).as_deref(), page, "{address}");
        }
    }

    #[test]
    fn callers_are_told_apart_by_numbers_alone() {
        let key = |number: &str| caller_key(&number.parse().unwrap());

        assert_eq!(key("+33612345678"), key("+33612345678"));
        assert_ne!(key("+33612345678"), key("+33612345679"));
    }

    proptest! {
        #[test]
        fn shares_add_up_to_a_whole_call_and_stay_what_they_were(ps in prop::collection::vec(0.0..1.0_f64, 1..9)) {
            let sum: f64 = ps.iter().sum();
            prop_assume!(sum > 0.0);

            let shares = millionths(&ps);

            prop_assert_eq!(shares.iter().sum::<u32>(), WHOLE);
            for (share, p) in shares.iter().zip(&ps) {
                prop_assert!((f64::from(*share) - p / sum * f64::from(WHOLE)).abs() <= 1.0);
            }
        }
    }

    #[test]
    fn facts_are_read_as_they_were_written() {
        let facts = HourFacts {
            origins: vec![Origin {
                channel: Channel::PaidSearch,
                source: "google".into(),
                medium: "cpc".into(),
                campaign: None,
                term: Some("rye".into()),
                landing_page: Some("https://shop.example/".into()),
                device: Some("phone".into()),
            }],
            places: vec![Place {
                number: "+33199001234".into(),
                destination: Some("desk".into()),
                outlet: None,
                site: None,
            }],
            regions: vec!["FR-4".into()],
            calls: vec![CallFact {
                at_ms: 61_000,
                place: 0,
                region: Some(0),
                caller: Some(u64::MAX),
                is_new: true,
                outcome: Some(Outcome::Answered),
                ring_ms: 4_000,
                talk_ms: 90_000,
                qualification: None,
                shares: vec![(0, WHOLE)],
                worth: vec![],
            }],
        };
        let mut bought = facts.clone();
        bought.calls[0].worth = vec![(Currency::EUR, -1_250)];

        let [text, bought_text] = [&facts, &bought].map(|facts| serde_json::to_string(facts).unwrap());

        assert_eq!(serde_json::from_str::<HourFacts>(&text).unwrap(), facts);
        assert_eq!(serde_json::from_str::<HourFacts>(&bought_text).unwrap(), bought);
        let call = "[61000,0,0,18446744073709551615,true,\"answered\",4000,90000,null,[[0,1000000]]";
        assert!(text.contains(&format!("{call}]")), "as before there was a worth: {text}");
        assert!(bought_text.contains(&format!("{call},[[\"EUR\",-1250]]]")), "{bought_text}");
    }
}
