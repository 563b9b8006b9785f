//! GA4's default channel groups, in the order in which GA4 tries them.
//!
//! Source of the rules: Google Analytics Help, "Default channel group"
//! (answer 9756891), as of November 2026.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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
