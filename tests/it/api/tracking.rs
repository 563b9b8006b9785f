//! Systems that speak as Segment's libraries do: each message is taken once, as what it says here.

use std::io::Write;
use std::time::Duration;

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use whence::domain::ids::ApiKeyId;
use whence::http::extract::hash_token;
use whence::store::ApiKey;

use super::contacts::{at, declaring_town, write};
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Answer, Door, request};
use crate::support::town::{MINUTE, Town};

const HOUR: Duration = Duration::from_hours(1);

/// A declaring town that has handed the CRM a key, and a system that left the plan another.
pub(super) async fn town_of_senders(database: &Database) -> (Town, Door) {
    let (town, door) = declaring_town(database).await;
    for (n, (token, source)) in [("crm", "crm"), ("gone", "erp")].into_iter().enumerate() {
        let key = ApiKey {
            id: ApiKeyId(uuid::Uuid::from_u128(1_000 + n as u128)),
            name: token.to_owned(),
            hash: hash_token(token),
            scopes: vec!["tracking:write".to_owned()],
            source: Some(source.parse().unwrap()),
            created_at: town.clock.now(),
            revoked_at: None,
            last_used_at: None,
        };
        town.store.insert_api_key(key).await.unwrap();
    }
    (town, door)
}

fn basic(key: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{key}:")))
}

async fn post(door: &Door, path: &str, key: &str, packed: bool, body: Vec<u8>) -> Answer {
    let basic = basic(key);
    let mut headers = vec![("authorization", &*basic), ("content-type", "application/json")];
    if packed {
        headers.push(("content-encoding", "gzip"));
    }
    door.ask(request("POST", path, &headers, Body::from(body))).await
}

pub(super) async fn send(door: &Door, what: &str, body: Value) -> Value {
    let answer = post(door, &format!("/v1/{what}"), "crm", false, body.to_string().into_bytes()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["success"], true);
    answer.json()
}

pub(super) async fn find(door: &Door, query: &str) -> Value {
    let found = door.api(&format!("/api/v1/contacts?{query}")).await.json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    door.api(&at(&found["items"][0])).await.json()
}

pub(super) fn kinds(contact: &Value) -> Vec<&str> {
    contact["timeline"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_says_who_somebody_is_and_what_they_did() {
    on_each_database(async |database| {
        let (town, door) = town_of_senders(database).await;
        let sent_at = (town.clock.now() + HOUR).to_string();
        let batch = json!({
            "sentAt": sent_at, "writeKey": "crm",
            "batch": [
                {"type": "identify", "userId": "7", "messageId": "m1",
                 "traits": {"firstName": "Ada", "email": "ada@example.org", "loyalty": "gold", "plan": "premium"}},
                {"type": "track", "userId": "7", "messageId": "m2", "event": "Order Completed",
                 "timestamp": town.clock.now() + HOUR - MINUTE,
                 "properties": {"order_id": "50314b8e", "total": 27.5, "currency": "EUR", "products": [{"sku": "1"}]},
                 "context": {"campaign": {"name": "spring", "source": "newsletter", "medium": "email"}}},
                {"type": "track", "messageId": "m3", "anonymousId": "abc", "event": "Email Bounced",
                 "context": {"traits": {"email": "ada@example.org"}}, "properties": {"bounce_type": "hard"}},
                {"type": "page", "anonymousId": "abc", "messageId": "m4", "name": "Home"},
                {"type": "delete", "userId": "7"},
            ],
        });

        let first = send(&door, "batch", batch.clone()).await;
        let again = send(&door, "batch", batch).await;

        assert_eq!((&first["taken"], &first["of_nobody"]), (&json!(3), &json!(1)));
        assert_eq!(first["left_out"], json!(["plan"]));
        assert_eq!(first["refused"][0]["index"], 4);
        assert_eq!((&again["taken"], &again["repeated"]), (&json!(0), &json!(3)));
        let ada = find(&door, "customer=crm:7").await;
        assert_eq!((&ada["given_name"], &ada["fields"]), (&json!("Ada"), &json!({"loyalty": "gold"})));
        assert_eq!(kinds(&ada), ["email_bounced_hard", "purchase"]);
        let bought = &ada["timeline"][1];
        assert_eq!(bought["at"], json!(town.clock.now() - MINUTE));
        let engagement = &bought["engagement"];
        assert_eq!((&engagement["amount"], &engagement["source"]), (&json!(2750), &json!("crm")));
        assert_eq!(engagement["came_by"]["campaign"], "spring");
        assert_eq!(engagement["properties"]["products"], json!([{"sku": "1"}]));
        let email = ada["identities"].as_array().unwrap().iter().find(|it| it["kind"] == "email").unwrap();
        assert_eq!(email["bounced_at"], json!(town.clock.now()));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_of_ours_is_known_and_others_are_not_kept() {
    on_each_database(async |database| {
        let (town, door) = town_of_senders(database).await;
        let shown = town.somebody_comes().await;
        let visitor = shown.visitor.unwrap();
        town.clock.advance(MINUTE);

        // Nobody knows who that is yet, but where they are.
        let early = send(&door, "track", json!({"anonymousId": visitor, "event": "Wished"})).await;
        let page =
            send(&door, "page", json!({"anonymousId": uuid::Uuid::from_u128(7), "name": "Home"})).await;
        assert_eq!((&early["taken"], &page["of_nobody"]), (&json!(1), &json!(1)));
        assert_eq!(door.api("/api/v1/contacts").await.json()["items"], json!([]));

        send(&door, "identify", json!({"userId": "7", "anonymousId": visitor, "traits": {}})).await;
        send(&door, "track", json!({"anonymousId": visitor, "event": "Wished"})).await;
        let ada = find(&door, "customer=crm:7").await;
        assert_eq!(kinds(&ada), ["custom", "custom", "visit"]);

        // Who has done something is known by it.
        send(&door, "track", json!({"userId": "8", "event": "Wished"})).await;
        assert_eq!(kinds(&find(&door, "customer=crm:8").await), ["custom"]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_makes_one_of_two_and_a_trait_of_null_takes_away() {
    on_each_database(async |database| {
        let (town, door) = town_of_senders(database).await;
        let lyon = json!({"street": "1 rue du Four", "city": "Lyon", "country": "FR"});
        send(&door, "identify", json!({"userId": "old", "traits": {"firstName": "Ada", "address": lyon}}))
            .await;
        town.clock.advance(MINUTE);
        write(
            &door,
            json!({"identities": [{"kind": "customer", "value": "crm:new"}],
                   "addresses": [{"kind": "work", "city": "Paris"}]}),
        )
        .await;

        send(&door, "alias", json!({"userId": "new", "previousId": "old"})).await;
        let ada = find(&door, "customer=crm:new").await;
        assert_eq!((&ada["given_name"], ada["merges"].as_array().unwrap().len()), (&json!("Ada"), 1));

        // One address of a kind in the place of another; those of other kinds stay.
        let paris = json!({"city": "Paris", "country": "FR"});
        send(&door, "identify", json!({"userId": "old", "traits": {"firstName": null, "address": paris}}))
            .await;
        let ada = find(&door, "customer=crm:new").await;
        assert_eq!(ada["given_name"], Value::Null);
        let places: Vec<_> =
            ada["addresses"].as_array().unwrap().iter().map(|it| (&it["kind"], &it["city"])).collect();
        assert_eq!(places, [(&json!("work"), &json!("Paris")), (&json!("home"), &json!("Paris"))]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_forgotten_after_its_time_and_what_it_told_still_stands_once() {
    on_each_database(async |database| {
        let (town, door) = town_of_senders(database).await;
        let wish =
            json!({"userId": "7", "event": "Wished", "messageId": "m1", "timestamp": town.clock.now()});
        send(&door, "track", wish.clone()).await;
        town.clock.advance(MINUTE);

        assert_eq!(town.store.delete_messages(town.clock.now() - MINUTE).await.unwrap(), 0);
        assert_eq!(town.store.delete_messages(town.clock.now()).await.unwrap(), 1);

        assert_eq!(send(&door, "track", wish).await["taken"], 1);
        assert_eq!(kinds(&find(&door, "customer=crm:7").await), ["custom"]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_sizes_and_what_is_no_message_are_checked() {
    on_each_database(async |database| {
        let (town, door) = town_of_senders(database).await;
        let wish = json!({"userId": "7", "event": "Wished"}).to_string().into_bytes();
        let pack = |text: &[u8]| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            gzip.write_all(text).unwrap();
            gzip.finish().unwrap()
        };

        assert_eq!(post(&door, "/v1/track", "crm", true, pack(&wish)).await.json()["taken"], 1);
        let bearer = [("authorization", "Bearer crm")];
        let asked = request("POST", "/v1/track", &bearer, Body::from(wish.clone()));
        assert_eq!(door.ask(asked).await.json()["taken"], 1);

        // A megabyte of nothing in a kilobyte.
        let bomb = pack(&vec![b' '; 1 << 20]);
        assert!(bomb.len() < 2_000);
        post(&door, "/v1/batch", "crm", true, bomb).await.problem(413);
        post(&door, "/v1/batch", "crm", false, vec![b' '; 501 * 1024]).await.problem(413);
        post(&door, "/v1/batch", "crm", true, wish.clone()).await.problem(400);
        post(&door, "/v1/batch", "crm", false, b"{".to_vec()).await.problem(400);
        post(&door, "/v1/batch", "crm", false, wish.clone()).await.problem(422);
        post(&door, "/v1/delete", "crm", false, wish.clone()).await.problem(404);
        door.ask(request("POST", "/v1/track", &[], Body::from(wish.clone()))).await.problem(401);
        post(&door, "/v1/track", "unknown", false, wish.clone()).await.problem(401);
        // As a user's name these would end at their colon.
        let by = async |key: &str| {
            let shown = format!("Bearer {key}");
            door.ask(request("POST", "/v1/track", &[("authorization", &shown)], Body::from(wish.clone())))
                .await
        };
        by("contacts:write").await.problem(403);
        // Keys that name no source, or none that the plan has.
        for key in ["tracking:write", "gone"] {
            let refused = by(key).await.problem(403);
            assert!(refused["type"].as_str().unwrap().ends_with("no-source"), "{refused}");
        }
        town.store.close().await;
    })
    .await;
}
