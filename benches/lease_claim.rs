//! A claim out of a pool of 10,000 numbers, by visitors who were never there.
//!
//! A hundred claims come together, as they do under load: what is measured is
//! the claim, not the disk.

mod meter;
mod place;

use std::time::Duration;

use meter::Meter;
use place::Place;
use uuid::Uuid;
use whence::domain::ids::{LeaseId, PoolId, VisitId, VisitorId};
use whence::domain::tracking::device::Device;
use whence::domain::tracking::lease::Policy;
use whence::flows::{Opened, visit_arrives};
use whence::store::lending::Claim;

const GROUPS: u64 = 200;
const GROUP: u64 = 100;
const POLICY: Policy = Policy { keep_alive: Duration::from_secs(60), quarantine: Duration::ZERO };

#[tokio::main]
async fn main() {
    let place = Place::open().await;
    let opened = Opened {
        site: "web".parse().expect("a slug"),
        page: "https://example.org/".into(),
        title: None,
        referrer: None,
        consent: true,
        device: Device::Phone,
        country: None,
        region: None,
        visitor: None,
        visit: None,
        refused: None,
    };
    let shown = visit_arrives(&place.store, &place.clock, opened).await.expect("the page is answered");
    let visit = shown.visit.expect("there is consent");

    let meter = Meter::start();
    for _ in 0..GROUPS {
        lend(&place, visit).await;
    }
    meter.tell("lease claimed", GROUPS * GROUP);
    place.store.close().await;
}

/// Lends a hundred numbers, each to a visitor of its own.
async fn lend(place: &Place, visit: VisitId) {
    let pool: PoolId = "pool".parse().expect("a slug");
    let claims: Vec<_> = (0..GROUP)
        .map(|_| {
            place.tick();
            (LeaseId(id(place)), VisitorId(id(place)), place.clock.now())
        })
        .collect();
    let lent = place.store.write(move |tx| {
        let (pool, claims) = (pool.clone(), claims.clone());
        Box::pin(async move {
            let claim =
                |&(lease, visitor, at)| Claim { pool: &pool, policy: POLICY, lease, visit, visitor, at };
            let claims: Vec<Claim<'_>> = claims.iter().map(claim).collect();
            let lent = tx.claim_rested(&pool, &claims.iter().collect::<Vec<_>>()).await?;
            Ok(lent.len() as u64)
        })
    });
    assert_eq!(lent.await.expect("the claims are written"), GROUP);
}

fn id(place: &Place) -> Uuid {
    place.clock.new_id()
}
