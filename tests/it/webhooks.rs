//! What happens is told to webhooks: if it happened, in its order, and until it is taken.

mod administered;
mod alerts;
mod console;
mod tasks;
mod untaken;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection, Row};
use whence::domain::ids::ContactId;
use whence::domain::webhook::Webhook;
use whence::flows::{
    call_arrives, call_ends, plan_applied, plan_exported, plan_read, scenarios_played, webhook_tested,
};
use whence::jobs::send_webhooks::{Courier, Secrets, send_webhooks};
use whence::notify::webhook::{Message, PATIENCE, Refused, Sender};
use whence::store::{Store, StoreError};
use whence::telemetry::Metrics;

use crate::api::contacts::{at, send, write};
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Door, hand_out_keys};
use crate::support::receiver::{Heard, Receiver};
use crate::support::town::{MINUTE, POSTER, Town};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const HOUR: Duration = Duration::from_secs(60 * 60);

const PLAN: &str = r#"
[[purposes]]
id = "offers"
name_en = "Offers"
name_fr = "Offres"

[[controllers]]
id = "bakery"
name = "Bakery SAS"
address = "1 rue du Four, Lyon"
email = "privacy@bakery.example"
policy_url = "https://bakery.example/privacy"
"#;

/// A webhook of the plan, as it stands there.
fn told(id: &str, receiver: &Receiver, events: &str) -> String {
    let address = receiver.address;
    format!("[[webhooks]]\nid = \"{id}\"\nurl = \"http://{address}/\"\nevents = {events}\nprivate = true\n")
}

/// The plan as it is, and more.
async fn declare(town: &Town, more: &str) {
    let before = plan_exported(&town.store).await.unwrap();
    let plan = plan_read(&format!("{before}{more}"), &[], &[]).unwrap();
    plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
}

async fn town_that_tells(database: &Database, webhooks: &str) -> (Town, Door) {
    let town = Town::with_pool_of(database, 1).await;
    hand_out_keys(&town.store).await;
    declare(&town, &format!("{PLAN}{webhooks}")).await;
    let door = Door::of(&town);
    (town, door)
}

fn courier(town: &Town, store: &Store) -> Courier {
    let secrets: Secrets =
        ["crm", "slow"].map(|id| (id.parse().unwrap(), vec![SECRET.parse().unwrap()])).into();
    Courier {
        store: store.clone(),
        clock: town.clock.clone(),
        sender: Sender::new(PATIENCE),
        metrics: Metrics::new(),
        source: "https://whence.example/".into(),
        secrets: Arc::new(ArcSwap::from_pointee(secrets)),
    }
}

/// Tells all webhooks what is due, one after the other.
async fn tell(town: &Town) {
    for (webhook, _) in town.store.list_open_webhooks(town.clock.now()).await.unwrap() {
        courier(town, &town.store).send_due(&webhook).await.unwrap();
    }
}

fn kinds(heard: &[Heard]) -> Vec<&str> {
    heard.iter().map(|it| it.event["type"].as_str().unwrap()).collect()
}

fn id_of(heard: &Heard) -> &str {
    heard.headers["webhook-id"].to_str().unwrap()
}

/// As a receiver would, by the description alone.
fn assert_signed(heard: &Heard) {
    let header = |name: &str| heard.headers[name].to_str().unwrap();
    let content = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), heard.body);
    let key = BASE64_STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), content.as_bytes());
    assert_eq!(header("webhook-signature"), format!("v1,{}", BASE64_STANDARD.encode(signature)));
}

async fn written(database: &Database) -> i64 {
    let mut db = AnyConnection::connect(&database.url).await.unwrap();
    let row = sqlx::query("select count(*) as rows_there from deliveries").fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    row.get("rows_there")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_contact_is_told_signed_in_its_order_and_without_who_they_are() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, &told("crm", &crm, r#"["contact.*", "consent.*"]"#)).await;
        let email = |text: &str| json!({"kind": "email", "value": text});
        let ada = write(&door, json!({"name": "Ada Lovelace", "identities": [email("ada@example.org")]})).await;
        let changed = send(&door, "PATCH", &at(&ada), json!({"language": "fr", "given_name": "Ada"})).await;
        assert!(changed.status.is_success(), "{}", changed.body);
        let same = send(&door, "PATCH", &at(&ada), json!({"language": "fr"})).await;
        assert!(same.status.is_success(), "{}", same.body);
        let said = json!({"channel": "sms", "purpose": "offers", "status": "granted", "method": "form", "source": "f"});
        let said = send(&door, "POST", &format!("{}/consents", at(&ada)), said).await;
        assert!(said.status.is_success(), "{}", said.body);
        town.clock.advance(MINUTE);
        let twin = write(&door, json!({"identities": [email("a.lovelace@example.org")]})).await;
        let merged = json!({"identities": [email("ada@example.org"), email("a.lovelace@example.org")]});
        let merged = write(&door, merged).await;
        assert_eq!(merged["id"], ada["id"]);
        let merge = door.api("/api/v1/merges").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let undone = send(&door, "POST", &format!("/api/v1/merges/{merge}/undo"), json!({})).await;
        assert!(undone.status.is_success(), "{}", undone.body);
        let erased = send(&door, "POST", &format!("{}/erasure", at(&ada)), json!({"why": "request"})).await;
        assert!(erased.status.is_success(), "{}", erased.body);

        tell(&town).await;
        let heard = crm.collect();
        heard.iter().for_each(assert_signed);
        let of = |contact: &Value| {
            let subject = format!("contacts/{}", contact["id"].as_str().unwrap());
            heard.iter().filter(|it| it.event["subject"] == subject.as_str()).cloned().collect::<Vec<_>>()
        };
        let of_ada = of(&ada);
        assert_eq!(
            kinds(&of_ada),
            [
                "contact.created",
                "contact.changed",
                "consent.changed",
                "contact.merged",
                "contact.unmerged",
                "contact.erased"
            ]
        );
        assert_eq!(kinds(&of(&twin)), ["contact.created"]);
        assert_eq!(of_ada[1].event["data"], json!({"contact": ada["id"], "changed": ["given_name", "language"]}));
        assert_eq!(of_ada[2].event["data"]["channel"], "sms");
        assert_eq!((&of_ada[3].event["data"]["contact"], &of_ada[3].event["data"]["gone"]), (&ada["id"], &twin["id"]));
        let event = &of_ada[0].event;
        assert_eq!((&event["specversion"], &event["source"]), (&json!("1.0"), &json!("https://whence.example/")));
        assert_eq!((&event["datacontenttype"], &event["id"]), (&json!("application/json"), &json!(id_of(&of_ada[0]))));
        assert_eq!(event["time"], "2026-11-22T12:00:00.000Z");
        assert!(of_ada[0].headers["content-type"].to_str().unwrap().starts_with("application/cloudevents+json"));
        let all: String = heard.iter().map(|it| it.body.to_lowercase()).collect();
        assert!(!all.contains("lovelace") && !all.contains("example.org"), "{all}");
        let ids: BTreeSet<&str> = heard.iter().map(id_of).collect();
        assert_eq!(ids.len(), heard.len());

        tell(&town).await;
        assert!(crm.collect().is_empty(), "each was taken");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_told_once_it_is_over_and_only_to_whom_it_means_something() {
    on_each_database(async |database| {
        let (crm, slow) = (Receiver::open().await, Receiver::open().await);
        let webhooks = told("crm", &crm, r#"["call.ended"]"#) + &told("slow", &slow, r#"["segment.*"]"#);
        let (town, _) = town_that_tells(database, &webhooks).await;
        let call = town.call(POSTER, Some(7));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        town.clock.advance(MINUTE);
        let end = town.end(&call, Some(town.clock.now()));
        for _ in 0..2 {
            // Written again, since nobody knew whether it was on disk.
            call_ends(&town.store, &town.clock, &end).await.unwrap();
        }

        tell(&town).await;
        let heard = crm.collect();
        assert_eq!(kinds(&heard), ["call.ended"]);
        let event = &heard[0].event;
        let told = |key: &str| event["data"][key].as_str().unwrap_or_default().to_owned();
        assert_eq!(event["subject"], format!("calls/{}", call.call));
        assert_eq!((told("outcome").as_str(), told("hung_up_by").as_str()), ("answered", "caller"));
        assert_eq!((told("number"), told("outlet")), ("+33199002003".to_owned(), "bakery".to_owned()));
        assert_eq!(told("ended_at"), "2026-11-22T12:01:00.000Z");
        assert!(!told("contact").is_empty() && !heard[0].body.contains("+33199000007"), "{}", heard[0].body);
        assert!(slow.collect().is_empty());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_wants_or_what_has_not_happened_is_not_written_down() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, "").await;
        write(&door, json!({"name": "Ada"})).await;
        assert_eq!(written(database).await, 0, "there is no webhook");

        let before = plan_exported(&town.store).await.unwrap();
        let apply = async |webhooks: String| {
            let plan = plan_read(&format!("{before}{webhooks}"), &[], &[]).unwrap();
            plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
        };
        apply(told("crm", &crm, r#"["task.*"]"#)).await;
        write(&door, json!({"name": "Bob"})).await;
        assert_eq!(written(database).await, 0, "it wants something else");

        apply(told("crm", &crm, r#"["contact.*"]"#)).await;
        let (id, now) = (ContactId(town.clock.new_id()), town.clock.now());
        let failed = town.store.write(move |tx| {
            Box::pin(async move {
                tx.insert_contacts(&[(id, now)]).await?;
                Err::<(), _>(StoreError::Conflict)
            })
        });
        assert!(failed.await.is_err());
        assert_eq!(written(database).await, 0, "it was rolled back");
        write(&door, json!({"name": "Eve"})).await;
        assert_eq!(written(database).await, 1);

        apply(told("crm", &crm, r#"["contact.*"]"#) + "enabled = false\n").await;
        write(&door, json!({"name": "Mallory"})).await;
        assert_eq!(written(database).await, 1, "it is off");
        tell(&town).await;
        assert!(crm.collect().is_empty());
        town.store.close().await;
    })
    .await;
}
