//! Callers whom nobody answered: who waits, what became of the others, when that happens, and who would have to answer.

use std::time::Duration;

use serde_json::{Value, json};
use whence::domain::calling::destination::{Destination, MediaPath, RingPlan};
use whence::domain::calling::schedule::Schedule;
use whence::flows::{plan_applied, plan_exported, plan_read};
use whence::store::{CallFilter, Window};

use super::contacts::{at, send, write};
use super::overview::somebody_calls;
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::{MINUTE, POSTER, Town};

const PLAN: &str = r#"
[[purposes]]
id = "offers"
name_en = "Offers"
name_fr = "Offres"

[[controllers]]
id = "bakery"
name = "The bakery"
address = "1 rue du Four"
email = "bakery@example.org"
"#;

pub async fn town_with_offers(database: &Database) -> (Town, Door) {
    let town = Town::with_pool_of(database, 1).await;
    hand_out_keys(&town.store).await;
    let exported = plan_exported(&town.store).await.unwrap();
    let wanted = plan_read(&format!("{exported}\n{PLAN}"), &[], &[]).unwrap();
    plan_applied(&town.store, &town.clock, &wanted, false).await.unwrap();
    let door = Door::of(&town);
    (town, door)
}

/// The business has rung the number …`last`.
pub async fn rung(door: &Door, last: u32, outcome: &str) {
    let whom = json!({"kind": "phone", "value": format!("+3319900{last:04}")});
    let told = json!({"identity": whom, "kind": "call_made", "source": "desk", "outcome": outcome});
    let made = send(door, "POST", "/api/v1/engagements", json!({ "engagements": [told] })).await;
    assert_eq!(made.status, 200, "{}", made.body);
}

async fn missed(door: &Door, query: &str) -> Value {
    let answer = door.api(&format!("/api/v1/reports/missed?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn numbers(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|it| &it["caller"].as_str().unwrap()[8..]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_caller_is_told_once_with_what_became_of_them() {
    on_each_database(async |database| {
        let (town, door) = town_with_offers(database).await;
        door.count().await;
        assert_eq!(missed(&door, "").await["items"], json!([]));
        somebody_calls(&town, POSTER, Some(7001), false).await;
        somebody_calls(&town, POSTER, Some(7002), false).await;
        somebody_calls(&town, POSTER, Some(7003), false).await;
        somebody_calls(&town, POSTER, Some(7001), false).await;
        somebody_calls(&town, POSTER, Some(7004), false).await;
        somebody_calls(&town, POSTER, None, false).await;
        somebody_calls(&town, POSTER, Some(7005), true).await;
        town.clock.advance(30 * MINUTE);
        rung(&door, 7002, "voicemail").await;
        rung(&door, 7004, "busy").await;
        somebody_calls(&town, POSTER, Some(7003), true).await;

        let open = missed(&door, "").await;
        assert_eq!(numbers(&open), ["7004", "7001"], "{open}");
        assert_eq!((&open["calls_of_nobody"], &open["purpose"]), (&json!(1), &json!("offers")));
        let first = &open["items"][1];
        assert_eq!(
            (&first["times"], &first["state"], &first["outcome"]),
            (&json!(2), &json!("open"), &json!("abandoned"))
        );
        assert_eq!(first["missed_at"], "2026-11-22T12:03:00.000Z");
        assert_eq!(
            (&first["origin"]["channel"], &first["origin"]["probability"]),
            (&json!("Offline"), &json!(1.0))
        );
        assert_eq!(
            (&first["at_stake"], &first["task"], &first["destination"]),
            (&json!(null), &json!(null), &json!("counter"))
        );
        // It is a Sunday, on which nobody is rung for an offer; a call that answers one is no offer.
        let may = &first["may_be_called"];
        assert_eq!(
            (&may["allowed"], &may["rule"], &may["next_at"]),
            (&json!(true), &json!("call-back"), &json!(null))
        );
        // Who was busy has been called since: the next call would be another.
        assert_eq!(open["items"][0]["may_be_called"]["allowed"], json!(false), "{open}");

        let back = missed(&door, "state=called_back").await;
        let (it, times) = (&back["items"][0], back["items"].as_array().unwrap().len());
        assert_eq!((numbers(&back), times, &it["may_be_called"]), (vec!["7002"], 1, &json!(null)));
        let rung_after = it["settled_after_seconds"].as_u64().unwrap();
        assert_eq!(rung_after, 5 * 60 + 70 + 30 * 60, "{it}");
        let again = missed(&door, "state=called_again").await;
        assert_eq!((numbers(&again), &again["items"][0]["state"]), (vec!["7003"], &json!("called_again")));

        let mut told = vec![];
        let mut cursor = String::new();
        loop {
            let part = missed(&door, &format!("state=all&limit=1&cursor={cursor}")).await;
            told.extend(numbers(&part).into_iter().map(str::to_owned));
            let Some(next) = part["next_cursor"].as_str() else { break };
            cursor = next.to_owned();
        }
        assert_eq!(told, ["7004", "7001", "7003", "7002"]);

        // Three days later it is an offer like any other, to somebody who has said nothing.
        town.clock.advance(Duration::from_secs(73 * 3_600));
        let late = missed(&door, "").await;
        let may = &late["items"][1]["may_be_called"];
        assert_eq!((&may["allowed"], &may["rule"]), (&json!(false), &json!("phone-consent")));
        assert_eq!(may["words"], "they have said nothing");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_narrowed_by_all_that_is_asked_and_refuses_what_cannot_be_meant() {
    on_each_database(async |database| {
        let (town, door) = town_with_offers(database).await;
        let opened = crate::support::town::page("/bread?utm_source=google&utm_medium=cpc");
        town.opens(opened).await;
        town.clock.advance(MINUTE);
        somebody_calls(&town, 1000, Some(7002), false).await;
        somebody_calls(&town, POSTER, Some(7001), false).await;
        // A filter is about each call: by their call to the poster they are another row.
        somebody_calls(&town, 1000, Some(7001), false).await;
        door.count().await;

        for (query, told) in [
            ("outlet=bakery&destination=counter", vec!["7001", "7002"]),
            ("outlet=nobodys", vec![]),
            ("destination=cellar", vec![]),
            ("channel=Offline", vec!["7001"]),
            ("channel=Paid%20Search", vec!["7001", "7002"]),
            ("channel=Email", vec![]),
            ("period=yesterday", vec![]),
            ("period=today&zone=Europe%2FParis", vec!["7001", "7002"]),
        ] {
            let list = missed(&door, query).await;
            assert_eq!(numbers(&list), told, "{query}: {list}");
        }
        assert_eq!(missed(&door, "channel=Offline").await["items"][0]["times"], 1);
        assert_eq!(missed(&door, "outlet=bakery").await["items"][0]["times"], 2);
        let bad = door.api("/api/v1/reports/missed?state=lost&period=moon&zone=Mars&chanel=x&limit=0").await;
        assert_eq!(bad.problem(422)["errors"].as_array().unwrap().len(), 5);
        door.api("/api/v1/reports/missed?cursor=x").await.problem(422);
        for key in ["calls:read", "tasks:read"] {
            let key = format!("Bearer {key}");
            door.get("/api/v1/reports/missed", &[("authorization", &key)]).await.problem(403);
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_at_stake_is_how_often_calls_became_sales_times_a_purchase() {
    on_each_database(async |database| {
        let (town, door) = town_with_offers(database).await;
        for caller in 0..20 {
            somebody_calls(&town, POSTER, Some(7100 + caller), true).await;
        }
        let calls = town.store.list_calls(&CallFilter::default(), &Window::first(5)).await.unwrap();
        for row in calls.items {
            let sale = json!({"qualification": "sale"});
            let path = format!("/api/v1/calls/{}/qualification", row.record.id);
            let said = send(&door, "PUT", &path, sale).await;
            assert!(said.status.is_success(), "{}", said.body);
        }
        somebody_calls(&town, POSTER, Some(7001), false).await;
        door.count().await;
        assert_eq!(
            missed(&door, "").await["items"][0]["at_stake"],
            json!(null),
            "what is bought is not known"
        );
        let ada = write(&door, json!({"identities": [{"kind": "email", "value": "ada@example.org"}]})).await;
        for amount in [10_000, 8_000, -2_000] {
            let bought = json!({"kind": "purchase", "source": "shop", "amount": amount, "currency": "EUR"});
            let told = send(&door, "POST", &format!("{}/engagements", at(&ada)), bought).await;
            assert!(told.status.is_success(), "{}", told.body);
        }

        let list = missed(&door, "").await;

        let expected = json!({"amount": 2_000, "currency": "EUR", "chance": 0.25, "of_channel": true});
        assert_eq!(list["items"][0]["at_stake"], expected);
        town.store.close().await;
    })
    .await;
}

/// The counter, open on Sundays from one to two in Paris, for so many calls at once.
pub async fn opens_for_an_hour(town: &Town, calls_at_once: Option<u32>) {
    let line = RingPlan::of_line("sip:counter@127.0.0.1:5070".into(), Duration::from_secs(30));
    let hours = Some(Schedule {
        zone: "Europe/Paris".parse().unwrap(),
        week: vec!["sun 13:00-14:00".parse().unwrap()],
        holidays: None,
        closed: vec![],
        special: vec![],
    });
    let counter = Destination {
        id: "counter".parse().unwrap(),
        outlet: "bakery".parse().unwrap(),
        name: "Counter".into(),
        ring_plan: RingPlan { hours, calls_at_once, ..line },
        media: MediaPath::Past,
    };
    let saved = town.store.write(move |tx| {
        let counter = counter.clone();
        Box::pin(async move { tx.save_destination(&counter).await })
    });
    saved.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_told_apart_by_whether_somebody_was_to_be_there_and_hours_lack_people() {
    on_each_database(async |database| {
        let (town, door) = town_with_offers(database).await;
        opens_for_an_hour(&town, None).await;
        for (caller, answered) in [(7001, true), (7002, false), (7003, true), (7004, false), (7005, true)] {
            somebody_calls(&town, POSTER, Some(caller), answered).await;
        }
        town.clock.advance(60 * MINUTE);
        somebody_calls(&town, POSTER, Some(7006), false).await;
        door.count().await;

        let query = "period=7d&zone=Europe%2FParis";
        let hours = door.api(&format!("/api/v1/reports/missed/hours?{query}")).await.json();
        assert_eq!(hours["open"], json!({"calls": 5.0, "answered": 3.0, "missed": 2.0}));
        assert_eq!(hours["closed"], json!({"calls": 1.0, "answered": 0.0, "missed": 1.0}));
        let week = hours["week"].as_array().unwrap();
        assert_eq!((week.len(), &hours["cut"]), (168, &json!(false)));
        let noon = &week[6 * 24 + 13];
        assert_eq!(
            (&noon["open_share"], &noon["missed_rate"], &noon["open"]["missed"]),
            (&json!(1.0), &json!(0.4), &json!(2.0))
        );
        let after = &week[6 * 24 + 14];
        assert_eq!((&after["open_share"], &after["closed"]["missed"]), (&json!(0.0), &json!(1.0)));
        let none = door.api(&format!("/api/v1/reports/missed/hours?{query}&channel=Email")).await.json();
        assert_eq!((&none["open"]["calls"], &none["week"][0]["missed_rate"]), (&json!(0.0), &json!(null)));
        let closed = door
            .api(&format!("/api/v1/reports/missed/hours?{query}&channel=Email&destination=counter"))
            .await;
        assert_eq!(closed.json()["week"][6 * 24 + 13]["open_share"], 1.0);

        let staffing = async |query: &str| {
            let told = door.api(&format!("/api/v1/reports/missed/staffing?{query}")).await.json();
            told["destinations"][0].clone()
        };
        let usual = staffing(query).await;
        assert_eq!((&usual["destination"], &usual["mean_talk_seconds"]), (&json!("counter"), &json!(60.0)));
        let hour = &usual["hours"][0];
        assert_eq!(
            (&hour["hour_of_week"], &hour["people"], &hour["could"]),
            (&json!(157), &json!(1), &json!(1))
        );
        assert_eq!(
            (&hour["calls"], &hour["hours"], &hour["lack"]),
            (&json!(5.0), &json!(1.0), &json!(false))
        );
        let strict = staffing(&format!("{query}&share=99&within_seconds=1")).await["hours"][0].clone();
        assert_eq!(
            (&strict["people"], &strict["lack"], &strict["thin"]),
            (&json!(2), &json!(true), &json!(true))
        );
        opens_for_an_hour(&town, Some(2)).await;
        let two = staffing(&format!("{query}&share=99&within_seconds=1")).await;
        assert_eq!((&two["calls_at_once"], &two["hours"][0]["lack"]), (&json!(2), &json!(false)));
        let bad = door.api("/api/v1/reports/missed/staffing?share=100&within_seconds=0&outlet=A%20B").await;
        assert_eq!(bad.problem(422)["errors"].as_array().unwrap().len(), 3);
        town.store.close().await;
    })
    .await;
}
