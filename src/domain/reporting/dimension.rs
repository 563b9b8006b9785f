//! By what calls are counted apart, and filtered.

use std::str::FromStr;

use super::facts::{Origin, Place};

/// What stands in addresses and reports for a label that calls do not have.
pub const NOT_SET: &str = "(not set)";

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Dimension {
    #[default]
    Channel,
    Source,
    Medium,
    Campaign,
    Term,
    /// Without its query.
    LandingPage,
    /// What the visitor looked at the page with.
    Device,
    Site,
    Outlet,
    Destination,
    Number,
    /// Of the caller's number.
    Region,
    Outcome,
}

impl Dimension {
    pub const ALL: [Dimension; 13] = [
        Dimension::Channel,
        Dimension::Source,
        Dimension::Medium,
        Dimension::Campaign,
        Dimension::Term,
        Dimension::LandingPage,
        Dimension::Device,
        Dimension::Site,
        Dimension::Outlet,
        Dimension::Destination,
        Dimension::Number,
        Dimension::Region,
        Dimension::Outcome,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Dimension::Channel => "channel",
            Dimension::Source => "source",
            Dimension::Medium => "medium",
            Dimension::Campaign => "campaign",
            Dimension::Term => "term",
            Dimension::LandingPage => "landing_page",
            Dimension::Device => "device",
            Dimension::Site => "site",
            Dimension::Outlet => "outlet",
            Dimension::Destination => "destination",
            Dimension::Number => "number",
            Dimension::Region => "region",
            Dimension::Outcome => "outcome",
        }
    }

    /// Those that tell where a call came from, which is known as a probability.
    pub const OF_ORIGINS: [Dimension; 7] = [
        Dimension::Channel,
        Dimension::Source,
        Dimension::Medium,
        Dimension::Campaign,
        Dimension::Term,
        Dimension::LandingPage,
        Dimension::Device,
    ];

    /// Those that a visit and a medium off the web both tell.
    pub const OF_TOUCHES: [Dimension; 4] =
        [Dimension::Channel, Dimension::Source, Dimension::Medium, Dimension::Campaign];

    /// Those that tell where it went.
    pub const OF_PLACES: [Dimension; 4] =
        [Dimension::Site, Dimension::Outlet, Dimension::Destination, Dimension::Number];

    pub fn of_origin(self, origin: &Origin) -> Option<&str> {
        match self {
            Dimension::Channel => Some(origin.channel.as_str()),
            Dimension::Source => Some(&origin.source),
            Dimension::Medium => Some(&origin.medium),
            Dimension::Campaign => origin.campaign.as_deref(),
            Dimension::Term => origin.term.as_deref(),
            Dimension::LandingPage => origin.landing_page.as_deref(),
            Dimension::Device => origin.device.as_deref(),
            _ => None,
        }
    }

    pub fn of_place(self, place: &Place) -> Option<&str> {
        match self {
            Dimension::Site => place.site.as_deref(),
            Dimension::Outlet => place.outlet.as_deref(),
            Dimension::Destination => place.destination.as_deref(),
            Dimension::Number => Some(&place.number),
            _ => None,
        }
    }
}

/// The text names no dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be one of channel, source, medium, campaign, term, landing_page, device, site, outlet, destination, number, \
     region, outcome"
)]
pub struct BadDimension;

impl FromStr for Dimension {
    type Err = BadDimension;

    fn from_str(text: &str) -> Result<Self, BadDimension> {
        Dimension::ALL.into_iter().find(|it| it.as_str() == text).ok_or(BadDimension)
    }
}
