//! A visit: one session of a consenting visitor on a site.

use std::time::Duration;

use serde::Serialize;

use super::source::Source;
use crate::domain::ids::{PageViewId, SiteId, VisitId, VisitorId};
use crate::domain::time::Timestamp;

/// After this long without a sign of life the next page view begins a new
/// visit (GA4's default session timeout).
pub const VISIT_GAP: Duration = Duration::from_secs(30 * 60);

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Visit {
    pub id: VisitId,
    pub site: SiteId,
    pub visitor: VisitorId,
    pub started_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub landing_page: String,
    pub referrer: Option<String>,
    #[serde(flatten)]
    pub source: Source,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PageView {
    pub id: PageViewId,
    pub visit: VisitId,
    pub at: Timestamp,
    pub url: String,
    pub title: Option<String>,
}
