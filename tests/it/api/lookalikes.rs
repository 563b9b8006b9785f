//! Who is like a segment: found nearest first, told why, and nobody who objects.

use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};
use whence::flows::{lookalikes_reckoned, plan_applied, plan_exported, plan_read, segments_reckoned};

use super::contacts::{at, declaring_town, send, write};
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Door, request, sign_in};
use crate::support::town::{NOON, Town};

const DAY: Duration = Duration::from_secs(86_400);
const BUYERS: &str = "/api/v1/segments/buyers/lookalikes";
/// What the town has no purpose and controller for.
const PLAN: &str = r#"
[[purposes]]
id = "news"
name_en = "News"
name_fr = "Nouvelles"

[[controllers]]
id = "shop"
name = "Shop SAS"
address = "1 rue du Four, Lyon"
email = "privacy@shop.example"
"#;

async fn does(door: &Door, n: usize, kind: &str, times: usize, amount: Option<i64>) {
    for time in 0..times {
        let mut told = json!({
            "identity": {"kind": "customer", "value": format!("crm:{n}")}, "kind": kind, "source": "shop",
            "reference": format!("{kind} {n}-{time}"), "at": NOON - (10 + time as u32) * DAY,
        });
        if let Some(amount) = amount {
            (told["amount"], told["currency"]) = (json!(amount), json!("EUR"));
        }
        let taken = send(door, "POST", "/api/v1/engagements", json!({ "engagements": [told] })).await;
        assert_eq!(taken.status.as_u16(), 200, "{}", taken.body);
    }
}

/// Contacts 1 to 24 are the segment: they bought three times and live in Lyon. 25 is their twin without the card that
/// makes them members, 26 lives in Lyon and bought nothing, 27 bought and lives in Paris; 28 to 60 did little, in Paris.
async fn town_of_buyers(database: &Database) -> (Town, Door, Vec<Value>) {
    let (town, door) = declaring_town(database).await;
    let exported = plan_exported(&town.store).await.unwrap();
    let plan = plan_read(&format!("{exported}{PLAN}"), &[], &[]).unwrap();
    plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
    let mut people = Vec::new();
    for n in 1..=60 {
        let in_lyon = n <= 26;
        let home = if in_lyon { ("69001", "Lyon") } else { ("75002", "Paris") };
        let mut body = json!({
            "given_name": format!("P{n}"), "language": "fr",
            "addresses": [{"line": "1 rue du Four", "postcode": home.0, "city": home.1}],
            "identities": [
                {"kind": "customer", "value": format!("crm:{n}")}, {"kind": "email", "value": format!("p{n}@example.org")}],
        });
        if n <= 24 {
            body["fields"] = json!({"loyalty": "gold"});
        }
        people.push(write(&door, body).await);
        if n <= 25 || n == 27 {
            does(&door, n, "purchase", 3, Some(2_000)).await;
        } else {
            does(&door, n, "form_submitted", n % 2, None).await;
        }
    }
    let gold = json!({"name": "Buyers", "filter": "field.loyalty = \"gold\""});
    send(&door, "PUT", "/api/v1/segments/buyers", gold).await;
    (town, door, people)
}

async fn found(door: &Door, body: Value) -> Value {
    let answer = send(door, "POST", BUYERS, body).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    answer.json()
}

fn ids(found: &Value) -> Vec<&Value> {
    found["items"].as_array().unwrap().iter().map(|it| &it["contact"]).collect()
}

fn features(traits: &Value) -> Vec<&str> {
    traits.as_array().unwrap().iter().map(|it| it["feature"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_of_the_members_comes_first_and_each_is_explained() {
    on_each_database(async |database| {
        let (town, door, people) = town_of_buyers(database).await;
        send(&door, "POST", BUYERS, json!({})).await.problem(409);
        assert_eq!(lookalikes_reckoned(&town.store, &town.clock).await.unwrap(), 60);
        assert_eq!(lookalikes_reckoned(&town.store, &town.clock).await.unwrap(), 0);
        let nobody = send(&door, "POST", BUYERS, json!({})).await.problem(409);
        assert!(nobody["detail"].as_str().unwrap().starts_with("nobody who may be profiled"), "{nobody}");
        segments_reckoned(&town.store, &town.clock, true).await.unwrap();

        let alike = found(&door, json!({"limit": 36})).await;

        assert_eq!(
            (&alike["contacts"], &alike["members"], &alike["warning"]),
            (&json!(60), &json!(24), &json!(null))
        );
        let order = ids(&alike);
        assert_eq!((order.len(), order[0]), (36, &people[24]["id"]));
        let twin = &alike["items"][0];
        assert!(twin["distance"].as_f64().unwrap() < 1e-5 && twin["misfits"] == json!([]), "{twin}");
        assert!((twin["likeness"].as_f64().unwrap() - 1.0).abs() < 1e-9, "{twin}");
        let place = |n: usize| {
            alike["items"].as_array().unwrap().iter().find(|it| it["contact"] == people[n - 1]["id"]).unwrap()
        };
        assert_eq!(
            (features(&place(26)["near"])[0], features(&place(27)["misfits"])[0]),
            ("region", "region")
        );
        let region = &place(27)["misfits"][0];
        assert_eq!(region["words_en"], "region: FR-75 (0% of the segment, 57% of all contacts)");
        assert_eq!(
            region["words_fr"],
            "région\u{a0}: FR-75 (0\u{a0}% du segment, 57\u{a0}% de tous les contacts)"
        );
        let bought =
            place(27)["near"].as_array().unwrap().iter().find(|it| it["feature"] == "purchases").unwrap();
        assert!(
            bought["words_en"]
                .as_str()
                .unwrap()
                .starts_with("purchases in a year: 3 (the segment about 3, all"),
            "{bought}"
        );
        assert_eq!(found(&door, json!({"limit": 36})).await, alike, "the same each time");
        assert_eq!(ids(&found(&door, json!({"limit": 3})).await), order[..3]);

        for (body, field) in [
            (json!({"limit": 0}), "limit"),
            (json!({"limit": 1_001}), "limit"),
            (json!({"channel": "email"}), "purpose"),
            (json!({"channel": "pigeon", "purpose": "news"}), "channel"),
        ] {
            let problem = send(&door, "POST", BUYERS, body).await.problem(422);
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        send(&door, "POST", "/api/v1/segments/nobody/lookalikes", json!({})).await.problem(404);
        town.store.close().await;
    })
    .await;
}

async fn says(door: &Door, person: &Value, channel: &str, status: &str) {
    let line = json!({"channel": channel, "purpose": "news", "controller": "shop", "status": status, "method": "form", "source": "f"});
    let said = send(door, "POST", &format!("{}/consents", at(person)), line).await;
    assert!(said.status.is_success(), "{}", said.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_objects_is_neither_found_nor_profiled() {
    on_each_database(async |database| {
        let (town, door, people) = town_of_buyers(database).await;
        segments_reckoned(&town.store, &town.clock, true).await.unwrap();
        lookalikes_reckoned(&town.store, &town.clock).await.unwrap();
        let first = async || ids(&found(&door, json!({"limit": 1})).await)[0].clone();
        assert_eq!(first().await, people[24]["id"]);

        // A no counts at once; a later yes to the same takes it back.
        says(&door, &people[24], "sms", "refused").await;
        assert_ne!(first().await, people[24]["id"]);
        assert_eq!(lookalikes_reckoned(&town.store, &town.clock).await.unwrap(), 1, "the profile is deleted");
        town.clock.advance(Duration::from_secs(60));
        says(&door, &people[24], "sms", "granted").await;
        assert_ne!(first().await, people[24]["id"], "there is no profile until the next reckoning");
        assert_eq!(lookalikes_reckoned(&town.store, &town.clock).await.unwrap(), 1);
        assert_eq!(first().await, people[24]["id"]);

        // So does a request to object, until it is refused, and a list.
        let asked = json!({"contact": people[24]["id"], "kind": "objection", "came_by": "email"});
        let asked = send(&door, "POST", "/api/v1/requests", asked).await;
        assert!(asked.status.is_success(), "{}", asked.body);
        assert_ne!(first().await, people[24]["id"]);
        let id = asked.json()["id"].as_str().unwrap().to_owned();
        let refused = json!({"state": "refused", "why": "another person"});
        let refused = send(&door, "PATCH", &format!("/api/v1/requests/{id}"), refused).await;
        assert!(refused.status.is_success(), "{}", refused.body);
        assert_eq!(first().await, people[24]["id"]);
        let headers = [("authorization", "Bearer all"), ("content-type", "text/csv")];
        let list = request(
            "POST",
            "/api/v1/oppositions?list=own&channels=email",
            &headers,
            Body::from("p25@example.org\n"),
        );
        assert!(door.ask(list).await.status.is_success());
        assert_ne!(first().await, people[24]["id"]);

        // Members who object are no part of the profile, and too few are told.
        for person in &people[..10] {
            says(&door, person, "web_tracking", "refused").await;
        }
        lookalikes_reckoned(&town.store, &town.clock).await.unwrap();
        let few = found(&door, json!({"limit": 1})).await;
        assert_eq!((&few["members"], &few["contacts"]), (&json!(14), &json!(49)));
        assert!(few["warning"].as_str().unwrap().contains("fewer than 20"), "{few}");

        // Whoever is forgotten, or part of another, is gone.
        send(&door, "POST", &format!("{}/erasure", at(&people[26])), json!({"why": "request"})).await;
        let all = found(&door, json!({"limit": 100})).await;
        assert!(!ids(&all).contains(&&people[26]["id"]));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_alone_are_found_who_may_be_reached_and_a_year_later_what_they_did_counts_no_more() {
    on_each_database(async |database| {
        let (town, door, people) = town_of_buyers(database).await;
        segments_reckoned(&town.store, &town.clock, true).await.unwrap();
        lookalikes_reckoned(&town.store, &town.clock).await.unwrap();
        says(&door, &people[29], "email", "granted").await;
        says(&door, &people[26], "email", "granted").await;

        let reached =
            found(&door, json!({"limit": 10, "channel": "email", "purpose": "news", "controller": "shop"}))
                .await;

        assert_eq!(ids(&reached), [&people[26]["id"], &people[29]["id"]], "the nearer one first");
        let session = sign_in(&town.store).await;
        let here = "/console/segments/buyers/lookalikes";
        let [english, french] = door.in_both(here, session).await;
        assert!(english.contains("P25") && english.contains("What brings them near"), "{english}");
        assert!(french.contains("achats en un an : 3 (le segment environ 3, tous les contacts"), "{french}");
        let [english, _] =
            door.in_both(&format!("{here}?channel=email&purpose=news&controller=shop"), session).await;
        assert!(english.contains("P27") && !english.contains("P25"), "{english}");
        let [english, french] = door.in_both("/console/segments/new/lookalikes", session).await;
        assert!(english.contains("P26") && english.contains(">42<"), "a segment that comes along: {english}");
        assert!(french.contains("Semblables"), "{french}");

        // Nobody has done anything for a year: what told the segment apart is where it lives.
        town.clock.advance(400 * DAY);
        assert!(lookalikes_reckoned(&town.store, &town.clock).await.unwrap() > 0);
        let later = found(&door, json!({"limit": 2})).await;
        assert_eq!(features(&later["items"][0]["near"])[0], "region");
        let [one, other] = [&later["items"][0], &later["items"][1]];
        assert!(
            !features(&one["near"]).contains(&"purchases")
                && !features(&other["near"]).contains(&"purchases")
        );
        town.store.close().await;
    })
    .await;
}
