//! Webhooks are watched by the API: how each stands, what it was told, and telling it again.

use super::*;
use crate::support::door::{Answer, request};

const HERE: &str = "/api/v1/webhooks";

async fn post(door: &Door, path: &str) -> Answer {
    door.ask(request("POST", path, &[("authorization", "Bearer all")], axum::body::Body::empty())).await
}

async fn deliveries(door: &Door, query: &str) -> Vec<Value> {
    door.api(&format!("{HERE}/crm/deliveries{query}")).await.json()["items"].as_array().unwrap().clone()
}

/// The address at which a delivery is sent again.
fn resend(delivery: &Value) -> String {
    format!("{HERE}/crm/deliveries/{}/resend", delivery["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn how_each_stands_and_what_it_was_told_is_shown_newest_first_in_parts() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let webhooks = told("crm", &crm, r#"["contact.*", "consent.*"]"#)
            + &told("mute", &crm, r#"["*"]"#)
            + "enabled = false\n";
        let (town, door) = town_that_tells(database, &webhooks).await;
        let ada = write(&door, json!({"name": "Ada"})).await;
        tell(&town).await;
        town.clock.advance(MINUTE);
        send(&door, "PATCH", &at(&ada), json!({"language": "fr"})).await;
        send(&door, "PATCH", &at(&ada), json!({"given_name": "Ada"})).await;
        crm.answer_next(500, 1);
        tell(&town).await;

        let all = door.api(HERE).await.json()["items"].clone();
        let (told, mute) = (&all[0], &all[1]);
        assert_eq!((&told["id"], &told["events"]), (&json!("crm"), &json!(["contact.*", "consent.*"])));
        assert_eq!(
            (&told["waiting"], &told["signed"], &told["gone_at"]),
            (&json!(2), &json!(true), &json!(null))
        );
        assert_eq!(told["last_taken_at"], "2026-11-22T12:00:00.000Z");
        let failed = &told["last_failed"];
        assert_eq!((&failed["status"], &failed["why"]), (&json!(500), &json!("status")));
        assert_eq!(
            (&mute["enabled"], &mute["signed"], &mute["waiting"]),
            (&json!(false), &json!(false), &json!(0))
        );

        let list = deliveries(&door, "").await;
        let states: Vec<_> =
            list.iter().map(|it| (it["type"].as_str().unwrap(), it["state"].as_str().unwrap())).collect();
        assert_eq!(
            states,
            [("contact.changed", "waiting"), ("contact.changed", "waiting"), ("contact.created", "taken")]
        );
        assert_eq!((&list[1]["tries"], &list[1]["id"]), (&json!(1), &failed["id"]));
        assert_eq!(list[1]["due_at"], "2026-11-22T12:01:05.000Z");
        assert_eq!((&list[2]["due_at"], &list[2]["why"]), (&json!(null), &json!(null)));
        assert_eq!(list[2]["settled_at"], "2026-11-22T12:00:00.000Z");
        for (query, many) in [
            ("?state=waiting", 2),
            ("?state=taken", 1),
            ("?state=given_up", 0),
            ("?event=contact.created", 1),
        ] {
            assert_eq!(deliveries(&door, query).await.len(), many, "{query}");
        }
        let first = door.api(&format!("{HERE}/crm/deliveries?limit=2")).await.json();
        let rest =
            deliveries(&door, &format!("?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await;
        assert_eq!(rest, list[2..]);

        let whole = door.api(resend(&list[1]).strip_suffix("/resend").unwrap()).await.json();
        assert_eq!(whole["data"], json!({"contact": ada["id"], "changed": ["language"]}));
        assert_eq!(whole["subject"], list[1]["subject"]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_or_given_up_is_sent_again_under_its_id_and_before_what_waits() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, &told("crm", &crm, r#"["contact.*"]"#)).await;
        let ada = write(&door, json!({"name": "Ada"})).await;
        tell(&town).await;
        let first = crm.collect();
        let created = deliveries(&door, "").await.remove(0);

        // What waits already, after a failure, has its turn after it, whenever that is due.
        send(&door, "PATCH", &at(&ada), json!({"language": "fr"})).await;
        crm.answer_next(500, 2);
        tell(&town).await;
        town.clock.advance(Duration::from_secs(5));
        tell(&town).await;
        assert_eq!(crm.collect().len(), 2);
        let again = post(&door, &resend(&created)).await.json();
        assert_eq!(
            (&again["state"], &again["tries"], &again["settled_at"]),
            (&json!("waiting"), &json!(0), &json!(null))
        );
        tell(&town).await;
        let heard = crm.collect();
        assert_eq!((kinds(&heard), id_of(&heard[0])), (vec!["contact.created"], id_of(&first[0])));
        assert_eq!(heard[0].body, first[0].body);
        assert_signed(&heard[0]);
        let now = deliveries(&door, "?event=contact.created").await.remove(0);
        assert_eq!(
            (&now["state"], &now["settled_at"]),
            (&json!("taken"), &json!("2026-11-22T12:00:05.000Z"))
        );

        // What is given up is tried as often as if it never was.
        crm.answer_next(500, 8);
        for _ in 0..9 {
            town.clock.advance(24 * HOUR);
            tell(&town).await;
        }
        let given_up = deliveries(&door, "?state=given_up").await.remove(0);
        assert_eq!((crm.collect().len(), &given_up["tries"]), (8, &json!(10)));
        crm.answer_next(500, 1);
        post(&door, &resend(&given_up)).await.json();
        tell(&town).await;
        town.clock.advance(Duration::from_secs(5));
        tell(&town).await;
        let heard = crm.collect();
        assert_eq!(kinds(&heard), ["contact.changed", "contact.changed"]);
        assert_eq!(deliveries(&door, "?state=given_up").await.len(), 0);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_tried_at_once_in_its_order_and_what_is_under_way_is_left_alone() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, &told("crm", &crm, r#"["contact.*"]"#)).await;
        let ada = write(&door, json!({"name": "Ada"})).await;
        send(&door, "PATCH", &at(&ada), json!({"language": "fr"})).await;
        crm.answer_next(500, 2);
        tell(&town).await;
        town.clock.advance(Duration::from_secs(5));
        tell(&town).await;
        assert_eq!(crm.collect().len(), 2, "the next is due in five minutes");

        let changed = deliveries(&door, "?event=contact.changed").await.remove(0);
        let hastened = post(&door, &resend(&changed)).await.json();
        assert_eq!(
            (&hastened["state"], &hastened["due_at"]),
            (&json!("waiting"), &json!("2026-11-22T12:00:05.000Z"))
        );
        tell(&town).await;
        assert_eq!(kinds(&crm.collect()), ["contact.created", "contact.changed"]);

        // One that somebody is sending just now is not sent by another, nor is one of its subject.
        let (created, changed) = (deliveries(&door, "?event=contact.created").await.remove(0), changed);
        crm.hold(true);
        post(&door, &resend(&changed)).await.json();
        let webhook = town.store.list_open_webhooks(town.clock.now()).await.unwrap().remove(0).0;
        let (courier, other) = (courier(&town, &town.store), courier(&town, &town.store));
        let under_way = tokio::spawn(async move { courier.send_due(&webhook).await });
        crm.has_heard(5).await;
        let still = post(&door, &resend(&changed)).await.json();
        assert_eq!(still["due_at"], "2026-11-22T12:01:05.000Z");
        let after_it = post(&door, &resend(&created)).await.json();
        assert_eq!(after_it["due_at"], "2026-11-22T12:01:05.000Z");
        let webhook = town.store.list_open_webhooks(town.clock.now()).await.unwrap().remove(0).0;
        assert_eq!(other.send_due(&webhook).await.unwrap(), 0);
        crm.hold(false);
        under_way.await.unwrap().unwrap();
        town.clock.advance(MINUTE);
        tell(&town).await;
        assert_eq!(
            kinds(&crm.collect()),
            ["contact.changed", "contact.created"],
            "late, as it was asked for"
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_goes_out_at_once_and_opens_who_was_gone_or_at_rest() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, &told("crm", &crm, r#"["contact.*"]"#)).await;
        let test = format!("{HERE}/crm/test");
        assert_eq!(post(&door, &test).await.json()["waiting"], 1);
        crm.answer_next(500, 2);
        tell(&town).await;
        town.clock.advance(Duration::from_secs(5));
        tell(&town).await;
        assert_eq!(kinds(&crm.collect()), ["webhook.test", "webhook.test"]);

        // The one from before does not hold it up for five minutes.
        post(&door, &test).await.json();
        tell(&town).await;
        let heard = crm.collect();
        assert_eq!(kinds(&heard), ["webhook.test", "webhook.test"]);
        assert_ne!(id_of(&heard[0]), id_of(&heard[1]));
        assert_eq!(heard[0].event["subject"], "webhooks/crm");
        assert_eq!(heard[0].event["data"], json!({"webhook": "crm"}));

        write(&door, json!({"name": "Ada"})).await;
        crm.answer_next(410, 1);
        tell(&town).await;
        let ada = deliveries(&door, "?event=contact.created").await.remove(0);
        assert_eq!((&ada["state"], &ada["why"]), (&json!("given_up"), &json!("gone")));
        let gone = door.api(HERE).await.json()["items"][0].clone();
        assert_eq!(gone["gone_at"], "2026-11-22T12:00:05.000Z");
        let refused = post(&door, &resend(&ada)).await.problem(409);
        assert!(refused["detail"].as_str().unwrap().contains("a test opens it again"), "{refused}");
        assert_eq!(post(&door, &test).await.json()["gone_at"], json!(null));
        post(&door, &resend(&ada)).await.json();
        crm.collect();
        tell(&town).await;
        assert_eq!(crm.collect().len(), 2);

        crm.say_retry_after("3600");
        crm.answer_next(503, 1);
        write(&door, json!({"name": "Bob"})).await;
        tell(&town).await;
        assert_eq!(door.api(HERE).await.json()["items"][0]["rests_until"], "2026-11-22T13:00:05.000Z");
        assert_eq!(post(&door, &test).await.json()["rests_until"], json!(null));
        crm.collect();
        tell(&town).await;
        assert_eq!(kinds(&crm.collect()), ["webhook.test"]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_off_or_not_there_or_not_allowed_is_refused_and_who_asks_is_written_down() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, &told("crm", &crm, r#"["contact.*"]"#)).await;
        write(&door, json!({"name": "Ada"})).await;
        let created = deliveries(&door, "").await.remove(0);
        let nothing = json!({"id": uuid::Uuid::nil()});
        post(&door, &resend(&nothing)).await.problem(404);
        door.api(resend(&nothing).strip_suffix("/resend").unwrap()).await.problem(404);
        post(&door, &format!("{HERE}/none/test")).await.problem(404);
        door.api(&format!("{HERE}/none/deliveries")).await.problem(404);
        door.api(&format!("{HERE}/crm/deliveries/7")).await.problem(400);
        door.api(&format!("{HERE}/CRM/deliveries")).await.problem(400);
        let wrong = door.api(&format!("{HERE}/crm/deliveries?state=lost&event=contact.*")).await.problem(422);
        assert_eq!(wrong["errors"].as_array().unwrap().len(), 2);
        let reader = [("authorization", "Bearer webhooks:read")];
        assert_eq!(door.get(HERE, &reader).await.status, 200);
        for path in [resend(&created), format!("{HERE}/crm/test")] {
            door.ask(request("POST", &path, &reader, axum::body::Body::empty())).await.problem(403);
        }

        let off = plan_exported(&town.store)
            .await
            .unwrap()
            .replace("private = true", "private = true\nenabled = false");
        plan_applied(&town.store, &town.clock, &plan_read(&off, &[], &[]).unwrap(), false).await.unwrap();
        for path in [resend(&created), format!("{HERE}/crm/test")] {
            let refused = post(&door, &path).await.problem(409);
            assert_eq!(refused["detail"], "the webhook is off: the plan has enabled = false");
        }
        tell(&town).await;
        assert!(crm.collect().is_empty());

        let audit = door.api("/api/v1/audit?subject=crm").await.json();
        let asked: BTreeSet<_> =
            audit["items"].as_array().unwrap().iter().map(|it| it["what"].as_str().unwrap()).collect();
        assert_eq!(asked, ["list", "read", "write"].into(), "{audit}");
        town.store.close().await;
    })
    .await;
}
