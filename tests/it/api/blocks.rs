//! A receptionist blocks a caller, looks at the list and takes it back.

use axum::body::Body;
use serde_json::{Value, json};
use whence::flows::{plan_applied, plan_read};

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, hand_out_keys, request};
use crate::support::town::{MINUTE, Town};

async fn post(door: &Door, body: Value) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
    door.ask(request("POST", "/api/v1/blocks", &headers, body.to_string().into())).await
}

async fn delete(door: &Door, id: &str) -> Answer {
    let headers = [("authorization", "Bearer all")];
    door.ask(request("DELETE", &format!("/api/v1/blocks/{id}"), &headers, Body::empty())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_blocked_once_however_often_it_is_said() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let before = town.store.revision("screening").await.unwrap();

        let first =
            post(&door, json!({"number": "+33 9 48 00 11 22", "outlet": "bakery", "note": "robot"})).await;
        let again = post(&door, json!({"number": "+33948001122", "outlet": "bakery", "then": "busy"})).await;

        assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200), "{}", first.body);
        let (first, again) = (first.json(), again.json());
        assert_eq!((&first["number"], &first["then"]), (&json!("+33948001122"), &json!("refuse")));
        assert_eq!(
            (&again["id"], &again["then"], &again["note"]),
            (&first["id"], &json!("busy"), &json!(null))
        );
        assert_eq!(town.store.revision("screening").await.unwrap(), before + 2, "every node hears of it");
        let listed = door.api("/api/v1/blocks").await.json();
        assert_eq!(listed["items"], json!([again]));
        let id = first["id"].as_str().unwrap();
        assert_eq!(door.api(&format!("/api/v1/blocks/{id}")).await.json(), again);

        assert_eq!(delete(&door, id).await.json(), again);
        delete(&door, id).await.problem(404);
        assert_eq!(door.api("/api/v1/blocks").await.json()["items"], json!([]));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_told_by_its_field() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        for (body, field) in [
            (json!({}), "number"),
            (json!({"number": "12"}), "number"),
            (json!({"number": "+33948001122", "withheld": true}), "number"),
            (json!({"prefix": "0948"}), "prefix"),
            (json!({"country": "France"}), "country"),
            (json!({"withheld": true, "then": "off"}), "then"),
            (json!({"withheld": true, "until": "tomorrow"}), "until"),
            (json!({"withheld": true, "outlet": "butcher"}), "outlet"),
            (json!({"withheld": true, "called": "+33199009999"}), "called"),
            (json!({"withheld": true, "called": "12"}), "called"),
            (json!({"withheld": true, "note": "x".repeat(201)}), "note"),
            (json!({"withheld": true, "scope": "all"}), "scope"),
        ] {
            let problem = post(&door, body.clone()).await.problem(422);
            assert_eq!(problem["errors"][0]["field"], field, "{body}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_the_plan_is_changed_by_the_plan_alone() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        post(&door, json!({"withheld": true})).await;
        town.clock.advance(MINUTE);
        let plan = "[[blocks]]\nid = \"robots\"\nprefix = \"+33948\"\n";
        plan_applied(&town.store, &town.clock, &plan_read(plan, &[], &[]).unwrap(), true).await.unwrap();

        delete(&door, "robots").await.problem(409);
        let listed = door.api("/api/v1/blocks").await.json();
        let planned: Vec<_> =
            listed["items"].as_array().unwrap().iter().map(|it| it["planned"].clone()).collect();
        assert_eq!(planned, [true, false]);

        plan_applied(&town.store, &town.clock, &plan_read("", &[], &[]).unwrap(), true).await.unwrap();
        let listed = door.api("/api/v1/blocks").await.json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "what was made by hand stays");
        town.store.close().await;
    })
    .await;
}
