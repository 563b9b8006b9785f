//! Contacts that look alike are suggested as one, until somebody merges or refuses them.

use serde_json::{Value, json};

use super::contacts::{at, declaring_town, send, write};
use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in};
use crate::support::town::MINUTE;

async fn suggested(door: &Door) -> Vec<Value> {
    door.api("/api/v1/duplicates").await.json()["items"].as_array().unwrap().clone()
}

fn person(given: &str, family: &str, postcode: &str, n: u32) -> Value {
    json!({
        "given_name": given, "family_name": family, "addresses": [{"postcode": postcode}],
        "identities": [{"kind": "customer", "value": format!("crm:{n}")}],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_alike_is_suggested_with_reasons_until_it_is_refused_for_good() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let ada = write(&door, person("Ada", "LOVELACE", "75002", 1)).await;
        town.clock.advance(MINUTE);
        let twin = write(&door, person("ada", "Lovlace", "75002", 2)).await;
        write(&door, person("Bob", "Martin", "75002", 3)).await;

        let found = suggested(&door).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (&found[0]["contacts"][0]["id"], &found[0]["contacts"][1]["id"]),
            (&ada["id"], &twin["id"])
        );
        assert_eq!(found[0]["contacts"][0]["display_name"], "Ada Lovelace");
        assert_eq!(
            (&found[0]["contacts"][0]["family_name"], &found[0]["score"]),
            (&json!("LOVELACE"), &json!(61))
        );
        assert_eq!(
            found[0]["reasons"],
            json!([{"sign": "name", "points": 36}, {"sign": "postcode", "points": 25}])
        );

        // Somebody else by now.
        send(&door, "PATCH", &at(&twin), json!({"given_name": "Zoe", "family_name": "Zola"})).await;
        assert_eq!(suggested(&door).await, Vec::<Value>::new());
        send(&door, "PATCH", &at(&twin), json!({"given_name": "Ada", "family_name": "Lovelace"})).await;
        assert_eq!(suggested(&door).await[0]["score"], 80);

        let pair = json!({"contacts": [twin["id"], ada["id"]]});
        assert_eq!(send(&door, "POST", "/api/v1/duplicates/refuse", pair.clone()).await.status, 200);
        send(&door, "PATCH", &at(&twin), json!({"language": "fr"})).await;
        assert_eq!(suggested(&door).await, Vec::<Value>::new(), "for good");
        send(&door, "POST", "/api/v1/duplicates/refuse", pair).await.problem(404);
        send(&door, "POST", "/api/v1/duplicates/refuse", json!({"contacts": ["a"]})).await.problem(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_at_two_providers_is_a_reason_and_a_merge_ends_the_suggestion() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        for email in ["ada.lovelace@example.org", "adalovelace@mail.example"] {
            let identities = json!([{"kind": "email", "value": email}]);
            write(&door, json!({"name": "A. Lovelace", "identities": identities})).await;
            town.clock.advance(MINUTE);
        }
        let found = suggested(&door).await;
        assert_eq!(found[0]["score"], 90, "{found:?}");
        let [one, other] = [&found[0]["contacts"][0], &found[0]["contacts"][1]];

        let merge =
            send(&door, "POST", &format!("{}/merge", at(one)), json!({"contact": other["id"]})).await.json();
        assert_eq!(suggested(&door).await, Vec::<Value>::new());
        let undo = format!("/api/v1/merges/{}/undo", merge["id"].as_str().unwrap());
        assert_eq!(send(&door, "POST", &undo, json!({})).await.status, 200);
        assert_eq!(suggested(&door).await.len(), 1, "two again, and alike");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_duplicates_merges_and_refuses() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let session = sign_in(&town.store).await;
        let [en, fr] = door.in_both("/console/duplicates", session).await;
        assert!(
            en.contains("Nobody looks like anybody else") && fr.contains("Personne ne ressemble"),
            "{fr}"
        );
        for n in 1..=3 {
            write(&door, person("Ada", "Lovelace", "75002", n)).await;
            town.clock.advance(MINUTE);
        }
        assert_eq!(suggested(&door).await.len(), 3);

        let [en, fr] = door.in_both("/console/duplicates", session).await;
        assert!(en.contains("names +55 · same postcode +25"), "{en}");
        assert!(fr.contains("noms +55 · même code postal +25"), "{fr}");
        let decide = async |then: &str| {
            let first = suggested(&door).await[0].clone();
            let id = |n: usize| first["contacts"][n]["id"].as_str().unwrap().to_owned();
            let fields = [("one", id(0)), ("other", id(1)), ("then", then.to_owned())];
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            door.form("/console/duplicates", &fields, &[session]).await
        };
        assert_eq!(decide("refuse").await.status, 303);
        assert_eq!(suggested(&door).await.len(), 2);
        assert_eq!(decide("merge").await.status, 303);
        assert_eq!(door.api("/api/v1/merges").await.json()["items"][0]["why"], "hand");
        assert_eq!(door.form("/console/duplicates", &[("then", "merge")], &[session]).await.status, 422);
        town.store.close().await;
    })
    .await;
}
