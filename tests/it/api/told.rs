//! What a page tells besides which page it is: events, and who the visitor is.

use axum::body::Body;
use serde_json::{Value, json};
use uuid::Uuid;
use whence::domain::people::claims::CLAIMS_MAX;
use whence::domain::people::contact::{Ground, Identity};
use whence::domain::tracking::event::EVENTS_MAX;
use whence::flows::call_arrives;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, ORIGIN, hand_out_keys, request};
use crate::support::town::{MINUTE, Town, phone};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_stands_once_on_the_way_to_the_call() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let visit = town.somebody_comes().await.visit.unwrap();
        let events = format!("/api/v1/visits/{visit}/events");
        let id = Uuid::from_u128(7);
        let sent = json!({"name": "form_submit", "properties": {"form": "contact", "fields": 3}, "id": id});

        let first = door.report(&events, sent.to_string()).await;
        let again = door.report(&events, sent.to_string()).await;
        let plain = [("origin", ORIGIN), ("content-type", "text/plain;charset=UTF-8")];
        town.clock.advance(MINUTE);
        let beacon = door.ask(request("POST", &events, &plain, Body::from(r#"{"name":"video_50"}"#))).await;

        assert_eq!((first.status.as_u16(), &first.json()["id"]), (201, &id.to_string().into()));
        assert_eq!((again.status.as_u16(), &again.json()["id"]), (200, &id.to_string().into()));
        assert_eq!(beacon.status, 201, "{}", beacon.body);
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        town.clock.advance(MINUTE);
        door.report(&events, r#"{"name":"thanks"}"#).await;
        let journey = door.api(&format!("/api/v1/calls/{}", call.call)).await.json()["journey"].clone();
        let told = journey[0]["events"].as_array().unwrap();
        let names: Vec<_> = told.iter().map(|event| event["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["form_submit", "video_50"], "what came after the call did not lead to it");
        assert_eq!(told[0]["properties"], json!({"form": "contact", "fields": 3}));
        let whole = door.api(&format!("/api/v1/visits/{visit}")).await.json();
        assert_eq!(whole["events"].as_array().unwrap().len(), 3);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_none_is_refused_with_its_field() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);
        let visit = town.somebody_comes().await.visit.unwrap();
        let events = format!("/api/v1/visits/{visit}/events");
        let refused = async |body: Value| door.report(&events, body.to_string()).await.problem(422);

        for (body, field) in [
            (json!({"name": "Form sent"}), "name"),
            (json!({"name": "a", "properties": {"a": [1]}}), "properties"),
            (json!({"name": "a", "properties": {"a": "x".repeat(4096)}}), "properties"),
            (json!({"name": "a", "properties": "x"}), "properties"),
            (json!({"name": "a", "id": "x"}), "id"),
        ] {
            assert_eq!(refused(body.clone()).await["errors"][0]["field"], field, "{body}");
        }
        assert_eq!(
            refused(json!({"name": "", "properties": {"a": {}}})).await["errors"].as_array().unwrap().len(),
            2
        );
        let nobodys = format!("/api/v1/visits/{}/events", Uuid::nil());
        door.report(&nobodys, r#"{"name":"a"}"#).await.problem(404);
        let foreign = [("origin", "https://evil.example"), ("content-type", "text/plain")];
        door.ask(request("POST", &events, &foreign, Body::from(r#"{"name":"a"}"#))).await.problem(403);
        assert!(town.store.list_events(visit).await.unwrap().is_empty());

        for _ in 0..EVENTS_MAX {
            assert_eq!(door.report(&events, r#"{"name":"loop"}"#).await.status, 201);
        }
        let full = door.report(&events, r#"{"name":"loop"}"#).await.problem(409);
        assert!(full["detail"].as_str().unwrap().contains("200 events"), "{full}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_the_visitor_says_they_are_becomes_one_contact() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let shown = town.somebody_comes().await;
        let identify = format!("/api/v1/visits/{}/identify", shown.visit.unwrap());
        let said = json!({"email": " Ada@Example.org", "phone": "01 99 00 50 01", "customer": "4711",
            "first_name": "Ada", "last_name": "Lovelace"});

        let answer = door.report(&identify, said.to_string()).await;
        let again = door.report(&identify, said.to_string()).await;

        assert_eq!((answer.status.as_u16(), again.status.as_u16()), (200, 200));
        let understood = json!({"email": "ada@example.org", "phone": phone(5001).reveal(),
            "customer": "bakery:4711", "name": "Ada Lovelace"});
        assert_eq!((answer.json(), again.json()), (understood.clone(), understood));
        let contacts = door.api("/api/v1/contacts").await.json();
        assert_eq!(contacts["items"].as_array().unwrap().len(), 1);
        assert_eq!(contacts["items"][0]["name"], "Ada Lovelace");
        let address = format!("/api/v1/contacts/{}", contacts["items"][0]["id"].as_str().unwrap());
        let contact = door.api(&address).await.json();
        let told: Vec<_> = contact["identities"].as_array().unwrap().iter().collect();
        let kinds: Vec<_> = told.iter().map(|it| it["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["customer", "email", "phone", "visitor"]);
        assert!(told.iter().all(|it| it["said"] == true && it["seen"] == false), "{told:?}");
        assert_eq!(contact["timeline"][0]["kind"], "visit");

        // A call from that number is theirs, and shows it.
        call_arrives(&town.store, &town.clock, &town.call(1000, Some(5001))).await.unwrap();
        let id = contacts["items"][0]["id"].as_str().unwrap().parse().unwrap();
        let known = town.store.list_identities(id).await.unwrap();
        let number = known.iter().find(|it| it.identity == Identity::Phone(phone(5001))).unwrap();
        assert_eq!(number.ground, Ground { seen: true, said: true, written: false });
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_that_is_none_is_refused_with_its_field_and_nothing_is_kept() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let visit = town.somebody_comes().await.visit.unwrap();
        let identify = format!("/api/v1/visits/{visit}/identify");
        let refused = async |body: Value| door.report(&identify, body.to_string()).await.problem(422);

        let long = "x".repeat(101);
        for (body, field) in [
            (json!({"email": "ada"}), "email"),
            (json!({"phone": "12"}), "phone"),
            (json!({"customer": "a\u{0}"}), "customer"),
            (json!({"first_name": long}), "first_name"),
            (json!({"last_name": "a\u{7}"}), "last_name"),
            (json!({}), "body"),
            (json!({"email": " ", "phone": ""}), "body"),
            (json!({"email": 1}), "email"),
        ] {
            assert_eq!(refused(body.clone()).await["errors"][0]["field"], field, "{body}");
        }
        let both = refused(json!({"email": "ada", "phone": "12", "customer": "1"})).await;
        assert_eq!(both["errors"].as_array().unwrap().len(), 2);
        door.report(&format!("/api/v1/visits/{}/identify", Uuid::nil()), r#"{"customer":"1"}"#)
            .await
            .problem(404);
        let foreign = [("origin", "https://evil.example"), ("content-type", "text/plain")];
        door.ask(request("POST", &identify, &foreign, Body::from(r#"{"customer":"1"}"#))).await.problem(403);
        assert!(door.api("/api/v1/contacts").await.json()["items"].as_array().unwrap().is_empty());

        for number in 0..CLAIMS_MAX {
            assert_eq!(
                door.report(&identify, json!({"customer": number.to_string()}).to_string()).await.status,
                200
            );
        }
        door.report(&identify, json!({"customer": "one more"}).to_string()).await.problem(409);
        assert_eq!(door.report(&identify, json!({"customer": "0"}).to_string()).await.status, 200);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_people_meet_nothing_is_joined_and_the_answer_tells_nothing() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let (ada, bob) = (town.somebody_comes().await, town.somebody_comes().await);
        let tell = async |visit: whence::domain::ids::VisitId, body: Value| {
            door.report(&format!("/api/v1/visits/{visit}/identify"), body.to_string()).await
        };
        tell(ada.visit.unwrap(), json!({"email": "ada@example.org"})).await;
        tell(bob.visit.unwrap(), json!({"phone": "01 99 00 50 02"})).await;

        // Bob types Ada's address, and a new number of his own.
        let answer = tell(bob.visit.unwrap(), json!({"email": "ada@example.org", "customer": "9"})).await;

        assert_eq!(answer.status, 200);
        let understood =
            json!({"email": "ada@example.org", "phone": null, "customer": "bakery:9", "name": null});
        assert_eq!(answer.json(), understood);
        let owner = async |identity| town.store.find_owner(&identity).await.unwrap();
        let adas = owner(Identity::Email("ada@example.org".parse().unwrap())).await;
        let bobs = owner(Identity::Phone(phone(5002))).await;
        assert!(adas.is_some() && bobs.is_some() && adas != bobs);
        assert_eq!(owner(Identity::Visitor(ada.visitor.unwrap())).await, adas);
        assert_eq!(owner(Identity::Visitor(bob.visitor.unwrap())).await, bobs);
        assert_eq!(owner(Identity::Customer("bakery:9".parse().unwrap())).await, None);
        town.store.close().await;
    })
    .await;
}
