//! Who will not be followed on the website, or recorded, says so on the page of their choices, and it is so.

use serde_json::{Value, json};
use whence::flows::ledger::Ledger;
use whence::flows::{call_arrives, plan_applied, plan_exported, plan_read};

use super::consents::{post, standing, town_with_a_contact};
use crate::support::databases::on_each_database;
use crate::support::door::Door;
use crate::support::town::{MINUTE, phone};

const PLAN: &str = r#"
[[purposes]]
id = "quality"
name_en = "Quality"
name_fr = "Qualité"
channels = ["call_recording", "web_tracking"]
"#;

const MATTERS: [&str; 2] = ["web_tracking/quality/bakery", "call_recording/quality/bakery"];

fn opened(known: &Value) -> String {
    json!({"site": "bakery", "page": "https://bakery.example/bread", "consent": true,
           "visitor": known["visitor"], "visit": known["visit"]})
    .to_string()
}

/// Sends the two switches, left on or off.
async fn switch(door: &Door, page: &str, on: bool) -> String {
    let mut fields: Vec<(&str, &str)> = MATTERS.map(|matter| ("shown", matter)).to_vec();
    if on {
        fields.extend(MATTERS.map(|matter| ("yes", matter)));
    }
    door.form(page, &fields, &[]).await.page(200).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_switches_it_off_is_followed_and_recorded_no_more_until_they_agree() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let before = plan_exported(&town.store).await.unwrap();
        let plan = plan_read(&format!("{before}{PLAN}"), &[], &[]).unwrap();
        plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
        let ledger = Ledger::new(town.store.clone(), town.clock.clone());
        let made = post(&door, &address.replace("/consents", "/preference-links"), &json!({})).await.json();
        let page = made["url"].as_str().unwrap().trim_start_matches("http://127.0.0.1:8080").to_owned();
        let ada = door.report("/api/v1/visits", opened(&json!({}))).await.json();
        let visit = format!("/api/v1/visits/{}", ada["visit"].as_str().unwrap());
        let hers = json!({"phone": phone(5001).reveal()}).to_string();
        assert_eq!(door.report(&format!("{visit}/identify"), hers.clone()).await.status, 200);
        town.clock.advance(MINUTE);

        // On without a word, and that is no yes.
        let shown = door.get(&page, &[]).await.page(200).to_owned();
        for matter in MATTERS {
            assert!(shown.contains(&format!("value=\"{matter}\" checked")), "{shown}");
        }
        assert!(shown.contains("until you say no") && !shown.contains("email/quality"), "{shown}");
        switch(&door, &page, true).await;
        assert_eq!(standing(&door, &address, "").await, []);
        assert!(ledger.may_record(&town.call(1000, Some(5001))).await.unwrap());
        assert_eq!(door.report("/api/v1/visits", opened(&ada)).await.json()["visit"], ada["visit"]);

        let shown = switch(&door, &page, false).await;
        assert!(!shown.contains("/quality/bakery\" checked"), "{shown}");
        assert!(!ledger.may_record(&town.call(1000, Some(5001))).await.unwrap());
        let gone = door.report("/api/v1/visits", opened(&ada)).await;
        assert_eq!((gone.status.as_u16(), &gone.json()["visitor"]), (200, &Value::Null));
        assert_eq!(gone.json()["visit"], Value::Null);
        door.report(&format!("{visit}/alive"), "").await.problem(404);
        door.report(&format!("{visit}/identify"), hers).await.problem(404);
        door.report(&format!("{visit}/events"), r#"{"name":"seen"}"#).await.problem(404);
        let kept = door.api(&visit).await.json();
        assert_eq!(kept["page_views"].as_array().unwrap().len(), 2, "what was before");
        // Their calls are carried and known as ever.
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        // Somebody else is nobody who has said no.
        assert_eq!(door.report("/api/v1/visits", opened(&json!({}))).await.status, 201);

        town.clock.advance(MINUTE);
        switch(&door, &page, true).await;
        assert_eq!(door.report("/api/v1/visits", opened(&ada)).await.json()["visitor"], ada["visitor"]);
        assert!(ledger.may_record(&town.call(1000, Some(5001))).await.unwrap());
        town.store.close().await;
    })
    .await;
}
