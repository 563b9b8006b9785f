//! What somebody has agreed to, on their page.

use serde_json::json;

use crate::api::consents::{alone, post, said, standing, town_with_a_contact};
use crate::support::databases::on_each_database;
use crate::support::door::sign_in;
use crate::support::town::MINUTE;

#[tokio::test(flavor = "multi_thread")]
async fn an_employee_sees_what_stands_and_writes_down_what_they_hear() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let ada = sign_in(&town.store).await;
        let page = address.replace("/api/v1/", "/console/").replace("/consents", "");
        let [empty, _] = door.in_both(&page, ada).await;
        assert!(empty.contains("They have said nothing yet."));
        let mut granted = said("granted");
        granted["text"] = json!("<b>May we?</b>");
        let line = post(&door, &address, &granted).await.json();
        town.clock.advance(MINUTE);

        let [english, french] = door.in_both(&page, ada).await;
        assert!(english.contains("SMS · Offers") && english.contains("stands-granted\">agreed"), "{english}");
        assert!(french.contains("SMS · Offres") && french.contains("accepté"), "{french}");
        assert!(english.contains("<q>&#60;b&#62;May we?&#60;/b&#62;</q>"), "{english}");
        let receipt = format!("/console/consents/{}/receipt", line["id"].as_str().unwrap());
        assert!(english.contains(&receipt));
        let receipt = door.get(&receipt, &[ada]).await;
        assert_eq!((receipt.status.as_u16(), receipt.header("content-type")), (200, "application/ld+json"));

        let form = [
            ("channel", "sms"),
            ("purpose", "offers"),
            ("status", "withdrawn"),
            ("method", "spoken"),
            ("source", "call of today"),
        ];
        let to = format!("{page}/consents");
        assert_eq!(door.form(&to, &form, &[ada]).await.status, 303);
        assert_eq!(standing(&door, &address, "").await, alone("sms", "withdrawn"));
        let line = door.api(&address).await.json()["items"][0].clone();
        assert!(line["recorded_by"].as_str().unwrap().starts_with("user:"), "{line}");
        assert_eq!(door.form(&to, &form[..4], &[ada]).await.status, 422, "a source is needed");
        town.store.close().await;
    })
    .await;
}
