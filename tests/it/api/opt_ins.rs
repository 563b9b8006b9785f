//! Who has said yes somewhere is asked by e-mail whether they meant it.

use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};
use whence::flows::call_arrives;
use whence::jobs::send_mails::send_due;
use whence::notify::mail::Security;
use whence::telemetry::Metrics;

use super::consents::{alone, post, standing, town_with_a_contact};
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Door, request};
use crate::support::post_office::{PostOffice, unfolded};
use crate::support::town::{MINUTE, Town};

const HOUR: Duration = Duration::from_secs(60 * 60);
const ADA: &str = "ada@example.org";

fn yes() -> Value {
    json!({
        "channel": "email", "purpose": "offers", "status": "pending", "method": "double_opt_in", "source": "newsletter",
        "reference": "form 1",
    })
}

/// A town whose contact has an address, and a mail server.
async fn town_with_mail(database: &Database) -> (Town, Door, String, PostOffice) {
    let (town, door, address) = town_with_a_contact(database).await;
    add_email(&door, &address, ADA).await;
    (town, door, address, PostOffice::open().await)
}

async fn add_email(door: &Door, address: &str, email: &str) {
    let identities = address.replace("/consents", "/identities");
    let identity = json!({"kind": "email", "value": email});
    let added = post(door, &identities, &identity).await;
    assert_eq!(added.status.as_u16() / 100, 2, "{}", added.body);
}

/// Sends what waits, and gives what has come.
async fn mail(town: &Town, office: &PostOffice) -> Vec<(String, String)> {
    let mailer = office.mailer(Security::Clear, None);
    while send_due(&town.store, &town.clock, &mailer, &Metrics::new()).await.unwrap() > 0 {}
    office.collect()
}

/// The page that the link of a mail opens.
fn page_of(mail: &str) -> String {
    let mail = unfolded(mail);
    let at = mail.find("/confirm/").unwrap_or_else(|| panic!("no link: {mail}"));
    mail[at..at + "/confirm/".len() + 64].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_asked_says_no_by_one_click_and_who_did_is_led_to_their_page() {
    on_each_database(async |database| {
        let (town, door, address, office) = town_with_mail(database).await;
        post(&door, &address, &yes()).await;
        let asked = mail(&town, &office).await.remove(0).1;
        let header = asked
            .lines()
            .find(|line| line.starts_with("List-Unsubscribe: <"))
            .unwrap_or_else(|| panic!("{asked}"));
        let unsubscribe = header.split("127.0.0.1:8080").nth(1).unwrap().trim_end_matches('>').to_owned();
        town.clock.advance(MINUTE);

        // Whoever reads it has not shown that they are meant: nothing else opens.
        door.get(&unsubscribe.replace("/unsubscribe/", "/preferences/"), &[]).await.page(404);
        door.form(&unsubscribe, &[("List-Unsubscribe", "One-Click")], &[]).await.page(200);
        assert_eq!(standing(&door, &address, "").await, alone("email", "refused"));
        door.form(&page_of(&asked), &[], &[]).await.page(404);

        town.clock.advance(MINUTE);
        let mut again = yes();
        again["reference"] = json!("form 2");
        post(&door, &address, &again).await;
        let confirm = page_of(&mail(&town, &office).await[0].1);
        town.clock.advance(MINUTE);
        assert!(!door.get(&confirm, &[]).await.page(200).contains("/preferences/"));
        let thanks = door.form(&confirm, &[], &[]).await.page(200).to_owned();
        let at = thanks.find("/preferences/").unwrap_or_else(|| panic!("{thanks}"));
        assert!(
            door.get(&thanks[at..at + "/preferences/".len() + 64], &[])
                .await
                .page(200)
                .contains("Your choices")
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_counts_once_it_comes_back_from_the_address() {
    on_each_database(async |database| {
        let (town, door, address, office) = town_with_mail(database).await;

        let asked = post(&door, &address, &yes()).await;
        assert_eq!(asked.status, 201, "{}", asked.body);
        let asked = asked.json();
        assert_eq!(asked["text"], "Bakery SAS may send me e-mails: Offers.");
        assert_eq!(standing(&door, &address, "").await, alone("email", "pending"));
        town.clock.advance(MINUTE);
        let again = post(&door, &address, &yes()).await;
        assert_eq!(
            (again.status.as_u16(), again.json()),
            (200, asked.clone()),
            "nobody is asked twice by one form"
        );
        let mails = mail(&town, &office).await;
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].0, ADA);
        assert!(mails[0].1.contains("Subject: Please confirm"), "{}", mails[0].1);
        assert!(mails[0].1.contains("Auto-Submitted: auto-generated\r\n"));
        assert!(mail(&town, &office).await.is_empty(), "what is sent is not sent again");

        // A scanner looks, and nothing happens.
        let page = page_of(&mails[0].1);
        let shown = door.get(&page, &[("accept-language", "fr")]).await;
        assert!(shown.page(200).contains("Oui, j’accepte"), "{}", shown.body);
        assert!(shown.body.contains("Bakery SAS may send me e-mails: Offers."));
        assert_eq!(shown.header("referrer-policy"), "no-referrer");
        assert_eq!(shown.header("x-robots-tag"), "noindex");
        assert!(shown.header("content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(standing(&door, &address, "").await, alone("email", "pending"));

        assert!(door.form(&page, &[], &[]).await.page(200).contains("Thank you"));
        assert_eq!(standing(&door, &address, "").await, alone("email", "granted"));
        let log = door.api("/api/v1/audit").await.json();
        let said = log["items"].as_array().unwrap().iter().find(|it| it["who"] == "link").unwrap();
        assert_eq!((&said["what"], &said["subject"]), (&json!("write"), &asked["contact"]), "{said}");
        let line = door.api(&address).await.json()["items"][0].clone();
        assert_eq!((&line["method"], &line["recorded_by"]), (&json!("double_opt_in"), &json!("link")));
        assert_eq!(line["text"], asked["text"]);
        assert_eq!(line["gaps"], json!([]));
        let contact = door.api(address.trim_end_matches("/consents")).await.json();
        let known = contact["identities"].as_array().unwrap().iter().find(|it| it["value"] == ADA).unwrap();
        assert!(known["verified_at"].is_string(), "{known}");

        // Used, made up, and of another shape: the same answer.
        let used = door.form(&page, &[], &[]).await.page(404).to_owned();
        let made_up = door.get(&format!("/confirm/{}", "0".repeat(64)), &[]).await.page(404).to_owned();
        let strip =
            |text: &str| text.lines().filter(|line| !line.contains("?lang=")).collect::<Vec<_>>().join("\n");
        assert_eq!(strip(&used), strip(&made_up));
        assert_eq!(strip(&used), strip(door.get("/confirm/x", &[]).await.page(404)));
        assert_eq!(door.api(&address).await.json()["items"].as_array().unwrap().len(), 2);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_nowhere_once_its_time_is_over_or_something_else_was_said() {
    on_each_database(async |database| {
        let (town, door, address, office) = town_with_mail(database).await;
        post(&door, &address, &yes()).await;
        let late = page_of(&mail(&town, &office).await[0].1);
        town.clock.advance(7 * 24 * HOUR);
        door.get(&late, &[]).await.page(404);
        assert_eq!(standing(&door, &address, "").await, alone("email", "expired"));

        let mut second = yes();
        second["reference"] = json!("form 2");
        assert_eq!(post(&door, &address, &second).await.status, 201);
        let refused = page_of(&mail(&town, &office).await[0].1);
        town.clock.advance(MINUTE);
        let no = json!({"channel": "email", "purpose": "offers", "status": "refused", "method": "spoken", "source": "call"});
        assert_eq!(post(&door, &address, &no).await.status, 201);
        door.form(&refused, &[], &[]).await.page(404);
        assert_eq!(standing(&door, &address, "").await, alone("email", "refused"));

        // The address is theirs no more.
        town.clock.advance(MINUTE);
        second["reference"] = json!("form 3");
        assert_eq!(post(&door, &address, &second).await.status, 201);
        let foreign = page_of(&mail(&town, &office).await[0].1);
        door.get(&foreign, &[]).await.page(200);
        let identity = format!("{}?kind=email&value={ADA}", address.replace("/consents", "/identities"));
        let key = ("authorization", "Bearer all");
        let taken = door.ask(request("DELETE", &identity, &[key], Body::empty())).await;
        assert_eq!(taken.status, 200, "{}", taken.body);
        door.form(&foreign, &[], &[]).await.page(404);
        assert_eq!(standing(&door, &address, "").await, alone("email", "pending"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_goes_with_the_contact_into_a_merge() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        town.clock.advance(MINUTE);
        call_arrives(&town.store, &town.clock, &town.call(1000, Some(5002))).await.unwrap();
        let later = door.api("/api/v1/contacts").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let theirs = format!("/api/v1/contacts/{later}/consents");
        add_email(&door, &theirs, ADA).await;
        assert_eq!(post(&door, &theirs, &yes()).await.status, 201);
        let page = page_of(&mail(&town, &PostOffice::open().await).await[0].1);
        let merge = format!("{}/merge", address.trim_end_matches("/consents"));
        assert_eq!(post(&door, &merge, &json!({"contact": later})).await.status, 200);

        door.form(&page, &[], &[]).await.page(200);

        assert_eq!(standing(&door, &address, "").await, alone("email", "granted"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_asked_so_often_in_a_day() {
    on_each_database(async |database| {
        let (town, door, address, office) = town_with_mail(database).await;
        let asked = post(&door, &address, &yes()).await.json();
        let resend = |line: &Value| format!("/api/v1/consents/{}/resend", line["id"].as_str().unwrap());
        town.clock.advance(HOUR);
        let second = post(&door, &resend(&asked), &json!({})).await;
        assert_eq!(second.status, 201, "{}", second.body);
        assert_eq!(second.json()["text"], asked["text"]);
        town.clock.advance(HOUR);
        let third = post(&door, &resend(&asked), &json!({})).await.json();

        let refused = post(&door, &resend(&third), &json!({})).await;
        refused.problem(429);
        assert_eq!(refused.header("retry-after"), (22 * 60 * 60).to_string());
        let mut other = yes();
        other["reference"] = json!("form 2");
        post(&door, &address, &other).await.problem(429);
        town.clock.advance(22 * HOUR);
        assert_eq!(post(&door, &resend(&third), &json!({})).await.status, 201);

        // Any of the links will do, and after it there is nothing to ask.
        let mails = mail(&town, &office).await;
        assert_eq!(mails.len(), 4);
        door.form(&page_of(&mails[1].1), &[], &[]).await.page(200);
        door.get(&page_of(&mails[3].1), &[]).await.page(404);
        post(&door, &resend(&third), &json!({})).await.problem(409);
        let missing = asked["id"].as_str().unwrap().replace(|c: char| c.is_ascii_digit(), "0");
        post(&door, &format!("/api/v1/consents/{missing}/resend"), &json!({})).await.problem(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_address_or_several_is_not_asked_at_random() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let field = |refused: Value| refused["errors"][0]["field"].as_str().unwrap().to_owned();
        assert_eq!(field(post(&door, &address, &yes()).await.problem(422)), "email");
        add_email(&door, &address, ADA).await;
        add_email(&door, &address, "work@example.org").await;
        assert_eq!(field(post(&door, &address, &yes()).await.problem(422)), "email");
        let mut named = yes();
        named["email"] = json!("eve@example.org");
        assert_eq!(field(post(&door, &address, &named).await.problem(422)), "email");
        named["email"] = json!("work@example.org");
        assert_eq!(post(&door, &address, &named).await.status, 201);
        named["status"] = json!("granted");
        assert_eq!(field(post(&door, &address, &named).await.problem(422)), "email");

        let office = PostOffice::open().await;
        assert_eq!(mail(&town, &office).await[0].0, "work@example.org");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_links_up_waits_and_others_do_not() {
    on_each_database(async |database| {
        let (town, door, ..) = town_with_mail(database).await;
        let guess =
            async |from: &str| door.get("/confirm/guess", &[("x-address", from)]).await.status.as_u16();
        for _ in 0..20 {
            assert_eq!(guess("203.0.113.7").await, 404);
        }
        assert_eq!(guess("203.0.113.8").await, 429);
        assert_eq!(guess("198.51.100.1").await, 404);
        town.clock.advance(MINUTE);
        assert_eq!(guess("203.0.113.7").await, 404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_is_not_taken_waits_and_what_never_will_be_is_given_up() {
    on_each_database(async |database| {
        let (town, door, address, office) = town_with_mail(database).await;
        post(&door, &address, &yes()).await;
        office.refuse_next("451 later");
        assert!(mail(&town, &office).await.is_empty());
        assert!(mail(&town, &office).await.is_empty(), "not before its time");
        town.clock.advance(MINUTE);
        let first = mail(&town, &office).await;
        assert_eq!(first.len(), 1);
        let id = |mail: &str| mail.lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned();
        assert!(id(&first[0].1).ends_with("@bakery.example>"), "{}", first[0].1);

        let mut second = yes();
        second["reference"] = json!("form 2");
        post(&door, &address, &second).await;
        office.refuse_next("550 nobody of that name");
        assert!(mail(&town, &office).await.is_empty());
        town.clock.advance(7 * 24 * HOUR);
        assert!(mail(&town, &office).await.is_empty(), "it is given up");
        town.store.close().await;
    })
    .await;
}
