//! Data that is kept and not used, and a no to all prospecting: acts of their own, each of which settles what was asked for.

use axum::body::Body;
use serde_json::{Value, json};
use whence::domain::people::claims::Claims;
use whence::flows::{call_arrives, retention_run, visitor_identified};

use super::contactability::{Stage, rules_that_deny, stage};
use super::erasures::send;
use crate::support::databases::on_each_database;
use crate::support::door::{request, sign_in};
use crate::support::town::MINUTE;

fn address(stage: &Stage, what: &str) -> String {
    format!("/api/v1/contacts/{}{what}", stage.ada)
}

async fn ask_for(stage: &Stage, kind: &str) -> String {
    let body = json!({"contact": stage.ada, "kind": kind, "came_by": "phone"});
    let made = send(&stage.door, "POST", "/api/v1/requests", body).await.json();
    format!("/api/v1/requests/{}", made["id"].as_str().unwrap())
}

async fn may_be_reached(stage: &Stage, channel: &str, purpose: &str) -> Value {
    let body = json!({"contacts": [{"id": stage.ada}], "channel": channel, "purpose": purpose});
    stage.check(body).await["items"][0].clone()
}

async fn lift(stage: &Stage) -> u16 {
    send(&stage.door, "DELETE", &address(stage, "/restriction"), json!({})).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_restricted_is_kept_and_not_used_until_it_is_lifted() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let door = &stage.door;
        let count = async || {
            send(door, "POST", "/api/v1/segments/count", json!({"filter": "has(email)"})).await.json()["contacts"].clone()
        };
        assert_eq!(count().await, 1);
        let other = json!({"given_name": "Ada", "identities": [{"kind": "email", "value": "ada@other.example"}]});
        let other = send(door, "POST", "/api/v1/contacts", other).await.json()["id"].as_str().unwrap().to_owned();
        let asked = ask_for(&stage, "restriction").await;

        send(door, "POST", &address(&stage, "/restriction"), json!({"ground": "whim"})).await.problem(422);
        let made = send(door, "POST", &address(&stage, "/restriction"), json!({"ground": "accuracy"})).await;
        assert_eq!((made.status.as_u16(), &made.json()["ground"]), (201, &json!("accuracy")), "{}", made.body);
        let again = send(door, "POST", &address(&stage, "/restriction"), json!({})).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, made.json()));

        assert_eq!(door.api(&asked).await.json()["state"], "done");
        let shown = door.api(&address(&stage, "")).await.json();
        assert_eq!(shown["restricted_at"], made.json()["at"]);
        for (channel, purpose) in [("phone", "orders"), ("email", "offers")] {
            let item = may_be_reached(&stage, channel, purpose).await;
            assert!(rules_that_deny(&item).contains(&"restriction"), "{item}");
        }
        assert_eq!(count().await, 1, "the other");
        let exported = door.api("/api/v1/contacts.csv").await;
        assert!(!exported.body.contains("ada@example.org") && exported.body.contains("ada@other.example"));

        // Nobody else's word changes anything.
        send(door, "PATCH", &address(&stage, ""), json!({"given_name": "Eve"})).await.problem(409);
        let by_identity = json!({"given_name": "Eve", "identities": [{"kind": "email", "value": "ada@example.org"}]});
        send(door, "POST", "/api/v1/contacts", by_identity).await.problem(409);
        send(door, "POST", &address(&stage, "/merge"), json!({"contact": other})).await.problem(409);
        send(door, "POST", &format!("/api/v1/contacts/{other}/merge"), json!({"contact": stage.ada})).await.problem(409);
        let path = address(&stage, "/identities?kind=email&value=ada@example.org");
        send(door, "DELETE", &path, json!({})).await.problem(409);
        send(door, "POST", &address(&stage, "/erasure"), json!({"why": "retention"})).await.problem(409);
        let claims = Claims {
            email: "ada@example.org".parse().ok(),
            name: Some("Eve".to_owned()),
            ..Claims::default()
        };
        let said = async || {
            let shown = stage.town.somebody_comes().await;
            let visit = stage.town.store.find_visit(shown.visit.unwrap()).await.unwrap().unwrap();
            visitor_identified(&stage.town.store, &stage.town.clock, &visit, claims.clone()).await.unwrap();
            door.api(&address(&stage, "")).await.json()["name"].clone()
        };
        assert_eq!(said().await, Value::Null, "anybody can type a name");
        // What they do, and what they say, is kept.
        call_arrives(&stage.town.store, &stage.town.clock, &stage.town.call(1000, Some(5001))).await.unwrap();
        stage.says("sms", "refused").await;

        stage.town.clock.advance(MINUTE);
        assert_eq!((lift(&stage).await, lift(&stage).await), (200, 404));
        assert_eq!(door.api(&address(&stage, "")).await.json()["restricted_at"], Value::Null);
        assert_eq!(may_be_reached(&stage, "phone", "orders").await["allowed"], true);
        assert_eq!(count().await, 2);
        assert_eq!(said().await, "Eve", "nothing else is known by now");
        let patched = send(door, "PATCH", &address(&stage, ""), json!({"given_name": "Ada"})).await;
        assert_eq!(patched.status, 200, "{}", patched.body);
        // A past restriction goes along with a merge.
        let merged = send(door, "POST", &address(&stage, "/merge"), json!({"contact": other})).await;
        assert_eq!(merged.status, 200, "{}", merged.body);
        let into = merged.json()["into"].as_str().unwrap().to_owned();
        send(door, "POST", &format!("/api/v1/contacts/{into}/restriction"), json!({})).await;
        let undo = format!("/api/v1/merges/{}/undo", merged.json()["id"].as_str().unwrap());
        send(door, "POST", &undo, json!({})).await.problem(409);
        let gone = if into == stage.ada { other } else { stage.ada.clone() };
        send(door, "POST", &format!("/api/v1/contacts/{gone}/restriction"), json!({})).await.problem(409);
        // They themselves may have it erased.
        let erased = send(door, "POST", &format!("/api/v1/contacts/{into}/erasure"), json!({"why": "request"})).await;
        assert_eq!(erased.status, 200, "{}", erased.body);
        send(door, "POST", &format!("/api/v1/contacts/{into}/restriction"), json!({})).await.problem(410);
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_done_is_carried_out() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let door = &stage.door;
        let (restriction, objection) =
            (ask_for(&stage, "restriction").await, ask_for(&stage, "objection").await);

        for request in [&restriction, &objection] {
            assert_eq!(send(door, "PATCH", request, json!({"state": "done"})).await.status, 200);
        }

        assert!(door.api(&address(&stage, "")).await.json()["restricted_at"].is_string());
        let lines = door.api(&address(&stage, "/consents")).await.json()["items"].clone();
        let lines = lines.as_array().unwrap();
        assert_eq!(lines.len(), 5, "each channel");
        assert!(lines.iter().all(|it| it["status"] == "refused" && it["method"] == "spoken"), "{lines:?}");
        assert!(lines.iter().all(|it| it["purpose"] == "offers" && it["recorded_by"] != "link"));

        // Nobody's time is over meanwhile.
        let policy = "[[retention]]\nkind = \"prospects\"\nmonths = 36\nbecause = \"it is a test\"\n";
        let before = whence::flows::plan_exported(&stage.town.store).await.unwrap();
        let plan = whence::flows::plan_read(&format!("{before}\n{policy}"), &[], &[]).unwrap();
        whence::flows::plan_applied(&stage.town.store, &stage.town.clock, &plan, false).await.unwrap();
        stage.town.clock.advance(MINUTE * 60 * 24 * 1_200);
        retention_run(&stage.town.store, &stage.town.clock).await.unwrap();
        assert_eq!(door.api(&address(&stage, "")).await.status, 200);
        lift(&stage).await;
        stage.town.clock.advance(MINUTE * 60 * 24 * 2);
        retention_run(&stage.town.store, &stage.town.clock).await.unwrap();
        assert_eq!(door.api(&address(&stage, "")).await.status, 200, "it was lifted only now");
        stage.town.clock.advance(MINUTE * 60 * 24 * 1_200);
        retention_run(&stage.town.store, &stage.town.clock).await.unwrap();
        door.api(&address(&stage, "")).await.problem(410);
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_says_no_to_all_prospecting_or_to_some_of_it() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let door = &stage.door;
        stage.says("email", "granted").await;
        stage.says("sms", "refused").await;
        let contract = json!({"channel": "phone", "purpose": "offers", "status": "granted", "basis": "contract", "method": "rule", "source": "order"});
        send(door, "POST", &address(&stage, "/consents"), contract).await;
        let asked = ask_for(&stage, "objection").await;
        stage.town.clock.advance(MINUTE);
        let object = async |body: Value| send(door, "POST", &address(&stage, "/objection"), body).await;
        for bad in [json!({"channels": []}), json!({"channels": ["fax"]}), json!({"channels": ["web_tracking"]}),
            json!({"method": "rule"}), json!({"purposes": ["offers"]})] {
            object(bad).await.problem(422);
        }

        let some = object(json!({"channels": ["phone", "email"], "method": "spoken"})).await;
        assert_eq!(some.status, 200, "{}", some.body);
        let said: Vec<_> = some.json()["items"].as_array().unwrap().iter()
            .map(|it| format!("{} {} {}", it["channel"].as_str().unwrap(), it["status"].as_str().unwrap(), it["basis"].as_str().unwrap()))
            .collect();
        assert_eq!(said, ["email withdrawn consent", "phone refused legitimate_interest"]);
        assert_eq!(door.api(&asked).await.json()["state"], "done");
        for channel in ["phone", "email"] {
            assert_eq!(may_be_reached(&stage, channel, "offers").await["allowed"], false, "{channel}");
        }
        assert_eq!(may_be_reached(&stage, "phone", "orders").await["allowed"], true, "an order is no prospecting");

        stage.town.clock.advance(MINUTE);
        let rest = object(json!({})).await.json();
        let rest: Vec<_> = rest["items"].as_array().unwrap().iter().map(|it| it["channel"].as_str().unwrap().to_owned()).collect();
        assert_eq!(rest, ["post", "push"], "what was said is not said again");
        assert_eq!(object(json!({})).await.json()["items"], json!([]));
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_are_on_the_contacts_page_and_each_leaves_a_trace() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let session = sign_in(&stage.town.store).await;
        let page = format!("/console/contacts/{}", stage.ada);
        let [english, french] = stage.door.in_both(&page, session).await;
        assert!(
            english.contains("Keep their data without using it")
                && !english.contains("Kept and not used since")
        );
        assert!(french.contains("Conserver ses données sans les utiliser"), "{french}");

        let form = [("ground", "claims")];
        assert_eq!(stage.door.form(&format!("{page}/restriction"), &form, &[session]).await.status, 303);
        let object = [("method", "spoken")];
        assert_eq!(stage.door.form(&format!("{page}/objection"), &object, &[session]).await.status, 303);

        let [english, french] = stage.door.in_both(&page, session).await;
        assert!(
            english.contains("Kept and not used since") && english.contains("they need it for a claim"),
            "{english}"
        );
        assert!(french.contains("Conservé sans être utilisé depuis le"), "{french}");
        assert!(
            english.contains("their data is kept and not used"),
            "the reason why they may not be reached"
        );
        assert_eq!(
            stage.door.form(&format!("{page}/restriction"), &[("then", "lift")], &[session]).await.status,
            303
        );
        assert!(!stage.door.in_both(&page, session).await[0].contains("Kept and not used since"));
        let asked =
            request("POST", &address(&stage, "/export"), &[("authorization", "Bearer all")], Body::empty());
        assert_eq!(stage.door.whole(asked).await.0, 200);
        let audit = stage.door.api(&format!("/api/v1/audit?subject={}", stage.ada)).await.json();
        let writes = audit["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["what"] == "write" && it["who"].as_str().unwrap().starts_with("user:"));
        assert_eq!(writes.count(), 3, "{audit}");
        stage.town.store.close().await;
    })
    .await;
}
