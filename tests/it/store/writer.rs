//! The write queue: groups, and who pays for a bad write.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use whence::domain::ids::ContactId;
use whence::domain::people::search::Search;
use whence::domain::time::Timestamp;
use whence::store::{Step, StoreError, Together, Tx, Window};

use crate::support::databases::on_each_database;
use crate::support::town::NOON;

fn contact(n: u128) -> (ContactId, Timestamp) {
    (ContactId(uuid::Uuid::from_u128(n)), NOON)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_write_costs_its_neighbours_nothing() {
    on_each_database(async |database| {
        let store = database.open().await;
        store.write(|tx| Box::pin(async { tx.insert_contacts(&[contact(7)]).await })).await.unwrap();

        let writes: Vec<_> = (0..100)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    store
                        .write(move |tx| Box::pin(async move { tx.insert_contacts(&[contact(n)]).await }))
                        .await
                })
            })
            .collect();
        let mut failed = Vec::new();
        for (n, write) in writes.into_iter().enumerate() {
            if let Err(error) = write.await.unwrap() {
                failed.push((n, error));
            }
        }

        assert!(matches!(failed.as_slice(), [(7, StoreError::Conflict)]), "{failed:?}");
        assert_eq!(
            store.list_contacts(&Search::default(), &Window::first(500)).await.unwrap().items.len(),
            100
        );
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_half_way_leaves_nothing() {
    on_each_database(async |database| {
        let store = database.open().await;

        let refused = store
            .write(|tx| {
                Box::pin(async {
                    tx.insert_contacts(&[contact(1)]).await?;
                    Err::<(), _>(StoreError::NotFound { what: "thing" })
                })
            })
            .await;

        assert!(matches!(refused, Err(StoreError::NotFound { what: "thing" })));
        assert_eq!(store.find_contact(contact(1).0).await.unwrap(), None);
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_asker_went_away_stands_all_the_same() {
    on_each_database(async |database| {
        let store = database.open().await;
        let mut abandoned =
            Box::pin(store.write(|tx| Box::pin(async { tx.insert_contacts(&[contact(1)]).await })));

        // One poll hands the write over; then nobody waits for it any more.
        let waker = std::task::Waker::noop();
        assert!(abandoned.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        drop(abandoned);
        store.write(|tx| Box::pin(async { tx.insert_contacts(&[contact(2)]).await })).await.unwrap();

        assert!(store.find_contact(contact(1).0).await.unwrap().is_some());
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_panics_fails_alone() {
    on_each_database(async |database| {
        let store = database.open().await;

        let broken = store
            .write(|tx| {
                Box::pin(async {
                    tx.insert_contacts(&[contact(1)]).await?;
                    assert_eq!(1, 2, "a broken promise");
                    Ok(())
                })
            })
            .await;
        store.write(|tx| Box::pin(async { tx.insert_contacts(&[contact(2)]).await })).await.unwrap();

        assert!(matches!(broken, Err(StoreError::Panicked)));
        let kept = store.list_contacts(&Search::default(), &Window::first(10)).await.unwrap().items;
        assert_eq!(kept.iter().map(|it| it.id).collect::<Vec<_>>(), [contact(2).0]);
        store.close().await;
    })
    .await;
}

/// A contact to be written, and how often such writes were performed.
struct Written(u128, Arc<AtomicUsize>);

impl Together for Written {
    type Done = u128;

    fn perform<'t>(all: &'t [Self], tx: &'t mut Tx) -> Step<'t, Vec<u128>> {
        Box::pin(async move {
            all[0].1.fetch_add(1, Ordering::Relaxed);
            let contacts: Vec<_> = all.iter().map(|it| contact(it.0)).collect();
            tx.insert_contacts(&contacts).await?;
            Ok(all.iter().map(|it| it.0).collect())
        })
    }
}

#[tokio::test]
async fn writes_of_a_kind_are_done_in_one_go_and_a_bad_one_fails_alone() {
    on_each_database(async |database| {
        let store = database.open().await;
        let performed = Arc::new(AtomicUsize::new(0));
        let all = |range: std::ops::Range<u128>| {
            let writes = range.map(|n| {
                let (store, performed) = (store.clone(), Arc::clone(&performed));
                tokio::spawn(async move { store.write_together(Written(n, performed)).await })
            });
            writes.collect::<Vec<_>>()
        };

        for (n, write) in (0..100).zip(all(0..100)) {
            assert_eq!(write.await.unwrap().unwrap(), n);
        }
        let goes = performed.load(Ordering::Relaxed);
        assert!(goes <= 2, "a hundred writes that wait together took {goes} goes");

        let mut failed = Vec::new();
        for (n, write) in (99..120).zip(all(99..120)) {
            match write.await.unwrap() {
                Ok(done) => assert_eq!(done, n),
                Err(error) => failed.push((n, error)),
            }
        }
        assert!(matches!(failed.as_slice(), [(99, StoreError::Conflict)]), "{failed:?}");
        assert_eq!(
            store.list_contacts(&Search::default(), &Window::first(500)).await.unwrap().items.len(),
            120
        );
        store.close().await;
    })
    .await;
}
