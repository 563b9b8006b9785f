//! GA4's default channel groups, in the order in which GA4 tries them.
//!
//! Source of the rules: Google Analytics Help, "Default channel group"
//! (answer 9756891), the table for manual traffic, as of November 2026. Two
//! things are ours: AI assistants stand behind the paid channels (Google says
//! what their medium is, `ai-assistant`, not where the rule stands), and so
//! that a campaign's name cannot hide them, before organic shopping; and
//! `Offline` is never the outcome of a rule, only what a static number says.

mod known_sites;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use known_sites::{Kind, Site, find_by_host, find_by_name};

macro_rules! channels {
    ($($name:ident = $label:literal,)*) => {
        /// A channel, written as GA4 writes it (`Paid Search`), plus `Offline`
        /// for media that only carry a number: posters, flyers, profile pages.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum Channel { $(#[serde(rename = $label)] $name,)* }

        impl Channel {
            pub const ALL: &'static [Channel] = &[$(Channel::$name,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Channel::$name => $label,)* }
            }
        }
    };
}

channels! {
    Direct = "Direct",
    CrossNetwork = "Cross-network",
    PaidShopping = "Paid Shopping",
    PaidSearch = "Paid Search",
    PaidSocial = "Paid Social",
    PaidVideo = "Paid Video",
    Display = "Display",
    PaidOther = "Paid Other",
    OrganicShopping = "Organic Shopping",
    OrganicSocial = "Organic Social",
    OrganicVideo = "Organic Video",
    OrganicSearch = "Organic Search",
    Referral = "Referral",
    Email = "Email",
    Affiliates = "Affiliates",
    Audio = "Audio",
    Sms = "SMS",
    MobilePush = "Mobile Push Notifications",
    AiAssistant = "AI Assistant",
    Unassigned = "Unassigned",
    Offline = "Offline",
}

impl Channel {
    /// The first of GA4's rules that fits; upper and lower case are the same.
    pub fn of(source: &str, medium: &str, campaign: Option<&str>) -> Channel {
        let source = source.to_lowercase();
        let medium = medium.to_lowercase();
        let campaign = campaign.unwrap_or_default().to_lowercase();
        let kind = find_by_name(&source).map(|site| site.kind);
        let paid = is_paid(&medium);

        if source == "(direct)" && matches!(&*medium, "(none)" | "(not set)") {
            Channel::Direct
        } else if campaign.contains("cross-network") {
            Channel::CrossNetwork
        } else if paid && (kind == Some(Kind::Shopping) || names_a_shop(&campaign)) {
            Channel::PaidShopping
        } else if paid && kind == Some(Kind::Search) {
            Channel::PaidSearch
        } else if paid && kind == Some(Kind::Social) {
            Channel::PaidSocial
        } else if paid && kind == Some(Kind::Video) {
            Channel::PaidVideo
        } else if matches!(&*medium, "display" | "banner" | "expandable" | "interstitial" | "cpm") {
            Channel::Display
        } else if paid {
            Channel::PaidOther
        } else if kind == Some(Kind::Ai) || medium == "ai-assistant" {
            Channel::AiAssistant
        } else if kind == Some(Kind::Shopping) || names_a_shop(&campaign) {
            Channel::OrganicShopping
        } else if kind == Some(Kind::Social) || SOCIAL_MEDIUMS.contains(&&*medium) {
            Channel::OrganicSocial
        } else if kind == Some(Kind::Video) || medium.contains("video") {
            Channel::OrganicVideo
        } else if kind == Some(Kind::Search) || medium == "organic" {
            Channel::OrganicSearch
        } else if matches!(&*medium, "referral" | "app" | "link") {
            Channel::Referral
        } else if EMAIL.contains(&&*source) || EMAIL.contains(&&*medium) {
            Channel::Email
        } else if medium == "affiliate" {
            Channel::Affiliates
        } else if medium == "audio" {
            Channel::Audio
        } else if source == "sms" || medium == "sms" {
            Channel::Sms
        } else if medium.ends_with("push")
            || medium.contains("mobile")
            || medium.contains("notification")
            || source == "firebase"
        {
            Channel::MobilePush
        } else {
            Channel::Unassigned
        }
    }
}

const SOCIAL_MEDIUMS: &[&str] =
    &["social", "social-network", "social-media", "sm", "social network", "social media"];

const EMAIL: &[&str] = &["email", "e-mail", "e_mail", "e mail"];

/// `^(.*cp.*|ppc|retargeting|paid.*)$`
fn is_paid(medium: &str) -> bool {
    medium.contains("cp") || matches!(medium, "ppc" | "retargeting") || medium.starts_with("paid")
}

/// `^(.*(([^a-df-z]|^)shop|shopping).*)$`: "shop" at the start or after
/// anything but a letter other than e, so that `eshop` is one and `workshop` is not.
fn names_a_shop(campaign: &str) -> bool {
    campaign.contains("shopping")
        || campaign.match_indices("shop").any(|(at, _)| {
            campaign[..at].chars().next_back().is_none_or(|before| !matches!(before, 'a'..='d' | 'f'..='z'))
        })
}

/// The text names no channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a channel; write it as GA4 does, for instance \"Paid Search\"")]
pub struct BadChannel;

impl FromStr for Channel {
    type Err = BadChannel;

    fn from_str(text: &str) -> Result<Self, BadChannel> {
        Channel::ALL.iter().copied().find(|c| c.as_str() == text).ok_or(BadChannel)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Channel::*;
    use super::*;

    /// Source, medium and campaign, and the channel that GA4 gives them.
    #[rustfmt::skip]
    const TABLE: &[(&str, &str, &str, Channel)] = &[
        ("(direct)", "(none)", "", Direct),
        ("(direct)", "(not set)", "", Direct),
        ("(direct)", "email", "", Email),
        ("google", "cpc", "eu cross-network 2026", CrossNetwork),
        ("(direct)", "(none)", "cross-network", Direct),
        ("google", "cpc", "spring shop", PaidShopping),
        ("google", "cpc", "Shopping-FR", PaidShopping),
        ("amazon", "cpc", "", PaidShopping),
        ("google", "cpc", "eshop", PaidShopping),
        ("google", "cpc", "workshop", PaidSearch),
        ("google", "cpc", "", PaidSearch),
        ("Google", "CPC", "", PaidSearch),
        ("google", "cpm", "", PaidSearch),
        ("bing", "ppc", "", PaidSearch),
        ("duckduckgo.com", "paid-search", "", PaidSearch),
        ("yahoo", "retargeting", "", PaidSearch),
        ("facebook", "paid_social", "", PaidSocial),
        ("ig", "cpm", "", PaidSocial),
        ("linkedin.com", "cpc", "", PaidSocial),
        ("youtube", "cpv-cpc", "", PaidVideo),
        ("vimeo.com", "paid", "", PaidVideo),
        ("criteo", "display", "", Display),
        ("criteo", "banner", "", Display),
        ("criteo", "expandable", "", Display),
        ("criteo", "interstitial", "", Display),
        ("criteo", "cpm", "", Display),
        ("facebook", "display", "", Display),
        ("criteo", "cpc", "", PaidOther),
        ("criteo", "retargeting", "", PaidOther),
        ("chatgpt", "cpc", "", PaidOther),
        ("chatgpt", "ai-assistant", "", AiAssistant),
        ("chatgpt.com", "(not set)", "", AiAssistant),
        ("claude", "referral", "shopping", AiAssistant),
        ("new-assistant", "ai-assistant", "", AiAssistant),
        ("ebay.fr", "referral", "", OrganicShopping),
        ("google", "organic", "shop", OrganicShopping),
        ("newsletter", "email", "shopping", OrganicShopping),
        ("facebook", "referral", "", OrganicSocial),
        ("hootsuite", "anything", "", OrganicSocial),
        ("somewhere", "social", "", OrganicSocial),
        ("somewhere", "social media", "", OrganicSocial),
        ("somewhere", "sm", "", OrganicSocial),
        ("youtube", "referral", "", OrganicVideo),
        ("somewhere", "in-video-link", "", OrganicVideo),
        ("google", "organic", "", OrganicSearch),
        ("bing", "(not set)", "", OrganicSearch),
        ("gmb", "organic", "", OrganicSearch),
        ("blog.example", "referral", "", Referral),
        ("partner", "app", "", Referral),
        ("partner", "link", "", Referral),
        ("newsletter", "email", "", Email),
        ("e_mail", "(not set)", "", Email),
        ("newsletter", "e mail", "", Email),
        ("newsletter", "email-weekly", "", Unassigned),
        ("awin", "affiliate", "", Affiliates),
        ("spotify", "audio", "", Audio),
        ("sms", "(not set)", "", Sms),
        ("brevo", "sms", "", Sms),
        ("brevo", "web-push", "", MobilePush),
        ("brevo", "mobile", "", MobilePush),
        ("brevo", "app-notification", "", MobilePush),
        ("firebase", "(not set)", "", MobilePush),
        ("flyer", "qr", "", Unassigned),
        ("", "", "", Unassigned),
        ("été", "ÉTÉ", "été-shop", OrganicShopping),
    ];

    #[test]
    fn every_rule_of_ga4_gives_its_channel() {
        for &(source, medium, campaign, channel) in TABLE {
            let campaign = Some(campaign).filter(|c| !c.is_empty());

            assert_eq!(Channel::of(source, medium, campaign), channel, "{source} / {medium} / {campaign:?}");
        }
    }

    #[test]
    fn every_channel_but_offline_stands_in_the_table_and_reads_back() {
        for &channel in Channel::ALL {
            let shown = TABLE.iter().any(|row| row.3 == channel);

            assert_eq!(shown, channel != Offline, "{channel}");
            assert_eq!(channel.as_str().parse::<Channel>().ok(), Some(channel));
        }
    }
}
