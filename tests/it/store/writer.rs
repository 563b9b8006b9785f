//! The write queue: groups, and who pays for a bad write.

use whence::domain::ids::ContactId;
use whence::domain::people::contact::Contact;
use whence::store::{StoreError, Window};

use crate::support::databases::on_each_database;
use crate::support::town::NOON;

fn contact(n: u128) -> Contact {
    Contact { id: ContactId(uuid::Uuid::from_u128(n)), created_at: NOON, name: None }
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
        assert_eq!(store.list_contacts(&Window::first(500)).await.unwrap().items.len(), 100);
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
        assert_eq!(store.find_contact(contact(1).id).await.unwrap(), None);
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

        assert!(store.find_contact(contact(1).id).await.unwrap().is_some());
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
        assert_eq!(store.list_contacts(&Window::first(10)).await.unwrap().items, [contact(2)]);
        store.close().await;
    })
    .await;
}
