//! Whoever wonders why nothing was swapped reads it in `Whence-Reason`, whatever the reason is.

use axum::body::Body;
use serde_json::{Value, json};
use whence::domain::tracking::guard::{Guard, Refusal};

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, ORIGIN, request};
use crate::support::town::{MINUTE, NOON, PAID, Town, phone, slug};

fn page(more: Value) -> Value {
    let mut page = json!({ "site": "bakery", "page": "https://bakery.example/", "consent": true });
    page.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    page
}

async fn open(door: &Door, headers: &[(&str, &str)], body: &Value) -> Answer {
    let all = [&[("content-type", "application/json")], headers].concat();
    door.ask(request("POST", "/api/v1/visits", &all, Body::from(body.to_string()))).await
}

async fn guarded(town: &Town, guard: Guard) {
    let write = town.store.write(move |tx| {
        let guard = guard.clone();
        Box::pin(async move {
            let mut site = tx.list_sites().await?.remove(0);
            site.guard = guard;
            tx.save_site(&site).await
        })
    });
    write.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_that_stays_as_it_is_is_told_why() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let own = ("origin", ORIGIN);
        let robot = ("user-agent", "Googlebot/2.1");
        let headless = ("user-agent", "HeadlessChrome/143");
        let mut told = Vec::new();
        let mut expect = |answer: &Answer, status: u16, words: &str| {
            assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
            let reason = answer.header("whence-reason");
            assert!(reason.contains(words), "{words}: {reason}");
            if status < 300 {
                assert_eq!(answer.json()["swaps"][0]["number"], Value::Null, "{words}");
            }
            told.push(reason.to_owned());
        };

        // Nobody to lend a number to.
        let door = Door::of(&town);
        expect(&open(&door, &[own, robot], &page(json!({}))).await, 200, "a robot");
        expect(
            &open(&door, &[own, ("sec-purpose", "prefetch")], &page(json!({}))).await,
            200,
            "fetched before",
        );
        expect(&open(&door, &[own, headless], &page(json!({}))).await, 200, "without a window");
        expect(&open(&door, &[own], &page(json!({"visible": false}))).await, 200, "not visible");
        let spam = page(json!({"referrer": "http://semalt.com/"}));
        expect(&open(&door, &[own], &spam).await, 200, "only robots claim");
        expect(&open(&door, &[own], &page(json!({"consent": false}))).await, 200, "no consent");
        // Somebody, and no number for them.
        let taken = open(&door, &[own], &page(json!({}))).await;
        assert_eq!(taken.json()["swaps"][0]["number"], phone(1000).reveal());
        assert!(!taken.headers.contains_key("whence-reason"));
        let fair = page(json!({"page": "https://bakery.example/?utm_source=fair&utm_medium=email"}));
        expect(&open(&door, &[own], &fair).await, 201, "lent or resting");
        guarded(&town, Guard { per_minute: 1, ..Guard::default() }).await;
        let door = Door::of(&town);
        town.clock.advance(31 * MINUTE);
        let address = ("x-address", "203.0.113.9");
        open(&door, &[own, address], &page(json!({}))).await;
        expect(&open(&door, &[own, address], &page(json!({}))).await, 201, "on this site within a minute");
        guarded(&town, Guard { per_block: 1, ..Guard::default() }).await;
        let door = Door::of(&town);
        town.clock.advance(31 * MINUTE);
        open(&door, &[own, address], &page(json!({}))).await;
        expect(&open(&door, &[own, address], &page(json!({}))).await, 201, "to this address block");
        // A request that is not done.
        let unknown = page(json!({"site": "butcher"}));
        expect(&open(&door, &[own], &unknown).await, 404, "no site of this name");
        expect(
            &open(&door, &[("origin", "https://evil.example")], &page(json!({}))).await,
            403,
            "origin of this page",
        );
        expect(&open(&door, &[], &page(json!({}))).await, 403, "origin of this page");
        expect(&open(&door, &[own], &page(json!({"page": "bread"}))).await, 422, "its answer says more");
        let key = ("authorization", "Bearer nobody");
        expect(&open(&door, &[key], &page(json!({}))).await, 401, "API key");
        let gone = format!("/api/v1/visits/{}/alive", uuid::Uuid::nil());
        expect(&door.report(&gone, "").await, 404, "unknown here, or over");

        // A number that no pool serves, and one that nothing stands in for.
        let without_pool = town.store.write(|tx| Box::pin(async move { tx.retire_pool(&slug("web")).await }));
        without_pool.await.unwrap();
        expect(&open(&door, &[own], &page(json!({}))).await, 201, "no pool serves this number");
        let without_number =
            town.store.write(|tx| Box::pin(async move { tx.retire_number(&phone(PAID), NOON).await }));
        without_number.await.unwrap();
        let bare = open(&door, &[own], &page(json!({}))).await;
        assert!(bare.header("whence-reason").contains("no pool and no static number"), "{:?}", bare.headers);
        told.push(bare.header("whence-reason").to_owned());

        town.store.close().await;
        let away = open(&door, &[own], &page(json!({}))).await;
        away.problem(503);
        assert!(away.header("whence-reason").contains("the database does not answer"), "{:?}", away.headers);

        told.sort();
        told.dedup();
        assert_eq!(told.len(), 16, "each is told apart: {told:#?}");
        assert!(Refusal::ALL.len() == 7, "a new refusal wants its own line above");
    })
    .await;
}
