//! A scenario reaches a program: it is told of the task, does it, and settles it by the API.

use super::*;

const SCENARIO: &str = "[[scenarios]]\nid = \"call-back\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_told_of_a_task_does_it_and_is_told_that_it_is_settled() {
    on_each_database(async |database| {
        let dialer = Receiver::open().await;
        let webhooks = told("crm", &dialer, r#"["task.opened", "task.settled"]"#);
        let (town, door) = town_that_tells(database, &format!("{SCENARIO}{webhooks}")).await;
        let call = town.call(POSTER, Some(7));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        town.clock.advance(MINUTE);
        call_ends(&town.store, &town.clock, &town.end(&call, None)).await.unwrap();
        scenarios_played(&town.store, &town.clock).await.unwrap();
        tell(&town).await;
        assert!(dialer.collect().is_empty(), "somebody may still call them back");

        town.clock.advance(30 * MINUTE);
        assert_eq!(scenarios_played(&town.store, &town.clock).await.unwrap(), 1);
        tell(&town).await;
        let opened = dialer.collect();
        assert_eq!(kinds(&opened), ["task.opened"]);
        assert_signed(&opened[0]);
        let data = &opened[0].event["data"];
        assert_eq!(data["scenario"], "call-back");
        assert_eq!(opened[0].event["subject"], format!("contacts/{}", data["contact"].as_str().unwrap()));

        // The program asks for what it is to do, does it, and says so.
        let path = format!("/api/v1/tasks?state=open&contact={}", data["contact"].as_str().unwrap());
        let open = door.api(&path).await.json()["items"][0].clone();
        assert_eq!((&open["id"], &open["cause"]), (&data["task"], &json!(call.call)));
        let path = format!("/api/v1/tasks/{}", data["task"].as_str().unwrap());
        let done = send(&door, "PATCH", &path, json!({"state": "done", "assignee": "dialer"})).await;
        assert_eq!(done.json()["state"], "done", "{}", done.body);

        tell(&town).await;
        let settled = dialer.collect();
        assert_eq!(kinds(&settled), ["task.settled"]);
        assert_eq!(&settled[0].event["data"], data, "the same task");
        town.clock.advance(60 * MINUTE);
        assert_eq!(scenarios_played(&town.store, &town.clock).await.unwrap(), 0);
        tell(&town).await;
        assert!(dialer.collect().is_empty());
        town.store.close().await;
    })
    .await;
}
