//! What people agree to, refuse and take back: written down once, asked for any moment.

use axum::body::Body;
use serde_json::{Value, json};
use whence::flows::{call_arrives, plan_applied, plan_exported, plan_read};

use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Answer, Door, hand_out_keys, request};
use crate::support::town::{MINUTE, Town};

const PLAN: &str = r#"
[[purposes]]
id = "offers"
name_en = "Offers"
name_fr = "Offres"

[[controllers]]
id = "bakery"
name = "Bakery SAS"
address = "1 rue du Four, Lyon"
email = "privacy@bakery.example"
policy_url = "https://bakery.example/privacy"
"#;

/// A town in which somebody has called, and the addresses of what they say.
pub async fn town_with_a_contact(database: &Database) -> (Town, Door, String) {
    let town = Town::with_pool_of(database, 1).await;
    hand_out_keys(&town.store).await;
    let before = plan_exported(&town.store).await.unwrap();
    let plan = plan_read(&format!("{before}{PLAN}"), &[], &[]).unwrap();
    plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
    call_arrives(&town.store, &town.clock, &town.call(1000, Some(5001))).await.unwrap();
    let door = Door::of(&town);
    let contact = door.api("/api/v1/contacts").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    (town, door, format!("/api/v1/contacts/{contact}/consents"))
}

pub async fn post(door: &Door, address: &str, body: &Value) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
    door.ask(request("POST", address, &headers, Body::from(body.to_string()))).await
}

pub fn said(status: &str) -> Value {
    json!({"channel": "sms", "purpose": "offers", "status": status, "method": "form", "source": "order form"})
}

pub async fn standing(door: &Door, address: &str, query: &str) -> Vec<(String, String)> {
    let found = door.api(&format!("{address}/standing{query}")).await.json();
    let word = |item: &Value| {
        let line = &item["line"];
        (line["channel"].as_str().unwrap().to_owned(), item["standing"].as_str().unwrap().to_owned())
    };
    found["items"].as_array().unwrap().iter().map(word).collect()
}

pub fn alone(channel: &str, standing: &str) -> Vec<(String, String)> {
    vec![(channel.to_owned(), standing.to_owned())]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_there_for_every_moment() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let start = town.clock.now();
        let granted = post(&door, &address, &said("granted")).await;
        assert_eq!(granted.status, 201, "{}", granted.body);
        let granted = granted.json();
        assert_eq!((&granted["controller"], &granted["basis"]), (&json!("bakery"), &json!("consent")));
        assert_eq!(granted["gaps"], json!(["text", "proof"]));
        town.clock.advance(MINUTE);
        assert_eq!(post(&door, &address, &said("withdrawn")).await.status, 201);

        assert_eq!(standing(&door, &address, "").await, alone("sms", "withdrawn"));
        assert_eq!(standing(&door, &address, &format!("?at={start}")).await, alone("sms", "granted"));
        assert_eq!(standing(&door, &address, &format!("?at={}", start - MINUTE)).await, []);

        // A refusal of before, heard of only now: it changes what is known, not what was known.
        town.clock.advance(MINUTE);
        let mut late = said("refused");
        late["at"] = json!(start + MINUTE / 2);
        late["channel"] = json!("phone");
        assert_eq!(post(&door, &address, &late).await.status, 201);
        let then = format!("?at={}", start + MINUTE);
        let both = [alone("phone", "refused"), alone("sms", "withdrawn")].concat();
        assert_eq!(standing(&door, &address, &then).await, both);
        let known = format!("{then}&known_at={}", start + MINUTE);
        assert_eq!(standing(&door, &address, &known).await, alone("sms", "withdrawn"));

        let lines = door.api(&format!("{address}?limit=2")).await.json();
        assert_eq!(lines["items"][0]["status"], "refused");
        let rest = door
            .api(&format!("{address}?limit=2&cursor={}", lines["next_cursor"].as_str().unwrap()))
            .await
            .json();
        assert_eq!(rest["items"], json!([granted]));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_says_the_same_thing_once() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let mut order = said("granted");
        order["reference"] = json!("order 4711");

        let first = post(&door, &address, &order).await;
        town.clock.advance(MINUTE);
        let again = post(&door, &address, &order).await;
        order["status"] = json!("refused");
        let other = post(&door, &address, &order).await;

        assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200));
        assert_eq!(first.json(), again.json());
        other.problem(409);
        assert_eq!(standing(&door, &address, "").await, alone("sms", "granted"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_at_once_by_one_reference_makes_one_line() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let mut order = said("granted");
        order["reference"] = json!("order 4711");

        let sent = (0..8).map(|_| post(&door, &address, &order));
        let answers = futures_util::future::join_all(sent).await;

        let new = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!((new, answers.iter().filter(|answer| answer.status == 200).count()), (1, 7));
        assert_eq!(door.api(&address).await.json()["items"].as_array().unwrap().len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_told_by_its_field() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let wrong =
            json!({"channel": "fax", "purpose": "ofers", "status": "granted", "method": "pre_ticked"});

        let refused = post(&door, &address, &wrong).await.problem(422);

        let fields: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
        assert_eq!(fields, ["channel", "purpose", "method", "source"]);
        assert!(refused["errors"][2]["detail"].as_str().unwrap().contains("ticked beforehand"));
        // An address besides, which cannot be one, or has nothing to do there.
        for (email, status) in [("ada", "pending"), ("ada@example.org", "granted")] {
            let mut wrong = wrong.clone();
            (wrong["email"], wrong["status"]) = (json!(email), json!(status));
            let refused = post(&door, &address, &wrong).await.problem(422);
            let fields: Vec<_> =
                refused["errors"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
            assert_eq!(fields, ["channel", "purpose", "method", "source", "email"]);
        }
        let misspelt = json!({"chanel": "sms", "purpose": 7, "status": []});
        let refused = post(&door, &address, &misspelt).await.problem(422);
        let mut fields: Vec<_> =
            refused["errors"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
        fields.sort_by_key(|field| field.to_string());
        assert_eq!(fields, ["chanel", "purpose", "status"]);
        let nobody = format!("/api/v1/contacts/{}/consents", uuid::Uuid::nil());
        post(&door, &nobody, &said("granted")).await.problem(404);
        door.api(&nobody).await.problem(404);
        door.api(&format!("{nobody}/standing")).await.problem(404);
        door.api(&format!("{address}/standing?at=noon")).await.problem(422);
        assert_eq!(door.api(&address).await.json()["items"], json!([]));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_tells_the_person_what_they_agreed_to_and_before_whom() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let mut yes = said("granted");
        yes["text"] = json!("May we write to you?");
        let line = post(&door, &address, &yes).await.json();
        let receipt = |line: &Value| format!("/api/v1/consents/{}/receipt", line["id"].as_str().unwrap());

        let answer = door.api(&receipt(&line)).await;

        assert_eq!(answer.header("content-type"), "application/ld+json");
        let told = answer.json();
        let record = &told["dpv:hasRecordOfActivity"];
        assert_eq!(told["@type"], "dpv:ConsentReceipt");
        assert_eq!(record["dct:identifier"], line["id"]);
        assert_eq!(record["dpv:hasDataController"]["schema:email"], "privacy@bakery.example");
        assert_eq!(record["dpv:hasProcess"]["dpv:hasPurpose"]["schema:name"][1]["@value"], "Offres");
        assert_eq!(
            record["dpv:hasNotice"],
            json!({"@type": "dpv:ConsentNotice", "schema:text": "May we write to you?"})
        );
        assert_eq!(record["dpv:hasConsentStatus"]["@type"], "dpv:ConsentGiven");
        assert_eq!(record["dpv:hasConsentStatus"]["dpv:isIndicatedAtTime"], line["at"]);

        let mut contract = said("granted");
        (contract["basis"], contract["method"]) = (json!("contract"), json!("rule"));
        let contract = post(&door, &address, &contract).await.json();
        door.api(&receipt(&contract)).await.problem(409);
        door.api(&format!("/api/v1/consents/{}/receipt", uuid::Uuid::nil())).await.problem(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_plan_takes_back_is_named_by_no_new_line_and_stays_in_the_old_ones() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let line = post(&door, &address, &said("granted")).await.json();
        let listed = door.api("/api/v1/purposes").await.json();
        assert_eq!(
            listed["items"],
            json!([{"id": "offers", "kind": "prospecting", "name_en": "Offers", "name_fr": "Offres",
                    "channels": ["phone", "sms", "email", "post", "push"]}])
        );
        assert_eq!(door.api("/api/v1/controllers").await.json()["items"][0]["name"], "Bakery SAS");
        let with = plan_exported(&town.store).await.unwrap();
        let without = with.replace("id = \"offers\"", "id = \"other\"");

        let plan = plan_read(&without, &[], &[]).unwrap();
        let changes = plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();

        let told: Vec<_> = changes.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "- purpose offers: out of service",
                "+ purpose other: kind prospecting, name_en Offers, name_fr Offres, channels phone, sms, email, post, push"
            ]
        );
        let refused = post(&door, &address, &said("granted")).await.problem(422);
        assert_eq!(refused["errors"][0]["field"], "purpose");
        assert_eq!(door.api(&address).await.json()["items"], json!([line]));
        town.clock.advance(MINUTE);
        assert_eq!(post(&door, &address, &said("withdrawn")).await.status, 201, "a no is taken in any case");
        assert_eq!(standing(&door, &address, "").await, alone("sms", "withdrawn"));
        let receipt = format!("/api/v1/consents/{}/receipt", line["id"].as_str().unwrap());
        assert_eq!(door.api(&receipt).await.status, 200);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_said_goes_with_them_when_two_become_one_and_comes_back() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let one = address.trim_end_matches("/consents").to_owned();
        town.clock.advance(MINUTE);
        call_arrives(&town.store, &town.clock, &town.call(1000, Some(5002))).await.unwrap();
        let other = door.api("/api/v1/contacts").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let theirs = format!("/api/v1/contacts/{other}/consents");
        assert_eq!(post(&door, &address, &said("granted")).await.status, 201);
        town.clock.advance(MINUTE);
        assert_eq!(post(&door, &theirs, &said("withdrawn")).await.status, 201);

        let merge = post(&door, &format!("{one}/merge"), &json!({"contact": other})).await.json();

        assert_eq!(standing(&door, &address, "").await, alone("sms", "withdrawn"));
        post(&door, &theirs, &said("granted")).await.problem(409);
        door.api(&theirs).await.problem(301);
        door.api(&format!("{theirs}/standing")).await.problem(301);
        town.clock.advance(MINUTE);
        let no = json!({"channel": "email", "purpose": "offers", "status": "refused", "method": "spoken", "source": "call"});
        assert_eq!(post(&door, &address, &no).await.status, 201);
        let undo = format!("/api/v1/merges/{}/undo", merge["id"].as_str().unwrap());
        assert_eq!(post(&door, &undo, &json!({})).await.status, 200);
        // What was refused while they were one holds for both.
        let no = alone("email", "refused");
        assert_eq!(standing(&door, &address, "").await, [alone("sms", "granted"), no.clone()].concat());
        assert_eq!(standing(&door, &theirs, "").await, [alone("sms", "withdrawn"), no].concat());
        town.store.close().await;
    })
    .await;
}
