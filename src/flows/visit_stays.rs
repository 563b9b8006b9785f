//! A page is still looked at: the visit goes on and keeps its numbers.

use super::error::FlowError;
use super::shown::{KnownPage, Shown, Visiting};
use crate::clock::Clock;
use crate::domain::ids::LeaseId;
use crate::domain::tracking::guard::Refusal;
use crate::domain::tracking::visit::Visit;
use crate::store::Store;

/// Fails with [`FlowError::NotFound`] when the visit was silent for so long that
/// it is over, or its site is not in service: the page then opens a new one.
/// With `refused` the visit keeps the number it has, and is lent no other.
pub async fn visit_stays(
    store: &Store,
    clock: &Clock,
    visit: Visit,
    refused: Option<Refusal>,
) -> Result<Shown, FlowError> {
    let now = clock.now();
    let offer = store.find_offer(&visit.site, now).await?.filter(|_| visit.goes_on(now));
    let offer = offer.ok_or(FlowError::NotFound { what: "visit" })?;
    let page = KnownPage {
        at: now,
        leases: offer.pools.iter().map(|_| LeaseId(clock.new_id())).collect(),
        offer,
        visit: Visiting::Known(visit),
        view: None,
        refused,
    };
    Ok(store.write_together(page).await?)
}
