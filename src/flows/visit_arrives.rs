//! A page was opened: who is it, how did they come, and which numbers do they see?

use std::sync::Arc;

use super::error::FlowError;
use super::shown::{KnownPage, Shown, Visiting};
use super::tracking_refused::may_follow;
use crate::clock::Clock;
use crate::domain::ids::{EngagementId, LeaseId, PageViewId, SiteId, VisitId, VisitorId};
use crate::domain::phone::Country;
use crate::domain::time::Timestamp;
use crate::domain::tracking::device::Device;
use crate::domain::tracking::guard::Refusal;
use crate::domain::tracking::offer::Offer;
use crate::domain::tracking::source::{Exclusion, Referrer, Source};
use crate::domain::tracking::visit::{PageView, Visit};
use crate::store::Store;

/// What the page says of itself.
#[derive(Clone, Debug)]
pub struct Opened {
    pub site: SiteId,
    pub page: String,
    pub title: Option<String>,
    pub referrer: Option<String>,
    pub consent: bool,
    pub device: Device,
    pub country: Option<Country>,
    /// The same of its [`region`](Visit::region).
    pub region: Option<String>,
    /// What the browser remembers from earlier pages.
    pub visitor: Option<VisitorId>,
    pub visit: Option<VisitId>,
    /// Why no new number is to be lent, as far as the request tells.
    pub refused: Option<Refusal>,
}

/// With consent: a visit, its page view, and a number of its own for each
/// pool. Without: one more visit is counted, and nothing else is kept. Of
/// whoever is no person, or has told us not to follow them, nothing is kept at all.
pub async fn visit_arrives(store: &Store, clock: &Clock, opened: Opened) -> Result<Shown, FlowError> {
    let now = clock.now();
    let offer = store.find_offer(&opened.site, now).await?.ok_or(FlowError::NotFound { what: "site" })?;
    let explained = offer.site.explain(&opened.page, opened.referrer.as_deref());
    let spam = matches!(explained.referrer, Referrer::Excluded(Exclusion::Spam, _)).then_some(Refusal::Spam);
    let source = explained.source;
    if let Some(doubt) = opened.refused.or(spam).filter(|refusal| refusal.is_doubt()) {
        return Ok(Shown::to_nobody(&offer, source, Some(doubt)));
    }
    if let Some(visitor) = opened.visitor.filter(|_| opened.consent)
        && !may_follow(store, visitor, now).await?
    {
        return Ok(Shown::to_nobody(&offer, source, None));
    }
    if opened.consent {
        let page = known_page(clock, now, offer, source, opened);
        return Ok(store.write_together(page).await?);
    }

    // Nothing tells two pages of an unknown browser together but that the
    // second was reached from the first.
    let first_page = opened.visit.is_none() && !opened.referrer.is_some_and(|from| offer.site.owns(&from));
    if first_page {
        let channel = source.channel;
        let write = store.write(move |tx| {
            let site = opened.site.clone();
            Box::pin(async move { tx.count_visit(&site, now, channel).await })
        });
        write.await?;
    }
    Ok(Shown::to_nobody(&offer, source, None))
}

fn known_page(clock: &Clock, now: Timestamp, offer: Arc<Offer>, source: Source, opened: Opened) -> KnownPage {
    let new = Visit {
        id: VisitId(clock.new_id()),
        visitor: opened.visitor.unwrap_or_else(|| VisitorId(clock.new_id())),
        started_at: now,
        last_seen_at: now,
        source,
        landing_page: opened.page.clone(),
        referrer: opened.referrer,
        device: opened.device,
        country: opened.country,
        region: opened.region,
        site: opened.site,
    };
    let view = PageView {
        id: PageViewId(clock.new_id()),
        visit: new.id,
        at: now,
        url: opened.page,
        title: opened.title,
    };
    KnownPage {
        at: now,
        leases: offer.pools.iter().map(|_| LeaseId(clock.new_id())).collect(),
        offer,
        view: Some(view),
        refused: opened.refused,
        visit: Visiting::Begins {
            earlier: opened.visit,
            engagement: opened.visitor.map(|_| EngagementId(clock.new_id())),
            new,
        },
    }
}
