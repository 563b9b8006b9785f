//! A page of somebody who is known is written down and told what to show:
//! shared by a page that opens and a page that stays.
//!
//! Pages that come while another group commits share its successor, and there
//! few statements serve them all.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::lending::{Guest, Past, lend};
use crate::domain::ids::{EngagementId, LeaseId, VisitId, VisitorId};
use crate::domain::people::engagement::{Deed, Engagement};
use crate::domain::time::Timestamp;
use crate::domain::tracking::guard::Refusal;
use crate::domain::tracking::offer::Offer;
use crate::domain::tracking::sharing::Likeness;
use crate::domain::tracking::source::Source;
use crate::domain::tracking::swap::Swap;
use crate::domain::tracking::visit::{KEEP_ALIVE_EVERY, PageView, SEEN_EVERY, Visit};
use crate::store::{Step, StoreError, Together, Tx};

/// The answer to a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// `None`: no consent, and so no identifier.
    pub visitor: Option<VisitorId>,
    pub visit: Option<VisitId>,
    /// The visit had begun before this page.
    pub continues: bool,
    pub source: Source,
    /// How often the page is to say that it is still looked at.
    pub keep_alive: Duration,
    /// Those that pools serve come first.
    pub swaps: Vec<Swap>,
    /// How many of them pools serve.
    pub pooled: usize,
    /// Why no number of its own was to be lent, whatever the pools have.
    pub refused: Option<Refusal>,
}

impl Shown {
    /// What a page sees of whose visitor nothing is kept.
    pub(super) fn to_nobody(offer: &Offer, source: Source, refused: Option<Refusal>) -> Self {
        let swaps = offer.without_lease(source.channel);
        let (pooled, keep_alive) = (offer.pools.len(), KEEP_ALIVE_EVERY);
        Self { visitor: None, visit: None, continues: false, source, keep_alive, swaps, pooled, refused }
    }
}

/// A page of somebody who agreed to be known.
pub(super) struct KnownPage {
    pub at: Timestamp,
    pub offer: Arc<Offer>,
    pub visit: Visiting,
    /// The page that was opened; `None` when an open one is still looked at.
    pub view: Option<PageView>,
    /// A fresh key for each pool.
    pub leases: Vec<LeaseId>,
    pub refused: Option<Refusal>,
}

pub(super) enum Visiting {
    /// This one goes on.
    Known(Visit),
    /// The browser remembers `earlier`; when that is over, or none, `new` begins.
    Begins {
        earlier: Option<VisitId>,
        new: Visit,
        /// For the timeline of whoever the visitor is known to be; `None`: was never here.
        engagement: Option<EngagementId>,
    },
}

impl KnownPage {
    /// The visit that the page belongs to, and whether its guest was here before.
    fn visit<'a>(&'a self, earlier: &'a HashMap<VisitId, Visit>) -> (&'a Visit, Past) {
        match &self.visit {
            Visiting::Known(visit) => (visit, Past::Visit),
            Visiting::Begins { earlier: remembered, new, engagement } => {
                let remembered = remembered.and_then(|id| earlier.get(&id));
                let is_own = |it: &&Visit| it.site == new.site && it.visitor == new.visitor;
                match remembered.filter(is_own).filter(|it| it.goes_on(self.at)) {
                    Some(visit) => (visit, Past::Visit),
                    None if engagement.is_some() => (new, Past::Visitor),
                    None => (new, Past::None),
                }
            }
        }
    }
}

impl Together for KnownPage {
    type Done = Shown;

    fn perform<'t>(all: &'t [Self], tx: &'t mut Tx) -> Step<'t, Vec<Shown>> {
        Box::pin(write(all, tx))
    }
}

async fn write(pages: &[KnownPage], tx: &mut Tx) -> Result<Vec<Shown>, StoreError> {
    let remembered: Vec<(VisitId, Timestamp)> = pages
        .iter()
        .filter_map(|page| match &page.visit {
            Visiting::Begins { earlier, .. } => Some(((*earlier)?, page.at)),
            Visiting::Known(_) => None,
        })
        .collect();
    let earlier = tx.find_going_on(&remembered).await?;
    let visits: Vec<(&Visit, Past)> = pages.iter().map(|page| page.visit(&earlier)).collect();

    let new: Vec<&Visit> =
        visits.iter().filter(|(_, past)| *past != Past::Visit).map(|(visit, _)| *visit).collect();
    tx.insert_visits(&new).await?;
    let mut seen: BTreeMap<VisitId, Timestamp> = BTreeMap::new();
    for (page, (visit, past)) in pages.iter().zip(&visits) {
        match (&page.visit, past) {
            (_, Past::Visit) if page.at.since(visit.last_seen_at) < SEEN_EVERY => {}
            (_, Past::Visit) => {
                let latest = seen.entry(visit.id).or_insert(page.at);
                *latest = page.at.max(*latest);
            }
            (Visiting::Begins { engagement: Some(id), .. }, _) => {
                let engagement = Engagement { id: *id, at: page.at, what: Deed::Visit(visit.id) };
                tx.insert_engagement_of(visit.visitor, &engagement).await?;
            }
            _ => {}
        }
    }
    tx.touch_visits(&seen.into_iter().collect::<Vec<_>>()).await?;
    let views = pages
        .iter()
        .zip(&visits)
        .filter_map(|(page, (visit, _))| page.view.clone().map(|view| PageView { visit: visit.id, ..view }));
    tx.insert_page_views(&views.collect::<Vec<_>>()).await?;

    let guests: Vec<Guest<'_>> = pages
        .iter()
        .zip(&visits)
        .map(|(page, (visit, past))| Guest {
            at: page.at,
            offer: &page.offer,
            visit: visit.id,
            visitor: visit.visitor,
            past: *past,
            likeness: Likeness::of(&visit.source, &visit.landing_page),
            refused: page.refused,
            leases: &page.leases,
        })
        .collect();
    let swaps = lend(tx, &guests).await?;
    let shown = pages.iter().zip(&visits).zip(swaps).map(|((page, (visit, past)), swaps)| Shown {
        visitor: Some(visit.visitor),
        visit: Some(visit.id),
        continues: *past == Past::Visit,
        source: visit.source.clone(),
        keep_alive: KEEP_ALIVE_EVERY,
        swaps,
        pooled: page.offer.pools.len(),
        refused: page.refused,
    });
    Ok(shown.collect())
}
