//! What a call was to the business: said by key, by a program and by people; the latest word counts.

use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};
use whence::domain::calling::qualification::{Qualification, Qualified};
use whence::domain::calling::record::Fact;
use whence::flows::{call_arrives, calls_written};

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, hand_out_keys, request, sign_in};
use crate::support::town::Town;

async fn put(door: &Door, path: &str, body: Value) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
    door.ask(request("PUT", path, &headers, Body::from(body.to_string()))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_what_the_latest_word_says() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let path = format!("/api/v1/calls/{}/qualification", call.call);
        let is = async || {
            let told =
                door.api(&format!("/api/v1/calls/{}", call.call)).await.json()["qualification"].clone();
            told["by"].as_str().map(|by| (told["is"].as_str().unwrap().to_owned(), by.to_owned()))
        };
        let said_at = |at, qualification| {
            let by = "line:counter".to_owned();
            [Fact::Qualified(Qualified { call: call.call, qualification, at, by })]
        };
        assert_eq!(is().await, None);

        // By key, as the gateway writes it down: twice, and once late.
        let at = town.clock.now();
        for _ in 0..2 {
            calls_written(&town.store, &town.clock, &said_at(at, Qualification::Sale)).await.unwrap();
        }
        assert_eq!(is().await, Some(("sale".into(), "line:counter".into())));
        town.clock.advance(Duration::from_secs(60));
        let told = put(&door, &path, json!({"qualification": "lead"})).await;
        assert_eq!((told.status.as_u16(), &told.json()["qualification"]["is"]), (200, &"lead".into()));
        calls_written(&town.store, &town.clock, &said_at(at, Qualification::NotALead)).await.unwrap();
        assert!(is().await.is_some_and(|(is, by)| is == "lead" && by.starts_with("key:")));

        let found = async |asked: &str| {
            let told = door.api(&format!("/api/v1/calls?qualification={asked}")).await.json();
            told["items"].as_array().unwrap().len()
        };
        assert_eq!((found("lead").await, found("sale").await), (1, 0));

        // People change it on the page of the call.
        let page = format!("/console/calls/{}", call.call);
        let [en, fr] = door.in_both(&page, session).await;
        assert!(
            en.contains("<option value=\"lead\" selected>A lead</option>") && en.contains("by a program"),
            "{en}"
        );
        assert!(fr.contains("<option value=\"sale\">Une vente</option>"), "{fr}");
        let form = format!("{page}/qualification");
        assert_eq!(door.form(&form, &[("qualification", "not_a_lead")], &[session]).await.status, 303);
        assert!(is().await.is_some_and(|(is, by)| is == "not_a_lead" && by.starts_with("user:")));
        assert_eq!(door.form(&form, &[("qualification", "")], &[session]).await.status, 303);
        assert_eq!(is().await, None);

        put(&door, &path, json!({"qualification": "maybe"})).await.problem(422);
        let unknown = format!("/api/v1/calls/{}/qualification", uuid::Uuid::nil());
        put(&door, &unknown, json!({"qualification": "lead"})).await.problem(404);
        let reader = [("authorization", "Bearer calls:read"), ("content-type", "application/json")];
        door.ask(request("PUT", &path, &reader, Body::from("{}"))).await.problem(403);
        town.store.close().await;
    })
    .await;
}
