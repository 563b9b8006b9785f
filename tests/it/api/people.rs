//! Contacts: identities, and a timeline with the whole calls and visits in it.

use uuid::Uuid;
use whence::flows::call_arrives;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::{MINUTE, Town, phone};

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_told_with_identities_and_what_they_did_newest_first() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        town.somebody_comes().await;
        town.clock.advance(MINUTE);
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();

        let listed = door.api("/api/v1/contacts").await.json()["items"][0].clone();
        let address = format!("/api/v1/contacts/{}", listed["id"].as_str().unwrap());
        let contact = door.api(&address).await.json();

        assert_eq!(contact["id"], listed["id"]);
        let kinds: Vec<_> =
            contact["identities"].as_array().unwrap().iter().map(|known| &known["kind"]).collect();
        assert_eq!(kinds, ["phone", "visitor"]);
        assert_eq!(contact["identities"][0]["value"], phone(5001).reveal());
        let timeline = contact["timeline"].as_array().unwrap();
        assert_eq!((&timeline[0]["kind"], &timeline[1]["kind"]), (&"call".into(), &"visit".into()));
        assert_eq!(timeline[0]["call"]["id"], call.call.to_string());
        assert_eq!(timeline[0]["call"]["origin"]["channel"], "Paid Search");
        assert_eq!(timeline[0]["call"]["recordings"], serde_json::json!([]));
        assert_eq!(timeline[1]["visit"]["channel"], "Paid Search");

        let first = door.api(&format!("{address}?limit=1")).await.json();
        assert_eq!(first["timeline"].as_array().unwrap().len(), 1);
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = door.api(&format!("{address}?limit=1&cursor={cursor}")).await.json();
        assert_eq!(second["timeline"][0]["kind"], "visit");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_is_not_there_or_a_wrong_window_is_refused() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        door.api("/api/v1/contacts/me").await.problem(400);
        door.api(&format!("/api/v1/contacts/{}", Uuid::nil())).await.problem(404);
        door.api(&format!("/api/v1/contacts/{}?limit=0", Uuid::nil())).await.problem(422);
        door.api("/api/v1/contacts?nickname=ada").await.problem(422);
        town.store.close().await;
    })
    .await;
}
