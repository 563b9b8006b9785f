//! Contacts that become one, by what a program writes or somebody says, and are two again.

use serde_json::{Value, json};
use uuid::Uuid;
use whence::domain::people::claims::Claims;
use whence::domain::people::contact::Identity;
use whence::flows::{call_arrives, contacts_marked, visitor_identified};

use super::contacts::{at, declaring_town, send, write};
use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in};
use crate::support::town::{MINUTE, Town, phone};

fn id(contact: &Value) -> &str {
    contact["id"].as_str().unwrap()
}

/// A caller whom the CRM knows as somebody else, the caller first.
async fn caller_and_customer(town: &Town, door: &Door) -> (Value, Value) {
    call_arrives(&town.store, &town.clock, &town.call(1000, Some(5001))).await.unwrap();
    town.clock.advance(MINUTE);
    let caller = door.api("/api/v1/contacts").await.json()["items"][0].clone();
    let customer = write(
        door,
        json!({
            "given_name": "Ada", "family_name": "Lovelace", "fields": {"loyalty": "gold"},
            "identities": [{"kind": "customer", "value": "crm:4711"}],
        }),
    )
    .await;
    town.clock.advance(MINUTE);
    (caller, customer)
}

fn values(contact: &Value) -> Vec<&str> {
    contact["identities"].as_array().unwrap().iter().map(|it| it["value"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_names_identities_of_two_makes_them_one_and_says_so() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let (caller, customer) = caller_and_customer(&town, &door).await;

        let both = write(
            &door,
            json!({"identities": [
                {"kind": "phone", "value": phone(5001).reveal()}, {"kind": "customer", "value": "crm:4711"},
            ]}),
        )
        .await;

        assert_eq!((&both["id"], &both["created"]), (&caller["id"], &json!(false)), "the older stays");
        assert_eq!(
            (&both["family_name"], &both["fields"]),
            (&json!("Lovelace"), &json!({"loyalty": "gold"}))
        );
        assert_eq!(both["merges"].as_array().unwrap().len(), 1);
        let merge = door.api("/api/v1/merges").await.json()["items"][0].clone();
        assert_eq!(merge["id"], both["merges"][0]);
        assert_eq!((&merge["into"], &merge["gone"]), (&caller["id"], &customer["id"]));
        assert_eq!(
            (&merge["why"], &merge["identity"]),
            (&json!("identity"), &json!({"kind": "customer", "value": "crm:4711"}))
        );
        assert!(merge["by"].as_str().unwrap().starts_with("key:"));
        assert_eq!(merge["moved"]["identities"], json!([{"kind": "customer", "value": "crm:4711"}]));
        assert_eq!(door.api(&at(&caller)).await.json()["merges"], json!([merge]));

        // Who asks for the one that went is sent on; who lists finds one.
        let moved = door.api(&at(&customer)).await;
        assert_eq!(moved.header("location"), at(&caller));
        assert_eq!(moved.problem(301)["merged_into"], caller["id"]);
        assert_eq!(door.api("/api/v1/contacts").await.json()["items"].as_array().unwrap().len(), 1);
        assert_eq!(door.api("/api/v1/contacts?name=ada").await.json()["items"][0]["id"], caller["id"]);
        for (contact, merges) in [(&caller, 1), (&customer, 1), (&json!({"id": Uuid::nil().to_string()}), 0)]
        {
            let told = door.api(&format!("/api/v1/merges?contact={}", id(contact))).await.json();
            assert_eq!(told["items"].as_array().unwrap().len(), merges);
        }
        let problem = send(&door, "PATCH", &at(&customer), json!({"name": "Ada"})).await.problem(409);
        assert!(problem["detail"].as_str().unwrap().contains(id(&caller)), "{problem}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_merged_by_hand_is_undone_to_what_it_was() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let (caller, customer) = caller_and_customer(&town, &door).await;
        contacts_marked(&town.store, &town.clock).await.unwrap();
        let before = [door.api(&at(&caller)).await.json(), door.api(&at(&customer)).await.json()];

        // Named the other way round: the older stays all the same.
        let merge =
            send(&door, "POST", &format!("{}/merge", at(&customer)), json!({"contact": id(&caller)})).await;
        assert_eq!(merge.status, 200, "{}", merge.body);
        let merge = merge.json();
        assert_eq!(
            (&merge["into"], &merge["why"], &merge["identity"]),
            (&caller["id"], &json!("hand"), &json!(null))
        );
        let undo = format!("/api/v1/merges/{}/undo", id(&merge));
        let undone = send(&door, "POST", &undo, json!({})).await;

        assert_eq!(undone.status, 200, "{}", undone.body);
        assert_eq!(undone.json()["undone_at"], "2026-11-22T12:02:00.000Z");
        let mut after = [door.api(&at(&caller)).await.json(), door.api(&at(&customer)).await.json()];
        for it in &mut after {
            assert_eq!(it["merges"].as_array().unwrap().len(), 1, "that it was stays known");
            it["merges"] = json!([]);
        }
        assert_eq!(after, before);
        assert_eq!(door.api("/api/v1/contacts?name=ada").await.json()["items"][0]["id"], customer["id"]);
        send(&door, "POST", &undo, json!({})).await.problem(409);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_after_a_merge_stays_with_whom_it_is_of() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let first = write(
            &door,
            json!({"name": "Ada", "identities": [{"kind": "email", "value": "ada@example.org"}]}),
        )
        .await;
        town.clock.advance(MINUTE);
        town.somebody_comes().await;
        let early = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &early).await.unwrap();
        let caller = door.api("/api/v1/contacts").await.json()["items"][0].clone();
        town.clock.advance(MINUTE);
        let merge = send(&door, "POST", &format!("{}/merge", at(&first)), json!({"contact": id(&caller)}))
            .await
            .json();
        assert_eq!(merge["moved"]["calls"], 1);
        assert_eq!(merge["moved"]["engagements"], 2, "the call and the visit");

        // Their number rings again, somebody writes of them, and an identity is added.
        town.clock.advance(MINUTE);
        let late = town.call(2003, Some(5001));
        call_arrives(&town.store, &town.clock, &late).await.unwrap();
        send(&door, "PATCH", &at(&first), json!({"language": "fr", "name": "Ada L."})).await;
        let identities = format!("{}/identities", at(&first));
        send(&door, "POST", &identities, json!({"kind": "customer", "value": "crm:1"})).await;
        let one = door.api(&at(&first)).await.json();
        assert_eq!(one["timeline"].as_array().unwrap().len(), 3, "{one}");
        send(&door, "POST", &format!("/api/v1/merges/{}/undo", id(&merge)), json!({})).await;

        let (stayed, gone) = (door.api(&at(&first)).await.json(), door.api(&at(&caller)).await.json());
        let calls: Vec<_> =
            gone["timeline"].as_array().unwrap().iter().filter_map(|it| it["call"]["id"].as_str()).collect();
        assert_eq!(calls, [late.call.to_string(), early.call.to_string()], "a call goes with its number");
        assert_eq!(gone["timeline"].as_array().unwrap().len(), 3);
        assert_eq!(stayed["timeline"], json!([]));
        assert_eq!((&stayed["language"], &stayed["name"]), (&json!("fr"), &json!("Ada L.")));
        assert_eq!(values(&stayed), ["ada@example.org", "crm:1"]);
        let calls = door.api(&format!("/api/v1/calls?contact={}", id(&caller))).await.json();
        assert_eq!(calls["items"].as_array().unwrap().len(), 2);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn merges_that_stand_on_each_other_are_undone_the_latest_first() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let mut all = Vec::new();
        for n in 1..=3 {
            all.push(
                write(&door, json!({"identities": [{"kind": "customer", "value": format!("crm:{n}")}]}))
                    .await,
            );
            town.clock.advance(MINUTE);
        }
        let [a, b, c] = all.try_into().unwrap();
        let merge = async |one: &Value, other: &Value| {
            send(&door, "POST", &format!("{}/merge", at(one)), json!({"contact": id(other)})).await
        };
        let undo = async |merge: &Value| {
            send(&door, "POST", &format!("/api/v1/merges/{}/undo", id(merge)), json!({})).await
        };

        let first = merge(&b, &c).await.json();
        let second = merge(&a, &b).await.json();
        assert_eq!(door.api(&at(&c)).await.header("location"), at(&a), "whoever was part of it comes along");
        assert_eq!(values(&door.api(&at(&a)).await.json()), ["crm:1", "crm:2", "crm:3"]);
        let problem = undo(&first).await.problem(409);
        assert!(problem["detail"].as_str().unwrap().contains(id(&second)), "{problem}");
        assert_eq!(undo(&second).await.status, 200);
        assert_eq!(door.api(&at(&c)).await.header("location"), at(&b));
        assert_eq!(values(&door.api(&at(&b)).await.json()), ["crm:2", "crm:3"]);
        assert_eq!(undo(&first).await.status, 200);
        for (contact, value) in [(&a, "crm:1"), (&b, "crm:2"), (&c, "crm:3")] {
            assert_eq!(values(&door.api(&at(contact)).await.json()), [value]);
        }

        merge(&a, &a).await.problem(422);
        merge(&a, &json!({"id": Uuid::nil().to_string()})).await.problem(404);
        merge(&a, &b).await;
        merge(&b, &c).await.problem(409);
        let nothing = json!({"id": Uuid::nil().to_string()});
        undo(&nothing).await.problem(404);
        send(&door, "POST", "/api/v1/merges/first/undo", json!({})).await.problem(400);
        send(&door, "POST", &format!("{}/merge", at(&a)), json!({})).await.problem(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_contact_shows_its_merges_and_undoes_one() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let session = sign_in(&town.store).await;
        let (caller, customer) = caller_and_customer(&town, &door).await;
        send(
            &door,
            "PATCH",
            &at(&customer),
            json!({"language": "fr", "addresses": [{"line": "12 rue <de> la Paix", "postcode": "75002", "city": "Paris"}]}),
        )
        .await;
        send(&door, "POST", &format!("{}/merge", at(&customer)), json!({"contact": id(&caller)})).await;

        let page = format!("/console/contacts/{}", id(&caller));
        let [en, fr] = door.in_both(&page, session).await;
        for text in ["Ada Lovelace", "75002 Paris", "12 rue &#60;de&#62; la Paix", "Loyalty card", "gold", "crm:4711"] {
            assert!(en.contains(text) && fr.contains(text), "{text}: {en}");
        }
        assert!(en.contains("Two contacts became one") && fr.contains("Deux contacts n’en font qu’un"), "{fr}");
        let gone = door.get(&format!("/console/contacts/{}", id(&customer)), &[session]).await;
        assert_eq!((gone.status.as_u16(), gone.header("location")), (303, page.as_str()));
        let merge = door.api("/api/v1/merges").await.json()["items"][0].clone();
        let undo = format!("/console/merges/{}/undo", id(&merge));
        let undone = door.form(&undo, &[], &[session]).await;
        assert_eq!((undone.status.as_u16(), undone.header("location")), (303, page.as_str()));
        assert!(door.api("/api/v1/merges").await.json()["items"][0]["undone_by"].as_str().unwrap().starts_with("user:"));
        assert_eq!(door.form(&undo, &[], &[session]).await.status, 409);
        let [en, _] = door.in_both(&page, session).await;
        assert!(en.contains("Undone") && !en.contains(&undo), "{en}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_became_part_of_one_the_latter_leaves_first() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let mut all = Vec::new();
        for n in 1..=3 {
            let crm = json!({"kind": "customer", "value": format!("crm:{n}")});
            all.push(write(&door, json!({"language": "fr", "identities": [crm]})).await);
            town.clock.advance(MINUTE);
        }
        let undo = async |merge: &Value| {
            send(&door, "POST", &format!("/api/v1/merges/{}/undo", id(merge)), json!({})).await
        };
        let mut merges = Vec::new();
        for other in &all[1..] {
            let address = format!("{}/merge", at(&all[0]));
            merges.push(send(&door, "POST", &address, json!({"contact": id(other)})).await.json());
            town.clock.advance(MINUTE);
        }

        let problem = undo(&merges[0]).await.problem(409);
        assert!(problem["detail"].as_str().unwrap().contains(id(&merges[1])), "{problem}");
        assert_eq!(undo(&merges[1]).await.status, 200);
        assert_eq!(undo(&merges[0]).await.status, 200);
        for contact in &all {
            assert_eq!(door.api(&at(contact)).await.json()["language"], "fr");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visitor_has_typed_joins_no_two_and_is_theirs_whom_a_program_names() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let shown = town.somebody_comes().await;
        let visit = town.store.find_visit(shown.visit.unwrap()).await.unwrap().unwrap();
        let email: Identity = Identity::Email("ada@example.org".parse().unwrap());
        let typed = Claims { email: Some("ada@example.org".parse().unwrap()), ..Claims::default() };
        visitor_identified(&town.store, &town.clock, &visit, typed).await.unwrap();
        let stranger = town.store.find_owner(&email).await.unwrap().unwrap();
        town.clock.advance(MINUTE);
        let crm = json!({"kind": "customer", "value": "crm:4711"});
        let customer = write(&door, json!({"identities": [crm]})).await;
        let address = json!({"kind": "email", "value": "ada@example.org"});

        let both = write(&door, json!({"identities": [crm, address]})).await;

        assert_eq!((&both["id"], &both["merges"]), (&customer["id"], &json!([])));
        assert_eq!(town.store.find_owner(&email).await.unwrap().unwrap().to_string(), id(&customer));
        assert!(town.store.find_contact(stranger).await.unwrap().unwrap().merged_into.is_none());

        // Now that it is more than typed it brings two together.
        town.clock.advance(MINUTE);
        let order = write(&door, json!({"identities": [{"kind": "customer", "value": "crm:4712"}]})).await;
        let one =
            write(&door, json!({"identities": [{"kind": "customer", "value": "crm:4712"}, address]})).await;
        assert_eq!((&one["id"], one["merges"].as_array().unwrap().len()), (&customer["id"], 1), "{order}");
        town.store.close().await;
    })
    .await;
}
