//! Calls that were made on a page, written down.

use whence::domain::calling::record::{Arrived, Fact, FromPage};
use whence::domain::ids::VisitId;
use whence::domain::tracking::attribution::Evidence;
use whence::domain::tracking::source::Source;
use whence::flows::calls_written;

use crate::support::databases::on_each_database;
use crate::support::town::{Town, page};

/// A call to a number that is none of ours, from this visit.
fn from_page(town: &Town, visit: VisitId) -> Arrived {
    let page = FromPage { visit: Some(visit), source: Source::unknown() };
    Arrived { page: Some(Box::new(page)), ..town.call(1, None) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_calls_twice_at_once_is_one_contact_and_a_visit_that_is_gone_spoils_nothing() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let visit = town.opens(page("/")).await.visit.unwrap();
        let gone = VisitId(uuid::Uuid::from_u128(7));
        let calls = [visit, visit, gone].map(|visit| from_page(&town, visit));

        let facts = calls.clone().map(Fact::Arrived);
        calls_written(&town.store, &town.clock, &facts).await.unwrap();

        let mut contacts = Vec::new();
        for (call, visit) in calls.iter().zip([Some(visit), Some(visit), None]) {
            let shares = town.store.find_attribution(call.call).await.unwrap().unwrap().shares;
            assert_eq!((shares.len(), &shares[0].evidence), (1, &Evidence::MadeOnPage));
            assert_eq!(shares[0].visit, visit);
            contacts.push(town.store.find_call(call.call).await.unwrap().unwrap().contact);
        }
        assert_eq!((contacts[0], contacts[2]), (contacts[1], None));
        assert!(contacts[0].is_some());
        town.store.close().await;
    })
    .await;
}
