//! A visitor who says who they are changes what an earlier call was thought to be.

use serde_json::{Value, json};
use whence::flows::call_arrives;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, sign_in};
use crate::support::town::{MINUTE, Town};

fn share_of(attribution: &Value, visit: &str) -> f64 {
    let shares = attribution["shares"].as_array().unwrap();
    shares.iter().find(|share| share["visit"] == visit).map_or(0.0, |it| it["probability"].as_f64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_says_who_they_are_and_an_ambiguous_call_becomes_theirs() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        // Ada sees the number and leaves; Bob is lent the same one later, and leaves as well.
        let ada = town.somebody_comes().await.visit.unwrap().to_string();
        town.clock.advance(31 * MINUTE);
        let bob = town.somebody_comes().await.visit.unwrap().to_string();
        town.clock.advance(10 * MINUTE);
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let address = format!("/api/v1/calls/{}", call.call);
        let before = door.api(&address).await.json()["attribution"].clone();
        assert!(share_of(&before, &bob) > share_of(&before, &ada), "{before}");
        let page = format!("/console/calls/{}", call.call);
        assert!(!door.get(&page, &[session]).await.page(200).contains("Reckoned anew"));

        town.clock.advance(30 * MINUTE);
        let said = json!({"phone": "01 99 00 50 01", "first_name": "Ada"}).to_string();
        door.report(&format!("/api/v1/visits/{ada}/events"), r#"{"name":"form_submit"}"#).await;
        assert_eq!(door.report(&format!("/api/v1/visits/{ada}/identify"), said).await.status, 200);

        let after = door.api(&address).await.json()["attribution"].clone();
        assert_eq!(after["version"], 2);
        assert!(share_of(&after, &ada) > 0.9, "{} of {after}", share_of(&before, &ada));
        assert_eq!(after["shares"][0]["evidence"]["visitor"], "caller");
        let because = after["shares"][0]["because"].as_str().unwrap();
        assert!(because.contains("The visitor is known as the caller."), "{because}");
        let versions = door.api(&format!("{address}/attributions")).await.json()["items"].clone();
        assert_eq!(
            (&versions[0]["reason"], &versions[1]["reason"]),
            (&"identified".into(), &"arrived".into())
        );
        assert_eq!(versions[1]["shares"], before["shares"], "the first version stays as it was");
        for (lang, words) in [
            (
                "en",
                [
                    "Reckoned anew when it became known who a visitor is",
                    "The visitor is known as the caller.",
                ],
            ),
            (
                "fr",
                [
                    "Recalculé quand un visiteur a été identifié",
                    "Ce visiteur est connu comme étant l’appelant.",
                ],
            ),
        ] {
            let shown = door.get(&page, &[session, ("accept-language", lang)]).await;
            assert!(words.iter().all(|words| shown.page(200).contains(words)), "{}", shown.body);
        }
        town.store.close().await;
    })
    .await;
}
