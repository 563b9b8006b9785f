//! What other systems tell of a visitor who is no contact yet: with their visit, and theirs as soon as they are one.

use serde_json::{Value, json};
use uuid::Uuid;
use whence::domain::tracking::event::EVENTS_MAX;
use whence::flows::{call_arrives, plan_applied, plan_exported, plan_read};

use super::contacts::{at, send as write_so, write};
use super::erasures::dump;
use super::tracking::{find, kinds, send, town_of_senders};
use crate::support::databases::on_each_database;
use crate::support::door::Door;
use crate::support::town::MINUTE;

fn order(visitor: &str, id: &str) -> Value {
    json!({"type": "track", "anonymousId": visitor, "messageId": id, "event": "Order Completed",
           "properties": {"order_id": "4711", "total": 27.5, "currency": "EUR", "products": [{"sku": "ada-sku"}]}})
}

async fn events(door: &Door, visit: &str) -> Vec<Value> {
    door.api(&format!("/api/v1/visits/{visit}")).await.json()["events"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visitor_did_stands_with_their_visit_and_is_theirs_once_they_call() {
    on_each_database(async |database| {
        let (town, door) = town_of_senders(database).await;
        let shown = town.somebody_comes().await;
        let (visitor, visit) = (shown.visitor.unwrap().to_string(), shown.visit.unwrap().to_string());
        town.clock.advance(MINUTE);
        let page = json!({"type": "page", "anonymousId": visitor, "name": "Prices", "messageId": "p1"});
        let strange = json!({"type": "page", "anonymousId": Uuid::from_u128(7), "name": "Prices"});

        // Without an id it is one of its own.
        let wish = json!({"type": "track", "anonymousId": visitor, "event": "Wished"});

        let told = send(&door, "batch", json!({"batch": [order(&visitor, "o1"), page, wish, strange]})).await;

        assert_eq!((&told["taken"], &told["of_nobody"]), (&json!(3), &json!(1)), "{told}");
        let journey = events(&door, &visit).await;
        let names: Vec<_> = journey.iter().map(|event| event["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"purchase") && names.contains(&"viewed_prices_page"), "{names:?}");
        let bought = journey.iter().find(|event| event["name"] == "purchase").unwrap();
        assert_eq!(bought["properties"], json!({"order_id": "4711", "total": 27.5, "currency": "EUR"}));
        assert_eq!(door.api("/api/v1/contacts").await.json()["items"], json!([]));

        town.clock.advance(MINUTE);
        call_arrives(&town.store, &town.clock, &town.call(1000, Some(5001))).await.unwrap();

        let caller = find(&door, "phone=5001").await;
        let mut known = kinds(&caller);
        known.sort_unstable();
        assert_eq!(known, ["call", "custom", "custom", "purchase", "visit"]);
        let timeline = caller["timeline"].as_array().unwrap();
        let bought = &timeline.iter().find(|it| it["kind"] == "purchase").unwrap()["engagement"];
        assert_eq!((&bought["amount"], &bought["visit"]), (&json!(2750), &json!(visit)));
        assert_eq!(bought["came_by"]["campaign"], "bread", "it came by what the visit came by");
        assert_eq!(bought["properties"]["products"], json!([{"sku": "ada-sku"}]));
        assert_eq!(caller["acts"]["purchases"][0]["count"], 1);

        // A later call brings it no second time, nor does the same message.
        town.clock.advance(MINUTE);
        call_arrives(&town.store, &town.clock, &town.call(1000, Some(5001))).await.unwrap();
        assert_eq!(send(&door, "batch", json!({"batch": [order(&visitor, "o1")]})).await["repeated"], 1);
        let caller = find(&door, "phone=5001").await;
        let mut known = kinds(&caller);
        known.sort_unstable();
        assert_eq!(known, ["call", "call", "custom", "custom", "purchase", "visit"]);

        let erasure = format!("{}/erasure", at(&caller));
        assert_eq!(write_so(&door, "POST", &erasure, json!({"why": "request"})).await.status, 200);
        assert!(!dump(database).await.iter().any(|(_, row)| row.contains("4711") || row.contains("ada-sku")));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_who_they_are_or_is_said_to_be_somebody_brings_it_along() {
    on_each_database(async |database| {
        let (town, door) = town_of_senders(database).await;
        let shown = town.somebody_comes().await;
        let (visitor, visit) = (shown.visitor.unwrap().to_string(), shown.visit.unwrap().to_string());
        send(&door, "batch", json!({"batch": [order(&visitor, "o1")]})).await;
        let said = json!({"email": "ada@example.org"}).to_string();
        door.report(&format!("/api/v1/visits/{visit}/identify"), said).await;
        let ada = find(&door, "email=ada%40example.org").await;
        assert!(kinds(&ada).contains(&"purchase"), "{ada}");

        let shown = town.somebody_comes().await;
        let visitor = shown.visitor.unwrap().to_string();
        // Of one message without an id each is one of its own.
        let wish = json!({"anonymousId": visitor, "event": "Wished"});
        send(&door, "track", wish.clone()).await;
        send(&door, "track", wish).await;
        send(&door, "alias", json!({"userId": "7", "previousId": visitor})).await;
        let bob = find(&door, "customer=crm:7").await;
        assert_eq!(kinds(&bob).iter().filter(|it| **it == "custom").count(), 2, "{bob}");

        // They go with whom they are of, and come back.
        town.clock.advance(MINUTE);
        let merge =
            write_so(&door, "POST", &format!("{}/merge", at(&ada)), json!({"contact": bob["id"]})).await;
        let merge = merge.json();
        let into = door.api(&format!("/api/v1/contacts/{}", merge["into"].as_str().unwrap())).await.json();
        assert_eq!(kinds(&into).iter().filter(|it| ["custom", "purchase"].contains(it)).count(), 3);
        write_so(
            &door,
            "POST",
            &format!("/api/v1/merges/{}/undo", merge["id"].as_str().unwrap()),
            Value::Null,
        )
        .await;
        let again = [door.api(&at(&ada)).await.json(), door.api(&at(&bob)).await.json()];
        assert_eq!(again.each_ref().map(kinds), [kinds(&ada), kinds(&bob)]);
        town.store.close().await;
    })
    .await;
}

const PLAN: &str = r#"
[[purposes]]
id = "statistics"
name_en = "Statistics"
name_fr = "Statistiques"
channels = ["web_tracking"]

[[controllers]]
id = "bakery"
name = "Bakery SAS"
address = "1 rue du Four, Lyon"
email = "privacy@bakery.example"
policy_url = "https://bakery.example/privacy"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn who_will_not_be_followed_is_not_by_other_systems_either() {
    on_each_database(async |database| {
        let (town, door) = town_of_senders(database).await;
        let before = plan_exported(&town.store).await.unwrap();
        let plan = plan_read(&format!("{before}{PLAN}"), &[], &[]).unwrap();
        plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
        let visitor = town.somebody_comes().await.visitor.unwrap().to_string();
        send(&door, "alias", json!({"userId": "7", "previousId": visitor})).await;
        let ada = at(&find(&door, "customer=crm:7").await);
        let page = json!({"anonymousId": visitor, "name": "Prices"});
        let said = |status: &str| json!({"channel": "web_tracking", "purpose": "statistics", "status": status, "method": "form", "source": "page"});

        assert_eq!(send(&door, "page", page.clone()).await["taken"], 1);
        assert_eq!(write_so(&door, "POST", &format!("{ada}/consents"), said("refused")).await.status, 201);
        assert_eq!(send(&door, "page", page.clone()).await["of_nobody"], 1);
        // Of a customer it is told by who they are.
        let order = json!({"userId": "7", "anonymousId": visitor, "event": "Order Completed"});
        assert_eq!(send(&door, "track", order).await["taken"], 1);
        town.clock.advance(MINUTE);
        assert_eq!(write_so(&door, "POST", &format!("{ada}/consents"), said("granted")).await.status, 201);
        assert_eq!(send(&door, "page", page).await["taken"], 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visit_has_no_room_for_or_nobody_can_mean_is_told() {
    on_each_database(async |database| {
        let (town, door) = town_of_senders(database).await;
        let visitor = town.somebody_comes().await.visitor.unwrap().to_string();
        // An address that points at somebody says whose it is; one that points at nobody does not.
        write(&door, json!({"identities": [{"kind": "email", "value": "ada@example.org"}]})).await;
        let mail =
            |to: &str| json!({"anonymousId": visitor, "event": "Email Opened", "properties": {"email": to}});
        send(&door, "track", mail("ada@example.org")).await;
        assert_eq!(kinds(&find(&door, "email=ada%40example.org").await), ["email_opened"]);
        assert_eq!(send(&door, "track", mail("bob@example.org")).await["of_nobody"], 1);

        let many: Vec<_> = (0..EVENTS_MAX)
            .map(|n| json!({"type": "track", "anonymousId": visitor, "event": format!("Wish {n}")}))
            .collect();
        assert_eq!(send(&door, "batch", json!({"batch": many})).await["taken"], EVENTS_MAX);
        let one_more = send(&door, "track", json!({"anonymousId": visitor, "event": "Wish"})).await;
        assert!(one_more["refused"][0]["detail"].as_str().unwrap().contains("as many events"), "{one_more}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_or_a_number_that_is_none_is_kept_and_marked() {
    on_each_database(async |database| {
        let (town, door) = town_of_senders(database).await;
        let traits = json!({"email": "not an address", "phone": "12", "firstName": "Ada", "hat": 57});

        let told = send(&door, "identify", json!({"userId": "7", "traits": traits})).await;

        assert_eq!((&told["unreadable"], &told["left_out"]), (&json!(["email", "phone"]), &json!(["hat"])));
        let ada = find(&door, "customer=crm:7").await;
        let marks: Vec<_> = ada["marks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (&it["field"], &it["value"], &it["code"]))
            .collect();
        let expected = [
            (&json!("email"), &json!("not an address"), &json!("email_unreadable")),
            (&json!("phone"), &json!("12"), &json!("phone_unreadable")),
        ];
        assert_eq!(marks, expected);
        assert!(ada["marks"][0]["source"].as_str().unwrap().starts_with("key:"), "{ada}");
        town.store.close().await;
    })
    .await;
}
