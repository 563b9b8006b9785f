//! Lists: filters, order and pages.

use whence::domain::tracking::channels::Channel;
use whence::flows::call_arrives;
use whence::store::{CallFilter, NumberFilter, StoreError, VisitFilter, Window};

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, POSTER, Town, page, phone, slug};

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_list_hold_every_row_once_newest_first() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let mut made = Vec::new();
        for n in 0..7 {
            // Some at the same millisecond, so that the id decides.
            town.clock.advance(if n % 3 == 0 { MINUTE } else { std::time::Duration::ZERO });
            let call = town.call(POSTER, Some(5000 + n));
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            made.push((call.at, call.call));
        }
        made.sort();
        made.reverse();

        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let window = Window { after, limit: 3 };
            let page = town.store.list_calls(&CallFilter::default(), &window).await.unwrap();
            seen.extend(page.items.iter().map(|row| (row.record.arrived_at, row.record.id)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }

        assert_eq!(seen, made);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_of_calls_keeps_its_own_and_drops_the_rest() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let early = town.call(POSTER, Some(5001));
        call_arrives(&town.store, &town.clock, &early).await.unwrap();
        town.clock.advance(MINUTE);
        let mut late = town.call(1000, None);
        late.destination = None;
        call_arrives(&town.store, &town.clock, &late).await.unwrap();
        let contact = town.store.find_call(early.call).await.unwrap().unwrap().contact;

        let cases = [
            ("number", CallFilter { number: Some(phone(POSTER)), ..Default::default() }),
            ("caller", CallFilter { caller: Some(phone(5001)), ..Default::default() }),
            ("until", CallFilter { until: Some(late.at), ..Default::default() }),
            ("contact", CallFilter { contact, ..Default::default() }),
        ];

        for (name, filter) in cases {
            let page = town.store.list_calls(&filter, &Window::first(10)).await.unwrap();
            let ids: Vec<_> = page.items.iter().map(|row| row.record.id).collect();
            assert_eq!(ids, [early.call], "{name}");
        }
        let from = CallFilter { from: Some(late.at), ..Default::default() };
        let page = town.store.list_calls(&from, &Window::first(10)).await.unwrap();
        assert_eq!(page.items.iter().map(|row| row.record.id).collect::<Vec<_>>(), [late.call]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_of_visits_keeps_its_own_and_drops_the_rest() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let first = town.somebody_comes().await;
        town.clock.advance(MINUTE);
        town.opens(page("/")).await;
        let later = town.clock.now();

        for (name, filter) in [
            ("visitor", VisitFilter { visitor: first.visitor, ..Default::default() }),
            ("channel", VisitFilter { channel: Some(Channel::PaidSearch), ..Default::default() }),
            ("until", VisitFilter { site: Some(slug("bakery")), until: Some(later), ..Default::default() }),
        ] {
            let page = town.store.list_visits(&filter, &Window::first(10)).await.unwrap();
            assert_eq!(page.items.iter().map(|v| Some(v.id)).collect::<Vec<_>>(), [first.visit], "{name}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_never_given_out_is_refused() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;

        for cursor in ["", "x", "not base64!", "bm9ib2R5"] {
            let window = Window { after: Some(cursor.into()), limit: 3 };
            let refused = town.store.list_calls(&CallFilter::default(), &window).await;
            assert!(matches!(refused, Err(StoreError::BadCursor)), "{cursor:?}: {refused:?}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_tell_how_many_numbers_are_lent_and_how_many_rest() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 3).await;
        town.somebody_comes().await;
        town.clock.advance(20 * MINUTE);
        town.somebody_comes().await;

        let pools = town.store.list_pools(town.clock.now()).await.unwrap();

        let counts: Vec<_> = pools.iter().map(|row| (row.numbers, row.lent, row.resting)).collect();
        assert_eq!(counts, [(3, 1, 1)]);
        let numbers = town
            .store
            .list_numbers(
                &NumberFilter { outlet: Some(slug("bakery")), ..NumberFilter::default() },
                &Window::first(100),
            )
            .await
            .unwrap();
        assert_eq!(numbers.items.len(), 5);
        assert_eq!(town.store.load_routes().await.unwrap().len(), 5);
        town.store.close().await;
    })
    .await;
}
