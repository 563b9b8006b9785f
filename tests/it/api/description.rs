//! The description of the API says what the API does, and is itself valid.

use std::collections::BTreeSet;

use axum::body::Body;
use serde_json::Value;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, request};
use crate::support::town::Town;

async fn description(door: &Door) -> Value {
    let answer = door.get("/api/v1/openapi.json", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    answer.json()
}

/// Every operation: its method, its path and its description.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(|(method, it)| (method.to_uppercase(), path.clone(), it))
    });
    all.collect()
}

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                found.insert(target);
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_openapi_3_1_without_a_loose_end() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let document = description(&Door::of(&town)).await;

        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        assert_eq!(document["info"]["title"], "Whence");
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(document["info"]["license"]["name"], "Apache-2.0");
        assert_eq!(document["info"]["license"]["identifier"], "Apache-2.0");
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for target in found {
            let pointer = target.strip_prefix('#').expect("a reference inside the document");
            assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
        }
        let mut names = BTreeSet::new();
        for (method, path, operation) in operations(&document) {
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            let declared = operation["parameters"].as_array().cloned().unwrap_or_default();
            let in_path = declared.iter().filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(in_path, path.matches('{').count(), "{method} {path}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_described_address_is_served_and_refuses_with_problems() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);
        let document = description(&door).await;
        let operations = operations(&document);
        assert_eq!(operations.len(), 190);

        for (method, path, operation) in operations {
            let guarded = operation["security"][0]["api_key"][0].as_str();
            let open = path.ends_with("openapi.json")
                || path.ends_with("amp-call-tracking")
                || path.ends_with("page-call")
                || (method == "POST" && path.starts_with("/api/v1/visits"));
            assert_eq!(guarded.is_none(), open, "{method} {path}");
            for (status, response) in operation["responses"].as_object().unwrap() {
                // Gone, and nothing more to say.
                if status == "204" {
                    continue;
                }
                let kinds = response["content"].as_object().unwrap();
                let expected = match status.as_bytes()[0] {
                    b'2' if path.ends_with("live-calls/events") => "text/event-stream",
                    b'2' if path.ends_with(".svg") => "image/svg+xml",
                    b'2' if path.ends_with("/audio") => "audio/wav",
                    b'2' if path.ends_with("/export") => "application/zip",
                    b'2' if path.ends_with("/receipt") => "application/ld+json",
                    b'2' if path.ends_with(".parquet") => "application/vnd.apache.parquet",
                    b'2' if path.ends_with(".csv") || path.ends_with("/report") => "text/csv",
                    b'2' => "application/json",
                    // It is a WebSocket from here on; each of its messages is described.
                    b'1' => "application/json",
                    _ => "application/problem+json",
                };
                assert!(kinds.contains_key(expected), "{method} {path} {status}: {kinds:?}");
            }
            let path = ["{id}", "{number}", "{delivery}", "{note}"]
                .iter()
                .fold(path, |path, it| path.replace(it, "nothing"));
            let answer = door.ask(request(&method, &path, &[], Body::empty())).await;
            if answer.status == 200 {
                assert!(open, "{method} {path}");
                continue;
            }
            let told = answer.problem(answer.status.as_u16());
            assert!(
                !["no-route", "method-not-allowed"]
                    .iter()
                    .any(|name| told["type"].as_str().unwrap().ends_with(name))
            );
            let status = answer.status.as_u16().to_string();
            assert!(
                operation["responses"].get(&status).is_some(),
                "{method} {path} answers {status} undescribed"
            );
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_described_parameter_is_read() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        let document = description(&door).await;

        for (method, path, operation) in operations(&document) {
            let declared = operation["parameters"].as_array().cloned().unwrap_or_default();
            let names =
                declared.iter().filter(|it| it["in"] == "query").map(|it| it["name"].as_str().unwrap());
            // An empty value counts as absent, so every name that is known passes.
            let query: Vec<_> = names.map(|name| format!("{name}=")).collect();
            if method == "GET" && !query.is_empty() && !path.contains('{') {
                let answer = door.api(&format!("{path}?{}", query.join("&"))).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            }
        }
        town.store.close().await;
    })
    .await;
}
