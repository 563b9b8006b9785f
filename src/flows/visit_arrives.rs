//! A page was opened: who is it, how did they come, and which numbers do they see?

use super::error::FlowError;
use super::shown::{Guest, Offer, Shown};
use crate::clock::Clock;
use crate::domain::ids::{EngagementId, LeaseId, PageViewId, SiteId, VisitId, VisitorId};
use crate::domain::people::engagement::{Deed, Engagement};
use crate::domain::phone::Country;
use crate::domain::time::Timestamp;
use crate::domain::tracking::device::Device;
use crate::domain::tracking::guard::Refusal;
use crate::domain::tracking::sharing::Likeness;
use crate::domain::tracking::site::Site;
use crate::domain::tracking::source::{Exclusion, Referrer, Source};
use crate::domain::tracking::visit::{KEEP_ALIVE_EVERY, PageView, Visit};
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
    /// What the browser remembers from earlier pages.
    pub visitor: Option<VisitorId>,
    pub visit: Option<VisitId>,
    /// Why no new number is to be lent, as far as the request tells.
    pub refused: Option<Refusal>,
}

/// With consent: a visit, its page view, and a number of its own for each
/// pool. Without: one more visit is counted, and nothing else is kept. Of
/// whoever is no person nothing is kept at all.
pub async fn visit_arrives(store: &Store, clock: &Clock, opened: Opened) -> Result<Shown, FlowError> {
    let now = clock.now();
    let site = store.find_site(&opened.site).await?.ok_or(FlowError::NotFound { what: "site" })?;
    let offer = Offer::load(store, &site).await?;
    let explained = site.explain(&opened.page, opened.referrer.as_deref());
    let spam = matches!(explained.referrer, Referrer::Excluded(Exclusion::Spam, _)).then_some(Refusal::Spam);
    let source = explained.source;
    if let Some(doubt) = opened.refused.or(spam).filter(|refusal| refusal.is_doubt()) {
        let swaps = offer.without_lease(source.channel);
        let (pooled, keep_alive, refused) = (offer.pools.len(), KEEP_ALIVE_EVERY, Some(doubt));
        return Ok(Shown {
            visitor: None,
            visit: None,
            continues: false,
            source,
            keep_alive,
            swaps,
            pooled,
            refused,
        });
    }
    if opened.consent {
        with_consent(store, clock, now, site, offer, source, opened).await
    } else {
        without_consent(store, now, site, offer, source, opened).await
    }
}

async fn without_consent(
    store: &Store,
    now: Timestamp,
    site: Site,
    offer: Offer,
    source: Source,
    opened: Opened,
) -> Result<Shown, FlowError> {
    let channel = source.channel;
    // Nothing tells two pages of an unknown browser together but that the
    // second was reached from the first.
    let first_page = opened.visit.is_none() && !opened.referrer.is_some_and(|from| site.owns(&from));
    if first_page {
        store
            .write(move |tx| {
                let site = site.id.clone();
                Box::pin(async move { tx.count_visit(&site, now, channel).await })
            })
            .await?;
    }
    let swaps = offer.without_lease(channel);
    let (pooled, keep_alive) = (offer.pools.len(), KEEP_ALIVE_EVERY);
    Ok(Shown {
        visitor: None,
        visit: None,
        continues: false,
        source,
        keep_alive,
        swaps,
        pooled,
        refused: None,
    })
}

async fn with_consent(
    store: &Store,
    clock: &Clock,
    now: Timestamp,
    site: Site,
    offer: Offer,
    source: Source,
    opened: Opened,
) -> Result<Shown, FlowError> {
    let earlier = match opened.visit {
        Some(visit) => store.find_visit(visit).await?,
        None => None,
    };
    let going_on = earlier
        .filter(|visit| visit.site == site.id && Some(visit.visitor) == opened.visitor && visit.goes_on(now));
    let continues = going_on.is_some();
    let known_visitor = opened.visitor.is_some();
    let visit = going_on.unwrap_or_else(|| Visit {
        id: VisitId(clock.new_id()),
        visitor: opened.visitor.unwrap_or_else(|| VisitorId(clock.new_id())),
        started_at: now,
        last_seen_at: now,
        source,
        landing_page: opened.page.clone(),
        referrer: opened.referrer,
        device: opened.device,
        country: opened.country,
        site: site.id,
    });
    let view = PageView {
        id: PageViewId(clock.new_id()),
        visit: visit.id,
        at: now,
        url: opened.page,
        title: opened.title,
    };
    let engagement =
        Engagement { id: EngagementId(clock.new_id()), at: visit.started_at, what: Deed::Visit(visit.id) };
    let leases: Vec<LeaseId> = offer.pools.iter().map(|_| LeaseId(clock.new_id())).collect();

    let (id, visitor, source, refused) = (visit.id, visit.visitor, visit.source.clone(), opened.refused);
    let likeness = Likeness::of(&visit.source, &visit.landing_page);
    let guest = Guest { visitor, visit: id, likeness, refused };
    let pooled = offer.pools.len();
    let swaps = store
        .write(move |tx| {
            let (visit, view, engagement) = (visit.clone(), view.clone(), engagement.clone());
            let (offer, leases, guest) = (offer.clone(), leases.clone(), guest.clone());
            Box::pin(async move {
                if continues {
                    tx.touch_visit(visit.id, now).await?;
                } else {
                    tx.insert_visit(&visit).await?;
                    if known_visitor {
                        tx.insert_engagement_of(visit.visitor, &engagement).await?;
                    }
                }
                tx.insert_page_view(&view).await?;
                offer.lend(tx, &guest, &leases, now).await
            })
        })
        .await?;
    Ok(Shown {
        visitor: Some(visitor),
        visit: Some(id),
        continues,
        source,
        keep_alive: KEEP_ALIVE_EVERY,
        swaps,
        pooled,
        refused,
    })
}
