//! The rules of reaching people, as the API lists them.

use serde_json::json;
use whence::flows::{plan_applied, plan_exported, plan_read};

use super::contactability::stage;
use crate::support::databases::on_each_database;

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_are_told_with_where_they_are_written_and_whether_they_are_asked() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let rules = stage.door.api("/api/v1/contactability/rules").await.json()["items"].clone();
        let rule = |id: &str| rules.as_array().unwrap().iter().find(|rule| rule["rule"] == id).unwrap();
        let hours = json!({"rule": "phone-hours-unless-consent", "dated": "2022-10-13", "asked": false, "off": false});
        let told = rule("phone-hours-unless-consent");
        for (key, expected) in hours.as_object().unwrap() {
            assert_eq!(&told[key], expected, "{key} of {told}");
        }
        let consent = rule("phone-consent");
        assert_eq!((&consent["from"], &consent["asked"]), (&json!("2026-08-10T22:00:00.000Z"), &json!(true)));
        // Each of them may be switched off by its name.
        let off: Vec<_> = rules.as_array().unwrap().iter().map(|rule| rule["rule"].to_string()).collect();
        let before = plan_exported(&stage.town.store).await.unwrap();
        let off = format!("{before}\n[contactability]\noff = [{}]\n", off.join(", "));
        plan_applied(&stage.town.store, &stage.town.clock, &plan_read(&off, &[], &[]).unwrap(), false).await.unwrap();
        let rules = stage.door.api("/api/v1/contactability/rules").await.json()["items"].clone();
        assert!(rules.as_array().unwrap().iter().all(|it| it["off"] == true && it["asked"] == false), "{rules}");
        stage.town.store.close().await;
    })
    .await;
}
