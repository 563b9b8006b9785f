//! The register of requests at the console: written down on a contact's page, settled on its own.

use crate::api::consents::town_with_a_contact;
use crate::support::databases::on_each_database;
use crate::support::door::sign_in;
use crate::support::town::MINUTE;

#[tokio::test(flavor = "multi_thread")]
async fn an_employee_writes_a_request_down_and_settles_it() {
    on_each_database(async |database| {
        let (town, door, address) = town_with_a_contact(database).await;
        let ada = sign_in(&town.store).await;
        let [empty, _] = door.in_both("/console/requests", ada).await;
        assert!(empty.contains("Nobody has asked for anything"), "{empty}");
        let contact = address.replace("/api/v1/", "/console/").replace("/consents", "");

        let form = [("kind", "erasure"), ("came_by", "phone")];
        assert_eq!(door.form(&format!("{contact}/requests"), &form, &[ada]).await.status, 303);
        assert_eq!(door.form(&format!("{contact}/requests"), &form[..1], &[ada]).await.status, 422);

        let [english, french] = door.in_both(&contact, ada).await;
        assert!(english.contains("To be erased") && english.contains("to be answered by"), "{english}");
        assert!(french.contains("Effacement") && french.contains("réponse due le"), "{french}");
        let [english, french] = door.in_both("/console/requests", ada).await;
        assert!(english.contains("by telephone") && english.contains("value=\"extend\""), "{english}");
        assert!(french.contains("par téléphone"), "{french}");
        town.clock.advance(MINUTE * 60 * 24 * 32);
        let [late, _] = door.in_both("/console/requests", ada).await;
        assert!(late.contains("overdue since") && !late.contains("value=\"extend\""), "{late}");

        let open = door.api("/api/v1/requests").await.json()["items"][0].clone();
        let settle = format!("/console/requests/{}", open["id"].as_str().unwrap());
        assert_eq!(
            door.form(&settle, &[("then", "refused")], &[ada]).await.status,
            422,
            "a reason is needed"
        );
        let refuse = [("then", "refused"), ("why", "<b>theirs</b> it is not")];
        assert_eq!(door.form(&settle, &refuse, &[ada]).await.status, 303);
        let [settled, _] = door.in_both("/console/requests", ada).await;
        assert!(settled.contains("refused") && settled.contains("&#60;b&#62;theirs"), "{settled}");
        assert_eq!(door.form(&settle, &[("then", "done")], &[ada]).await.status, 409);

        town.store.close().await;
    })
    .await;
}
