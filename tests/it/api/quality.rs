//! What is suspicious is taken, and marked with what is wrong.

use serde_json::{Value, json};
use whence::flows::{call_arrives, contacts_marked};

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, hand_out_keys, request};
use crate::support::town::{MINUTE, Town};

async fn send(door: &Door, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
    door.ask(request(method, path, &headers, body.to_string().into())).await
}

fn codes(contact: &Value) -> Vec<&str> {
    contact["marks"].as_array().unwrap().iter().map(|mark| mark["code"].as_str().unwrap()).collect()
}

fn suspicious() -> Value {
    json!({
        "given_name": "DUPONT", "family_name": "Jean",
        "addresses": [{"line": "1 rue du Four", "postcode": "6900", "city": "Lyon"}],
        "identities": [{"kind": "email", "value": "ada@hotmial.fr"}, {"kind": "phone", "value": "09 37 12 34 56"}]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_suspicious_is_taken_and_marked_until_it_is_put_right() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        let written = send(&door, "POST", "/api/v1/contacts", &suspicious()).await;
        assert_eq!(written.status, 201, "{}", written.body);
        let contact = written.json();

        assert_eq!(codes(&contact), ["address_postcode", "email_typo", "names_swapped", "phone_platform"]);
        let typo = &contact["marks"][1];
        assert_eq!(
            (&typo["kind"], &typo["value"], &typo["suggestion"]),
            (&json!("email"), &json!("ada@hotmial.fr"), &json!("hotmail.fr"))
        );
        assert!(typo["source"].as_str().unwrap().starts_with("key:"), "{typo}");
        let since = typo["since"].clone();

        town.clock.advance(MINUTE);
        let address = format!("/api/v1/contacts/{}", contact["id"].as_str().unwrap());
        let better = json!({
            "given_name": "Jean", "family_name": "DUPONT",
            "addresses": [{"line": "1 rue du Four", "postcode": "69001", "city": "Lyon"}]
        });
        let changed = send(&door, "PATCH", &address, &better).await.json();
        assert_eq!(codes(&changed), ["email_typo", "phone_platform"]);
        assert_eq!(changed["marks"][0]["since"], since, "what was known is known since then");
        let off = "/identities?kind=email&value=ada%40hotmial.fr";
        let left = send(&door, "DELETE", &format!("{address}{off}"), &Value::Null).await.json();
        assert_eq!(codes(&left), ["phone_platform"]);
        assert_eq!(codes(&door.api(&address).await.json()), ["phone_platform"]);

        let found = door.api("/api/v1/contacts?mark=phone_platform").await.json();
        assert_eq!(found["items"][0]["id"], contact["id"]);
        assert_eq!(door.api("/api/v1/contacts?mark=email_typo").await.json()["items"], json!([]));
        door.api("/api/v1/contacts?mark=ugly").await.problem(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_tried_without_being_kept() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let mut body = suspicious();
        body["language"] = json!("french");
        body["identities"].as_array_mut().unwrap().push(json!({"kind": "phone", "value": "12"}));

        let checked = send(&door, "POST", "/api/v1/quality/check", &body).await;

        assert_eq!(checked.status, 200, "{}", checked.body);
        let checked = checked.json();
        assert_eq!(codes(&checked), ["names_swapped", "address_postcode", "email_typo", "phone_platform"]);
        let wrong: Vec<_> = checked["errors"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
        assert_eq!(wrong, ["language", "identities[2].value"]);
        assert_eq!(checked["labels"], json!([["DUPONT JEAN", "1 RUE DU FOUR", "6900 LYON"]]));
        let phone = json!({
            "value": "+33937123456", "national": "09 37 12 34 56", "international": "+33 9 37 12 34 56",
            "country": "FR", "line": "voip"
        });
        assert_eq!(checked["phones"], json!([phone]));
        assert_eq!(door.api("/api/v1/contacts").await.json()["items"], json!([]));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_counts_by_who_wrote_it_and_tells_who_can_be_reached() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        send(&door, "POST", "/api/v1/contacts", &suspicious()).await;
        let well = json!({"identities": [{"kind": "email", "value": "ada@example.org"},
                                         {"kind": "phone", "value": "06 12 34 56 78"}]});
        send(&door, "POST", "/api/v1/contacts", &well).await;
        call_arrives(&town.store, &town.clock, &town.call(1000, Some(5001))).await.unwrap();
        assert_eq!(door.api("/api/v1/reports/quality").await.json()["waiting"], 1);

        // A caller is marked a minute later.
        assert_eq!(contacts_marked(&town.store, &town.clock).await.unwrap(), 1);
        assert_eq!(contacts_marked(&town.store, &town.clock).await.unwrap(), 0);

        let report = door.api("/api/v1/reports/quality").await.json();
        assert_eq!(
            (&report["contacts"], &report["marked"], &report["waiting"]),
            (&json!(3), &json!(2), &json!(0))
        );
        assert_eq!((&report["phone"]["any"], &report["phone"]["valid"]), (&json!(3), &json!(1)));
        assert_eq!((&report["email"]["any"], &report["email"]["valid"]), (&json!(2), &json!(1)));
        assert_eq!((&report["address"]["any"], &report["address"]["valid"]), (&json!(1), &json!(0)));
        let lines = report["lines"].as_array().unwrap();
        assert!(lines.contains(&json!({"source": "call", "code": "phone_fiction", "marks": 1})), "{report}");
        assert_eq!(
            lines.iter().filter(|line| line["source"].as_str().unwrap().starts_with("key:")).count(),
            4
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_follow_a_merge_and_its_undoing() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let of = |value: &str| json!({"identities": [{"kind": "email", "value": value}]});
        let one = send(&door, "POST", "/api/v1/contacts", &of("ada@hotmial.fr")).await.json();
        town.clock.advance(MINUTE);
        let other = send(&door, "POST", "/api/v1/contacts", &of("info@example.org")).await.json();
        town.clock.advance(MINUTE);
        let address = |contact: &Value| format!("/api/v1/contacts/{}", contact["id"].as_str().unwrap());

        let merge =
            send(&door, "POST", &format!("{}/merge", address(&one)), &json!({"contact": other["id"]})).await;
        assert_eq!(merge.status, 200, "{}", merge.body);
        let both = door.api(&address(&one)).await.json();
        assert_eq!(codes(&both), ["email_typo", "email_role"]);
        assert_eq!(both["marks"][1]["since"], other["marks"][0]["since"], "it is known since then");

        let undo = format!("/api/v1/merges/{}/undo", merge.json()["id"].as_str().unwrap());
        assert_eq!(send(&door, "POST", &undo, &Value::Null).await.status, 200);
        assert_eq!(codes(&door.api(&address(&one)).await.json()), ["email_typo"]);
        assert_eq!(codes(&door.api(&address(&other)).await.json()), ["email_role"]);
        town.store.close().await;
    })
    .await;
}
