//! A visit: one session of a consenting visitor on a site.

use std::time::Duration;

use serde::Serialize;

use super::device::Device;
use super::source::Source;
use crate::domain::ids::{PageViewId, SiteId, VisitId, VisitorId};
use crate::domain::phone::Country;
use crate::domain::time::Timestamp;

/// After this long without a sign of life the next page view begins a new
/// visit (GA4's default session timeout).
pub const VISIT_GAP: Duration = Duration::from_secs(30 * 60);

/// How often a page that is looked at says that it is still there.
pub const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(60);

/// A sign of life so soon after the one that was written down last is not
/// written: the next is due before it matters, and a page view tells its own time.
pub const SEEN_EVERY: Duration = Duration::from_secs(10);

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Visit {
    pub id: VisitId,
    pub site: SiteId,
    pub visitor: VisitorId,
    pub started_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub landing_page: String,
    pub referrer: Option<String>,
    pub device: Device,
    /// Where it came from, when a proxy in front tells.
    pub country: Option<Country>,
    /// Where in France, as [`region_at`](crate::domain::reporting::region::region_at) tells.
    pub region: Option<String>,
    #[serde(flatten)]
    pub source: Source,
}

impl Visit {
    /// Tells whether a sign of life at `now` still belongs to this visit.
    pub fn goes_on(&self, now: Timestamp) -> bool {
        now.since(self.last_seen_at) < VISIT_GAP
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PageView {
    pub id: PageViewId,
    pub visit: VisitId,
    pub at: Timestamp,
    pub url: String,
    pub title: Option<String>,
}
