//! Alerts are told when they are raised and when they are over: with figures, and without a caller.

use super::*;
use crate::api::alerts::{Judge, alert};
use crate::api::overview::somebody_calls;

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_told_once_when_it_is_raised_and_once_when_it_is_over() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, &told("crm", &crm, r#"["alert.*"]"#)).await;
        let judge = Judge::new();
        let id = alert(&door, "Missed", json!({"kind": "missed", "calls": 0, "minutes": 30})).await;
        somebody_calls(&town, POSTER, Some(7001), false).await;
        assert_eq!(judge.looks(&town).await, 1);
        tell(&town).await;
        let raised = crm.collect();
        town.clock.advance(31 * MINUTE);
        assert_eq!(judge.watches(&town, 12).await, 1);
        tell(&town).await;
        let over = crm.collect();

        assert_eq!((kinds(&raised), kinds(&over)), (vec!["alert.raised"], vec!["alert.over"]));
        raised.iter().chain(&over).for_each(assert_signed);
        let (first, last) = (&raised[0].event, &over[0].event);
        assert_eq!(first["subject"], format!("alerts/{id}"));
        assert_eq!(first["data"]["measured"], json!({"missed": {"missed": 1, "calls": 1, "minutes": 30}}));
        assert_eq!((&first["data"]["kind"], &first["data"]["alert"]), (&json!("missed"), &json!(id)));
        assert_eq!(first["data"]["incident"], last["data"]["incident"]);
        assert_eq!(first["data"]["raised_at"], last["data"]["raised_at"]);
        assert!(!raised[0].body.contains("7001"), "{}", raised[0].body);
        town.store.close().await;
    })
    .await;
}
