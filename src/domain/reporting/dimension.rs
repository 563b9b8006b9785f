//! By what calls are counted apart.

use std::str::FromStr;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Dimension {
    #[default]
    Channel,
    Source,
    Medium,
    Campaign,
    Term,
    /// Without its query.
    LandingPage,
}

impl Dimension {
    pub const ALL: [Dimension; 6] = [
        Dimension::Channel,
        Dimension::Source,
        Dimension::Medium,
        Dimension::Campaign,
        Dimension::Term,
        Dimension::LandingPage,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Dimension::Channel => "channel",
            Dimension::Source => "source",
            Dimension::Medium => "medium",
            Dimension::Campaign => "campaign",
            Dimension::Term => "term",
            Dimension::LandingPage => "landing_page",
        }
    }
}

/// The text names no dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of channel, source, medium, campaign, term, landing_page")]
pub struct BadDimension;

impl FromStr for Dimension {
    type Err = BadDimension;

    fn from_str(text: &str) -> Result<Self, BadDimension> {
        Dimension::ALL.into_iter().find(|it| it.as_str() == text).ok_or(BadDimension)
    }
}
