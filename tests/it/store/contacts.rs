//! Finding one contact among very many; and those that an earlier program wrote.

use std::time::Duration;

use sqlx::{AnyConnection, Connection, Row};
use whence::clock::Clock;
use whence::domain::people::search::{PhoneSought, Search};
use whence::flows::contacts_keyed;
use whence::store::{Store, Window};

use crate::support::databases::{Database, on_each_database, on_sqlite};
use crate::support::town::NOON;

/// A hundred thousand contacts with a number each.
async fn crowd(database: &Database) -> Store {
    let store = database.open().await;
    let mut db = AnyConnection::connect(&database.url).await.unwrap();
    for sql in [
        "insert into contacts (id, created_at, keyed) \
         with recursive n (n) as (select 1 union all select n + 1 from n where n < 100000) \
         select '00000000-0000-7000-8000-' || substr('000000000000', 1, 12 - length(cast(n as text))) || n, n, 1 from n",
        "insert into identities (kind, value, contact_id, first_seen_at, last_seen_at) \
         select 'phone', '+336' || (10000000 + created_at * 37), id, created_at, created_at from contacts",
        "analyze",
    ] {
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
    store
}

/// A scan of the whole table takes longer than this at its fastest, a look into an index never as long.
const FAST: Duration = Duration::from_millis(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_found_among_a_hundred_thousand_contacts_by_its_index() {
    on_each_database(async |database| {
        let (store, clock) = (crowd(database).await, Clock::system());
        let whole: PhoneSought = PhoneSought::Whole("+33613699963".parse().unwrap());
        // Contact 99,999 has it; a few others end alike.
        for (phone, fewest) in
            [(whole, 1), (PhoneSought::Ends("9963".into()), 10), (PhoneSought::Ends("13699963".into()), 1)]
        {
            let search = Search { phone: Some(phone.clone()), ..Search::default() };
            let mut fastest = Duration::MAX;
            for _ in 0..10 {
                let began = clock.now();
                let found = store.list_contacts(&search, &Window::first(20)).await.unwrap();
                fastest = fastest.min(clock.now().since(began));
                assert!(found.items.len() >= fewest, "{phone:?}: {}", found.items.len());
                assert_eq!(found.items[0].created_at.as_ms(), 99_999);
            }
            assert!(fastest < FAST, "{}: {phone:?} took {fastest:?}", database.name);
        }
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_planner_takes_the_index_for_last_digits() {
    on_sqlite(async |database| {
        let store = crowd(database).await;
        let mut db = AnyConnection::connect(&database.url).await.unwrap();

        let plan = sqlx::query(
            "explain query plan select id from contacts where id in (select contact_id from identities \
             where kind = 'phone' and substr(value, length(value) - 3) = '9963' and value like '%9963') \
             order by created_at desc, id desc limit 51",
        )
        .fetch_all(&mut db)
        .await
        .unwrap();

        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        assert!(steps.iter().any(|step| step.contains("identities_by_last_digits")), "{steps:?}");
        assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
        db.close().await.unwrap();
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_of_an_earlier_program_is_found_by_name_after_the_next_start() {
    on_each_database(async |database| {
        let (store, clock) = (database.open().await, Clock::manual(NOON));
        let mut db = AnyConnection::connect(&database.url).await.unwrap();
        sqlx::query("insert into contacts (id, created_at, name) values ($1, 1, 'Ada Lovelace')")
            .bind("00000000-0000-7000-8000-000000000001")
            .execute(&mut db)
            .await
            .unwrap();
        db.close().await.unwrap();
        let search = Search { name: ["lovelace".to_owned()].into(), ..Search::default() };
        assert_eq!(store.list_contacts(&search, &Window::first(9)).await.unwrap().items, []);

        assert_eq!(contacts_keyed(&store, &clock).await.unwrap(), 1);

        assert_eq!(store.list_contacts(&search, &Window::first(9)).await.unwrap().items.len(), 1);
        assert_eq!(contacts_keyed(&store, &clock).await.unwrap(), 0);
        store.close().await;
    })
    .await;
}
