//! How a visit came: from its landing page and referrer to a source.
//!
//! What is said on purpose weighs more than what happens to be there:
//!
//! ```text
//! utm_* on the landing page   what the marketer wrote, or the site's aliases of it
//!   ↓ or else
//! a paid click's id           gclid, msclkid …: an ad platform sent this visit
//!   ↓
//! the referrer                a search engine, a network, another website
//!   ↓
//! a sharing id                fbclid, igshid: from there, though not from an ad
//!   ↓
//! (direct) / (none)
//! ```
//!
//! A level that leaves something open (a campaign without a source, a source
//! without a medium) is completed from below. Then the first of the site's own
//! [`rules`] that fits has its say; the channel follows from source, medium
//! and campaign by GA4's rules ([`Channel::of`]) unless that rule names one.
//!
//! Both texts come from a stranger's browser: nothing in them may fail, so a
//! landing page that is no URL is still searched for its query.

mod click_ids;
mod pattern;
mod referrer;
pub mod rules;
mod tagged;

use serde::{Deserialize, Serialize};
use url::Url;

pub use pattern::{BadPattern, Pattern};
pub use referrer::{Exclusion, Referrer};
pub use tagged::{Aliases, BadAlias};

use super::channels::Channel;
use referrer::{bare_host, host_of_origin};
use rules::{Facts, Rule};
use tagged::Tagged;

/// Where a visit or a call came from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    pub channel: Channel,
    /// `google`, `newsletter`, `(direct)` …, in lower case.
    pub source: String,
    /// `cpc`, `organic`, `referral`, `(none)` …, in lower case.
    pub medium: String,
    pub campaign: Option<String>,
    pub term: Option<String>,
    pub content: Option<String>,
    /// The kind of ad click that the landing page names: `gclid`, `fbclid` …
    pub click_id: Option<String>,
}

impl Source {
    /// Nothing is known about the origin: what the background of an
    /// attribution carries.
    pub fn unknown() -> Source {
        Source {
            channel: Channel::Unassigned,
            source: "(unknown)".into(),
            medium: "(none)".into(),
            campaign: None,
            term: None,
            content: None,
            click_id: None,
        }
    }
}

/// The longest text kept of one parameter, in characters.
const TEXT_MAX: usize = 200;

/// How a site wants its visits read, beside what holds everywhere.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    pub aliases: Aliases,
    /// Hosts that say nothing, like the site's own: a booking system, a bank.
    pub ignored_referrers: Vec<String>,
    /// The first that fits counts.
    pub rules: Vec<Rule>,
}

/// A source, and how it came about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explained {
    pub source: Source,
    pub basis: Basis,
    pub referrer: Referrer,
    /// The own rule that fitted: its place, from 1 on, and its name.
    pub rule: Option<(usize, String)>,
}

/// What the source was read from, before an own rule had its say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// `utm_source`, or an alias of it.
    Tagged,
    /// An ad platform's click id.
    PaidClick,
    Referrer,
    /// An id that is on shared links, too.
    SharedLink,
    /// A medium or a campaign is named, and no source.
    Incomplete,
    Nothing,
}

impl Basis {
    pub const fn as_str(self) -> &'static str {
        match self {
            Basis::Tagged => "tagged",
            Basis::PaidClick => "paid_click",
            Basis::Referrer => "referrer",
            Basis::SharedLink => "shared_link",
            Basis::Incomplete => "incomplete",
            Basis::Nothing => "nothing",
        }
    }
}

impl Reading {
    /// Tells how a visit came, and why that is said.
    ///
    /// `own_hosts` are the site's own hosts or origins; a referrer on one of
    /// them, below one of them, or on the landing page's own host says nothing.
    pub fn explain(&self, landing_page: &str, referrer: Option<&str>, own_hosts: &[&str]) -> Explained {
        let page = Url::parse(landing_page).ok();
        let tagged = Tagged::read(landing_page, &self.aliases);
        let mut own: Vec<String> = own_hosts.iter().map(|host| host_of_origin(host)).collect();
        own.extend(page.as_ref().and_then(|url| url.host_str()).map(bare_host));
        let ignored: Vec<String> = self.ignored_referrers.iter().map(|host| host_of_origin(host)).collect();
        let referrer = Referrer::read(referrer, &own, &ignored);

        let path = page.as_ref().map_or("", |url| url.path());
        let (mut source, basis) = tagged.resolve(&referrer);
        let facts = Facts { source: &source, referrer_host: referrer.host(), landing_path: path };
        let fits = self.rules.iter().enumerate().find(|(_, rule)| rule.fits(&facts));
        let rule = fits.map(|(index, rule)| {
            source = rule.then.applied(source.clone());
            (index + 1, rule.name.clone())
        });
        Explained { source, basis, referrer, rule }
    }
}

/// A text from outside without control characters and edges, cut to size;
/// `None` when nothing is left.
fn cleaned(value: &str) -> Option<String> {
    let text: String = value.chars().filter(|c| !c.is_control()).collect();
    let text: String = text.trim().chars().take(TEXT_MAX).collect();
    (!text.is_empty()).then_some(text)
}

/// As a site without wishes of its own reads it.
#[cfg(test)]
pub(super) fn classify(landing_page: &str, referrer: Option<&str>, own_hosts: &[&str]) -> Source {
    Reading::default().explain(landing_page, referrer, own_hosts).source
}

#[cfg(test)]
mod tests;
