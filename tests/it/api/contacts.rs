//! A program writes of contacts: who they are, what they are known by, and how they are found again.

use axum::body::Body;
use serde_json::{Value, json};
use uuid::Uuid;
use whence::domain::plan::{Plan, System};
use whence::flows::{call_arrives, plan_applied, plan_read};

use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Answer, Door, hand_out_keys, request};
use crate::support::town::{MINUTE, Town};

const PLAN: &str = r#"
[[contact_fields]]
id = "loyalty"
name = "Loyalty card"
kind = "choice"
choices = ["gold", "silver"]

[[contact_fields]]
id = "newsletter"
name = "Reads the newsletter"
kind = "flag"

[[systems]]
id = "crm"
name = "CRM"
"#;

/// A town whose plan declares fields and a system besides.
pub async fn declaring_town(database: &Database) -> (Town, Door) {
    let town = Town::with_pool_of(database, 1).await;
    hand_out_keys(&town.store).await;
    let declared = plan_read(PLAN, &[], &[]).unwrap();
    town.store
        .write(move |tx| {
            let Plan { contact_fields, systems, .. } = declared.clone();
            Box::pin(async move {
                for field in &contact_fields {
                    tx.save_contact_field(field).await?;
                }
                for system in &systems {
                    tx.save_system(system).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    let door = Door::of(&town);
    (town, door)
}

pub async fn send(door: &Door, method: &str, path: &str, body: Value) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
    door.ask(request(method, path, &headers, Body::from(body.to_string()))).await
}

pub async fn write(door: &Door, body: Value) -> Value {
    let answer = send(door, "POST", "/api/v1/contacts", body).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    answer.json()
}

pub fn at(contact: &Value) -> String {
    format!("/api/v1/contacts/{}", contact["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_written_once_however_often_and_by_whatever_identity() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let body = json!({
            "given_name": "Ada", "family_name": "Lovelace", "language": "fr",
            "addresses": [{"line": "12 rue de la Paix", "postcode": "75002", "city": "Paris"}],
            "fields": {"loyalty": "gold"},
            "identities": [
                {"kind": "phone", "value": "06 39 98 00 01", "verified": true},
                {"kind": "email", "value": "Ada@Example.org"},
                {"kind": "customer", "value": "crm:4711"},
            ],
        });

        let first = send(&door, "POST", "/api/v1/contacts", body.clone()).await;
        town.clock.advance(MINUTE);
        let again = send(&door, "POST", "/api/v1/contacts", body).await;

        assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200), "{}", first.body);
        let (first, again) = (first.json(), again.json());
        assert_eq!((&first["created"], &again["created"]), (&json!(true), &json!(false)));
        assert_eq!(first["id"], again["id"]);
        assert_eq!(
            (&first["given_name"], &first["name"], &first["fields"]),
            (&json!("Ada"), &json!(null), &json!({"loyalty": "gold"}))
        );
        assert_eq!(
            first["addresses"],
            json!([{
                "kind": "home", "complement": null, "line": "12 rue de la Paix", "locality": null,
                "postcode": "75002", "city": "Paris", "country": "FR", "returned_at": null,
            }])
        );
        let identities = again["identities"].as_array().unwrap();
        let told: Vec<_> = identities.iter().map(|it| (it["value"].as_str().unwrap(), &it["verified"])).collect();
        let (yes, no) = (json!(true), json!(false));
        assert_eq!(told, [("crm:4711", &no), ("ada@example.org", &no), ("+33639980001", &yes)]);
        assert_eq!(identities[2]["verified_at"], "2026-11-22T12:00:00.000Z", "the first time counts");
        assert!(identities.iter().all(|it| it["written"] == true && it["seen"] == false));

        // A program that knows one of them only, and something new.
        let other = write(
            &door,
            json!({
                "fields": {"newsletter": true},
                "identities": [{"kind": "email", "value": "ada@example.org"}, {"kind": "customer", "value": "bakery:9"}],
            }),
        )
        .await;
        assert_eq!((&other["id"], &other["created"]), (&first["id"], &no));
        assert_eq!(other["fields"], json!({"loyalty": "gold", "newsletter": true}));
        assert_eq!(other["identities"].as_array().unwrap().len(), 4);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_changes_and_what_is_left_out_stays() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let ada = write(
            &door,
            json!({"name": "Ada L.", "given_name": "Ada", "language": "en", "fields": {"loyalty": "gold"}}),
        )
        .await;

        let changed = send(
            &door,
            "PATCH",
            &at(&ada),
            json!({"family_name": "Byron", "language": null, "fields": {"loyalty": null, "newsletter": false}}),
        )
        .await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let changed = changed.json();
        assert_eq!((&changed["name"], &changed["given_name"]), (&json!("Ada L."), &json!("Ada")));
        assert_eq!((&changed["family_name"], &changed["language"]), (&json!("Byron"), &json!(null)));
        assert_eq!(changed["fields"], json!({"newsletter": false}));

        let identities = format!("{}/identities", at(&ada));
        let added = send(&door, "POST", &identities, json!({"kind": "phone", "value": "06 39 98 00 02"})).await;
        assert_eq!(added.json()["identities"][0]["verified"], false, "{}", added.body);
        let vouched =
            send(&door, "POST", &identities, json!({"kind": "phone", "value": "+33639980002", "verified": true})).await;
        assert_eq!(vouched.json()["identities"][0]["verified"], true);
        let doubted =
            send(&door, "POST", &identities, json!({"kind": "phone", "value": "+33639980002", "verified": false})).await;
        assert_eq!(doubted.json()["identities"][0]["verified_at"], json!(null));
        let taken = send(&door, "DELETE", &format!("{identities}?kind=phone&value=%2B33639980002"), json!({})).await;
        assert_eq!((taken.status.as_u16(), &taken.json()["identities"]), (200, &json!([])));
        send(&door, "DELETE", &format!("{identities}?kind=phone&value=%2B33639980002"), json!({})).await.problem(404);
        let told = door.api(&at(&ada)).await.json();
        assert_eq!((&told["family_name"], &told["identities"]), (&json!("Byron"), &json!([])));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_is_told_whom_they_are_brings_their_visits_along() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let shown = town.somebody_comes().await;
        let visit = town.store.find_visit(shown.visit.unwrap()).await.unwrap().unwrap();
        town.clock.advance(MINUTE);

        let ada = write(
            &door,
            json!({"identities": [
                {"kind": "visitor", "value": visit.visitor.to_string()}, {"kind": "customer", "value": "crm:1"},
            ]}),
        )
        .await;

        let told = door.api(&at(&ada)).await.json();
        assert_eq!(told["timeline"][0]["visit"]["id"], visit.id.to_string());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_by_number_address_and_name() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let ada = write(
            &door,
            json!({
                "given_name": "Élodie", "family_name": "Lœuf-Martin",
                "identities": [
                    {"kind": "phone", "value": "06 39 98 12 34"}, {"kind": "email", "value": "ada@example.org"},
                    {"kind": "customer", "value": "crm:4711"},
                ],
            }),
        )
        .await;
        let bob = write(
            &door,
            json!({"name": "Bob Martin", "identities": [{"kind": "phone", "value": "06 39 97 12 34"}]}),
        )
        .await;
        let found = async |query: &str| {
            let told = door.api(&format!("/api/v1/contacts?{query}")).await.json();
            let items = told["items"].as_array().unwrap_or_else(|| panic!("{query}: {told}")).clone();
            items.iter().map(|it| it["id"].clone()).collect::<Vec<_>>()
        };

        let (ada, bob) = (ada["id"].clone(), bob["id"].clone());
        for (query, expected) in [
            ("phone=06+39+98+12+34", vec![&ada]),
            ("phone=%2B33639981234", vec![&ada]),
            ("phone=1234", vec![&bob, &ada]),
            ("phone=71234", vec![&bob]),
            ("phone=0000", vec![]),
            ("email=ADA@example.org", vec![&ada]),
            ("customer=crm:4711", vec![&ada]),
            ("name=martin", vec![&bob, &ada]),
            ("name=LOEUF+elodie", vec![&ada]),
            ("name=mart", vec![]),
            ("name=martin&phone=1234&email=ada@example.org", vec![&ada]),
        ] {
            let mut found = found(query).await;
            found.sort_by_key(|id| id.to_string());
            let mut expected: Vec<Value> = expected.into_iter().cloned().collect();
            expected.sort_by_key(|id| id.to_string());
            assert_eq!(found, expected, "{query}");
        }
        for (query, field) in
            [("phone=12", "phone"), ("email=ada", "email"), ("customer=4711", "customer"), ("name=-", "name")]
        {
            let problem = door.api(&format!("/api/v1/contacts?{query}")).await.problem(422);
            assert_eq!(problem["errors"][0]["field"], field, "{query}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_told_by_its_field_and_nothing_is_kept() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        call_arrives(&town.store, &town.clock, &town.call(1000, Some(5001))).await.unwrap();
        let caller = door.api("/api/v1/contacts").await.json()["items"][0].clone();

        let wrong = json!({
            "given_name": "", "language": "french", "fields": {"loyalty": "tin", "hat": 1},
            "addresses": [{"country": "Utopia", "city": "Amaurote"}, {"complement": "c/o Raphael"}],
            "identities": [{"kind": "fax", "value": "1"}, {"kind": "customer", "value": "erp:1"}],
        });
        for (method, path) in [("POST", "/api/v1/contacts".to_owned()), ("PATCH", at(&caller))] {
            let problem = send(&door, method, &path, wrong.clone()).await.problem(422);
            let fields: Vec<_> = problem["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["field"].as_str().unwrap())
                .collect();
            assert_eq!(
                fields,
                [
                    "language",
                    "given_name",
                    "addresses[0].country",
                    "addresses[1]",
                    "fields.hat",
                    "fields.loyalty",
                    "identities[0].kind",
                    "identities[1].value",
                ]
            );
            assert!(problem["detail"].as_str().unwrap().contains("there are crm, bakery"), "{problem}");
        }
        for body in
            [json!({}), json!({"language": "fr"}), json!({"nickname": "Ada"}), json!({"given_name": 7})]
        {
            send(&door, "POST", "/api/v1/contacts", body).await.problem(422);
        }
        let nobody = format!("/api/v1/contacts/{}", Uuid::nil());
        send(&door, "PATCH", &nobody, json!({"given_name": "Ada"})).await.problem(404);
        send(&door, "POST", &format!("{nobody}/identities"), json!({"kind": "email", "value": "a@b.fr"}))
            .await
            .problem(404);
        let headers = [("authorization", "Bearer contacts:read"), ("content-type", "application/json")];
        door.ask(request("POST", "/api/v1/contacts", &headers, Body::from("{}"))).await.problem(403);
        let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
        door.ask(request("POST", "/api/v1/contacts", &headers, Body::from("{\"name\":"))).await.problem(400);
        let all = door.api("/api/v1/contacts").await.json();
        assert_eq!(all["items"], json!([caller]), "nothing of it was kept");
        town.store.close().await;
    })
    .await;
}

/// What a plan no longer declares cannot be written any more, and stays where it stands.
#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_left_the_plan_stays_and_takes_nothing_new() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let apply = async |text: &str| {
            plan_applied(&town.store, &town.clock, &plan_read(text, &[], &[]).unwrap(), true).await.unwrap()
        };
        apply(PLAN).await;
        let systems: Vec<System> = town.store.list_systems().await.unwrap();
        assert_eq!(systems.len(), 1);
        let ada = write(&door, json!({"name": "Ada", "fields": {"newsletter": true}})).await;

        let changes = apply("").await;

        assert!(changes.iter().any(|change| change.to_string() == "- system crm: out of service"));
        send(&door, "PATCH", &at(&ada), json!({"fields": {"newsletter": false}})).await.problem(422);
        assert_eq!(door.api(&at(&ada)).await.json()["fields"], json!({"newsletter": true}));
        town.store.close().await;
    })
    .await;
}
