//! Attributions in the API: taps that are told, versions that are kept, and the word of who knows.

use axum::body::Body;
use serde_json::{Value, json};
use whence::flows::{call_arrives, priors_learned};

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, hand_out_keys, request};
use crate::support::town::{MINUTE, Town, phone};

const PHONE: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile/15E148";

async fn put(door: &Door, path: &str, body: Value) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
    door.ask(request("PUT", path, &headers, Body::from(body.to_string()))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_on_a_phone_is_told_in_words_and_every_version_can_be_read() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let page = json!({"site": "bakery", "page": "https://bakery.example/", "consent": true});
        let headers = [
            ("origin", "https://bakery.example"),
            ("content-type", "text/plain"),
            ("user-agent", PHONE),
            ("x-country", "fr"),
        ];
        let opened =
            door.ask(request("POST", "/api/v1/visits", &headers, Body::from(page.to_string()))).await;
        let visit = opened.json()["visit"].as_str().unwrap().to_owned();
        let tap = |number: &str| json!({ "number": number }).to_string();
        let taps = format!("/api/v1/visits/{visit}/taps");

        let told = door.report(&taps, tap("01 99 00 10 00")).await;
        assert_eq!((told.status.as_u16(), &told.json()["number"]), (200, &phone(1000).reveal().into()));
        door.report(&taps, tap("01 99 00 20 03")).await.problem(404);
        assert_eq!(door.report(&taps, tap("nothing")).await.problem(422)["errors"][0]["field"], "number");
        door.ask(request("POST", &taps, &[("content-type", "text/plain")], Body::from(tap("0199001000"))))
            .await
            .problem(403);

        town.clock.advance(MINUTE / 15);
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let versions = door.api(&format!("/api/v1/calls/{}/attributions", call.call)).await.json();

        assert_eq!(versions["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&versions["items"][0]["version"], &versions["items"][0]["reason"]),
            (&1.into(), &"arrived".into())
        );
        let share = &versions["items"][0]["shares"][0];
        assert!(share["probability"].as_f64().unwrap() > 0.98, "{share}");
        assert_eq!(
            share["because"].as_str().unwrap().replace('\u{a0}', " "),
            "This visitor tapped the number 4 s before the call. Visit and caller come from the same country."
        );
        let visit = door.api(&format!("/api/v1/visits/{visit}")).await.json();
        assert_eq!((&visit["device"], &visit["country"]), (&"phone".into(), &"FR".into()));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marketer_corrects_a_call_with_a_key_that_may_write() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let shown = town.somebody_comes().await;
        let call = town.call(1000, None);
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let origin = format!("/api/v1/calls/{}/origin", call.call);

        let said = put(&door, &origin, json!({ "visit": null })).await;
        let again = put(&door, &origin, json!({ "visit": shown.visit })).await;

        assert_eq!(said.status, 200, "{}", said.body);
        let share = &said.json()["shares"][0];
        assert_eq!((&share["visit"], &share["evidence"]["rule"]), (&Value::Null, &"corrected".into()));
        assert_eq!((&again.json()["version"], &again.json()["reason"]), (&3.into(), &"corrected".into()));
        let story = door.api(&format!("/api/v1/calls/{}", call.call)).await.json();
        assert_eq!(story["attribution"]["shares"][0]["channel"], "Paid Search");
        let versions = door.api(&format!("/api/v1/calls/{}/attributions", call.call)).await.json();
        assert_eq!(versions["items"].as_array().unwrap().len(), 3);
        let nobodys = "00000000-0000-0000-0000-000000000000";
        put(&door, &origin, json!({ "visit": nobodys })).await.problem(404);
        put(&door, &format!("/api/v1/calls/{nobodys}/origin"), json!({ "visit": null })).await.problem(404);
        put(&door, &origin, json!({ "visit": "x" })).await.problem(422);
        let reader = [("authorization", "Bearer calls:read"), ("content-type", "application/json")];
        door.ask(request("PUT", &origin, &reader, Body::from("{\"visit\":null}"))).await.problem(403);
        door.api(&format!("/api/v1/calls/{nobodys}/attributions")).await.problem(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_site_has_learned_can_be_read_and_attributions_name_it() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let nothing = door.api("/api/v1/sites/bakery/priors").await.json();
        let shown = town.somebody_comes().await;
        let call = town.call(1000, None);
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        put(&door, &format!("/api/v1/calls/{}/origin", call.call), json!({ "visit": shown.visit })).await;
        town.clock.advance(MINUTE);

        priors_learned(&town.store, &town.clock).await.unwrap();
        let learned = door.api("/api/v1/sites/bakery/priors").await.json();
        let next = town.call(1000, None);
        call_arrives(&town.store, &town.clock, &next).await.unwrap();
        let versions = door.api(&format!("/api/v1/calls/{}/attributions", next.call)).await.json();

        assert_eq!(
            (&nothing["learned"], &nothing["stated"]["phone"]["on_page"]),
            (&Value::Null, &0.8.into())
        );
        let it = &learned["learned"];
        assert_eq!((&it["version"], &it["calls"], &it["calls_of_others"]), (&1.into(), &1.into(), &0.into()));
        assert_eq!(it["at"], "2026-11-22T12:01:00.000Z");
        // (50 · 0.7 + 1) / 51.
        assert!((it["unknown"]["on_page"].as_f64().unwrap() - 36.0 / 51.0).abs() < 1e-9, "{learned}");
        assert_eq!(versions["items"][0]["priors"], 1);
        door.api("/api/v1/sites/nobodys/priors").await.problem(404);
        town.store.close().await;
    })
    .await;
}
