//! People look after their choices, by a link and without an account.

use std::time::Duration;

use axum::body::Body;
use serde_json::json;
use whence::flows::call_arrives;

use super::consents::{alone, post, said, standing, town_with_a_contact};
use crate::support::databases::on_each_database;
use crate::support::door::{Door, request};
use crate::support::town::{MINUTE, phone};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes a link for the contact whose consents are at `address`; where it leads, and where one click does.
async fn link(door: &Door, address: &str, purpose: Option<&str>) -> (String, Option<String>) {
    let made = post(door, &links(address), &json!({ "purpose": purpose })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    let path = |url: &str| url.trim_start_matches("http://127.0.0.1:8080").to_owned();
    (path(made["url"].as_str().unwrap()), made["unsubscribe_url"].as_str().map(path))
}

fn links(address: &str) -> String {
    address.replace("/consents", "/preference-links")
}

/// Sends the form as it was shown, with these ticked.
async fn choose(door: &Door, page: &str, yes: &[&str]) -> String {
    let shown = ["email", "sms", "phone", "post", "push"].map(|channel| format!("{channel}/offers/bakery"));
    let yes: Vec<String> = yes.iter().map(|channel| format!("{channel}/offers/bakery")).collect();
    let shown = shown.iter().map(|matter| ("shown", matter.as_str()));
    let fields: Vec<_> = shown.chain(yes.iter().map(|matter| ("yes", matter.as_str()))).collect();
    door.form(page, &[&fields[..], &[("shown_in", "fr")]].concat(), &[]).await.page(200).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_sees_what_stands_and_changes_it() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        assert_eq!(post(&door, &address, &said("granted")).await.status, 201);
        let (page, _) = link(&door, &address, None).await;
        town.clock.advance(MINUTE);

        let shown = door.get(&page, &[("accept-language", "fr")]).await;
        let text = shown.page(200);
        assert!(text.contains("Vos choix") && text.contains("Offres · Bakery SAS"), "{text}");
        assert!(text.contains("value=\"sms/offers/bakery\" checked"), "{text}");
        assert!(text.contains("value=\"email/offers/bakery\">"), "{text}");
        assert!(!text.contains(phone(5001).reveal()), "a link may go astray");
        assert!(text.contains(&phone(5001).to_string()));
        assert_eq!(shown.header("referrer-policy"), "no-referrer");
        for inline in ["<script", "<style", "style=\"", "onclick"] {
            assert!(!text.contains(inline), "{inline}");
        }

        assert!(choose(&door, &page, &["email"]).await.contains("role=\"status\""));
        let mut now = standing(&door, &address, "").await;
        now.sort();
        assert_eq!(now, [alone("email", "granted"), alone("sms", "withdrawn")].concat());
        let lines = door.api(&address).await.json();
        let granted =
            lines["items"].as_array().unwrap().iter().find(|line| line["channel"] == "email").unwrap();
        assert_eq!(
            (&granted["method"], &granted["recorded_by"]),
            (&json!("preference_centre"), &json!("link"))
        );
        assert_eq!(granted["text"], "Bakery SAS peut m’envoyer des e-mails\u{a0}: Offres.");
        assert_eq!(granted["gaps"], json!([]));
        let count = lines["items"].as_array().unwrap().len();
        town.clock.advance(MINUTE);
        choose(&door, &page, &["email"]).await;
        let again = door.api(&address).await.json();
        assert_eq!(again["items"].as_array().unwrap().len(), count, "what is said already is not said again");

        // What was not shown is not touched.
        town.clock.advance(MINUTE);
        door.form(&page, &[("shown", "sms/offers/bakery"), ("shown_in", "en")], &[]).await.page(200);
        assert!(standing(&door, &address, "").await.contains(&("email".to_owned(), "granted".to_owned())));

        town.clock.advance(MINUTE);
        door.form(&page, &[("all", "no"), ("shown_in", "en")], &[]).await.page(200);
        let all: Vec<_> = standing(&door, &address, "").await.into_iter().map(|(_, stands)| stands).collect();
        assert_eq!(all.len(), 5);
        assert!(all.iter().all(|stands| ["refused", "withdrawn"].contains(&stands.as_str())), "{all:?}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_a_contract_cannot_be_refused_and_an_interest_can() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let line = |channel: &str, basis: &str| {
            json!({"channel": channel, "purpose": "offers", "status": "granted", "basis": basis, "method": "rule", "source": "plan"})
        };
        for (channel, basis) in [("post", "contract"), ("sms", "legitimate_interest")] {
            assert_eq!(post(&door, &address, &line(channel, basis)).await.status, 201);
        }
        let (page, _) = link(&door, &address, None).await;
        town.clock.advance(MINUTE);
        assert!(!door.get(&page, &[]).await.page(200).contains("value=\"post/offers/bakery\""));

        choose(&door, &page, &[]).await;

        let mut now = standing(&door, &address, "").await;
        now.sort();
        assert_eq!(now, [alone("post", "granted"), alone("sms", "refused")].concat());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_takes_consent_back_however_old_the_mail_is() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let mut email = said("granted");
        email["channel"] = json!("email");
        post(&door, &address, &email).await;
        post(&door, &address, &said("granted")).await;
        let (page, unsubscribe) = link(&door, &address, Some("offers")).await;
        let unsubscribe = unsubscribe.expect("it is for a purpose");
        let key = ("authorization", "Bearer all");
        let revoked = door.ask(request("DELETE", &links(&address), &[key], Body::empty())).await;
        assert_eq!((revoked.status.as_u16(), revoked.json()), (200, json!({"revoked": 1})));
        door.get(&page, &[]).await.page(404);
        town.clock.advance(400 * DAY);

        assert!(door.get(&unsubscribe, &[]).await.page(200).contains("Offers"));
        assert!(standing(&door, &address, "").await.contains(&("email".to_owned(), "granted".to_owned())));
        // As a mail program posts it: with no origin at all.
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let click = request("POST", &unsubscribe, &[kind], Body::from("List-Unsubscribe=One-Click"));
        door.ask(click).await.page(200);

        let now: Vec<_> = standing(&door, &address, "").await;
        assert!(now.contains(&("email".to_owned(), "withdrawn".to_owned())), "{now:?}");
        assert!(now.contains(&("sms".to_owned(), "granted".to_owned())), "{now:?}");
        let line = door.api(&address).await.json()["items"][0].clone();
        assert_eq!((&line["method"], &line["status"]), (&json!("unsubscribe"), &json!("withdrawn")));
        let (_, none) = link(&door, &address, None).await;
        assert_eq!(none, None);
        let refused = post(&door, &links(&address), &json!({"purpose": "nothing"})).await.problem(422);
        assert_eq!(refused["errors"][0]["field"], "purpose");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_ends_no_mail_of_a_contract_and_says_so() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let contract = json!({"channel": "email", "purpose": "offers", "status": "granted", "basis": "contract", "method": "rule", "source": "order"});
        assert_eq!(post(&door, &address, &contract).await.status, 201);
        let unsubscribe = link(&door, &address, Some("offers")).await.1.expect("it is for a purpose");
        town.clock.advance(MINUTE);

        assert!(door.get(&unsubscribe, &[]).await.page(200).contains("part of a contract"));
        let done = door.form(&unsubscribe, &[], &[]).await.page(200).to_owned();

        assert!(done.contains("Some of these e-mails go on") && !done.contains("That is settled"), "{done}");
        assert_eq!(standing(&door, &address, "").await, alone("email", "granted"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_nobody_else_and_ends() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let (page, _) = link(&door, &address, None).await;
        town.clock.advance(89 * DAY);
        door.get(&page, &[]).await.page(200);
        town.clock.advance(DAY);
        door.get(&page, &[]).await.page(404);
        door.form(&page, &[("all", "no")], &[]).await.page(404);
        assert_eq!(standing(&door, &address, "").await, []);

        call_arrives(&town.store, &town.clock, &town.call(1000, Some(5002))).await.unwrap();
        let later = door.api("/api/v1/contacts").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let theirs = format!("/api/v1/contacts/{later}/consents");
        let (page, unsubscribe) = link(&door, &theirs, Some("offers")).await;
        door.get(&page, &[]).await.page(200);
        let merge = format!("{}/merge", address.trim_end_matches("/consents"));
        assert_eq!(post(&door, &merge, &json!({"contact": later})).await.status, 200);
        door.get(&page, &[]).await.page(404);
        door.form(&unsubscribe.unwrap(), &[("List-Unsubscribe", "One-Click")], &[]).await.page(200);
        assert_eq!(standing(&door, &address, "").await, alone("email", "refused"));
        town.store.close().await;
    })
    .await;
}
