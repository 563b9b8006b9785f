//! What the snippet reports, and what it is told.

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, SHA384, digest};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, ORIGIN, hand_out_keys, request};
use crate::support::town::{MINUTE, PAID, TARGET, Town, phone};

fn opened(consent: bool) -> Value {
    json!({
        "site": "bakery",
        "page": "https://bakery.example/bread?utm_source=google&utm_medium=cpc&utm_campaign=bread",
        "title": "Bread",
        "referrer": "https://www.google.com/",
        "consent": consent,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_begins_goes_on_and_can_be_read() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        let begun = door.report("/api/v1/visits", opened(true).to_string()).await;
        assert_eq!(begun.status, 201, "{}", begun.body);
        assert_eq!(begun.header("access-control-allow-origin"), ORIGIN);
        assert_eq!(begun.header("vary"), "origin");
        let reply = begun.json();
        assert_eq!(begun.header("location"), format!("/api/v1/visits/{}", reply["visit"].as_str().unwrap()));
        assert_eq!(reply["channel"], "Paid Search");
        assert_eq!(reply["swaps"][0]["target"], phone(TARGET).reveal());
        assert_eq!(reply["swaps"][0]["number"], phone(1000).reveal());
        assert_eq!(reply["swaps"][0]["rule"], "lease");
        assert!(reply["keep_alive_ms"].as_u64().unwrap() > 0);
        assert!(!begun.headers.contains_key("whence-reason"));

        town.clock.advance(MINUTE);
        let mut second = opened(true);
        second["visit"] = reply["visit"].clone();
        second["visitor"] = reply["visitor"].clone();
        let goes_on = door.report("/api/v1/visits", second.to_string()).await;
        assert_eq!(goes_on.status, 200, "{}", goes_on.body);
        assert_eq!(goes_on.json()["visit"], reply["visit"]);
        assert_eq!(goes_on.json()["swaps"][0]["number"], phone(1000).reveal());

        let address = format!("/api/v1/visits/{}", reply["visit"].as_str().unwrap());
        let alive = door.report(&format!("{address}/alive"), "").await;
        assert_eq!(alive.status, 200, "{}", alive.body);
        assert_eq!(alive.json()["swaps"][0]["rule"], "renewed");

        let visit = door.api(&address).await.json();
        assert_eq!(visit["channel"], "Paid Search");
        assert_eq!(visit["campaign"], "bread");
        assert_eq!(visit["page_views"].as_array().unwrap().len(), 2);
        assert_eq!(visit["page_views"][0]["title"], "Bread");
        assert_eq!(visit["leases"][0]["number"], phone(1000).reveal());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_consent_there_is_no_identifier_and_the_channels_number() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let door = Door::of(&town);

        let counted = door.report("/api/v1/visits", opened(false).to_string()).await;

        assert_eq!(counted.status, 200);
        let reply = counted.json();
        assert_eq!((&reply["visit"], &reply["visitor"]), (&Value::Null, &Value::Null));
        assert_eq!(reply["swaps"][0]["number"], phone(PAID).reveal());
        assert_eq!(reply["swaps"][0]["rule"], "channel_static");

        let mut direct = opened(false);
        direct["page"] = "https://bakery.example/".into();
        direct["referrer"] = Value::Null;
        let unchanged = door.report("/api/v1/visits", direct.to_string()).await;
        assert_eq!(unchanged.json()["swaps"][0]["number"], Value::Null);
        assert!(unchanged.header("whence-reason").contains("no consent"), "{:?}", unchanged.headers);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_pool_says_so_in_the_reason() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 0).await;
        let door = Door::of(&town);
        let mut direct = opened(true);
        direct["page"] = "https://bakery.example/".into();
        direct["referrer"] = Value::Null;

        let answer = door.report("/api/v1/visits", direct.to_string()).await;

        assert_eq!(answer.status, 201);
        assert!(answer.header("whence-reason").contains("lent or resting"), "{:?}", answer.headers);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_page_of_the_site_would_send_is_refused() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let door = Door::of(&town);
        let post = async |headers: &[(&str, &str)], body: &str| {
            door.ask(request("POST", "/api/v1/visits", headers, Body::from(body.to_owned()))).await
        };
        let json = ("content-type", "application/json");
        let own = ("origin", ORIGIN);
        let good = opened(true).to_string();

        let foreign = post(&[json, ("origin", "https://evil.example")], &good).await;
        assert_eq!(foreign.problem(403)["type"], "urn:whence:problem:foreign-origin");
        assert!(!foreign.headers.contains_key("access-control-allow-origin"));
        post(&[json], &good).await.problem(403);
        post(&[json, ("origin", "null")], &good).await.problem(403);

        let unknown = post(&[json, own], &good.replace("\"bakery\"", "\"butcher\"")).await;
        assert_eq!(unknown.problem(404)["detail"], "no such site");
        assert_eq!(unknown.header("access-control-allow-origin"), ORIGIN);
        post(&[json, own], &good.replace("\"bakery\"", "\"No Slug!\"")).await.problem(404);

        let malformed = post(&[json, own], "{\"site\": \"bakery\",\n \"page\"").await;
        let malformed = malformed.problem(400);
        assert!(malformed["detail"].as_str().unwrap().contains("line 2, column 7"), "{malformed}");

        let wrong = post(&[json, own], &good.replace("true", "\"yes\"")).await.problem(422);
        assert_eq!(wrong["errors"][0]["field"], "consent");
        let missing = post(&[json, own], "{}").await.problem(422);
        assert!(missing["detail"].as_str().unwrap().contains("missing field `site`"), "{missing}");
        for page in ["ftp://bakery.example/", "bread", "https://bakery.example/\\u0000", &"x".repeat(5000)] {
            let mut body = opened(true);
            body["page"] = page.into();
            let body = body.to_string().replace("\\\\u0000", "\\u0000");
            assert_eq!(post(&[json, own], &body).await.problem(422)["errors"][0]["field"], "page", "{page}");
        }

        post(&[json, own], &format!("{{\"site\": \"{}\"}}", "x".repeat(17_000))).await.problem(413);
        post(&[("content-type", "application/xml"), own], &good).await.problem(415);
        post(&[own], &good).await.problem(415);
        assert_eq!(post(&[("content-type", "text/plain;charset=UTF-8"), own], &good).await.status, 201);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_odd_title_or_referrer_costs_no_visitor_their_number() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let mut odd = opened(true);
        odd["page"] = "https://bakery.example/?utm_source=a%00b&utm_medium=c%0Ad&utm_campaign=%FF".into();
        odd["title"] = format!("a\u{0}b{}", "é".repeat(1000)).into();
        odd["referrer"] = "\u{0}".into();

        let answer = door.report("/api/v1/visits", odd.to_string()).await;

        assert_eq!(answer.status, 201, "{}", answer.body);
        let visit = door.api(answer.header("location")).await.json();
        assert!(visit["page_views"][0]["title"].as_str().unwrap().starts_with("a bé"));
        assert_eq!(visit["referrer"], Value::Null);
        assert_eq!(visit["source"], "ab");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_of_life_of_no_living_visit_is_refused() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let door = Door::of(&town);
        let visit = town.somebody_comes().await.visit.unwrap();
        let address = format!("/api/v1/visits/{visit}/alive");

        door.report("/api/v1/visits/1/alive", "").await.problem(400);
        door.report(&format!("/api/v1/visits/{}/alive", Uuid::nil()), "").await.problem(404);
        let foreign = request("POST", &address, &[("origin", "https://evil.example")], Body::empty());
        door.ask(foreign).await.problem(403);
        assert_eq!(door.report(&address, "").await.status, 200);
        town.clock.advance(31 * MINUTE);
        let late = door.report(&address, "").await;
        late.problem(404);
        assert_eq!(late.header("access-control-allow-origin"), ORIGIN);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_is_answered_for_the_origins_of_our_sites_alone() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);
        let ask = async |origin: &str| {
            let headers = [
                ("origin", origin),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "content-type"),
            ];
            door.ask(request("OPTIONS", "/api/v1/visits", &headers, Body::empty())).await
        };

        let own = ask(ORIGIN).await;
        assert_eq!(own.status, 204);
        assert_eq!(own.header("access-control-allow-origin"), ORIGIN);
        assert_eq!(own.header("access-control-allow-methods"), "POST");
        assert_eq!(own.header("access-control-allow-headers"), "content-type");
        let foreign = ask("https://evil.example").await;
        assert!(!foreign.headers.contains_key("access-control-allow-origin"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_snippet_is_served_to_any_page_and_cached_by_its_content() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);

        let script = door.get("/whence.v1.js", &[]).await;

        assert_eq!(script.status, 200);
        assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
        assert_eq!(script.header("cache-control"), "public, max-age=3600");
        assert_eq!(script.header("cross-origin-resource-policy"), "cross-origin");
        assert_eq!(script.header("access-control-allow-origin"), "*", "a tag may pin its hash");
        let hash = STANDARD.encode(digest(&SHA384, script.body.as_bytes()));
        assert_eq!(format!("sha384-{hash}"), whence::http::snippet_integrity());
        let etag = script.header("etag").to_owned();
        for known in [etag.clone(), format!("\"old\", W/{etag}"), "*".into()] {
            let again = door.get("/whence.v1.js", &[("if-none-match", &known)]).await;
            assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{known}");
            assert_eq!(again.header("etag"), etag);
        }
        assert_eq!(door.get("/whence.v1.js", &[("if-none-match", "\"old\"")]).await.status, 200);
        let mut loads = script.body;
        for name in ["more", "call"] {
            let next = door.get(&format!("/whence-{name}.v1.js"), &[]).await;
            assert_eq!((next.status.as_u16(), next.header("access-control-allow-origin")), (200, "*"));
            let hash = STANDARD.encode(digest(&SHA256, next.body.as_bytes()));
            assert!(loads.contains(&format!("'sha256-{hash}'")), "each pins what it loads: {name}");
            loads = next.body;
        }
        town.store.close().await;
    })
    .await;
}
