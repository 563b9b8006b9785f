//! Opening and closing a database.

use whence::store::{Config, OpenError, Store, StoreError};

use crate::support::databases::{on_each_database, on_sqlite};

#[tokio::test(flavor = "multi_thread")]
async fn a_database_opened_again_is_migrated_once_and_keeps_what_it_had() {
    on_each_database(async |database| {
        let first = database.open().await;
        first.write(|tx| Box::pin(async { tx.bump_revision("routes").await })).await.unwrap();
        let revision = first.revision("routes").await.unwrap();
        first.close().await;

        let again = database.open().await;

        again.ping().await.unwrap();
        assert_eq!(again.revision("routes").await.unwrap(), revision);
        again.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_newer_than_the_program_is_refused_with_its_place() {
    on_each_database(async |database| {
        database.open().await.close().await;
        let pool = sqlx::AnyPool::connect(&database.url).await.unwrap();
        sqlx::query(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
             select 9999, 'of tomorrow', success, checksum, execution_time from _sqlx_migrations where version = 1",
        )
        .execute(&pool)
        .await
        .unwrap();
        pool.close().await;

        let refused = Store::open(&Config { url: database.url.clone() }).await.err().unwrap();

        assert!(matches!(&refused, OpenError::Newer { version: 9999, .. }), "{refused}");
        assert!(refused.to_string().contains("newer than this program"), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_opened_is_named_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "not a folder").unwrap();
    let blocked = format!("sqlite:{}/file/whence.db", folder.path().display());
    std::fs::write(folder.path().join("text.db"), "this is no database at all, it only has the name of one")
        .unwrap();
    let no_database = format!("sqlite:{}/text.db", folder.path().display());

    for (url, place, cause) in [
        (blocked.as_str(), "/file/whence.db", ""),
        (no_database.as_str(), "/text.db", "file is not a database"),
        ("postgres://whence:secret@127.0.0.1:1/calls", "127.0.0.1:1/calls", "Connection refused"),
    ] {
        let refused = Store::open(&Config { url: url.into() }).await.err().unwrap();

        let OpenError::Unreachable { source, .. } = &refused else { panic!("{refused:?}") };
        assert!(source.to_string().starts_with(cause), "{source}");
        assert!(refused.to_string().contains(place), "{refused}");
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_looks_makes_no_file() {
    on_sqlite(async |database| {
        let config = Config { url: database.url.clone() };

        let refused = Store::open_existing(&config).await.err().unwrap();

        assert!(matches!(refused, OpenError::Missing { .. }), "{refused:?}");
        assert!(!std::path::Path::new(database.url.strip_prefix("sqlite:").unwrap()).exists());
        database.open().await.close().await;
        Store::open_existing(&config).await.unwrap().close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_store_takes_no_more_writes_but_finishes_those_it_took() {
    on_each_database(async |database| {
        let store = database.open().await;
        let before = store.revision("routes").await.unwrap();
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    store.write(|tx| Box::pin(async { tx.bump_revision("routes").await })).await
                })
            })
            .collect();

        store.close().await;

        let mut written = 0;
        for write in waiting {
            match write.await.unwrap() {
                Ok(()) => written += 1,
                Err(error) => assert!(matches!(error, StoreError::Closed), "{error:?}"),
            }
        }
        let again = database.open().await;
        assert_eq!(again.revision("routes").await.unwrap(), before + written);
        again.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_may_start_on_one_new_database() {
    on_each_database(async |database| {
        let (one, other) = tokio::join!(database.open(), database.open());

        one.ping().await.unwrap();
        other.ping().await.unwrap();
        one.close().await;
        other.close().await;
    })
    .await;
}
