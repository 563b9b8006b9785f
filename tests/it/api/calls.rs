//! Calls in the API: listed, filtered, told in full.

use serde_json::Value;
use uuid::Uuid;
use whence::domain::calling::record::Arrived;
use whence::flows::{call_arrives, call_ends, call_is_answered};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::{MINUTE, POSTER, Town, page, phone};

/// A visitor calls from the page and is answered; somebody calls the poster's number in vain.
async fn a_morning(town: &Town) -> (Arrived, Arrived) {
    town.somebody_comes().await;
    town.clock.advance(MINUTE);
    let answered = town.call(1000, Some(5001));
    call_arrives(&town.store, &town.clock, &answered).await.unwrap();
    town.clock.advance(MINUTE);
    let answer = town.answer(&answered);
    call_is_answered(&town.store, &town.clock, &answer).await.unwrap();
    town.clock.advance(3 * MINUTE);
    call_ends(&town.store, &town.clock, &town.end(&answered, Some(answer.at))).await.unwrap();

    town.clock.advance(MINUTE);
    let abandoned = town.call(POSTER, None);
    call_arrives(&town.store, &town.clock, &abandoned).await.unwrap();
    call_ends(&town.store, &town.clock, &town.end(&abandoned, None)).await.unwrap();
    (answered, abandoned)
}

fn ids(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_told_with_its_origin_its_journey_and_its_caller() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let (answered, abandoned) = a_morning(&town).await;

        let call = door.api(&format!("/api/v1/calls/{}", answered.call)).await.json();
        assert_eq!(call["outcome"], "answered");
        assert_eq!(call["number"], phone(1000).reveal());
        assert_eq!(call["caller"], phone(5001).reveal());
        assert_eq!((&call["ring_ms"], &call["talk_ms"]), (&60_000.into(), &180_000.into()));
        assert_eq!(call["arrived_at"], "2026-11-22T12:01:00.000Z");
        let best = &call["attribution"]["shares"][0];
        assert_eq!(best["channel"], "Paid Search");
        assert_eq!(best["evidence"]["rule"], "shown_on_page");
        assert!(
            best["because"].as_str().unwrap().contains("1\u{a0}min\u{a0}00\u{a0}s before the call"),
            "{best}"
        );
        assert_eq!(call["journey"][0]["id"], best["visit"]);
        assert_eq!(call["journey"][0]["page_views"].as_array().unwrap().len(), 1);
        assert_eq!(call["journey"][0]["number_shown_at"], "2026-11-22T12:00:00.000Z");
        assert_eq!(call["caller_contact"]["id"], call["contact"]);

        let poster = door.api(&format!("/api/v1/calls/{}", abandoned.call)).await.json();
        assert_eq!(poster["attribution"]["shares"][0]["channel"], "Offline");
        assert_eq!((&poster["caller"], &poster["caller_contact"]), (&Value::Null, &Value::Null));
        assert_eq!(poster["journey"], Value::Array(vec![]));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_after_the_call_do_not_stand_in_its_journey() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let shown = town.somebody_comes().await;
        town.clock.advance(MINUTE);
        let call = town.call(1000, None);
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        town.clock.advance(MINUTE);
        let mut later = page("/thank-you");
        (later.visit, later.visitor) = (shown.visit, shown.visitor);
        town.opens(later).await;

        let story = door.api(&format!("/api/v1/calls/{}", call.call)).await.json();

        assert_eq!(story["journey"][0]["page_views"].as_array().unwrap().len(), 1);
        assert_eq!(story["outcome"], Value::Null);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_keeps_what_matches_and_nothing_else() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let (answered, abandoned) = a_morning(&town).await;
        let (answered, abandoned) = (answered.call.to_string(), abandoned.call.to_string());
        let contact = door.api(&format!("/api/v1/calls/{answered}")).await.json()["contact"].clone();
        let contact = format!("contact={}", contact.as_str().unwrap());
        door.count().await;

        for (query, expected) in [
            ("", vec![&abandoned, &answered]),
            ("outcome=answered", vec![&answered]),
            ("outcome=busy", vec![]),
            ("number=%2B33199002003", vec![&abandoned]),
            ("caller=%2B33199005001", vec![&answered]),
            ("destination=counter", vec![&abandoned, &answered]),
            ("outlet=bakery", vec![&abandoned, &answered]),
            ("outlet=elsewhere", vec![]),
            ("site=bakery", vec![&answered]),
            ("channel=Paid%20Search", vec![&answered]),
            ("source=google&medium=cpc&campaign=bread", vec![&answered]),
            ("source=google&campaign=rye", vec![]),
            ("landing_page=https%3A%2F%2Fbakery.example%2F", vec![&answered]),
            ("region=FR-1", vec![&answered]),
            ("region=%28not+set%29", vec![&abandoned]),
            ("outcome=%28not+set%29", vec![]),
            ("outcome=blocked", vec![]),
            ("outcome=failed&channel=Offline", vec![]),
            ("caller=%2B33199005001&channel=Paid%20Search", vec![&answered]),
            ("caller=%2B33199005001&channel=Offline", vec![]),
            ("channel=Offline&outcome=answered", vec![]),
            ("from=2026-11-22T12:02:00Z", vec![&abandoned]),
            ("until=2026-11-22T12:02:00Z", vec![&answered]),
            (&contact, vec![&answered]),
        ] {
            let list = door.api(&format!("/api/v1/calls?{query}")).await;
            assert_eq!(ids(&list.json()), expected, "{query}: {}", list.body);
        }
        let list = door.api("/api/v1/calls").await.json();
        assert_eq!(list["items"][1]["origin"]["channel"], "Paid Search");
        assert_eq!(list["next_cursor"], Value::Null);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_filter_is_named_and_a_missing_call_is_missing() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        let query = "outcome=lost&number=12&channel=Telepathy&from=now&limit=500&colour=red";
        let problem = door.api(&format!("/api/v1/calls?{query}")).await.problem(422);
        let named: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|bad| &bad["field"]).collect();
        assert_eq!(named, ["outcome", "number", "channel", "from", "limit", "colour"]);
        assert_eq!(problem["instance"], "/api/v1/calls");

        let cursor = door.api("/api/v1/calls?cursor=nonsense").await.problem(422);
        assert_eq!(cursor["errors"][0]["field"], "cursor");
        door.api("/api/v1/calls/1").await.problem(400);
        door.api(&format!("/api/v1/calls/{}", Uuid::nil())).await.problem(404);
        town.store.close().await;
    })
    .await;
}
