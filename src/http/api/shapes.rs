//! What several resources show: a source, a visit, a page view.
//!
//! The API has shapes of its own rather than the domain's types: they are a
//! promise to other people's programs and must not change when a rule does.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::ids::{EventId, PageViewId, SiteId, VisitId, VisitorId};
use crate::domain::phone::Country;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::device::Device;
use crate::domain::tracking::event::{self, EventName, Properties};
use crate::domain::tracking::source;
use crate::domain::tracking::visit;

/// Where a visit or a call came from.
#[derive(Serialize, ToSchema)]
pub struct Source {
    /// GA4's default channel group.
    #[schema(value_type = String, example = "Paid Search")]
    pub channel: Channel,
    #[schema(example = "google")]
    pub source: String,
    #[schema(example = "cpc")]
    pub medium: String,
    pub campaign: Option<String>,
    pub term: Option<String>,
    pub content: Option<String>,
    /// The kind of ad click that the landing page named.
    #[schema(example = "gclid")]
    pub click_id: Option<String>,
}

impl From<source::Source> for Source {
    fn from(from: source::Source) -> Self {
        let source::Source { channel, source, medium, campaign, term, content, click_id } = from;
        Self { channel, source, medium, campaign, term, content, click_id }
    }
}

/// One session of a visitor on a site.
#[derive(Serialize, ToSchema)]
pub struct Visit {
    #[schema(value_type = Uuid)]
    pub id: VisitId,
    #[schema(value_type = String, example = "example-shop")]
    pub site: SiteId,
    #[schema(value_type = Uuid)]
    pub visitor: VisitorId,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// To within ten seconds.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
    /// The page the visit began on.
    pub landing_page: String,
    pub referrer: Option<String>,
    /// `phone`, `desk` (a computer or tablet) or `unknown`.
    #[schema(value_type = String, example = "phone")]
    pub device: Device,
    /// ISO 3166-1, when a proxy in front tells.
    #[schema(value_type = Option<String>, example = "FR")]
    pub country: Option<Country>,
    /// The fifth of France in which it was, by the first digits of its telephone numbers, when a proxy in front tells.
    #[schema(example = "FR-4")]
    pub region: Option<String>,
    #[serde(flatten)]
    pub source: Source,
}

impl From<visit::Visit> for Visit {
    fn from(visit: visit::Visit) -> Self {
        Self {
            id: visit.id,
            site: visit.site,
            visitor: visit.visitor,
            started_at: visit.started_at,
            last_seen_at: visit.last_seen_at,
            landing_page: visit.landing_page,
            referrer: visit.referrer,
            device: visit.device,
            country: visit.country,
            region: visit.region,
            source: visit.source.into(),
        }
    }
}

/// One page of a visit.
#[derive(Serialize, ToSchema)]
pub struct PageView {
    #[schema(value_type = Uuid)]
    pub id: PageViewId,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub url: String,
    pub title: Option<String>,
}

impl From<visit::PageView> for PageView {
    fn from(view: visit::PageView) -> Self {
        Self { id: view.id, at: view.at, url: view.url, title: view.title }
    }
}

/// Something that happened on a page of a visit.
#[derive(Serialize, ToSchema)]
pub struct Event {
    #[schema(value_type = Uuid)]
    pub id: EventId,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[schema(value_type = String, example = "form_submit")]
    pub name: EventName,
    /// What the site said of it, or another system what of that is neither list nor object.
    #[schema(value_type = Object, example = json!({"form": "contact"}))]
    pub properties: Properties,
}

impl From<event::Event> for Event {
    fn from(it: event::Event) -> Self {
        Self { id: it.id, at: it.at, name: it.name, properties: it.properties }
    }
}
