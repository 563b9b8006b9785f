//! The register of requests at the console: written down on a contact's page, settled on its own.

use serde_json::json;

use crate::api::consents::town_with_a_contact;
use crate::api::erasures::send;
use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, sign_in};
use crate::support::town::{MINUTE, Town};

#[tokio::test(flavor = "multi_thread")]
async fn an_employee_writes_a_request_down_and_settles_it() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let ada = sign_in(&town.store).await;
        let [empty, _] = door.in_both("/console/requests", ada).await;
        assert!(empty.contains("Nobody has asked for anything"), "{empty}");
        let contact = address.replace("/api/v1/", "/console/").replace("/consents", "");

        let form = [("kind", "erasure"), ("came_by", "phone")];
        assert_eq!(door.form(&format!("{contact}/requests"), &form, &[ada]).await.status, 303);
        assert_eq!(door.form(&format!("{contact}/requests"), &form[..1], &[ada]).await.status, 422);

        let [english, french] = door.in_both(&contact, ada).await;
        assert!(english.contains("To be erased") && english.contains("to be answered by"), "{english}");
        assert!(french.contains("Effacement") && french.contains("réponse due le"), "{french}");
        let [english, french] = door.in_both("/console/requests", ada).await;
        assert!(english.contains("by telephone") && english.contains("value=\"extend\""), "{english}");
        assert!(french.contains("par téléphone"), "{french}");
        town.clock.advance(MINUTE * 60 * 24 * 32);
        let [late, _] = door.in_both("/console/requests", ada).await;
        assert!(late.contains("overdue since") && !late.contains("value=\"extend\""), "{late}");

        let open = door.api("/api/v1/requests").await.json()["items"][0].clone();
        let settle = format!("/console/requests/{}", open["id"].as_str().unwrap());
        assert_eq!(
            door.form(&settle, &[("then", "refused")], &[ada]).await.status,
            422,
            "a reason is needed"
        );
        let refuse = [("then", "refused"), ("why", "<b>theirs</b> it is not")];
        assert_eq!(door.form(&settle, &refuse, &[ada]).await.status, 303);
        let [settled, _] = door.in_both("/console/requests", ada).await;
        assert!(settled.contains("refused") && settled.contains("&#60;b&#62;theirs"), "{settled}");
        assert_eq!(door.form(&settle, &[("then", "done")], &[ada]).await.status, 409);

        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_row_names_whose_it_is() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let session = sign_in(&town.store).await;
        let mut rows = Vec::new();
        for (n, name) in ["Ada", "Bob", "Carol", ""].into_iter().enumerate() {
            let phone = json!([{"kind": "phone", "value": format!("+3363998001{n}")}]);
            let written = if name.is_empty() {
                json!({ "identities": phone })
            } else {
                json!({ "given_name": name, "identities": phone })
            };
            let contact = send(&door, "POST", "/api/v1/contacts", written).await.json()["id"].clone();
            let asked = json!({"contact": contact, "kind": "access", "came_by": "letter"});
            let made = send(&door, "POST", "/api/v1/requests", asked).await;
            assert_eq!(made.status, 201, "{}", made.body);
            let name = if name.is_empty() { "06 39 98 00 13" } else { name };
            let shown = format!("<a href=\"/console/contacts/{}\">{name}</a>", contact.as_str().unwrap());
            rows.push((format!("/console/requests/{}", made.json()["id"].as_str().unwrap()), shown));
        }

        let [open, _] = door.in_both("/console/requests", session).await;
        assert!(rows.iter().all(|(_, shown)| open.contains(shown)), "{open}");
        for (settle, _) in &rows[..2] {
            assert_eq!(door.form(settle, &[("then", "done")], &[session]).await.status, 303);
        }
        let [some_settled, _] = door.in_both("/console/requests", session).await;
        assert!(rows.iter().all(|(_, shown)| some_settled.contains(shown)), "{some_settled}");
        town.store.close().await;
    })
    .await;
}
