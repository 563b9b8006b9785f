//! How a visit came: from its landing page and referrer to a source.
//!
//! What is said on purpose weighs more than what happens to be there:
//!
//! ```text
//! utm_* on the landing page   what the marketer wrote
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
//! without a medium) is completed from below. The channel follows from source,
//! medium and campaign by GA4's rules alone, see [`Channel::of`].
//!
//! Both texts come from a stranger's browser: nothing in them may fail, so a
//! landing page that is no URL is still searched for its query.

use serde::Serialize;
use url::{Url, form_urlencoded};

use super::channels::{Channel, Kind, find_by_host};

/// Where a visit or a call came from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
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

/// What an ad platform or a network adds to the address of the landing page.
struct ClickId {
    param: &'static str,
    source: &'static str,
    medium: &'static str,
}

const fn click(param: &'static str, source: &'static str, medium: &'static str) -> ClickId {
    ClickId { param, source, medium }
}

/// In the order in which they are believed, should a link carry several.
const CLICK_IDS: &[ClickId] = &[
    click("gclid", "google", "cpc"),
    click("gbraid", "google", "cpc"),
    click("wbraid", "google", "cpc"),
    // Campaign Manager and Display & Video 360 sell display space.
    click("dclid", "google", "display"),
    click("msclkid", "bing", "cpc"),
    click("ttclid", "tiktok", "cpc"),
    click("twclid", "twitter", "cpc"),
    click("li_fat_id", "linkedin", "cpc"),
    click("epik", "pinterest", "cpc"),
    click("rdt_cid", "reddit", "cpc"),
    click("sccid", "snapchat", "cpc"),
    click("qclid", "quora", "cpc"),
    click("yclid", "yandex", "cpc"),
    click("vmcid", "yahoo", "cpc"),
    click("obclid", "outbrain", "cpc"),
    click("tblci", "taboola", "cpc"),
    click("irclickid", "impact", "affiliate"),
    click("cjevent", "cj", "affiliate"),
    click("awc", "awin", "affiliate"),
    click("mc_cid", "mailchimp", "email"),
    // On every link followed on Facebook or Instagram, paid or not.
    click("fbclid", "facebook", "referral"),
    click("igshid", "instagram", "referral"),
];

/// The longest text kept of one parameter, in characters.
const TEXT_MAX: usize = 200;

/// Tells how a visit came.
///
/// `own_hosts` are the site's own hosts or origins; a referrer on one of them,
/// below one of them, or on the landing page's own host says nothing.
pub fn classify(landing_page: &str, referrer: Option<&str>, own_hosts: &[&str]) -> Source {
    let asked = Asked::read(landing_page);
    let click = asked.click;
    let paid = click.filter(|id| id.medium != "referral");
    let landing_host = Url::parse(landing_page).ok().and_then(|url| url.host_str().map(bare_host));

    let (below_source, below_medium) = paid
        .map(|id| (id.source.to_owned(), id.medium))
        .or_else(|| referred(referrer?, landing_host.as_deref(), own_hosts))
        .or_else(|| click.map(|id| (id.source.to_owned(), id.medium)))
        .unwrap_or_else(|| ("(direct)".to_owned(), "(none)"));

    let (source, medium) = match (asked.source, asked.medium) {
        (None, None) if below_medium == "(none)" && asked.campaign.is_some() => {
            ("(not set)".to_owned(), "(not set)".to_owned())
        }
        (None, None) => (below_source, below_medium.to_owned()),
        (Some(source), None) => (source, paid.map_or("(not set)", |id| id.medium).to_owned()),
        (None, Some(medium)) if below_medium == "(none)" => ("(not set)".to_owned(), medium),
        (None, Some(medium)) => (below_source, medium),
        (Some(source), Some(medium)) => (source, medium),
    };
    Source {
        channel: Channel::of(&source, &medium, asked.campaign.as_deref()),
        source,
        medium,
        campaign: asked.campaign,
        term: asked.term,
        content: asked.content,
        click_id: click.map(|id| id.param.to_owned()),
    }
}

/// What the landing page's query says on purpose.
#[derive(Default)]
struct Asked {
    source: Option<String>,
    medium: Option<String>,
    campaign: Option<String>,
    term: Option<String>,
    content: Option<String>,
    click: Option<&'static ClickId>,
}

impl Asked {
    fn read(landing_page: &str) -> Asked {
        let mut asked = Asked::default();
        let (mut platform, mut campaign_id, mut best) = (None, None, CLICK_IDS.len());
        let before_fragment = landing_page.split('#').next().unwrap_or_default();
        let query = before_fragment.split_once('?').map_or("", |(_, query)| query);

        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(value) = cleaned(&value) else { continue };
            let name = name.to_ascii_lowercase();
            // Of a parameter that stands twice the first is the link's own;
            // what a forwarder appends comes after it.
            match &*name {
                "utm_source" => asked.source = asked.source.or(Some(value.to_lowercase())),
                "utm_medium" => asked.medium = asked.medium.or(Some(value.to_lowercase())),
                "utm_campaign" => asked.campaign = asked.campaign.or(Some(value)),
                "utm_term" => asked.term = asked.term.or(Some(value)),
                "utm_content" => asked.content = asked.content.or(Some(value)),
                "utm_id" => campaign_id = campaign_id.or(Some(value)),
                "utm_source_platform" => platform = platform.or(Some(value.to_lowercase())),
                _ => {
                    let rank = CLICK_IDS.iter().position(|id| id.param == name);
                    best = rank.map_or(best, |rank| best.min(rank));
                }
            }
        }
        asked.source = asked.source.or(platform);
        asked.campaign = asked.campaign.or(campaign_id);
        asked.click = CLICK_IDS.get(best);
        asked
    }
}

/// A parameter's text without control characters and edges, cut to size;
/// `None` when nothing is left.
fn cleaned(value: &str) -> Option<String> {
    let text: String = value.chars().filter(|c| !c.is_control()).collect();
    let text: String = text.trim().chars().take(TEXT_MAX).collect();
    (!text.is_empty()).then_some(text)
}

/// Source and medium that a referrer stands for; `None` when it says nothing.
fn referred(
    referrer: &str,
    landing_host: Option<&str>,
    own_hosts: &[&str],
) -> Option<(String, &'static str)> {
    let url = Url::parse(referrer.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https" | "android-app" | "ios-app") {
        return None;
    }
    let host = bare_host(url.host_str()?);
    let own = |own: &str| {
        let below = host.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        !own.is_empty() && below
    };
    if host.is_empty() || landing_host.is_some_and(own) || own_hosts.iter().any(|h| own(&host_of_origin(h))) {
        return None;
    }
    Some(match find_by_host(&host) {
        Some(site) if site.kind == Kind::Search => (site.name.to_owned(), "organic"),
        Some(site) if site.kind == Kind::Ai => (site.name.to_owned(), "ai-assistant"),
        Some(site) => (site.name.to_owned(), "referral"),
        None => (host.chars().take(TEXT_MAX).collect(), "referral"),
    })
}

/// The host of `https://www.example.com:8080`, or of `example.com` as it stands.
fn host_of_origin(origin: &str) -> String {
    match Url::parse(origin) {
        Ok(url) if url.has_host() => url.host_str().map(bare_host).unwrap_or_default(),
        _ => bare_host(origin.split(':').next().unwrap_or_default()),
    }
}

/// A host as it is compared: lower case, no `www.`, no last dot.
fn bare_host(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host.strip_prefix("www.").unwrap_or(&host).to_owned()
}

#[cfg(test)]
mod tests;
