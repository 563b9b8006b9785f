//! A page is still looked at: the visit goes on and keeps its numbers.

use super::error::FlowError;
use super::shown::{Guest, Offer, Shown};
use crate::clock::Clock;
use crate::domain::ids::{LeaseId, VisitId};
use crate::domain::tracking::guard::Refusal;
use crate::domain::tracking::sharing::Likeness;
use crate::domain::tracking::visit::KEEP_ALIVE_EVERY;
use crate::store::Store;

/// Fails with [`FlowError::NotFound`] when the visit is unknown or was silent
/// for so long that it is over: the page then opens a new one.
/// With `refused` the visit keeps the number it has, and is lent no other.
pub async fn visit_stays(
    store: &Store,
    clock: &Clock,
    visit: VisitId,
    refused: Option<Refusal>,
) -> Result<Shown, FlowError> {
    let now = clock.now();
    let gone = FlowError::NotFound { what: "visit" };
    let visit = store.find_visit(visit).await?.filter(|visit| visit.goes_on(now)).ok_or(gone.clone())?;
    let site = store.find_site(&visit.site).await?.ok_or(gone)?;
    let offer = Offer::load(store, &site).await?;
    let leases: Vec<LeaseId> = offer.pools.iter().map(|_| LeaseId(clock.new_id())).collect();

    let (id, visitor) = (visit.id, visit.visitor);
    let likeness = Likeness::of(&visit.source, &visit.landing_page);
    let guest = Guest { visitor, visit: id, likeness, refused };
    let pooled = offer.pools.len();
    let swaps = store
        .write(move |tx| {
            let (offer, leases, guest) = (offer.clone(), leases.clone(), guest.clone());
            Box::pin(async move {
                tx.touch_visit(id, now).await?;
                offer.lend(tx, &guest, &leases, now).await
            })
        })
        .await?;
    Ok(Shown {
        visitor: Some(visitor),
        visit: Some(id),
        continues: true,
        source: visit.source,
        keep_alive: KEEP_ALIVE_EVERY,
        swaps,
        pooled,
        refused,
    })
}
