//! The calendar of a contact's load, as an employee sees it.

use serde_json::json;
use whence::domain::ids::ContactId;

use super::contactability::stage;
use super::erasures::send;
use crate::support::databases::on_each_database;
use crate::support::door::sign_in;
use crate::support::town::MINUTE;

#[tokio::test(flavor = "multi_thread")]
async fn an_employee_sees_what_was_and_is_to_be_sent_by_day_and_channel_and_what_is_left() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let session = sign_in(&stage.town.store).await;
        let page = format!("/console/contacts/{}/pressure", stage.ada);
        let contact = stage.door.get(&format!("/console/contacts/{}", stage.ada), &[session]).await;
        assert!(contact.page(200).contains(&format!("href=\"{page}\"")));
        let [en, fr] = stage.door.in_both(&page, session).await;
        assert!(en.contains("Nothing was sent") && en.contains("0 of 2 in 7 days"), "{en}");
        assert!(fr.contains("Rien n’a été envoyé") && fr.contains("0 sur 2 en 7 jours"), "{fr}");

        stage.says("email", "granted").await;
        stage.town.clock.advance(MINUTE);
        let call =
            json!({"kind": "call_made", "source": "crm", "purpose": "orders", "at": "2026-11-20T23:30:00Z"});
        let told = format!("/api/v1/contacts/{}/engagements", stage.ada);
        assert_eq!(send(&stage.door, "POST", &told, call).await.status, 201);
        for (reference, at) in [("now", None), ("later", Some("2026-11-26T09:05:00Z"))] {
            let mail = json!({"contact": {"id": stage.ada}, "channel": "email", "purpose": "offers",
                              "reference": reference, "at": at});
            assert_eq!(send(&stage.door, "POST", "/api/v1/contactability/reserve", mail).await.status, 201);
        }
        let wish = json!({"channel": "sms", "frequency": "month"});
        let wishes = format!("/api/v1/contacts/{}/frequency", stage.ada);
        assert_eq!(send(&stage.door, "PUT", &wishes, wish).await.status, 200);

        let [en, fr] = stage.door.in_both(&page, session).await;
        // Days and times of Paris: half past midnight of the next day.
        for text in [
            "Europe/Paris",
            "21 Nov 2026",
            "00:30 · Orders · no prospecting",
            "13:01 · Offers<",
            "10:05 · Offers · planned",
            "2 of 2 in 7 days",
            "E-mail · all prospecting",
            "their own wish",
            "0 of 1 in 30 days",
            "May be reached",
        ] {
            assert!(en.contains(text), "{text}: {en}");
        }
        // The cap has room again a week after the first of both.
        assert!(en.contains("<time datetime=\"2026-11-28T23:00:00.000Z\""), "{en}");
        for text in ["10:05 · Offres · prévu", "son propre souhait", "hors prospection", "aujourd’hui"] {
            assert!(fr.contains(text), "{text}: {fr}");
        }
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calendar_goes_as_far_as_it_is_asked_and_of_nobody_it_is_not_found() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let session = sign_in(&stage.town.store).await;
        let page = format!("/console/contacts/{}/pressure", stage.ada);
        let mail =
            json!({"kind": "email_sent", "source": "crm", "purpose": "offers", "at": "2026-09-22T10:00:00Z"});
        let told = format!("/api/v1/contacts/{}/engagements", stage.ada);
        assert_eq!(send(&stage.door, "POST", &told, mail).await.status, 201);

        let near = stage.door.get(&page, &[session]).await.page(200).to_owned();
        let far = stage.door.get(&format!("{page}?days=91"), &[session]).await.page(200).to_owned();

        assert!(!near.contains("Sep\u{a0}2026") && far.contains("22\u{a0}Sep\u{a0}2026"), "{far}");
        assert!(far.contains("?days=366") && far.contains("<strong aria-current=\"true\">91</strong>"));
        let nobody = ContactId(uuid::Uuid::nil());
        stage.door.get(&format!("/console/contacts/{nobody}/pressure"), &[session]).await.page(404);
        stage.town.store.close().await;
    })
    .await;
}
