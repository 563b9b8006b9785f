//! What keeps a prospect, and what does not.

use serde_json::json;

use super::contacts::send;
use super::retention::{DAY, PURPOSES, declare, policies, run};
use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_again_and_again_and_never_answers_is_not_kept_for_that() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        declare(&town, &format!("{PURPOSES}{}", policies(&[("prospects", 36)]))).await;
        let door = Door::of(&town);
        let ada = json!({"identities": [{"kind": "email", "value": "ada@example.org"}]});
        let ada = send(&door, "POST", "/api/v1/contacts", ada).await.json();
        let consents = format!("/api/v1/contacts/{}/consents", ada["id"].as_str().unwrap());
        let asked = json!({"channel": "email", "purpose": "offers", "status": "pending", "method": "double_opt_in", "source": "f"});
        for _ in 0..3 {
            town.clock.advance(DAY * 366);
            assert_eq!(send(&door, "POST", &consents, asked.clone()).await.status, 201);
        }

        assert_eq!(run(&town).await, json!([["prospects", {"contacts": 1}]]));
        let log = door.api("/api/v1/audit").await.json();
        let erased = log["items"].as_array().unwrap().iter().find(|it| it["who"] == "retention").unwrap();
        assert_eq!((&erased["what"], &erased["subject"]), (&json!("delete"), &ada["id"]), "{erased}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_on_a_list_of_those_who_object_is_not_kept_for_that_and_for_their_own_word_is() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        declare(&town, &format!("{PURPOSES}{}", policies(&[("prospects", 36)]))).await;
        let door = Door::of(&town);
        let mut people = Vec::new();
        for (name, method) in [("ada", "opposition_list"), ("bob", "spoken")] {
            let body = json!({"identities": [{"kind": "email", "value": format!("{name}@example.org")}]});
            let id = send(&door, "POST", "/api/v1/contacts", body).await.json()["id"].clone();
            people.push((id, method));
        }
        town.clock.advance(DAY * 366 * 2);
        for (id, method) in &people {
            let consents = format!("/api/v1/contacts/{}/consents", id.as_str().unwrap());
            let said = json!({"channel": "email", "purpose": "offers", "status": "refused", "method": method, "source": "f"});
            assert_eq!(send(&door, "POST", &consents, said).await.status, 201);
        }
        town.clock.advance(DAY * 366);

        assert_eq!(run(&town).await, json!([["prospects", {"contacts": 1}]]));
        let left = door.api("/api/v1/contacts").await.json();
        let left: Vec<_> = left["items"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
        assert_eq!(left, [people[1].0.clone()]);
        town.store.close().await;
    })
    .await;
}
