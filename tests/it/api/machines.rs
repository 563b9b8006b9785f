//! What machines watch, and what every refusal has in common.

use axum::body::Body;
use whence::domain::tracking::swap::Rule;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, request};
use crate::support::town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn ready_means_that_calls_are_taken_and_the_database_answers() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);

        assert_eq!(door.get("/readyz", &[]).await.status, 200);
        door.watcher.reasons.lock().unwrap().push("SIP is not listening");
        let problem = door.get("/readyz", &[]).await.problem(503);
        assert_eq!(problem["detail"], "not ready: SIP is not listening");

        town.store.close().await;
        let problem = door.get("/readyz", &[]).await.problem(503);
        assert!(problem["detail"].as_str().unwrap().ends_with("the database does not answer"), "{problem}");
        assert_eq!(door.get("/healthz", &[]).await.status, 200);
        let refused = door.get("/api/v1/calls", &[("authorization", "Bearer all")]).await;
        refused.problem(503);
        assert_eq!(refused.header("retry-after"), "5");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_told_as_prometheus_reads_them() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);

        let metrics = door.get("/metrics", &[]).await;

        assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
        assert!(metrics.body.contains("whence_tests_total 0"), "{}", metrics.body);
        assert!(metrics.body.ends_with("# EOF\n"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_hears_of_every_answer_and_every_number_shown() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);
        let page = r#"{"site": "bakery", "page": "https://bakery.example/", "consent": true}"#;

        door.report("/api/v1/visits", page).await;
        door.report("/api/v1/visits", "{").await;

        assert_eq!(*door.watcher.answered.lock().unwrap(), [201, 400]);
        assert_eq!(*door.watcher.shown.lock().unwrap(), [Rule::Lease]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_or_method_is_a_problem_to_machines_and_a_page_to_people() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);
        let html = ("accept", "text/html,*/*;q=0.8");

        door.get("/api/v1/nothing", &[html]).await.problem(404);
        door.get("/nothing", &[]).await.problem(404);
        door.get("/nothing", &[html]).await.page(404);
        door.get("/console/nothing", &[]).await.page(404);
        let method = door.ask(request("DELETE", "/api/v1/calls", &[], Body::empty())).await;
        method.problem(405);
        assert!(method.header("allow").contains("GET"));
        door.ask(request("PUT", "/api/v1/visits", &[], Body::empty())).await.problem(405);
        door.ask(request("DELETE", "/console/calls", &[], Body::empty())).await.page(405);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_keeps_to_the_strict_policy_and_out_of_caches() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);

        for path in ["/console/sign-in", "/api/v1/calls", "/nothing", "/demo/"] {
            let answer = door.get(path, &[]).await;
            assert!(answer.header("content-security-policy").starts_with("default-src 'self'"), "{path}");
            assert!(!answer.header("content-security-policy").contains("unsafe"), "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
        assert_eq!(door.get("/demo/", &[]).await.body, "the demo");
        town.store.close().await;
    })
    .await;
}
