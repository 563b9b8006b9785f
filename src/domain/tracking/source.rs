//! How a visit came: from its landing page and referrer to a source.

use serde::Serialize;

use super::channels::Channel;

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
