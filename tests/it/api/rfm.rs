//! How much of a client somebody is: told, asked by filters, and moved by time and by what is given back.

use std::time::Duration;

use serde_json::{Value, json};
use whence::flows::{plan_applied, plan_exported, plan_read, rfm_reckoned};

use super::contacts::{at, declaring_town, send, write};
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Door, sign_in};
use crate::support::town::{NOON, Town};

const DAY: Duration = Duration::from_secs(86_400);

async fn buys(door: &Door, n: usize, reference: &str, days_ago: u32, amount: i64) {
    let told = json!({
        "identity": {"kind": "customer", "value": format!("crm:{n}")}, "kind": "purchase", "source": "shop",
        "reference": reference, "at": NOON - days_ago * DAY, "amount": amount, "currency": "EUR",
    });
    let taken = send(door, "POST", "/api/v1/engagements", json!({ "engagements": [told] })).await;
    assert_eq!((taken.status.as_u16(), &taken.json()["new"]), (200, &json!(1)), "{}", taken.body);
}

/// Ten clients: the nth bought n times, last 10 × (10 − n) days ago, each time for n euros.
async fn town_of_clients(database: &Database) -> (Town, Door, Vec<Value>) {
    let (town, door) = declaring_town(database).await;
    let mut people = Vec::new();
    for n in 1..=10 {
        let known = json!([{"kind": "customer", "value": format!("crm:{n}")}]);
        people.push(write(&door, json!({ "identities": known })).await);
        for time in 0..n {
            let days = 10 * (10 - n) as u32 + time as u32;
            buys(&door, n, &format!("order {n}-{time}"), days, 100 * n as i64).await;
        }
    }
    (town, door, people)
}

async fn count(door: &Door, filter: &str) -> Value {
    let counted = send(door, "POST", "/api/v1/segments/count", json!({ "filter": filter })).await;
    counted.json()["contacts"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_told_apart_by_fifths_and_filters_ask_for_them() {
    on_each_database(async |database| {
        let (town, door, people) = town_of_clients(database).await;
        let rfm = async |nth: usize| door.api(&at(&people[nth - 1])).await.json()["rfm"].clone();
        assert_eq!(rfm(10).await, json!(null));

        assert_eq!(rfm_reckoned(&town.store, &town.clock).await.unwrap(), 10);
        assert_eq!(rfm_reckoned(&town.store, &town.clock).await.unwrap(), 0);

        let told = |score: u8, class: &str, size: &str| {
            json!({"recency": score, "frequency": score, "monetary": score, "class": class, "size": size})
        };
        assert_eq!(rfm(10).await, told(5, "champions", "large"));
        assert_eq!(rfm(9).await, told(5, "champions", "medium"));
        assert_eq!(rfm(7).await, told(4, "loyal", "medium"));
        assert_eq!(rfm(6).await, told(3, "need_attention", "small"));
        assert_eq!(rfm(1).await, told(1, "lost", "small"));
        for (filter, contacts) in [
            ("rfm.recency >= 4", 4),
            ("rfm.class = \"champions\"", 2),
            ("rfm.class != \"champions\"", 8),
            ("size = \"small\" and rfm.monetary < 3", 4),
        ] {
            assert_eq!(count(&door, filter).await, json!(contacts), "{filter}");
        }
        let judged = door.api("/api/v1/rfm").await.json();
        assert_eq!(
            (&judged["frequency_from"], &judged["monetary_from"], &judged["large_from"], &judged["drawn_at"]),
            (&json!([3, 5, 7, 9]), &json!([401, 1601, 3601, 6401]), &json!(10_000), &json!(NOON))
        );
        let of = |list: &str, name: &str| {
            let list = judged[list].as_array().unwrap();
            list.iter().find(|it| it["name"] == name).unwrap()["contacts"].clone()
        };
        assert_eq!((of("classes", "lost"), of("sizes", "medium")), (json!(2), json!(3)));
        let session = sign_in(&town.store).await;
        let path = format!("/console/contacts/{}", people[9]["id"].as_str().unwrap());
        let [english, french] = door.in_both(&path, session).await;
        assert!(english.contains("Champion") && english.contains("recency 5/5"), "{english}");
        assert!(french.contains("récence 5/5") && french.contains("grand compte"), "{french}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_back_takes_its_amount_off_and_is_no_purchase() {
    on_each_database(async |database| {
        let (town, door, people) = town_of_clients(database).await;
        rfm_reckoned(&town.store, &town.clock).await.unwrap();

        write(&door, json!({"identities": [{"kind": "customer", "value": "crm:11"}]})).await;
        buys(&door, 1, "refund 1-0", 0, -100).await;
        buys(&door, 11, "refund 11", 0, -500).await;

        // The borders hold for a day; the contact that gave back alone is no client.
        assert_eq!(rfm_reckoned(&town.store, &town.clock).await.unwrap(), 1);
        let first = door.api(&at(&people[0])).await.json()["rfm"].clone();
        assert_eq!((&first["frequency"], &first["size"]), (&json!(1), &json!(null)));
        for (filter, contacts) in [
            ("count(purchase) = 1", 1),
            ("count(purchase) = 0", 1),
            ("last(purchase) < 1d", 1),
            ("last(act) < 1d", 1),
            ("spent(EUR) = 0", 1),
            ("not spent(EUR) >= 0", 1),
            ("segment(customers)", 10),
        ] {
            assert_eq!(count(&door, filter).await, json!(contacts), "{filter}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_move_by_time_merges_erasures_and_the_limits_of_the_plan() {
    on_each_database(async |database| {
        let (town, door, people) = town_of_clients(database).await;
        rfm_reckoned(&town.store, &town.clock).await.unwrap();
        let rfm = async |nth: usize| door.api(&at(&people[nth - 1])).await.json()["rfm"].clone();

        send(&door, "POST", &format!("{}/merge", at(&people[9])), json!({"contact": people[8]["id"]})).await;
        let erased = send(&door, "POST", &format!("{}/erasure", at(&people[0])), json!({"why": "request"})).await;
        assert!(erased.status.is_success(), "{}", erased.body);
        rfm_reckoned(&town.store, &town.clock).await.unwrap();
        let judged = door.api("/api/v1/rfm").await.json();
        let all: i64 = judged["classes"].as_array().unwrap().iter().map(|it| it["contacts"].as_i64().unwrap()).sum();
        assert_eq!(all, 8);

        let plan = "[rfm]\nrecency_days = [30, 60, 90, 365]\nfrequency = [2, 4, 6, 8]\nmonetary = [10, 20, 30, 40]\n";
        let exported = plan_exported(&town.store).await.unwrap();
        let wanted = plan_read(&format!("{exported}\n{plan}"), &[], &[]).unwrap();
        plan_applied(&town.store, &town.clock, &wanted, false).await.unwrap();
        rfm_reckoned(&town.store, &town.clock).await.unwrap();
        // Five times for 25 euros, 50 days ago.
        let told = rfm(5).await;
        assert_eq!([&told["recency"], &told["frequency"], &told["monetary"]], [4, 3, 3].map(|it| json!(it)).each_ref());

        town.clock.advance(400 * DAY);
        rfm_reckoned(&town.store, &town.clock).await.unwrap();
        let told = rfm(5).await;
        assert_eq!((&told["recency"], &told["size"]), (&json!(1), &json!(null)));
        town.clock.advance(700 * DAY);
        assert_eq!(rfm_reckoned(&town.store, &town.clock).await.unwrap(), 8);
        assert_eq!(rfm(5).await, json!(null));
        town.store.close().await;
    })
    .await;
}
