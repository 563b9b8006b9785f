//! Who asks to read or to change what is known of people is written down, sealed and forgotten.

use std::time::Duration;

use axum::body::Body;
use serde_json::json;
use sqlx::Connection;
use whence::domain::people::audit::{Broken, Link};
use whence::flows::{audit_verified, call_arrives};
use whence::jobs::seal_audit::seal_audit;
use whence::store::Store;

use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Door, hand_out_keys, request, sign_in};
use crate::support::town::Town;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn town_with_a_contact(database: &Database) -> (Town, Door, String) {
    let town = Town::with_pool_of(database, 1).await;
    hand_out_keys(&town.store).await;
    call_arrives(&town.store, &town.clock, &town.call(1000, Some(5001))).await.unwrap();
    let door = Door::of(&town);
    let contact = door.api("/api/v1/contacts").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    (town, door, contact)
}

/// Entries as `who what kind subject`, the earliest first; the question itself is the last.
async fn entries(door: &Door, query: &str) -> Vec<String> {
    let found = door.api(&format!("/api/v1/audit{query}")).await.json();
    let mut told: Vec<String> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let word = |field: &str| it[field].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {}", word("name"), word("what"), word("kind"), word("subject"))
        })
        .collect();
    told.reverse();
    told
}

async fn sealed(store: &Store) {
    while store.count_unsealed().await.unwrap() > 0 {
        store.write(|tx| Box::pin(tx.seal_audit(2))).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_somebodys_data_is_written_down_whatever_comes_of_it() {
    on_each_database(async |database| {
        let (town, door, contact) = town_with_a_contact(database).await;
        let ada = sign_in(&town.store).await;
        let key = [("authorization", "Bearer contacts:read")];
        let path = format!("/api/v1/contacts/{contact}");

        let ask = async |path: &str, headers: &[(&str, &str)]| {
            town.clock.advance(SECOND);
            door.get(path, headers).await.status
        };
        assert_eq!(ask(&path, &key).await, 200);
        assert_eq!(ask(&format!("/console/contacts/{contact}"), &[ada]).await, 200);
        assert_eq!(ask("/api/v1/contacts?phone=+33639980001", &key).await, 200);
        // Nobody's data, nobody known, and a key that may not.
        assert_eq!(ask("/api/v1/sites", &[("authorization", "Bearer all")]).await, 200);
        assert_eq!(ask(&path, &[]).await, 401);
        assert_eq!(ask(&path, &[("authorization", "Bearer calls:read")]).await, 403);
        // An address may hold anything.
        assert_eq!(ask("/api/v1/contacts/jean-dupont", &key).await, 400);
        // Refused for what it says, and yet asked for.
        town.clock.advance(SECOND);
        let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
        let body = json!({"language": "!"}).to_string();
        assert_eq!(door.ask(request("PATCH", &path, &headers, Body::from(body))).await.status, 422);
        town.clock.advance(SECOND);

        let told = entries(&door, "").await;
        let expected = [
            "all list contact -".to_owned(),
            format!("contacts:read read contact {contact}"),
            format!("ada@bakery.example read contact {contact}"),
            "contacts:read list contact -".to_owned(),
            "contacts:read read contact -".to_owned(),
            format!("all write contact {contact}"),
            "all list audit -".to_owned(),
        ];
        assert_eq!(told, expected);
        assert_eq!(entries(&door, &format!("?subject={contact}&what=read")).await, told[1..3]);
        assert_eq!(entries(&door, "?who=key:00000000-0000-0000-0000-000000000001&kind=audit").await.len(), 3);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_of_somebody_new_is_told_with_them() {
    on_each_database(async |database| {
        let (town, door, _) = town_with_a_contact(database).await;
        let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
        let body = json!({"identities": [{"kind": "email", "value": "ada@example.org"}]}).to_string();

        let made = door.ask(request("POST", "/api/v1/contacts", &headers, Body::from(body))).await;

        let contact = made.json()["id"].as_str().unwrap().to_owned();
        let told = entries(&door, &format!("?subject={contact}")).await;
        assert_eq!(told, [format!("all write contact {contact}")]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sealed_cannot_be_changed_unseen() {
    on_each_database(async |database| {
        let (town, door, contact) = town_with_a_contact(database).await;
        for _ in 0..4 {
            door.api(&format!("/api/v1/contacts/{contact}")).await;
        }
        assert_eq!(audit_verified(&town.store, None).await.unwrap().unsealed, 5);
        sealed(&town.store).await;
        let held = audit_verified(&town.store, None).await.unwrap();
        assert_eq!((held.entries, held.unsealed, held.broken), (5, 0, None));
        let noted = held.ends.head;

        let again = audit_verified(&town.store, Some(&noted)).await.unwrap();
        assert_eq!((again.noted, again.broken), (Some(true), None));
        // The chain ends before what was noted.
        let further = Link { seq: 6, ..noted.clone() };
        let broken = audit_verified(&town.store, Some(&further)).await.unwrap().broken;
        assert_eq!(broken, Some(Broken::CutOff { expected: 6, found: 5 }));
        let other = Link { hash: "0".repeat(64), ..noted };
        let broken = audit_verified(&town.store, Some(&other)).await.unwrap().broken;
        assert_eq!(broken, Some(Broken::MadeAnew { seq: 5 }));

        let tampered = [
            ("update audit set who = 'key:nobody' where seq = 3", Broken::Changed { seq: 3 }),
            ("delete from audit where seq = 3", Broken::Missing { expected: 3, found: 4 }),
        ];
        let mut database = sqlx::AnyConnection::connect(&database.url).await.unwrap();
        for (sql, expected) in tampered {
            sqlx::query(sql).execute(&mut database).await.unwrap();
            assert_eq!(audit_verified(&town.store, None).await.unwrap().broken, Some(expected), "{sql}");
        }
        sqlx::query("delete from audit where seq > 2").execute(&mut database).await.unwrap();
        let broken = audit_verified(&town.store, None).await.unwrap().broken;
        assert_eq!(broken, Some(Broken::CutOff { expected: 5, found: 2 }));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_sealed_within_a_second_and_forgotten_after_their_days() {
    on_each_database(async |database| {
        let (town, door, contact) = town_with_a_contact(database).await;
        let job = tokio::spawn(seal_audit(town.store.clone(), town.clock.clone(), 30));
        town.clock.advance(20 * DAY);
        door.api(&format!("/api/v1/contacts/{contact}")).await;
        town.clock.advance(SECOND);
        until(async || audit_verified(&town.store, None).await.unwrap().entries == 2).await;

        town.clock.advance(11 * DAY);
        until(async || audit_verified(&town.store, None).await.unwrap().entries == 1).await;

        let held = audit_verified(&town.store, None).await.unwrap();
        assert_eq!((held.ends.start.seq, held.ends.head.seq, held.broken), (1, 2, None));
        job.abort();
        town.store.close().await;
    })
    .await;
}

/// Waits for what a task does by itself.
async fn until(done: impl AsyncFn() -> bool) {
    while !done().await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_seal_at_once_give_no_place_twice() {
    on_each_database(async |database| {
        let (town, door, contact) = town_with_a_contact(database).await;
        let other = database.open().await;
        for _ in 0..40 {
            door.api(&format!("/api/v1/contacts/{contact}")).await;
        }

        tokio::join!(sealed(&town.store), sealed(&other));

        let held = audit_verified(&town.store, None).await.unwrap();
        assert_eq!((held.entries, held.broken), (41, None));
        other.close().await;
        town.store.close().await;
    })
    .await;
}
