//! How many people may be reached: counted by a job, told by day, and the same as checks of each say.

use std::time::Duration;

use serde_json::{Value, json};
use whence::flows::{contactability_reckoned, segments_reckoned};

use super::contactability::{Stage, rules_that_deny, stage};
use super::contacts::{at, send, write};
use crate::support::databases::on_each_database;
use crate::support::door::sign_in;

const REPORT: &str = "/api/v1/reports/contactability";
const DAY: Duration = Duration::from_secs(86_400);
const CHANNELS: [&str; 5] = ["phone", "sms", "email", "post", "push"];

/// Twenty people beside Ada: every second has a number, every third an address, and they have said various things.
async fn peopled(stage: &Stage) -> Vec<Value> {
    let mut people = Vec::new();
    for n in 1..=20_usize {
        let mut known = Vec::new();
        if n % 2 == 0 {
            known.push(json!({"kind": "phone", "value": format!("06 39 98 01 {n:02}")}));
        }
        if n % 3 == 0 {
            known.push(json!({"kind": "email", "value": format!("p{n}@example.org")}));
        }
        let person = write(&stage.door, json!({"given_name": format!("P{n}"), "identities": known})).await;
        let channel = CHANNELS[n % 3];
        if n % 4 > 0 {
            let status = ["granted", "refused", "pending", "granted"][n % 4];
            let line = json!({"channel": channel, "purpose": "offers", "status": status, "method": "form", "source": "f"});
            let said = send(&stage.door, "POST", &format!("{}/consents", at(&person)), line).await;
            assert!(said.status.is_success(), "{}", said.body);
        }
        people.push(person);
    }
    people
}

fn of<'r>(report: &'r Value, purpose: &str, channel: &str) -> &'r Value {
    let mut items = report["items"].as_array().unwrap().iter();
    items.find(|it| it["purpose"] == purpose && it["channel"] == channel).unwrap()
}

fn named<'r>(item: &'r Value, list: &str, name: &str) -> &'r Value {
    let singular = match list {
        "obstacles" => "obstacle",
        "remedies" => "remedy",
        _ => "support",
    };
    let mut found = item[list].as_array().unwrap().iter();
    found.find(|it| it[singular] == name).unwrap_or(&Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_may_be_reached_as_a_check_of_each_allows_but_for_hours() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let before = stage.door.api(REPORT).await.json();
        assert_eq!((&before["at"], &before["items"]), (&json!(null), &json!([])));
        let mut people = peopled(&stage).await;
        people.push(json!({ "id": stage.ada }));
        // One becomes part of another, one is forgotten: neither counts.
        send(&stage.door, "POST", &format!("{}/merge", at(&people[0])), json!({"contact": people[1]["id"]}))
            .await;
        send(&stage.door, "POST", &format!("{}/erasure", at(&people[2])), json!({"why": "request"})).await;

        assert_eq!(contactability_reckoned(&stage.town.store, &stage.town.clock).await.unwrap(), 19);

        let report = stage.door.api(REPORT).await.json();
        assert_eq!(report["items"].as_array().unwrap().len(), 10);
        let standing: Vec<Value> = people
            .iter()
            .enumerate()
            .filter(|(n, _)| ![1, 2].contains(n))
            .map(|(_, it)| json!({"id": it["id"]}))
            .collect();
        for purpose in ["offers", "orders"] {
            for channel in CHANNELS {
                let ask =
                    json!({"contacts": standing, "channel": channel, "purpose": purpose, "at": report["at"]});
                let checked = stage.check(ask).await;
                let items = checked["items"].as_array().unwrap().iter();
                let allowed = items.filter(|it| !it["reasons"].as_array().unwrap().is_empty());
                let allowed = allowed
                    .filter(|it| rules_that_deny(it).iter().all(|rule| *rule == "phone-hours"))
                    .count();
                let counted = of(&report, purpose, channel);
                assert_eq!(
                    (&counted["contacts"], &counted["allowed"]),
                    (&json!(19), &json!(allowed)),
                    "{counted}"
                );
            }
        }
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_not_and_what_would_win_them_is_told_and_kept_by_day() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let (door, town) = (&stage.door, &stage.town);
        stage.says("email", "granted").await;
        let bob = write(door, json!({"given_name": "Bob", "identities": [{"kind": "phone", "value": "06 39 98 00 02"}]})).await;
        let yes = json!({"channel": "email", "purpose": "offers", "status": "granted", "method": "form", "source": "f"});
        send(door, "POST", &format!("{}/consents", at(&bob)), yes).await;
        write(door, json!({"given_name": "Cyd", "identities": [{"kind": "email", "value": "cyd@example.org"}]})).await;
        send(door, "PUT", "/api/v1/segments/bobs", json!({"name": "Bobs", "filter": "given_name = \"Bob\""})).await;
        segments_reckoned(&town.store, &town.clock, true).await.unwrap();

        contactability_reckoned(&town.store, &town.clock).await.unwrap();

        let report = door.api(REPORT).await.json();
        let email = of(&report, "offers", "email");
        assert_eq!((&email["allowed"], &named(email, "supports", "consent")["contacts"]), (&json!(1), &json!(1)));
        let (none, unsaid) = (named(email, "obstacles", "no_identity"), named(email, "obstacles", "no_consent"));
        assert_eq!((&none["alone"], &unsaid["alone"], &email["settled"]), (&json!(1), &json!(1), &json!(0)));
        let missing = named(email, "remedies", "ask_identity");
        assert_eq!((&missing["contacts"], &missing["with_phone"], &missing["with_email"]), (&json!(1), &json!(1), &json!(0)));
        let phone = of(&report, "orders", "phone");
        assert_eq!((&phone["allowed"], &named(phone, "supports", "no_objection")["contacts"]), (&json!(2), &json!(2)));
        let bobs = door.api(&format!("{REPORT}?segment=bobs")).await.json();
        let theirs = of(&bobs, "offers", "email");
        assert_eq!((&theirs["contacts"], &theirs["allowed"], &theirs["days"]), (&json!(1), &json!(0), &json!([])));
        door.api(&format!("{REPORT}?segment=nobody")).await.problem(404);
        door.api(&format!("{REPORT}?segmnt=bobs")).await.problem(422);

        // The last count of a day stays; a day later there are two.
        town.clock.advance(Duration::from_secs(3_600));
        stage.says("email", "withdrawn").await;
        contactability_reckoned(&town.store, &town.clock).await.unwrap();
        town.clock.advance(DAY);
        stage.says("email", "granted").await;
        contactability_reckoned(&town.store, &town.clock).await.unwrap();
        let report = door.api(REPORT).await.json();
        let days = of(&report, "offers", "email")["days"].clone();
        assert_eq!(days, json!([
            {"day": "2026-11-22", "contacts": 3, "allowed": 0}, {"day": "2026-11-23", "contacts": 3, "allowed": 1}]));

        let csv = door.api(&format!("{REPORT}.csv")).await;
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        for line in [
            "channel,purpose,controller,figure,name,contacts\r\n",
            "email,offers,bakery,allowed,,1\r\n",
            "email,offers,bakery,remedy_with_phone,ask_identity,1\r\n",
            "email,offers,bakery,allowed_on,2026-11-22,0\r\n",
        ] {
            assert!(csv.body.contains(line), "{line}: {}", csv.body);
        }

        // Who was a prospect three years ago is none any more, and a day is forgotten after 400.
        town.clock.advance(DAY * 1_200);
        contactability_reckoned(&town.store, &town.clock).await.unwrap();
        let report = door.api(REPORT).await.json();
        let email = of(&report, "offers", "email");
        assert_eq!(email["days"].as_array().unwrap().len(), 1);
        assert_eq!(named(email, "obstacles", "retention")["contacts"], json!(3));
        assert_eq!(email["settled"], json!(3), "nobody is to be asked then");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_it_in_both_languages() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let session = sign_in(&stage.town.store).await;
        let here = "/console/contactability";
        let [english, french] = stage.door.in_both(here, session).await;
        assert!(
            english.contains("Nobody has counted yet") && french.contains("Rien n’est encore compté"),
            "{english}"
        );

        peopled(&stage).await;
        contactability_reckoned(&stage.town.store, &stage.town.clock).await.unwrap();

        let [english, french] = stage.door.in_both(&format!("{here}?purpose=offers"), session).await;
        assert!(english.contains("could be reached by e-mail and have not agreed."), "{english}");
        assert!(english.contains("asked, never confirmed") && english.contains("2026-11-22"), "{english}");
        assert!(french.contains("seraient joignables par e-mail et n’ont pas consenti."), "{french}");
        let [english, _] =
            stage.door.in_both(&format!("{here}?purpose=orders&segment=active"), session).await;
        assert!(english.contains("A segment has no past days."), "{english}");
        let csv = stage.door.get(&format!("{here}.csv?lang=fr"), &[session]).await;
        assert!(
            csv.body.contains("\"email\";\"offers\";\"bakery\";\"contacts\";\"\";\"21\""),
            "{}",
            csv.body
        );
        stage.door.get(&format!("{here}?segment=nobody"), &[session]).await.page(404);
        stage.town.store.close().await;
    })
    .await;
}
