//! Lists go on where they ended; numbers, pools and the plan are told as they stand.

use serde_json::json;
use whence::flows::call_arrives;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::{MINUTE, PAID, POSTER, TARGET, Town, phone};

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_tells_every_item_once_although_new_ones_arrive() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 5).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        for caller in 0..5 {
            town.clock.advance(MINUTE);
            town.somebody_comes().await;
            call_arrives(&town.store, &town.clock, &town.call(POSTER, Some(6000 + caller))).await.unwrap();
        }

        for resource in ["calls", "visits", "contacts", "numbers"] {
            let all = door.api(&format!("/api/v1/{resource}")).await.json()["items"].clone();
            let (mut told, mut path) = (Vec::new(), format!("/api/v1/{resource}?limit=2"));
            loop {
                let part = door.api(&path).await.json();
                told.extend(part["items"].as_array().unwrap().iter().cloned());
                let Some(cursor) = part["next_cursor"].as_str() else { break };
                path = format!("/api/v1/{resource}?limit=2&cursor={cursor}");
                if told.len() == 2 {
                    town.clock.advance(MINUTE);
                    call_arrives(&town.store, &town.clock, &town.call(POSTER, Some(6099))).await.unwrap();
                }
            }
            assert_eq!(told.len(), all.as_array().unwrap().len(), "{resource}");
            assert_eq!(json!(told), all, "{resource}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn visits_are_filtered_by_site_channel_and_time() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let visitor = town.somebody_comes().await.visitor.unwrap();

        for (query, expected) in [
            ("site=bakery".to_owned(), 1),
            ("site=butcher".to_owned(), 0),
            (format!("visitor={visitor}"), 1),
            ("channel=Direct".to_owned(), 0),
            ("from=2026-11-22T12:00:00Z".to_owned(), 1),
            ("until=2026-11-22T12:00:00Z".to_owned(), 0),
        ] {
            let list = door.api(&format!("/api/v1/visits?{query}")).await.json();
            assert_eq!(list["items"].as_array().unwrap().len(), expected, "{query}");
        }
        let problem = door.api("/api/v1/visits?site=No%20Slug&visitor=me").await.problem(422);
        assert_eq!(problem["errors"].as_array().unwrap().len(), 2);
        door.api("/api/v1/visits/1").await.problem(400);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_told_as_what_it_is_lent_or_standing_for_a_medium() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        town.somebody_comes().await;

        let pooled = door.api(&format!("/api/v1/numbers/{}", phone(1000).reveal())).await.json();
        assert_eq!((&pooled["kind"], &pooled["pool"]), (&"pooled".into(), &"web".into()));
        assert_eq!(pooled["free_at"], "2026-11-22T12:30:00.000Z");
        assert!(pooled["lease"].is_string());
        let escaped = phone(POSTER).reveal().replace('+', "%2B");
        let poster = door.api(&format!("/api/v1/numbers/{escaped}")).await.json();
        assert_eq!((&poster["kind"], &poster["channel"]), (&"static".into(), &"Offline".into()));
        let paid = door.api(&format!("/api/v1/numbers/{}", phone(PAID).reveal())).await.json();
        assert_eq!(paid["stands_in"]["target"], phone(TARGET).reveal());

        let of_pool = door.api("/api/v1/numbers?pool=web").await.json();
        assert_eq!(of_pool["items"].as_array().unwrap().len(), 2);
        let of_outlet = door.api("/api/v1/numbers?outlet=bakery").await.json();
        assert_eq!(of_outlet["items"].as_array().unwrap().len(), 4);
        door.api("/api/v1/numbers/12").await.problem(400);
        door.api("/api/v1/numbers/+33199009999").await.problem(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_tell_how_full_they_are_and_the_plan_what_was_declared() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 3).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        town.somebody_comes().await;

        let pool = door.api("/api/v1/pools").await.json()["items"][0].clone();
        assert_eq!((&pool["numbers"], &pool["lent"], &pool["resting"]), (&3.into(), &1.into(), &0.into()));
        assert_eq!(pool["keep_alive_ms"], 20 * 60_000);
        town.clock.advance(25 * MINUTE);
        let pool = door.api("/api/v1/pools").await.json()["items"][0].clone();
        assert_eq!((&pool["lent"], &pool["resting"]), (&0.into(), &1.into()));

        let site = door.api("/api/v1/sites").await.json()["items"][0].clone();
        assert_eq!(site["origins"], json!(["https://bakery.example"]));
        let line = door.api("/api/v1/destinations").await.json()["items"][0].clone();
        assert_eq!((&line["id"], &line["ring_plan"]["steps"][0]["ring_s"]), (&"counter".into(), &30.into()));
        let outlet = door.api("/api/v1/outlets").await.json()["items"][0].clone();
        assert_eq!((&outlet["name"], &outlet["parent"]), (&"Bakery".into(), &json!(null)));
        town.store.close().await;
    })
    .await;
}
