//! Segments are written, tried, reckoned and told.

use std::time::Duration;

use serde_json::{Value, json};
use whence::domain::ids::FieldId;
use whence::flows::{call_arrives, segments_caught_up, segments_reckoned};

use super::contacts::{at, declaring_town, send, write};
use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door};
use crate::support::town::{MINUTE, NOON, POSTER};

const DAY: Duration = Duration::from_secs(86_400);

async fn save(door: &Door, id: &str, filter: &str) -> Answer {
    send(door, "PUT", &format!("/api/v1/segments/{id}"), json!({"name": id, "filter": filter})).await
}

fn person(n: u32, loyalty: &str) -> Value {
    json!({"fields": {"loyalty": loyalty}, "identities": [{"kind": "customer", "value": format!("crm:{n}")}]})
}

async fn list(door: &Door, path: &str) -> Vec<Value> {
    door.api(path).await.json()["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_something_is_written_of_is_told_without_looking_at_everybody() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let caught_up =
            async || segments_caught_up(&town.store, &town.clock, town.clock.now() - MINUTE).await.unwrap();
        save(&door, "vip", "field.loyalty=\"gold\"").await;
        save(&door, "buyers", "count(purchase) >= 1").await;
        save(&door, "old", "created > 1d").await;
        let ada = write(&door, person(1, "silver")).await;
        segments_reckoned(&town.store, &town.clock, true).await.unwrap();

        // A contact that is new, an engagement, and what a program changes.
        let bob = write(&door, person(2, "gold")).await;
        assert_ne!(caught_up().await, 0);
        assert_eq!(caught_up().await, 0);
        let bought = json!({"kind": "purchase", "source": "shop", "amount": 12, "currency": "EUR"});
        assert_eq!(send(&door, "POST", &format!("{}/engagements", at(&ada)), bought).await.status, 201);
        assert_ne!(caught_up().await, 0);
        town.clock.advance(2 * MINUTE);
        send(&door, "PATCH", &at(&bob), json!({"fields": {"loyalty": "silver"}})).await;
        assert_ne!(caught_up().await, 0);
        let moves = async |id: &str| {
            let moves = list(&door, &format!("/api/v1/segments/{id}/moves")).await;
            moves.iter().map(|it| (it["contact"].clone(), it["entered"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(moves("buyers").await, [(ada["id"].clone(), json!(true))]);
        let [left, came] = [false, true].map(|entered| (bob["id"].clone(), json!(entered)));
        assert_eq!(moves("vip").await, [left, came]);

        // Time alone moves whom nobody has written of.
        town.clock.advance(2 * DAY);
        assert_eq!(caught_up().await, 0);
        assert_eq!(moves("old").await, []);
        segments_reckoned(&town.store, &town.clock, true).await.unwrap();
        assert_eq!(moves("old").await.len(), 2);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_into_a_segment_and_who_leaves_it_is_told_once() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let ada = write(&door, person(1, "gold")).await;
        let bob = write(&door, person(2, "silver")).await;
        let saved = save(&door, "vip", " field.loyalty=\"gold\" ").await.json();
        assert_eq!(
            (&saved["filter"], &saved["contacts"]),
            (&json!("field.loyalty = \"gold\""), &json!(null))
        );

        // Whoever is in it from the start has not come into it.
        assert_eq!(segments_reckoned(&town.store, &town.clock, false).await.unwrap(), 1);
        assert_eq!(list(&door, "/api/v1/segments/vip/moves").await, Vec::<Value>::new());
        town.clock.advance(MINUTE);
        for (who, loyalty) in [(&ada, "silver"), (&bob, "gold")] {
            send(&door, "PATCH", &at(who), json!({"fields": {"loyalty": loyalty}})).await;
        }
        assert_eq!(segments_reckoned(&town.store, &town.clock, true).await.unwrap(), 2);
        assert_eq!(segments_reckoned(&town.store, &town.clock, true).await.unwrap(), 0);

        let moves = list(&door, "/api/v1/segments/vip/moves").await;
        let mut told: Vec<_> =
            moves.iter().map(|it| (it["contact"].clone(), it["entered"].clone())).collect();
        told.sort_by_key(|(_, entered)| entered.as_bool());
        assert_eq!(told, [(ada["id"].clone(), json!(false)), (bob["id"].clone(), json!(true))]);
        let members = list(&door, "/api/v1/segments/vip/contacts").await;
        assert_eq!(members, [json!({"contact": bob["id"], "since": (NOON + MINUTE).to_string()})]);
        assert_eq!(door.api(&at(&bob)).await.json()["segments"], json!(["vip"]));
        assert_eq!(door.api(&at(&ada)).await.json()["segments"], json!([]));
        let vip = door.api("/api/v1/segments/vip").await.json();
        assert_eq!((&vip["contacts"], &vip["computed_at"]), (&json!(1), &json!(NOON + MINUTE)));
        assert_eq!(vip["counts"], json!([{"day": "2026-11-22", "contacts": 1}]));

        // Who is part of another is in no segment by themself, and what was told is forgotten in time.
        send(&door, "PATCH", &at(&ada), json!({"fields": {"loyalty": "gold"}})).await;
        segments_reckoned(&town.store, &town.clock, true).await.unwrap();
        send(&door, "POST", &format!("{}/merge", at(&ada)), json!({"contact": bob["id"]})).await;
        segments_reckoned(&town.store, &town.clock, true).await.unwrap();
        assert_eq!(list(&door, "/api/v1/segments/vip/contacts").await.len(), 1);
        assert_eq!(list(&door, "/api/v1/segments/vip/moves").await.len(), 4);
        town.clock.advance(91 * DAY);
        segments_reckoned(&town.store, &town.clock, true).await.unwrap();
        assert_eq!(list(&door, "/api/v1/segments/vip/moves").await, Vec::<Value>::new());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_grows_inactive_by_time_alone() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let caller = town.call(POSTER, Some(7));
        call_arrives(&town.store, &town.clock, &caller).await.unwrap();
        let within = async |days: u32| {
            town.clock.advance(days * DAY);
            segments_reckoned(&town.store, &town.clock, true).await.unwrap();
            let mut of = Vec::new();
            for id in ["active", "inactive", "lost", "new"] {
                if !list(&door, &format!("/api/v1/segments/{id}/contacts")).await.is_empty() {
                    of.push(id);
                }
            }
            of
        };

        assert_eq!(within(0).await, ["active", "new"]);
        assert_eq!(within(30).await, ["active"]);
        assert_eq!(within(335).await, ["inactive"]);
        assert_eq!(within(730).await, ["lost"]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_tried_and_told_what_is_wrong_where() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let ada = write(&door, person(1, "gold")).await;
        let try_it = async |filter: &str| send(&door, "POST", "/api/v1/segments/count", json!({"filter": filter})).await;

        let counted = try_it("has(customer)and not has(email)").await.json();
        assert_eq!(
            counted,
            json!({"filter": "has(customer) and not has(email)", "contacts": 1, "sample": [ada["id"]]})
        );
        let problem = try_it("has(email) and langage = \"fr\"").await.problem(422);
        assert_eq!(
            problem["errors"],
            json!([{"field": "filter", "detail": "there is no test \"langage\"; did you mean \"language\"?", "at": 15}])
        );
        try_it("").await.problem(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_name_each_other_and_none_is_left_without_what_it_names() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        assert_eq!(save(&door, "vip", "segment(active) and has(email)").await.status, 200);
        assert_eq!(save(&door, "best", "segment(vip) and field.loyalty = \"gold\"").await.status, 200);

        save(&door, "vip", "segment(best)").await.problem(422);
        send(&door, "DELETE", "/api/v1/segments/vip", json!({})).await.problem(409);
        send(&door, "DELETE", "/api/v1/segments/active", json!({})).await.problem(409);
        save(&door, "vip", &vec!["has(email)"; 100].join(" or ")).await.problem(409);
        save(&door, "No_slug", "has(email)").await.problem(400);
        send(&door, "PUT", "/api/v1/segments/x", json!({"name": " ", "filter": "has(email)"}))
            .await
            .problem(422);
        door.api("/api/v1/segments/nobody").await.problem(404);
        door.api("/api/v1/segments/nobody/moves").await.problem(404);
        assert_eq!(send(&door, "DELETE", "/api/v1/segments/best", json!({})).await.status, 200);
        assert_eq!(send(&door, "DELETE", "/api/v1/segments/vip", json!({})).await.status, 200);
        let ids: Vec<Value> =
            list(&door, "/api/v1/segments").await.iter().map(|it| it["id"].clone()).collect();
        assert_eq!(ids, ["active", "customers", "inactive", "lost", "new"]);

        // One that came along takes another filter; one that the plan makes unreadable keeps who was in it.
        assert_eq!(save(&door, "active", "last(act) < 90d").await.json()["built_in"], true);
        assert_eq!(save(&door, "gold", "field.loyalty = \"gold\"").await.status, 200);
        write(&door, person(1, "gold")).await;
        segments_reckoned(&town.store, &town.clock, true).await.unwrap();
        let loyalty: FieldId = "loyalty".parse().unwrap();
        town.store
            .write(move |tx| {
                let loyalty = loyalty.clone();
                Box::pin(async move { tx.retire_contact_field(&loyalty).await })
            })
            .await
            .unwrap();
        segments_reckoned(&town.store, &town.clock, true).await.unwrap();
        let gold = door.api("/api/v1/segments/gold").await.json();
        assert_eq!(gold["problem"], "there is no field \"loyalty\" (character 1)");
        assert_eq!(list(&door, "/api/v1/segments/gold/contacts").await.len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_along_reads_as_it_is_printed() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        for segment in list(&door, "/api/v1/segments").await {
            let tried =
                send(&door, "POST", "/api/v1/segments/count", json!({"filter": segment["filter"]})).await;
            assert_eq!(tried.json()["filter"], segment["filter"]);
            assert_eq!(segment["problem"], json!(null));
        }
        town.store.close().await;
    })
    .await;
}
