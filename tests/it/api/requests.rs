//! The register of requests: each is due within a month, and settled once.

use axum::body::Body;
use serde_json::{Value, json};

use super::erasures::{send, town_with_ada};
use crate::support::databases::on_each_database;
use crate::support::door::{Door, request};
use crate::support::town::MINUTE;

async fn ask_for(door: &Door, contact: &str, kind: &str) -> Value {
    let body = json!({"contact": contact, "kind": kind, "came_by": "letter"});
    let made = send(door, "POST", "/api/v1/requests", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()
}

async fn count(door: &Door, query: &str) -> usize {
    let list = door.api(&format!("/api/v1/requests?{query}")).await.json();
    list["items"].as_array().unwrap_or_else(|| panic!("{list}")).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_due_in_a_month_and_settled_once() {
    on_each_database(async |database| {
        let (town, door, ada, _) = town_with_ada(database).await;
        let came = "2026-01-31T09:00:00.000Z";
        let body = json!({"contact": ada, "kind": "rectification", "came_by": "email", "received_at": came});
        let made = send(&door, "POST", "/api/v1/requests", body).await.json();
        assert_eq!(
            (&made["due_at"], &made["state"]),
            (&json!("2026-02-28T09:00:00.000Z"), &json!("open")),
            "{made}"
        );
        let now = made["recorded_at"].as_str().unwrap();
        assert_eq!(made["overdue"], json!(now > "2026-02-28T09:00:00.000Z"));
        let path = format!("/api/v1/requests/{}", made["id"].as_str().unwrap());
        assert_eq!(door.api(&path).await.json(), made);

        let open = ask_for(&door, &ada, "objection").await;
        let path = format!("/api/v1/requests/{}", open["id"].as_str().unwrap());
        let more =
            send(&door, "PATCH", &path, json!({"extended_why": "letters in three archives"})).await.json();
        assert!(more["due_at"].as_str().unwrap() > open["due_at"].as_str().unwrap(), "{more}");
        send(&door, "PATCH", &path, json!({"extended_why": "again"})).await.problem(409);
        for bad in [
            json!({}),
            json!({"state": "refused"}),
            json!({"state": "open"}),
            json!({"state": "done", "why": "x"}),
        ] {
            send(&door, "PATCH", &path, bad).await.problem(422);
        }
        let refused =
            send(&door, "PATCH", &path, json!({"state": "refused", "why": "not about them"})).await.json();
        assert_eq!((&refused["state"], &refused["why"]), (&json!("refused"), &json!("not about them")));
        assert!(refused["settled_by"].as_str().unwrap().starts_with("key:"), "{refused}");
        send(&door, "PATCH", &path, json!({"state": "done"})).await.problem(409);

        assert_eq!((count(&door, "").await, count(&door, "state=refused").await), (2, 1));
        assert_eq!(
            (count(&door, "kind=objection").await, count(&door, &format!("contact={ada}")).await),
            (1, 2)
        );
        town.clock.advance(MINUTE * 60 * 24 * 92);
        assert_eq!((count(&door, "overdue=true").await, count(&door, "state=open").await), (1, 1));
        let ahead =
            json!({"contact": ada, "kind": "x", "came_by": "y", "received_at": "2999-01-01T00:00:00Z"});
        let problems = send(&door, "POST", "/api/v1/requests", ahead).await.problem(422);
        assert_eq!(problems["errors"].as_array().unwrap().len(), 3, "{problems}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_is_settled_by_doing_it_and_outlives_the_person() {
    on_each_database(async |database| {
        let (town, door, ada, _) = town_with_ada(database).await;
        for kind in ["access", "portability", "erasure", "objection"] {
            ask_for(&door, &ada, kind).await;
        }
        let bobs = door.api("/api/v1/contacts").await.json()["items"].as_array().unwrap().clone();
        let bob = bobs.iter().find(|it| it["name"] == "Bob").unwrap()["id"].as_str().unwrap().to_owned();
        ask_for(&door, &bob, "access").await;

        let asked = request(
            "POST",
            &format!("/api/v1/contacts/{ada}/export"),
            &[("authorization", "Bearer all")],
            Body::empty(),
        );
        assert_eq!(door.whole(asked).await.0, 200);
        let done = door.api("/api/v1/requests?state=done").await.json();
        let mut kinds: Vec<_> =
            done["items"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["access", "portability"]);

        send(&door, "POST", &format!("/api/v1/contacts/{ada}/erasure"), json!({"why": "request"})).await;
        assert_eq!(count(&door, "state=open").await, 1, "Bob's");
        let all = door.api("/api/v1/requests").await.json();
        let nobodys = all["items"].as_array().unwrap().iter().filter(|it| it["contact"].is_null());
        assert!(nobodys.clone().all(|it| it["state"] == "done" && it["settled_at"].is_string()), "{all}");
        assert_eq!(nobodys.count(), 4, "{all}");
        let body = json!({"contact": ada, "kind": "access", "came_by": "letter"});
        send(&door, "POST", "/api/v1/requests", body).await.problem(410);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_along_with_a_merge_and_back() {
    on_each_database(async |database| {
        let (town, door, ada, others) = town_with_ada(database).await;
        let (bob, _) = others.split_once(' ').unwrap();
        let [of_ada, of_bob] = [ask_for(&door, &ada, "access").await, ask_for(&door, bob, "access").await];
        town.clock.advance(MINUTE);
        let merge = send(&door, "POST", &format!("/api/v1/contacts/{ada}/merge"), json!({"contact": bob}))
            .await
            .json();
        let into = merge["into"].as_str().unwrap();
        assert_eq!(count(&door, &format!("contact={into}")).await, 2);

        let undo = format!("/api/v1/merges/{}/undo", merge["id"].as_str().unwrap());
        let undone = send(&door, "POST", &undo, json!({})).await;
        assert_eq!(undone.status, 200, "{}", undone.body);

        for made in [of_ada, of_bob] {
            let path = format!("/api/v1/requests/{}", made["id"].as_str().unwrap());
            assert_eq!(door.api(&path).await.json()["contact"], made["contact"]);
        }
        town.store.close().await;
    })
    .await;
}
