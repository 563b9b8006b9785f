//! Claims: the rule, and what happens when many ask at once.

use std::collections::HashSet;
use std::time::Duration;

use uuid::Uuid;
use whence::domain::ids::{LeaseId, PoolId, VisitId, VisitorId};
use whence::domain::phone::Phone;
use whence::domain::time::Timestamp;
use whence::domain::tracking::channels::Channel;
use whence::domain::tracking::device::Device;
use whence::domain::tracking::lease::{Standing, choose_number};
use whence::domain::tracking::source::Source;
use whence::domain::tracking::visit::Visit;
use whence::store::lending::Claim;
use whence::store::{NumberFilter, Store, Window};

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, NOON, POLICY, Town, phone, slug};

#[derive(PartialEq, Eq, Debug)]
struct Claimed {
    number: Phone,
    /// The visitor had this number already.
    renewed: bool,
}

/// Visitor `n` begins a visit at `now` and asks the pool for a number.
async fn claim(store: &Store, n: u128, now: Timestamp) -> Option<Claimed> {
    let visitor = VisitorId(Uuid::from_u128(n));
    let visit = VisitId(Uuid::from_u128(n << 64 | now.as_ms() as u128));
    let lease = LeaseId(visit.0);
    store
        .write(move |tx| {
            Box::pin(async move {
                let visit = Visit {
                    id: visit,
                    site: slug("bakery"),
                    visitor,
                    started_at: now,
                    last_seen_at: now,
                    landing_page: "https://bakery.example/".into(),
                    referrer: None,
                    device: Device::Unknown,
                    country: None,
                    region: None,
                    source: Source {
                        channel: Channel::Direct,
                        source: "(direct)".into(),
                        medium: "(none)".into(),
                        campaign: None,
                        term: None,
                        content: None,
                        click_id: None,
                    },
                };
                tx.insert_visits(&[&visit]).await?;
                let pool: PoolId = slug("web");
                let claim = Claim { pool: &pool, policy: POLICY, lease, visit: visit.id, visitor, at: now };
                if let Some(number) = tx.claim_own(&claim).await? {
                    return Ok(Some(Claimed { number, renewed: true }));
                }
                let number = tx.claim_rested(&pool, &[&claim]).await?.pop();
                Ok(number.map(|number| Claimed { number, renewed: false }))
            })
        })
        .await
        .unwrap()
}

fn new(last: u32) -> Option<Claimed> {
    Some(Claimed { number: phone(last), renewed: false })
}

fn own(last: u32) -> Option<Claimed> {
    Some(Claimed { number: phone(last), renewed: true })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_that_rested_longest_is_lent_first() {
    on_each_database(async |database| {
        let store = Town::with_pool_of(database, 3).await.store;
        let free_again = POLICY.free_at(NOON);

        assert_eq!(claim(&store, 1, NOON).await, new(1000));
        assert_eq!(claim(&store, 2, NOON + MINUTE).await, new(1001));
        assert_eq!(claim(&store, 3, NOON + 2 * MINUTE).await, new(1002));
        assert_eq!(claim(&store, 4, free_again + 2 * MINUTE).await, new(1000));
        assert_eq!(claim(&store, 5, free_again + 2 * MINUTE).await, new(1001));

        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resting_number_is_lent_to_nobody_but_its_last_holder() {
    on_each_database(async |database| {
        let store = Town::with_pool_of(database, 1).await.store;
        let last_moment = POLICY.free_at(NOON) - Duration::from_millis(1);

        assert_eq!(claim(&store, 1, NOON).await, new(1000));
        assert_eq!(claim(&store, 2, last_moment).await, None);
        assert_eq!(claim(&store, 1, last_moment).await, own(1000));
        assert_eq!(claim(&store, 2, POLICY.free_at(NOON)).await, None);
        assert_eq!(claim(&store, 2, POLICY.free_at(last_moment)).await, new(1000));

        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_a_number_is_not_told_that_they_have_it_beside_whoever_has_it_now() {
    on_each_database(async |database| {
        let store = Town::with_pool_of(database, 1).await.store;
        let later = POLICY.free_at(NOON);
        assert_eq!(claim(&store, 1, NOON).await, new(1000));
        assert_eq!(claim(&store, 2, later).await, new(1000));

        let renewed = store.write(move |tx| {
            Box::pin(async move {
                let pool: PoolId = slug("web");
                let at = later + MINUTE;
                let again = |n: u128, began: Timestamp| Claim {
                    pool: &pool,
                    policy: POLICY,
                    lease: LeaseId(Uuid::from_u128(n)),
                    visit: VisitId(Uuid::from_u128(n << 64 | began.as_ms() as u128)),
                    visitor: VisitorId(Uuid::from_u128(n)),
                    at,
                };
                tx.renew_numbers(&[again(1, NOON), again(2, later)]).await
            })
        });

        assert_eq!(renewed.await.unwrap(), [None, Some(phone(1000))]);
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_comes_back_gets_the_number_they_had_while_nobody_else_took_it() {
    on_each_database(async |database| {
        let store = Town::with_pool_of(database, 2).await.store;
        let next_day = NOON + 24 * 60 * MINUTE;

        assert_eq!(claim(&store, 1, NOON).await, new(1000));
        assert_eq!(claim(&store, 2, NOON + MINUTE).await, new(1001));
        assert_eq!(claim(&store, 2, next_day).await, own(1001));
        assert_eq!(claim(&store, 3, next_day).await, new(1000));
        assert_eq!(claim(&store, 1, next_day).await, None);

        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_out_of_service_is_lent_to_nobody() {
    on_each_database(async |database| {
        let store = Town::with_pool_of(database, 1).await.store;
        assert_eq!(claim(&store, 1, NOON).await, new(1000));

        store.write(|tx| Box::pin(async { tx.retire_number(&phone(1000), NOON).await })).await.unwrap();

        assert_eq!(claim(&store, 1, NOON + MINUTE).await, None);
        assert_eq!(claim(&store, 2, POLICY.free_at(NOON)).await, None);

        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_rivals_on_two_nodes_fifty_get_a_number_and_no_two_the_same() {
    on_each_database(async |database| {
        let one = Town::with_pool_of(database, 50).await.store;
        let other = database.open().await;
        let rivals: Vec<_> = (0..200)
            .map(|n| {
                let store = if n % 2 == 0 { one.clone() } else { other.clone() };
                tokio::spawn(async move { claim(&store, n + 1, NOON).await })
            })
            .collect();

        let mut lent: Vec<Phone> = Vec::new();
        for rival in rivals {
            lent.extend(rival.await.unwrap().map(|claimed| claimed.number));
        }

        assert_eq!(lent.len(), 50);
        assert_eq!(lent.iter().collect::<HashSet<_>>().len(), 50);
        let numbers = one
            .list_numbers(
                &NumberFilter { pool: Some(slug("web")), ..NumberFilter::default() },
                &Window::first(100),
            )
            .await
            .unwrap();
        assert!(numbers.items.iter().all(|row| row.lease.is_some() && row.free_at == POLICY.free_at(NOON)));

        other.close().await;
        one.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_databases_choose_as_the_rule_does() {
    on_each_database(async |database| {
        let store = Town::with_pool_of(database, 4).await.store;
        let mut pool: Vec<Standing> = (1000..1004)
            .map(|last| Standing {
                number: phone(last),
                free_at: Timestamp::default(),
                holder: None,
                shared_until: Timestamp::default(),
            })
            .collect();
        let (mut now, mut chance) = (NOON, 7_u64);

        for _ in 0..150 {
            // A generator of Knuth's; the same sequence each time.
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            now = now + Duration::from_secs(1 + (chance >> 33) % 900);
            let n = 1 + u128::from((chance >> 20) % 7);
            let visitor = VisitorId(Uuid::from_u128(n));
            let expected = choose_number(&pool, visitor, now).cloned();

            let claimed = claim(&store, n, now).await;

            assert_eq!(claimed.map(|claimed| claimed.number), expected);
            for standing in pool.iter_mut().filter(|standing| Some(&standing.number) == expected.as_ref()) {
                (standing.free_at, standing.holder) = (POLICY.free_at(now), Some(visitor));
            }
        }
        store.close().await;
    })
    .await;
}
