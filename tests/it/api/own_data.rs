//! What people see and correct of themselves by a link, and what takes a fresh mail.

use axum::body::Body;
use serde_json::{Value, json};
use whence::jobs::send_mails::send_due;
use whence::notify::mail::Security;
use whence::telemetry::Metrics;

use super::contactability::{Stage, rules_that_deny, stage};
use super::erasures::send;
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Answer, request};
use crate::support::post_office::{PostOffice, unfolded};
use crate::support::town::MINUTE;

const HOUR: std::time::Duration = std::time::Duration::from_secs(60 * 60);

struct Own {
    stage: Stage,
    office: PostOffice,
    /// The path of her page.
    page: String,
}

/// Ada, who lives somewhere and whose address is vouched for, and her page.
async fn own(database: &Database) -> Own {
    let stage = stage(database).await;
    let more = json!({"family_name": "Lovelace", "addresses": [
        {"line": "12 rue Secrète", "postcode": "69001", "city": "Lyon"},
        {"kind": "work", "line": "1 rue du Four", "postcode": "69002", "city": "Lyon"}]});
    let path = format!("/api/v1/contacts/{}", stage.ada);
    assert_eq!(send(&stage.door, "PATCH", &path, more).await.status, 200);
    vouch(&stage, true).await;
    let page = link(&stage).await;
    Own { stage, office: PostOffice::open().await, page }
}

async fn vouch(stage: &Stage, verified: bool) {
    let identity = json!({"kind": "email", "value": "ada@example.org", "verified": verified});
    let path = format!("/api/v1/contacts/{}/identities", stage.ada);
    let answer = send(&stage.door, "POST", &path, identity).await;
    assert!(answer.status.is_success(), "{}", answer.body);
}

async fn link(stage: &Stage) -> String {
    let path = format!("/api/v1/contacts/{}/preference-links", stage.ada);
    let made = send(&stage.door, "POST", &path, json!({})).await.json();
    made["url"].as_str().unwrap().trim_start_matches("http://127.0.0.1:8080").to_owned()
}

impl Own {
    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.stage.door.form(path, fields, &[]).await
    }

    /// Posts to the page, is led back to it, and gives what it tells.
    async fn post(&self, what: &str, fields: &[(&str, &str)]) -> String {
        let posted = self.form(&format!("{}/{what}", self.page), fields).await;
        assert_eq!(posted.status, 303, "{}", posted.body);
        let page = self.stage.door.get(posted.header("location"), &[]).await.page(200).to_owned();
        let at = page.find("role=\"status\"").unwrap_or_else(|| panic!("nothing is told: {page}"));
        page[at..].chars().take(160).collect()
    }

    /// Sends what waits: to whom, and what it says.
    async fn mails(&self) -> Vec<(String, String)> {
        let mailer = self.office.mailer(Security::Clear, None);
        let (store, clock) = (&self.stage.town.store, &self.stage.town.clock);
        while send_due(store, clock, &mailer, &Metrics::new()).await.unwrap() > 0 {}
        self.office.collect().into_iter().map(|(to, mail)| (to, unfolded(&mail))).collect()
    }

    /// The page that the link of the only mail opens.
    async fn mailed(&self, to: &str, what: &str) -> String {
        let mails = self.mails().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        assert_eq!(mails[0].0, to);
        let start = format!("/{what}/");
        let at = mails[0].1.find(&start).unwrap_or_else(|| panic!("no link: {}", mails[0].1));
        mails[0].1[at..at + start.len() + 64].to_owned()
    }

    async fn contact(&self) -> Value {
        self.stage.door.api(&format!("/api/v1/contacts/{}", self.stage.ada)).await.json()
    }

    async fn requests(&self) -> Value {
        self.stage.door.api("/api/v1/requests").await.json()["items"].clone()
    }

    /// Who did how much of what with her data, by a link.
    async fn audited(&self) -> Vec<String> {
        let audit = self.stage.door.api(&format!("/api/v1/audit?subject={}", self.stage.ada)).await.json();
        let items = audit["items"].as_array().unwrap().iter().filter(|it| it["who"] == "link");
        items.map(|it| it["what"].as_str().unwrap().to_owned()).collect()
    }
}

const UNCHANGED: [(&str, &str); 2] = [("given_name", "Ada"), ("family_name", "Lovelace")];

#[tokio::test(flavor = "multi_thread")]
async fn somebody_corrects_what_is_known_of_them_and_sees_no_more_than_whose_it_is() {
    on_each_database(async |database| {
        let own = own(database).await;
        let shown = own.stage.door.get(&own.page, &[("accept-language", "fr")]).await.page(200).to_owned();
        assert!(shown.contains("Ada Lovelace") && shown.contains("69001 Lyon"), "{shown}");
        for hidden in ["rue Secrète", "ada@example.org", "639980001"] {
            assert!(!shown.contains(hidden), "{hidden}: a link may go astray");
        }

        let bad = [
            ("given_name", "Ada"),
            ("family_name", "x"),
            ("phone", "12"),
            ("country", "FRA"),
            ("city", "Lyon"),
        ];
        let refused = own.form(&format!("{}/data?lang=fr", own.page), &bad).await.page(200).to_owned();
        assert!(
            refused.contains("role=\"alert\"") && refused.contains("Un autre numéro de téléphone"),
            "{refused}"
        );
        assert!(refused.contains("Pays") && refused.contains("value=\"FRA\""), "{refused}");
        assert_eq!(own.contact().await["family_name"], "Lovelace");

        let fields = [
            ("given_name", "Augusta"),
            ("family_name", "King"),
            ("language", "fr"),
            ("line", "3 rue Neuve"),
            ("postcode", "75002"),
            ("city", "Paris"),
            ("phone", "01 99 00 50 77"),
        ];
        assert!(own.post("data", &fields).await.contains("notée"), "in her language from now on");
        let now = own.contact().await;
        assert_eq!(
            (&now["given_name"], &now["family_name"], &now["language"]),
            (&json!("Augusta"), &json!("King"), &json!("fr"))
        );
        let lines: Vec<_> =
            now["addresses"].as_array().unwrap().iter().map(|it| it["line"].as_str().unwrap()).collect();
        assert_eq!(lines, ["1 rue du Four", "3 rue Neuve"], "the other one stays");
        let phones: Vec<_> =
            now["identities"].as_array().unwrap().iter().filter(|it| it["kind"] == "phone").collect();
        assert_eq!(phones.len(), 2, "{phones:?}");
        let told = phones.iter().find(|it| it["value"] == "+33199005077").unwrap();
        assert_eq!((&told["verified_at"], &told["seen"]), (&json!(null), &json!(false)), "{told}");

        // A number of somebody else stays theirs, and nobody is told that it is known.
        let bob = json!({"name": "Bob", "identities": [{"kind": "phone", "value": "+33199005088"}]});
        send(&own.stage.door, "POST", "/api/v1/contacts", bob).await;
        let same = own.post("data", &[&UNCHANGED[..], &[("phone", "+33199005088")]].concat()).await;
        assert!(same.contains("notée"), "{same}");
        assert_eq!(own.contact().await["identities"].as_array().unwrap().len(), 3);
        // Who is restricted may still say what is wrong.
        send(&own.stage.door, "POST", &format!("/api/v1/contacts/{}/restriction", own.stage.ada), json!({}))
            .await;
        own.post("data", &[("given_name", "Ada")]).await;
        let last = own.contact().await;
        assert_eq!((&last["given_name"], &last["family_name"]), (&json!("Ada"), &json!(null)));
        assert_eq!(own.audited().await, ["write", "write", "write"]);
        own.form("/preferences/nobodys/data", &UNCHANGED).await.page(404);
        own.stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_takes_a_fresh_mail_to_an_address_that_is_vouched_for() {
    on_each_database(async |database| {
        let own = own(database).await;
        vouch(&own.stage, false).await;
        assert!(own.post("key", &[]).await.contains("none is"), "nobody vouches for the address");
        assert!(own.mails().await.is_empty());
        vouch(&own.stage, true).await;

        assert!(own.post("key", &[]).await.contains("A mail is on its way"));
        let everything = own.mailed("ada@example.org", "my-data").await;
        let shown = own.stage.door.get(&everything, &[("accept-language", "fr")]).await;
        let text = shown.page(200);
        assert!(text.contains("12 rue Secrète") && text.contains("ada@example.org"), "{text}");
        assert_eq!(
            (shown.header("referrer-policy"), shown.header("cache-control")),
            ("no-referrer", "no-store")
        );
        assert!(shown.header("content-security-policy").starts_with("default-src 'none'"));

        let asked = json!({"contact": own.stage.ada, "kind": "access", "came_by": "letter"});
        send(&own.stage.door, "POST", "/api/v1/requests", asked).await;
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let archive = request("POST", &format!("{everything}/archive"), &[kind], Body::empty());
        let (status, zip) = own.stage.door.whole(archive).await;
        assert_eq!((status, &zip[..2]), (200, &b"PK"[..]));
        assert_eq!(own.requests().await[0]["state"], "done", "who has everything has what they asked for");

        own.stage.town.clock.advance(MINUTE);
        for _ in 0..2 {
            let told = own.form(&format!("{everything}/erasure?lang=en"), &[]).await.page(200).to_owned();
            assert!(told.contains("You will have an answer by"), "{told}");
        }
        let requests = own.requests().await;
        assert_eq!(requests.as_array().unwrap().len(), 2, "asked twice, it is one request");
        let erasure = &requests[0];
        assert_eq!(
            [&erasure["kind"], &erasure["came_by"], &erasure["state"], &erasure["recorded_by"]],
            ["erasure", "page", "open", "link"]
        );
        assert_eq!(own.contact().await["given_name"], "Ada", "somebody decides");
        let audited = own.audited().await;
        assert!(
            audited.iter().any(|what| what == "read") && audited.iter().any(|what| what == "write"),
            "{audited:?}"
        );

        own.stage.town.clock.advance(HOUR / 2);
        own.stage.door.get(&everything, &[]).await.page(404);
        own.form(&format!("{everything}/archive"), &[]).await.page(404);
        own.form(&format!("{everything}/erasure"), &[]).await.page(404);
        own.stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_counts_once_it_is_confirmed_and_opens_nothing() {
    on_each_database(async |database| {
        let own = own(database).await;
        let refused = own.form(&format!("{}/email?lang=en", own.page), &[("email", "no address")]).await;
        assert!(refused.page(200).contains("role=\"alert\""), "{}", refused.body);
        // Whoever has a forwarded link adds an address of theirs, and confirms it.
        assert!(
            own.post("email", &[("email", "Eve@Example.org")]).await.contains("A mail is on its way to that")
        );
        let confirm = own.mailed("eve@example.org", "my-email").await;
        let emails = async || {
            own.contact().await["identities"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|it| it["kind"] == "email")
                .count()
        };
        let shown = own.stage.door.get(&confirm, &[]).await.page(200).to_owned();
        assert!(shown.contains("Is this your address?") && !shown.contains("eve@example.org"), "{shown}");
        assert_eq!(emails().await, 1, "a scanner opens links");

        own.form(&confirm, &[]).await.page(200);
        let eve = own.contact().await["identities"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["value"] == "eve@example.org")
            .unwrap()
            .clone();
        assert!(eve["verified_at"].is_string(), "{eve}");
        own.form(&confirm, &[]).await.page(404);

        // What opens everything goes to the one that was known before; where there is none, to nobody.
        own.post("key", &[]).await;
        own.mailed("ada@example.org", "my-data").await;
        vouch(&own.stage, false).await;
        assert!(own.post("key", &[]).await.contains("none is"));
        assert!(own.mails().await.is_empty());

        // An address of somebody else is confirmed by nobody.
        own.stage.town.clock.advance(25 * HOUR);
        own.post("email", &[("email", "bob@example.org")]).await;
        let bobs = own.mailed("bob@example.org", "my-email").await;
        let bob = json!({"name": "Bob", "identities": [{"kind": "email", "value": "bob@example.org"}]});
        send(&own.stage.door, "POST", "/api/v1/contacts", bob).await;
        own.stage.door.get(&bobs, &[]).await.page(404);
        own.form(&bobs, &[]).await.page(404);
        own.stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_mails_and_too_many_acts_wait() {
    on_each_database(async |database| {
        let own = own(database).await;
        for _ in 0..3 {
            own.post("key", &[]).await;
        }
        assert!(own.post("key", &[]).await.contains("too many mails today"));
        assert!(own.post("email", &[("email", "new@example.org")]).await.contains("too many mails today"));
        assert_eq!(own.mails().await.len(), 3);
        own.stage.town.clock.advance(25 * HOUR);
        own.post("key", &[]).await;

        own.stage.town.clock.advance(MINUTE);
        let from = [("x-address", "198.51.100.7")];
        let act = async || own.stage.door.form(&format!("{}/data", own.page), &UNCHANGED, &from).await;
        for _ in 0..20 {
            assert_eq!(act().await.status, 303);
        }
        let waits = act().await;
        assert_eq!((waits.status.as_u16(), waits.header("retry-after")), (429, "60"));
        own.stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_often_somebody_wants_to_be_reached_is_obeyed_and_goes_along_with_a_merge() {
    on_each_database(async |database| {
        let own = own(database).await;
        own.stage.says("email", "granted").await;
        let often = |word: &'static str| [("shown_in", "en"), ("often_email", word), ("often_sms", "any")];
        let page = own.form(&own.page, &often("month")).await.page(200).to_owned();
        assert!(page.contains("<option value=\"month\" selected>"), "{page}");
        let reserve = async |reference: &str| {
            let wish = json!({"contact": {"id": own.stage.ada}, "channel": "email", "purpose": "offers", "reference": reference});
            send(&own.stage.door, "POST", "/api/v1/contactability/reserve", wish).await
        };
        assert_eq!(reserve("one").await.status, 201);

        let denied = reserve("two").await;
        assert_eq!(denied.status, 200, "{}", denied.body);
        let decision = denied.json()["decision"].clone();
        assert_eq!(rules_that_deny(&decision), ["frequency-wish"]);
        assert!(decision["next_at"].is_string(), "{decision}");
        let check = json!({"contacts": [{"id": own.stage.ada}], "channel": "email", "purpose": "orders"});
        assert_eq!(own.stage.check(check).await["items"][0]["allowed"], true, "what was ordered is no prospecting");

        let bob = json!({"name": "Bob", "identities": [{"kind": "phone", "value": "+33199005088"}]});
        let bob = send(&own.stage.door, "POST", "/api/v1/contacts", bob).await.json()["id"].as_str().unwrap().to_owned();
        let merged = send(&own.stage.door, "POST", &format!("/api/v1/contacts/{}/merge", own.stage.ada), json!({"contact": bob})).await;
        assert_eq!(merged.status, 200, "{}", merged.body);
        assert_eq!(reserve("three").await.json()["reservation"], json!(null));
        let undo = format!("/api/v1/merges/{}/undo", merged.json()["id"].as_str().unwrap());
        assert_eq!(send(&own.stage.door, "POST", &undo, json!({})).await.status, 200);

        own.form(&own.page, &often("any")).await.page(200);
        assert_eq!(reserve("four").await.status, 201, "she has thought better of it");
        own.form(&own.page, &[("shown_in", "en"), ("often_email", "hourly")]).await.page(200);
        own.stage.town.store.close().await;
    })
    .await;
}
