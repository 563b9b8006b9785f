//! Scenarios give tasks: once for what happens, only for whom they mean, and no longer than needed.

use std::time::Duration;

use serde_json::{Value, json};
use whence::domain::calling::outcome::Outcome;
use whence::domain::calling::record::Ended;
use whence::domain::calling::recording::Accessor;
use whence::domain::ids::{ApiKeyId, ContactId};
use whence::flows::{
    call_arrives, call_ends, contacts_merged, merge_undone, plan_applied, plan_exported, plan_read,
    scenarios_played,
};

use super::contacts::{at, send, write};
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Door, hand_out_keys, sign_in};
use crate::support::town::{MINUTE, POSTER, Town};

const PLAN: &str = r#"
[[purposes]]
id = "offers"
name_en = "Offers"
name_fr = "Offres"

[[controllers]]
id = "bakery"
name = "The bakery"
address = "1 rue du Four"
email = "bakery@example.org"

[[scenarios]]
id = "call-back"

[[scenarios]]
id = "ask-for-email"

[[scenarios]]
id = "bounced"
purpose = "offers"

[[scenarios]]
id = "ring-them"
when = "email_bounced"
filter = "has(phone)"
channel = "phone"
purpose = "offers"
title = "Ring them"
list = "data"
"#;

async fn town_of_scenarios(database: &Database) -> (Town, Door) {
    let town = Town::with_pool_of(database, 1).await;
    hand_out_keys(&town.store).await;
    let exported = plan_exported(&town.store).await.unwrap();
    let wanted = plan_read(&format!("{exported}\n{PLAN}"), &[], &[]).unwrap();
    plan_applied(&town.store, &town.clock, &wanted, false).await.unwrap();
    let door = Door::of(&town);
    (town, door)
}

async fn rings(town: &Town, caller: u32, answered: bool) {
    let call = town.call(POSTER, Some(caller));
    call_arrives(&town.store, &town.clock, &call).await.unwrap();
    town.clock.advance(MINUTE);
    let answered_at = answered.then(|| town.clock.now());
    call_ends(&town.store, &town.clock, &town.end(&call, answered_at)).await.unwrap();
}

async fn play(town: &Town) -> u64 {
    scenarios_played(&town.store, &town.clock).await.unwrap()
}

async fn tasks(door: &Door, query: &str) -> Vec<Value> {
    door.api(&format!("/api/v1/tasks?{query}")).await.json()["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_caller_is_one_task_that_settles_when_they_are_answered() {
    on_each_database(async |database| {
        let (town, door) = town_of_scenarios(database).await;
        rings(&town, 7, false).await;
        rings(&town, 7, false).await;
        assert_eq!(play(&town).await, 0, "half an hour is not over");

        town.clock.advance(30 * MINUTE);
        assert_eq!(play(&town).await, 1);
        assert_eq!(play(&town).await, 0);

        let open = tasks(&door, "state=open&list=call-back").await;
        assert_eq!((open.len(), &open[0]["scenario"]), (1, &json!("call-back")));
        assert_eq!(tasks(&door, "state=open&list=data").await.len(), 0);
        let contact = open[0]["contact"].as_str().unwrap();
        let session = sign_in(&town.store).await;
        let [english, french] = door.in_both("/console/tasks", session).await;
        assert!(english.contains("Call back: they called") && french.contains("Rappeler :"), "{french}");
        let whose = format!("<a href=\"/console/contacts/{contact}\">01 99 00 00 07</a>");
        assert!(english.contains(&whose), "{english}");
        let [page, _] = door.in_both(&format!("/console/contacts/{contact}"), session).await;
        assert!(page.contains("Call back: they called"));

        rings(&town, 7, true).await;
        assert_eq!(play(&town).await, 1, "who called has no e-mail");
        let done = tasks(&door, "state=done").await;
        assert_eq!(
            (done.len(), &done[0]["why"], &done[0]["settled_by"]),
            (1, &json!("called"), &json!(null))
        );

        // What came before is dealt with; a call that is missed later is something else.
        town.clock.advance(60 * MINUTE);
        assert_eq!(play(&town).await, 0);
        rings(&town, 7, false).await;
        town.clock.advance(60 * MINUTE);
        assert_eq!(play(&town).await, 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_called_back_in_time_is_no_task_and_who_gives_an_address_is_asked_no_more() {
    on_each_database(async |database| {
        let (town, door) = town_of_scenarios(database).await;
        let call_back = async |last: u32, outcome: Value| {
            rings(&town, last, false).await;
            let whom = json!({"kind": "phone", "value": format!("+3319900{last:04}")});
            let told = json!({"identity": whom, "kind": "call_made", "source": "desk", "outcome": outcome});
            let made = send(&door, "POST", "/api/v1/engagements", json!({ "engagements": [told] })).await;
            assert_eq!(made.status, 200, "{}", made.body);
            town.clock.advance(60 * MINUTE);
            play(&town).await
        };
        assert_eq!(call_back(7, Value::Null).await, 0);
        assert_eq!(call_back(9, json!("voicemail")).await, 0);
        assert_eq!(call_back(10, json!("busy")).await, 1, "nobody was reached");
        let open = tasks(&door, "state=open").await.remove(0);
        let path = format!("/api/v1/tasks/{}", open["id"].as_str().unwrap());
        send(&door, "PATCH", &path, json!({"state": "done"})).await;

        rings(&town, 8, true).await;
        assert_eq!(play(&town).await, 1);
        let open = tasks(&door, "state=open").await.remove(0);
        assert_eq!(open["title"], "Ask for an e-mail address at the next call");
        let path = format!("/api/v1/tasks/{}", open["id"].as_str().unwrap());
        let mine = send(&door, "PATCH", &path, json!({"assignee": "Ada"})).await.json();
        assert_eq!((&mine["assignee"], &mine["state"]), (&json!("Ada"), &json!("open")));
        let email = json!({"identities": [{"kind": "email", "value": "bob@example.org"}, {"kind": "phone", "value": "+33199000008"}]});
        write(&door, email).await;
        play(&town).await;
        let done = tasks(&door, "state=done").await;
        let done = done.iter().find(|it| it["why"] == "fits_no_more").expect("it fits no more");
        assert_eq!(done["assignee"], "Ada");

        let again = send(&door, "PATCH", &path, json!({"state": "dropped", "assignee": null})).await.json();
        assert_eq!((&again["state"], &again["assignee"], &again["why"]), (&json!("dropped"), &json!(null), &json!(null)));
        assert!(again["settled_by"].as_str().unwrap().starts_with("key:"));
        send(&door, "PATCH", &path, json!({"state": "waiting"})).await.problem(422);
        send(&door, "PATCH", &path, json!({"due_at": "soon"})).await.problem(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_waits_until_the_contact_may_be_reached_and_is_dropped_if_never() {
    on_each_database(async |database| {
        let (town, door) = town_of_scenarios(database).await;
        let ada = write(&door, json!({"identities": [
            {"kind": "phone", "value": "+33639980001"}, {"kind": "email", "value": "ada@example.org"}]})).await;
        let granted = json!({"channel": "phone", "purpose": "offers", "status": "granted", "method": "form", "source": "f"});
        let said = send(&door, "POST", &format!("{}/consents", at(&ada)), granted).await;
        assert!(said.status.is_success(), "{}", said.body);
        let bounce = json!({"kind": "email_bounced_hard", "source": "mailer", "email": "ada@example.org"});
        let told = send(&door, "POST", &format!("{}/engagements", at(&ada)), bounce).await;
        assert!(told.status.is_success(), "{}", told.body);

        // It is Sunday: nobody is rung. By SMS they have never said yes.
        assert_eq!(play(&town).await, 2);
        let waiting = tasks(&door, "state=waiting").await;
        assert_eq!((waiting.len(), &waiting[0]["wait_until"]), (1, &json!("2026-11-23T09:00:00.000Z")));
        let dropped = tasks(&door, "state=dropped").await;
        assert_eq!((&dropped[0]["scenario"], &dropped[0]["why"]), (&json!("bounced"), &json!("not_allowed")));

        town.clock.advance(Duration::from_secs(20 * 3_600));
        play(&town).await;
        assert_eq!(tasks(&door, "state=waiting").await.len(), 1);
        town.clock.advance(Duration::from_secs(2 * 3_600));
        play(&town).await;
        let open = tasks(&door, &format!("state=open&contact={}", ada["id"].as_str().unwrap())).await;
        assert_eq!((open.len(), &open[0]["title"]), (1, &json!("Ring them")));

        let session = sign_in(&town.store).await;
        let path = format!("/console/tasks/{}", open[0]["id"].as_str().unwrap());
        assert_eq!(door.form(&path, &[("state", "done")], &[session]).await.status, 303);
        assert_eq!(tasks(&door, "state=done").await.len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_mail_bounces_is_asked_by_sms_until_another_address_is_known() {
    on_each_database(async |database| {
        let (town, door) = town_of_scenarios(database).await;
        let yes = json!({"channel": "sms", "purpose": "offers", "status": "granted", "method": "form", "source": "f"});
        // No text message arrives at the second one's line.
        for (name, phone) in [("ada", "+33639980001"), ("ben", "+33142345678")] {
            let email = format!("{name}@example.org");
            let contact = write(&door, json!({"identities": [
                {"kind": "phone", "value": phone}, {"kind": "email", "value": email}]})).await;
            let said = send(&door, "POST", &format!("{}/consents", at(&contact)), yes.clone()).await;
            assert!(said.status.is_success(), "{}", said.body);
            let bounce = json!({"kind": "email_bounced_hard", "source": "mailer", "email": email});
            let told = send(&door, "POST", &format!("{}/engagements", at(&contact)), bounce).await;
            assert!(told.status.is_success(), "{}", told.body);
        }
        play(&town).await;
        let open = tasks(&door, "state=open").await;
        assert_eq!((open.len(), &open[0]["title"]), (1, &json!("Ask for a new e-mail address by SMS")));

        let ada = format!("/api/v1/contacts/{}", open[0]["contact"].as_str().unwrap());
        let other = json!({"kind": "email", "value": "ada@other.example"});
        assert!(send(&door, "POST", &format!("{ada}/identities"), other).await.status.is_success());
        play(&town).await;
        let done = tasks(&door, "state=done").await;
        assert_eq!((&done[0]["id"], &done[0]["why"]), (&open[0]["id"], &json!("fits_no_more")));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_opens_again_settles_no_more_by_itself() {
    on_each_database(async |database| {
        let (town, door) = town_of_scenarios(database).await;
        rings(&town, 7, false).await;
        town.clock.advance(30 * MINUTE);
        play(&town).await;
        rings(&town, 7, true).await;
        play(&town).await;
        let done = tasks(&door, "list=call-back&state=done").await.remove(0);
        let path = format!("/api/v1/tasks/{}", done["id"].as_str().unwrap());

        let opened = send(&door, "PATCH", &path, json!({"state": "open"})).await.json();
        assert_eq!((&opened["state"], &opened["reopened"]), (&json!("open"), &json!(true)), "{opened}");
        play(&town).await;
        assert_eq!(tasks(&door, "list=call-back&state=open").await.len(), 1);
        let session = sign_in(&town.store).await;
        let call = format!("/console/calls/{}", done["cause"].as_str().unwrap());
        assert!(door.get(&call, &[session]).await.page(200).contains("Call back: they called"));
        let settled = send(&door, "PATCH", &path, json!({"state": "done"})).await.json();
        assert_eq!((&settled["state"], &settled["reopened"]), (&json!("done"), &json!(false)));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_of_a_scenario_that_leaves_the_plan_are_dropped() {
    on_each_database(async |database| {
        let (town, door) = town_of_scenarios(database).await;
        rings(&town, 7, false).await;
        rings(&town, 8, true).await;
        town.clock.advance(60 * MINUTE);
        assert_eq!(play(&town).await, 2);

        let exported = plan_exported(&town.store).await.unwrap();
        let (before, after) = exported.split_once("[[scenarios]]\nid = \"call-back\"").unwrap();
        let after = after.find("[[").map_or("", |at| &after[at..]);
        let wanted = plan_read(&format!("{before}{after}"), &[], &[]).unwrap();
        plan_applied(&town.store, &town.clock, &wanted, false).await.unwrap();
        play(&town).await;

        let dropped = tasks(&door, "state=dropped").await;
        assert_eq!(
            (dropped.len(), &dropped[0]["scenario"], &dropped[0]["why"]),
            (1, &json!("call-back"), &json!("scenario_gone"))
        );
        assert_eq!(tasks(&door, "state=open").await.len(), 1);
        let session = sign_in(&town.store).await;
        let [en, fr] = door.in_both("/console/tasks?state=dropped", session).await;
        assert!(
            en.contains("the plan has its scenario no more") && fr.contains("n’a plus ce scénario"),
            "{en}"
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_are_one_have_one_task_and_two_again_when_they_are_two() {
    on_each_database(async |database| {
        let (town, door) = town_of_scenarios(database).await;
        rings(&town, 7, false).await;
        rings(&town, 8, false).await;
        town.clock.advance(60 * MINUTE);
        assert_eq!(play(&town).await, 2);
        let open = tasks(&door, "state=open").await;
        let [one, other] = [&open[0]["contact"], &open[1]["contact"]];

        let ids = [one, other].map(|id| ContactId(id.as_str().unwrap().parse().unwrap()));
        let by = Accessor::Key(ApiKeyId(uuid::Uuid::nil()));
        let merge = contacts_merged(&town.store, &town.clock, ids, by).await.unwrap();

        let dropped = tasks(&door, "state=dropped").await;
        assert_eq!((dropped.len(), &dropped[0]["why"]), (1, &json!("merged")));
        let left = tasks(&door, "state=open").await;
        assert_eq!((left.len(), &left[0]["contact"]), (1, &dropped[0]["contact"]));
        merge_undone(&town.store, &town.clock, merge.id, by).await.unwrap();
        let again = tasks(&door, "state=open").await;
        assert_eq!(again, open, "as they were");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_could_not_be_carried_is_to_be_called_back_as_one_that_was_missed() {
    on_each_database(async |database| {
        let (town, door) = town_of_scenarios(database).await;
        for (caller, outcome) in [(7, Outcome::Failed), (8, Outcome::Blocked)] {
            let call = town.call(POSTER, Some(caller));
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            let ended = Ended { outcome, sip_status: 503, ..town.end(&call, None) };
            call_ends(&town.store, &town.clock, &ended).await.unwrap();
        }
        town.clock.advance(60 * MINUTE);

        assert_eq!(play(&town).await, 1);
        let open = tasks(&door, "state=open").await;
        let contact =
            door.api(&format!("/api/v1/contacts/{}", open[0]["contact"].as_str().unwrap())).await.json();
        assert_eq!((open.len(), &open[0]["scenario"]), (1, &json!("call-back")));
        assert_eq!(contact["identities"][0]["value"], "+33199000007");
        town.store.close().await;
    })
    .await;
}
