//! Who has knocked in vain, as the API lists them.

use serde_json::json;
use whence::domain::calling::stranger::Stranger;
use whence::domain::time::Timestamp;

use crate::support::databases::on_sqlite;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_listed_with_what_they_did_and_how_long_they_hear_nothing() {
    on_sqlite(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        assert_eq!(door.api("/api/v1/strangers").await.json(), json!({ "items": [], "next_cursor": null }));
        *door.watcher.strangers.lock().unwrap() = vec![Stranger {
            address: "203.0.113.9".parse().unwrap(),
            first_at: Timestamp::from_ms(0),
            last_at: Timestamp::from_ms(1_000),
            ignored: 7,
            unanswered: 0,
            wrong_logins: 10,
            numbers: 0,
            trunk: None,
            silent_until: Some(Timestamp::from_ms(601_000)),
        }];

        let listed = door.api("/api/v1/strangers").await.json();

        assert_eq!(
            listed["items"],
            json!([{
                "address": "203.0.113.9",
                "first_at": "1970-01-01T00:00:00.000Z",
                "last_at": "1970-01-01T00:00:01.000Z",
                "ignored": 7,
                "unanswered": 0,
                "wrong_logins": 10,
                "numbers": 0,
                "trunk": null,
                "silent_until": "1970-01-01T00:10:01.000Z",
            }])
        );
        door.get("/api/v1/strangers", &[]).await.problem(401);
        door.get("/api/v1/strangers", &[("authorization", "Bearer numbers:read")]).await.problem(403);
        town.store.close().await;
    })
    .await;
}
