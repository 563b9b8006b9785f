//! Visitors who say who they are: whose they become, and what that is worth as evidence.

use whence::clock::Clock;
use whence::domain::people::claims::Claims;
use whence::domain::people::contact::Identity;
use whence::domain::people::search::Search;
use whence::domain::tracking::attribution::{Acquaintance, Evidence, Reason};
use whence::domain::tracking::visit::Visit;
use whence::flows::{Shown, call_arrives, visitor_identified};
use whence::store::claims::Said;
use whence::store::{Store, Window};

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, Town, phone};

fn by_phone(last: u32) -> Claims {
    Claims { phone: Some(phone(last)), ..Claims::default() }
}

async fn visit_of(town: &Town, shown: &Shown) -> Visit {
    town.store.find_visit(shown.visit.unwrap()).await.unwrap().unwrap()
}

async fn says(store: &Store, clock: &Clock, visit: &Visit, claims: Claims) -> Said {
    visitor_identified(store, clock, visit, claims).await.unwrap()
}

/// On PostgreSQL two nodes find nobody at the same time and both make a contact.
#[tokio::test(flavor = "multi_thread")]
async fn of_forty_browsers_on_two_nodes_that_give_one_number_all_are_one_contact() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 40).await;
        let other = database.open().await;
        let mut browsers = Vec::new();
        for _ in 0..40 {
            browsers.push(visit_of(&town, &town.somebody_comes().await).await);
        }
        let rivals: Vec<_> = browsers
            .iter()
            .cloned()
            .enumerate()
            .map(|(n, visit)| {
                let store = if n % 2 == 0 { town.store.clone() } else { other.clone() };
                let clock = town.clock.clone();
                tokio::spawn(async move { says(&store, &clock, &visit, by_phone(5001)).await })
            })
            .collect();
        for rival in rivals {
            assert_eq!(rival.await.unwrap(), Said::Anew);
        }

        let contacts = town.store.list_contacts(&Search::default(), &Window::first(99)).await.unwrap().items;
        assert_eq!(contacts.len(), 1);
        for visit in browsers {
            let owner = town.store.find_owner(&Identity::Visitor(visit.visitor)).await.unwrap();
            assert_eq!(owner, Some(contacts[0].id));
        }
        other.close().await;
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_call_made_a_visitor_known_is_no_evidence_for_that_call() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let ada = town.somebody_comes().await;
        town.clock.advance(31 * MINUTE);
        let bob = town.somebody_comes().await;
        town.clock.advance(10 * MINUTE);
        // Bob is taken for the caller, since he saw the number last.
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let linked = town.store.find_owner(&Identity::Visitor(bob.visitor.unwrap())).await.unwrap();
        assert!(linked.is_some());

        // Ada says who she is, but not that she called; the call is asked about again.
        let ada_visit = visit_of(&town, &ada).await;
        says(&town.store, &town.clock, &ada_visit, by_phone(5009)).await;

        let newest = town.store.find_attribution(call.call).await.unwrap().unwrap();
        assert_eq!((newest.version, newest.reason), (2, Reason::Identified));
        let acquaintance = |visit| {
            let share = newest.shares.iter().find(|share| share.visit == visit).expect("a share");
            match &share.evidence {
                Evidence::ShownOnPage(shown) => shown.visitor,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(acquaintance(ada.visit), Acquaintance::SomebodyElse);
        assert_eq!(acquaintance(bob.visit), Acquaintance::Unknown, "the call itself made him the caller");

        // Once he says so himself it counts.
        says(&town.store, &town.clock, &visit_of(&town, &bob).await, by_phone(5001)).await;
        let newest = town.store.find_attribution(call.call).await.unwrap().unwrap();
        let Evidence::ShownOnPage(shown) = &newest.shares[0].evidence else { panic!("{newest:?}") };
        assert_eq!(
            (newest.version, newest.shares[0].visit, shown.visitor),
            (3, bob.visit, Acquaintance::Caller)
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_given_once_and_earlier_visits_come_along() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let first = town.somebody_comes().await;
        town.clock.advance(60 * MINUTE);
        let again = whence::flows::Opened { visitor: first.visitor, ..crate::support::town::page("/") };
        let visit = visit_of(&town, &town.opens(again).await).await;
        let named = |name: &str| Claims { name: Some(name.into()), ..by_phone(5001) };

        assert_eq!(says(&town.store, &town.clock, &visit, named("Ada Lovelace")).await, Said::Anew);
        assert_eq!(says(&town.store, &town.clock, &visit, named("Ada Lovelace")).await, Said::Again);
        assert_eq!(says(&town.store, &town.clock, &visit, named("Somebody Else")).await, Said::Anew);

        let contact = town
            .store
            .list_contacts(&Search::default(), &Window::first(9))
            .await
            .unwrap()
            .items
            .pop()
            .unwrap();
        assert_eq!(contact.profile.name.as_deref(), Some("Ada Lovelace"));
        let deeds = town.store.list_engagements(contact.id, &Window::first(9)).await.unwrap().items;
        assert_eq!(deeds.len(), 2, "both visits, each once");
        town.store.close().await;
    })
    .await;
}
