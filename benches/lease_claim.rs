//! A claim out of a pool of 10,000 numbers, by visitors who were never there.
//!
//! A hundred claims share a transaction, so that the cost of the claim is
//! measured and not that of the disk.

mod meter;
mod place;

use meter::Meter;
use place::Place;
use uuid::Uuid;
use whence::domain::ids::{LeaseId, PoolId, VisitId, VisitorId};
use whence::domain::tracking::device::Device;
use whence::domain::tracking::lease::Policy;
use whence::flows::{Opened, visit_arrives};
use whence::store::leases::Claimant;

const GROUPS: u64 = 200;
const GROUP: u64 = 100;

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
    let policy =
        Policy { keep_alive: std::time::Duration::from_secs(60), quarantine: std::time::Duration::ZERO };
    let claims: Vec<_> = (0..GROUP)
        .map(|_| {
            place.tick();
            (Claimant { lease: LeaseId(id(place)), visit, visitor: VisitorId(id(place)) }, place.clock.now())
        })
        .collect();
    let lent = place.store.write(move |tx| {
        let (pool, claims) = (pool.clone(), claims.clone());
        Box::pin(async move {
            let mut lent = 0;
            for (who, now) in claims {
                lent += u64::from(tx.claim_number(&pool, policy, who, now).await?.is_some());
            }
            Ok(lent)
        })
    });
    assert_eq!(lent.await.expect("the claims are written"), GROUP);
}

fn id(place: &Place) -> Uuid {
    place.clock.new_id()
}
