//! Merges in whatever order, and at the same time as others and as calls.

use std::collections::{BTreeMap, BTreeSet};

use whence::clock::Clock;
use whence::domain::calling::recording::Accessor;
use whence::domain::ids::{ApiKeyId, ContactId};
use whence::domain::people::contact::Identity;
use whence::domain::people::draft::WrittenIdentity;
use whence::domain::people::profile::Patch;
use whence::flows::{ContactError, Written, call_arrives, contact_written, contacts_merged, merge_undone};
use whence::store::Store;

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, NOON, Town, phone};

const CRM: Accessor = Accessor::Key(ApiKeyId(uuid::Uuid::from_u128(1)));

fn customer(n: usize) -> WrittenIdentity {
    let identity = Identity::Customer(format!("crm:{n}").parse().unwrap());
    WrittenIdentity { identity, verified: None }
}

async fn write(
    store: &Store,
    clock: &Clock,
    identities: Vec<WrittenIdentity>,
) -> Result<Written, ContactError> {
    contact_written(store, clock, CRM, None, Patch::default(), identities).await
}

async fn owner(store: &Store, it: &WrittenIdentity) -> ContactId {
    store.find_owner(&it.identity).await.unwrap().expect("it was written")
}

/// A shuffle that is the same each time.
fn shuffled<T: Clone>(all: &[T], seed: u64) -> Vec<T> {
    let (mut rest, mut state, mut order) = (all.to_vec(), seed, Vec::new());
    while !rest.is_empty() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.push(rest.swap_remove((state >> 33) as usize % rest.len()));
    }
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_order_of_what_is_written_the_same_identities_are_of_one_person() {
    on_each_database(async |database| {
        let store = database.open().await;
        let clock = Clock::manual(NOON);
        // 0-1-2-3 hang together by pairs, 4-5-6 by one of three, 7 is by itself.
        let groups: [&[usize]; 6] = [&[0, 1], &[2, 3], &[1, 2], &[4, 5, 6], &[7], &[6, 4]];
        let expected: BTreeSet<BTreeSet<usize>> =
            [BTreeSet::from([0, 1, 2, 3]), BTreeSet::from([4, 5, 6]), BTreeSet::from([7])].into();

        for round in 0..24 {
            let base = 100 * (round + 1);
            for group in shuffled(&groups, round as u64) {
                clock.advance(MINUTE);
                let identities = group.iter().map(|n| customer(base + n)).collect();
                write(&store, &clock, identities).await.unwrap();
            }

            let mut people: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
            for n in 0..8 {
                people.entry(owner(&store, &customer(base + n)).await.to_string()).or_default().insert(n);
            }
            assert_eq!(people.into_values().collect::<BTreeSet<_>>(), expected, "round {round}");
        }
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn merges_on_two_nodes_at_once_make_one_person_of_all() {
    on_each_database(async |database| {
        let nodes = [database.open().await, database.open().await];
        let clock = Clock::manual(NOON);
        for n in 0..12 {
            write(&nodes[0], &clock, vec![customer(n)]).await.unwrap();
            clock.advance(MINUTE);
        }
        let oldest = owner(&nodes[0], &customer(0)).await;

        // Each ties one to the next, all at once, from both nodes.
        let ties = (0..11).map(|n| {
            let (store, clock) = (nodes[n % 2].clone(), clock.clone());
            tokio::spawn(async move { write(&store, &clock, vec![customer(n), customer(n + 1)]).await })
        });
        for tie in ties.collect::<Vec<_>>() {
            tie.await.unwrap().unwrap();
        }

        for n in 0..12 {
            assert_eq!(owner(&nodes[0], &customer(n)).await, oldest, "{n}");
        }
        for node in nodes {
            node.close().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_arrive_during_a_merge_are_of_whoever_stays() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let other = database.open().await;
        let old = write(&town.store, &town.clock, vec![customer(1)]).await.unwrap().contact;
        town.clock.advance(MINUTE);
        call_arrives(&town.store, &town.clock, &town.call(2003, Some(5001))).await.unwrap();
        let number = Identity::Phone(phone(5001));
        let caller = town.store.find_owner(&number).await.unwrap().unwrap();

        for _ in 0..10 {
            town.clock.advance(MINUTE);
            let calls = (0..5).map(|_| {
                let (store, clock, call) = (other.clone(), town.clock.clone(), town.call(2003, Some(5001)));
                tokio::spawn(async move { call_arrives(&store, &clock, &call).await })
            });
            let calls: Vec<_> = calls.collect();
            let merge = contacts_merged(&town.store, &town.clock, [caller, old], CRM).await.unwrap();
            for call in calls {
                call.await.unwrap().unwrap();
            }

            assert_eq!(town.store.find_owner(&number).await.unwrap(), Some(old));
            let of = async |contact| {
                let filter = whence::store::CallFilter { contact: Some(contact), ..Default::default() };
                let window = whence::store::Window::first(500);
                let calls = town.store.list_calls(&filter, &window).await.unwrap().items.len();
                let deeds = town.store.list_engagements(contact, &window).await.unwrap().items.len();
                assert_eq!(calls, deeds, "each call is a deed of whom it is of");
                calls
            };
            let all = of(old).await;
            assert_eq!(of(caller).await, 0, "nothing points at the one that went");
            merge_undone(&town.store, &town.clock, merge.id, CRM).await.unwrap();
            assert_eq!((of(caller).await, of(old).await), (all, 0), "every call goes back with its number");
        }
        other.close().await;
        town.store.close().await;
    })
    .await;
}

/// Their ids are chance within a millisecond, and so is no order.
#[tokio::test(flavor = "multi_thread")]
async fn merges_of_one_moment_are_undone_the_latest_first() {
    on_each_database(async |database| {
        let store = database.open().await;
        let clock = Clock::manual(NOON);
        for round in 0..8 {
            let mut people = Vec::new();
            for n in 0..4 {
                clock.advance(MINUTE);
                people.push(write(&store, &clock, vec![customer(10 * round + n)]).await.unwrap().contact);
            }
            let mut merges = Vec::new();
            for gone in &people[1..] {
                merges.push(contacts_merged(&store, &clock, [people[0], *gone], CRM).await.unwrap());
            }

            while let Some(latest) = merges.pop() {
                for earlier in &merges {
                    let refused = merge_undone(&store, &clock, earlier.id, CRM).await;
                    assert!(
                        matches!(&refused, Err(ContactError::Later { merge }) if *merge == latest.id),
                        "{refused:?}"
                    );
                }
                merge_undone(&store, &clock, latest.id, CRM).await.unwrap();
            }
        }
        store.close().await;
    })
    .await;
}
